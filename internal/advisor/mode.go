package advisor

import (
	"context"
	"errors"
	"fmt"

	"applicreations.com/introspect/internal/store"
)

// Mode is what the owner wants of fallback mode.
type Mode string

// The modes. In fallback mode no vendor is called: rules and cached advice
// serve, and the number of conversations may be limited (S101-S103).
const (
	Auto Mode = "auto" // while a breaker is open
	On   Mode = "on"
	Off  Mode = "off" // never, whatever a breaker says
)

// ModeSetting is the setting that holds the mode. Another process may write it.
const ModeSetting = "advisor_fallback"

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
	if old := s.mode.Swap(m); old != m {
		s.log.InfoContext(ctx, "fallback mode was switched", "from", old, "to", m)
	}
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

// HasModel reports whether a model may be asked at all.
func (s *Service) HasModel() bool { return s.cfg.Model != nil }

// ModelName names the model; empty without one.
func (s *Service) ModelName() string {
	if s.cfg.Model == nil {
		return ""
	}
	return s.cfg.Model.Name()
}
