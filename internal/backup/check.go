package backup

import (
	"context"
	"errors"
	"fmt"

	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// What a check reads beyond every page: figures of some days, and the personal
// data of some sessions, which only the right key opens.
const (
	sampleDays     = 8
	sampleSessions = 5
)

// check opens a copy as the program would and proves it: pages, references,
// figures against facts and events, sealed values. It returns what the copy
// holds, and whether its figures had to be made again because an older program
// made them. Its days stay cut in the zone in which they are, which may be
// another than that of today. The copy must belong to nobody else; it is closed and one file again
// when check returns, but not brought to the disk.
func (k *Keeper) check(ctx context.Context, path string) (counts store.Counts, remade bool, err error) {
	st, err := store.Open(ctx, store.Config{Path: path, Keys: k.cfg.Keys, Zone: k.cfg.Zone, KeepZone: true, Now: k.cfg.Now, Scratch: true})
	if err != nil {
		return counts, false, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	if err := st.CheckIntegrity(ctx); err != nil {
		return counts, false, err
	}
	if err := st.Migrated(ctx); err != nil {
		return counts, false, err
	}
	if err := auditSample(ctx, st); err != nil {
		return counts, false, err
	}
	if err := openSample(ctx, st); err != nil {
		return counts, false, err
	}
	counts, err = st.Counts(ctx)
	return counts, st.Remade(), err
}

// auditSample adds up some days again, the oldest and the newest among them.
func auditSample(ctx context.Context, st *store.Store) error {
	days, err := st.Days(ctx)
	if err != nil {
		return err
	}
	for i := range min(sampleDays, len(days)) {
		day := days[len(days)-1]
		if i > 0 {
			day = days[(i-1)*len(days)/sampleDays]
		}
		found, err := st.AuditDay(ctx, day)
		if err != nil {
			return err
		}
		if found.Drift+found.Wrong > 0 {
			return fmt.Errorf("%w: on day %d, %s and the facts of %s do not follow from the events; introspect rollup rebuild makes them again",
				store.ErrDamaged, day, scope.Plural(found.Drift, "figure"), scope.Plural(found.Wrong, "session"))
		}
	}
	return nil
}

// openSample opens the sealed values of some sessions.
func openSample(ctx context.Context, st *store.Store) error {
	some, err := st.Sessions(ctx, store.SessionFilter{Limit: sampleSessions})
	if err != nil {
		return err
	}
	for _, s := range some {
		if _, err := st.Session(ctx, s.ID); err != nil {
			return err
		}
		if _, err := st.Messages(ctx, s.ID); err != nil {
			return err
		}
	}
	return nil
}
