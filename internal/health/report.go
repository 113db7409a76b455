package health

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// The values of Report.Status.
const (
	Healthy   = "healthy"
	Degraded  = "degraded"  // a critical check is false
	Unhealthy = "unhealthy" // the evaluation itself failed
)

// Report is the body of GET /api/health, spelled as in the seed (S15).
type Report struct {
	Timestamp   string  `json:"timestamp"` // ISO 8601, UTC, milliseconds
	Status      string  `json:"status"`
	Version     string  `json:"version"`
	Commit      string  `json:"commit,omitempty"` // of the build, so that a deployment knows which one answers
	Environment string  `json:"environment"`
	Checks      Checks  `json:"checks"`
	Metrics     Metrics `json:"metrics"`
	Interviewer string  `json:"interviewer,omitempty"` // "embedded" when no model is configured
	Error       string  `json:"error,omitempty"`       // a plain sentence, only when unhealthy
	Cause       error   `json:"-"`                     // the error behind Error, for the log
}

// Checks says which dependencies answered.
type Checks struct {
	Database bool `json:"database"`
	Redis    bool `json:"redis"`
	Claude   bool `json:"claude"`
	Email    bool `json:"email"`
}

// Metrics are the figures since local midnight (S21-S25).
type Metrics struct {
	SessionsToday            int     `json:"sessionsToday"`
	CompletionsToday         int     `json:"completionsToday"`
	AverageQuestions         float64 `json:"averageQuestions"`
	BusinessModelsClassified int     `json:"businessModelsClassified"`
	FeaturesAdopted          int     `json:"featuresAdopted"`
}

// Report answers GET /api/health: the body, and 200 when all critical checks
// are true, else 503. It asks the database and takes the peers, and whether a
// row can be written, from the last probe. When the day's figures cannot be read although the database answers,
// the report is unhealthy and keeps what is known (S28).
func (c *Checker) Report(ctx context.Context) (Report, int) {
	now := c.cfg.Now()
	r := Report{
		Timestamp:   now.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		Status:      Healthy,
		Version:     c.cfg.Version,
		Commit:      c.cfg.Commit,
		Environment: c.cfg.Environment,
	}
	if c.cfg.Claude == nil {
		r.Interviewer = "embedded"
	}
	c.mu.Lock()
	r.Checks = c.peers
	c.mu.Unlock()

	r.Checks.Database = c.database(ctx)
	if r.Checks.Database {
		// Whoever watches from outside must hear that nothing can be kept, such as
		// on a full disk, although everything can be read.
		r.Checks.Database = c.keeps()
		figures, err := c.today(ctx, now)
		if err != nil {
			r.Status, r.Error = Unhealthy, "The figures of today could not be read."
			r.Cause = fmt.Errorf("read figures of today: %w", err)
			return r, http.StatusServiceUnavailable
		}
		r.Metrics = Metrics(figures)
	}
	if !c.serves(r.Checks) {
		r.Status = Degraded
		return r, http.StatusServiceUnavailable
	}
	return r, http.StatusOK
}

// database runs a minimal query on the sessions (S17).
func (c *Checker) database(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, DatabaseDeadline)
	defer cancel()
	return c.cfg.Store.Ping(ctx) == nil
}

// keeps is whether the last attempt to write a row worked; true before the first.
func (c *Checker) keeps() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.findings {
		if f.Name == "database_write" {
			return f.Grade != Fail
		}
	}
	return true
}

func (c *Checker) today(ctx context.Context, now time.Time) (store.HealthFigures, error) {
	ctx, cancel := context.WithTimeout(ctx, DatabaseDeadline)
	defer cancel()
	return c.cfg.Store.Today(ctx, metric.Begins(metric.DayBucket(now, c.cfg.Zone), c.cfg.Zone))
}
