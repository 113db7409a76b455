// Package trace packs what alert rules read, so that a month of it can be kept
// and a rule be tried on it again. Nothing is rounded, averaged or left out: a
// peak of one reading is a reading. What makes it small is that most readings
// are those of the round before.
//
// A block is a stretch of rounds. Its Rounds say when each was; a Track says of
// one fingerprint in which rounds it was read, and what. The last run of a track
// goes on to the end of the rounds, so that a track that stays the same has
// nothing new to store. Start with Rounds and Track; Unpack is the way back.
package trace

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/condition"
	"applicreations.com/introspect/internal/stat"
)

// Usual is how far two rounds lie apart as a rule; other distances cost more.
const Usual = 10 * time.Second

// Rounds are the times of the rounds of a block, to the millisecond.
type Rounds struct {
	body       []byte
	last, step int64
	n          int
}

// Add adds a round.
func (r *Rounds) Add(at time.Time) {
	ms := at.UnixMilli()
	if r.n == 0 {
		r.last, r.step = ms, Usual.Milliseconds()
		r.body = binary.AppendVarint(nil, ms)
	} else {
		step := ms - r.last
		r.body = binary.AppendVarint(r.body, step-r.step)
		r.last, r.step = ms, step
	}
	r.n++
}

// Len is how many rounds there are.
func (r *Rounds) Len() int { return r.n }

// Pack writes the rounds for UnpackRounds.
func (r *Rounds) Pack() []byte { return r.body }

// errBroken means that a block was not written by this package.
var errBroken = errors.New("the kept readings of an alert rule cannot be read; the block is left out")

// UnpackRounds reads what Rounds.Pack wrote.
func UnpackRounds(body []byte) (out []time.Time, err error) {
	var at int64
	step := Usual.Milliseconds()
	for len(body) > 0 {
		v, n := binary.Varint(body)
		if n <= 0 {
			return nil, errBroken
		}
		body = body[n:]
		if len(out) == 0 {
			at = v
		} else {
			step += v
			at += step
		}
		out = append(out, time.UnixMilli(at).UTC())
	}
	return out, nil
}

// Track is what one fingerprint read in a block.
type Track struct {
	closed []byte // runs that are over
	end    int    // round after the last one of those
	run    run
	any    bool
}

// run is a stretch of the same reading, each so many rounds after the one before.
type run struct {
	first, step, count int
	what               []byte
}

// Add notes a reading of a round, which must be later than the one before. Again
// says that it is the reading before, looked at once more. It reports whether
// what Pack writes changed by more than going on.
func (t *Track) Add(round int, in alert.Reading, again bool) (changed bool) {
	what := pack(&in, again)
	r := &t.run
	if t.any && string(r.what) == string(what) {
		last := r.first + (r.count-1)*r.step
		switch {
		case r.count == 1:
			r.step, r.count = round-r.first, 2
			return true // the step is news
		case round == last+r.step:
			r.count++
			return false
		}
	}
	if t.any {
		t.closed = t.appendRun(t.closed, false)
		t.end = r.first + (r.count-1)*r.step + 1
	}
	t.run, t.any = run{round, 1, 1, what}, true
	return true
}

// Expects reports whether the track says that it was read in a round: the last
// run goes on unless somebody ends it.
func (t *Track) Expects(round int) bool {
	return t.any && t.run.count > 1 && round == t.run.first+t.run.count*t.run.step
}

// End ends the last run, because the fingerprint was not read when it should
// have been.
func (t *Track) End() {
	t.closed = t.appendRun(t.closed, false)
	t.end = t.run.first + (t.run.count-1)*t.run.step + 1
	t.any = false
}

// appendRun writes the last run. A count of 0 goes on to the end of the rounds.
func (t *Track) appendRun(out []byte, open bool) []byte {
	r := &t.run
	out = binary.AppendUvarint(out, uint64(r.first-t.end)) //nolint:gosec // rounds only count up
	out = binary.AppendUvarint(out, uint64(r.step))        //nolint:gosec // as above
	count := r.count
	if open && count > 1 {
		count = 0
	}
	out = binary.AppendUvarint(out, uint64(count))
	return append(out, r.what...)
}

// Pack writes the track for Unpack.
func (t *Track) Pack() []byte {
	out := append([]byte(nil), t.closed...)
	if t.any {
		out = t.appendRun(out, true)
	}
	return out
}

// What a reading holds.
const (
	hasNothing = 1 << iota // no data
	hasFault               // could not be measured
	hasWhole               // Value, a whole number
	hasValue               // Value
	hasSample
	hasCounts
	hasBefore // of counts
	hasLast
	hasExpected
	isAgain
)

// errKept stands for why something could not be measured: its words are not kept.
const errKept = "it could not be measured"

func pack(in *alert.Reading, again bool) []byte {
	if again {
		return binary.AppendUvarint(nil, isAgain)
	}
	flags := flagsOf(in)
	out := binary.AppendUvarint(nil, uint64(flags)) //nolint:gosec // bits
	if flags&hasWhole != 0 {
		out = binary.AppendVarint(out, int64(in.Value))
	}
	if flags&hasValue != 0 {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(in.Value))
	}
	if flags&hasSample != 0 {
		out = binary.AppendVarint(out, in.Sample)
	}
	if flags&hasCounts != 0 {
		out = binary.AppendUvarint(out, uint64(len(in.Counts)))
		for _, c := range in.Counts {
			out = binary.AppendVarint(out, int64(c.Span.Long()/time.Millisecond))
			out = binary.AppendVarint(binary.AppendVarint(out, c.Now.Hits), c.Now.Of)
			if flags&hasBefore != 0 {
				out = binary.AppendVarint(binary.AppendVarint(out, c.Before.Hits), c.Before.Of)
			}
		}
	}
	if flags&hasLast != 0 {
		out = binary.AppendVarint(out, in.At.UnixMilli()-in.Last.UnixMilli())
	}
	if flags&hasExpected != 0 {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(in.Expected))
	}
	return out
}

func flagsOf(in *alert.Reading) (flags int) {
	set := func(is bool, flag int) {
		if is {
			flags |= flag
		}
	}
	whole := in.Value == math.Trunc(in.Value) && math.Abs(in.Value) < 1<<53 // neither of NaN and Inf
	set(in.NoData, hasNothing)
	set(in.Err != "", hasFault)
	set(in.Value != 0 && whole, hasWhole)
	set(in.Value != 0 && !whole, hasValue)
	set(in.Sample != 0, hasSample)
	set(len(in.Counts) > 0, hasCounts)
	for _, c := range in.Counts {
		set(c.Before != stat.Rate{}, hasBefore)
	}
	set(!in.Last.IsZero(), hasLast)
	set(in.Expected != 0, hasExpected)
	return flags
}

// reader takes a body apart; bad stays once it is.
type reader struct {
	body []byte
	bad  bool
}

func (r *reader) uvarint() int {
	v, n := binary.Uvarint(r.body)
	if n <= 0 || v > math.MaxInt32 {
		r.bad, r.body = true, nil
		return 0
	}
	r.body = r.body[n:]
	return int(v)
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.body)
	if n <= 0 {
		r.bad, r.body = true, nil
		return 0
	}
	r.body = r.body[n:]
	return v
}

func (r *reader) float() float64 {
	if len(r.body) < 8 {
		r.bad, r.body = true, nil
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(r.body))
	r.body = r.body[8:]
	return v
}

// reading reads one; silent is how long before it the last sign of life was.
func (r *reader) reading() (in alert.Reading, silent *time.Duration, again bool) {
	flags := r.uvarint()
	in.NoData = flags&hasNothing != 0
	if flags&hasFault != 0 {
		in.Err = errKept
	}
	if flags&hasWhole != 0 {
		in.Value = float64(r.varint())
	}
	if flags&hasValue != 0 {
		in.Value = r.float()
	}
	if flags&hasSample != 0 {
		in.Sample = r.varint()
	}
	if flags&hasCounts != 0 {
		for n := r.uvarint(); n > 0 && !r.bad; n-- {
			c := condition.Count{Span: alert.Duration(time.Duration(r.varint()) * time.Millisecond), Now: stat.Rate{Hits: r.varint(), Of: r.varint()}}
			if flags&hasBefore != 0 {
				c.Before = stat.Rate{Hits: r.varint(), Of: r.varint()}
			}
			in.Counts = append(in.Counts, c)
		}
	}
	if flags&hasLast != 0 {
		silent = new(time.Duration(r.varint()) * time.Millisecond)
	}
	if flags&hasExpected != 0 {
		in.Expected = r.float()
	}
	return in, silent, flags&isAgain != 0
}

// Unpack hands out what Track.Pack wrote, with the rounds of its block. A stretch
// holds until use returns.
func Unpack(rounds []time.Time, body []byte, use func(*alert.Stretch)) error {
	r := reader{body: body}
	end := 0
	var s alert.Stretch
	for len(r.body) > 0 {
		first := end + r.uvarint()
		step, count := max(1, r.uvarint()), r.uvarint()
		s.Reading, s.Silent, s.Again = r.reading()
		if r.bad {
			return errBroken
		}
		if count == 0 {
			count = max(0, (len(rounds)-1-first)/step+1)
		}
		if last := first + (count-1)*step; count == 0 || last >= len(rounds) {
			return fmt.Errorf("%w: it speaks of round %d of %d", errBroken, last, len(rounds))
		}
		s.Times = s.Times[:0]
		for n := range count {
			s.Times = append(s.Times, rounds[first+n*step])
		}
		use(&s)
		end = first + (count-1)*step + 1
	}
	return nil
}
