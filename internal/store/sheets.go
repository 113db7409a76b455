package store

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// sheetRoom is how many bytes the sheets of days may keep in memory. A session
// of ten events takes about a hundred.
const sheetRoom = 64 << 20

// sheets keeps what sessions count, day by day, for views of several filters.
// Days are made when a view first needs them, and anew when a commit changed
// them.
type sheets struct {
	mu   sync.Mutex // held while they are used
	all  metric.Sheets
	made map[int64]uint64 // by day, the number of the last commit that surely is in it
}

// changes tells which days the commits of this process changed. Where another
// process may have written, it is every day.
type changes struct {
	mu    sync.Mutex
	n     uint64 // commits so far
	days  map[int64]uint64
	since uint64 // the last commit that may have changed any day
}

// note is told of the rollups that a commit changed.
func (c *changes) note(delta []metric.Key, any bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	if any {
		c.since, c.days = c.n, nil
		return
	}
	for _, k := range delta {
		if k.Tier == metric.Day && !perCall(k.Metric) {
			if c.days == nil {
				c.days = make(map[int64]uint64)
			}
			c.days[k.Bucket] = c.n
		}
	}
}

// stale lists the days of a view that have to be made, and the number of the
// last commit before now.
func (s *sheets) stale(c *changes, views []metric.View) (days []int64, n uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := make(map[int64]bool)
	for _, v := range views {
		for day := v.From; day <= v.To; day++ {
			made, ok := s.made[day]
			if !seen[day] && (!ok || made < c.since || made < c.days[day]) {
				seen[day] = true
				days = append(days, day)
			}
		}
	}
	return days, c.n
}

// Cut adds up the sessions that have every value that a view asks for, each view
// by itself and all at one moment: the rows of combined views, which rollups
// cannot tell (metric.Sheets). What is in memory is compared with the rollups of
// the same moment, and made anew where it differs.
func (s *Store) Cut(ctx context.Context, views ...metric.View) ([]metric.Row, error) {
	h := &s.sheets
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.made == nil {
		h.made = make(map[int64]uint64)
	}
	days, n := h.stale(&s.w.changes, views)
	var out []metric.Row
	err := s.snapshot(ctx, func(q querier) error {
		for _, whole := range []bool{false, false, true} {
			if err := s.fillSheets(ctx, q, days, n, whole); err != nil {
				return err
			}
			var err error
			if days, err = h.differing(ctx, q, views); err != nil {
				return err
			}
			if len(days) == 0 {
				break
			}
		}
		for _, v := range views {
			out = append(out, h.all.Rows(v)...)
		}
		return nil
	})
	h.makeRoom()
	if err != nil {
		return nil, fmt.Errorf("add up the sessions of a view: %w", err)
	}
	return out, nil
}

// fillSheets makes days from the facts of a snapshot that has the commit of a
// number. A session was last seen on the day of its start or later, unless the
// system itself began it: whole looks at those as well.
func (s *Store) fillSheets(ctx context.Context, q querier, days []int64, n uint64, whole bool) error {
	if len(days) == 0 {
		return nil
	}
	first, last := days[0], days[0]
	for _, day := range days {
		first, last = min(first, day), max(last, day)
	}
	from := s.midnight(first).UnixMicro()
	if whole {
		from = math.MinInt64
	}
	var err error
	s.sheets.all.Fill(days, s.zone, func(yield func(metric.Facts) bool) {
		err = each(ctx, q, `SELECT state FROM session_facts WHERE last_seen >= $1 AND entry < $2`,
			[]any{from, s.midnight(last + 1).UnixMicro()}, func(r scanner) error {
				var state []byte
				if err := r.Scan(&state); err != nil {
					return err
				}
				f, err := metric.DecodeFacts(state)
				if err == nil && !yield(f) {
					return errEnough
				}
				return err
			})
	})
	for _, day := range days {
		if err != nil { // half a day is none
			s.sheets.all.Drop(day)
			delete(s.sheets.made, day)
			continue
		}
		s.sheets.made[day] = n
	}
	return err
}

// midnight is the first moment of a local day.
func (s *Store) midnight(day int64) time.Time { return metric.Begins(day, s.zone) }

// differing lists the days whose sheets come to something else than the rollups:
// a commit that was not noted yet, or another process.
func (s *sheets) differing(ctx context.Context, q querier, views []metric.View) ([]int64, error) {
	want := make(map[int64]*metric.Totalled)
	for _, v := range views {
		for day := v.From; day <= v.To; day++ {
			want[day] = new(metric.Totalled)
		}
		for _, m := range []string{metric.Funnel, metric.Sessions} {
			rows, err := rollupsIn(ctx, q, metric.Range{Tier: metric.Day, Metric: m, Dimension: metric.All, From: v.From, To: v.To, One: true})
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				want[r.Key.Bucket].Add(m, r.Vector)
			}
		}
	}
	var out []int64
	for day, t := range want {
		if got, _ := s.all.Total(day); got != *t {
			out = append(out, day)
		}
	}
	return out, nil
}

// makeRoom forgets the oldest days while all take too much.
func (s *sheets) makeRoom() {
	for _, day := range s.all.Days() {
		if s.all.Size() <= sheetRoom {
			return
		}
		s.all.Drop(day)
		delete(s.made, day)
	}
}
