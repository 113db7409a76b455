package intake_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/slot"
)

// held is a finished interview with a fact of each type.
func held(tb testing.TB) (*intake.Engine, *intake.Session) {
	tb.Helper()
	cat, e := intaketest.Engine(tb)
	s := &intake.Session{ID: "s1", Status: intake.Completed, Completion: &intake.Completion{}, Features: &intake.FeatureChoice{Answered: true}}
	s.Features.Selection = catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"sms_notifications", "appointment_scheduling"}}
	estimate, err := cat.Price(s.Features.Selection)
	if err != nil {
		tb.Fatal(err)
	}
	s.Features.Estimate = estimate
	for k, v := range map[slot.Key]string{
		slot.PrimaryGoal: "Let clients book online", slot.CurrentNoShowRate: "0.18", slot.AverageAppointmentValue: "8500",
		slot.AppointmentsPerWeek: "50", slot.LaunchWeeks: "6", slot.MustHaves: "appointment_scheduling,a price list", slot.PriceConfirmed: "yes",
	} {
		s.Facts = append(s.Facts, intake.Fact{Slot: k, Value: v, Status: intake.Stated, Confidence: 95, Evidence: intake.Evidence{Question: 5, Quote: v}})
	}
	return e, s
}

// shown is the form as it is shown, to be sent back.
func shown(e *intake.Engine, s *intake.Session) map[slot.Key]string {
	out := map[slot.Key]string{}
	for _, f := range e.AmendFields(s) {
		out[f.Def.Key] = f.Text
	}
	return out
}

// Whatever is shown reads back as what it was.
func TestAmendOfNothing(t *testing.T) {
	t.Parallel()
	e, s := held(t)
	before := len(s.Facts)
	sel := s.Features.Selection
	sel.Features = []catalog.FeatureID{"appointment_scheduling", "sms_notifications"}
	done, err := e.Amend(s, intake.Amend{By: "u1", Facts: shown(e, s), Selection: &sel}, time.Unix(1, 0))
	if err != nil || done != nil || len(s.Facts) != before || len(s.Amendments) != 0 {
		t.Errorf("Amend(as shown) = %+v, %v with %d facts, want nothing changed", done, err, len(s.Facts)-before)
	}
}

func TestAmend(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		k          slot.Key
		text, want string
	}{
		{slot.PrimaryGoal, "  Fill the\nmornings ", "Fill the mornings"},
		{slot.CurrentNoShowRate, "12%", "0.12"},
		{slot.AverageAppointmentValue, "$92.50", "9250"},
		{slot.AppointmentsPerWeek, "1,200", "1200"},
		{slot.LaunchWeeks, "8 weeks", "8"},
		{slot.MustHaves, "Appointment Scheduling System, SMS Notifications, a price list", "appointment_scheduling,sms_notifications,a price list"},
		{slot.PrimaryGoal, "", ""},
	} {
		t.Run(string(tt.k)+" "+tt.text, func(t *testing.T) {
			t.Parallel()
			e, s := held(t)
			old, _ := s.Fact(tt.k)
			form := shown(e, s)
			form[tt.k] = tt.text
			done, err := e.Amend(s, intake.Amend{By: "u1", Facts: form}, time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
			if err != nil || done == nil || len(done.Slots) != 1 || done.Slots[0] != tt.k || done.By != "u1" {
				t.Fatalf("Amend() = %+v, %v, want %s changed by u1", done, err, tt.k)
			}
			got, _ := s.Fact(tt.k)
			if got.Value != tt.want {
				t.Errorf("value = %q, want %q", got.Value, tt.want)
			}
			status, note := intake.Amended, "by the agency on November 27, 2026"
			if tt.want == "" {
				status = intake.Unknown
			}
			if got.Status != status || got.Note != note || s.Facts[got.Supersedes-1].Value != old.Value {
				t.Errorf("fact = %+v, want %s, %s, in the place of %q", got, status, note, old.Value)
			}
		})
	}
}

func TestAmendRefuses(t *testing.T) {
	t.Parallel()
	sel := func(change func(*catalog.Selection)) *catalog.Selection {
		out := catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"sms_notifications", "appointment_scheduling"}}
		change(&out)
		return &out
	}
	for name, tt := range map[string]struct {
		amend intake.Amend
		want  string
	}{
		"a figure in words":       {intake.Amend{Facts: map[slot.Key]string{slot.AppointmentsPerWeek: "plenty"}}, "was not understood"},
		"a text without an end":   {intake.Amend{Facts: map[slot.Key]string{slot.PrimaryGoal: strings.Repeat("x", intake.MaxAnswer+1)}}, "at most 5000"},
		"a note without an end":   {intake.Amend{CoverNote: strings.Repeat("x", intake.MaxCoverNote+1)}, "at most 600"},
		"an unknown package":      {intake.Amend{Selection: sel(func(s *catalog.Selection) { s.Package = "gold" })}, "not offered"},
		"an unknown feature":      {intake.Amend{Selection: sel(func(s *catalog.Selection) { s.Features = []catalog.FeatureID{"jetpack"} })}, "not offered"},
		"a rebate of everything":  {intake.Amend{Selection: sel(func(s *catalog.Selection) { s.Rebate = 560000 })}, "cannot be taken off"},
		"a rebate below nothing":  {intake.Amend{Selection: sel(func(s *catalog.Selection) { s.Rebate = -1 })}, "cannot be taken off"},
		"an interview under way":  {intake.Amend{By: "running"}, intake.ErrUnfinished.Error()},
		"what only follows, kept": {intake.Amend{Facts: map[slot.Key]string{slot.BusinessModel: "products"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, s := held(t)
			if tt.amend.By == "running" {
				s.Status = intake.InProgress
			}
			facts, total := len(s.Facts), s.Features.Estimate.Total
			done, err := e.Amend(s, tt.amend, time.Unix(1, 0))
			if tt.want == "" && (err != nil || done != nil) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Amend() = %+v, %v, want %q", done, err, tt.want)
			}
			if len(s.Facts) != facts || s.Features.Estimate.Total != total || s.CoverNote != "" || len(s.Amendments) != 0 {
				t.Error("something was changed all the same")
			}
		})
	}
}

// A changed price is one that the client has not confirmed.
func TestAmendOfThePrice(t *testing.T) {
	t.Parallel()
	e, s := held(t)
	before := s.Features.Estimate
	sel := s.Features.Selection
	sel.Rebate, sel.RebateFor = 10000, "Returning client"
	if done, err := e.Amend(s, intake.Amend{By: "u1", Selection: &sel}, time.Unix(1, 0)); err != nil || done == nil || !done.Selection {
		t.Fatalf("Amend() = %+v, %v", done, err)
	}
	after := s.Features.Estimate
	paid := catalog.Cents(0)
	for _, p := range after.Schedule {
		paid += p.Amount
	}
	if after.Total != before.Total-10000 || after.FirstYear != before.FirstYear-10000 || paid != after.Total {
		t.Errorf("total %s, first year %s, payments %s, want each $100 below %s and %s", after.Total, after.FirstYear, paid, before.Total, before.FirstYear)
	}
	if f, _ := s.Fact(slot.PriceConfirmed); f.Status != intake.Unknown || len(s.OpenPoints) != 1 || s.OpenPoints[0].Slot != slot.PriceConfirmed {
		t.Errorf("the price counts as confirmed: %+v, open %+v", f, s.OpenPoints)
	}
}
