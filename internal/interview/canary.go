package interview

import (
	"context"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
)

// forgottenAfter is when a canary that nobody removed is taken out by the next
// one: no smoke test lasts that long.
const forgottenAfter = time.Hour

// BeginCanary opens a session like Begin, for a program that tries whether the
// product works. No figure counts it.
func (s *Service) BeginCanary(ctx context.Context, c intake.Client) (Begun, error) {
	id := NewVisit()
	if err := s.st.MarkCanary(ctx, id, s.now()); err != nil {
		return Begun{}, err
	}
	return s.begin(ctx, id, composed(c), true)
}

// RemoveCanary takes a canary out, and those that were forgotten. It returns
// how many there were; a session of a client is never touched.
func (s *Service) RemoveCanary(ctx context.Context, id event.SessionID) (int, error) {
	n, err := s.st.RemoveCanaries(ctx, id, s.now().Add(-forgottenAfter))
	if err != nil {
		return 0, fmt.Errorf("remove canary %s: %w", id, err)
	}
	return n, nil
}
