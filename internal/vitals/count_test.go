package vitals_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/vitals"
)

func TestCounter(t *testing.T) {
	t.Parallel()
	var c vitals.Counter
	for i := range 100 { // one every ten seconds, each fourth a hit
		hit := int64(0)
		if i%4 == 0 {
			hit = 1
		}
		c.Note(noon().Add(-time.Duration(i)*10*time.Second), hit, 1)
	}
	c.Note(noon(), 0, 0)
	same(t, "five minutes", c.Since(noon(), 5*time.Minute), stat.Rate{Hits: 8, Of: 30})
	same(t, "a day", c.Since(noon(), 24*time.Hour), stat.Rate{Hits: 25, Of: 100})
	same(t, "later", c.Since(noon().Add(time.Hour), 5*time.Minute), stat.Rate{})
	c.Note(noon().Add(48*time.Hour), 1, 1) // what is too old goes
	same(t, "what was before", c.Since(noon(), 24*time.Hour), stat.Rate{})
	c.Note(noon(), 1, 2) // the clock was set back: it counts on, and the future goes
	same(t, "after the clock was set back", c.Since(noon(), time.Minute), stat.Rate{Hits: 1, Of: 2})
	same(t, "the future", c.Since(noon().Add(48*time.Hour), time.Minute), stat.Rate{})
}

func TestCallers(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	v := vitals.New(cfg)
	for i := range 500 {
		at := noon().Add(-time.Duration(i) * 5 * time.Second)
		cfg.Callers.Note(at, fmt.Sprintf("192.0.%d.0/24", i%50))
		if i%2 == 0 {
			cfg.Callers.Note(at, "198.51.100.0/24")
		}
		cfg.Callers.Note(noon().Add(-2*time.Hour), "203.0.113.0/24")
	}
	same(t, "the top of an hour", read(t, v, "traffic_source", noon()).Counts[0].Now, stat.Rate{Hits: 250, Of: 750})
	same(t, "an hour later", read(t, v, "traffic_source", noon().Add(70*time.Minute)).Counts[0].Now, stat.Rate{})
}

// A disk fills when it lost room in every third of an hour. A backup is written
// within minutes and stays: that is none.
func TestFilling(t *testing.T) {
	t.Parallel()
	const gb = 1e9
	for _, c := range []struct {
		name string
		free func(minute int) float64
		want float64 // hours; 1000: it does not fill
	}{
		{"flat", func(int) float64 { return 50 * gb }, 1000},
		{"10 GB an hour", func(m int) float64 { return 30*gb - float64(m)*gb/6 }, 2},
		{"a backup in the middle", func(m int) float64 {
			if m > 30 {
				return 5 * gb
			}
			return 15 * gb
		}, 1000},
		{"a backup that goes again", func(m int) float64 {
			if m > 30 && m < 40 {
				return 5 * gb
			}
			return 15 * gb
		}, 1000},
		{"it gets emptier", func(m int) float64 { return 10*gb + float64(m)*gb }, 1000},
		{"in steps", func(m int) float64 { return 30*gb - float64(m/5)*gb }, 1.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f vitals.Filling
			for m := range 61 {
				now := noon().Add(time.Duration(m) * time.Minute)
				f.Note(now, c.free(m))
				if _, known := f.Left(now); known != (m >= 55) { // as near to an hour as notes are
					t.Fatalf("after %d minutes known = %v", m, known)
				}
			}
			if got, _ := f.Left(noon().Add(time.Hour)); got < c.want*0.99 || got > c.want*1.01 {
				t.Errorf("full in %v hours, want %v", got, c.want)
			}
			f.Note(noon(), 1) // the clock was set back: it begins anew
			if _, known := f.Left(noon()); known {
				t.Error("known after the clock was set back, want not")
			}
		})
	}
}

// fault is an error of a route that somebody met.
func fault(at time.Time, text, who string) vitals.Fault {
	return vitals.Fault{At: at, Route: "GET /x", Kind: "internal", Text: text, Who: who, Session: "session-" + who}
}

// Two errors are of a kind when they differ in figures, ids, addresses and what
// is quoted only. A kind is new once, also after a restart.
func TestKindsOfErrors(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	now := noon()
	cfg.Store = storetest.Any(t, store.Config{Now: func() time.Time { return now }})
	cfg.Kinds = vitals.NewKinds(cfg.Store)
	v := vitals.New(cfg)
	same(t, "none", read(t, v, "new_error", now), alert.Reading{})
	cfg.Kinds.Note(fault(now, `read session 0190-3f2a: no row "Ana" for ana@example.com`, "a"))
	cfg.Kinds.Note(fault(now, `read session 77: no row "Bob Miller" for bob@example.org`, "b"))
	same(t, "one", read(t, v, "new_error", now), alert.Reading{Value: 1, Causes: []string{"session-a", "session-b"}})
	list, err := cfg.Store.ErrorKinds(t.Context(), time.Time{})
	if err != nil || len(list) != 1 || list[0].Count != 2 || strings.Contains(list[0].What, "Ana") || strings.Contains(list[0].What, "@") {
		t.Errorf("ErrorKinds = %+v, %v; want one kind of two errors, and nobody's name", list, err)
	}
	cfg.Kinds.Note(fault(now, "read drafts: no row", "a"))
	panicked := "panic: index out of range [5] with length 3\ngoroutine 7 [running]:\nruntime/debug.Stack()\n\t/x.go:1\npanic({0x1?, 0x2?})\n\t/y.go:2\nnet/http.f(0x1)\n" +
		"applicreations.com/introspect/internal/web.(*Server).page(0xc0001)\n\t/z.go:3\n"
	cfg.Kinds.Note(fault(now, panicked, "c"))
	same(t, "three", read(t, v, "new_error", now).Value, 3.0)
	list, _ = cfg.Store.ErrorKinds(t.Context(), time.Time{})
	var names []string
	for _, k := range list {
		names = append(names, k.What)
	}
	for _, want := range []string{"GET /x: internal: read drafts: no row", "GET /x: internal: panic: index out of range [#] with length # in internal/web.(*Server).page"} {
		if !slices.Contains(names, want) {
			t.Errorf("kinds are %q, want one to be %q", names, want)
		}
	}
	now = now.Add(30 * time.Minute)
	cfg.Kinds = vitals.NewKinds(cfg.Store) // another process
	v = vitals.New(cfg)
	cfg.Kinds.Note(fault(now, "read drafts: no row", "a"))
	same(t, "after a restart", read(t, v, "new_error", now).Value, 3.0)
	now = now.Add(31 * time.Minute)
	same(t, "an hour later", read(t, v, "new_error", now).Value, 0.0)
}

// Of several new kinds the worst counts, with its own sessions, whatever their order.
func TestBurstOfSeveralErrors(t *testing.T) {
	t.Parallel()
	for range 5 { // the order is that of a map
		cfg := everything(t)
		now := noon()
		cfg.Kinds = vitals.NewKinds(cfg.Store)
		v := vitals.New(cfg)
		for i, text := range []string{"a", "b", "c", "d", "e"} {
			for range []int{2, 1, 9, 3, 1}[i] {
				cfg.Kinds.Note(fault(now, text, text))
			}
		}
		got := read(t, v, "new_error_burst", now)
		same(t, "the worst", got, alert.Reading{Value: 9, Causes: []string{"session-c"}})
	}
}

// Of very many errors of a kind all are written down, and a thousand are enough for a
// burst.
func TestErrorsWithoutEnd(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	cfg.Kinds = vitals.NewKinds(cfg.Store)
	v := vitals.New(cfg)
	for range 1500 {
		cfg.Kinds.Note(fault(noon(), "it broke", "a"))
	}
	same(t, "a burst", read(t, v, "new_error_burst", noon()).Value, 1000.0)
	if list, err := cfg.Store.ErrorKinds(t.Context(), time.Time{}); err != nil || len(list) != 1 || list[0].Count != 1500 {
		t.Errorf("ErrorKinds = %+v, %v; want one kind of 1500", list, err)
	}
}

func TestBurstOfANewError(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	now := noon()
	cfg.Store = storetest.Any(t, store.Config{Now: func() time.Time { return now }})
	cfg.Kinds = vitals.NewKinds(cfg.Store)
	v := vitals.New(cfg)
	for i := range 24 {
		cfg.Kinds.Note(fault(now.Add(time.Duration(i)*10*time.Second), "boom", fmt.Sprintf("who-%d", i%11)))
	}
	now = now.Add(4 * time.Minute)
	same(t, "events", read(t, v, "new_error_burst", now).Value, 24.0)
	same(t, "people", read(t, v, "new_error_users", now).Value, 11.0)
	now = now.Add(11 * time.Minute)
	same(t, "events later", read(t, v, "new_error_burst", now).Value, 0.0)
	now = now.Add(25 * time.Hour)
	for range 30 {
		cfg.Kinds.Note(fault(now, "boom", "a"))
	}
	same(t, "events of a kind that is not new", read(t, v, "new_error_burst", now).Value, 0.0)
	now = now.AddDate(0, 0, 91)
	cfg.Kinds.Note(fault(now, "other", "a"))
	read(t, v, "new_error", now)
	cfg.Kinds.Note(fault(now, "boom", "a"))
	same(t, "new again after ninety days", read(t, v, "new_error", now).Value, 2.0)
}

// What the database says of its own troubles counts for as long as the rules say:
// what waited or was refused for a minute, and an error of the file for five.
func TestDatabaseTroubles(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	v := vitals.New(cfg)
	for _, rule := range []alert.RuleID{"db_pool", "db_storage", "db_server"} {
		same(t, string(rule)+" of a database that is well", read(t, v, rule, noon()).Value, 0.0)
	}
	var w vitals.Window
	total := store.Troubles{Waits: 7, Storage: 2, Server: 1} // of before anybody asked
	same(t, "at first", w.Grew(noon(), total), store.Troubles{})
	total = store.Troubles{Waits: 10, Storage: 3, Server: 6}
	same(t, "at once", w.Grew(noon().Add(20*time.Second), total), store.Troubles{Waits: 3, Storage: 1, Server: 5})
	for at := 40 * time.Second; at <= 70*time.Second; at += 10 * time.Second {
		same(t, "within a minute", w.Grew(noon().Add(at), total), store.Troubles{Waits: 3, Storage: 1, Server: 5})
	}
	for at := 90 * time.Second; at <= 290*time.Second; at += 20 * time.Second {
		same(t, "later only the file "+at.String(), w.Grew(noon().Add(at), total), store.Troubles{Storage: 1})
	}
	same(t, "after five minutes", w.Grew(noon().Add(6*time.Minute), total), store.Troubles{})
	same(t, "when the clock is set back", w.Grew(noon().Add(-time.Hour), total), store.Troubles{})
	total.Storage++
	same(t, "and after that", w.Grew(noon().Add(-59*time.Minute), total), store.Troubles{Storage: 1})
	same(t, "and six minutes after that", w.Grew(noon().Add(-53*time.Minute), total), store.Troubles{})
}

// A flood of one kind, or of more kinds than are told apart, hides no error that
// is rare: it is counted, and told again as soon as the flood is over.
func TestARareErrorInAFlood(t *testing.T) {
	t.Parallel()
	cfg := everything(t)
	now := noon()
	cfg.Store = storetest.Any(t, store.Config{Now: func() time.Time { return now }})
	cfg.Kinds = vitals.NewKinds(cfg.Store)
	v := vitals.New(cfg)
	word := func(n int) string { return string(rune('a'+n/26%26)) + string(rune('a'+n%26)) }
	for range 15 {
		cfg.Kinds.Note(fault(now, "the rare one", "rare"))
	}
	now = now.Add(time.Minute)
	for n := range 400 { // newer kinds than a page lists
		cfg.Kinds.Note(fault(now, "flood "+word(n), "a"))
	}
	same(t, "all kinds", read(t, v, "new_error", now).Value, 401.0)
	same(t, "the burst behind them", read(t, v, "new_error_burst", now), alert.Reading{Value: 15, Causes: []string{"session-rare"}})
	for n := range 200 {
		now = now.Add(time.Millisecond)
		cfg.Kinds.Note(fault(now, "more "+word(n), "a"))
	}
	same(t, "what is told apart, and the rest as one", read(t, v, "new_error", now).Value, 501.0)
	newest := func() store.ErrorKind {
		list, err := cfg.Store.ErrorKinds(t.Context(), time.Time{})
		if err != nil || len(list) == 0 {
			t.Fatalf("ErrorKinds = %d of them, %v", len(list), err)
		}
		return list[0]
	}
	if k := newest(); k.What != "more kinds of errors within minutes than are told apart; the log has each" || k.Count != 101 {
		t.Errorf("the newest kind is %+v, want one for the 101 that are no longer told apart", k)
	}
	now = now.Add(11 * time.Minute)
	same(t, "when the flood is over", read(t, v, "new_error", now).Value, 501.0)
	cfg.Kinds.Note(fault(now, "another rare one", "b"))
	same(t, "after the flood", read(t, v, "new_error", now), alert.Reading{Value: 502, Causes: []string{"session-b", "session-a"}})
	if k := newest(); k.What != "GET /x: internal: another rare one" {
		t.Errorf("the newest kind is %+v", k)
	}
}
