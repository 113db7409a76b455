// Package deploy brings a commit to the clients and takes it back when it does
// not serve them: it checks what can be checked before, gives the order to the
// host, waits until the new commit itself answers, tries it with a canary,
// watches it for ten minutes, and returns to the last release that was seen
// healthy when that is safe. It never goes back over a database migration: the
// older program might not read what the newer one wrote.
//
// The stages are data, in Stages. Everything outside (the host, git, commands,
// HTTP, the clock) comes in through small interfaces, so that a whole
// deployment runs in a test without a network and without waiting. Start with
// Run.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Host is the platform that builds and runs the product. A status that is
// still working may become another one.
type Host interface {
	// Live tells which deployment serves, of which commit; empty before the first.
	Live(ctx context.Context) (id, commit string, err error)
	// Busy tells which deployment is at work, if any.
	Busy(ctx context.Context) (id string, err error)
	// Former tells which deployment served last before the one that serves now,
	// among those of other commits that fit; empty when there is none. What the
	// host calls served need not have been healthy.
	Former(ctx context.Context, fits func(commit string) bool) (id, commit string, err error)
	// Commit tells the commit of a deployment.
	Commit(ctx context.Context, id string) (string, error)
	// Start orders a deployment.
	Start(ctx context.Context, commit string) (id string, err error)
	// Status tells how far it is; live is the only good end.
	Status(ctx context.Context, id string) (status string, working bool, err error)
	// BuildLog reads the lines after a moment, and from when to read next.
	BuildLog(ctx context.Context, after time.Time) (lines []string, next time.Time, err error)
	// Stop cancels a deployment at work.
	Stop(ctx context.Context, id string) error
	// Return brings an earlier deployment back and keeps new commits from
	// being deployed by themselves.
	Return(ctx context.Context, to string) (id string, err error)
	// Again restarts what serves.
	Again(ctx context.Context) error
	// Variables lists the names of the environment variables of the service.
	Variables(ctx context.Context) ([]string, error)
}

// Exec runs a command in the repository and returns what it printed.
type Exec interface {
	Run(ctx context.Context, name string, args ...string) (output string, err error)
}

// Doer makes one HTTP request. *http.Client is one.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// Clock is the time and the waiting. Wait ends early with the context's error.
type Clock interface {
	Now() time.Time
	Wait(ctx context.Context, d time.Duration) error
}

// Lock keeps two deployments from this machine apart. Take returns how to give
// it back.
type Lock interface {
	Take() (giveBack func() error, err error)
}

// Config is everything that a deployment needs. Fields without a remark are
// required.
type Config struct {
	Version string // such as 3.2.0
	URL     string // public address, without a slash at the end
	Token   string // an API token of the owner
	Webhook string // where deployments are told; empty: nowhere
	// Go is the first toolchain that will do, such as 1.26.
	Go string
	// Local holds the settings that this command needs itself, by name.
	Local map[string]string
	// Required are the variables that the service has to have.
	Required []string
	// Test and Build are the commands that must not fail.
	Test, Build []string
	// Migrations is the folder whose files change the database.
	Migrations string

	Host  Host
	Exec  Exec
	HTTP  Doer
	Clock Clock
	Lock  Lock
	// Smoke tries the installation; degraded says that a vendor may be down.
	Smoke func(ctx context.Context, commit string, degraded bool) error

	Print  *Printer
	DryRun bool // check everything, change nothing
	Timing Timing
}

// Timing holds the waits; zero fields take the defaults.
type Timing struct {
	Poll       time.Duration // between two looks at the host; 5 s
	BuildLimit time.Duration // 20 min
	First      time.Duration // before the first look at the site; 30 s (S37)
	Between    time.Duration // between two attempts; 10 s (S37)
	Attempts   int           // 10 (S37)
	Watch      time.Duration // 10 min
	WatchEvery time.Duration // 30 s
	BackupAge  time.Duration // oldest backup that will do; 7 h: one every 6 h (S106), and time to make it
}

func (t Timing) filled() Timing {
	for _, d := range []struct {
		at    *time.Duration
		usual time.Duration
	}{
		{&t.Poll, 5 * time.Second},
		{&t.BuildLimit, 20 * time.Minute},
		{&t.First, 30 * time.Second},
		{&t.Between, 10 * time.Second},
		{&t.Watch, 10 * time.Minute},
		{&t.WatchEvery, 30 * time.Second},
		{&t.BackupAge, 7 * time.Hour},
	} {
		if *d.at == 0 {
			*d.at = d.usual
		}
	}
	if t.Attempts == 0 {
		t.Attempts = 10
	}
	return t
}

// Failure is why a deployment ended. Code tells the stage, or that nothing was
// rolled back although something should have been.
type Failure struct {
	Stage string
	Code  int
	Err   error
	// Ordered says that the host was given an order before it failed, so that the
	// clients may have noticed.
	Ordered bool
}

// Error implements error.
func (f *Failure) Error() string { return f.Stage + ": " + f.Err.Error() }

// Unwrap gives the reason.
func (f *Failure) Unwrap() error { return f.Err }

// The exit codes that are not those of a stage.
const (
	CodeNotRolledBack  = 40 // the new release is bad and going back is not safe, or there is nothing to go back to
	CodeRollbackFailed = 41 // going back was tried and did not work
	CodeInterrupted    = 42 // the operator ended the command after the order was given
)

// run is one deployment under way.
type run struct {
	Config

	commit     string // that is deployed
	oldID      string // deployment that serves before
	oldCommit  string
	seen       bool   // it was healthy when this one began
	doubt      bool   // a deployment or smoke test before failed, perhaps of what serves now
	backID     string // deployment to go back to, empty when there is none
	backCommit string
	degraded   bool // a vendor was down before
	rate       float64
	migrations []string // added since the commit to go back to
	unknown    error    // why that cannot be told
	id         string   // of the new deployment
	giveBack   func() error
}

// Run goes through the stages. The error is a *Failure, or nil when the new
// release serves. After a failure past the order, a release that was seen
// healthy serves again unless the code is one of those above.
func Run(ctx context.Context, cfg Config) (err error) {
	r := &run{Config: cfg}
	r.Timing = r.Timing.filled()
	defer func() {
		if r.giveBack != nil {
			err = errors.Join(err, r.giveBack())
		}
	}()
	stages := Stages()
	r.Print.begin(len(stages), fmt.Sprintf("Deploying version %s to %s", r.Version, r.URL), r.DryRun)
	for _, s := range stages {
		if r.DryRun && !s.Checks {
			r.Print.line(s.Name, Planned, s.Plan)
			continue
		}
		if err := r.stage(ctx, s); err != nil {
			return err
		}
	}
	if r.DryRun {
		r.Print.end(Done, "Every check passed; nothing was changed. Deploy with: introspect deploy")
		return nil
	}
	r.Print.end(Done, fmt.Sprintf("Version %s is now live at %s", r.Version, r.URL))
	return nil
}

// stage runs one stage and, when it fails past the order, what follows.
func (r *run) stage(ctx context.Context, s Stage) error {
	r.Print.start(s.Name)
	detail, err := s.do(ctx, r)
	var left *leftOut
	switch {
	case err == nil:
		r.Print.line(s.Name, Done, detail)
		return nil
	case errors.As(err, &left):
		r.Print.line(s.Name, LeftOut, left.why)
		return nil
	}
	r.Print.line(s.Name, Failed, err.Error())
	f := &Failure{Stage: s.Name, Code: s.Code, Err: err, Ordered: s.After && r.id != ""}
	if !s.After || r.id == "" {
		r.Print.end(Failed, fmt.Sprintf("Nothing was deployed (exit code %d).", f.Code))
		return f
	}
	if ctx.Err() != nil {
		f.Code = CodeInterrupted
		r.Print.end(Failed, "Interrupted: deployment "+r.id+" goes on without supervision. See introspect status; go back with introspect rollback.")
		return f
	}
	return r.takeBack(ctx, f)
}

// leftOut is why a stage did nothing although nothing is wrong.
type leftOut struct{ why string }

// Error implements error.
func (l *leftOut) Error() string { return l.why }

func skipped(format string, args ...any) error { return &leftOut{fmt.Sprintf(format, args...)} }

func short(commit string) string { return commit[:min(len(commit), 9)] }
