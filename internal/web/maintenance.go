package web

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/status"
)

// modeFor is how long the switch of maintenance mode is believed without
// reading it again: the command line sets it in another process, and it has to
// be seen within two seconds (S135).
const modeFor = time.Second

// modeWait is how long a request waits for a reading of the switch.
const modeWait = 300 * time.Millisecond

// switchboard remembers the switch between readings.
type switchboard struct {
	mu   sync.Mutex
	mode status.Mode
	read time.Time
}

// forget makes the next request read the switch.
func (b *switchboard) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read = time.Time{}
}

// mode is the switch of maintenance mode. While the database does not answer,
// it stays as it was last seen.
func (s *Server) mode(ctx context.Context) status.Mode {
	b := &s.switchboard
	b.mu.Lock()
	defer b.mu.Unlock()
	now := s.now()
	if since := now.Sub(b.read); since >= 0 && since < modeFor {
		return b.mode
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), modeWait)
	defer cancel()
	if m, err := s.cfg.Store.Mode(limited); err == nil {
		b.mode = m
	} else {
		s.log.WarnContext(ctx, "maintenance mode was not read; it stays as it was", "error", err.Error())
	}
	b.read = now
	return b.mode
}

// entrance says what a route is while visitors are kept out.
type entrance int

const (
	always   entrance = iota // stays open
	visitors                 // for those with an interview only
	starts                   // for those with an interview under way only
	newcomer                 // for nobody: it begins an interview, or gives one up
)

// entranceOf sorts the routes. What is not named stays open: health, status,
// metrics, files, the collector, the agency's pages, and the API of sessions
// that exist.
func entranceOf(pattern string) entrance {
	switch pattern {
	case "POST /api/sessions", "GET /intake/restart", "POST /intake/restart":
		return newcomer
	case "GET /intake", "POST /intake", "POST /intake/begin":
		return starts
	case "GET /{$}", "GET /success":
		return visitors
	}
	if strings.HasPrefix(pathOf(pattern), "/intake/") {
		return visitors
	}
	return always
}

// keptOut answers a visitor who has to come back later, and reports whether it
// did. Whoever has an interview may finish it.
func (s *Server) keptOut(w http.ResponseWriter, r *http.Request, rt route) (bool, error) {
	kind := entranceOf(rt.pattern)
	if kind == always {
		return false, nil
	}
	m := s.mode(r.Context())
	now := s.now()
	if !m.Active(now) {
		return false, nil
	}
	if kind != newcomer {
		sess, ok := s.ongoing(r)
		if ok && (sess.Status == intake.InProgress || sess.Status == intake.Completed && kind == visitors) {
			return false, nil
		}
	}
	if rec, ok := w.(*recorder); ok {
		rec.planned = true
	}
	retry := m.RetryAfter(now)
	if rt.kind != page {
		return true, &problem{
			Status: http.StatusServiceUnavailable, Kind: "maintenance", Title: "Closed for maintenance",
			Detail: "New interviews cannot be started right now. Those under way can be finished. Please try again later.", Retry: retry, Level: slog.LevelInfo,
		}
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.Seconds()))))
	return true, s.render(w, http.StatusServiceUnavailable, "maintenance", s.maintenanceView(r, m))
}

// maintenancePage is templates/maintenance.html.
type maintenancePage struct {
	layout
	Message string
	Until   *moment // when it ends; nil: not known
	Going   bool    // an interview of this browser is under way
}

func (s *Server) maintenanceView(r *http.Request, m status.Mode) maintenancePage {
	view := maintenancePage{layout: s.layout("Back soon"), Message: m.Message}
	view.Screen = "maintenance"
	if !m.Until.IsZero() {
		at := s.moment(m.Until)
		view.Until = &at
	}
	sess, ok := s.ongoing(r)
	view.Going = ok && sess.Status == intake.InProgress
	return view
}
