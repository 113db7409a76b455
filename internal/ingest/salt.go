package ingest

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/event"
)

// saltDays is how long the secret of a day is kept: as long as its events may
// still arrive, so that one sent again gets the session of its first time.
const saltDays = 9

// salts holds the secrets of the days in use.
type salts struct {
	mu   sync.Mutex
	days map[string][]byte
}

// alias gives the session ids of anonymous visits for one batch.
type alias struct {
	service *Service
	ctx     context.Context //nolint:containedctx // lives as long as one call of Take
	err     error           // the first one of the store
}

func (s *Service) alias(ctx context.Context) *alias { return &alias{service: s, ctx: ctx} }

// of replaces a session id by a hash under the secret of the event's day, so
// that the visits of two days cannot be told to be one's. When the secret is
// gone, nobody can tell which session it was.
func (a *alias) of(id event.SessionID, at time.Time) event.SessionID {
	if a.err != nil {
		return id
	}
	salt, err := a.service.salt(a.ctx, at.UTC())
	if err != nil {
		a.err = err
		return id
	}
	mac := hmac.New(sha256.New, salt)
	_, _ = mac.Write([]byte(id)) // a hash never fails
	return event.SessionID(anonymous + event.DeriveID(string(mac.Sum(nil))))
}

// anonymous begins the session id of an anonymous visit.
const anonymous = "anon-"

// Anonymous reports whether a session id is that of a visit that asked not to be
// followed.
func Anonymous(id event.SessionID) bool { return strings.HasPrefix(string(id), anonymous) }

func (s *Service) salt(ctx context.Context, at time.Time) ([]byte, error) {
	s.salts.mu.Lock()
	defer s.salts.mu.Unlock()
	day := at.Format(time.DateOnly)
	if salt, ok := s.salts.days[day]; ok {
		return salt, nil
	}
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	oldest := s.now().UTC().AddDate(0, 0, -saltDays).Format(time.DateOnly)
	salt, err := s.store.Salt(ctx, day, oldest, fresh)
	if err != nil {
		return nil, err
	}
	if s.salts.days == nil {
		s.salts.days = make(map[string][]byte)
	}
	maps.DeleteFunc(s.salts.days, func(day string, _ []byte) bool { return day < oldest })
	s.salts.days[day] = salt
	return salt, nil
}
