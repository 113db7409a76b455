package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// seenHealthy is where the remote keeps which commits were seen healthy, a tag
// for each. The host cannot tell: it calls every release live that started.
// The installation cannot either, when it is down, and another operator has
// another machine; the remote is what all of them share (ADR 0036).
const seenHealthy = "refs/tags/healthy/"

// errNoRecord says that no release has a tag, as before the first deployment by
// a program that makes them.
var errNoRecord = errors.New("no release is tagged healthy/… at origin")

// errNeverHealthy says that releases have tags, and none to go back to is one of
// them.
var errNeverHealthy = errors.New("no former release that the host lists was seen healthy")

// tagHealthy notes that a commit was seen healthy. One that was noted before is
// noted still.
func (r *run) tagHealthy(ctx context.Context, commit string) error {
	if _, err := r.Exec.Run(ctx, "git", "push", "origin", commit+":"+seenHealthy+short(commit)); err != nil {
		return fmt.Errorf("commit %s was seen healthy, and the tag healthy/%s could not be pushed: %w; without it a rollback may pass over this release; "+
			"push it with: git push origin %s:%s%s", short(commit), short(commit), err, short(commit), seenHealthy, short(commit))
	}
	return nil
}

// noteHealthy is tagHealthy where a tag that is missing must not get in the way.
func (r *run) noteHealthy(ctx context.Context, commit string) {
	if err := r.tagHealthy(ctx, commit); err != nil {
		r.Print.note(err.Error())
	}
}

// record is the stage that notes the new commit.
func (r *run) record(ctx context.Context) (string, error) {
	if err := r.tagHealthy(ctx, r.commit); err != nil {
		return "", skipped("%v", err)
	}
	return "tag healthy/" + short(r.commit) + ", pushed; a rollback may come back to it", nil
}

// healthyCommits lists the commits that were seen healthy.
func (r *run) healthyCommits(ctx context.Context) (commits []string, err error) {
	out, err := r.Exec.Run(ctx, "git", "ls-remote", "origin", seenHealthy+"*")
	if err != nil {
		return nil, fmt.Errorf("which releases were seen healthy cannot be read: %w", err)
	}
	for line := range strings.Lines(out) {
		if commit, _, ok := strings.Cut(line, "\t"); ok {
			commits = append(commits, commit)
		}
	}
	if len(commits) == 0 {
		return nil, errNoRecord
	}
	return commits, nil
}

// wayBack chooses where this deployment may go back to, and says so. A release
// that is healthy now is right. One that is not may never have been: then the
// last one that was seen healthy is.
func (r *run) wayBack(ctx context.Context) (string, error) {
	r.backID, r.backCommit = r.oldID, r.oldCommit
	if r.seen {
		return "", nil
	}
	healthy, err := r.healthyCommits(ctx)
	switch {
	case err != nil:
		return fmt.Sprintf("; warning: %v, so a rollback would go to this one, on the host's word alone", err), nil
	case slices.Contains(healthy, r.oldCommit):
		return "; it was seen healthy before, so a rollback would go to it", nil
	}
	r.backID, r.backCommit, err = r.Host.Former(ctx, func(commit string) bool { return slices.Contains(healthy, commit) })
	switch {
	case err != nil:
		return "", err
	case r.backID == "":
		return "; neither it nor one before was seen healthy, so there will be no automatic rollback", nil
	}
	return fmt.Sprintf("; it was never seen healthy, so a rollback would go to %s of commit %s, the last one that was", r.backID, short(r.backCommit)), nil
}

// earlier finds the deployment to go back to by hand, and its commit.
func (r *run) earlier(ctx context.Context, to string) (id, commit string, err error) {
	if to != "" {
		commit, err = r.Host.Commit(ctx, to)
		return to, commit, err
	}
	healthy, unknown := r.healthyCommits(ctx)
	anyone := func(string) bool { return true }
	if unknown == nil {
		id, commit, err = r.Host.Former(ctx, func(commit string) bool { return slices.Contains(healthy, commit) })
		if id != "" || err != nil {
			return id, commit, err
		}
	}
	if id, commit, err = r.Host.Former(ctx, anyone); err != nil {
		return "", "", err
	}
	switch {
	case id == "":
		return "", "", errors.New("the host lists no former release; name one with --to dep-…")
	case unknown == nil:
		return "", "", fmt.Errorf("%w; the last one that served is %s of commit %s, "+
			"and going there may trade one fault for another; if you know that it is well: introspect rollback --to %s", errNeverHealthy, id, short(commit), id)
	}
	r.Print.note(fmt.Sprintf("Warning: %v, so this goes to %s of commit %s, on the host's word alone", unknown, id, short(commit)))
	return id, commit, nil
}
