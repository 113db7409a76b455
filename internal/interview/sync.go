package interview

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/text/unicode/norm"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/store"
)

// Seen is what a browser knows of its session: the action that it shows, and
// perhaps text that was typed for it and not sent.
type Seen struct {
	Action intake.ActionID
	Draft  *Draft // nil: nothing was typed
}

// Draft is unsent text. A time in the future counts as now.
type Draft struct {
	Text string
	At   time.Time
}

// The version that holds after a synchronisation (DOMAIN 1.11).
const (
	NewerServer = "server" // the session has moved on, or a newer draft is kept here
	NewerClient = "client" // what the browser sent is kept
	NewerNone   = "none"   // both have the same
)

// Synced is the state of a session after a browser told what it knows.
type Synced struct {
	Session *intake.Session
	Draft   *Draft // of the current action, as it is kept now; nil: none
	Newer   string
}

// Sync keeps what a browser has that the server does not, and tells which of
// both is newer. A draft for an action that was answered is not kept: the
// session went on without it.
func (s *Service) Sync(ctx context.Context, id event.SessionID, token string, seen Seen) (Synced, error) {
	rec, err := s.authorize(ctx, id, token)
	if err != nil {
		return Synced{}, err
	}
	out := Synced{Session: rec.Session, Newer: NewerNone}
	if seen.Action != rec.Session.Current.ID || rec.Session.Status != intake.InProgress {
		out.Newer = NewerServer
	}
	var kept store.Draft
	if seen.Draft == nil || out.Newer == NewerServer {
		kept, err = s.st.Draft(ctx, id)
	} else {
		d := store.Draft{Session: id, Action: seen.Action, At: seen.Draft.At.Truncate(time.Millisecond), Text: norm.NFC.String(seen.Draft.Text)}
		if now := s.now(); d.At.After(now) {
			d.At = now
		}
		kept, err = s.st.SaveDraft(ctx, d)
		out.Newer = NewerServer
		if kept.Text == d.Text {
			out.Newer = NewerClient
		}
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Synced{}, fmt.Errorf("synchronise session %s: %w", id, err)
	}
	if err == nil && kept.Action == rec.Session.Current.ID {
		out.Draft = &Draft{Text: kept.Text, At: kept.At}
	}
	return out, nil
}
