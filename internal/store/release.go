package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// releaseSetting is the setting that holds the Release.
const releaseSetting = "running_release"

// Release is what serves, and since when.
type Release struct {
	Version string    `json:"version"`
	Commit  string    `json:"commit,omitempty"`
	At      time.Time `json:"at"` // of its first start
}

// String names the release: the version, and where it is known the commit.
func (r Release) String() string {
	if r.Commit == "" {
		return r.Version
	}
	return r.Version + " (" + r.Commit[:min(7, len(r.Commit))] + ")"
}

// Running is the release that was noted last; the zero value when none was.
func (s *Store) Running(ctx context.Context) (Release, error) {
	var r Release
	text, err := s.Setting(ctx, releaseSetting)
	if errors.Is(err, ErrNotFound) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &r)
	}
	if err != nil {
		return Release{}, fmt.Errorf("read the running release: %w", err)
	}
	return r, nil
}

// NoteRelease notes that r serves, and marks the deployment on the time axis of
// the dashboard in the same transaction. The release that serves already
// changes nothing.
func (s *Store) NoteRelease(ctx context.Context, r Release) error {
	last, err := s.Running(ctx)
	if err != nil || last.Version == r.Version && last.Commit == r.Commit {
		return err
	}
	text := "Version " + r.String()
	if last.Version != "" {
		text += " after " + last.String()
	}
	value, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("note the release: %w", err)
	}
	err = s.w.do(ctx, func(w *tx) error {
		if _, err := w.annotate(Annotation{At: r.At, Kind: KindDeployment, Text: text}); err != nil {
			return err
		}
		return w.saveSetting(releaseSetting, string(value))
	})
	if err != nil {
		return fmt.Errorf("note the release: %w", err)
	}
	return nil
}
