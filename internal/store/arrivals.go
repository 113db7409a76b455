package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Place is where a reader stands in the order of arrival. Its zero value is
// before everything.
type Place struct {
	received int64
	session  string
	n        int64
}

// PlaceAt is before everything that arrives at a moment or later.
func PlaceAt(t time.Time) Place { return Place{received: t.UnixMicro() - 1, session: "\xff"} }

// String writes the place for ParsePlace.
func (p Place) String() string { return fmt.Sprintf("%d/%d/%s", p.received, p.n, p.session) }

// At is the moment of arrival that the place stands for.
func (p Place) At() time.Time { return time.UnixMicro(p.received).UTC() }

// ParsePlace reads what String wrote.
func ParsePlace(s string) (Place, error) {
	parts := strings.SplitN(s, "/", 3)
	if len(parts) == 3 {
		received, err1 := strconv.ParseInt(parts[0], 10, 64)
		n, err2 := strconv.ParseInt(parts[1], 10, 64)
		if err1 == nil && err2 == nil {
			return Place{received, parts[2], n}, nil
		}
	}
	return Place{}, fmt.Errorf("read place %q: it is no place in the order of arrival", s)
}

// Arrived reads events in the order of their arrival, from behind a place on, and
// returns the place behind them. A page ends with the commit that makes it as
// long as the limit, so it may be longer. With nothing new the place stays.
func (s *Store) Arrived(ctx context.Context, after Place, limit int) ([]StoredEvent, Place, error) {
	var out []StoredEvent
	err := s.each(ctx, `SELECT `+chunkColumns+`, c.n FROM `+chunkTables+`
		WHERE (c.received_at, c.session_id, c.n) > ($1, $2, $3) ORDER BY c.received_at, c.session_id, c.n LIMIT $4`,
		[]any{after.received, after.session, after.n, limit}, func(r scanner) error {
			if len(out) >= limit {
				return errEnough
			}
			var n int64
			c, err := scanChunk(r, &n)
			if err != nil {
				return err
			}
			after = Place{c.received, string(c.session), n}
			return c.each(func(e StoredEvent) { out = append(out, e) })
		})
	if err != nil {
		return nil, after, fmt.Errorf("read what arrived after %s: %w", after.At().Format(time.RFC3339), err)
	}
	return out, after, nil
}
