package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const jsonType = "application/json"

func now() time.Time { return storetest.Start() }

// stamp is a moment some seconds before now, as it stands on the wire.
func stamp(ago time.Duration) string { return now().Add(-ago).Format(time.RFC3339Nano) }

func service(t *testing.T) (*ingest.Service, *store.Store) {
	t.Helper()
	s := storetest.New(t)
	return ingest.New(ingest.Config{Store: s, Now: now}), s
}

func send(t *testing.T, s *ingest.Service, body string) ingest.Report {
	t.Helper()
	r, err := s.Batch(t.Context(), []byte(body), jsonType)
	if err != nil {
		t.Fatalf("Batch(%s): %v", body, err)
	}
	return r
}

// TestSeedBatch sends what the seed's collector sends, and sends it again as
// it does when the answer is lost.
func TestSeedBatch(t *testing.T) {
	t.Parallel()
	s, st := service(t)
	body := fmt.Sprintf(`{"events":[
		{"name":"session_start","properties":{"websiteType":"business","timestamp":%[1]q},"timestamp":%[1]q,"sessionId":"sess-1"},
		{"name":"question_efficiency","properties":{"questionCount":5,"status":"normal","efficiency":"excellent"},"timestamp":%[2]q,"sessionId":"sess-1","userId":"u1"}]}`,
		stamp(2*time.Minute), stamp(time.Minute))
	first := send(t, s, body)
	if first.Accepted != 2 || first.Duplicates != 0 || first.Dropped != 0 || len(first.Results) != 2 {
		t.Errorf("first report = %+v, want 2 accepted", first)
	}
	for _, r := range first.Results {
		if r.Result != store.ResultWarning || r.Details != store.DetailDerived || r.ID == "" {
			t.Errorf("result without an id = %+v, want the warning derived_id with the derived id", r)
		}
	}
	second := send(t, s, body)
	if second.Accepted != 0 || second.Duplicates != 2 || second.Dropped != 0 {
		t.Errorf("second report = %+v, want 2 duplicates", second)
	}
	for i, r := range second.Results {
		if r.ID != first.Results[i].ID {
			t.Errorf("event %d has the id %s, then %s; want the same", i, first.Results[i].ID, r.ID)
		}
	}
	evs, err := st.Events(t.Context(), "sess-1")
	if err != nil || len(evs) != 2 {
		t.Fatalf("Events = %d, %v, want 2", len(evs), err)
	}
	storetest.Exact(t, st, []event.Event{evs[0].Event, evs[1].Event}, time.UTC)
	if !evs[0].Outside || !evs[0].ReceivedAt.After(time.Time{}) {
		t.Errorf("stored event = %+v, want one from outside with its arrival", evs[0])
	}
}

func TestEveryEventHasItsResultInOrder(t *testing.T) {
	t.Parallel()
	s, _ := service(t)
	body := fmt.Sprintf(`{"events":[
		{"id":"a","name":"cta_click","timestamp":%[1]q,"sessionId":"v1"},
		{"name":"cta_click","timestamp":%[1]q},
		{"id":"b","name":"feedback","timestamp":%[2]q,"sessionId":"v1","properties":{"rating":5}},
		{"id":"a","name":"cta_click","timestamp":%[1]q,"sessionId":"v1"},
		7,
		{"id":"c","name":"landing_view","timestamp":%[3]q,"sessionId":"v1"},
		{"id":"d","name":"landing_view","sessionId":"v1"},
		{"name":"landing_view","timestamp":%[3]q,"sessionId":"v2"},
		{"id":"e","name":"cta_click","timestamp":%[4]q,"sessionId":"v1"}]}`,
		stamp(time.Minute), stamp(30*time.Second), stamp(-time.Hour), stamp(8*24*time.Hour))
	got := send(t, s, body)
	derived := got.Results[7].ID
	want := ingest.Report{Accepted: 5, Duplicates: 1, Dropped: 3, Results: []ingest.Result{
		{ID: "a", Result: "ok"},
		{ID: "index:1", Result: "drop", Details: "missing_session"},
		{ID: "b", Result: "ok"},
		{ID: "a", Result: "duplicate"},
		{ID: "index:4", Result: "drop", Details: "not_object"},
		{ID: "c", Result: "warning", Details: "future_clamped"},
		{ID: "d", Result: "warning", Details: "no_timestamp"},
		{ID: derived, Result: "warning", Details: "derived_id,future_clamped"},
		{ID: "e", Result: "drop", Details: "too_old"},
	}}
	for i := range got.Results {
		if r := &got.Results[i]; (r.Result == "drop") != (r.Hint != "") {
			t.Errorf("result %+v: a hint belongs to a dropped event and to no other", *r)
		}
		got.Results[i].Hint = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestServerOnlyEventsOfOurSessionsDoNotCount(t *testing.T) {
	t.Parallel()
	s, st := service(t)
	sess := storetest.Session("ours", now().Add(-time.Hour))
	turn := storetest.FirstTurn(sess)
	if err := st.CreateSession(t.Context(), sess, nil, turn); err != nil {
		t.Fatalf("CreateSession: %v", err)
	}
	r := send(t, s, fmt.Sprintf(`{"events":[{"name":"session_complete","sessionId":"ours","timestamp":%q,
		"properties":{"questionCount":22,"duration":900,"confidence":96,"efficiency":99}}]}`, stamp(-time.Hour)))
	if r.Accepted != 1 || r.Results[0].Result != store.ResultWarning || r.Results[0].Details != "server_only" {
		t.Errorf("report = %+v, want the warning server_only and nothing else", r)
	}
	storetest.Exact(t, st, turn.Events, time.UTC)
}

func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	one := fmt.Sprintf(`{"events":[{"id":"a","name":"cta_click","timestamp":%q,"sessionId":"v1"}]}`, stamp(0))
	many := `{"events":[` + strings.TrimSuffix(strings.Repeat(`{"name":"cta_click","sessionId":"v1"},`, 4), ",") + `]}`
	tooMany := `{"events":[` + strings.TrimSuffix(strings.Repeat(`{},`, event.MaxBatch+1), ",") + `]}`
	tests := []struct {
		name, body, kind string
		cfg              ingest.Config
		want             error
	}{
		{name: "a form", body: one, kind: "application/x-www-form-urlencoded", want: &ingest.Unsupported{}},
		{name: "no content type", body: one, want: &ingest.Unsupported{}},
		{name: "a content type that is none", body: one, kind: ";;", want: &ingest.Unsupported{}},
		{name: "no JSON", body: `{"events":`, kind: jsonType, want: &ingest.Malformed{}},
		{name: "no events", body: `{"event":[]}`, kind: jsonType, want: &ingest.Malformed{}},
		{name: "an empty body", kind: jsonType, want: &ingest.Malformed{}},
		{name: "one byte too many", body: one + " ", kind: jsonType, cfg: ingest.Config{MaxBytes: len(one)}, want: &ingest.TooLarge{}},
		{name: "one event too many for the configuration", body: many, kind: jsonType, cfg: ingest.Config{MaxEvents: 3}, want: &ingest.TooLarge{}},
		{name: "one event too many for anybody", body: tooMany, kind: jsonType, cfg: ingest.Config{MaxEvents: 5000}, want: &ingest.TooLarge{}},
		{name: "two events where one is allowed", body: `{"events":[{"name":"cta_click","sessionId":"v1"},{"name":"cta_click","sessionId":"v2"}]}`, kind: jsonType, cfg: ingest.Config{MaxEvents: 1}, want: &ingest.TooLarge{}},
		{name: "exactly the bytes that are allowed", body: one, kind: jsonType, cfg: ingest.Config{MaxBytes: len(one)}},
		{name: "exactly the events that are allowed", body: many, kind: jsonType, cfg: ingest.Config{MaxEvents: 4}},
		{name: "a beacon", body: one, kind: "text/plain;charset=UTF-8"},
		{name: "JSON with a character set", body: one, kind: "Application/JSON; charset=utf-8"},
		{name: "an empty batch", body: `{"events":[]}`, kind: jsonType},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := storetest.New(t)
			tt.cfg.Store, tt.cfg.Now = st, now
			_, err := ingest.New(tt.cfg).Batch(t.Context(), []byte(tt.body), tt.kind)
			if got, want := fmt.Sprintf("%T", err), fmt.Sprintf("%T", tt.want); got != want {
				t.Errorf("Batch err = %s %v, want %s", got, err, want)
			}
			if tt.want == nil {
				return
			}
			if evs, _ := st.Events(t.Context(), "v1"); len(evs) > 0 {
				t.Errorf("a refused body left %d events", len(evs))
			}
			if len(err.Error()) < 15 {
				t.Errorf("error %q says too little", err)
			}
		})
	}
}

// broken is a store that cannot record.
type broken struct {
	err      error
	verdicts []store.Verdict
	calls    int
}

func (b *broken) Record(context.Context, []store.Incoming) ([]store.Verdict, error) {
	b.calls++
	return b.verdicts, b.err
}

func (b *broken) Salt(context.Context, string, string, []byte) ([]byte, error) { return nil, b.err }

func TestTheStoresErrorsReachTheCaller(t *testing.T) {
	t.Parallel()
	body := fmt.Sprintf(`{"events":[{"id":"a","name":"cta_click","timestamp":%q,"sessionId":"v1"}]}`, stamp(0))
	for _, want := range []error{store.ErrBusy, store.ErrUnknown, context.Canceled} {
		s := ingest.New(ingest.Config{Store: &broken{err: want}, Now: now})
		r, err := s.Batch(t.Context(), []byte(body), jsonType)
		if !errors.Is(err, want) || len(r.Results) != 0 {
			t.Errorf("Batch = %+v, %v, want an empty report and %v", r, err, want)
		}
	}
	if _, err := ingest.New(ingest.Config{Store: &broken{}, Now: now}).Batch(t.Context(), []byte(body), jsonType); err == nil {
		t.Error("Batch with a verdict missing = nil, want an error")
	}
	idle := &broken{err: store.ErrBusy}
	r, err := ingest.New(ingest.Config{Store: idle, Now: now}).Batch(t.Context(), []byte(`{"events":[{"name":"x"}]}`), jsonType)
	if err != nil || r.Dropped != 1 || idle.calls != 0 {
		t.Errorf("Batch with nothing to store = %+v, %v after %d calls, want 1 dropped without asking the store", r, err, idle.calls)
	}
}

func TestReportOnTheWire(t *testing.T) {
	t.Parallel()
	s, _ := service(t)
	b, err := json.Marshal(send(t, s, fmt.Sprintf(`{"events":[{"id":"a","name":"cta_click","timestamp":%q,"sessionId":"v1"},{"id":"b","sessionId":"v1"}]}`, stamp(0))))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"accepted":1,"duplicates":0,"dropped":1,"results":[{"id":"a","result":"ok"},{"id":"b","result":"drop","details":"missing_name","hint":"The event has no name."}]}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("report as JSON (-want +got):\n%s", diff)
	}
	b, err = json.Marshal(send(t, s, `{"events":[]}`))
	if err != nil || string(b) != `{"accepted":0,"duplicates":0,"dropped":0,"results":[]}` {
		t.Errorf("empty report as JSON = %s, %v, want an empty list of results", b, err)
	}
}

// TestManySendersOfTheSameBatches is the collector under retries: everybody
// sends everything, and each event counts once.
func TestManySendersOfTheSameBatches(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	late := func() time.Time { return storetest.Start().Add(48 * time.Hour) }
	s := ingest.New(ingest.Config{Store: st, Now: late})
	evs := storetest.Stream(4, 30, storetest.Start())
	var bodies []string
	for len(evs) > 0 {
		n := min(len(evs), 61)
		bodies = append(bodies, body(t, evs[:n]))
		evs = evs[n:]
	}
	const senders = 5
	accepted := make([]int, senders)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for j := range bodies {
				r, err := s.Batch(t.Context(), []byte(bodies[(i+j)%len(bodies)]), jsonType)
				if err != nil || r.Dropped > 0 {
					t.Errorf("Batch = %d dropped, %v", r.Dropped, err)
					return
				}
				accepted[i] += r.Accepted
			}
		})
	}
	wg.Wait()
	evs = storetest.Stream(4, 30, storetest.Start())
	total := 0
	for _, n := range accepted {
		total += n
	}
	if total != len(evs) {
		t.Errorf("%d events accepted over all senders, want %d", total, len(evs))
	}
	for i := range evs {
		evs[i].At = evs[i].At.Truncate(time.Millisecond) // the wire keeps milliseconds
	}
	storetest.Exact(t, st, evs, time.UTC)
}

func body(t *testing.T, evs []event.Event) string {
	t.Helper()
	type wire struct {
		ID         event.ID        `json:"id"`
		Name       event.Name      `json:"name"`
		SessionID  event.SessionID `json:"sessionId"`
		Timestamp  time.Time       `json:"timestamp"`
		Properties json.RawMessage `json:"properties"`
	}
	list := make([]wire, len(evs))
	for i, e := range evs {
		list[i] = wire{e.ID, e.Name, e.SessionID, e.At, e.Properties}
	}
	b, err := json.Marshal(map[string]any{"events": list})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// BenchmarkBatch sends events as the seed's collector does, with ids.
func BenchmarkBatch(b *testing.B) { benchmarkBatch(b, false) }

// BenchmarkClockedBatch sends them as a collector does that tells its clocks
// and running numbers.
func BenchmarkClockedBatch(b *testing.B) { benchmarkBatch(b, true) }

func benchmarkBatch(b *testing.B, clocked bool) {
	b.Helper()
	late := func() time.Time { return storetest.Start().Add(48 * time.Hour) }
	st := storetest.SQLite(b, store.Config{Now: late})
	s := ingest.New(ingest.Config{Store: st, Now: late})
	sent, seed := 0, uint64(0)
	for b.Loop() {
		b.StopTimer()
		seed++
		evs := storetest.Stream(seed, 20, storetest.Start())
		evs = evs[:min(len(evs), 500)]
		type wire map[string]any
		list := make([]wire, len(evs))
		for i, e := range evs {
			list[i] = wire{"id": e.ID, "name": e.Name, "sessionId": e.SessionID, "timestamp": e.At, "properties": e.Properties}
			if clocked {
				list[i]["seq"], list[i]["mono"] = i+1, e.At.Sub(storetest.Start()).Milliseconds()
			}
		}
		out := wire{"events": list}
		if clocked {
			out["sent_at"], out["sent_mono"] = late().Add(-time.Second), (48*time.Hour - time.Second).Milliseconds()
		}
		raw, err := json.Marshal(out)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := s.Batch(b.Context(), raw, jsonType); err != nil {
			b.Fatal(err)
		}
		sent += len(evs)
	}
	b.ReportMetric(float64(sent)/b.Elapsed().Seconds(), "events/s")
}
