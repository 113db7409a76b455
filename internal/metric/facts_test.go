package metric_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
)

// TestOrderDoesNotMatter applies the same events in random order and random
// batches, keeping the facts as bytes between batches as the store does.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		events := randomEvents(r, "s-1", 1+r.IntN(60))
		whole := factsOf(events)
		want := whole.Encode()
		if !reflect.DeepEqual(whole, decodeFacts(t, want)) {
			t.Fatalf("seed %d: encoding lost something of %+v", seed, whole)
		}
		for range 4 {
			r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			var kept []byte
			for rest := events; len(rest) > 0; {
				f := decodeFacts(t, kept)
				n := 1 + r.IntN(len(rest))
				for _, e := range rest[:n] {
					f.Apply(e)
				}
				rest, kept = rest[n:], f.Encode()
			}
			if !bytes.Equal(kept, want) {
				t.Fatalf("seed %d: shuffled facts differ from those in order:\n got %x\nwant %x", seed, kept, want)
			}
		}
	}
}

// TestDifferencesAddUp replays what the store does for many sessions: after
// every batch it applies the difference of two contributions. The sum must be
// what a rebuild from scratch gives, entry by entry.
func TestDifferencesAddUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 2))
		got, want := metric.Delta{}, metric.Delta{}
		for i := range 8 {
			events := randomEvents(r, event.SessionID(rune('a'+i)), r.IntN(50))
			want.Merge(metric.Contribution(factsOf(events), berlin), 1)
			var f metric.Facts
			for len(events) > 0 {
				before := f
				n := 1 + r.IntN(len(events))
				for _, e := range events[:n] {
					f.Apply(e)
				}
				events = events[n:]
				change := metric.Contribution(f, berlin)
				change.Merge(metric.Contribution(before, berlin), -1)
				if diff := cmp.Diff(change, metric.Change(before, f, berlin)); diff != "" {
					t.Fatalf("seed %d: Change differs from the difference of contributions (-difference +change):\n%s", seed, diff)
				}
				got.Merge(change, 1)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: differences do not add up to a rebuild (-want +got):\n%s", seed, diff)
		}
	}
}

func TestACopyStaysWhatItWas(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		events := randomEvents(rand.New(rand.NewPCG(seed, 3)), "s-1", 60)
		f := factsOf(events[:30])
		before, bytesBefore := f, f.Encode()
		for _, e := range events[30:] {
			f.Apply(e)
		}
		if !bytes.Equal(before.Encode(), bytesBefore) {
			t.Fatalf("seed %d: applying events to the facts changed an earlier copy", seed)
		}
	}
}

func TestTimesOfASession(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	started := newVisit("s-1", at).did(plain(event.NameLandingView), plain(event.NameCTAClick), event.SessionStart{},
		event.NewQuestionEfficiency(5), event.NewDocumentGenerated("scope", 1, 0), plain(event.NameEmailsSent), event.SessionAbandoned{})
	for _, row := range []struct {
		name               string
		events             []event.Event
		entry, seen, start time.Time
	}{
		{"no event", nil, time.Time{}, time.Time{}, time.Time{}},
		{"a visit only", started.events[:2], at, at.Add(time.Minute), time.Time{}},
		{"an interview", started.events[:4], at, at.Add(3 * time.Minute), at.Add(2 * time.Minute)},
		{"what the system does later shows nobody present", started.events, at, at.Add(3 * time.Minute), at.Add(2 * time.Minute)},
		{"nothing but what the system did", started.events[4:], at.Add(4 * time.Minute), at.Add(4 * time.Minute), at.Add(4 * time.Minute)},
		{"an unknown name does not start an interview", newVisit("s", at).raw("page_view", `{}`).events, at, at, time.Time{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := factsOf(row.events)
			got := []time.Time{f.Entry(), f.LastSeen(), f.StartedAt()}
			if diff := cmp.Diff([]time.Time{row.entry, row.seen, row.start}, got); diff != "" {
				t.Errorf("entry, last seen, started (-want +got):\n%s", diff)
			}
			if f.Started() != !row.start.IsZero() {
				t.Errorf("Started() = %v, want %v", f.Started(), !row.start.IsZero())
			}
		})
	}
}

func TestWhatStartsASession(t *testing.T) {
	t.Parallel()
	for name, want := range map[event.Name]bool{
		event.NameLandingView: false, event.NameCTAClick: false, event.NameFoundationStart: false, event.NameFoundationField: false,
		event.NameFeatureViewed: false, event.NameFeedback: false, "page_view": false,
		event.NameFoundationComplete: true, event.NameSessionStart: true, event.NameConversationStart: true,
		event.NameMessageSent: true, event.NameBusinessModelClassified: true, event.NameSessionComplete: true,
	} {
		f := factsOf(newVisit("s", now).did(plain(name)).events)
		if f.Started() != want {
			t.Errorf("Started() after %s = %v, want %v", name, f.Started(), want)
		}
		if completed := name == event.NameSessionComplete; f.Completed() != completed {
			t.Errorf("Completed() after %s = %v, want %v", name, f.Completed(), completed)
		}
	}
}

func TestABotOnceSeenStaysABot(t *testing.T) {
	t.Parallel()
	v := newVisit("s", now).did(event.LandingView{}, event.LandingView{Bot: "headless"}, event.LandingView{})
	if factsOf(v.events[:1]).Bot() || !factsOf(v.events).Bot() {
		t.Error("Bot() does not follow the landing views")
	}
	later := newVisit("s", now).did(event.LandingView{}, plain(event.NameCTAClick))
	later.events[1].Bot = "agent"
	if !factsOf(later.events).Bot() {
		t.Error("Bot() does not follow the mark of any other event")
	}
}

func TestDecodeFactsRefuses(t *testing.T) {
	t.Parallel()
	whole := factsOf(randomEvents(rand.New(rand.NewPCG(7, 7)), "s", 60)).Encode()
	for n := 1; n < len(whole); n++ {
		if f, err := metric.DecodeFacts(whole[:n]); err == nil || !f.Entry().IsZero() {
			t.Fatalf("DecodeFacts(the first %d of %d bytes) err = %v, want an error and no facts", n, len(whole), err)
		}
	}
	for name, b := range map[string][]byte{
		"a byte too many": append(slices.Clone(whole), 0), "another version": append([]byte{99}, whole[1:]...),
		"a length beyond the end": {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 200, 200, 200, 1},
	} {
		if _, err := metric.DecodeFacts(b); err == nil {
			t.Errorf("DecodeFacts(%s) err = nil, want an error", name)
		}
	}
	if f := decodeFacts(t, nil); !f.Entry().IsZero() || len(metric.Contribution(f, nil)) != 0 {
		t.Errorf("DecodeFacts(nil) = %+v, want facts without events that contribute nothing", f)
	}
}

func FuzzDecodeFacts(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(factsOf(randomEvents(rand.New(rand.NewPCG(seed, 4)), "s", 40)).Encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, err := metric.DecodeFacts(b)
		if err != nil {
			return
		}
		once := facts.Encode()
		if twice := decodeFacts(t, once).Encode(); !bytes.Equal(once, twice) {
			t.Errorf("encoding is not stable: %x then %x", once, twice)
		}
		metric.Contribution(facts, berlin)
	})
}

// FuzzApply feeds properties of any shape: facts stay readable, and the
// dashboard's numbers stay within their bounds.
func FuzzApply(f *testing.F) {
	f.Add("session_complete", `{"questionCount":22,"duration":900,"confidence":96}`)
	f.Add("session_complete", `{"questionCount":1e300,"duration":-1,"confidence":"high"}`)
	f.Add("features_selected", `{"selected":["a",null,7,{"id":"b"}],"totalPrice":1e99}`)
	f.Add("validation_loop", `{"loopNumber":2.5,"response":"correct"}`)
	f.Add("landing_view", `{"source":"`+string(bytes.Repeat([]byte("é"), 80))+`","bot":true}`)
	f.Add("business_model_classified", `[`)
	f.Fuzz(func(t *testing.T, name, properties string) {
		v := newVisit("s", now.Add(-time.Hour)).raw(event.Name(name), properties).did(event.SessionStart{WebsiteType: "business"})
		facts := factsOf(v.events)
		if b := facts.Encode(); !bytes.Equal(decodeFacts(t, b).Encode(), b) {
			t.Errorf("facts do not survive encoding: %x", b)
		}
		checkBounds(t, dashboard(v))
	})
}

func BenchmarkFacts(b *testing.B) {
	events := interview("0199b0c4-98fc-7c14-9afb-0123456789ab", now).events
	f := factsOf(events)
	kept := f.Encode()
	b.Run("Apply", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			f.Apply(events[i%len(events)])
		}
	})
	b.Run("Encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.Encode()
		}
	})
	b.Run("Decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(kept)))
		for b.Loop() {
			decodeFacts(b, kept)
		}
	})
	b.Run("Contribution", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			metric.Contribution(f, berlin)
		}
	})
	b.Run("Change", func(b *testing.B) {
		after := f
		after.Apply(event.New("s", 999, now, event.NewQuestionEfficiency(24)))
		after.Apply(event.New("s", 1000, now, event.ConflictResolution{}))
		b.ReportAllocs()
		for b.Loop() {
			metric.Change(f, after, berlin)
		}
	})
}

// TestAdvisorCallsCountNowhere applies a call before and after a visit.
func TestAdvisorCallsCountNowhere(t *testing.T) {
	t.Parallel()
	call := event.New("s1", 9, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), event.AdvisorCall{Outcome: "ok"})
	var f metric.Facts
	f.Apply(call)
	if f.Started() || !f.Entry().IsZero() || !f.LastSeen().IsZero() || len(metric.Contribution(f, time.UTC)) != 0 {
		t.Errorf("a call alone started %v, entered %s and contributed %v", f.Started(), f.Entry(), metric.Contribution(f, time.UTC))
	}
}
