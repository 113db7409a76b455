package web

import (
	"crypto/subtle"
	"io"
	"net/http"
	"slices"
)

// metricsBatch takes events from outside: POST /api/metrics/batch
// (ARCHITECTURE 4). text/plain is what a closing page can send without asking
// first.
func (s *Server) metricsBatch(w http.ResponseWriter, r *http.Request) error {
	if !s.mayCollect(r) {
		return unauthorized("This installation takes events from known origins or with a write key only.")
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return readProblem(err)
	}
	report, err := s.cfg.Ingest.Batch(r.Context(), body, r.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, report)
}

func (s *Server) mayCollect(r *http.Request) bool {
	c := s.cfg.Collect
	if c.Open || slices.Contains(c.Origins, r.Header.Get("Origin")) && r.Header.Get("Origin") != "" {
		return true
	}
	if s.origins.Check(r) == nil && r.Header.Get("Origin") != "" { // our own pages
		return true
	}
	given := []byte(bearer(r))
	return slices.ContainsFunc(c.Keys, func(key string) bool {
		return key != "" && subtle.ConstantTimeCompare(given, []byte(key)) == 1
	})
}
