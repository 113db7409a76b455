package intake

import (
	"time"

	"applicreations.com/introspect/internal/event"
)

// The times of leaving and coming back (DOMAIN 9.7).
const (
	RiskAfter      = 5 * time.Minute // without activity a client may be leaving
	AbandonedAfter = 24 * time.Hour  // without activity an interview counts as left
	RecoverWithin  = 48 * time.Hour  // of that, its client may go on as if nothing had been
)

// Abandon ends an unfinished session because its client starts over (DOMAIN
// 1.10): it is never opened again. An ended session is left as it is, with an
// empty Turn.
func (e *Engine) Abandon(s *Session, now time.Time) Turn {
	if s.Status == InProgress {
		s.LastActivity = now // starting over is something that the client does
	}
	t := e.leave(s, now)
	if s.Status == Abandoned {
		s.StartedOver = true
	}
	return t
}

// Lapse marks an unfinished session as abandoned when nobody was active in it
// for AbandonedAfter; its client may still recover it. Otherwise it changes
// nothing and returns an empty Turn.
func (e *Engine) Lapse(s *Session, now time.Time) Turn {
	if now.Sub(s.LastActivity) < AbandonedAfter {
		return Turn{}
	}
	return e.leave(s, now)
}

func (e *Engine) leave(s *Session, now time.Time) Turn {
	if s.Status != InProgress {
		return Turn{}
	}
	w := &work{e: e, s: s, now: now, memo: memo{}}
	s.Status, s.LeftAt = Abandoned, now
	w.emit(event.SessionAbandoned{
		LastQuestion: s.Questions, CompletionPercentage: s.Furthest, TimeSpent: s.LastActivity.Sub(s.CreatedAt).Minutes(),
	})
	return w.turn
}

// leftAt is when a session was marked as abandoned; in those of earlier versions
// that took the place of the last activity.
func (s *Session) leftAt() time.Time {
	if s.LeftAt.IsZero() {
		return s.LastActivity
	}
	return s.LeftAt
}

// Open reports whether the client may go on: the session is unfinished, or it
// was left less than RecoverWithin ago. A session that its client started over
// is closed for good.
func (s *Session) Open(now time.Time) bool {
	return s.Status == InProgress || s.Status == Abandoned && !s.StartedOver && now.Sub(s.leftAt()) < RecoverWithin
}

// Recover lets the client of an open session go on. The Turn is empty when the
// session was not abandoned; the time of return is noted in any case. A session
// that is not open is left as it is.
func (e *Engine) Recover(s *Session, now time.Time) Turn {
	if !s.Open(now) {
		return Turn{}
	}
	left := s.Status == Abandoned
	s.Status, s.LastActivity, s.LeftAt = InProgress, now, time.Time{}
	if !left {
		return Turn{}
	}
	w := &work{e: e, s: s, now: now, memo: memo{}}
	w.emit(event.Plain{Name: event.NameSessionRecovered})
	return w.turn
}

// AtRisk reports whether the client of an unfinished session may be leaving:
// there was no activity for more than RiskAfter, or features are on offer and
// none of them is chosen.
func (s *Session) AtRisk(now time.Time) bool {
	return s.Status == InProgress && (now.Sub(s.LastActivity) > RiskAfter || s.Current.Kind == RecommendFeatures)
}
