package advisor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// model is a scripted one. Its zero value answers every turn at once.
type model struct {
	mu    sync.Mutex
	calls int
	fault *advisor.Fault
	state advisor.State
	usage advice.Usage
	name  string
	says  advice.Advice

	thinking func() // what happens until the answer comes
}

func (m *model) Ask(context.Context, advice.Snapshot) (advisor.Reply, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.thinking != nil {
		m.thinking()
	}
	if m.fault != nil {
		return advisor.Reply{}, m.fault
	}
	return advisor.Reply{Advice: m.says, Usage: m.usage, Model: m.Name(), Latency: 800 * time.Millisecond, FirstToken: 300 * time.Millisecond, Tries: 1}, nil
}

func (m *model) State() advisor.State { return m.state }

func (m *model) Reset() { m.state = advisor.State{} }

func (m *model) Name() string {
	if m.name == "" {
		return "test-1"
	}
	return m.name
}

func (m *model) Canary() string { return "heron-55aa" }

func prices(tb testing.TB) advice.Prices {
	tb.Helper()
	p, err := advice.DefaultPrices()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// known is a model of the table of prices.
const known = "claude-haiku-5-5"

type desk struct {
	*advisor.Service
	st    *store.Store
	model *model
	now   time.Time
}

func newDesk(tb testing.TB, m *model, b advisor.Budget) *desk {
	tb.Helper()
	d := &desk{st: storetest.New(tb), model: m, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}
	d.Service = d.open(tb, b)
	return d
}

// open is another process over the same store.
func (d *desk) open(tb testing.TB, b advisor.Budget) *advisor.Service {
	tb.Helper()
	return advisor.New(advisor.Config{
		Store: d.st, Model: d.model, Prompt: "p1", Prices: prices(tb), Budget: b, Conversations: 2, Now: func() time.Time { return d.now },
	})
}

// flush writes down what was recorded.
func (d *desk) flush(tb testing.TB) store.AdvisorFigures {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	cancel()
	d.Run(ctx)
	f, err := d.st.AdvisorFigures(tb.Context(), d.now.Add(-48*time.Hour), d.now.Add(time.Hour))
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func turn(id, answer string) advisor.Turn {
	return advisor.Turn{Session: event.SessionID(id), Question: "goal", Network: "192.0.2.0/24", Sent: advice.Snapshot{
		Lang: "en", LastAnswer: answer, AllowedActions: []advice.Action{advice.Ask},
		AllowedQuestions: []advice.Question{{ID: "logo", Text: "Is there a logo already?"}},
	}}
}

func TestAdviseRecords(t *testing.T) {
	t.Parallel()
	m := &model{name: known, usage: advice.Usage{Input: 3000, Output: 200}, says: advice.Advice{
		QuestionID: "logo", Wording: "Is there a logo already?", Action: advice.Ask,
		Facts: []advice.Fact{{Evidence: "invented", Slot: slot.Avoid, Value: "invented", Certainty: advice.Stated}},
	}}
	d := newDesk(t, m, advisor.Budget{})
	for range 2 { // the second is served by the cache
		got, err := d.Advise(t.Context(), turn("s1", "we sell candles"))
		if err != nil || got.QuestionID != "logo" || len(got.Facts) != 0 {
			t.Fatalf("Advise = %+v, %v; want the question without the invented fact", got, err)
		}
	}
	f := d.flush(t)
	if m.calls != 1 {
		t.Errorf("the model was called %d times, want once", m.calls)
	}
	if diff := cmp.Diff(map[string]int64{"ok": 1, "cached": 1}, f.Outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	want, _ := prices(t).Cost(known, m.usage, d.now)
	if f.MicroUSD != want || f.Unpriced != 0 || f.Dropped != 2 || f.Calls != 1 || !slices.Equal(f.Latency, []int64{800}) || !slices.Equal(f.First, []int64{300}) {
		t.Errorf("figures are %+v, want a cost of %d", f, want)
	}
	evs, err := d.st.Events(t.Context(), "s1")
	if err != nil || len(evs) != 2 || evs[0].Name != event.NameAdvisorCall || evs[0].Counted {
		t.Errorf("events are %+v, %v; want two calls that count nowhere", evs, err)
	}
	facts, err := d.st.Sessions(t.Context(), store.SessionFilter{})
	if err != nil || len(facts) != 0 {
		t.Errorf("calls made %d sessions", len(facts))
	}
	// Another process finds the answer in the database.
	if _, err := d.open(t, advisor.Budget{}).Advise(t.Context(), turn("s2", "we sell candles")); err != nil || m.calls != 1 {
		t.Errorf("another process: %v after %d calls, want the cached answer", err, m.calls)
	}
}

func TestUnknownPriceIsUnknown(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &model{name: "tomorrow-9", usage: advice.Usage{Input: 10}}, advisor.Budget{Turn: 1000, Session: 1500})
	if _, err := d.Advise(t.Context(), turn("s1", "one")); err != nil {
		t.Fatal(err)
	}
	_, err := d.Advise(t.Context(), turn("s1", "two"))
	if !errors.Is(err, advisor.ErrNone) || !strings.Contains(err.Error(), "budget_session") {
		t.Errorf("the second turn: %v, want the session's budget to be used up, because an unknown price counts as a whole turn", err)
	}
	f := d.flush(t)
	if f.Unpriced != 1 || f.MicroUSD != 0 {
		t.Errorf("figures are %+v, want one call of an unknown price", f)
	}
	n, err := d.Notice(t.Context())
	if err != nil || n.Text == "" {
		t.Errorf("Notice = %+v, %v; want the owner to be told", n, err)
	}
	if err := d.Dismiss(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, _ := d.Notice(t.Context()); n.Text != "" {
		t.Errorf("the dismissed notice is still there: %q", n.Text)
	}
}

// TestBudgets uses up each budget in turn and checks what is told to whom.
func TestBudgets(t *testing.T) {
	t.Parallel()
	usage := advice.Usage{Input: 4000, Output: 600}
	cost, _ := prices(t).Cost(known, usage, time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	for _, row := range []struct {
		name   string
		budget advisor.Budget
		want   string
	}{
		{"of a turn", advisor.Budget{Turn: 1}, "budget_turn"},
		{"of a session", advisor.Budget{Session: 10 * cost}, "budget_session"},
		{"of a network", advisor.Budget{Network: 10 * cost}, "budget_network"},
		{"of a day", advisor.Budget{Day: 10 * cost}, "budget_day"},
		{"of a month", advisor.Budget{Month: 10 * cost}, "budget_month"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := &model{name: known, usage: usage, says: advice.Advice{QuestionID: "logo", Wording: "Is there a logo already?", Action: advice.Ask}}
			d := newDesk(t, m, row.budget)
			worded, bare := 0, 0
			network := turn("s1", "").Network
			if got, want := d.InUse(t.Context(), network), row.want != "budget_turn"; got != want {
				t.Errorf("InUse before anything is spent = %v, want %v", got, want)
			}
			var err error
			for i := 0; err == nil && i < 20; i++ {
				var got advice.Advice
				if got, err = d.Advise(t.Context(), turn("s1", fmt.Sprint("answer ", i))); err != nil {
					break
				}
				if got.Wording == "" {
					bare++
				} else {
					worded++
				}
			}
			if !errors.Is(err, advisor.ErrNone) || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("after %d calls: %v, want %s", m.calls, err, row.want)
			}
			if row.want != "budget_turn" && (worded < 7 || bare < 1) {
				t.Errorf("%d turns were worded and %d not, want wording to end at four fifths", worded, bare)
			}
			if got, want := d.InUse(t.Context(), network), row.want == "budget_session"; got != want {
				t.Errorf("InUse when the budget is used up = %v, want %v", got, want)
			}
			if row.want == "budget_network" && !d.InUse(t.Context(), "198.51.100.0/24") {
				t.Error("the budget of one network keeps the model from others")
			}
			if n, err := d.Notice(t.Context()); err != nil || !strings.Contains(n.Text, row.want) {
				t.Errorf("Notice = %q, %v; want the owner to hear of %s", n.Text, err, row.want)
			}
			if row.want == "budget_day" {
				d.flush(t)
				if _, err := d.open(t, row.budget).Advise(t.Context(), turn("s2", "after a restart")); !errors.Is(err, advisor.ErrNone) {
					t.Errorf("a restart renews the budget of the day: %v", err)
				}
				if d.open(t, row.budget).InUse(t.Context(), network) {
					t.Error("after a restart the model is said to be in use, and its budget is used up")
				}
				d.now = d.now.Add(24 * time.Hour)
				if !d.InUse(t.Context(), network) {
					t.Error("the next day nobody is told of the model")
				}
				if _, err := d.Advise(t.Context(), turn("s2", "the day after")); err != nil {
					t.Errorf("the next day: %v", err)
				}
			}
		})
	}
}

// TestFallback checks the switch, the breaker and what serves meanwhile.
func TestFallback(t *testing.T) {
	t.Parallel()
	m := &model{name: known, says: advice.Advice{QuestionID: "logo"}}
	d := newDesk(t, m, advisor.Budget{})
	if _, err := d.Advise(t.Context(), turn("s1", "cached")); err != nil {
		t.Fatal(err)
	}
	other := d.open(t, advisor.Budget{})
	if err := other.SetMode(t.Context(), advisor.On); err != nil {
		t.Fatal(err)
	}
	d.Refresh(t.Context())
	if !d.Fallback() || d.InUse(t.Context(), "") {
		t.Fatal("the switch of another process is not seen")
	}
	if _, err := d.Advise(t.Context(), turn("s1", "cached")); err != nil {
		t.Errorf("cached advice does not serve in fallback mode: %v", err)
	}
	if _, err := d.Advise(t.Context(), turn("s1", "fresh")); !errors.Is(err, advisor.ErrNone) || m.calls != 1 {
		t.Errorf("fallback mode: %v after %d calls, want none", err, m.calls)
	}
	if err := d.SetMode(t.Context(), advisor.Auto); err != nil {
		t.Fatal(err)
	}
	m.state = advisor.State{Open: true, Cause: "overloaded"}
	if _, err := d.Advise(t.Context(), turn("s1", "fresh")); !errors.Is(err, advisor.ErrNone) || !d.Fallback() {
		t.Errorf("with an open breaker: %v", err)
	}
	for pause, want := range map[time.Duration]bool{time.Minute: true, 2 * time.Hour: false} {
		if m.state.Until = d.now.Add(pause); d.InUse(t.Context(), "") != want {
			t.Errorf("calls pause for %s, and the model counts as in use = %v in an interview that begins now", pause, !want)
		}
	}
	if err := d.SetMode(t.Context(), advisor.Off); err != nil {
		t.Fatal(err)
	}
	if d.Fallback() {
		t.Error("fallback mode that is off is on")
	}
	m.fault = &advisor.Fault{Class: "auth", Err: errors.New("refused"), Model: known, Tries: 2}
	if _, err := d.Advise(t.Context(), turn("s1", "fresh")); !errors.Is(err, m.fault) {
		t.Errorf("a refused key: %v", err)
	}
	f := d.flush(t)
	if diff := cmp.Diff(map[string]int64{"ok": 1, "cached": 1, "skipped": 2, "auth": 1}, f.Outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if n, _ := d.Notice(t.Context()); !strings.Contains(n.Text, "ANTHROPIC_API_KEY") {
		t.Errorf("the owner heard %q of a refused key", n.Text)
	}
	if _, err := advisor.ParseMode("maybe"); err == nil {
		t.Error("ParseMode(maybe) is taken")
	}
}

// TestBudgetOfSeveral: processes on one database share the budget of the day, and
// of the month, within a minute.
func TestBudgetOfSeveral(t *testing.T) {
	t.Parallel()
	usage := advice.Usage{Input: 4000, Output: 600}
	cost, _ := prices(t).Cost(known, usage, time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	for name, b := range map[string]advisor.Budget{"budget_day": {Day: 10 * cost}, "budget_month": {Month: 10 * cost}} {
		m := &model{name: known, usage: usage}
		d := newDesk(t, m, b)
		asked := 0
		spend := func(s *advisor.Service, most int) (err error) {
			for i := 0; i < most && err == nil; i++ {
				asked++
				_, err = s.Advise(t.Context(), turn("s1", fmt.Sprint("answer ", asked)))
			}
			return err
		}
		if err := spend(d.Service, 1); err != nil {
			t.Fatal(err)
		}
		other := d.open(t, b)
		if err := spend(other, 8); err != nil {
			t.Fatal(err)
		}
		over, end := context.WithCancel(t.Context())
		end()
		other.Run(over)
		d.flush(t)
		d.now = d.now.Add(time.Minute)
		if err := spend(d.Service, 8); err == nil || !strings.Contains(err.Error(), name) || m.calls > 10 {
			t.Errorf("%s: %v after %d calls of both, want at most 10", name, err, m.calls)
		}
	}
}

// TestRetry ends the pauses for an owner who put right what kept calls away, also
// from another process, once for each wish and never for one of yesterday.
func TestRetry(t *testing.T) {
	t.Parallel()
	m := &model{name: known, says: advice.Advice{QuestionID: "logo"}}
	d := newDesk(t, m, advisor.Budget{})
	paused := advisor.State{Open: true, Cause: "billing", Until: d.now.Add(6 * time.Hour)}
	m.state = paused
	if err := d.Retry(t.Context()); err != nil || d.Fallback() {
		t.Fatalf("Retry = %v, fallback mode %v; want it over", err, d.Fallback())
	}
	m.state = paused
	if d.Refresh(t.Context()); !d.Fallback() {
		t.Error("a wish that was followed is followed again")
	}
	d.now = d.now.Add(time.Minute)
	if err := d.open(t, advisor.Budget{}).Retry(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.state = paused
	if d.Refresh(t.Context()); d.Fallback() {
		t.Error("the wish of another process is not seen")
	}
	m.state = paused
	next := d.open(t, advisor.Budget{})
	begun(t, d, next)
	if !next.Fallback() {
		t.Error("a process that begins follows a wish of before")
	}
}

// begun runs a process until it has read the settings once.
func begun(t *testing.T, d *desk, s *advisor.Service) {
	t.Helper()
	if err := d.st.SetSetting(t.Context(), "advisor_notice", `{"text":"look here"}`); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { s.Run(ctx) })
	storetest.Until(t, func() (bool, error) {
		if !s.Alarmed() {
			return false, errors.New("the notice is not seen")
		}
		return true, nil
	})
	end()
	wg.Wait()
}

// TestDoor lets visitors line up: first come, first served, and who leaves
// loses the place.
func TestDoor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, &model{}, advisor.Budget{})
	enter := func(visit string) string {
		ahead, ok, err := d.Enter(t.Context(), visit)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(ok, ahead)
	}
	if got := enter("free"); got != "true 0" {
		t.Errorf("without fallback mode: %s", got)
	}
	if err := d.SetMode(t.Context(), advisor.On); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		wait  time.Duration
		visit string
		want  string
	}{
		{0, "a", "true 0"},
		{0, "b", "true 0"},
		{0, "c", "false 0"},
		{0, "d", "false 1"},
		{0, "e", "false 2"},
		{30 * time.Second, "c", "false 0"},
		{0, "e", "false 2"},
		{0, "a", "true 0"},
		{0, "b", "true 0"},
		{31 * time.Second, "e", "false 1"}, // d left
		{0, "c", "false 0"},
		{31 * time.Second, "c", "true 0"}, // a and b never began
		{0, "e", "true 0"},
		{0, "f", "false 0"},
	} {
		d.now = d.now.Add(step.wait)
		if got := enter(step.visit); got != step.want {
			t.Errorf("at %s, %s enters: %s, want %s", d.now.Format(time.TimeOnly), step.visit, got, step.want)
		}
	}
	if n := d.Waiting(); n != 1 {
		t.Errorf("%d wait, want 1", n)
	}
	d.now = d.now.Add(40 * time.Second)
	enter("f")
	enter("c")
	d.now = d.now.Add(advisor.PlaceLife)
	if n, long := d.Waiting(), d.Oldest(); n != 1 || long != 100*time.Second {
		t.Errorf("%d wait, the first for %s; want one, who came 100 s ago and was last seen a minute ago", n, long)
	}
	d.Began("c")
	if n := d.Waiting(); n != 1 {
		t.Errorf("after another one began %d wait, want still 1", n)
	}
	if got := enter("f"); got != "true 0" {
		t.Errorf("after another one began and counts by itself: %s", got)
	}
	if n := d.Oldest(); n != 0 {
		t.Errorf("where nobody waits, the first waits for %s", n)
	}
}

// TestAdviseAtOnce asks from many sides and checks that budgets hold together.
func TestAdviseAtOnce(t *testing.T) {
	t.Parallel()
	usage := advice.Usage{Input: 4000, Output: 600}
	cost, _ := prices(t).Cost(known, usage, time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	m := &model{name: known, usage: usage}
	d := newDesk(t, m, advisor.Budget{Day: 20 * cost})
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			_, _ = d.Advise(t.Context(), turn(fmt.Sprint("s", i%7), fmt.Sprint("answer ", i))) // most are refused
		})
	}
	wg.Wait()
	if f := d.flush(t); f.MicroUSD > 20*cost || f.Asked != 100 {
		t.Errorf("%d asked and %d spent, want 100 and at most %d", f.Asked, f.MicroUSD, 20*cost)
	}
}

// TestAdviceAfterErasure has a session erased while the model is thinking: the
// answer is neither cached nor recorded with the session, and what it cost stays.
func TestAdviceAfterErasure(t *testing.T) {
	t.Parallel()
	const id = "01936000-0000-7000-8000-00000000e8a5"
	m := &model{name: known, usage: advice.Usage{Input: 3000, Output: 200}, says: advice.Advice{QuestionID: "logo", Action: advice.Ask}}
	d := &desk{st: storetest.SQLite(t, store.Config{}), model: m, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)} // the file is looked at
	d.Service = d.open(t, advisor.Budget{})
	sess := storetest.Session(id, d.now)
	if err := d.st.CreateSession(t.Context(), sess, []byte("x"), storetest.FirstTurn(sess)); err != nil {
		t.Fatal(err)
	}
	m.thinking = func() {
		if err := d.st.Erase(t.Context(), id, "client"); err != nil {
			t.Errorf("Erase: %v", err)
		}
	}
	if _, err := d.Advise(t.Context(), turn(id, "Zyxmarker sells candles")); !errors.Is(err, advisor.ErrNone) {
		t.Errorf("Advise err = %v, want ErrNone", err)
	}
	f := d.flush(t)
	if cost, _ := prices(t).Cost(known, m.usage, d.now); f.MicroUSD != cost || f.Calls != 1 {
		t.Errorf("figures are %+v, want the cost of %d", f, cost)
	}
	content, err := os.ReadFile(d.st.File() + "-wal")
	if err != nil || len(content) == 0 {
		t.Fatalf("the log holds nothing: %v", err)
	}
	main, err := os.ReadFile(d.st.File())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(append(content, main...), []byte(id)) {
		t.Error("the database names the erased session")
	}
	m.thinking = nil
	if _, err := d.Advise(t.Context(), turn("s2", "Zyxmarker sells candles")); err != nil || m.calls != 2 {
		t.Errorf("somebody else who says the same: %v after %d calls, want a call of their own", err, m.calls)
	}
}
