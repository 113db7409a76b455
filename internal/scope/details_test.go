package scope_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

// options are the ids that the lists of details offer.
func options() map[slot.Key]string {
	return map[slot.Key]string{
		slot.SiteSections:     "home about services prices team portfolio testimonials faq blog contact careers locations events shop gallery resources",
		slot.TrustSignals:     "testimonials reviews case_studies client_logos awards team_profiles guarantees figures press",
		slot.LegalPages:       "privacy terms cookies imprint returns accessibility_statement",
		slot.Navigation:       "menu search filters categories sorting map breadcrumbs back_to_top related_links",
		slot.ContactWays:      "form phone email map chat whatsapp callback social opening_hours",
		slot.VisitorAccounts:  "order_history favourites profile saved_details social_login password_reset",
		slot.Notifications:    "email_confirmation text_message reminder staff_alert status_updates follow_up newsletter",
		slot.StaffTasks:       "edit_pages manage_orders manage_bookings statistics export approve_entries roles manage_stock manage_members",
		slot.Sharing:          "share_buttons comments ratings likes forum",
		slot.BookingDetails:   "choose_staff choose_service reschedule deposit waiting_list group_booking calendar_sync intake_form packages free_slots",
		slot.ProductDetails:   "several_photos zoom variants stock_shown reviews related specifications size_guide wishlist compare",
		slot.CheckoutDetails:  "guest_checkout saved_cart discount_codes gift_cards order_tracking invoices several_payment_methods order_notes",
		slot.DeliveryOptions:  "shipping pickup local_delivery digital international free_over_amount",
		slot.ArticleDetails:   "categories tags search comments author_pages related newsletter_box archive advertising reading_time",
		slot.MemberDetails:    "profile directory tiers member_content forum event_access course_progress renewals invoices messaging",
		slot.GivingDetails:    "one_off recurring suggested_amounts progress_bar volunteer_form receipts impact_stories sponsors",
		slot.PortfolioDetails: "categories project_pages full_size_view before_after client_names video cv_download enquiry_button",
		slot.EventDetails:     "countdown schedule speakers registration tickets venue_map sponsors photo_gallery calendar_file",
		slot.ToolDetails:      "login dashboard upload export charts roles search alerts messages calculator import",
		slot.BackgroundTone:   "white off_white tinted dark coloured",
		slot.ImageryStyle:     "real_photos illustrations icons little_imagery abstract",
	}
}

// TestEveryOptionIsRequired ticks each option alone and expects a requirement
// in the slot's section, in words, with the label as evidence.
func TestEveryOptionIsRequired(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	defs := slot.ByKey()
	for k, ids := range options() {
		for _, id := range strings.Fields(ids) {
			t.Run(string(k)+" "+id, func(t *testing.T) {
				t.Parallel()
				s := salon(t, cat)
				s.Facts = []intake.Fact{picked(17, k, id, "The label")}
				body := build(t, s, cat).Sections[defs[k].Section-1].Body
				found := requirement.FindAllStringSubmatch(body, -1)
				if len(found) != 1 || found[0][7] != `(Q17: "The label")` {
					t.Fatalf("%d requirements, want one with the label as evidence:\n%s", len(found), body)
				}
				if strings.Contains(found[0][3], "_") || !strings.Contains(body, "**"+defs[k].Label+":** ") {
					t.Errorf("the section shows an id or lacks the fact:\n%s", body)
				}
			})
		}
	}
}

// TestEveryDetailHasARule keeps a slot from standing among the facts without
// asking for anything.
func TestEveryDetailHasARule(t *testing.T) {
	t.Parallel()
	rules := wording(t).Rules
	for _, d := range slot.Defs() {
		if d.Item() || d.Priority == "" || d.Section < 6 || d.Section > 9 {
			continue
		}
		found := false
		for _, r := range rules {
			found = found || r.Slot == d.Key && r.Section == d.Section
		}
		if !found {
			t.Errorf("%s has no rule in section %d", d.Key, d.Section)
		}
	}
}

// TestDeliveryOfDetails asks which details the selection of the salon covers:
// scheduling, text messages, mail marketing and payments with Professional.
func TestDeliveryOfDetails(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	tests := []struct {
		name  string
		slot  slot.Key
		value string
		part  string
		by    string // empty: nothing has to
	}{
		{"text messages need their feature", slot.Notifications, "text_message", "get text messages", "SMS Notifications"},
		{"a deposit needs payments", slot.BookingDetails, "deposit", "A deposit", "Payment Processing Integration"},
		{"own words about booking need a booking system", slot.BookingDetails, "double time for colour", "double time for colour", "Appointment Scheduling System"},
		{"filters need a shop", slot.Navigation, "filters", "can filter lists", "nothing"},
		{"a chat needs its feature", slot.ContactWays, "chat", "can chat with staff", "nothing"},
		{"several languages need their feature", slot.Languages, "english,spanish", "English, Spanish", "nothing"},
		{"one language needs none", slot.Languages, "english", "English", ""},
		{"regular giving needs payments", slot.GivingDetails, "recurring", "give regularly", "Payment Processing Integration"},
		{"variants need the large shop", slot.ProductDetails, "variants", "have variants", "nothing"},
		{"page editing is in the package", slot.StaffTasks, "edit_pages", "can edit pages", "Content Management System"},
		{"a map is in the package", slot.EventDetails, "venue_map", "A map shows the place", "Google Maps"},
		{"a menu goes without saying", slot.Navigation, "menu", "A menu leads", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			s.Facts = []intake.Fact{picked(17, tt.slot, tt.value, "Label")}
			d := build(t, s, cat)
			r := req(t, d, tt.part)
			if got := r[5]; !strings.HasPrefix(got, tt.by) || tt.by == "" && got != "" {
				t.Errorf("delivered by %q, want %q", got, tt.by)
			}
			point := "It is needed for: " + strings.TrimSuffix(r[3], ".") + " (REQ-" + r[1] + ")."
			if open := strings.Contains(d.Sections[13].Body, point); open != (tt.by == "nothing") {
				t.Errorf("open point = %v:\n%s", open, d.Sections[13].Body)
			}
		})
	}
	s := salon(t, cat)
	s.Facts = []intake.Fact{picked(17, slot.ProductDetails, "zoom,compare", "Zoom, Comparison"), picked(17, slot.Sharing, "likes", "Likes")}
	body := build(t, s, cat).Sections[13].Body
	for _, want := range []string{
		"**Not in the selection: E-commerce (Basic) or E-commerce (Advanced):** It is needed for: Product pictures can be enlarged (REQ-01); Visitors can compare products (REQ-02).",
		"**Not in the selection: Custom Functions (Custom package):** It is needed for: Visitors can mark what they like (REQ-03).",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("section 14 lacks %q:\n%s", want, body)
		}
	}
	starter := barely(t, cat)
	starter.Facts = []intake.Fact{picked(17, slot.GivingDetails, "recurring", "Every month")}
	if r := req(t, build(t, starter, cat), "give regularly"); !strings.HasPrefix(r[5], "nothing") {
		t.Errorf("regular giving without payments is delivered by %q", r[5])
	}
}

// TestDetailsSay reads the document of a detailed interview.
func TestDetailsSay(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	d := build(t, detailed(t, cat), cat)
	for section, wants := range map[int][]string{
		2: {"**Secondary models:** products (stated, Q7", "**Address of the website:** bellahair.example (stated"},
		3: {
			"**Public e-mail address:** hello@bellahair.example", "**Public telephone number:** (555) 765-4321", "**Public address:** 12 Rose Street, Portland",
		},
		4: {"**What sets it apart:** Not provided by client (gap). Skipped by the client (Q8).", "Competitors:** Not provided by client (gap). The client was not sure (Q8)."},
		6: {
			`a page for bridal parties (stated, Q17: "Home, About, Services, Prices, Team, Questions, Contact", Q17: "a page for bridal parties")`,
			"(must):** The website has these pages or sections: home, about the business, services or offer, contact, a page for bridal parties.",
			`Status: stated (Q17: "Team"), (Q17: "Profiles of the team")`, "**Legal pages:** Not provided by client (gap). Skipped by the client (Q20).",
		},
		7: {
			"**Expected traffic:** under 1,000 visitors a month (assumed)", `**Site search:** wanted: of the website (stated, Q18: "A search")`,
			"Status: assumed (no answer; documented default)",
		},
		14: {
			"**Expected traffic:** under 1,000 visitors a month (assumed): Fewer than 1,000 visitors a month in the first year.",
			"**What sets it apart:** Skipped by the client (Q8).", "**Competitors:** The client was not sure (Q8).",
			"**Layout:** grid (Q21), then minimal (edited at Q22)",
			`**Correction in check 2:** No rule could read it, so no requirement follows from it yet; to be settled at kickoff: "The stylists also need`,
			`two values for appointments per week:** The client left it to the team: "about 50 appointments a week" (Q9) against "70 appointments in a good week" (Q15).`,
			`**Two values for number of pages:** The client said "6 to 8" (Q10) and later "about 12 pages" (Q18); the document counts with 8.`,
			"**A photographer:** Assumed, see above, but not a position of section 13.",
		},
	} {
		for _, want := range wants {
			if !strings.Contains(d.Sections[section-1].Body, want) {
				t.Errorf("section %d lacks %q:\n%s", section, want, d.Sections[section-1].Body)
			}
		}
	}
	// It sells products beside services, and the shop was not chosen.
	for _, not := range []string{"what a product page shows", "withdrawn wish", "Models in the mix", "Kind of website", "Several languages are served", "Business in the client's words:**"} {
		if strings.Contains(d.Markdown, not) {
			t.Errorf("the document contains %q", not)
		}
	}
	if n := strings.Count(d.Markdown, "A map shows the place."); n != 1 {
		t.Errorf("the map is required %d times, want once", n)
	}
}

// TestOpenPointsOf checks what is left open and what is not.
func TestOpenPointsOf(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	long := "No, the *other* colour. " + strings.Repeat("It is for our regulars <b>only</b>. ", 12)
	tests := []struct {
		name   string
		change func(*intake.Session)
		want   []string
		not    []string
	}{
		{
			"a declined fact without a point of its own", func(s *intake.Session) { s.Facts = append(s.Facts, skipped(19, slot.Video)) },
			[]string{"**Video:** Skipped by the client (Q19)."},
			nil,
		},
		{
			"a correction without a loop prints whole and escaped", func(s *intake.Session) {
				s.OpenPoints = append(s.OpenPoints, intake.OpenPoint{Slot: slot.BusinessDescription, Reason: "Correction in the client's words: " + long})
			},
			[]string{"**Correction in the client's words:** No rule could read it", `\*other\* colour`, strings.Repeat(`It is for our regulars \<b\>only\</b\>. `, 11)},
			[]string{"<b>"},
		},
		{
			"a correction whose start is recorded prints whole, once", func(s *intake.Session) {
				s.Loops[1].Clarification = long
				s.OpenPoints = append(s.OpenPoints, intake.OpenPoint{Slot: slot.BusinessDescription, Reason: "Correction in the client's words: " + strings.TrimSpace(long[:200]) + " …"})
			},
			[]string{"**Correction in check 2:** No rule could read it", scope.Escape(long)},
			[]string{"**Correction in the client's words:**"},
		},
		{
			"what a default fills is no gap", func(s *intake.Session) {
				s.Facts = append(s.Facts, guessed(slot.Competitors, "none", "Nobody is named."))
				s.Completion.Missing, s.OpenPoints = []string{"Competitors"}, nil
			},
			[]string{"**Competitors:** none (assumed): Nobody is named."},
			[]string{"**Competitors:** Answered in part", "**Competitors:** Not provided"},
		},
		{
			"sums in a currency that the prices are not in", func(s *intake.Session) {
				s.Facts = append(s.Facts, intake.Fact{Slot: slot.BudgetText, Value: "€5k", Status: intake.Stated, Evidence: intake.Evidence{Question: 23, Quote: "€5k"}})
			},
			[]string{"**Currency:** The client told sums in euros (", "€5k", "without a rate"},
			nil,
		},
		{
			"a value taken back and then assumed", func(s *intake.Session) {
				s.Facts = append(s.Facts, intake.Fact{Slot: slot.LayoutStyle, Status: intake.Unknown, Evidence: intake.Evidence{Question: 22, Quote: "taken back"}}, guessed(slot.LayoutStyle, "minimal", "A calm layout."))
			},
			[]string{"**Layout:** grid (Q21), then taken back; minimal is assumed"},
			[]string{"(Q0)"},
		},
		{
			"an edit of the same question is a change", func(s *intake.Session) {
				s.Facts = append(s.Facts, edited(21, slot.LayoutStyle, "minimal", "Minimal", 40))
			},
			[]string{"**Layout:** grid (Q21), then minimal (edited at Q21)"},
			nil,
		},
		{
			"a second value that was asked about stands there once, the later side with its newest question", func(s *intake.Session) {
				older, later := read(9, slot.AppointmentsPerWeek, "50", "about 50 appointments a week"), read(18, slot.AppointmentsPerWeek, "70", "70 a week")
				s.Facts = append(s.Facts, read(16, slot.HoursPerWeekOnTask, "70", "70 a week"))
				s.Rivals = []intake.Rival{{Slot: slot.AppointmentsPerWeek, Older: older, Fact: later}}
				s.Conflicts = []intake.ConflictRecord{{Type: intake.OtherConflict, Rival: slot.AppointmentsPerWeek, Original: older.Evidence.Quote, Conflicting: later.Evidence.Quote}}
			},
			[]string{`It was shown and not resolved: "about 50 appointments a week" (Q9) against "70 a week" (Q18).`},
			[]string{"**Two values for"},
		},
		{
			"a value taken back is a gap and no doubt of the client", func(s *intake.Session) {
				s.Facts = append(s.Facts, intake.Fact{Slot: slot.LaunchText, Status: intake.Unknown, Evidence: intake.Evidence{Question: 20, Quote: "taken back"}})
			},
			[]string{"**Launch wish:** Not provided by client (gap)."},
			[]string{"Launch wish:** The client was not sure"},
		},
		{
			"what follows from an edit is no change of its own", func(s *intake.Session) {
				f := read(22, slot.LaunchWeeks, "9", "in nine weeks")
				f.From, f.Status = slot.LaunchDate, intake.Inferred
				s.Facts = append(s.Facts, f)
			},
			nil,
			[]string{"**Weeks until launch:** 6 weeks (Q15), then"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			tt.change(s)
			body := build(t, s, cat).Sections[13].Body
			for _, want := range tt.want {
				if !strings.Contains(body, want) {
					t.Errorf("section 14 lacks %q:\n%s", want, body)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(body, not) {
					t.Errorf("section 14 contains %q:\n%s", not, body)
				}
			}
		})
	}
}

// TestAssumptionsAreNeverStated gives every slot a default: nothing but the
// foundation form and the choice on the feature screen was said by anybody.
func TestAssumptionsAreNeverStated(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Facts, s.Loops, s.Conflicts, s.OpenPoints = nil, nil, nil, nil
	for _, d := range slot.Defs() {
		s.Facts = append(s.Facts, guessed(d.Key, "yes", "Note on "+string(d.Key)+"."))
	}
	d := build(t, s, cat)
	for i, line := range strings.Split(d.Markdown, "\n") {
		for _, status := range []string{"stated", "inferred", "confirmed"} {
			if at := strings.Index(line, "("+status); at >= 0 && !strings.Contains(line, ", Q12: ") && !slices.Contains([]string{"(stated, Q1)", "(stated, Q2)", "(stated, Q3)", "(stated, Q4)"}, line[at:]) {
				t.Errorf("line %d calls an assumption %s: %s", i+1, status, line)
			}
		}
	}
	for _, r := range requirement.FindAllStringSubmatch(strings.Split(d.Markdown, "## Section 10")[0], -1) {
		if r[6] != "assumed" || r[7] != "(no answer; documented default)" {
			t.Errorf("REQ-%s is %s %s, want assumed", r[1], r[6], r[7])
		}
	}
	for _, def := range slot.Defs() {
		if !strings.Contains(d.Sections[13].Body, "(assumed): Note on "+string(def.Key)+".") {
			t.Errorf("the assumption about %s is not among the assumptions", def.Key)
		}
	}
}

func TestASignalThatNobodyKnowsHasNoLine(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Facts = append(s.Facts, skipped(7, slot.AudienceAgeRange), skipped(9, slot.BookingsPerWeek))
	body := build(t, s, cat).Sections[3].Body
	if strings.Contains(body, "Age range") || !strings.Contains(body, "**Bookings per week:** Not provided by client (gap). Skipped by the client (Q9).") {
		t.Errorf("section 4 has a line for a signal, or none for a figure that was skipped:\n%s", body)
	}
}

func TestAFactWithoutWordsIsAssumed(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Facts = append(s.Facts, read(21, slot.TypeFeel, "modern", " "))
	if body := build(t, s, cat).Sections[8].Body; !strings.Contains(body, "**Typographic feel:** modern (assumed, Q21)") {
		t.Errorf("section 9 claims a fact that nobody stated:\n%s", body)
	}
}

// TestManyOptionsStayReadable ticks every option there is.
func TestManyOptionsStayReadable(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := everything(t, cat)
	var own []string
	for i := range 40 {
		own = append(own, strings.Repeat("own page ", 3)+strings.Repeat("i", i+1))
	}
	s.Facts = append(s.Facts, said(17, slot.SiteSections, slot.Join(own)), said(17, slot.TrustSignals, slot.Join(own)))
	d := build(t, s, cat)
	for _, r := range requirement.FindAllStringSubmatch(d.Markdown, -1) {
		if n := utf8.RuneCountInString(r[3]); n > 420 {
			t.Errorf("REQ-%s has %d characters: %s", r[1], n, r[3])
		}
	}
	for _, part := range []string{"The website has these pages or sections: ", "This builds trust on the website: "} {
		if n := strings.Count(d.Markdown, ":** "+part); n != 1 {
			t.Errorf("%q stands %d times, want 40 entries in one requirement", part, n)
		}
		if r := req(t, d, part); !strings.Contains(r[3], " more that are listed above") {
			t.Errorf("REQ-%s = %q, want the rest counted", r[1], r[3])
		}
	}
	seen := map[string]bool{}
	for _, r := range requirement.FindAllStringSubmatch(d.Markdown, -1) {
		if seen[r[3]] {
			t.Errorf("REQ-%s repeats %q", r[1], r[3])
		}
		seen[r[3]] = true
	}
}

func TestLongListsAreNoWork(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	for _, d := range slot.Defs() {
		if d.Type == slot.Multi {
			s.Facts = append(s.Facts, said(17, d.Key, strings.Repeat("menu,contact,x,", 300)+"y"))
		}
	}
	if n := strings.Count(build(t, s, cat).Markdown, "\n- **REQ-"); n > 300 {
		t.Errorf("%d requirements out of lists that repeat three entries", n)
	}
}

func TestCheckOfDetails(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	check := func(change func(*intake.Session)) []string {
		s := detailed(t, cat)
		change(s)
		d, _ := scope.Build(s, cat, agency(), started())
		var out []string
		for _, f := range scope.Check(d, s, cat) {
			out = append(out, f.Message)
		}
		return out
	}
	if got := check(func(*intake.Session) {}); len(got) > 0 {
		t.Errorf("Check(details) = %q, want nothing: defaults are neither claims nor gaps", got)
	}
	essential := func(s *intake.Session) {
		s.Facts = append(s.Facts, guessed(slot.DesignStyle, "modern", "A modern look."))
	}
	if got := check(essential); len(got) > 0 {
		t.Errorf("Check(assumed style) = %q, want nothing", got)
	}
	for want, change := range map[string]func(*intake.Session){
		"the project has no name":                        func(s *intake.Session) { s.Facts = append(s.Facts, guessed(slot.BusinessName, "Salon", "The trade.")) },
		"no launch date or number of weeks":              func(s *intake.Session) { s.Facts = append(s.Facts, guessed(slot.LaunchWeeks, "8", "Eight weeks.")) },
		"facts without any words of the client":          func(s *intake.Session) { s.Facts = append(s.Facts, read(9, slot.TypeFeel, "modern", "")) },
		"essential items are gaps: Design style":         func(s *intake.Session) { s.Facts = append(s.Facts, skipped(21, slot.DesignStyle)) },
		"the website type is missing":                    func(s *intake.Session) { s.Client.WebsiteType = "" },
		"there are members, but no chosen feature gives": func(s *intake.Session) { s.Facts = append(s.Facts, said(9, slot.HasMembers, "yes")) },
	} {
		if got := check(change); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("Check = %q, want %q", got, want)
		}
	}
	s := detailed(t, cat)
	d := build(t, s, cat)
	d.Sections[8].Body = strings.Replace(d.Sections[8].Body, `Status: stated (Q21: "Off-white")`, "Status: stated (no answer; documented default)", 1)
	if got := scope.Check(d, s, cat); len(got) != 1 || !strings.Contains(got[0].Message, "requirement lacks") {
		t.Errorf("Check = %v, want the requirement that is called stated without an answer", got)
	}
}

// TestValuesOfNewTypes shows durations, addresses and languages.
func TestValuesOfNewTypes(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	tests := []struct {
		name string
		fact intake.Fact
		want string
	}{
		{"a whole number of weeks", read(15, slot.LaunchWeeks, "1", "a week"), "**Weeks until launch:** 1 week (stated"},
		{"a part of a week in days", read(15, slot.LaunchWeeks, "0.4", "three days"), "**Weeks until launch:** 3 days (stated"},
		{"a duration in words", said(15, slot.LaunchWeeks, "soon"), "**Weeks until launch:** soon (stated"},
		{"an address loses its scheme", read(5, slot.WebsiteURL, "HTTPS://www.bella.example/a_b", "our site"), `**Address of the website:** www\.bella.example/a\_b (stated`},
		{"languages are names", picked(17, slot.Languages, "english,français,日本語", "Three"), "**Languages:** English, Français, 日本語 (stated"},
		{"an accented language", picked(17, slot.Languages, "čeština", "Czech"), "**Languages:** Čeština (stated"},
		{"an option with the id of a feature is no feature", picked(18, slot.Notifications, "newsletter", "A newsletter"), "**Messages that go out:** newsletter (stated"},
		{"what is no address is escaped", said(5, slot.ContactEmail, "write @ me"), `**Public e-mail address:** write \@ me (stated`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			s.Facts = append(s.Facts, tt.fact)
			if md := build(t, s, cat).Markdown; !strings.Contains(md, tt.want) {
				t.Errorf("the document lacks %q", tt.want)
			}
		})
	}
}

// TestEvidenceOfAnEntry asks which words stand behind one entry of a list.
func TestEvidenceOfAnEntry(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	tests := []struct {
		name  string
		facts []intake.Fact
		want  string // evidence of the menu
	}{
		{"of ticked options its label", []intake.Fact{picked(10, slot.Navigation, "search,menu", "A search, A menu")}, `(Q10: "A menu")`},
		{"of labels with commas all of them", []intake.Fact{picked(10, slot.Navigation, "search,menu", "A search, good and fast, A menu")}, `(Q10: "A search, good and fast, A menu")`},
		{"of words the whole sentence", []intake.Fact{read(10, slot.Navigation, "search,menu", "a search, a menu")}, `(Q10: "a search, a menu")`},
		{"of a list that grew the answer that added it", []intake.Fact{
			picked(10, slot.Navigation, "search", "A search"), picked(12, slot.Navigation, "search,menu", "A menu"), read(14, slot.Navigation, "search,menu,map", "a map too"),
		}, `(Q12: "A menu")`},
		{"of a choice repeated all labels", []intake.Fact{
			picked(10, slot.Navigation, "search", "A search"), picked(12, slot.Navigation, "search,menu", "A search, A menu"),
		}, `(Q12: "A search, A menu")`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := salon(t, cat)
			s.Facts = append(s.Facts, tt.facts...)
			if r := req(t, build(t, s, cat), "A menu leads"); r[7] != tt.want {
				t.Errorf("evidence = %s, want %s", r[7], tt.want)
			}
		})
	}
}
