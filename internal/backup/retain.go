package backup

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Retention says which backups are kept. A backup that any rule keeps stays.
type Retention struct {
	All     time.Duration // everything that is younger
	Daily   int           // the newest of so many days that have one
	Weekly  int           // the same for weeks
	Monthly int           // the same for months
}

// Usual keeps everything for two days, and then 14 days, 8 weeks, 12 months.
func Usual() Retention { return Retention{All: 48 * time.Hour, Daily: 14, Weekly: 8, Monthly: 12} }

// Drop names the backups that no rule keeps. The newest good one always stays,
// and what is not good is never deleted: somebody has to look at it first.
// Periods are cut in UTC. The list is newest first, as List returns it.
func (r Retention) Drop(now time.Time, all []Entry) []ID {
	periods := []struct {
		keep int
		name func(t time.Time) string
		last string
	}{
		{keep: r.Daily, name: func(t time.Time) string { return t.Format(time.DateOnly) }},
		{keep: r.Weekly, name: func(t time.Time) string {
			year, week := t.ISOWeek()
			return strconv.Itoa(year) + " " + strconv.Itoa(week)
		}},
		{keep: r.Monthly, name: func(t time.Time) string { return t.Format("2006-01") }},
	}
	var drop []ID
	first := true
	for _, e := range all {
		if e.Err != nil {
			continue
		}
		keep := first || now.Sub(e.At) < r.All
		first = false
		for i := range periods {
			p := &periods[i]
			if name := p.name(e.At.UTC()); p.keep > 0 && name != p.last {
				p.last = name
				p.keep--
				keep = true
			}
		}
		if !keep {
			drop = append(drop, e.ID)
		}
	}
	return drop
}

// unfinishedAfter is how old an attempt without a manifest must be to be taken
// for dead. Another machine may still be writing a younger one.
const unfinishedAfter = 24 * time.Hour

// prune deletes the backups that retention no longer keeps and what attempts
// that were killed left behind.
func (k *Keeper) prune(ctx context.Context) ([]ID, error) {
	all, err := k.List(ctx)
	if err != nil {
		return nil, err
	}
	drop := k.cfg.Keep.Drop(k.cfg.Now(), all)
	for _, id := range drop {
		// The manifest goes first: data without one is no backup, while a
		// manifest without data would be a broken promise.
		for _, name := range []string{id.manifest(), id.data()} {
			if err := k.cfg.To.Delete(ctx, name); err != nil {
				return nil, fmt.Errorf("delete old backup %s: %w", id, err)
			}
		}
	}
	names, err := k.cfg.To.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list backups in %s: %w", k.cfg.To, err)
	}
	for _, name := range dead(names, k.cfg.Now()) {
		if err := k.cfg.To.Delete(ctx, name); err != nil {
			return nil, fmt.Errorf("delete unfinished backup %s: %w", name, err)
		}
	}
	return drop, nil
}

// dead names the files of attempts that were never finished.
func dead(names []string, now time.Time) []string {
	finished := make(map[string]bool)
	for _, name := range names {
		if id, ok := strings.CutSuffix(name, manifestSuffix); ok {
			finished[id] = true
		}
	}
	var out []string
	for _, name := range names {
		part, unfinished := strings.CutPrefix(name, partPrefix)
		id, isData := strings.CutSuffix(part, dataSuffix)
		if !isData {
			id = strings.TrimSuffix(part, manifestSuffix)
		}
		at, ok := ID(id).time()
		if ok && now.Sub(at) > unfinishedAfter && (unfinished || isData && !finished[id]) {
			out = append(out, name)
		}
	}
	return out
}
