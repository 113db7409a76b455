package metric

import (
	"strings"
	"time"
)

// Ledger adds up what many sessions change in the rollups, faster than a Delta:
// the counts of one session come in runs that go to the same rows, and a run
// looks its rows up once; small indexes, which are nearly all, are counted in an
// array. The zero value is ready. A Ledger does not lock.
type Ledger struct {
	rows  map[spot]*tally
	texts map[string]text
	order []string // texts by number

	from, to place // of the session at hand, before and after

	at     *place            // of the run
	values [len(sliced)]text // of the place
	dims   [len(sliced)]text // the dimensions
	run    part              // what the run counts, its index aside
	into   []*tally
	spots  []spot
}

// text numbers a text of a ledger, so that keys are compared and hashed without
// reading texts. 0 is the empty one.
type text uint32

// spot is a Key in numbers. What is counted inside a value stands apart, since
// joining the two makes a new text.
type spot struct {
	tier                           Tier
	metric, dimension, value, part text
	parted                         bool // part counts, be it empty
	bucket                         int64
}

// lowIndexes is how many indexes of a row are counted in an array. The stages of
// the funnel and the figures of sessions are below it.
const lowIndexes = 32

// tally is one row in the making.
type tally struct {
	low  [lowIndexes]int64
	high Vector // by index, from lowIndexes on
}

func (t *tally) add(index int, n int64) {
	if index < lowIndexes {
		t.low[index] += n
		return
	}
	if t.high == nil {
		t.high = Vector{}
	}
	t.high[index] += n
}

// vector returns the row without entries that came to nothing.
func (t *tally) vector() Vector {
	v := t.high
	for i, n := range v {
		if n == 0 {
			delete(v, i)
		}
	}
	for i, n := range t.low {
		if n != 0 {
			if v == nil {
				v = Vector{}
			}
			v[i] = n
		}
	}
	return v
}

// Change adds Change(before, after, zone).
func (l *Ledger) Change(before, after *Facts, zone *time.Location) {
	l.change(&before.s, &after.s, zone)
	l.at = nil // the next session stands elsewhere
}

// less, lessHere and more take a count away from where the session stood or
// stands, and add it to where it stands.
func (l *Ledger) less(p part)     { l.add(&l.from, p, -1) }
func (l *Ledger) lessHere(p part) { l.add(&l.to, p, -1) }
func (l *Ledger) more(p part)     { l.add(&l.to, p, 1) }

// Merge adds changes that were added up elsewhere.
func (l *Ledger) Merge(d Delta) {
	for k, v := range d {
		row := l.row(spot{tier: k.Tier, metric: l.text(k.Metric), dimension: l.text(k.Dimension), value: l.text(k.Value), bucket: k.Bucket})
		for i, n := range v {
			row.add(i, n)
		}
	}
}

// Take returns everything added so far, without rows and entries that came to
// nothing, and begins anew.
func (l *Ledger) Take() Delta {
	d := make(Delta, len(l.rows))
	for at, row := range l.rows {
		v := row.vector()
		if len(v) == 0 {
			continue
		}
		k := l.key(at)
		if known, ok := d[k]; ok { // Merge brought the row by its joined value
			if known.Merge(v, 1); len(known) == 0 {
				delete(d, k)
			}
			continue
		}
		d[k] = v
	}
	*l = Ledger{}
	return d
}

// key spells a spot.
func (l *Ledger) key(at spot) Key {
	k := Key{at.tier, l.order[at.metric], l.order[at.dimension], l.order[at.value], at.bucket}
	if at.parted {
		k.Value += inside + l.order[at.part]
	}
	return k
}

// text numbers a text.
func (l *Ledger) text(s string) text {
	n, ok := l.texts[s]
	if !ok {
		if l.texts == nil {
			l.texts, l.order = map[string]text{"": 0}, []string{""}
			if s == "" {
				return 0
			}
		}
		n = text(len(l.order)) //nolint:gosec // far below four thousand millions
		l.texts[s], l.order = n, append(l.order, s)
	}
	return n
}

// add counts a part of a session that stands at a place.
func (l *Ledger) add(at *place, p part, sign int64) {
	if n, index := p.n, p.index; n != 0 {
		p.n, p.index = 0, 0
		if l.at != at || l.run != p {
			l.turn(at, p)
		}
		for _, row := range l.into {
			row.add(index, sign*n)
		}
	}
}

// turn looks up the rows of a new run.
func (l *Ledger) turn(at *place, p part) {
	if l.at != at {
		for i, value := range at.values {
			l.dims[i], l.values[i] = l.text(sliced[i]), l.text(value)
		}
	}
	l.at, l.run = at, p
	l.spots = l.keys(at, p, l.spots[:0])
	l.into = l.into[:0]
	for _, k := range l.spots {
		l.into = append(l.into, l.row(k))
	}
}

func (l *Ledger) row(k spot) *tally {
	row, ok := l.rows[k]
	if !ok {
		if l.rows == nil {
			l.rows = make(map[spot]*tally)
		}
		row = new(tally)
		l.rows[k] = row
	}
	return row
}

// keys appends the spot of every row that a part belongs to; the values of the
// place are those of the ledger.
func (l *Ledger) keys(at *place, p part, keys []spot) []spot {
	day := spot{tier: Day, metric: l.text(p.metric), bucket: at.day}
	if p.atEntry {
		day.bucket = at.entry
	}
	switch {
	case at.bot && p.always:
		day.dimension = l.text(DimBot)
		return append(keys, day)
	case at.bot:
		return keys
	}
	all := day
	all.dimension = l.text(All)
	if p.subDim != "" {
		day.part, day.parted = l.text(p.sub), true
		all.dimension, all.value = l.text(p.subDim), day.part
	}
	keys = append(keys, all)
	if p.quarters {
		quarter := all
		quarter.tier, quarter.dimension, quarter.value, quarter.bucket = Quarter, l.text(All), 0, at.quarter
		keys = append(keys, quarter)
	}
	for i, dimension := range sliced {
		if at.values[i] == "" && p.metric != Funnel || p.subDim == dimension {
			continue // only the funnel lists those that have none, and no model is counted inside a model
		}
		day.dimension, day.value = l.dims[i], l.values[i]
		keys = append(keys, day)
	}
	if at.trials == "" || p.metric != Funnel && p.metric != Sessions && p.metric != Asked && p.metric != Ordered {
		return keys
	}
	day.dimension = l.text(DimTrial)
	for tag := range strings.SplitSeq(at.trials, between) {
		day.value = l.text(tag)
		keys = append(keys, day)
	}
	return keys
}
