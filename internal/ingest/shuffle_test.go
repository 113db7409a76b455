package ingest_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

var long = flag.Bool("long", false, "let TestInterleavedSessions take 10,000 sessions instead of 1,000")

// device is a visitor's browser: its clock is off by some hours, and its
// requests travel for up to half a minute.
type device struct {
	ahead time.Duration
	least time.Duration // smallest skew of its requests so far
	start time.Time     // of its steady clock
}

// part is what one device sends in one request.
type part struct {
	device *device
	travel time.Duration
	events []event.Event // at their true times
}

// body spells a request as the device knows it. The true time of sending
// follows from the time of arrival and the travel.
func (p *part) body(t *testing.T, arrival time.Time) []byte {
	t.Helper()
	sent := arrival.Add(-p.travel)
	type wire struct {
		ID         event.ID        `json:"id"`
		Name       event.Name      `json:"name"`
		SessionID  event.SessionID `json:"sessionId"`
		Timestamp  int64           `json:"timestamp"`
		Seq        int64           `json:"seq"`
		Mono       int64           `json:"mono"`
		Properties json.RawMessage `json:"properties"`
	}
	out := struct {
		SentAt   int64  `json:"sent_at"`
		SentMono int64  `json:"sent_mono"`
		Events   []wire `json:"events"`
	}{SentAt: sent.Add(p.device.ahead).UnixMilli(), SentMono: sent.Sub(p.device.start).Milliseconds()}
	for _, e := range p.events {
		out.Events = append(out.Events, wire{
			e.ID, e.Name, e.SessionID, e.At.Add(p.device.ahead).UnixMilli(), e.Seq, e.At.Sub(p.device.start).Milliseconds(), e.Properties,
		})
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestInterleavedSessions lets a thousand visitors (10,000 with -long) with
// wrong clocks send their visits in pieces, all of them at once, shuffled and
// half of them twice. Facts and rollups must be those of the events folded in
// order at their corrected times, byte for byte.
func TestInterleavedSessions(t *testing.T) {
	t.Parallel()
	sessions := 1000
	if *long {
		sessions = 10_000
	}
	if testing.Short() {
		sessions = 100
	}
	arrival := storetest.Start().Add(48 * time.Hour)
	clock := func() time.Time { return arrival }
	st := storetest.Any(t, store.Config{Now: clock})
	s := ingest.New(ingest.Config{Store: st, Now: clock})
	r := rand.New(rand.NewPCG(11, 12))
	parts := visitParts(r, sessions)
	total := 0
	for i := range parts {
		total += len(parts[i].events)
		parts[i].device.least = min(parts[i].device.least, parts[i].travel-parts[i].device.ahead)
	}
	sent := append(slices.Clone(parts), parts[:len(parts)/2]...)
	r.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })

	const senders = 8
	var accepted, duplicates [senders]int
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for n := i; n < len(sent); n += senders {
				report, err := s.Batch(t.Context(), sent[n].body(t, arrival), jsonType)
				if err != nil || report.Dropped+report.Retry > 0 {
					t.Errorf("Batch = %+v, %v", report, err)
					return
				}
				accepted[i] += report.Accepted
				duplicates[i] += report.Duplicates
			}
		})
	}
	wg.Wait()
	if got := sum(accepted[:]); got != total {
		t.Errorf("%d events were accepted, want each of %d once", got, total)
	}
	if sum(duplicates[:]) == 0 {
		t.Error("no event was sent twice")
	}
	// What the server can know: the true time and the shortest travel.
	var want []event.Event
	for _, p := range parts {
		for _, e := range p.events {
			e.At = e.At.Add(p.device.ahead + p.device.least)
			want = append(want, e)
		}
	}
	storetest.Exact(t, st, want, time.UTC)
}

// visitParts makes the visits, each by a device of its own, cut into requests.
func visitParts(r *rand.Rand, sessions int) []part {
	var parts []part
	var evs []event.Event
	for seed := range uint64(max(sessions/100, 1)) {
		evs = append(evs, storetest.Stream(seed, 100, storetest.Start())...)
	}
	bySession := make(map[event.SessionID][]event.Event)
	for _, e := range evs {
		e.At = e.At.Truncate(time.Millisecond)
		e.Seq = int64(len(bySession[e.SessionID]) + 1)
		bySession[e.SessionID] = append(bySession[e.SessionID], e)
	}
	ids := make([]string, 0, len(bySession))
	for id := range bySession {
		ids = append(ids, string(id))
	}
	slices.Sort(ids)
	for _, id := range ids {
		list := bySession[event.SessionID(id)]
		d := &device{
			ahead: time.Duration(r.IntN(6*3_600_000)-3*3_600_000) * time.Millisecond,
			start: list[0].At.Add(-time.Second), least: 1 << 62,
		}
		for chunk := range slices.Chunk(list, 4+r.IntN(20)) {
			parts = append(parts, part{d, time.Duration(1+r.IntN(30_000)) * time.Millisecond, chunk})
		}
	}
	return parts
}

func sum(list []int) (total int) {
	for _, n := range list {
		total += n
	}
	return total
}

// TestABadEventNeverCostsTheOthers puts one good event between all the bad
// ones of a table, in both forms.
func TestABadEventNeverCostsTheOthers(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 400) + strings.Repeat("]", 400)
	names := make([]string, event.MaxMembers+1)
	for i := range names {
		names[i] = fmt.Sprintf(`"p%d":1`, i)
	}
	bad := map[string]string{
		`7`:                                     "not_object",
		`{}`:                                    "missing_name",
		`{"name":"x"}`:                          "missing_session",
		`{"name":"x\u0000"}`:                    "bad_name",
		`{"event":"x","sessionId":"undefined"}`: "bad_session",
		`{"name":"x","sessionId":"s","timestamp":"soon"}`:                                       "bad_timestamp",
		`{"name":"x","sessionId":"s","timestamp":1}`:                                            "too_old",
		`{"name":"x","sessionId":"s","properties":[]}`:                                          "bad_properties",
		`{"name":"x","sessionId":"s","properties":{"a":` + deep + `}}`:                          "properties_too_deep",
		`{"name":"x","sessionId":"s","properties":{"a":"` + strings.Repeat("x", 33<<10) + `"}}`: "properties_too_large",
		`{"name":"x","sessionId":"s","properties":{` + strings.Join(names, ",") + `}}`:          "too_many_properties",
		`{"name":"x","sessionId":"s","extra":"` + strings.Repeat("x", 37<<10) + `"}`:            "event_too_large",
		"{\"name\":\"x\",\"sessionId\":\"s\",\"properties\":{\"a\":\"\xfe\"}}":                  "invalid_utf8",
	}
	for raw, reason := range bad {
		for _, form := range []struct{ kind, body string }{
			{jsonType, `{"events":[` + line("a") + `,` + raw + `,` + line("b") + `]}`},
			{"application/x-ndjson", line("a") + "\n" + raw + "\n" + line("b")},
		} {
			s, st := service(t)
			r, err := s.Batch(t.Context(), []byte(form.body), form.kind)
			if err != nil {
				t.Errorf("%.60q: %v", raw, err)
				continue
			}
			if r.Accepted != 2 || r.Dropped != 1 || r.Results[1].Details != reason || r.Results[1].Hint == "" {
				t.Errorf("%.60q: %+v, want two accepted and %s with a hint", raw, r, reason)
			}
			if evs, err := st.Events(t.Context(), "v1"); err != nil || len(evs) != 2 {
				t.Errorf("%.60q: %d events are stored, %v, want 2", raw, len(evs), err)
			}
		}
	}
}

// TestAMillionNames sends events of ever new names: all memory and tables are
// bounded, and each event is told so.
func TestAMillionNames(t *testing.T) {
	t.Parallel()
	batches := 20 // a thousand with -long: a million names
	if *long {
		batches = 1000
	}
	s, st := service(t)
	accepted := 0
	for n := range batches {
		var b strings.Builder
		b.WriteString(`{"events":[`)
		for i := range event.MaxBatch {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"id":"%d-%d","name":"n%d_%d","sessionId":"v1","properties":{"p%d_%d":1}}`, n, i, n, i, n, i)
		}
		b.WriteString(`]}`)
		r := send(t, s, b.String())
		accepted += r.Accepted
		if n > 0 {
			last := r.Results[len(r.Results)-1]
			if last.Details != store.DetailNames || last.Hint == "" || r.Dropped != event.MaxBatch {
				t.Fatalf("batch %d: %d dropped, the last %+v", n, r.Dropped, last)
			}
		}
	}
	if accepted != store.MaxNames {
		t.Errorf("%d events of new names were accepted, want %d", accepted, store.MaxNames)
	}
	ours := send(t, s, `{"events":[`+line("ours")+`]}`)
	if ours.Accepted != 1 {
		t.Errorf("an event of ours among them = %+v", ours)
	}
	storetest.NoDrift(t, st)
}

// TestAFloodOfValues sends visits of ever new sources and features: they are
// kept, but only so many values of a day get rows of their own.
func TestAFloodOfValues(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	clock := now()
	s := ingest.New(ingest.Config{Store: st, Now: func() time.Time { return clock }})
	flood := func(day int) (aside int) {
		t.Helper()
		for n := range 3 {
			list := make([]string, 500)
			for i := range list {
				list[i] = fmt.Sprintf(`{"id":"%[1]d-%[2]d-%[3]d","name":"landing_view","sessionId":"v-%[1]d-%[2]d-%[3]d","properties":{"source":"s-%[1]d-%[2]d-%[3]d","device":"phone"}}`, day, n, i)
			}
			for _, r := range send(t, s, `{"events":[`+strings.Join(list, ",")+`]}`).Results {
				if r.Details == ingest.DetailValues && r.Result == "warning" {
					aside++
				}
			}
		}
		return aside
	}
	if got := flood(1); got != 500 {
		t.Errorf("%d of 1,500 sources were set aside, want 500", got)
	}
	r := send(t, s, `{"events":[{"id":"x","name":"landing_view","sessionId":"y","properties":{"source":"s-1-0-7"}},
		{"id":"z","name":"features_recommended","sessionId":"y","properties":{"features":["blog"],"package":"starter"}}]}`)
	for _, one := range r.Results {
		if one.Details != ingest.DetailUndated {
			t.Errorf("a known source and other dimensions during the flood = %+v", one)
		}
	}
	clock = clock.Add(24 * time.Hour)
	if got := flood(2); got != 500 {
		t.Errorf("%d of 1,500 sources of the next day were set aside, want 500", got)
	}
	storetest.NoDrift(t, st)
}
