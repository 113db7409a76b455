package watch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/hindsight"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// past is a rule for every kind of reading, and every way to be late or over.
func past() []alert.Rule {
	plain := plainRule("plain", alert.Warning, "page")
	patient := plainRule("patient", alert.Critical, "page")
	patient.Every, patient.For, patient.Evaluations, patient.KeepFiring = alert.Duration(30*time.Second), alert.Duration(time.Minute), 2, alert.Duration(2*time.Minute)
	missing := plainRule("missing", alert.Info, "page")
	missing.Every = alert.Duration(time.Minute)
	missing.NoData, missing.OnError = alert.Missing{Policy: alert.Alarm, After: alert.Duration(3 * time.Minute)}, alert.Missing{Policy: alert.Fine}
	share := plainRule("share", alert.Warning, "page")
	share.When = condition.Condition{Ratio: &condition.Ratio{Op: condition.Above, Fire: 0.4, Windows: []condition.Need{{Span: alert.Duration(time.Minute), Sample: 10, Events: 1}}}}
	silent := plainRule("silent", alert.Critical, "page")
	silent.Every = alert.Duration(20 * time.Second)
	silent.When = condition.Condition{Absence: &condition.Absence{After: alert.Duration(2 * time.Minute)}}
	labels := plainRule("labels", alert.Info, "page")
	slow := plainRule("slow", alert.Warning, "page")
	slow.Every = alert.Duration(90 * time.Second) // what flaps ends between two of its readings
	return []alert.Rule{plain, patient, missing, share, silent, labels, slow}
}

// chance measures what the dice say, which changes seldom.
type chance struct {
	dice  *rand.Rand
	often int // one of so many readings is a new figure; 0: none
	value map[string]float64
	last  time.Time
}

func (c *chance) measure(_ context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	if c.often > 0 && c.dice.IntN(c.often) == 0 {
		c.value[r.Metric] = []float64{0, 4, 7.25, 11, 20}[c.dice.IntN(5)]
	}
	v := c.value[r.Metric]
	switch r.Metric {
	case "missing":
		switch v {
		case 4:
			return []alert.Reading{{NoData: true}}, nil
		case 11:
			return nil, errors.New("it is away")
		}
	case "share":
		return []alert.Reading{{Counts: []condition.Count{{Span: alert.Duration(time.Minute), Now: stat.Rate{Hits: int64(v), Of: 20}}}}}, nil
	case "silent":
		if c.dice.IntN(8) == 0 {
			c.last = now
		}
		return []alert.Reading{{Last: c.last}}, nil
	case "labels":
		return []alert.Reading{{Labels: map[string]string{"shop": "a"}, Value: v}, {Labels: map[string]string{"shop": "b"}, Value: 20 - v}}, nil
	}
	return []alert.Reading{{Value: v}}, nil
}

// lived is a world in which everything happened by chance for a while.
func lived(t *testing.T, seed uint64) *world {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 7))
	w := newWorld(t, past()...)
	c := &chance{dice: dice, value: map[string]float64{}, last: w.now}
	for name := range w.cfg.Sources {
		w.cfg.Sources[name] = c.measure
	}
	w.start()
	for i := range 1500 {
		c.often = 20
		if i%750 < 250 {
			c.often = 2 // it comes and goes, and then is quiet for long enough
		} else if i%750 < 500 {
			c.often = 0
		}
		switch n := dice.IntN(200); {
		case n == 0:
			w.start() // the process was killed
			w.now = w.now.Add(time.Duration(dice.IntN(600)) * time.Second)
		case n < 20:
			w.now = w.now.Add(time.Duration(dice.IntN(2000)) * time.Millisecond)
		}
		w.now = w.now.Add(10*time.Second + time.Duration(dice.IntN(9))*time.Millisecond)
		if err := w.watch.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	w.watch.Run(ctx) // one round more, and what waits is stored
	return w
}

// Tried on what was kept of it, a rule did what it did: the same troubles, to the
// millisecond, whatever killed the process meanwhile.
func TestBacktestIsTheHistory(t *testing.T) {
	t.Parallel()
	seeds := uint64(6)
	if testing.Short() { // with the race detector
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			w := lived(t, seed)
			total := 0
			for _, r := range past() {
				list, err := w.store.Episodes(t.Context(), store.EpisodeFilter{Rule: r.ID, Limit: 10_000})
				if err != nil {
					t.Fatal(err)
				}
				rec, err := w.watch.Record(t.Context(), r)
				if err != nil {
					t.Fatal(err)
				}
				var want, got []string
				for _, e := range list {
					want = append(want, line(e.From, e.Told, e.To))
				}
				for _, e := range rec.Episodes {
					got = append(got, line(e.From, e.Told, e.To))
				}
				slices.Sort(want)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-what happened +what would have):\n%s", r.ID, diff)
				}
				same(t, "count of "+string(r.ID), []int{rec.Fired, rec.Would}, []int{len(list), len(list)})
				total += len(list)
			}
			if total < 15 {
				t.Errorf("only %d troubles happened, which proves little", total)
			}
		})
	}
}

func line(times ...time.Time) string {
	var out []string
	for _, at := range times {
		out = append(out, at.Format("02T15:04:05.000"))
	}
	return strings.Join(out, " ")
}

// A limit that somebody tries is held against every reading, peaks of one reading
// included, and nothing is kept of the attempt.
func TestTryALimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"))
	w.cfg.Sources["load"] = w.measure
	w.start()
	for hour := range 5 * 24 {
		w.level["load"] = 3
		w.now = w.now.Add(59*time.Minute + 40*time.Second)
		w.step(10 * time.Second)
		if hour%24 == 7 {
			w.level["load"] = 8.75 // for ten seconds a day
		}
		w.step(10 * time.Second)
	}
	try := func(limit float64, hold time.Duration) hindsight.Record {
		t.Helper()
		rec, err := w.watch.Try(t.Context(), "load", watch.Edit{Limit: &limit, For: new(alert.Duration(hold))})
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	for _, c := range []struct {
		limit float64
		hold  time.Duration
		want  int
	}{{10, 0, 0}, {8.76, 0, 0}, {8.75, 0, 5}, {8, 0, 5}, {8, time.Minute, 0}, {3, 0, 1}} {
		if got := try(c.limit, c.hold); got.Would != c.want || got.Fired != 0 {
			t.Errorf("at %v for %s it would have fired %d times, and did %d times; want %d and 0", c.limit, c.hold, got.Would, got.Fired, c.want)
		}
	}
	if got := try(10, 0); got.Covered > time.Hour || !got.Tried() || got.Whole() {
		t.Errorf("covered %s, want the minutes that were read: two readings an hour cover no hour", got.Covered)
	}
	var bad *alert.Invalid
	if _, err := w.watch.Try(t.Context(), "load", watch.Edit{For: new(alert.Duration(-1))}); !errors.As(err, &bad) {
		t.Errorf("a negative duration: %v, want what is wrong with it", err)
	}
	if _, err := w.watch.Try(t.Context(), "nothing", watch.Edit{}); !errors.Is(err, watch.ErrNoRule) {
		t.Errorf("no rule: %v", err)
	}
	if v, err := w.store.RuleVersions(t.Context(), "load"); err != nil || len(v) != 0 {
		t.Errorf("%d versions, %v after trying, want none", len(v), err)
	}
}

// Ten thousand label sets do not fill the disk: so many of a rule are kept, and
// the record says that they are not all.
func TestReadingsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("shops", alert.Info, "page"))
	w.cfg.Sources["shops"] = func(context.Context, alert.Rule, time.Time) (out []alert.Reading, _ error) {
		for i := range 100 {
			out = append(out, alert.Reading{Labels: map[string]string{"shop": strconv.Itoa(i)}, Value: 1})
		}
		return out, nil
	}
	w.start()
	w.steps(time.Minute)
	rows, _, err := w.store.ReadingsSize(t.Context())
	if err != nil || rows > hindsight.MaxTracks+1 {
		t.Errorf("%d rows, %v, want %d at most", rows, err, hindsight.MaxTracks+1)
	}
	rec, err := w.watch.Record(t.Context(), plainRule("shops", alert.Info, "page"))
	if err != nil || !rec.Cut {
		t.Errorf("cut %t, %v, want it said", rec.Cut, err)
	}
	w.now = w.now.Add(hindsight.Retention + time.Hour)
	w.steps(20 * time.Second)
	tracks := map[alert.Fingerprint]bool{}
	unread, err := w.store.Readings(t.Context(), "shops", time.UnixMilli(0), func(f alert.Fingerprint, s *alert.Stretch) {
		tracks[f] = true
		if w.now.Sub(s.Times[0]) > hindsight.Retention {
			t.Errorf("a reading of %s is kept at %s", s.Times[0], w.now)
		}
	})
	if err != nil || unread != 0 || len(tracks) != hindsight.MaxTracks {
		t.Errorf("%d tracks, %d unread, %v", len(tracks), unread, err)
	}
}
