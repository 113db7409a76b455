package store

import (
	"context"
	"fmt"
	"time"
)

// The kinds of operations whose results are kept.
const (
	OperationDeploy   = "deploy"
	OperationRollback = "rollback"
	OperationSmoke    = "smoke"
)

// OperationResult is what came of a deployment or a smoke test, which ran
// elsewhere. Its texts must hold no personal data.
type OperationResult struct {
	ID       string // made by who tells; the same twice is one
	Kind     string
	At       time.Time // when it ended
	Received time.Time
	Good     bool
	Version  string
	Step     string // at which it failed
	Detail   string // why
}

// keepResults is how long results are kept.
const keepResults = 400 * 24 * time.Hour

// NoteResult keeps a result, and marks one that is bad on the time axis of the
// dashboard in the same transaction. An id that is known changes nothing.
func (s *Store) NoteResult(ctx context.Context, r OperationResult) (isNew bool, err error) {
	err = s.w.do(ctx, func(w *tx) error {
		n, err := w.exec(`INSERT INTO operation_results (id, kind, at, received_at, good, version, step, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
			r.ID, r.Kind, r.At.UnixMilli(), s.now().UnixMilli(), r.Good, r.Version, r.Step, r.Detail)
		isNew = n > 0
		if err != nil || !isNew {
			return err
		}
		if !r.Good {
			if _, err := w.annotate(Annotation{At: r.At, Kind: KindFailure, Text: r.words()}); err != nil {
				return err
			}
		}
		return w.run(`DELETE FROM operation_results WHERE at < $1`, s.now().Add(-keepResults).UnixMilli())
	})
	if err != nil {
		return false, fmt.Errorf("keep the result of a %s: %w", r.Kind, err)
	}
	return isNew, nil
}

// words say in a line what failed.
func (r OperationResult) words() string {
	text := map[string]string{OperationDeploy: "Deployment", OperationRollback: "Rollback", OperationSmoke: "Smoke test"}[r.Kind]
	if r.Version != "" {
		text += " of " + r.Version
	}
	text += " failed"
	if r.Step != "" {
		text += " at " + r.Step
	}
	return text
}

// Results lists what ended since a moment, the newest first, a hundred at most.
func (s *Store) Results(ctx context.Context, since time.Time) ([]OperationResult, error) {
	var out []OperationResult
	err := s.each(ctx, `SELECT id, kind, at, received_at, good, version, step, detail FROM operation_results WHERE at >= $1 ORDER BY at DESC, id LIMIT 100`,
		[]any{since.UnixMilli()}, func(r scanner) error {
			var o OperationResult
			var at, received int64
			err := r.Scan(&o.ID, &o.Kind, &at, &received, &o.Good, &o.Version, &o.Step, &o.Detail)
			o.At, o.Received = fromMilli(at), fromMilli(received)
			out = append(out, o)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read results of operations: %w", err)
	}
	return out, nil
}
