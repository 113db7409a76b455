package metric

import "time"

// Ledger adds up what many sessions change in the rollups, faster than a Delta:
// the counts of one session come in runs that go to the same rows, and a run
// looks its rows up once; small indexes, which are nearly all, are counted in an
// array. The zero value is ready. A Ledger does not lock.
type Ledger struct {
	rows map[Key]*tally

	at   *place // of the run
	run  part   // what the run counts, its index aside
	into []*tally
	keys []Key
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
func (l *Ledger) Change(before, after Facts, zone *time.Location) {
	l.change(before, after, zone)
	l.at = nil // the next session stands elsewhere
}

// Merge adds changes that were added up elsewhere.
func (l *Ledger) Merge(d Delta) {
	for k, v := range d {
		row := l.row(k)
		for i, n := range v {
			row.add(i, n)
		}
	}
}

// Take returns everything added so far, without rows and entries that came to
// nothing, and begins anew.
func (l *Ledger) Take() Delta {
	d := make(Delta, len(l.rows))
	for k, row := range l.rows {
		if v := row.vector(); len(v) > 0 {
			d[k] = v
		}
	}
	*l = Ledger{}
	return d
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
	l.at, l.run = at, p
	l.keys = at.keys(p, l.keys[:0])
	l.into = l.into[:0]
	for _, k := range l.keys {
		l.into = append(l.into, l.row(k))
	}
}

func (l *Ledger) row(k Key) *tally {
	row, ok := l.rows[k]
	if !ok {
		if l.rows == nil {
			l.rows = make(map[Key]*tally)
		}
		row = new(tally)
		l.rows[k] = row
	}
	return row
}
