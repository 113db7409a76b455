// Package hindsight keeps what the alert rules read and tries rules on it again:
// what a rule did in the last 30 days, and what it would have done with other
// limits. A Keeper is told of every evaluation; a Tester goes through the same
// evaluations once more, with alert.Rerun.
package hindsight

import (
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/trace"
	"applicreations.com/introspect/internal/store"
)

const (
	// Retention is how long readings are kept: the 30 days of a record, and some
	// for the state in which those begin.
	Retention = 35 * 24 * time.Hour
	// blockLife is how long a block is written to. Longer ones are fewer rows and
	// more to write again.
	blockLife = time.Hour
	// flushEvery is how much may be lost of a process that is killed. What changed
	// the state of a rule is stored with that state in any case.
	flushEvery = 5 * time.Minute
	// forgetEvery is how often old blocks are deleted.
	forgetEvery = 24 * time.Hour
	// MaxTracks is how many label sets of a rule are kept in a block. Ten thousand
	// shops behind one label would otherwise fill the disk.
	MaxTracks = 32
)

// Keeper packs the readings of the rounds into blocks. It is for one goroutine.
type Keeper struct {
	block   time.Time // zero before the first round
	rounds  trace.Rounds
	tracks  map[alert.RuleID]map[alert.Fingerprint]*track
	flushed time.Time
	forgot  time.Time
	latest  time.Time
	left    []store.AlertReadings // of blocks before, not stored yet
}

// maxLeft bounds what waits for a database that is away.
const maxLeft = 20_000

type track struct {
	trace.Track

	noted int  // round of the last reading; -1: none
	dirty bool // what is stored says something else
}

// Round begins a round.
func (k *Keeper) Round(now time.Time) {
	if k.block.IsZero() || now.Sub(k.block) >= blockLife || now.Before(k.latest) {
		if !k.block.IsZero() {
			k.left = append(k.left, k.dirty()...)
			k.left = k.left[max(0, len(k.left)-maxLeft):]
		}
		k.block, k.rounds, k.tracks = now, trace.Rounds{}, map[alert.RuleID]map[alert.Fingerprint]*track{}
	}
	k.rounds.Add(now)
	k.latest = now
}

// Note keeps a reading of this round. Again says that it is the reading before,
// looked at once more.
func (k *Keeper) Note(id alert.RuleID, f alert.Fingerprint, in alert.Reading, again bool) {
	byLabels := k.tracks[id]
	if byLabels == nil {
		byLabels = map[alert.Fingerprint]*track{}
		k.tracks[id] = byLabels
	}
	t := byLabels[f]
	if t == nil {
		if len(byLabels) >= MaxTracks {
			return
		}
		t = &track{noted: -1}
		byLabels[f] = t
	}
	round := k.rounds.Len() - 1
	if t.noted == round { // a rule is evaluated once in a round
		return
	}
	t.noted = round
	t.dirty = t.Add(round, in, again) || t.dirty
}

// Changes are the blocks to store at the end of a round: with must, all that is
// not stored yet; without, nothing until it is time. Stored says that it worked.
func (k *Keeper) Changes(now time.Time, must bool) (list []store.AlertReadings, forget time.Time) {
	if k.block.IsZero() {
		return nil, time.Time{}
	}
	k.endMissing()
	if !must && len(k.left) == 0 && now.Sub(k.flushed) < flushEvery && !now.Before(k.flushed) {
		return nil, time.Time{}
	}
	if now.Sub(k.forgot) >= forgetEvery {
		forget = now.Add(-Retention)
	}
	return append(slices.Clone(k.left), k.dirty()...), forget
}

// dirty is what is not stored of the block, and its rounds, without which no track
// can be read.
func (k *Keeper) dirty() (list []store.AlertReadings) {
	for id, byLabels := range k.tracks {
		for f, t := range byLabels {
			if t.dirty {
				list = append(list, store.AlertReadings{Rule: id, Fingerprint: f, Block: k.block, Body: t.Pack()})
			}
		}
	}
	return append(list, store.AlertReadings{Block: k.block, Body: k.rounds.Pack()})
}

// endMissing ends the runs that would say that something was read in this round
// which was not.
func (k *Keeper) endMissing() {
	round := k.rounds.Len() - 1
	for _, byLabels := range k.tracks {
		for _, t := range byLabels {
			if t.noted != round && t.Expects(round) {
				t.End()
				t.dirty = true
			}
		}
	}
}

// Stored notes that the changes of a moment are stored.
func (k *Keeper) Stored(now, forgot time.Time) {
	k.flushed, k.left = now, nil
	if !forgot.IsZero() {
		k.forgot = now
	}
	for _, byLabels := range k.tracks {
		for _, t := range byLabels {
			t.dirty = false
		}
	}
}
