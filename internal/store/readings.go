package store

import (
	"context"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/trace"
)

// AlertReadings are what one fingerprint read in a block of rounds, or, without a
// rule, the rounds themselves. Package trace packs the bodies.
type AlertReadings struct {
	Rule        alert.RuleID
	Fingerprint alert.Fingerprint
	Block       time.Time // of its first round
	Body        []byte
}

// saveReadings stores blocks of readings over what was stored of them, and
// forgets those that are too old.
func (s *Store) saveReadings(w *tx, c AlertChange) error {
	for _, r := range c.Readings {
		if err := w.run(`INSERT INTO alert_readings (rule, fingerprint, block, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (rule, block, fingerprint) DO UPDATE SET body = excluded.body`, string(r.Rule), string(r.Fingerprint), r.Block.UnixMilli(), r.Body); err != nil {
			return err
		}
	}
	if c.Forget.IsZero() {
		return nil
	}
	return w.run(`DELETE FROM alert_readings WHERE block < $1`, c.Forget.UnixMilli())
}

// Readings hands out what a rule read in the blocks that began since a moment, by
// time, each with its fingerprint. A stretch holds until use returns. Blocks that
// cannot be read are left out, in part or as a whole, and counted.
func (s *Store) Readings(ctx context.Context, rule alert.RuleID, since time.Time, use func(alert.Fingerprint, *alert.Stretch)) (unread int, err error) {
	var rounds []time.Time
	known := int64(-1)
	err = s.each(ctx, `SELECT r.fingerprint, r.block, r.body, b.body FROM alert_readings r JOIN alert_readings b ON b.rule = '' AND b.block = r.block AND b.fingerprint = ''
		WHERE r.rule = $1 AND r.rule <> '' AND r.block >= $2 ORDER BY r.block, r.fingerprint`, []any{string(rule), since.UnixMilli()}, func(r scanner) error {
		var f alert.Fingerprint
		var block int64
		var body, times []byte
		if err := r.Scan(&f, &block, &body, &times); err != nil {
			return err
		}
		var err error
		if block != known {
			known = block
			rounds, err = trace.UnpackRounds(times)
		}
		if err == nil {
			err = trace.Unpack(rounds, body, func(in *alert.Stretch) { use(f, in) })
		}
		if err != nil {
			unread++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("read what rule %s measured: %w", rule, err)
	}
	return unread, nil
}

// ReadingsSize is how many bytes the kept readings hold, without what the
// database adds to a row.
func (s *Store) ReadingsSize(ctx context.Context) (rows, size int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(length(rule) + length(fingerprint) + 8 + length(body)), 0) FROM alert_readings`).Scan(&rows, &size)
	if err != nil {
		return 0, 0, fmt.Errorf("weigh the kept readings: %w", explain(err))
	}
	return rows, size, nil
}
