package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
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

func (r *run) untilLive(ctx context.Context, id string) (string, error) {
	begun, from := r.Clock.Now(), r.Clock.Now()
	var lines []string
	seen, deaf := "", 0
	for {
		status, working, err := r.Host.Status(ctx, id)
		if more, next, logErr := r.Host.BuildLog(ctx, from); logErr == nil { // a log that is missing stops nobody
			from, lines = next, append(lines, more...)
			r.Print.log(more)
		}
		switch {
		case err != nil:
			if deaf++; deaf == maxDeaf || ctx.Err() != nil {
				return "", err
			}
		case status == "live":
			return "live after " + spell(r.Clock.Now().Sub(begun)), nil
		case !working:
			return "", r.ended(status, lines)
		default:
			deaf = 0
			if status != seen {
				seen = status
				r.Print.note(strings.ReplaceAll(status, "_", " "))
			}
		}
		if r.Clock.Now().Sub(begun) >= r.Timing.BuildLimit {
			return "", errors.Join(fmt.Errorf("still %q after %s, so it was cancelled\n%s", seen, spell(r.Timing.BuildLimit), tail(lines)), r.Host.Stop(ctx, id))
		}
		if err := r.Clock.Wait(ctx, r.Timing.Poll); err != nil {
			return "", err
		}
	}
}

// ended says what an end other than live means.
func (r *run) ended(status string, lines []string) error {
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

// watch looks at the new release until it has proven itself.
func (r *run) watch(ctx context.Context) (string, error) {
	end := r.Clock.Now().Add(r.Timing.Watch)
	first, err := r.traffic(ctx)
	known := err == nil
	var sum traffic
	for sick := 0; r.Clock.Now().Before(end); {
		if err := r.Clock.Wait(ctx, r.Timing.WatchEvery); err != nil {
			return "", err
		}
		if h, err := r.health(ctx); err != nil || !h.serves(r.degraded) {
			if sick++; sick == badHealth {
				return "", fmt.Errorf("it was healthy and is no more, %d times in a row: %s", sick, h.words(err))
			}
			r.Print.note("not healthy: " + h.words(err))
			continue
		}
		sick = 0
		now, err := r.traffic(ctx)
		if err != nil {
			continue // the health was good, and the next look may tell
		}
		if !known || now.requests < first.requests { // counted anew, as at midnight
			first, known = now, true
		}
		sum = traffic{now.requests - first.requests, max(0, now.errors-first.errors)}
		if sum.errors >= badErrors && sum.rate() > max(badTimes*r.rate, r.rate+badMore) {
			return "", fmt.Errorf("%d of %d requests failed (%.1f %%, before %.1f %%)", sum.errors, sum.requests, 100*sum.rate(), 100*r.rate)
		}
	}
	return fmt.Sprintf("%d errors in %d requests within %s", sum.errors, sum.requests, spell(r.Timing.Watch)), nil
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
