package trace_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/alert/trace"
	"applicreations.com/introspect/internal/stat"
)

// some is a reading by chance, of every kind.
func some(dice *rand.Rand, at time.Time) alert.Reading {
	in := alert.Reading{At: at}
	switch dice.IntN(9) {
	case 0:
		in.NoData = true
	case 1:
		in.Err = "it could not be measured"
	case 2:
		in.Value = float64(dice.IntN(5)) - 2
	case 3:
		in.Value, in.Sample = dice.Float64(), dice.Int64N(4)
	case 4:
		in.Counts = []condition.Count{{Span: alert.Duration(time.Minute), Now: stat.Rate{Hits: 1, Of: dice.Int64N(9)}}, {Span: alert.Duration(time.Hour), Before: stat.Rate{Of: dice.Int64N(2)}}}
	case 5:
		in.Last, in.Expected = at.Add(-time.Duration(dice.IntN(5))*time.Second), float64(dice.IntN(2))*7.5
	case 6:
		in.Counts = []condition.Count{{Span: alert.Duration(time.Minute), Now: stat.Rate{Hits: 1, Of: dice.Int64N(9)}}}
	}
	return in
}

// written notes readings by chance, and returns them with what was packed.
func written(dice *rand.Rand) (want []string, rounds, track []byte) {
	var r trace.Rounds
	var t trace.Track
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	step, in := 1+dice.IntN(6), alert.Reading{}
	for n := range 1 + dice.IntN(300) {
		now = now.Add(10*time.Second + time.Duration(dice.IntN(7)-3)*time.Millisecond)
		r.Add(now)
		if dice.IntN(60) == 0 {
			step = 1 + dice.IntN(6)
		}
		if n%step != 0 {
			if t.Expects(n) {
				t.End()
			}
			continue
		}
		again := dice.IntN(30) == 0
		if silent := in.At.Sub(in.Last); dice.IntN(8) == 0 {
			in = some(dice, now)
		} else if !in.Last.IsZero() {
			in.Last = now.Add(-silent)
		}
		in.At = now
		t.Add(n, in, again)
		if again {
			want = append(want, now.Format(time.RFC3339Nano)+" again")
			continue
		}
		want = append(want, words(in))
	}
	return want, r.Pack(), t.Pack()
}

func words(in alert.Reading) string {
	return fmt.Sprintf("%s %v %v %v %d %v %v %v", in.At.Format(time.RFC3339Nano), in.NoData, in.Err, in.Value, in.Sample, in.Counts, in.Last.UnixMilli(), in.Expected)
}

// read unpacks what was packed.
func read(rounds, track []byte) (got []string, err error) {
	times, err := trace.UnpackRounds(rounds)
	if err != nil {
		return nil, err
	}
	err = trace.Unpack(times, track, func(s *alert.Stretch) {
		for _, at := range s.Times {
			in := s.Reading
			if s.Again {
				got = append(got, at.Format(time.RFC3339Nano)+" again")
				continue
			}
			if in.At = at; s.Silent != nil {
				in.Last = at.Add(-*s.Silent)
			}
			got = append(got, words(in))
		}
	})
	return got, err
}

// Whatever was noted comes back as it was, to the last bit of a figure.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		want, rounds, track := written(rand.New(rand.NewPCG(seed, 11)))
		got, err := read(rounds, track)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-noted +read):\n%s", seed, diff)
		}
	}
}

// A run that goes on needs no new bytes: what was packed before holds for the
// rounds after, which is why it need not be stored again.
func TestARunGoesOn(t *testing.T) {
	t.Parallel()
	var r trace.Rounds
	var track trace.Track
	begin := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	var early []byte
	for n := range 360 {
		r.Add(begin.Add(time.Duration(n) * trace.Usual))
		if n%6 == 0 {
			if changed := track.Add(n, alert.Reading{Value: 3}, false); changed && n > 6 {
				t.Fatalf("round %d is news", n)
			}
		}
		if n == 6 {
			early = track.Pack()
		}
	}
	got, err := read(r.Pack(), early)
	if err != nil || len(got) != 60 {
		t.Errorf("%d readings, %v; want 60 of what was packed after two", len(got), err)
	}
	if n := len(early); n > 8 {
		t.Errorf("the track has %d bytes, want a handful", n)
	}
}

// What Pack writes is stored when Add calls it news: the beginning of a run, its
// step, and its end. What the track expects is what it says without being stored.
func TestNews(t *testing.T) {
	t.Parallel()
	var track trace.Track
	for n, step := range []struct {
		round    int
		value    float64
		news     bool
		expected []int // of the rounds to 20, what goes on by itself
	}{
		{3, 1, true, nil},
		{5, 1, true, []int{7}},
		{7, 1, false, []int{9}},
		{9, 2, true, nil}, // another reading
		{10, 2, true, []int{11}},
		{13, 2, true, nil}, // another step
	} {
		if got := track.Add(step.round, alert.Reading{Value: step.value}, false); got != step.news {
			t.Errorf("reading %d is news: %v, want %v", n+1, got, step.news)
		}
		var expected []int
		for round := range 20 {
			if track.Expects(round) {
				expected = append(expected, round)
			}
		}
		if diff := cmp.Diff(step.expected, expected); diff != "" {
			t.Errorf("after reading %d the track expects (-want +got):\n%s", n+1, diff)
		}
	}
	track.Add(16, alert.Reading{Value: 2}, false)
	if track.End(); track.Expects(19) {
		t.Error("a track that was ended goes on")
	}
}

// A track that was cut off is refused wherever the cut is: half a reading is none.
func TestCutOff(t *testing.T) {
	t.Parallel()
	var r trace.Rounds
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	r.Add(now)
	for name, in := range map[string]alert.Reading{
		"a whole number": {Value: 300}, "a fraction": {Value: 0.5, Sample: 300}, "an expectation": {Expected: 7.5, At: now, Last: now.Add(-time.Hour)},
		"counts": {Counts: []condition.Count{{Span: alert.Duration(time.Minute), Now: stat.Rate{Hits: 200, Of: 300}, Before: stat.Rate{Hits: 1, Of: 2}}}},
	} {
		var track trace.Track
		track.Add(0, in, false)
		body := track.Pack()
		if got, err := read(r.Pack(), body); err != nil || len(got) != 1 {
			t.Fatalf("%s: %v, %v", name, got, err)
		}
		for n := 1; n < len(body); n++ {
			if got, err := read(r.Pack(), body[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes are read as %v", name, n, len(body), got)
			}
		}
	}
	for n := 1; n < len(r.Pack()); n++ {
		if got, err := trace.UnpackRounds(r.Pack()[:n]); err == nil {
			t.Errorf("%d of %d bytes of the rounds are read as %v", n, len(r.Pack()), got)
		}
	}
}

// What was damaged is refused or read as something, and never panics.
func TestDamage(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(5, 5))
	refused := 0
	for range 3000 {
		_, rounds, track := written(dice)
		for range 1 + dice.IntN(3) {
			if body := [][]byte{rounds, track}[dice.IntN(2)]; len(body) > 0 {
				body[dice.IntN(len(body))] ^= byte(1 << dice.IntN(8))
			}
		}
		if _, err := read(rounds, track[:dice.IntN(len(track)+1)]); err != nil {
			refused++
		}
	}
	if refused < 1000 {
		t.Errorf("%d of 3000 damaged blocks were refused, want most", refused)
	}
}
