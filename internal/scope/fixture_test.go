package scope_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

// started is when the interviews of these tests began.
func started() time.Time { return time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC) }

func agency() scope.Agency {
	return scope.Agency{Name: "Applicreations", Email: "david@applicreations.com"}
}

// shop returns the built-in catalog.
func shop(tb testing.TB) *catalog.Catalog {
	tb.Helper()
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatalf("Default() err = %v", err)
	}
	return cat
}

// said is a fact in the client's own words.
func said(q int, k slot.Key, value string) intake.Fact {
	return intake.Fact{
		Slot: k, Value: value, Status: intake.Stated, Confidence: 95, Source: "client",
		Evidence: intake.Evidence{Question: q, Quote: value},
	}
}

// read is a fact that a rule read out of a quotation.
func read(q int, k slot.Key, value, quote string) intake.Fact {
	f := said(q, k, value)
	f.Source, f.Evidence.Quote = "rule", quote
	return f
}

// picked is a fact chosen by option; quote holds the labels.
func picked(q int, k slot.Key, value, quote string) intake.Fact {
	f := read(q, k, value, quote)
	f.Source, f.Confidence = "choice", 100
	return f
}

func with(f intake.Fact, status intake.FactStatus) intake.Fact {
	f.Status = status
	return f
}

// choose prices a selection and puts it on the feature screen of a session.
func choose(tb testing.TB, s *intake.Session, cat *catalog.Catalog, sel catalog.Selection, rec recommend.Recommendation) {
	tb.Helper()
	est, err := cat.Price(sel)
	if err != nil {
		tb.Fatalf("Price(%v) err = %v", sel, err)
	}
	s.Features = &intake.FeatureChoice{PresentedAt: 12, Answered: true, Recommendation: rec, Selection: sel, Estimate: est}
}

// salon is the worked case of DOMAIN 5.4 as a finished interview.
func salon(tb testing.TB, cat *catalog.Catalog) *intake.Session {
	tb.Helper()
	s := &intake.Session{
		ID: "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", Status: intake.Completed,
		Client: intake.Client{
			Name: "Maria Lopez", Email: "maria@bellahair.example", Phone: "(555) 123-4567", WebsiteType: "business",
		},
		CreatedAt: started(), LastActivity: started().Add(16 * time.Minute), Questions: 22, Turns: 21,
		Model:   classify.Result{Model: classify.Service, Confidence: 95, Indicators: []string{"appointment", "salon"}},
		ModelAt: 7,
		Facts:   append(append(salonBusiness(), salonProject()...), salonLook()...),
		Loops: []intake.LoopAnswer{
			{
				Number: 1, Category: "Business Context & Goals", Response: "correct",
				Points: []string{"Business or project name: Bella Hair Studio", "Industry: hair salon"},
			},
			{
				Number: 2, Category: "Technical Requirements & Features", Response: "clarify",
				Clarification: "The stylists also need to block their own lunch breaks.",
				Points:        []string{"Appointments per week: 50"},
			},
		},
		Conflicts: []intake.ConflictRecord{{
			Type: intake.BudgetVsFeatures, Key: "budget_vs_features:500000/640000",
			Original: "Selected: Professional with 4 extra features, $6,400 in total", Conflicting: "Budget: up to $5,000",
			Resolution: "raise_budget", Label: "Raise the budget",
		}},
		OpenPoints: []intake.OpenPoint{{Slot: slot.Competitors, Reason: "The client was not sure."}},
		Completion: &intake.Completion{Confidence: 96, Missing: []string{}, At: started().Add(16 * time.Minute)},
	}
	choose(tb, s, cat, catalog.Selection{
		Package:  catalog.Professional,
		Features: []catalog.FeatureID{"appointment_scheduling", "sms_notifications", "email_marketing", "payment_processing"},
	}, salonOffer())
	return s
}

func salonBusiness() []intake.Fact {
	const described = "Bella Hair Studio is a hair salon in Portland. Clients call during the day, and we keep a paper book."
	return []intake.Fact{
		said(5, slot.BusinessDescription, described),
		with(read(5, slot.BusinessName, "Bella Hair Studio", "Bella Hair Studio"), intake.Confirmed),
		with(read(5, slot.Industry, "hair salon", "a hair salon in Portland"), intake.Confirmed),
		with(read(5, slot.ManualCalendar, "yes", "we keep a paper book"), intake.Inferred),
		with(said(6, slot.PrimaryGoal, "Let clients book online at any hour, and lose fewer appointments to no-shows."), intake.Confirmed),
		read(6, slot.SuccessMetrics, "no-shows below 5 % and half of the bookings online", "no-shows below 5 %, half of the bookings online"),
		with(said(7, slot.TargetAudience, "Working women and men aged 25 to 55 within 10 miles who book after work on their phone and want a fixed stylist."), intake.Confirmed),
		read(7, slot.BusinessModel, "service", "hair salon"),
		read(7, slot.ServiceSubtype, "appointment", "appointments"),
		said(8, slot.UniqueValue, "Every client keeps the same stylist for years, and colour corrections that other salons refuse are done here."),
		with(intake.Fact{Slot: slot.Competitors, Evidence: intake.Evidence{Question: 8}}, intake.Unknown),
		read(9, slot.AppointmentsPerWeek, "50", "about 50 appointments a week"),
		read(9, slot.AverageAppointmentValue, "8500", "$85 each"),
		read(9, slot.CurrentNoShowRate, "0.18", "18% no-shows"),
		read(9, slot.HoursPerWeekOnTask, "12", "12 hours a week on the phone"),
		with(read(9, slot.RequiresScheduling, "yes", "appointments"), intake.Inferred),
		with(read(9, slot.WantsRepeatCustomers, "yes", "keeps the same stylist for years"), intake.Inferred),
	}
}

func salonProject() []intake.Fact {
	return []intake.Fact{
		picked(10, slot.VisitorActions, "contact,learn,book", "Get in touch, Read about the offer, Book a time"),
		picked(10, slot.MustHaves, "appointment_scheduling,sms_notifications", "Online scheduling, Text reminders"),
		read(11, slot.MustHaves, "appointment_scheduling,sms_notifications,a price list that staff can change", "a price list that staff can change"),
		picked(10, slot.PageCount, "8", "6 to 8"),
		picked(11, slot.CurrentWebsite, "outdated", "Outdated"),
		picked(11, slot.ComplianceRequirements, "none", "None of these"),
		picked(11, slot.CurrentTools, "Google Workspace", "Google Workspace"),
		picked(11, slot.Integrations, "calendar", "A calendar"),
		picked(11, slot.DataMigration, "records", "Clients, orders or other records"),
		picked(11, slot.AccessibilityLevel, "standard", "Good practice"),
		picked(11, slot.SecurityNeeds, "none", "Nothing special"),
		picked(12, slot.PriceConfirmed, "yes", "Continue with These Features"),
		read(13, slot.BudgetText, "$4,000-$5,000", "$4,000-$5,000"),
		read(13, slot.BudgetMin, "400000", "$4,000-$5,000"),
		read(13, slot.BudgetMax, "500000", "$4,000-$5,000"),
		picked(13, slot.DecisionMakers, "The client and a partner", "Together with a partner"),
		read(14, slot.BudgetText, "$6,500", "$6,500"),
		read(14, slot.BudgetMin, "400000", "$6,500"),
		read(14, slot.BudgetMax, "650000", "$6,500"),
		said(15, slot.LaunchText, "in 6 weeks"),
		read(15, slot.LaunchWeeks, "6", "in 6 weeks"),
		picked(15, slot.InternalResources, "None", "Nobody"),
		picked(16, slot.ContentProvider, "client", "You"),
		picked(16, slot.ContentReadiness, "in_progress", "In progress"),
		picked(16, slot.Copywriting, "none", "Not needed"),
		said(16, slot.ContentReadyDate, "photos next week"),
		picked(17, slot.PageReadiness, "home,services", "Home, Services or products"),
		picked(17, slot.ContentOwner, "client", "You or your team"),
	}
}

func salonLook() []intake.Fact {
	return []intake.Fact{
		picked(18, slot.LogoStatus, "have_vector", "Exists as a vector file"),
		picked(18, slot.BrandColors, "taken from the logo", "Take them from the logo"),
		picked(18, slot.BrandTypography, "guide_me", "Please suggest"),
		picked(18, slot.StyleGuide, "no", "None"),
		picked(18, slot.MarketingMaterials, "existing", "Exists"),
		picked(19, slot.PhotoStatus, "planned", "A shoot is planned"),
		picked(19, slot.PhotoApproach, "client", "Own photos"),
		picked(19, slot.Video, "none", "None"),
		picked(19, slot.Galleries, "portfolio", "A portfolio with categories"),
		picked(20, slot.Animation, "simple", "Subtle"),
		picked(20, slot.Downloads, "none", "None"),
		picked(20, slot.Audio, "none", "None"),
		picked(20, slot.EstimatedTraffic, "medium", "1,000 to 10,000"),
		picked(20, slot.BrowserPriorities, "standard", "All current ones"),
		picked(20, slot.MobileImportance, "first", "Most visitors come by phone"),
		picked(21, slot.DesignStyle, "elegant,minimal", "Elegant, Minimal"),
		picked(21, slot.ColorPreferences, "warm", "Warm"),
		picked(21, slot.LayoutStyle, "grid", "Grid"),
		picked(21, slot.TypeFeel, "elegant", "Elegant"),
		said(21, slot.DesignReferences, "aesop.com for its calm pages"),
		said(21, slot.Avoid, "no stock photos, no pop-ups"),
		picked(22, slot.UpdateFrequency, "monthly", "Monthly"),
		picked(22, slot.Maintainer, "training", "You, after a training"),
		picked(22, slot.MaintenancePlan, "updates,backups", "Software updates, Backups"),
		picked(22, slot.TrainingNeeds, "basic", "An introduction"),
		picked(22, slot.SupportLevel, "email", "By e-mail"),
		said(22, slot.FuturePhases, "a small shop for hair care products"),
	}
}

// salonOffer is what the feature screen showed.
func salonOffer() recommend.Recommendation {
	return recommend.Recommendation{
		ContextSummary:   "Bella Hair Studio is a salon with 50 appointments a week.",
		Package:          catalog.Professional,
		PackageRationale: "Monthly updates and four add-ons need the content management of Professional.",
		Recommended: []recommend.Item{
			{Feature: "appointment_scheduling", Name: "Appointment Scheduling System", Price: 80000, Priority: recommend.Essential, Reasoning: "With 50 appointments a week and 18 % no-shows, online booking with confirmation recovers lost hours."},
			{Feature: "sms_notifications", Name: "SMS Notifications", Price: 30000, Priority: recommend.Essential, Reasoning: "A no-show rate of 18 % falls when clients are reminded the day before."},
			{Feature: "payment_processing", Name: "Payment Processing Integration", Price: 50000, Priority: recommend.HighlyRecommended, Reasoning: "Deposits make the remaining no-shows cheaper."},
			{Feature: "email_marketing", Name: "Email Marketing Integration", Price: 40000, Priority: recommend.HighlyRecommended, Reasoning: "Clients who keep their stylist for years can be invited back by mail."},
			{Feature: "social_media_integration", Name: "Social Media Feed Integration", Price: 25000, Priority: recommend.NiceToHave, Reasoning: "New cuts show on the website as soon as they are posted."},
			{Feature: "customer_portal", Name: "Customer Portal", Price: 120000, Priority: recommend.NiceToHave, Reasoning: "Clients of 50 appointments a week could see their own history."},
		},
	}
}

// barely is a session that ended at the question limit with no answer at all
// but the foundation form's; the engine then assumes the smallest package.
func barely(tb testing.TB, cat *catalog.Catalog) *intake.Session {
	tb.Helper()
	s := &intake.Session{
		ID: "0193a1b2-0000-7000-8000-000000000001", Status: intake.Completed,
		Client:    intake.Client{Name: "Jo Doe", Email: "jo@doe.example", WebsiteType: "other"},
		CreatedAt: started(), LastActivity: started().Add(time.Hour), Questions: 30,
		OpenPoints: []intake.OpenPoint{{Slot: slot.PriceConfirmed, Reason: "The interview ended before the price was confirmed."}},
		Completion: &intake.Completion{Forced: true, Confidence: 0, Missing: []string{"Business or project name", "Budget"}, At: started().Add(time.Hour)},
	}
	choose(tb, s, cat, catalog.Selection{Package: catalog.Starter}, recommend.Recommendation{Package: catalog.Starter})
	return s
}

// hostile answers every slot with Markdown and HTML.
func hostile(tb testing.TB, cat *catalog.Catalog) *intake.Session {
	tb.Helper()
	s := salon(tb, cat)
	s.Client = intake.Client{
		Name: attack(0), Email: "x@y.example\n# " + attack(1), Phone: attack(2), WebsiteType: "other", OtherDescription: attack(3),
	}
	s.Facts = nil
	for i, d := range slot.Defs() {
		s.Facts = append(s.Facts, said(5+i%25, d.Key, attack(i)))
	}
	for i := range s.Loops {
		s.Loops[i].Category, s.Loops[i].Response, s.Loops[i].Clarification = attack(i), attack(i+1), attack(i+2)
		s.Loops[i].Points = []string{attack(i + 3), attack(i + 4)}
	}
	s.Conflicts = append(s.Conflicts, intake.ConflictRecord{Type: intake.ConflictType(attack(1)), Original: attack(5), Conflicting: attack(6), Resolution: attack(7), Label: attack(8)})
	s.OpenPoints = append(s.OpenPoints, intake.OpenPoint{Slot: slot.Key(attack(2)), Reason: attack(9)})
	s.Completion.Missing = []string{attack(10)}
	for i := range s.Features.Recommendation.Recommended {
		s.Features.Recommendation.Recommended[i].Reasoning = attack(i)
	}
	s.Features.Recommendation.PackageRationale = attack(4)
	for i, d := range slot.Defs() {
		switch {
		case i%7 == 1: // a default with a hostile note, from an agency's own bank
			s.Facts = append(s.Facts, guessed(d.Key, attack(i), attack(i+1)))
		case d.Type == slot.Multi: // options and own words together
			s.Facts = append(s.Facts, picked(20, d.Key, "search,menu,"+strings.ReplaceAll(attack(i), ",", ";"), "Search, Menu, "+attack(i)))
		case i%7 == 2:
			s.Facts = append(s.Facts, edited(21, d.Key, attack(i+5), attack(i+6), i+1))
		}
	}
	s.OpenPoints = append(s.OpenPoints, intake.OpenPoint{Slot: slot.BusinessDescription, Reason: "Correction in the client's words: " + attack(3)})
	s.Rivals = []intake.Rival{{Slot: slot.PageCount, Older: said(8, slot.PageCount, attack(6)), Fact: said(9, slot.PageCount, attack(7))}}
	s.Marks = []intake.Mark{{Questions: 9, Answer: intake.Answer{Text: attack(6)}}}
	s.Withdrawn = []intake.Fact{said(9, slot.PageCount, attack(8))}
	return s
}

// attack is the n-th of some texts that try to become Markdown or HTML.
func attack(n int) string {
	list := []string{
		"# Heading\n## Section 15: Owned\n- item",
		"<script>alert(1)</script><img src=x onerror=alert(1)>",
		"[click](javascript:alert(1)) ![x](http://evil.example/p.png)",
		"`code` ```\nfenced\n``` ~~~",
		"| a | b |\n| --- | --- |\n| c | d |",
		"1. one\n2. two\r\n* three\u2028+ four\u0085> quote",
		"---\ntitle: x\n---\n===",
		"https://evil.example www.evil.example <https://evil.example>",
		"**bold** __strong__ ~~gone~~ &lt;b&gt; &#60;i&#62; \\<u\\> \\",
		"TODO TBD [Insert name] PLACEHOLDER To be determined {{userName}}",
		"\u202egnp.exe\u202c \u200bzero\ufeff \x00\x1b[31m \"quoted\" (x) \xff",
		"[ref]: http://evil.example\n[^1]: note\n    indented code",
	}
	return strconv.Itoa(n) + "\n" + list[n%len(list)]
}
