// Package smoke tries a running installation from outside, the way a client
// and its owner use it: its pages, its headers, the owner's figures, and a
// whole interview through the public JSON API by a client of package persona.
//
// The interview is a canary: it carries the owner's token, so that nothing
// counts it and no limit stops it, and it is taken out again at the end
// (docs/adr/0023). The package knows nothing of deployments; what a failed
// test means is decided by the caller. Start with Run.
package smoke

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Doer makes one request. *http.Client is one.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Config says what is tried. URL is required.
type Config struct {
	URL    string // such as https://intake.example.com
	Token  string // an API token of the owner; without one the canary and the figures fail
	Commit string // that has to answer; empty: any
	// Degraded accepts an installation whose model or mail vendor is down, as
	// it is when it was so before the deployment.
	Degraded bool
	Client   Doer             // nil: a client that follows no redirect and waits 20 s
	Now      func() time.Time // nil: time.Now
	// Note is told of each step when it is done; nil: nobody.
	Note func(Step)
}

// Step is one thing that was tried.
type Step struct {
	Name   string
	Detail string // what was found
	Err    error
	Took   time.Duration
}

// Report is what came of all steps. A step that needs one that failed is left
// out.
type Report struct{ Steps []Step }

// Err joins what failed; nil when everything works.
func (r Report) Err() error {
	var errs []error
	for _, s := range r.Steps {
		if s.Err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.Name, s.Err))
		}
	}
	return errors.Join(errs...)
}

// run is one try under way.
type run struct {
	Config

	report  Report
	session session
}

// Run tries everything once and reports it. It goes on after a failure, so
// that one report names everything that is wrong, and always removes what it
// made, even when ctx has ended.
func Run(ctx context.Context, cfg Config) Report {
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		// A redirect is an answer that the steps judge, and the token must not
		// travel to another host.
		cfg.Client = &http.Client{
			Timeout:       20 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	r := &run{Config: cfg}
	if !r.step(ctx, "readiness", r.ready) {
		return r.report // nobody is there: everything else would say the same
	}
	r.step(ctx, "health", r.health)
	r.step(ctx, "pages", r.pages)
	r.step(ctx, "security headers", r.headers)
	r.step(ctx, "dashboard", r.dashboard)
	if r.step(ctx, "canary begins", r.begin) {
		r.step(ctx, "canary interview", r.interview)
		r.step(ctx, "metrics", r.metrics)
		r.step(context.WithoutCancel(ctx), "canary removed", r.remove)
	}
	return r.report
}

// step runs one step and keeps what came of it.
func (r *run) step(ctx context.Context, name string, do func(context.Context) (string, error)) bool {
	begun := r.Now()
	detail, err := do(ctx)
	s := Step{Name: name, Detail: detail, Err: err, Took: r.Now().Sub(begun)}
	r.report.Steps = append(r.report.Steps, s)
	if r.Note != nil {
		r.Note(s)
	}
	return err == nil
}
