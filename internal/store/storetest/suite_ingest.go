//nolint:thelper // these are the tests of the suite, not helpers
package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// clocked wraps events whose times are those of a clock that lags.
func clocked(skew time.Duration, evs ...event.Event) []store.Incoming {
	in := Outside(evs...)
	for i := range in {
		in[i].Clocked, in[i].Skew = true, skew
	}
	return in
}

// later moves events in time.
func later(d time.Duration, evs ...event.Event) []event.Event {
	out := slices.Clone(evs)
	for i := range out {
		out[i].At = out[i].At.Add(d)
	}
	return out
}

func smallestSkew(t *testing.T, open Open) {
	s := open(t, store.Config{Now: func() time.Time { return Start().Add(time.Hour) }})
	view := event.New("v1", 1, Start(), event.LandingView{Source: "ads"})
	click := event.New("v1", 2, Start().Add(14*time.Minute), event.SessionStart{WebsiteType: "business"})
	other := event.New("v2", 1, Start(), event.LandingView{})
	plain := event.New("v1", 3, Start(), event.Plain{Name: event.NameConversationStart})

	record(t, s, clocked(9*time.Minute, view)...)
	record(t, s, clocked(7*time.Minute, other)...)
	record(t, s, Outside(plain)...)
	Exact(t, s, slices.Concat(later(9*time.Minute, view), later(7*time.Minute, other), []event.Event{plain}), time.UTC)

	record(t, s, clocked(90*time.Second, click)...) // a request that travelled faster
	record(t, s, clocked(20*time.Minute, view)...)  // a slow repeat changes nothing
	want := slices.Concat(later(90*time.Second, view, click), later(7*time.Minute, other), []event.Event{plain})
	Exact(t, s, want, time.UTC)

	record(t, s, clocked(-time.Second, view)...) // a repeat tells the time too
	want = slices.Concat(later(-time.Second, view, click), later(7*time.Minute, other), []event.Event{plain})
	Exact(t, s, want, time.UTC)
	stored, err := s.Events(t.Context(), "v1")
	if err != nil || len(stored) != 3 || !stored[0].At.Equal(Start().Add(-time.Second)) || !stored[1].At.Equal(Start()) {
		t.Errorf("Events = %+v, %v, want the corrected times", stored, err)
	}
}

func absurdSkew(t *testing.T, open Open) {
	now := Start().Add(time.Hour)
	s := open(t, store.Config{Now: func() time.Time { return now }})
	view := event.New("v1", 1, Start(), event.LandingView{})
	record(t, s, clocked(0, view)...)
	future := event.New("v1", 2, Start().AddDate(50, 0, 0), event.Plain{Name: event.NameCTAClick})
	record(t, s, clocked(now.Sub(future.At), future)...)
	// The first event cannot be older than events may be when they arrive.
	Exact(t, s, []event.Event{later(-event.MaxAge+time.Hour, view)[0], later(now.Sub(future.At), future)[0]}, time.UTC)

	var sent []event.Event
	for n := range 100 { // a clock that runs away makes only so many corrections
		e := event.New("v2", n, Start(), event.Plain{Name: event.NameCTAClick})
		record(t, s, clocked(-time.Duration(n)*time.Second, e)...)
		sent = append(sent, e)
	}
	Exact(t, s, slices.Concat(later(-event.MaxAge+time.Hour, view), later(now.Sub(future.At), future), later(-32*time.Second, sent...)), time.UTC)
}

// clocksInAnyOrder sends sessions with clocks of their own in requests that
// travel for some time, shuffled and half of them twice.
func clocksInAnyOrder(t *testing.T, open Open) {
	type request struct {
		skew time.Duration
		evs  []event.Event
	}
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 5))
		bySession := make(map[event.SessionID][]event.Event)
		for n, e := range Stream(seed, 20, Start()) {
			e.Seq = int64(n%3) * int64(n) // some without a number
			bySession[e.SessionID] = append(bySession[e.SessionID], e)
		}
		var requests []request
		var want []event.Event
		for _, evs := range bySession {
			clock := time.Duration(r.Int64N(int64(2*time.Hour))) - time.Hour
			least := time.Duration(1 << 62)
			for chunk := range slices.Chunk(evs, 1+r.IntN(9)) {
				skew := (clock + time.Duration(r.Int64N(int64(30*time.Second)))).Truncate(time.Millisecond)
				least = min(least, skew)
				requests = append(requests, request{skew, chunk})
			}
			want = append(want, later(least, evs...)...)
		}
		requests = append(requests, requests[:len(requests)/2]...)
		r.Shuffle(len(requests), func(i, j int) { requests[i], requests[j] = requests[j], requests[i] })
		s := open(t, store.Config{Now: func() time.Time { return Start().Add(40 * time.Hour) }})
		for _, req := range requests {
			record(t, s, clocked(req.skew, req.evs...)...)
		}
		Exact(t, s, want, time.UTC)
	}
}

func runningNumbers(t *testing.T, open Open) {
	s := open(t, store.Config{})
	at := func(n int, seq int64, after time.Duration, p event.Payload) event.Event {
		e := event.New("v1", n, Start().Add(after), p)
		e.Seq = seq
		return e
	}
	evs := []event.Event{
		at(1, 3, 0, event.SessionStart{WebsiteType: "nonprofit"}),
		at(2, 2, time.Minute, event.SessionStart{WebsiteType: "business"}), // its clock was set back after
		at(3, 1, 2*time.Minute, event.LandingView{Source: "ads"}),
		at(4, 0, 90*time.Second, event.Plain{Name: event.NameCTAClick}),
	}
	record(t, s, Outside(evs...)...)
	Exact(t, s, evs, time.UTC)
	key := metric.Key{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.DimWebsite, Value: "nonprofit", Bucket: metric.DayBucket(Start(), time.UTC)}
	if Stored(t, s, Expected(evs, time.UTC))[key] == nil {
		t.Error("the last website type by number does not count")
	}
	stored, err := s.Events(t.Context(), "v1")
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	var order []int64
	for _, e := range stored {
		order = append(order, e.Seq)
	}
	same(t, "numbers in the order of the timeline", order, []int64{1, 2, 0, 3})
}

func marksOfBots(t *testing.T, open Open) {
	s := open(t, store.Config{})
	view := event.New("v1", 1, Start(), event.LandingView{Source: "ads"})
	click := event.New("v1", 2, Start().Add(time.Minute), event.Plain{Name: event.NameCTAClick})
	click.Bot = "headless:headlesschrome,speed"
	record(t, s, Outside(view)...)
	record(t, s, Outside(click)...)
	Exact(t, s, []event.Event{view, click}, time.UTC)
	bots := metric.Key{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.DimBot, Bucket: metric.DayBucket(Start(), time.UTC)}
	people := bots
	people.Dimension = metric.All
	got := Stored(t, s, metric.Delta{bots: {0: 1}})
	if got[bots][0] != 1 || got[people] != nil {
		t.Errorf("rollups of a marked session = %v, want it among the bots and nowhere else", got)
	}
	stored, err := s.Events(t.Context(), "v1")
	if err != nil || len(stored) != 2 || stored[1].Bot != click.Bot {
		t.Errorf("Events = %+v, %v, want the reasons kept", stored, err)
	}

	// Our own interview begins: the server knows whom it talks to.
	create(t, s, "v1", Start().Add(2*time.Minute))
	unmarked := click
	unmarked.Bot = ""
	first := FirstTurn(Session("v1", Start().Add(2*time.Minute))).Events
	Exact(t, s, append(slices.Clone(first), view, unmarked), time.UTC)
	late := event.New("v1", 7, Start().Add(3*time.Minute), event.Plain{Name: event.NameFeatureViewed})
	late.Bot = "speed"
	record(t, s, Outside(late)...)
	late.Bot = ""
	Exact(t, s, append(slices.Clone(first), view, unmarked, late), time.UTC)
	got = Stored(t, s, metric.Delta{bots: {0: 1}})
	if got[bots] != nil || got[people][0] != 1 {
		t.Errorf("rollups of a conducted session = %v, want it among the people", got)
	}

	// A mark alone, without facts to take back.
	if err := s.CreateSession(t.Context(), Session("v9", Start()), nil, intake.Turn{}); err != nil {
		t.Fatalf("CreateSession: %v", err)
	}
}

func boundedNames(t *testing.T, open Open) {
	path := t.TempDir()
	s := open(t, store.Config{Path: path})
	var all []store.Incoming
	for n := range store.MaxNames + 50 {
		name := event.Name(fmt.Sprintf("theirs_%d", n))
		all = append(all, store.Incoming{Event: event.Event{ID: event.ID(name), Name: name, SessionID: "v1", At: Start()}})
	}
	dropped := 0
	for i, v := range record(t, s, all...) {
		if want := i >= store.MaxNames; (v.Result == store.ResultDrop) != want || want && v.Details != store.DetailNames {
			t.Errorf("verdict of name %d = %+v", i, v)
		}
		if v.Result == store.ResultDrop {
			dropped++
		}
	}
	if dropped != 50 {
		t.Errorf("%d names were refused, want 50", dropped)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	s = open(t, store.Config{Path: path})
	own := event.Event{ID: "own", Name: "of_the_server", SessionID: "v1", At: Start()}
	got := record(t, s, all[3], all[store.MaxNames+3],
		store.Incoming{Event: event.New("v1", 1, Start(), event.Plain{Name: event.NameCTAClick})}, store.Incoming{Event: own, Own: true})
	var results []string
	for _, v := range got {
		results = append(results, v.Result)
	}
	same(t, "results after the store was opened again", results,
		[]string{store.ResultDuplicate, store.ResultDrop, store.ResultOK, store.ResultOK})
}

func dailySalts(t *testing.T, open Open) {
	path := t.TempDir()
	s := open(t, store.Config{Path: path})
	salt := func(day, oldest, fresh string) string {
		t.Helper()
		got, err := s.Salt(t.Context(), day, oldest, []byte(fresh))
		if err != nil {
			t.Fatalf("Salt(%s): %v", day, err)
		}
		return string(got)
	}
	same(t, "salts", []string{
		salt("2026-11-18", "2026-11-09", "one"), salt("2026-11-18", "2026-11-09", "two"), salt("2026-11-19", "2026-11-10", "three"),
	}, []string{"one", "one", "three"})
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	s = open(t, store.Config{Path: path})
	same(t, "salts after the store was opened again and the first day is over", []string{
		salt("2026-11-18", "2026-11-09", "four"), salt("2026-11-20", "2026-11-19", "five"), salt("2026-11-18", "2026-11-09", "six"),
		salt("2026-11-19", "2026-11-10", "seven"),
	}, []string{"one", "five", "six", "three"})
	same(t, "salt of a day before the oldest", salt("2026-11-17", "2026-11-18", "past"), "past")
}
