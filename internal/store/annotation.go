package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The kinds of annotations.
const (
	KindDeployment  = "deployment"
	KindIncident    = "incident"
	KindMaintenance = "maintenance"
	KindNote        = "note"
	KindFailure     = "failure" // of a deployment or a smoke test
)

// Annotation is a mark on the time axis of the dashboard.
type Annotation struct {
	ID   string
	At   time.Time
	Kind string
	Text string
}

// Annotate keeps a mark and returns its id. Text must hold no personal data.
func (s *Store) Annotate(ctx context.Context, a Annotation) (string, error) {
	var id string
	err := s.w.do(ctx, func(w *tx) (err error) {
		id, err = w.annotate(a)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("keep annotation: %w", err)
	}
	return id, nil
}

func (t *tx) annotate(a Annotation) (id string, err error) {
	made, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make id of annotation: %w", err)
	}
	return made.String(), t.run(`INSERT INTO annotations (id, at, kind, text) VALUES ($1, $2, $3, $4)`, made.String(), a.At.UnixMilli(), a.Kind, a.Text)
}

// Unannotate removes a mark; one that is not there is no error.
func (s *Store) Unannotate(ctx context.Context, id string) error {
	err := s.w.do(ctx, func(w *tx) error { return w.run(`DELETE FROM annotations WHERE id = $1`, id) })
	if err != nil {
		return fmt.Errorf("remove annotation: %w", err)
	}
	return nil
}

// Annotations lists the marks from one moment up to but without another, the
// earliest first.
func (s *Store) Annotations(ctx context.Context, from, til time.Time) ([]Annotation, error) {
	var out []Annotation
	err := s.each(ctx, `SELECT id, at, kind, text FROM annotations WHERE at >= $1 AND at < $2 ORDER BY at, id LIMIT 500`,
		[]any{from.UnixMilli(), til.UnixMilli()}, func(r scanner) error {
			var a Annotation
			var at int64
			err := r.Scan(&a.ID, &at, &a.Kind, &a.Text)
			a.At = time.UnixMilli(at).UTC()
			out = append(out, a)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read annotations: %w", err)
	}
	return out, nil
}
