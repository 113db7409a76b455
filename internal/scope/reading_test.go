package scope_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/slot"
)

func reading(tb testing.TB, s *intake.Session, cat *catalog.Catalog) *scope.Reading {
	tb.Helper()
	r, err := scope.Read(s, cat)
	if err != nil {
		tb.Fatalf("Read(%s) err = %v", s.ID, err)
	}
	return r
}

func TestReadingSaysWhatTheDocumentSays(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for name, s := range map[string]*intake.Session{"salon": salon(t, cat), "details": detailed(t, cat), "barely": barely(t, cat)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, doc := reading(t, s, cat), build(t, s, cat)
			if !strings.Contains(doc.Title, r.Project()) || !strings.Contains(doc.Sections[1].Body, r.Kind()) {
				t.Errorf("project %q and kind %q are not those of the document", r.Project(), r.Kind())
			}
			price := doc.Sections[12].Body
			for _, p := range r.Positions() {
				if !strings.Contains(price, "| "+p.Amount.String()+" |") {
					t.Errorf("position %s of %s is not in section 13", p.Name, p.Amount)
				}
			}
			for _, f := range r.Worth().Features {
				if !strings.Contains(price, f.Gain()) {
					t.Errorf("gain of %s, %s, is not in section 13", f.Name, f.Gain())
				}
			}
			if until := "until " + scope.Day(r.ValidUntil()); !strings.Contains(price, until) {
				t.Errorf("%q is not in section 13", until)
			}
			for _, m := range r.Milestones() {
				if !strings.Contains(doc.Sections[11].Body, "| "+m.Name+" | "+m.Span.String()+" |") {
					t.Errorf("milestone %s in %s is not in section 12", m.Name, m.Span)
				}
			}
			for _, o := range r.Options() {
				if !strings.Contains(doc.Sections[9].Body, o.Item.Name+", "+o.Item.Price.String()+": "+o.Why) {
					t.Errorf("option %s is not in section 10", o.Item.Name)
				}
			}
		})
	}
}

func TestReadingIsPlainText(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	s.Facts = append(
		s.Facts, said(23, slot.PrimaryGoal, "# Sell *more*\n<b>now</b>"), said(23, slot.MustHaves, "live_chat,a_b [c]"),
		with(intake.Fact{Slot: slot.UniqueValue, Value: "guessed"}, intake.Assumed),
	)
	r := reading(t, s, cat)
	for _, tt := range []struct{ what, got, want string }{
		{"value", r.Value(slot.PrimaryGoal, 100), "# Sell *more* <b>now</b>"},
		{"short value", r.Value(slot.PrimaryGoal, 8), "# Sell…"},
		{"quote", r.Quote(slot.PrimaryGoal, 100), "# Sell *more* <b>now</b>"},
		{"list", strings.Join(r.Entries(slot.MustHaves), "|"), "Live Chat Integration|a_b [c]"},
		{"amount", r.Value(slot.AverageAppointmentValue, 100), "$85"},
		{"an assumption has a value", r.Value(slot.UniqueValue, 100), "guessed"},
		{"but nobody told it", r.Told(slot.UniqueValue, 100), ""},
		{"or said it", r.Quote(slot.UniqueValue, 100), ""},
		{"a gap", r.Value(slot.Competitors, 100) + r.Told(slot.Competitors, 100) + strings.Join(r.Entries(slot.Competitors), ""), ""},
		{"label", r.Label(slot.Competitors), "Competitors"},
		{"reason", r.Reason("sms_notifications"), "A no-show rate of 18 % falls when clients are reminded the day before."},
		{"no reason", r.Reason("live_chat"), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %q, want %q", tt.what, tt.got, tt.want)
		}
	}
}

func TestReadingWithoutPrice(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	r := reading(t, &intake.Session{}, cat)
	if r.Priced() || r.Confirmed() || r.Positions() != nil || r.Options() != nil || r.Reason("live_chat") != "" {
		t.Error("a blank session has a price, options or reasons")
	}
	if _, _, ok := r.Launch(); ok {
		t.Error("a blank session has a launch day")
	}
	if low, high := r.Weeks(); low != 4 || high != 6 {
		t.Errorf("Weeks() = %d, %d, want 4, 6", low, high)
	}
	if r := reading(t, barely(t, cat), cat); !r.Priced() || r.Confirmed() {
		t.Errorf("an assumed package: Priced = %v, Confirmed = %v, want true, false", r.Priced(), r.Confirmed())
	}
	if r := reading(t, salon(t, cat), cat); !r.Confirmed() || !r.ValidUntil().Equal(started().Add(16*time.Minute).AddDate(0, 0, 30)) {
		t.Errorf("the salon: Confirmed = %v, valid until %v", r.Confirmed(), r.ValidUntil())
	}
}

func TestLeft(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	s := salon(t, cat)
	if got := reading(t, s, cat).Left(); len(got) != 0 {
		t.Errorf("Left() of the salon = %v, want nothing", got)
	}
	s.Facts = append(s.Facts, said(23, slot.Languages, "english,*polish*"), said(23, slot.MustHaves, "live_chat"), said(23, slot.LogoStatus, "need"))
	want := []scope.Lack{
		{What: "Creating a logo"},
		{What: "Live Chat Integration"},
		{What: "The website is offered in: English, *polish*", Needs: []string{"Multilingual Support"}},
	}
	got := reading(t, s, cat).Left()
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || cmp.Equal(w, g)
		}
		if !found {
			t.Errorf("Left() = %v, want %v in it", got, w)
		}
	}
}

func TestMismatch(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	if err := scope.Mismatch(salon(t, cat), cat); err != nil {
		t.Errorf("Mismatch(salon) = %v, want nil", err)
	}
	if err := scope.Mismatch(&intake.Session{}, cat); err != nil {
		t.Errorf("Mismatch(blank) = %v, want nil", err)
	}
	s := salon(t, cat)
	s.Features.Estimate.Total++
	if err := scope.Mismatch(s, cat); err == nil {
		t.Error("Mismatch(a cent more) = nil, want an error")
	}
}

func TestUnescapeTakesBackWhatEscapeDid(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		if got, want := scope.Unescape(scope.Escape(attack(i))), scope.Fold(attack(i)); got != want {
			t.Errorf("unescape(escape(%q)) = %q, want %q", attack(i), got, want)
		}
	}
	if got := scope.Unescape(`a\`); got != `a\` {
		t.Errorf("unescape of a last backslash = %q", got)
	}
	if got := scope.OneLine(" a\n b ") + scope.SafeName("Żółw & Syn") + scope.Plural(1, "week") + scope.Plural(2, "week"); got != "a bZolw_and_Syn1 week2 weeks" {
		t.Errorf("small helpers = %q", got)
	}
}
