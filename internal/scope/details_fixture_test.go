package scope_test

import (
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// guessed is a documented default; note says what it means.
func guessed(k slot.Key, value, note string) intake.Fact {
	return intake.Fact{Slot: k, Value: value, Status: intake.Assumed, Confidence: 30, Source: "default", Note: note}
}

// skipped is a question that the client passed over.
func skipped(q int, k slot.Key) intake.Fact {
	return intake.Fact{Slot: k, Status: intake.Declined, Source: "client", Evidence: intake.Evidence{Question: q, Quote: "Skip"}}
}

// edited is a value that the client corrected in the side panel.
func edited(q int, k slot.Key, value, quote string, supersedes int) intake.Fact {
	f := read(q, k, value, quote)
	f.Source, f.Confidence, f.Supersedes = "edit", 100, supersedes
	return f
}

// detailed is the salon after an interview that went into details: options
// ticked, own words beside them, defaults assumed, a question skipped, an
// answer edited, another taken back, and a contradiction left to the team.
func detailed(tb testing.TB, cat *catalog.Catalog) *intake.Session {
	tb.Helper()
	s := salon(tb, cat)
	drop := []slot.Key{slot.UniqueValue, slot.EstimatedTraffic, slot.BrowserPriorities, slot.PhotoApproach}
	s.Facts = slices.DeleteFunc(s.Facts, func(f intake.Fact) bool { return slices.Contains(drop, f.Slot) })
	s.Facts = append(s.Facts, salonDetails()...)
	layout := slices.IndexFunc(s.Facts, func(f intake.Fact) bool { return f.Slot == slot.LayoutStyle })
	s.Facts = append(s.Facts,
		skipped(8, slot.UniqueValue), skipped(20, slot.LegalPages),
		edited(22, slot.LayoutStyle, "minimal", "Minimal", layout+1),
		guessed(slot.EstimatedTraffic, "low", "Fewer than 1,000 visitors a month in the first year."),
		guessed(slot.BrowserPriorities, "standard", "The current versions of the common browsers."),
		guessed(slot.PhotoApproach, "custom", "A photographer is booked for half a day."),
	)
	s.Withdrawn = []intake.Fact{said(19, slot.Downloads, "a withdrawn wish")}
	s.OpenPoints = []intake.OpenPoint{
		{Slot: slot.Competitors, Reason: "The client was not sure."},
		{Slot: slot.UniqueValue, Reason: "The client skipped this question."},
		{Slot: slot.LegalPages, Reason: "The client skipped this question."},
		{Slot: slot.BusinessDescription, Reason: "Correction in the client's words: The stylists also need to block their own lunch breaks."},
		{Slot: slot.AppointmentsPerWeek, Reason: "Left to the team: about 50 appointments a week and 70 appointments in a good week do not go together."},
	}
	s.Conflicts = append(s.Conflicts, intake.ConflictRecord{
		Type: intake.OtherConflict, Key: "other:rival/appointmentsPerWeek", Rival: slot.AppointmentsPerWeek,
		Original: "about 50 appointments a week", Conflicting: "70 appointments in a good week", Resolution: "team_decides", Label: "Decide later",
	})
	s.Marks = []intake.Mark{{Questions: 15, Answer: intake.Answer{Text: "In six weeks. We had 70 appointments in a good week."}}}
	s.Rivals = []intake.Rival{{
		Slot: slot.PageCount, Older: picked(10, slot.PageCount, "8", "6 to 8"), Fact: read(18, slot.PageCount, "12", "about 12 pages"),
	}}
	return s
}

// salonDetails are the answers to the lists of details.
func salonDetails() []intake.Fact {
	list := func(q int, k slot.Key, ids, labels string) intake.Fact { return picked(q, k, ids, labels) }
	return []intake.Fact{
		said(5, slot.ServiceArea, "Portland and ten miles around"),
		said(5, slot.WebsiteURL, "https://bellahair.example"),
		said(5, slot.ContactEmail, "hello@bellahair.example"),
		said(5, slot.ContactPhone, "(555) 765-4321"),
		said(5, slot.PostalAddress, "12 Rose Street, Portland"),
		list(17, slot.SiteSections, "home,about,services,prices,team,faq,contact", "Home, About, Services, Prices, Team, Questions, Contact"),
		read(17, slot.SiteSections, "home,about,services,prices,team,faq,contact,a page for bridal parties", "a page for bridal parties"),
		list(17, slot.TrustSignals, "testimonials,team_profiles,guarantees", "Testimonials, Profiles of the team, Guarantees"),
		list(17, slot.Languages, "english,spanish", "English, Spanish"),
		with(read(17, slot.MultipleLanguages, "yes", "English, Spanish"), intake.Inferred),
		said(17, slot.OpeningHours, "Tuesday to Saturday 9 to 6"),
		list(18, slot.Navigation, "menu,search,filters,map", "A menu, A search, Filters, A map"),
		list(18, slot.ContactWays, "form,phone,map,chat", "A form, Telephone, A map, A chat"),
		list(18, slot.VisitorAccounts, "none", "No accounts"),
		list(18, slot.Notifications, "email_confirmation,text_message,reminder", "E-mail confirmation, Text message, Reminder"),
		list(18, slot.StaffTasks, "edit_pages,manage_bookings,export", "Edit pages, Manage bookings, Export data"),
		list(18, slot.BookingDetails, "choose_staff,reschedule,deposit,waiting_list", "Choose the stylist, Move or cancel, Deposit, Waiting list"),
		read(18, slot.BookingDetails, "choose_staff,reschedule,deposit,waiting_list,double time for a first colour", "double time for a first colour"),
		list(18, slot.PortfolioDetails, "categories,before_after", "Categories, Before and after"),
		list(19, slot.Sharing, "share_buttons,comments", "Share buttons, Comments"),
		said(21, slot.HomepageFocus, "the booking button over a picture of the studio"),
		list(21, slot.BackgroundTone, "off_white", "Off-white"),
		said(21, slot.AccentColor, "deep green"),
		list(21, slot.ImageryStyle, "real_photos,little_imagery", "Real photos, Little imagery"),
		list(7, slot.SecondaryModels, "service,product", "For time or services, For products"),
	}
}

// everything ticks each option of each detail and adds own words, which is
// more than any client will do.
func everything(tb testing.TB, cat *catalog.Catalog) *intake.Session {
	tb.Helper()
	s := detailed(tb, cat)
	ids := map[slot.Key][]string{}
	for _, r := range wording(tb).Rules {
		for _, c := range r.Cases {
			for _, pattern := range c.Match {
				ids[r.Slot] = append(ids[r.Slot], strings.TrimSuffix(pattern, "*"))
			}
		}
	}
	for _, d := range slot.Defs() {
		if d.Type == slot.Multi && !d.Item() && len(ids[d.Key]) > 0 {
			value := slot.Join(append(ids[d.Key], "something of its own; in many words"))
			s.Facts = append(s.Facts, picked(19, d.Key, value, strings.ReplaceAll(value, ",", ", ")))
		}
	}
	return s
}
