package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/scope"
)

// Stage is one part of a deployment.
type Stage struct {
	Name   string
	Code   int    // exit code when it fails
	Plan   string // what it would do, for a dry run that leaves it out
	Checks bool   // it changes nothing, so a dry run does it too
	After  bool   // the order was given: a failure asks for the former release
	do     func(context.Context, *run) (string, error)
}

// Stages lists the parts of a deployment in their order. Cheap checks come
// before dear ones, and all checks before anything is changed.
func Stages() []Stage {
	on := func(do func(*run, context.Context) (string, error)) func(context.Context, *run) (string, error) {
		return func(ctx context.Context, r *run) (string, error) { return do(r, ctx) }
	}
	return []Stage{
		{Name: "settings", Code: 10, Checks: true, do: on((*run).settings)},
		{Name: "lock", Code: 11, Checks: true, do: on((*run).lock)},
		{Name: "toolchain", Code: 12, Checks: true, do: on((*run).toolchain)},
		{Name: "source", Code: 13, Checks: true, do: on((*run).source)},
		{Name: "variables", Code: 14, Checks: true, do: on((*run).variables)},
		{Name: "former release", Code: 15, Checks: true, do: on((*run).former)},
		{Name: "migrations", Code: 16, Checks: true, do: on((*run).migrate)},
		{Name: "backup", Code: 17, Checks: true, do: on((*run).backup)},
		{Name: "alerts", Code: 18, Checks: true, do: on((*run).alerts)},
		{Name: "tests", Code: 19, Checks: true, do: on((*run).tests)},
		{Name: "build", Code: 20, Checks: true, do: on((*run).build)},
		{Name: "tag", Code: 21, Plan: "make the annotated tag of the version and push it, and one that the former release was seen healthy", do: on((*run).tag)},
		{Name: "order", Code: 22, Plan: "order a deployment of the commit from the host", After: true, do: on((*run).order)},
		{Name: "host", Code: 23, Plan: "follow the host's build until the deployment is live, 20 minutes at most", After: true, do: on((*run).follow)},
		{Name: "healthy", Code: 24, Plan: "wait 30 s, then up to 10 times every 10 s until /api/health reports the commit", After: true, do: on((*run).healthy)},
		{Name: "smoke", Code: 25, Plan: "try the installation with a canary", After: true, do: on((*run).smoke)},
		{Name: "announcement", Code: 26, Plan: "tell the monitoring webhook", do: on((*run).announce)},
		{Name: "watch", Code: 27, Plan: "watch the error rate for 10 minutes, and roll back when it grows", After: true, do: on((*run).watch)},
		{Name: "record", Code: 28, Plan: "push a tag that the commit was seen healthy, so that a rollback may come back to it", do: on((*run).record)},
	}
}

// settings names every setting of this command that is missing.
func (r *run) settings(context.Context) (string, error) {
	var missing []string
	for name, value := range r.Local {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return fmt.Sprintf("all %d are there", len(r.Local)), nil
	}
	slices.Sort(missing)
	var b strings.Builder
	for _, name := range missing {
		b.WriteString("Missing required environment variable: " + name + "; ")
	}
	return "", errors.New(b.String() + "docs/deployment.md says where each comes from")
}

// lock keeps others out: on this machine by a file, elsewhere by the host.
func (r *run) lock(ctx context.Context) (string, error) {
	giveBack, err := r.Lock.Take()
	if err != nil {
		return "", err
	}
	r.giveBack = giveBack
	busy, err := r.Host.Busy(ctx)
	if err != nil {
		return "", err
	}
	if busy != "" {
		return "", fmt.Errorf("deployment %s is at work on the host, and a second one would cancel it; wait for it with introspect status", busy)
	}
	return "nobody else deploys", nil
}

func (r *run) toolchain(ctx context.Context) (string, error) {
	out, err := r.Exec.Run(ctx, "go", "env", "GOVERSION")
	if err != nil {
		return "", fmt.Errorf("ask Go for its version: %w; install Go %s or newer", err, r.Go)
	}
	have := strings.TrimSpace(out)
	if !atLeast(have, r.Go) {
		return "", fmt.Errorf("this is %s, and the product needs Go %s or newer, because older ones build another program", have, r.Go)
	}
	return have, nil
}

// atLeast compares versions such as go1.26.8 and 1.26 by their first two
// numbers.
func atLeast(have, want string) bool {
	number := func(v string) (n [2]int) {
		for i, part := range strings.SplitN(strings.TrimPrefix(v, "go"), ".", 3) {
			if i < 2 {
				digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
				n[i], _ = strconv.Atoi(digits) // what is no number counts as 0
			}
		}
		return n
	}
	h, w := number(have), number(want)
	return h[0] > w[0] || h[0] == w[0] && h[1] >= w[1]
}

// source wants a commit that the host can fetch and that holds everything that
// lies here.
func (r *run) source(ctx context.Context) (string, error) {
	status, err := r.Exec.Run(ctx, "git", "status", "--porcelain")
	if err != nil {
		return "", err
	}
	if files := strings.Split(strings.TrimRight(status, "\n"), "\n"); files[0] != "" {
		return "", fmt.Errorf("%s not committed, so what was tested is not what would be deployed; commit or stash them:\n%s",
			scope.Plural(len(files), "file"), strings.Join(files[:min(len(files), 10)], "\n"))
	}
	head, err := r.Exec.Run(ctx, "git", "rev-parse", "HEAD")
	if err != nil {
		return "", err
	}
	r.commit = strings.TrimSpace(head)
	on, err := r.Exec.Run(ctx, "git", "branch", "--remotes", "--contains", r.commit)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(on) == "" {
		return "", fmt.Errorf("commit %s is on no remote branch, so the host cannot fetch it; push it first: git push", short(r.commit))
	}
	tagged, err := r.Exec.Run(ctx, "git", "rev-parse", "--verify", "--quiet", "refs/tags/"+r.tagName()+"^{commit}")
	if at := strings.TrimSpace(tagged); err == nil && at != r.commit {
		return "", fmt.Errorf("the tag %s belongs to commit %s; raise the version in cmd/introspect/main.go", r.tagName(), short(at))
	}
	return "commit " + short(r.commit) + ", clean and pushed", nil
}

// variables names every variable that the service lacks.
func (r *run) variables(ctx context.Context) (string, error) {
	have, err := r.Host.Variables(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range r.Required {
		if !slices.Contains(have, name) {
			b.WriteString("Missing required environment variable: " + name + "; ")
		}
	}
	if b.Len() > 0 {
		return "", errors.New(b.String() + "set it at the host, because the new release would start without it")
	}
	return "the service has " + strings.Join(r.Required, ", "), nil
}

// former notes what serves now, how it fared, and where to go back to.
func (r *run) former(ctx context.Context) (string, error) {
	var err error
	if r.oldID, r.oldCommit, err = r.Host.Live(ctx); err != nil {
		return "", err
	}
	if r.oldID == "" {
		return "none: this is the first deployment, and there will be nothing to go back to", nil
	}
	detail := fmt.Sprintf("%s of commit %s", r.oldID, short(r.oldCommit))
	h, deaf := r.health(ctx) // a broken release is a reason to deploy
	r.degraded = deaf == nil && h.Status == statusDegraded
	r.seen = deaf == nil && h.Commit == r.oldCommit && h.serves(r.degraded)
	back, err := r.wayBack(ctx)
	if err != nil {
		return "", err
	}
	if deaf != nil {
		return detail + "; it does not answer: " + deaf.Error() + back, nil //nolint:nilerr // it says so
	}
	t, err := r.traffic(ctx)
	if err != nil {
		return detail + "; its error rate is unknown: " + err.Error() + back, nil //nolint:nilerr // as above
	}
	r.rate = t.rate()
	return fmt.Sprintf("%s, %s, %.1f%% errors in %s%s", detail, h.Status, 100*r.rate, scope.Plural(t.requests, "request"), back), nil
}

// migrate finds what the new release will do to the database when it starts.
// A migration that was released may not change: databases that have it would
// differ from those that get it now.
func (r *run) migrate(ctx context.Context) (string, error) {
	if r.oldCommit == "" {
		return "all of them, on an empty database", nil
	}
	added, err := r.addedSince(ctx, r.oldCommit)
	switch {
	case errors.Is(err, errChanged):
		return "", err
	case err != nil:
		r.unknown = err
		return "unknown, so there will be no automatic rollback: " + err.Error(), nil //nolint:nilerr // it only bars the way back
	case r.backCommit != r.oldCommit:
		return cmp.Or(strings.Join(added, ", "), "none") + " since the release that serves; " + r.migrateBack(ctx), nil
	case len(added) == 0:
		return "none; going back is safe", nil
	}
	r.migrations = added
	return strings.Join(added, ", ") + "; they run when the release starts, and there will be no automatic rollback", nil
}

// migrateBack finds what lies between the new release and the one to go back to,
// when that is not the one that serves.
func (r *run) migrateBack(ctx context.Context) string {
	if r.backID == "" {
		return "there will be no automatic rollback"
	}
	if r.migrations, r.unknown = r.addedSince(ctx, r.backCommit); r.unknown != nil {
		return "unknown since commit " + short(r.backCommit) + ", so there will be no automatic rollback: " + r.unknown.Error()
	}
	if len(r.migrations) == 0 {
		return "none since commit " + short(r.backCommit) + "; going back to it is safe"
	}
	return strings.Join(r.migrations, ", ") + " since commit " + short(r.backCommit) + ", and there will be no automatic rollback"
}

var errChanged = errors.New("a released migration was changed")

// addedSince lists the migrations that came after a commit.
func (r *run) addedSince(ctx context.Context, commit string) (added []string, err error) {
	out, err := r.Exec.Run(ctx, "git", "diff", "--name-status", "--no-renames", commit, r.commit, "--", r.Migrations)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		kind, file, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || !strings.HasSuffix(file, ".sql") {
			continue
		}
		name := strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], ".sql")
		if kind != "A" {
			return nil, fmt.Errorf("%w: %s; take the change back and add a new migration instead", errChanged, name)
		}
		added = append(added, name)
	}
	return added, nil
}

func (r *run) backup(ctx context.Context) (string, error) {
	o, err := r.operations(ctx)
	if err != nil {
		return "", err
	}
	if !o.Backups.Kept {
		return "", skipped("the installation keeps no backups; make one by hand before a migration")
	}
	if o.Backups.NewestAt.IsZero() {
		return "", fmt.Errorf("there is no verified backup (%s); make one first: introspect backup create", cmp.Or(o.Backups.Problem, "none was made yet"))
	}
	age := r.Clock.Now().Sub(o.Backups.NewestAt)
	if age > r.Timing.BackupAge {
		return "", fmt.Errorf("the newest verified backup is %s old, more than %s; make one first, at /admin/backups or with: introspect backup create", spell(age), spell(r.Timing.BackupAge))
	}
	return "the newest verified one is " + spell(age) + " old", nil
}

func (r *run) alerts(ctx context.Context) (string, error) {
	o, err := r.operations(ctx)
	if err != nil {
		return "", err
	}
	var critical, mended []string
	for _, f := range o.Firing {
		switch {
		case f.Severity != "critical" || f.Muted != "":
		case f.Rule == "deploy_failed" || f.Rule == "smoke_failed":
			mended = append(mended, f.Rule) // what this deployment brings may mend these
		default:
			critical = append(critical, f.Rule)
		}
	}
	if len(critical) > 0 {
		return "", fmt.Errorf("critical and firing: %s; a deployment now would hide the cause, so clear or silence them first", strings.Join(critical, ", "))
	}
	if len(mended) > 0 {
		r.doubt = true
		return "no critical one fires but " + strings.Join(mended, " and ") + ", which do not stop a deployment", nil
	}
	return "no critical one fires", nil
}

func (r *run) tests(ctx context.Context) (string, error) {
	return r.command(ctx, r.Test, "Tests failed; nothing may be deployed that does not pass them")
}

func (r *run) build(ctx context.Context) (string, error) {
	return r.command(ctx, r.Build, "Build failed; the host would fail in the same way")
}

func (r *run) command(ctx context.Context, words []string, says string) (string, error) {
	begun := r.Clock.Now()
	out, err := r.Exec.Run(ctx, words[0], words[1:]...)
	if err != nil {
		return "", fmt.Errorf("%s: %s: %w\n%s", says, strings.Join(words, " "), err, tail(strings.Split(strings.TrimSpace(out), "\n")))
	}
	return strings.Join(words, " ") + " in " + spell(r.Clock.Now().Sub(begun)), nil
}

// kept is how many lines of a log are shown after a failure.
const kept = 50

func tail(lines []string) string {
	return strings.Join(lines[max(0, len(lines)-kept):], "\n")
}
