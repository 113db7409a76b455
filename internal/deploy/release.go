package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/scope"
)

func (r *run) tagName() string { return "v" + r.Version }

// tag marks the commit, here and at the remote. A tag that is already there is
// right: source checked that it belongs to this commit.
func (r *run) tag(ctx context.Context) (string, error) {
	name := r.tagName()
	detail := name
	if _, err := r.Exec.Run(ctx, "git", "rev-parse", "--verify", "--quiet", "refs/tags/"+name); err == nil {
		detail += ", which was there"
	} else if _, err := r.Exec.Run(ctx, "git", "tag", "--annotate", name, "--message", "Release "+name, r.commit); err != nil {
		return "", fmt.Errorf("make the tag %s: %w", name, err)
	}
	if _, err := r.Exec.Run(ctx, "git", "push", "origin", "refs/tags/"+name); err != nil {
		return "", fmt.Errorf("push the tag %s: %w; if another commit has it there, raise the version in cmd/introspect/main.go", name, err)
	}
	if r.seen && !r.doubt {
		r.noteHealthy(ctx, r.oldCommit)
	}
	return detail + ", pushed", nil
}

func (r *run) order(ctx context.Context) (string, error) {
	id, err := r.Host.Start(ctx, r.commit)
	if err != nil {
		return "", err
	}
	r.id = id
	return "deployment " + id, nil
}

// follow looks at the host until the deployment is live. The host has its own
// limit, and a deployment that is given up here is cancelled there.
func (r *run) follow(ctx context.Context) (string, error) { return r.untilLive(ctx, r.id) }

// maxDeaf is how many looks in a row may fail: the host's client has tried
// each of them several times.
const maxDeaf = 5

// pursuit is a deployment that is followed at the host.
type pursuit struct {
	*run

	id    string
	begun time.Time
	from  time.Time // of the log lines still to come
	lines []string
	seen  string // last status
	deaf  int    // looks in a row that failed
}

func (r *run) untilLive(ctx context.Context, id string) (string, error) {
	now := r.Clock.Now()
	p := &pursuit{run: r, id: id, begun: now, from: now}
	for {
		live, err := p.look(ctx)
		switch took := r.Clock.Now().Sub(p.begun); {
		case err != nil:
			return "", err
		case live:
			return "live after " + spell(took), nil
		case took >= r.Timing.BuildLimit:
			return "", errors.Join(fmt.Errorf("still %q after %s, so it was cancelled\n%s", p.seen, spell(took), tail(p.lines)), r.Host.Stop(ctx, id))
		}
		if err := r.Clock.Wait(ctx, r.Timing.Poll); err != nil {
			return "", err
		}
	}
}

// look asks the host once. The error means that the deployment ended badly, or
// that the host has not answered for too long.
func (p *pursuit) look(ctx context.Context) (live bool, err error) {
	status, working, err := p.Host.Status(ctx, p.id)
	if more, next, logErr := p.Host.BuildLog(ctx, p.from); logErr == nil { // a log that is missing stops nobody
		for i := range more { // they are shown again when it fails
			more[i] = printable(more[i])
		}
		p.from, p.lines = next, append(p.lines, more...)
		p.Print.log(more)
	}
	if err != nil {
		if p.deaf++; p.deaf == maxDeaf || ctx.Err() != nil {
			return false, err
		}
		return false, nil
	}
	p.deaf = 0
	switch {
	case status == "live":
		return true, nil
	case !working:
		return false, ended(status, p.lines)
	case status != p.seen:
		p.seen = status
		p.Print.note(strings.ReplaceAll(status, "_", " "))
	}
	return false, nil
}

// ended says what an end other than live means.
func ended(status string, lines []string) error {
	why := map[string]string{
		"build_failed":      "the host could not build the commit",
		"pre_deploy_failed": "the command before the deployment failed at the host",
		"update_failed":     "the release was built, but it did not become ready in time",
		"canceled":          "somebody cancelled it, or a newer deployment took its place",
		"deactivated":       "another deployment took its place",
	}[status]
	if why == "" {
		why = "the host ended it"
	}
	return fmt.Errorf("%s (%s); the last lines of its log:\n%s", why, status, tail(lines))
}

func (r *run) healthy(ctx context.Context) (string, error) { return r.untilHealthy(ctx, r.commit) }

// untilHealthy waits until a commit itself answers. The old release answers
// until the host switches, so a good status alone means nothing.
func (r *run) untilHealthy(ctx context.Context, commit string) (string, error) {
	if err := r.Clock.Wait(ctx, r.Timing.First); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		h, err := r.health(ctx)
		switch {
		case err == nil && h.serves(r.degraded) && h.Commit == commit:
			return fmt.Sprintf("commit %s answers, %s, at attempt %d", short(commit), h.Status, n), nil
		case err != nil:
			r.Print.note(fmt.Sprintf("Attempt %d/%d - no answer: %v", n, r.Timing.Attempts, err))
		default:
			r.Print.note(fmt.Sprintf("Attempt %d/%d - Status: %d, %s, commit %s", n, r.Timing.Attempts, h.Code, h.Status, or(short(h.Commit), "unknown")))
		}
		if n == r.Timing.Attempts {
			return "", fmt.Errorf("commit %s did not answer healthily in %d attempts", short(commit), n)
		}
		if err := r.Clock.Wait(ctx, r.Timing.Between); err != nil {
			return "", err
		}
	}
}

func or(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func (r *run) smoke(ctx context.Context) (string, error) {
	if err := r.Smoke(ctx, r.commit, r.degraded); err != nil {
		return "", err
	}
	return "a whole intake works, and nothing counted it", nil
}

// announce tells the webhook. A webhook that is down is no reason to take a
// good release back.
func (r *run) announce(ctx context.Context) (string, error) {
	if r.Webhook == "" {
		return "", skipped("MONITORING_WEBHOOK_URL is not set")
	}
	if err := r.tell(ctx, "success"); err != nil {
		return "", skipped("the webhook was not told: %v", err)
	}
	return "the webhook knows", nil
}

// What makes a release bad while it is watched: errors beyond chance. At the
// traffic of an agency one error is a large share, so a number is asked for
// too (references/operations.md 0.4).
const (
	badErrors = 5
	badMore   = 0.05 // above the rate before
	badTimes  = 2    // the rate before
	badHealth = 3    // looks in a row
)

// trial is a release that is watched.
type trial struct {
	*run

	last  traffic // as the look before saw it
	known bool
	sum   traffic // since the watch began
	sick  int     // looks in a row that found it unhealthy
}

// watch looks at the new release until it has proven itself.
func (r *run) watch(ctx context.Context) (string, error) {
	end := r.Clock.Now().Add(r.Timing.Watch)
	t := &trial{run: r}
	t.count(ctx)
	for r.Clock.Now().Before(end) {
		if err := r.Clock.Wait(ctx, r.Timing.WatchEvery); err != nil {
			return "", err
		}
		if err := t.look(ctx); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s in %s within %s", scope.Plural(t.sum.errors, "error"), scope.Plural(t.sum.requests, "request"), spell(r.Timing.Watch)), nil
}

// look says once why the release is bad, if it is.
func (t *trial) look(ctx context.Context) error {
	if h, err := t.health(ctx); err != nil || !h.serves(t.degraded) {
		if t.sick++; t.sick == badHealth {
			return fmt.Errorf("it was healthy and is no more, %d times in a row: %s", t.sick, h.words(err))
		}
		t.Print.note("not healthy: " + h.words(err))
		return nil
	}
	t.sick = 0
	t.count(ctx)
	if t.sum.errors >= badErrors && t.sum.rate() > max(badTimes*t.rate, t.rate+badMore) {
		return fmt.Errorf("%d of %d requests failed (%.1f%%, before %.1f%%)", t.sum.errors, t.sum.requests, 100*t.sum.rate(), 100*t.rate)
	}
	return nil
}

// count adds up what happened since the watch began. Figures that cannot be
// read are left for the next look. The dashboard counts the last 24 hours by
// quarters: when one falls out, the figures shrink, and that look adds nothing.
func (t *trial) count(ctx context.Context) {
	now, err := t.traffic(ctx)
	if err != nil {
		return
	}
	if more := (traffic{now.requests - t.last.requests, now.errors - t.last.errors}); t.known && more.requests >= more.errors && more.errors >= 0 {
		t.sum = traffic{t.sum.requests + more.requests, t.sum.errors + more.errors}
	}
	t.last, t.known = now, true
}

// spell writes a time without parts that nobody wants to read.
func spell(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute).Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Round(time.Hour).Hours()))
}
