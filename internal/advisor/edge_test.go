package advisor_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
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
	if _, err := advisor.StoredMode(t.Context(), d.st); err == nil {
		t.Error("StoredMode of a closed store is nil")
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
	if d.Alarmed() {
		t.Error("the owner is told of a budget that has hardly been touched")
	}
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

// TestGaugeThatIsUsedUp says so until the day is over.
func TestGaugeThatIsUsedUp(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &model{name: known}, advisor.Budget{Day: 1})
	check := func(when string, want bool) {
		t.Helper()
		g, err := d.Gauges(t.Context())
		if err != nil || g[0].UsedUp != want || g[1].UsedUp {
			t.Errorf("%s: Gauges = %+v, %v; want the day to be used up: %v", when, g, err, want)
		}
	}
	check("before the first call", false)
	if _, err := d.Advise(t.Context(), turn("s1", "one")); !errors.Is(err, advisor.ErrNone) {
		t.Fatalf("Advise = %v, want the budget of the day to forbid it", err)
	}
	check("after it was forbidden", true)
	d.now = d.now.Add(24 * time.Hour)
	check("the next day", false)
}

// TestSpendingIsReadAgain: a new process knows what sessions spent, and counts calls
// of an unknown price as the dearest.
func TestSpendingIsReadAgain(t *testing.T) {
	t.Parallel()
	b := advisor.Budget{Turn: 1000, Session: 1500, Day: 1_000_000}
	d := newDesk(t, &model{name: "tomorrow-9", usage: advice.Usage{Input: 10}}, b)
	if _, err := d.Advise(t.Context(), turn("s1", "one")); err != nil {
		t.Fatal(err)
	}
	d.flush(t)
	next := d.open(t, b)
	if g, err := next.Gauges(t.Context()); err != nil || g[0].Spent != 1000 {
		t.Errorf("Gauges = %+v, %v; want 1000 spent today", g, err)
	}
	if _, err := next.Advise(t.Context(), turn("s1", "two")); err == nil || !strings.Contains(err.Error(), "budget_session") {
		t.Errorf("Advise = %v, want the budget of the session to be used up as before the restart", err)
	}
}

// TestNetworks: the budget of a network is renewed each day, and nobody shares one
// with those whose network is unknown. Their other budgets hold.
func TestNetworks(t *testing.T) {
	t.Parallel()
	usage := advice.Usage{Input: 4000, Output: 600}
	cost, _ := prices(t).Cost(known, usage, time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	for _, row := range []struct {
		name, network string
		budget        advisor.Budget
		most          int // calls of a day, in sessions of their own
	}{
		{"one network", "192.0.2.0/24", advisor.Budget{Network: 3 * cost}, 3},
		{"no network", "", advisor.Budget{Network: 3 * cost}, 20},
		{"no network, a budget of the day", "", advisor.Budget{Network: 3 * cost, Day: 5 * cost}, 5},
	} {
		m := &model{name: known, usage: usage}
		d := newDesk(t, m, row.budget)
		for day := range 2 {
			m.calls = 0
			for i := range 20 {
				tt := turn(fmt.Sprint("s", day, i), fmt.Sprint("answer ", day, i))
				tt.Network = row.network
				_, _ = d.Advise(t.Context(), tt) // refused in the end
			}
			// What is put aside for a call may be more than it costs.
			if m.calls > row.most || m.calls < row.most-1 {
				t.Errorf("%s, day %d: %d calls, want %d", row.name, day+1, m.calls, row.most)
			}
			d.now = d.now.Add(24 * time.Hour)
		}
	}
}

// TestAnotherPrompt: what was said to other instructions does not serve.
func TestAnotherPrompt(t *testing.T) {
	t.Parallel()
	m := &model{name: known, says: advice.Advice{QuestionID: "logo"}}
	d := newDesk(t, m, advisor.Budget{})
	next := advisor.New(advisor.Config{Store: d.st, Model: m, Prompt: "p2", Prices: prices(t), Now: func() time.Time { return d.now }})
	for _, s := range []*advisor.Service{d.Service, next, d.Service, next} {
		if _, err := s.Advise(t.Context(), turn("s1", "we sell candles")); err != nil {
			t.Fatal(err)
		}
	}
	if m.calls != 2 {
		t.Errorf("the model was called %d times, want once for each prompt", m.calls)
	}
}

// TestWhoIsTold: the owner hears of what only an owner can mend, once a day, and of
// nothing else.
func TestWhoIsTold(t *testing.T) {
	t.Parallel()
	for class, want := range map[string]string{
		"auth": "ANTHROPIC_API_KEY", "billing": "out of money", "spend_cap": "out of money", "bad_request": "ANTHROPIC_MODEL", "overloaded": "", "timeout": "",
	} {
		m := &model{name: known, fault: &advisor.Fault{Class: class, Err: errors.New("no"), Tries: 1}}
		d := newDesk(t, m, advisor.Budget{})
		ask := func(answer string) {
			t.Helper()
			if _, err := d.Advise(t.Context(), turn("s1", answer)); !errors.Is(err, advisor.ErrNone) {
				t.Errorf("%s: Advise = %v, want ErrNone", class, err)
			}
		}
		ask("one")
		n, err := d.Notice(t.Context())
		if err != nil || (n.Text == "") != (want == "") || !strings.Contains(n.Text, want) {
			t.Errorf("%s: the owner reads %q, %v; want %q", class, n.Text, err, want)
		}
		if err := d.Dismiss(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ask("two"); d.Alarmed() {
			t.Errorf("%s: the owner is told again on the same day", class)
		}
		d.now = d.now.Add(24 * time.Hour)
		if ask("three"); d.Alarmed() != (want != "") {
			t.Errorf("%s: on the next day the owner is told: %v", class, d.Alarmed())
		}
	}
}

// TestNoticeThatCannotBeRead is an error and no empty notice.
func TestNoticeThatCannotBeRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &model{}, advisor.Budget{})
	if err := d.st.SetSetting(t.Context(), "advisor_notice", "{"); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Notice(t.Context()); err == nil {
		t.Errorf("Notice = %+v and no error", n)
	}
}

// TestAFullLine: the line has an end; whoever comes later waits for no place in it.
func TestAFullLine(t *testing.T) {
	t.Parallel()
	const most = 10_000
	d := newDesk(t, &model{}, advisor.Budget{})
	if err := d.SetMode(t.Context(), advisor.On); err != nil {
		t.Fatal(err)
	}
	for i := range most + 5 { // two are let in at once
		ahead, ok, err := d.Enter(t.Context(), fmt.Sprint("visit ", i))
		if want := min(max(0, i-2), most); err != nil || ok != (i < 2) || ahead != want {
			t.Fatalf("visit %d: %v with %d ahead, %v; want %d", i, ok, ahead, err, want)
		}
	}
	if n := d.Waiting(); n != most {
		t.Errorf("%d wait, want %d", n, most)
	}
}

// TestATurnThatNobodyTakes: a page that is open in a forgotten window shows signs
// of life for ever. It keeps nobody out for longer than TurnLife.
func TestATurnThatNobodyTakes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &model{}, advisor.Budget{})
	if err := d.SetMode(t.Context(), advisor.On); err != nil {
		t.Fatal(err)
	}
	enter := func(visit string) string {
		ahead, ok, err := d.Enter(t.Context(), visit)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(ok, ahead)
	}
	enter("a")
	enter("b")
	for d.now = d.now.Add(advisor.PlaceLife / 2); ; d.now = d.now.Add(advisor.PlaceLife / 2) {
		if d.now.Sub(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)) > 2*advisor.TurnLife {
			break
		}
		if a, b := enter("a"), enter("b"); a != "true 0" || b != "true 0" {
			t.Fatalf("while nobody waits: %s and %s, want both to keep their turn", a, b)
		}
	}
	if got := enter("c"); got != "false 0" {
		t.Errorf("whoever has just come: %s, want the first place in the line", got)
	}
	if got := enter("c"); got != "true 0" {
		t.Errorf("the first in the line: %s, want the turn that nobody took", got)
	}
	if a, b := enter("a"), enter("b"); a != "true 0" || b != "false 0" {
		t.Errorf("those who let it pass: %s and %s, want the second place for one and the line for the other", a, b)
	}
}

// TestQuotesInAnotherSpelling: a model may put an accent beside its letter. The
// client's words are the same.
func TestQuotesInAnotherSpelling(t *testing.T) {
	t.Parallel()
	m := &model{name: known, says: advice.Advice{Facts: []advice.Fact{
		{Slot: slot.Industry, Value: "cafe\u0301", Evidence: "a cafe\u0301 in Orle\u0301ans", Certainty: advice.Stated},
	}}}
	d := newDesk(t, m, advisor.Budget{})
	for range 2 { // from the model and from the cache
		got, err := d.Advise(t.Context(), turn("s1", "We are a caf\u00e9 in Orl\u00e9ans."))
		if err != nil || len(got.Facts) != 1 || got.Facts[0].Value != "caf\u00e9" || got.Facts[0].Evidence != "a caf\u00e9 in Orl\u00e9ans" {
			t.Errorf("Advise = %+v, %v; want the fact in the client's spelling", got, err)
		}
	}
}

// TestTriesAreRecorded: a call that failed twice was made twice, and one that no
// vendor heard of was not made.
func TestTriesAreRecorded(t *testing.T) {
	t.Parallel()
	m := &model{name: known, fault: &advisor.Fault{Class: "overloaded", Err: errors.New("no"), Tries: 2}}
	d := newDesk(t, m, advisor.Budget{})
	_, _ = d.Advise(t.Context(), turn("s1", "one")) // no advice
	m.fault = &advisor.Fault{Class: "paused", Err: errors.New("no")}
	_, _ = d.Advise(t.Context(), turn("s1", "two"))
	if f := d.flush(t); f.Calls != 1 || f.Asked != 2 {
		t.Errorf("%d calls of %d turns reached out, want 1 of 2", f.Calls, f.Asked)
	}
	evs, err := d.st.Events(t.Context(), "s1")
	if err != nil || len(evs) != 2 {
		t.Fatalf("events are %+v, %v", evs, err)
	}
	tries := 0 // the calls were made at one moment, so their events have no order
	for _, e := range evs {
		var p event.AdvisorCall
		if err := json.Unmarshal(e.Properties, &p); err != nil || p.Tries != 0 && p.Tries != 2 {
			t.Errorf("%d tries, %v; want 2 or none", p.Tries, err)
		}
		tries += p.Tries
	}
	if tries != 2 {
		t.Errorf("%d tries of both calls, want 2", tries)
	}
}

// TestABudgetBelowOneCall: the model is never asked, so no call can tell the
// owner; the start does, and says which setting keeps it away.
func TestABudgetBelowOneCall(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		model, want string
		budget      advisor.Budget
	}{
		{"claude-opus-5-5", "ADVISOR_BUDGET_TURN", advisor.Budget{Turn: 20_000, Session: 200_000}},
		{known, "ADVISOR_BUDGET_SESSION", advisor.Budget{Turn: 20_000, Session: 100}},
		{known, "ADVISOR_BUDGET_MONTH", advisor.Budget{Month: 1}},
		{known, "", advisor.Budget{Turn: 20_000, Session: 200_000}},
		{"tomorrow-9", "", advisor.Budget{Turn: 20_000}}, // an unknown price is charged as the dearest that is allowed
		{known, "", advisor.Budget{}},
	} {
		d := newDesk(t, &model{name: row.model}, row.budget)
		if got := d.InUse(t.Context(), ""); got != (row.want == "") {
			t.Errorf("%s with %+v: in use %v", row.model, row.budget, got)
		}
		d.flush(t) // runs
		n, err := d.Notice(t.Context())
		if err != nil || (n.Text == "") != (row.want == "") || !strings.Contains(n.Text, row.want) || n.Text != d.TooDear() {
			t.Errorf("%s with %+v: the owner reads %q, %v; want %q", row.model, row.budget, n.Text, err, row.want)
		}
	}
	if got := advisor.New(advisor.Config{}).TooDear(); got != "" {
		t.Errorf("without a model: %q", got)
	}
}
