package render

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Target is one service with the words that internal/deploy uses of it. It
// speaks in plain values, so that the one who decides about deployments needs
// to know no vendor.
type Target struct {
	*Client

	ID ServiceID
}

// Live tells which deployment serves and of which commit; both are empty
// before the first one.
func (t Target) Live(ctx context.Context) (id, commit string, err error) {
	return t.find(ctx, func(d Deploy) bool { return d.Status == Live })
}

// Busy tells which deployment is at work, if any.
func (t Target) Busy(ctx context.Context) (id string, err error) {
	id, _, err = t.find(ctx, func(d Deploy) bool { return d.Status.Under() })
	return id, err
}

// Former tells which deployment of another commit served last before the one
// that serves now, among those whose commit fits. When the one that serves is
// itself a rollback, what lies between it and its original was left for a
// reason and is passed over.
func (t Target) Former(ctx context.Context, fits func(commit string) bool) (id, commit string, err error) {
	all, err := t.Deploys(ctx, t.ID, maxPage)
	if err != nil {
		return "", "", err
	}
	now := Deploy{}
	if i := slices.IndexFunc(all, func(d Deploy) bool { return d.Status == Live }); i >= 0 {
		now, all = all[i], all[i+1:]
	}
	original := slices.IndexFunc(all, func(d Deploy) bool {
		return now.Trigger == "rollback" && d.Commit.ID == now.Commit.ID && d.Status == Deactivated && d.Trigger != "rollback"
	})
	for _, d := range all[original+1:] {
		if d.Status == Deactivated && d.Commit.ID != now.Commit.ID && fits(d.Commit.ID) {
			return string(d.ID), d.Commit.ID, nil
		}
	}
	return "", "", nil
}

// Commit tells the commit of a deployment.
func (t Target) Commit(ctx context.Context, id string) (string, error) {
	d, err := t.Deploy(ctx, t.ID, DeployID(id))
	return d.Commit.ID, err
}

func (t Target) find(ctx context.Context, fits func(Deploy) bool) (id, commit string, err error) {
	all, err := t.Deploys(ctx, t.ID, maxPage)
	if err != nil {
		return "", "", err
	}
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return string(all[i].ID), all[i].Commit.ID, nil
	}
	return "", "", nil
}

// Start orders a deployment of a commit.
func (t Target) Start(ctx context.Context, commit string) (id string, err error) {
	d, err := t.Trigger(ctx, t.ID, commit)
	return string(d.ID), err
}

// Status tells how far a deployment is, and whether it is still at work.
func (t Target) Status(ctx context.Context, id string) (status string, working bool, err error) {
	d, err := t.Deploy(ctx, t.ID, DeployID(id))
	return string(d.Status), d.Status.Under(), err
}

// BuildLog reads what a build said after a moment, and from when to read next.
func (t Target) BuildLog(ctx context.Context, after time.Time) (lines []string, next time.Time, err error) {
	s, err := t.Service(ctx, t.ID)
	if err != nil {
		return nil, after, err
	}
	page, err := t.Logs(ctx, s, "build", after)
	for _, l := range page {
		lines = append(lines, l.Message)
		if !l.At.Before(after) {
			after = l.At.Add(time.Nanosecond)
		}
	}
	return lines, after, err
}

// Stop cancels a deployment that is at work.
func (t Target) Stop(ctx context.Context, id string) error {
	return t.Cancel(ctx, t.ID, DeployID(id))
}

// Return orders the build of an earlier deployment back, with automatic
// deployments switched off first so that the next commit does not undo it.
func (t Target) Return(ctx context.Context, to string) (id string, err error) {
	if err := t.StopAutoDeploy(ctx, t.ID); err != nil {
		return "", err
	}
	d, err := t.Rollback(ctx, t.ID, DeployID(to))
	return string(d.ID), err
}

// Again restarts the service with the same build.
func (t Target) Again(ctx context.Context) error { return t.Restart(ctx, t.ID) }

// Variables lists the names of the service's environment variables. One that is
// empty, as a Blueprint leaves what nobody filled in, is as good as missing. The
// values come along and are dropped here.
func (t Target) Variables(ctx context.Context) ([]string, error) {
	var rows []struct {
		EnvVar struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"envVar"`
	}
	err := t.call(ctx, request{
		what: "list the variables", path: servicePath(t.ID) + "/env-vars", query: url.Values{"limit": {"100"}}, into: &rows,
	})
	var names []string
	for _, r := range rows {
		if strings.TrimSpace(r.EnvVar.Value) != "" {
			names = append(names, r.EnvVar.Key)
		}
	}
	return names, err
}
