package metric

import "time"

// Ledger adds up what many sessions change in the rollups, faster than a Delta:
// the counts of one session come in runs that go to the same rows, and a run
// looks its rows up once. The zero value is ready. A Ledger does not lock.
type Ledger struct {
	rows Delta

	at   *place // of the run
	run  part   // what the run counts, its index aside
	into []Vector
	keys []Key
}

// Change adds Change(before, after, zone).
func (l *Ledger) Change(before, after Facts, zone *time.Location) {
	l.change(before, after, zone)
	l.at = nil // the next session stands elsewhere
}

// Merge adds changes that were added up elsewhere.
func (l *Ledger) Merge(d Delta) {
	if l.rows == nil {
		l.rows = Delta{}
	}
	for k, v := range d {
		vectorOf(l.rows, k).Merge(v, 1)
	}
}

// Take returns everything added so far, without rows and entries that came to
// nothing, and begins anew.
func (l *Ledger) Take() Delta {
	d := l.rows
	for k, v := range d {
		for i, n := range v {
			if n == 0 {
				delete(v, i)
			}
		}
		if len(v) == 0 {
			delete(d, k)
		}
	}
	*l = Ledger{}
	if d == nil {
		d = Delta{}
	}
	return d
}

// add counts a part of a session that stands at a place.
func (l *Ledger) add(at *place, p part, sign int64) {
	if n, index := p.n, p.index; n != 0 {
		p.n, p.index = 0, 0
		if l.at != at || l.run != p {
			l.turn(at, p)
		}
		for _, v := range l.into {
			v[index] += sign * n
		}
	}
}

// turn looks up the rows of a new run.
func (l *Ledger) turn(at *place, p part) {
	if l.rows == nil {
		l.rows = Delta{}
	}
	l.at, l.run = at, p
	l.keys = at.keys(p, l.keys[:0])
	l.into = l.into[:0]
	for _, k := range l.keys {
		l.into = append(l.into, vectorOf(l.rows, k))
	}
}
