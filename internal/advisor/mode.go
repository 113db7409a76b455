package advisor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/store"
)

// Mode is what the owner wants of fallback mode.
type Mode string

// The modes. In fallback mode no vendor is called: rules and cached advice
// serve, and the number of conversations may be limited (S101-S103).
const (
	Auto Mode = "auto" // while a breaker is open
	On   Mode = "on"
	Off  Mode = "off" // never, so that nobody queues; calls still pause while a breaker is open
)

// ModeSetting is the setting that holds the mode. Another process may write it.
const ModeSetting = "advisor_fallback"

// RetrySetting holds the moment at which an owner last wanted the model to be
// tried again. Another process may write it.
const RetrySetting = "advisor_retry"

// ParseMode reads a mode.
func ParseMode(text string) (Mode, error) {
	switch m := Mode(text); m {
	case Auto, On, Off:
		return m, nil
	}
	return "", fmt.Errorf("fallback mode is %q; set it to on, off or auto", text)
}

// StoredMode reads the mode from a store, Auto when none was ever set.
func StoredMode(ctx context.Context, st *store.Store) (Mode, error) {
	text, err := st.Setting(ctx, ModeSetting)
	if errors.Is(err, store.ErrNotFound) {
		return Auto, nil
	}
	if err != nil {
		return Auto, fmt.Errorf("read fallback mode: %w", err)
	}
	return ParseMode(text)
}

// Refresh follows the switch and the notice, which another process may have
// set. What cannot be read leaves the mode as it is.
func (s *Service) Refresh(ctx context.Context) {
	m, err := StoredMode(ctx, s.cfg.Store)
	if err != nil {
		if ctx.Err() == nil {
			s.log.WarnContext(ctx, "the switch of fallback mode could not be read", "error", err)
		}
		return
	}
	if n, err := s.Notice(ctx); err == nil {
		s.alarm.Store(n.Text != "")
	}
	if wish, err := s.cfg.Store.Setting(ctx, RetrySetting); err == nil {
		s.follow(ctx, wish)
	}
	if old := s.mode.Swap(m); old != m {
		s.log.InfoContext(ctx, "fallback mode was switched", "from", old, "to", m)
	}
}

// Retry ends the pauses that failed calls have made, for an owner who has paid
// the bill or replaced a key: a problem of the account keeps calls away for
// hours. It acts at once here, and within two seconds in other processes.
func (s *Service) Retry(ctx context.Context) error {
	wish := s.now().UTC().Format(time.RFC3339Nano)
	if err := s.cfg.Store.SetSetting(ctx, RetrySetting, wish); err != nil {
		return fmt.Errorf("try the model again: %w", err)
	}
	s.again.Store(wish)
	s.reset(ctx)
	return nil
}

// begin takes over the switch; a wish to try again from before this process is
// over, because nothing keeps calls away yet.
func (s *Service) begin(ctx context.Context) {
	if wish, err := s.cfg.Store.Setting(ctx, RetrySetting); err == nil {
		s.again.Store(wish)
	}
	if why := s.TooDear(); why != "" {
		s.tell(ctx, "too_dear", why)
	}
	s.Refresh(ctx)
}

// TooDear says that a budget is smaller than what one question to the model is
// expected to cost, so that it is never asked; empty when it may be. No call
// would tell the owner, because there is none.
func (s *Service) TooDear() string {
	if s.cfg.Model == nil {
		return ""
	}
	micro, b := s.estimate(Turn{}), s.cfg.Budget
	for _, m := range []struct {
		name  string
		limit int64
	}{
		{"TURN", b.Turn}, {"SESSION", b.Session}, {"NETWORK", b.Network}, {"DAY", b.Day}, {"MONTH", b.Month},
	} {
		if m.limit > 0 && micro > m.limit {
			return fmt.Sprintf("One question to the model %s is expected to cost %d micro-dollars, and ADVISOR_BUDGET_%s allows %d, so it is never asked and rules conduct every interview. Raise the budget, or choose a cheaper ANTHROPIC_MODEL.",
				s.cfg.Model.Name(), micro, m.name, m.limit)
		}
	}
	return ""
}

// follow lets calls through again, once for each wish.
func (s *Service) follow(ctx context.Context, wish string) {
	if s.again.Swap(wish) != wish {
		s.reset(ctx)
	}
}

func (s *Service) reset(ctx context.Context) {
	if s.cfg.Model == nil {
		return
	}
	s.cfg.Model.Reset()
	s.log.InfoContext(ctx, "the model is tried again, because an owner said so")
}

// SetMode switches at once here, and within two seconds in other processes.
func (s *Service) SetMode(ctx context.Context, m Mode) error {
	if err := s.cfg.Store.SetSetting(ctx, ModeSetting, string(m)); err != nil {
		return fmt.Errorf("set fallback mode: %w", err)
	}
	s.mode.Store(m)
	return nil
}

// Mode is the mode that is in force.
func (s *Service) Mode() Mode {
	m, _ := s.mode.Load().(Mode)
	return m
}

// State is the breaker's.
func (s *Service) State() State {
	if s.cfg.Model == nil {
		return State{}
	}
	return s.cfg.Model.State()
}

// Fallback reports whether no vendor is called now.
func (s *Service) Fallback() bool { return s.closed() != "" }

// closed says why no vendor is called now, or nothing.
func (s *Service) closed() string {
	switch s.Mode() {
	case On:
		return "fallback"
	case Off:
		return ""
	case Auto:
	}
	if st := s.State(); st.Open {
		return "breaker_" + st.Cause
	}
	return ""
}

// interviewTime is how long an interview takes at the most. Calls that pause for
// longer pause for all of it.
const interviewTime = 30 * time.Minute

// InUse reports whether an interview that begins now, from a network, may meet
// the model, so that its client has to be told. It will not while the owner
// leaves the model out, while a budget for everything or for this network is used
// up, and while calls pause for longer than an interview takes. When the budgets
// cannot be read no model is asked, and so none is in use.
func (s *Service) InUse(ctx context.Context, network string) bool {
	if s.cfg.Model == nil || s.Mode() == On {
		return false
	}
	if st := s.State(); st.Open && st.Until.Sub(s.now()) > interviewTime {
		return false
	}
	spent, err := s.purse.usedUp(ctx, network, s.estimate(Turn{}))
	return err == nil && !spent
}

// HasModel reports whether a model may be asked at all.
func (s *Service) HasModel() bool { return s.cfg.Model != nil }

// ModelName names the model; empty without one.
func (s *Service) ModelName() string {
	if s.cfg.Model == nil {
		return ""
	}
	return s.cfg.Model.Name()
}
