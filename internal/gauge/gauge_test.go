package gauge_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// noon is a Tuesday.
func noon() time.Time { return time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC) }

// builtin finds a rule of the house.
func builtin(tb testing.TB, id alert.RuleID) alert.Rule {
	tb.Helper()
	rules, err := alert.Builtin()
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range rules {
		if r.ID == id {
			return r
		}
	}
	tb.Fatalf("there is no rule %s", id)
	return alert.Rule{}
}

// visit is a session as somebody made it.
type visit struct {
	at       time.Time
	clicked  bool
	finished bool
	after    time.Duration // the end, from the entry
	late     bool          // classified after question 7
	unsure   bool
}

func (v visit) events(id event.SessionID) []event.Event {
	list := []event.Payload{event.LandingView{Source: "ads"}}
	if v.clicked {
		list = append(list, event.Plain{Name: event.NameCTAClick}, event.Plain{Name: event.NameFoundationStart}, event.SessionStart{WebsiteType: "business", Timestamp: v.at})
	}
	if v.finished {
		number, confidence := 5, 90
		if v.late {
			number = 9
		}
		if v.unsure {
			confidence = 60
		}
		list = append(
			list,
			event.NewBusinessModelClassified("service", confidence, number),
			event.NewFeaturesRecommended([]string{"booking", "blog"}, "professional", 6500, 11),
			event.NewFeaturesSelected([]string{"booking"}, []string{"blog"}, 5250),
			event.NewSessionComplete(24, v.after, 96),
		)
	}
	var out []event.Event
	for i, p := range list {
		at := v.at.Add(time.Duration(i) * time.Second)
		if i == len(list)-1 && v.finished {
			at = v.at.Add(v.after)
		}
		out = append(out, event.New(id, i+1, at, p))
	}
	return out
}

// with records visits.
func with(tb testing.TB, visits ...visit) *store.Store {
	tb.Helper()
	st := storetest.New(tb)
	record(tb, st, "visit", visits...)
	return st
}

func record(tb testing.TB, st *store.Store, name string, visits ...visit) {
	tb.Helper()
	var list []store.Incoming
	for i, v := range visits {
		for _, e := range v.events(event.SessionID(fmt.Sprintf("%s-%d", name, i))) {
			list = append(list, store.Incoming{Event: e})
		}
	}
	for len(list) > 0 {
		n := min(len(list), 500)
		if _, err := st.Record(tb.Context(), list[:n]); err != nil {
			tb.Fatal(err)
		}
		list = list[n:]
	}
}

func read(tb testing.TB, g *gauge.Gauges, r alert.Rule, now time.Time) []alert.Reading {
	tb.Helper()
	source := g.Sources()[r.Metric]
	if source == nil {
		tb.Fatalf("nothing measures %s", r.Metric)
	}
	list, err := source(tb.Context(), r, now)
	if err != nil {
		tb.Fatalf("measure %s: %v", r.Metric, err)
	}
	return list
}

func same(tb testing.TB, what string, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Sessions of one age are compared: what is younger than two hours has not had
// its time, and who finished after more than two hours counts as not finished.
func TestSameAgeCohorts(t *testing.T) {
	t.Parallel()
	r := builtin(t, "conversion_overall")
	day := func(n int, hour float64) time.Time {
		return noon().AddDate(0, 0, -n).Add(time.Duration(hour * float64(time.Hour)))
	}
	done := func(at time.Time, after time.Duration) visit {
		return visit{at: at, clicked: true, finished: true, after: after}
	}
	st := with(t,
		done(day(0, -1), time.Minute),   // too young
		done(day(0, -3), time.Hour),     // today
		done(day(0, -4), 3*time.Hour),   // too slow
		visit{at: day(0, -5)},           // today, went away
		done(day(2, 0), time.Hour),      // before
		visit{at: day(3, 0)},            // before
		done(day(20, 0), 5*time.Minute), // before the fourteen days
	)
	got := read(t, gauge.New(gauge.Config{Store: st}), r, noon())
	want := condition.Count{Span: r.When.Drop.Windows[0].Span, Now: stat.Rate{Hits: 1, Of: 3}, Before: stat.Rate{Hits: 1, Of: 2}}
	same(t, "24 hours", got[0].Counts[0], want)
	want = condition.Count{Span: r.When.Drop.Windows[2].Span, Now: stat.Rate{Hits: 2, Of: 5}, Before: stat.Rate{Hits: 1, Of: 1}}
	same(t, "7 days", got[0].Counts[2], want)
}

func TestOutagesAreLeftOutOfWhatIsUsual(t *testing.T) {
	t.Parallel()
	down := noon().AddDate(0, 0, -3)
	st := with(t, visit{at: noon().Add(-3 * time.Hour)}, visit{at: down}, visit{at: down.Add(time.Hour), clicked: true})
	g := gauge.New(gauge.Config{Store: st, Outages: func(context.Context, time.Time, time.Time) ([]gauge.Span, error) {
		return []gauge.Span{{From: down.Add(-time.Minute), To: down.Add(time.Minute)}}, nil
	}})
	got := read(t, g, builtin(t, "conversion_cta"), noon())
	same(t, "before, without the outage", got[0].Counts[0].Before, stat.Rate{Hits: 1, Of: 1})
}

// What happens between two rounds is seen by the next one, each session once.
func TestASessionThatGoesOn(t *testing.T) {
	t.Parallel()
	st := with(t, visit{at: noon().Add(-150 * time.Minute)})
	g := gauge.New(gauge.Config{Store: st})
	r := builtin(t, "target_cta")
	same(t, "at first", read(t, g, r, noon())[0].Counts[0].Now, stat.Rate{Hits: 0, Of: 1})
	record(t, st, "visit", visit{at: noon().Add(-150 * time.Minute), clicked: true})
	record(t, st, "more", visit{at: noon().Add(-140 * time.Minute)})
	same(t, "within the same minutes", read(t, g, r, noon().Add(time.Minute))[0].Counts[0].Now, stat.Rate{Hits: 0, Of: 1})
	same(t, "later", read(t, g, r, noon().Add(6*time.Minute))[0].Counts[0].Now, stat.Rate{Hits: 1, Of: 2})
	same(t, "days later", read(t, g, r, noon().AddDate(0, 0, 5))[0].Counts[0].Now, stat.Rate{Hits: 1, Of: 2})
	same(t, "weeks later", read(t, g, r, noon().AddDate(0, 0, 80))[0].Counts[0].Now, stat.Rate{})
}

func TestClassification(t *testing.T) {
	t.Parallel()
	at := noon().Add(-5 * time.Hour)
	st := with(t,
		visit{at: at, clicked: true, finished: true, after: time.Hour},
		visit{at: at, clicked: true, finished: true, after: time.Hour, late: true, unsure: true},
	)
	g := gauge.New(gauge.Config{Store: st})
	same(t, "on time", read(t, g, builtin(t, "classification_delayed"), noon())[0].Counts[0].Now, stat.Rate{Hits: 1, Of: 2})
	late := read(t, g, builtin(t, "classification_late"), noon())[0]
	same(t, "late", late.Value, 1.0)
	same(t, "the late ones", late.Causes, []string{"visit-1"})
	unsure := read(t, g, builtin(t, "classification_confidence"), noon())[0]
	same(t, "unsure", unsure.Counts[0].Now, stat.Rate{Hits: 1, Of: 2})
	same(t, "the unsure ones", unsure.Causes, []string{"visit-1"})
	questions := read(t, g, builtin(t, "question_efficiency"), noon())[0]
	same(t, "questions", questions, alert.Reading{Value: 24, Sample: 2, Causes: []string{"visit-0", "visit-1"}})
}

// An alert about a step of the funnel names the newest sessions that did not take
// it, once they had the time to.
func TestSessionsBehindADrop(t *testing.T) {
	t.Parallel()
	hours := func(n int) time.Time { return noon().Add(-time.Duration(n) * time.Hour) }
	g := gauge.New(gauge.Config{Store: with(t,
		visit{at: hours(1)}, // may still click
		visit{at: hours(3)}, visit{at: hours(4), clicked: true}, visit{at: hours(5)}, visit{at: hours(6)},
		visit{at: hours(30)}, // too long ago
	)})
	same(t, "who did not click", read(t, g, builtin(t, "conversion_cta"), noon())[0].Causes, []string{"visit-1", "visit-3", "visit-4"})
	same(t, "who did not end", read(t, g, builtin(t, "conversion_overall"), noon())[0].Causes, []string{"visit-1", "visit-2", "visit-3", "visit-4"})
	same(t, "who did not choose", read(t, g, builtin(t, "feature_adoption"), noon())[0].Causes, []string(nil))
}

func TestAdoption(t *testing.T) {
	t.Parallel()
	var visits []visit
	for i := range 30 {
		visits = append(visits, visit{at: noon().Add(-time.Duration(i+3) * time.Hour), clicked: true, finished: true, after: time.Hour})
	}
	st := with(t, visits...)
	g := gauge.New(gauge.Config{Store: st})
	// All chose one of two: there is nothing to be unsure about.
	same(t, "upper end", read(t, g, builtin(t, "feature_adoption"), noon())[0], alert.Reading{Value: 0.5, Sample: 30})
	got := read(t, g, builtin(t, "low_adoption"), noon())
	if len(got) != 2 || got[0].Labels["feature"] != "blog" || got[0].Counts[0].Now != (stat.Rate{Of: 30}) || got[1].Counts[0].Now != (stat.Rate{Hits: 30, Of: 30}) {
		t.Errorf("by feature = %+v, want blog never and booking always", got)
	}
}

func TestTraffic(t *testing.T) {
	t.Parallel()
	var visits []visit
	for week := 1; week <= 4; week++ {
		for i := range 20 {
			visits = append(visits, visit{at: noon().AddDate(0, 0, -7*week).Add(-time.Duration(i+1) * 2 * time.Minute)})
		}
	}
	for i := range 300 {
		visits = append(visits, visit{at: noon().Add(-time.Duration(i+1) * 10 * time.Second)})
	}
	g := gauge.New(gauge.Config{Store: with(t, visits...)})
	spike := read(t, g, builtin(t, "traffic_spike"), noon())[0]
	same(t, "times the usual", spike.Value, 15.0)
	if v := read(t, g, builtin(t, "unusual_traffic"), noon())[0].Value; v < 60 || v > 65 {
		t.Errorf("robust deviations = %v, want (300-20)/sqrt(20)", v)
	}
	same(t, "without a past", read(t, g, builtin(t, "traffic_spike"), noon().AddDate(0, 0, -21))[0].NoData, true)
}

func TestRequests(t *testing.T) {
	t.Parallel()
	q := new(gauge.Requests)
	now := noon().Add(30 * time.Second)
	for i := range 100 {
		status, took := 200, time.Second
		if i%10 == 0 {
			status = 500
		}
		if i == 1 {
			took = 4 * time.Second
		}
		if i == 2 {
			took = 11 * time.Second
		}
		q.Observe(now.Add(-time.Duration(i)*time.Minute), took, status)
	}
	g := gauge.New(gauge.Config{Store: storetest.New(t), Requests: q})
	counts := read(t, g, builtin(t, "error_rate"), now)[0].Counts
	same(t, "errors in 5 and 30 minutes", []stat.Rate{counts[0].Now, counts[1].Now}, []stat.Rate{{Hits: 1, Of: 5}, {Hits: 3, Of: 30}})
	same(t, "slower than 3 s", read(t, g, builtin(t, "latency_3s"), now)[0].Counts[0].Now, stat.Rate{Hits: 2, Of: 30})
	same(t, "slower than 10 s", read(t, g, builtin(t, "latency_10s"), now)[0].Counts[0].Now, stat.Rate{Hits: 1, Of: 5})
	same(t, "after four days", read(t, g, builtin(t, "error_rate"), now.AddDate(0, 0, 4))[0].Counts[0].Now, stat.Rate{})
}

func TestJobsAndLogins(t *testing.T) {
	t.Parallel()
	st := storetest.Any(t, store.Config{Now: noon})
	for range 3 {
		if err := st.Audit(t.Context(), store.AuditEntry{At: noon().Add(-time.Minute), Actor: "anonymous", Action: "login_failed"}); err != nil {
			t.Fatal(err)
		}
	}
	g := gauge.New(gauge.Config{Store: st})
	same(t, "failed logins", read(t, g, builtin(t, "auth_bruteforce"), noon())[0].Value, 3.0)
	for _, kind := range []string{"documents", "mail"} {
		if _, err := st.Enqueue(t.Context(), store.NewJob{Kind: kind, Payload: []byte("{}"), Due: noon()}); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := st.Lease(t.Context(), []string{"documents", "mail"}, 5, time.Minute)
	if err != nil || len(jobs) != 2 {
		t.Fatalf("Lease() = %d jobs, %v", len(jobs), err)
	}
	for _, j := range jobs {
		if err := st.BuryJob(t.Context(), j, "no"); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "documents that failed", read(t, g, builtin(t, "document_generation_failed"), noon())[0].Value, 1.0)
	same(t, "mails that failed", read(t, g, builtin(t, "email_failures"), noon())[0].Counts[0].Now, stat.Rate{Hits: 1, Of: 1})
	same(t, "dead notices", read(t, g, builtin(t, "notify_dead_letter"), noon())[0].Value, 0.0)
}

func TestSeries(t *testing.T) {
	t.Parallel()
	g := gauge.New(gauge.Config{Store: with(t, visit{at: noon().AddDate(0, 0, -1)})})
	r := builtin(t, "conversion_cta")
	if _, known := g.Series(r, noon().AddDate(0, 0, -2), noon()); known {
		t.Error("Series() before anything was read is known, want not")
	}
	read(t, g, r, noon())
	list, known := g.Series(r, noon().AddDate(0, 0, -2), noon())
	if !known || len(list) != 49 {
		t.Errorf("Series(two days by the hour) = %d readings, %v; want 49", len(list), known)
	}
	if n, known := g.PerDay(r, noon()); !known || n != 1.0/14 {
		t.Errorf("PerDay() = %v, %v, want 1 in 14 days", n, known)
	}
	if _, known := g.PerDay(builtin(t, "memory"), noon()); known {
		t.Error("PerDay(memory) is known, want not")
	}
}

// Attempts to give the model orders, and clarifications, are counted with the
// sessions in which they were.
func TestInjectionsAndClarifications(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	var list []store.Incoming
	add := func(id event.SessionID, n int, ago time.Duration, p event.Payload) {
		list = append(list, store.Incoming{Event: event.New(id, n, noon().Add(-ago), p), Own: true})
	}
	for i, ago := range []time.Duration{10 * time.Minute, 20 * time.Minute, 3 * time.Hour} {
		id := event.SessionID(fmt.Sprintf("visit-%d", i))
		add(id, 1, ago, event.LandingView{Source: "ads"})
		add(id, 2, ago, event.InjectionSuspected{PatternID: "orders", QuestionNumber: 1})
		add(id, 3, ago, event.InjectionSuspected{PatternID: "orders", QuestionNumber: 2})
	}
	add("visit-0", 4, 9*time.Minute, event.ValidationLoop{LoopNumber: 1, Category: "business", Response: "clarify"})
	add("visit-1", 4, 9*time.Minute, event.ValidationLoop{LoopNumber: 1, Category: "business", Response: "correct"})
	add("visit-2", 4, 170*time.Minute, event.ValidationLoop{LoopNumber: 1, Category: "business", Response: "clarify"})
	if _, err := st.Record(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	g := gauge.New(gauge.Config{Store: st})
	got := read(t, g, builtin(t, "prompt_injection_spike"), noon())[0]
	same(t, "attempts of the hour", got.Value, 4.0)
	same(t, "where", got.Causes, []string{"visit-0", "visit-1", "visit-2"})
	got = read(t, g, builtin(t, "clarification"), noon())[0]
	same(t, "clarifications of who had the time", got.Counts[0].Now, stat.Rate{Hits: 1, Of: 1})
	same(t, "whose", got.Causes, []string{"visit-0", "visit-2"})
}
