package web

import (
	_ "embed"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
)

//go:embed openapi.json
var openAPIDocument string

// livez says that the process answers.
func (s *Server) livez(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether this process should get requests.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	if err := s.cfg.Health.Ready(r.Context()); err != nil {
		s.log.WarnContext(r.Context(), "not ready", "error", err.Error())
		return writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
	}
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// healthReport is the seed's health document (S14 to S28).
func (s *Server) healthReport(w http.ResponseWriter, r *http.Request) error {
	report, status := s.cfg.Health.Report(r.Context())
	if report.Cause != nil {
		s.log.LogAttrs(r.Context(), slog.LevelError, "health report failed", slog.String("error", report.Cause.Error()))
	}
	return writeJSON(w, status, report)
}

// openAPI serves the description of the JSON API.
func (s *Server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	_, _ = w.Write([]byte(strings.Replace(openAPIDocument, `"version": "0"`, `"version": `+strconv.Quote(s.version()), 1)))
	return nil
}

func (s *Server) version() string {
	if s.cfg.Version == "" {
		return "3.2.0"
	}
	return s.cfg.Version
}
