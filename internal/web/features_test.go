package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// onFeatures is a visitor at the feature screen.
func onFeatures(t *testing.T, s *site) *visitor {
	t.Helper()
	sess := at("01936000-0000-7000-8000-000000000021", featuresAction())
	sess.Features = &intake.FeatureChoice{PresentedAt: 12}
	return s.visitor(t).with(s.plant(t, sess))
}

func selection(button, pack string, features ...string) url.Values {
	return url.Values{"actionId": {"a007"}, "go": {button}, "package": {pack}, "features": features}
}

// price is the JSON that the script reads.
type price struct {
	OK                                         bool
	Package, Count, Discount, Bundles          string
	Total, Hosting, Problem, Warning, Announce string
	Notes                                      []string
}

func TestPrice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		form url.Values
		want price
	}{
		{
			"a bundle earns its discount", selection("", "professional", "appointment_scheduling", "payment_processing", "sms_notifications"),
			price{OK: true, Package: "Professional", Count: "3 features", Discount: "−$100", Bundles: "Service Provider", Total: "$6,000", Hosting: "$150"},
		},
		{
			"what comes along is named", selection("", "custom", "membership_portal"),
			price{OK: true, Package: "Custom", Count: "2 features", Total: "$7,500", Hosting: "$300", Notes: []string{"Payment Processing Integration is included with Membership Portal at no cost."}},
		},
		{
			"nothing chosen, package too small", selection("", "starter"),
			price{OK: true, Package: "Starter", Count: "0 features", Total: "$2,500", Hosting: "$75", Warning: "Starter is smaller"},
		},
		{
			"two that exclude each other", selection("", "professional", "booking_system", "appointment_scheduling"),
			price{Count: "2 features", Problem: "only have one of them"},
		},
		{
			"something it needs is missing", selection("", "starter", "blog_system"),
			price{Count: "1 feature", Problem: "cannot work alone"},
		},
		{"no package", selection("", ""), price{Count: "0 features", Problem: "Please choose a package."}},
		{"an unknown feature", selection("", "starter", "castle"), price{Count: "1 feature", Problem: "not offered"}},
		{"an unknown package", selection("", "gold"), price{Count: "0 features", Problem: "not offered"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			a := onFeatures(t, s).post("/intake/price", tt.form)
			var got price
			if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil || a.Code != 200 {
				t.Fatalf("POST = %d %v\n%s\n%s", a.Code, err, a.Body, s.log)
			}
			for _, part := range []struct{ got, want *string }{{&got.Problem, &tt.want.Problem}, {&got.Warning, &tt.want.Warning}} {
				if *part.want != "" && strings.Contains(*part.got, *part.want) {
					*part.got = *part.want
				}
			}
			if tt.want.OK && !strings.Contains(got.Announce, got.Total) || got.Announce == "" {
				t.Errorf("announcement is %q", got.Announce)
			}
			got.Announce = ""
			if tt.want.Warning == "" {
				got.Warning = ""
			}
			if len(got.Notes) == 0 {
				got.Notes = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("price (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPriceCountsVisitors(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sess := at("01936000-0000-7000-8000-000000000022", featuresAction())
	sess.Facts = []intake.Fact{{Slot: slot.MonthlyVisitors, Value: "60000", Status: intake.Stated}}
	a := s.visitor(t).with(s.plant(t, sess)).post("/intake/price", selection("", "starter"))
	if !strings.Contains(a.Body.String(), `"hosting":"$300"`) {
		t.Errorf("60,000 visitors a month are priced as %s, want premium hosting", a.Body)
	}
}

func TestPriceElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if a := s.visitor(t).post("/intake/price", selection("", "starter")); a.Code != http.StatusUnauthorized {
		t.Errorf("price without a session = %d, want 401", a.Code)
	}
	v := s.visitor(t).with(s.plant(t, at("01936000-0000-7000-8000-000000000023", textQuestion())))
	if a := v.post("/intake/price", selection("", "starter")); a.Code != http.StatusConflict {
		t.Errorf("price at a question = %d, want 409", a.Code)
	}
}

func TestUpdatePriceWithoutScript(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := onFeatures(t, s)
	a := v.post("/intake/conversation", selection("price", "custom", "booking_system"))
	checkHTML(t, a)
	for _, want := range []string{"$6,800", `value="custom" checked`, `value="booking_system" checked`} {
		if !strings.Contains(a.Body.String(), want) {
			t.Errorf("page lacks %q:\n%s", want, a.Body)
		}
	}
	if a.Code != http.StatusOK || a.Path != "/intake/conversation" {
		t.Errorf("update = %d at %s, want 200 on the screen", a.Code, a.Path)
	}
	group := a.Body.String()
	if at := strings.Index(group, "group-additional"); !strings.HasPrefix(group[at:], `group-additional" open`) {
		t.Errorf("the group of a chosen feature is closed: %.80s", group[at:])
	}
}

func TestSelectionNeedsConfirmation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		form  url.Values
		doubt string // empty: taken at once
	}{
		{"a full selection", selection("answer", "professional", "appointment_scheduling"), ""},
		{"a larger package", selection("answer", "custom", "sms_notifications"), ""},
		{"no feature", selection("answer", "professional"), "No feature is chosen"},
		{"a package below the minimum", selection("answer", "starter", "sms_notifications"), "Starter is smaller than what your answers call for: Professional"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v := onFeatures(t, s)
			a := v.post("/intake/conversation", tt.form)
			if tt.doubt != "" {
				checkHTML(t, a)
				if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), tt.doubt) || !a.form(t, "/intake/conversation").has("confirm") {
					t.Fatalf("POST = %d, want 422 asking %q:\n%s", a.Code, tt.doubt, a.Body)
				}
				tt.form.Set("confirm", "yes")
				a = v.post("/intake/conversation", tt.form)
			}
			if a.Code != http.StatusOK {
				t.Fatalf("POST = %d, want the next screen\n%s\n%s", a.Code, a.Body, s.log)
			}
			rec, err := s.store.Session(t.Context(), "01936000-0000-7000-8000-000000000021")
			if err != nil {
				t.Fatal(err)
			}
			got := rec.Session.Features
			if !got.Answered || string(got.Selection.Package) != tt.form.Get("package") || len(got.Selection.Features) != len(tt.form["features"]) {
				t.Errorf("stored selection = %+v, want %v", got.Selection, tt.form)
			}
		})
	}
}

func TestConflictingSelection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := onFeatures(t, s).post("/intake/conversation", selection("answer", "professional", "booking_system", "appointment_scheduling"))
	checkHTML(t, a)
	if a.Code != http.StatusUnprocessableEntity || strings.Count(a.Body.String(), "only have one of them") < 2 {
		t.Errorf("POST = %d, want 422 explaining at the top and in the footer:\n%s", a.Code, a.Body)
	}
	if got := strings.Count(a.Body.String(), `data-conflicts="`); got != 2 {
		t.Errorf("%d features name what they exclude, want 2", got)
	}
}

func TestReopenedFeatures(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	action := featuresAction()
	action.Features.Edit, action.Features.Selected = true, []string{"sms_notifications"}
	sess := at("01936000-0000-7000-8000-000000000024", action)
	a := s.visitor(t).with(s.plant(t, sess)).get("/intake/conversation")
	var chosen []catalog.FeatureID
	for _, f := range a.form(t, "/intake/conversation").Fields {
		if f.Name == "features" && f.Checked {
			chosen = append(chosen, catalog.FeatureID(f.Value))
		}
	}
	if !slices.Equal(chosen, []catalog.FeatureID{"sms_notifications"}) || !strings.Contains(a.Body.String(), "Change the selection") {
		t.Errorf("the reopened screen has %v chosen, want what was chosen before", chosen)
	}
}
