package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// takeBack brings the clients back to a release that serves them, if that is
// safe, and says what to do if it is not. It returns the failure, with the code
// of its stage when a good release serves again.
func (r *run) takeBack(ctx context.Context, f *Failure) error {
	if h, err := r.health(ctx); err == nil && r.oldCommit != "" && h.Commit == r.oldCommit && h.serves(r.degraded) {
		r.settle(ctx, "failed", fmt.Sprintf("The former release still serves; nothing has to be taken back (exit code %d).", f.Code))
		return f
	}
	if why := r.noWayBack(); why != "" {
		f.Code = CodeNotRolledBack
		r.settle(ctx, "failed", fmt.Sprintf("Not rolled back: %s. Repair forward, or follow docs/deployment.md, \"Going back over a migration\" (exit code %d).", why, f.Code))
		return f
	}
	r.Print.start("rollback")
	detail, err := r.goBack(ctx, r.backID, r.backCommit)
	if err != nil {
		f.Code, f.Err = CodeRollbackFailed, errors.Join(f.Err, fmt.Errorf("rollback to %s: %w", r.backID, err))
		r.Print.line("rollback", Failed, err.Error())
		r.settle(ctx, "failed", fmt.Sprintf("The rollback did not work. See introspect status and the host's own pages (exit code %d).", f.Code))
		return f
	}
	r.Print.line("rollback", Done, detail)
	if !r.seen || r.doubt {
		r.noteHealthy(ctx, r.backCommit)
	}
	r.settle(ctx, "rolled_back", fmt.Sprintf("The former release serves again, commit %s (exit code %d). Automatic deployments are off.", short(r.backCommit), f.Code))
	return f
}

// settle tells everybody how it ended. The webhook's own trouble is only noted.
func (r *run) settle(ctx context.Context, status, words string) {
	if r.Webhook != "" {
		if err := r.tell(ctx, status); err != nil {
			r.Print.note("the webhook was not told: " + err.Error())
		}
	}
	r.Print.end(Failed, words)
}

// noWayBack says why the former release must not come back, empty when it may.
func (r *run) noWayBack() string {
	switch {
	case r.oldID == "":
		return "there is no former release"
	case r.backID == "":
		return errNeverHealthy.Error()
	case r.unknown != nil:
		return "it is not known which migrations lie between (" + r.unknown.Error() + ")"
	case len(r.migrations) > 0:
		return "the release brought the migrations " + strings.Join(r.migrations, ", ") + ", and the former program may not read what was written since"
	}
	return ""
}

// goBack orders an earlier deployment and waits until its commit answers.
func (r *run) goBack(ctx context.Context, to, commit string) (string, error) {
	id, err := r.Host.Return(ctx, to)
	if err != nil {
		return "", err
	}
	if _, err := r.untilLive(ctx, id); err != nil {
		return "", err
	}
	return r.untilHealthy(ctx, commit)
}

// Rollback brings an earlier deployment back by hand; an empty one is the last
// before that was seen healthy. Over a migration it goes only when the operator says so. The error is
// a *Failure.
func Rollback(ctx context.Context, cfg Config, to string, overMigrations bool) error {
	r := &run{Config: cfg}
	r.Timing = r.Timing.filled()
	r.Print.begin(1, "Rolling back "+r.URL, false)
	ordered := false
	fail := func(code int, err error) error {
		r.Print.line("rollback", Failed, err.Error())
		r.Print.end(Failed, fmt.Sprintf("Exit code %d.", code))
		return &Failure{Stage: "rollback", Code: code, Err: err, Ordered: ordered}
	}
	to, commit, err := r.earlier(ctx, to)
	if errors.Is(err, errNeverHealthy) {
		return fail(CodeNotRolledBack, err)
	}
	if err != nil {
		return fail(CodeRollbackFailed, err)
	}
	if err := r.migrationsBack(ctx, commit); err != nil && !overMigrations {
		return fail(CodeNotRolledBack, err)
	}
	if h, err := r.health(ctx); err == nil {
		r.degraded = h.Status == statusDegraded
	}
	ordered = true // or tried to
	detail, err := r.goBack(ctx, to, commit)
	if err != nil {
		return fail(CodeRollbackFailed, err)
	}
	r.Print.line("rollback", Done, to+": "+detail)
	r.noteHealthy(ctx, commit)
	if r.Webhook != "" {
		if err := r.tell(ctx, "rolled_back"); err != nil {
			r.Print.note("the webhook was not told: " + err.Error())
		}
	}
	r.Print.end(Done, "The former release serves. Automatic deployments are off; switch them on again at the host once the cause is mended.")
	return nil
}

// migrationsBack refuses when migrations lie between what serves and an earlier
// commit, or when nobody can tell.
func (r *run) migrationsBack(ctx context.Context, earlier string) error {
	_, live, err := r.Host.Live(ctx)
	if err != nil {
		return err
	}
	r.commit = live
	added, err := r.addedSince(ctx, earlier)
	if err != nil {
		return fmt.Errorf("which migrations lie between is not known: %w; run git fetch and repeat, or add --over-migrations when you know better", err)
	}
	if len(added) > 0 {
		return fmt.Errorf("the migrations %s lie between, and the former program may not read what was written since; "+
			"repair forward, or restore a backup and repeat with --over-migrations", strings.Join(added, ", "))
	}
	return nil
}

// Restart starts the live release again and waits until it answers.
func Restart(ctx context.Context, cfg Config) error {
	r := &run{Config: cfg}
	r.Timing = r.Timing.filled()
	_, commit, err := r.Host.Live(ctx)
	if err == nil {
		err = r.Host.Again(ctx)
	}
	r.Print.begin(1, "Restarting "+r.URL, false)
	detail := ""
	if err == nil {
		r.degraded = true // a restart does not bring a vendor back
		detail, err = r.untilHealthy(ctx, commit)
	}
	if err != nil {
		r.Print.line("restart", Failed, err.Error())
		return &Failure{Stage: "restart", Code: 1, Err: err}
	}
	r.Print.line("restart", Done, detail)
	return nil
}

// Status prints what the host and the site say, and returns an error when the
// site does not serve. Without a Host the site alone is asked, as on a machine of
// one's own.
func Status(ctx context.Context, cfg Config) error {
	r := &run{Config: cfg}
	if r.Host == nil {
		r.Print.begin(1, r.URL, false)
		return statusOf(r.siteStatus(ctx))
	}
	r.Print.begin(3, r.URL, false)
	id, commit, err := r.Host.Live(ctx)
	if err != nil {
		r.Print.line("live", Failed, err.Error())
	} else {
		r.Print.line("live", Done, or(id, "nothing")+" "+short(commit))
	}
	busy, busyErr := r.Host.Busy(ctx)
	if busyErr == nil {
		r.Print.line("at work", Done, or(busy, "nothing"))
	}
	return statusOf(errors.Join(err, busyErr, r.siteStatus(ctx)))
}

// siteStatus prints what the site says.
func (r *run) siteStatus(ctx context.Context) error {
	h, err := r.health(ctx)
	if err == nil && !h.serves(true) {
		err = errors.New(h.words(nil))
	}
	if err != nil {
		r.Print.line("site", Failed, err.Error())
		return err
	}
	r.Print.line("site", Done, fmt.Sprintf("%s, version %s, commit %s", h.Status, h.Version, or(short(h.Commit), "unknown")))
	return nil
}

func statusOf(err error) error {
	if err == nil {
		return nil
	}
	return &Failure{Stage: "status", Code: 1, Err: err}
}
