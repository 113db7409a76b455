//nolint:thelper // these are the tests of the suite, not helpers
package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

func verdicts(t *testing.T, open Open) {
	s := open(t, store.Config{})
	click := event.New("v1", 1, Start(), event.Plain{Name: event.NameCTAClick})
	view := event.New("v1", 2, Start(), event.LandingView{Source: "ads"})
	odd := event.Event{ID: "odd", Name: "their_own_event", SessionID: "v1", At: Start(), Properties: []byte(`{"a":1}`)}
	got := record(t, s,
		store.Incoming{Event: click},
		store.Incoming{Event: view, Derived: true},
		store.Incoming{Event: click},
		store.Incoming{Event: odd},
		store.Incoming{Event: event.Event{Name: event.NameCTAClick, SessionID: "v1"}},
		store.Incoming{Event: event.Event{ID: "x", SessionID: "v1"}},
		store.Incoming{Event: event.Event{ID: "y", Name: event.NameCTAClick}},
	)
	same(t, "verdicts", got, []store.Verdict{
		{ID: click.ID, Result: store.ResultOK},
		{ID: view.ID, Result: store.ResultWarning, Details: store.DetailDerived},
		{ID: click.ID, Result: store.ResultDuplicate},
		{ID: "odd", Result: store.ResultOK},
		{Result: store.ResultDrop, Details: store.DetailIncomplete},
		{ID: "x", Result: store.ResultDrop, Details: store.DetailIncomplete},
		{ID: "y", Result: store.ResultDrop, Details: store.DetailIncomplete},
	})
	again := record(t, s, store.Incoming{Event: view, Derived: true}, store.Incoming{Event: odd})
	same(t, "verdicts of a repeat", again, []store.Verdict{
		{ID: view.ID, Result: store.ResultDuplicate}, {ID: "odd", Result: store.ResultDuplicate},
	})
	if empty := record(t, s); len(empty) != 0 {
		t.Errorf("Record(nothing) = %v, want no verdicts", empty)
	}
	Exact(t, s, []event.Event{click, view, odd}, time.UTC)
}

func serverOnly(t *testing.T, open Open) {
	s := open(t, store.Config{})
	create(t, s, "ours", Start())
	at := Start().Add(time.Minute)
	fake := event.New("ours", 90, at, event.NewSessionComplete(22, 900*time.Second, 96))
	theirs := event.New("theirs", 90, at, event.NewSessionComplete(22, 900*time.Second, 96))
	seen := event.New("ours", 91, at, event.Plain{Name: event.NameFeatureViewed})
	documents := event.New("ours", 92, at, event.NewDocumentGenerated(event.DocumentScope, 5001, time.Second))
	got := record(t, s,
		store.Incoming{Event: fake, Derived: true},
		store.Incoming{Event: theirs},
		store.Incoming{Event: seen},
		store.Incoming{Event: documents, Own: true},
	)
	same(t, "verdicts", got, []store.Verdict{
		{ID: fake.ID, Result: store.ResultWarning, Details: store.DetailServerOnly},
		{ID: theirs.ID, Result: store.ResultOK},
		{ID: seen.ID, Result: store.ResultOK},
		{ID: documents.ID, Result: store.ResultOK},
	})
	first := FirstTurn(Session("ours", Start())).Events
	Exact(t, s, append(first, theirs, seen, documents), time.UTC)
	same(t, "repeated verdicts", record(t, s, store.Incoming{Event: fake}),
		[]store.Verdict{{ID: fake.ID, Result: store.ResultDuplicate}})

	stored, err := s.Events(t.Context(), "ours")
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	for _, e := range stored {
		if want := e.ID != fake.ID; e.Counted != want {
			t.Errorf("event %s is counted = %v, want %v", e.Name, e.Counted, want)
		}
		if want := e.ID == fake.ID || e.ID == seen.ID; e.Outside != want {
			t.Errorf("event %s came from outside = %v, want %v", e.Name, e.Outside, want)
		}
	}
}

func manySessionsInOneBatch(t *testing.T, open Open) {
	s := open(t, store.Config{})
	// More sessions than fit into one list of a statement; every fifth is ours.
	var own, want []event.Event
	var in []store.Incoming
	for i := range 600 {
		id := event.SessionID(fmt.Sprintf("s%03d", i))
		fake := event.New(id, 90, Start().Add(time.Minute), event.NewSessionComplete(22, 900*time.Second, 96))
		in = append(in, store.Incoming{Event: fake})
		if i%5 == 4 {
			create(t, s, id, Start())
			own = append(own, FirstTurn(Session(id, Start())).Events...)
		} else {
			want = append(want, fake)
		}
	}
	for i, v := range record(t, s, in...) {
		details := ""
		if i%5 == 4 {
			details = store.DetailServerOnly
		}
		if v.ID != in[i].Event.ID || v.Details != details {
			t.Errorf("verdict %d = %+v, want id %s and details %q", i, v, in[i].Event.ID, details)
		}
	}
	Exact(t, s, append(want, own...), time.UTC)
}

func disowned(t *testing.T, open Open) {
	s := open(t, store.Config{})
	at := Start().Add(-time.Minute)
	view := event.New("s1", 80, at, event.LandingView{Source: "ads"})
	fake := event.New("s1", 81, at, event.NewSessionComplete(22, 900*time.Second, 96))
	visit := event.New("s1", 82, at, event.Plain{Name: event.NameConversationStart})
	alone := event.New("s2", 81, at, event.NewSessionComplete(22, 900*time.Second, 96))
	record(t, s, store.Incoming{Event: view}, store.Incoming{Event: fake}, store.Incoming{Event: visit, Own: true}, store.Incoming{Event: alone})
	Exact(t, s, []event.Event{view, fake, visit, alone}, time.UTC)

	create(t, s, "s1", Start())
	silent := Session("s2", Start())
	if err := s.CreateSession(t.Context(), silent, nil, intake.Turn{}); err != nil {
		t.Fatalf("CreateSession without events: %v", err)
	}
	Exact(t, s, append(FirstTurn(Session("s1", Start())).Events, view, visit), time.UTC)
	stored, err := s.Events(t.Context(), "s1")
	if err != nil || len(stored) != 4 {
		t.Fatalf("Events = %d, %v, want all 4 kept", len(stored), err)
	}
	for _, e := range stored {
		if want := e.ID != fake.ID; e.Counted != want {
			t.Errorf("event %s is counted = %v, want %v", e.Name, e.Counted, want)
		}
	}
}

func idsPerOrigin(t *testing.T, open Open) {
	s := open(t, store.Config{})
	rec := create(t, s, "s1", Start())
	turn := NextTurn(rec.Session, "A bakery", Start().Add(time.Minute))
	squatter := turn.Events[0]
	squatter.Name, squatter.Properties = event.NameFeedback, []byte(`{}`)
	record(t, s, store.Incoming{Event: squatter})
	if err := s.CommitTurn(t.Context(), rec, turn); err != nil {
		t.Fatalf("CommitTurn: %v", err)
	}
	stored, err := s.Events(t.Context(), "s1")
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	names := make(map[event.Name]int)
	for _, e := range stored {
		names[e.Name]++
	}
	same(t, "events by name", names, map[event.Name]int{
		event.NameSessionStart: 1, event.NameMessageSent: 1, event.NameQuestionEfficiency: 1, event.NameFeedback: 1,
	})
	NoDrift(t, s)

	// The same id in another session is another event.
	twin := squatter
	twin.SessionID = "s2"
	same(t, "verdicts of a twin and a repeat", record(t, s, Outside(twin, squatter)...), []store.Verdict{
		{ID: twin.ID, Result: store.ResultOK}, {ID: twin.ID, Result: store.ResultDuplicate},
	})
}

func eventsRoundTrip(t *testing.T, open Open) {
	now := Start().Add(time.Hour)
	s := open(t, store.Config{Now: func() time.Time { return now }})
	odd := event.Event{
		ID: "e2", Name: event.NameFeedback, SessionID: "v1", UserID: "u7",
		At: Start().Add(1_234_567 * time.Nanosecond).In(time.FixedZone("somewhere", 3600)), Properties: []byte(`{"rating":"ü","n":1e3}`),
	}
	bare := event.Event{ID: "e1", Name: event.NameCTAClick, SessionID: "v1", At: Start()}
	record(t, s, Outside(odd, bare)...)
	got, err := s.Events(t.Context(), "v1")
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	bare.Properties = []byte(`{}`)
	odd.At = Start().Add(1_234 * time.Microsecond)
	same(t, "stored events", got, []store.StoredEvent{
		{Event: bare, Outside: true, Counted: true, ReceivedAt: now},
		{Event: odd, Outside: true, Counted: true, ReceivedAt: now},
	})
}

func activeSessions(t *testing.T, open Open) {
	s := open(t, store.Config{})
	active := func(since time.Time) int {
		t.Helper()
		n, err := s.ActiveSessions(t.Context(), since)
		if err != nil {
			t.Fatalf("ActiveSessions: %v", err)
		}
		return n
	}
	record(t, s, Outside(event.New("visitor", 1, Start(), event.LandingView{}))...)
	if got := active(Start().Add(-time.Hour)); got != 0 {
		t.Errorf("ActiveSessions with a mere visitor = %d, want 0", got)
	}
	create(t, s, "s1", Start())
	create(t, s, "s2", Start().Add(10*time.Minute))
	answer(t, s, "s2", "A bakery", Start().Add(12*time.Minute))
	for _, tt := range []struct {
		since time.Duration
		want  int
	}{{-time.Minute, 2}, {0, 2}, {time.Second, 1}, {12 * time.Minute, 1}, {13 * time.Minute, 0}} {
		if got := active(Start().Add(tt.since)); got != tt.want {
			t.Errorf("ActiveSessions(start + %v) = %d, want %d", tt.since, got, tt.want)
		}
	}
	rec := load(t, s, "s2")
	if err := s.CommitTurn(t.Context(), rec, Finish(rec.Session, Start().Add(20*time.Minute))); err != nil {
		t.Fatalf("CommitTurn: %v", err)
	}
	if got := active(Start()); got != 1 {
		t.Errorf("ActiveSessions after one was completed = %d, want 1", got)
	}
	record(t, s, Outside(event.New("crawler", 1, Start(), event.LandingView{Bot: "agent"}), event.New("crawler", 2, Start(), event.SessionStart{WebsiteType: "business"}))...)
	if got := active(Start()); got != 1 {
		t.Errorf("ActiveSessions with one of a program = %d, want 1, because programs count in no figure", got)
	}
	if err := s.Judge(t.Context(), "crawler", false, Start()); err != nil {
		t.Fatal(err)
	}
	if got := active(Start()); got != 2 {
		t.Errorf("ActiveSessions after a person spoke for it = %d, want 2", got)
	}
}

func orderDoesNotMatter(t *testing.T, open Open) {
	for seed := range uint64(6) {
		evs := Stream(seed, 25, Start())
		s := open(t, store.Config{})
		r := rand.New(rand.NewPCG(seed, 7))
		sent := append(slices.Clone(evs), evs[:len(evs)/2]...)
		r.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
		ok := 0
		for len(sent) > 0 {
			n := min(1+r.IntN(60), len(sent))
			for _, v := range record(t, s, Outside(sent[:n]...)...) {
				if v.Result == store.ResultOK {
					ok++
				}
			}
			sent = sent[n:]
		}
		if ok != len(evs) {
			t.Errorf("seed %d: %d events were new, want %d", seed, ok, len(evs))
		}
		Exact(t, s, evs, time.UTC)
	}
}

func concurrentSenders(t *testing.T, open Open) {
	s := open(t, store.Config{})
	evs := Stream(99, 30, Start())
	const senders = 6
	oks := make([]int, senders)
	var wg sync.WaitGroup
	for i := range senders {
		mine := slices.Clone(evs)
		r := rand.New(rand.NewPCG(99, uint64(i)))
		r.Shuffle(len(mine), func(a, b int) { mine[a], mine[b] = mine[b], mine[a] })
		wg.Go(func() {
			n, err := sendAll(t.Context(), s, mine, 37)
			if err != nil {
				t.Errorf("sender %d: %v", i, err)
			}
			oks[i] = n
		})
	}
	wg.Wait()
	total := 0
	for _, n := range oks {
		total += n
	}
	if total != len(evs) {
		t.Errorf("%d events were called new over all senders, want %d", total, len(evs))
	}
	Exact(t, s, evs, time.UTC)
}

// sendAll records events in batches and counts those that were new.
func sendAll(ctx context.Context, s *store.Store, evs []event.Event, size int) (ok int, err error) {
	for chunk := range slices.Chunk(evs, size) {
		verdicts, err := s.Record(ctx, Outside(chunk...))
		if err != nil {
			return ok, err
		}
		for _, v := range verdicts {
			if v.Result == store.ResultOK {
				ok++
			}
		}
	}
	return ok, nil
}

func perCallMetrics(t *testing.T, open Open) {
	s := open(t, store.Config{})
	key := metric.Key{Tier: metric.Quarter, Metric: metric.API, Dimension: metric.All, Bucket: 7}
	probe := metric.Key{Tier: metric.Day, Metric: metric.Probes, Dimension: metric.All, Bucket: 8}
	for range 3 {
		if err := s.AddRollups(t.Context(), metric.Delta{key: {1: 2, 5: 1}, probe: {0: 1}}); err != nil {
			t.Fatalf("AddRollups: %v", err)
		}
	}
	if err := s.AddRollups(t.Context(), nil); err != nil {
		t.Errorf("AddRollups(nothing) = %v, want nil", err)
	}
	refused := metric.Delta{{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.All, Bucket: 8}: {0: 1}, key: {1: 1}}
	if err := s.AddRollups(t.Context(), refused); err == nil {
		t.Error("AddRollups(a metric of sessions) = nil, want an error")
	}
	record(t, s, Outside(Stream(1, 5, Start())...)...)
	if n, err := s.RebuildRollups(t.Context(), false); n != 0 || err != nil {
		t.Errorf("RebuildRollups = %d, %v, want 0, nil", n, err)
	}
	want := metric.Delta{key: {1: 6, 5: 3}, probe: {0: 3}}
	same(t, "per-call rollups", Stored(t, s, want), want)

	for _, tt := range []struct {
		name string
		ask  metric.Range
		want int
	}{
		{"both ends are included", metric.Range{Tier: metric.Quarter, Metric: metric.API, From: 7, To: 7}, 1},
		{"a range before", metric.Range{Tier: metric.Quarter, Metric: metric.API, From: 0, To: 6}, 0},
		{"a range after", metric.Range{Tier: metric.Quarter, Metric: metric.API, From: 8, To: 99}, 0},
		{"another tier", metric.Range{Tier: metric.Day, Metric: metric.API, From: 7, To: 7}, 0},
		{"its dimension", metric.Range{Tier: metric.Quarter, Metric: metric.API, Dimension: metric.All, From: 7, To: 7}, 1},
		{"another dimension", metric.Range{Tier: metric.Quarter, Metric: metric.API, Dimension: metric.DimModel, From: 7, To: 7}, 0},
	} {
		rows, err := s.Rollups(t.Context(), []metric.Range{tt.ask})
		if err != nil || len(rows) != tt.want {
			t.Errorf("Rollups(%s) = %d rows, %v, want %d", tt.name, len(rows), err, tt.want)
		}
	}
}

func zoneMoves(t *testing.T, open Open) {
	path := t.TempDir()
	evs := Stream(5, 40, Start())
	s := open(t, store.Config{Path: path})
	record(t, s, Outside(evs...)...)
	Exact(t, s, evs, time.UTC)
	for _, name := range []string{"Asia/Kathmandu", "America/Los_Angeles", "UTC"} {
		if err := s.Close(); err != nil {
			t.Fatalf("Close: %v", err)
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatalf("LoadLocation(%s): %v", name, err)
		}
		s = open(t, store.Config{Path: path, Zone: zone})
		Exact(t, s, evs, zone)
		more := Stream(uint64(len(name)), 3, Start())
		record(t, s, Outside(more...)...)
		evs = append(evs, more...)
		Exact(t, s, evs, zone)
	}
}

func daylightSaving(t *testing.T, open Open) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatalf("LoadLocation: %v", err)
	}
	s := open(t, store.Config{Zone: zone})
	var evs []event.Event
	for d, day := range []time.Time{
		time.Date(2026, time.November, 1, 0, 0, 0, 0, zone), // 25 hours
		time.Date(2027, time.March, 14, 0, 0, 0, 0, zone),   // 23 hours
	} {
		for q, at := 0, day.Add(-30*time.Minute); at.Before(day.Add(26 * time.Hour)); q, at = q+1, at.Add(15*time.Minute) {
			id := event.SessionID(fmt.Sprintf("dst-%d-%03d", d, q))
			evs = append(evs, event.New(id, 1, at, event.LandingView{}),
				event.New(id, 2, at.Add(time.Second), event.SessionStart{WebsiteType: "business", Timestamp: at}))
		}
	}
	record(t, s, Outside(evs...)...)
	Exact(t, s, evs, zone)
	days := make(map[int64]bool)
	for k := range Stored(t, s, Expected(evs, zone)) {
		if k.Tier == metric.Day {
			days[k.Bucket] = true
		}
	}
	want := make(map[int64]bool)
	for _, e := range evs {
		want[metric.DayBucket(e.At, zone)] = true
	}
	same(t, "days with sessions", days, want)
	if len(want) != 6 {
		t.Errorf("the sessions touch %d local days, want the evening before, the day and the morning after, twice", len(want))
	}
}
