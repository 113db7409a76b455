package advisor_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
)

// TestManyCachedAnswers asks more turns than memory holds: the first is still
// known, from the database.
func TestManyCachedAnswers(t *testing.T) {
	t.Parallel()
	m := &model{name: known, says: advice.Advice{QuestionID: "logo"}}
	d := newDesk(t, m, advisor.Budget{})
	const turns = 600
	for i := range turns {
		if _, err := d.Advise(t.Context(), turn("s1", fmt.Sprint("answer ", i))); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := d.Advise(t.Context(), turn("s1", "answer 0")); err != nil || got.QuestionID != "logo" || m.calls != turns {
		t.Errorf("the first turn again: %+v, %v after %d calls, want the cached answer", got, err, m.calls)
	}
	if f := d.flush(t); f.Asked != turns+1 || f.Outcomes["cached"] != 1 {
		t.Errorf("%d turns are recorded, %d of them cached", f.Asked, f.Outcomes["cached"])
	}
}

// TestWithoutAStore checks that a database that is gone costs advice and
// nothing else.
func TestWithoutAStore(t *testing.T) {
	t.Parallel()
	m := &model{name: known}
	d := newDesk(t, m, advisor.Budget{Day: 1_000_000})
	if err := d.SetMode(t.Context(), advisor.On); err != nil {
		t.Fatal(err)
	}
	if err := d.SetMode(t.Context(), advisor.Auto); err != nil {
		t.Fatal(err)
	}
	if err := d.st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Advise(t.Context(), turn("s1", "one")); !errors.Is(err, advisor.ErrNone) || !strings.Contains(err.Error(), "unknown_spending") || m.calls != 0 {
		t.Errorf("Advise = %v after %d calls; want none, because nobody knows what was spent", err, m.calls)
	}
	if _, err := d.Gauges(t.Context()); err == nil {
		t.Error("Gauges of a closed store know something")
	}
	if _, err := d.Notice(t.Context()); err == nil {
		t.Error("Notice of a closed store is nil")
	}
	if err := d.SetMode(t.Context(), advisor.On); err == nil || d.Mode() != advisor.Auto {
		t.Errorf("SetMode = %v, and the mode is %s; want an error and no change", err, d.Mode())
	}
	d.Refresh(t.Context())
	if d.Mode() != advisor.Auto {
		t.Errorf("after Refresh the mode is %s, want the one before", d.Mode())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.Run(ctx) // what cannot be recorded is logged, and the end is not held up
}

// TestWithoutAModel is the door and the switch alone.
func TestWithoutAModel(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &model{}, advisor.Budget{})
	s := advisor.New(advisor.Config{Store: d.st})
	if s.HasModel() || s.ModelName() != "" || s.State().Open || s.Fallback() {
		t.Error("a service without a model has one")
	}
	if _, err := s.Advise(t.Context(), turn("s1", "one")); !errors.Is(err, advisor.ErrNone) {
		t.Errorf("Advise = %v, want ErrNone", err)
	}
	if _, ok, err := s.Enter(t.Context(), "a"); err != nil || !ok {
		t.Errorf("Enter without a limit = %v, %v", ok, err)
	}
}

// TestGauges follows what is spent, and a new month.
func TestGauges(t *testing.T) {
	t.Parallel()
	m := &model{name: known, usage: advice.Usage{Input: 1_000_00, Output: 1000}}
	d := newDesk(t, m, advisor.Budget{Day: 1_000_000, Month: 2_000_000})
	if _, err := d.Advise(t.Context(), turn("s1", "one")); err != nil {
		t.Fatal(err)
	}
	cost, _ := prices(t).Cost(known, m.usage, d.now)
	check := func(when string, day, month int64) {
		t.Helper()
		g, err := d.Gauges(t.Context())
		if err != nil || len(g) != 2 || g[0].Spent != day || g[1].Spent != month || g[0].Limit != 1_000_000 || g[1].Limit != 2_000_000 {
			t.Errorf("%s: Gauges = %+v, %v; want %d and %d spent", when, g, err, day, month)
		}
	}
	check("at once", cost, cost)
	d.flush(t)
	d.now = d.now.Add(24 * time.Hour)
	check("the next day", 0, cost)
	d.now = d.now.Add(7 * 24 * time.Hour)
	check("the next month", 0, 0)
}

// TestAlarm checks that another process hears of a notice.
func TestAlarm(t *testing.T) {
	t.Parallel()
	m := &model{name: known, fault: &advisor.Fault{Class: "billing", Err: errors.New("unpaid")}}
	d := newDesk(t, m, advisor.Budget{})
	other := d.open(t, advisor.Budget{})
	if _, err := d.Advise(t.Context(), turn("s1", "one")); !errors.Is(err, advisor.ErrNone) {
		t.Errorf("Advise = %v, want ErrNone", err)
	}
	other.Refresh(t.Context())
	if !d.Alarmed() || !other.Alarmed() {
		t.Errorf("alarmed: %v here, %v elsewhere, want both", d.Alarmed(), other.Alarmed())
	}
	if err := other.Dismiss(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.Refresh(t.Context())
	if d.Alarmed() || other.Alarmed() {
		t.Error("a dismissed notice still alarms")
	}
}
