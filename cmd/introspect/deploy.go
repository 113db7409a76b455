package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/outcome"
	"applicreations.com/introspect/internal/render"
	"applicreations.com/introspect/internal/smoke"
	"applicreations.com/introspect/internal/store"
)

// usualRequired are the variables without which the service would start wrong
// (S33). DATABASE_URL, in place of the Supabase ones of the seed, may be missing, since
// a database is embedded.
const usualRequired = "ENCRYPTION_KEY ANTHROPIC_API_KEY RESEND_API_KEY SENTRY_DSN"

// siteTimeout bounds one look at the site or the webhook.
const siteTimeout = 15 * time.Second

// deployFlags are the flags of the commands about deployments.
type deployFlags struct {
	dryRun, json, overMigrations bool
	to, dir                      string
}

// parse reads the flags that a command has; none of them takes other words.
func (d *deployFlags) parse(env environment, name string, args []string) error {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(env.err)
	f.BoolVar(&d.json, "json", false, "one JSON object a line instead of text")
	switch name {
	case "deploy":
		f.BoolVar(&d.dryRun, "dry-run", false, "check everything, change nothing")
		f.StringVar(&d.dir, "dir", ".", "folder of the source")
	case "rollback":
		f.StringVar(&d.to, "to", "", "deployment to go back to, such as dep-…; empty: the last before that was seen healthy")
		f.BoolVar(&d.overMigrations, "over-migrations", false, "go back although the database may be newer than the program")
		f.StringVar(&d.dir, "dir", ".", "folder of the source")
	}
	if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errUsage
	}
	if f.NArg() > 0 {
		fmt.Fprintf(env.err, "introspect %s takes no word %q\n", name, f.Arg(0))
		return errUsage
	}
	return nil
}

// deployCommand brings the commit that is checked out to the clients.
func deployCommand(ctx context.Context, env environment, args []string) error {
	return operate(ctx, env, "deploy", args, func(cfg deploy.Config, _ deployFlags) error { return deploy.Run(ctx, cfg) })
}

// rollbackCommand brings an earlier release back.
func rollbackCommand(ctx context.Context, env environment, args []string) error {
	return operate(ctx, env, "rollback", args, func(cfg deploy.Config, d deployFlags) error {
		return deploy.Rollback(ctx, cfg, d.to, d.overMigrations)
	})
}

// restartCommand starts the live release again.
func restartCommand(ctx context.Context, env environment, args []string) error {
	return operate(ctx, env, "restart", args, func(cfg deploy.Config, _ deployFlags) error { return deploy.Restart(ctx, cfg) })
}

// statusCommand says what serves.
func statusCommand(ctx context.Context, env environment, args []string) error {
	return operate(ctx, env, "status", args, func(cfg deploy.Config, _ deployFlags) error { return deploy.Status(ctx, cfg) })
}

// operate runs a command about deployments with everything it needs.
func operate(ctx context.Context, env environment, name string, args []string, run func(deploy.Config, deployFlags) error) error {
	var d deployFlags
	if err := d.parse(env, name, args); err != nil {
		return err
	}
	cfg := deployConfig(ctx, env, d)
	if name == "status" && cfg.Local["RENDER_API_KEY"]+cfg.Local["RENDER_SERVICE_ID"] == "" && cfg.URL != "" {
		cfg.Host = nil
		fmt.Fprintln(env.err, "Only the site is asked: RENDER_API_KEY and RENDER_SERVICE_ID are not set, as on a machine of your own, where systemctl status introspect or docker compose ps says more.")
		return run(cfg, d)
	}
	for _, setting := range []string{"RENDER_API_KEY", "RENDER_SERVICE_ID", "APP_URL"} {
		if name != "deploy" && cfg.Local[setting] == "" { // deploy names all that is missing by itself
			return fmt.Errorf("%s is not set, so the host or the site cannot be asked; docs/deployment.md says where it comes from, and what to do on a machine of your own", setting)
		}
	}
	err := run(cfg, d)
	tellDeployment(ctx, env, name, cfg, err)
	return err
}

// tellDeployment tells the installation what came of a deployment or a rollback.
// One that ended before the host was given an order is nobody's business but the
// operator's.
func tellDeployment(ctx context.Context, env environment, name string, cfg deploy.Config, err error) {
	var f *deploy.Failure
	failed := errors.As(err, &f)
	switch {
	case name != store.OperationDeploy && name != store.OperationRollback, cfg.DryRun, failed && !f.Ordered:
		return
	}
	r := outcome.Result{Kind: name, Version: cfg.Version, Good: err == nil, Detail: outcome.Reason(err)}
	if failed {
		r.Step, r.Detail = f.Stage, outcome.Reason(f.Err)
	}
	tellResult(ctx, env, cfg.URL, r)
}

// tellResult tells an installation a result, and notes when it cannot: whoever
// started the command wants its outcome, whoever is told.
func tellResult(ctx context.Context, env environment, url string, r outcome.Result) {
	token := env.get("INTROSPECT_ADMIN_TOKEN")
	if url == "" || token == "" {
		return
	}
	r.ID, r.At = store.NewJobID(), time.Now().UTC()
	t := outcome.Teller{URL: url, Token: token, Dir: stateDir(env), HTTP: &http.Client{
		Timeout: siteTimeout,
		// The token must not travel to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if err := t.Tell(ctx, r); err != nil {
		fmt.Fprintf(env.err, "The installation was not told of this %s: %v\n", r.Kind, err)
	}
}

// stateDir is where the commands of an operator keep what outlives them, by the
// XDG Base Directory Specification; empty where there is no such place.
func stateDir(env environment) string {
	if dir := env.get("INTROSPECT_STATE_DIR"); dir != "" {
		return dir
	}
	if dir := env.get("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "introspect")
	}
	if home := env.get("HOME"); home != "" {
		return filepath.Join(home, ".local", "state", "introspect")
	}
	return ""
}

// deployConfig wires the host, git and the site together.
func deployConfig(ctx context.Context, env environment, d deployFlags) deploy.Config {
	here := deploy.Commands{Dir: d.dir}
	site := strings.TrimRight(cmp.Or(env.get("APP_URL"), env.get("NEXT_PUBLIC_APP_URL")), "/")
	token := env.get("INTROSPECT_ADMIN_TOKEN")
	client := &render.Client{BaseURL: env.get("RENDER_BASE_URL"), Key: env.get("RENDER_API_KEY")}
	cfg := deploy.Config{
		Version: version, URL: site, Token: token, Webhook: env.get("MONITORING_WEBHOOK_URL"), Go: "1.26",
		Local: map[string]string{
			"RENDER_API_KEY": client.Key, "RENDER_SERVICE_ID": env.get("RENDER_SERVICE_ID"), "APP_URL": site, "INTROSPECT_ADMIN_TOKEN": token,
		},
		Required: list(cmp.Or(env.get("DEPLOY_REQUIRED"), usualRequired)),
		Test:     []string{"./scripts/test"}, Build: []string{"go", "build", "./..."}, Migrations: "internal/store/migrations",
		Host: render.Target{Client: client, ID: render.ServiceID(env.get("RENDER_SERVICE_ID"))}, Exec: here, Clock: deploy.Wall{},
		HTTP: &http.Client{Timeout: siteTimeout}, Lock: deployLock(ctx, here),
		Print:  &deploy.Printer{Out: env.out, JSON: d.json, Colour: !d.json && onTerminal(env.out, env.get("NO_COLOR"), env.get("TERM")), Now: time.Now},
		DryRun: d.dryRun,
	}
	cfg.Smoke = func(ctx context.Context, commit string, degraded bool) error {
		return smoke.Run(ctx, smoke.Config{URL: site, Token: token, Commit: commit, Degraded: degraded}).Err()
	}
	return cfg
}

// deployLock lies in the folder of git, which every worktree of a clone shares
// and no commit holds.
func deployLock(ctx context.Context, here deploy.Commands) deploy.FileLock {
	name, _ := os.Hostname() // only for the one who finds the lock
	l := deploy.FileLock{Who: fmt.Sprintf("process %d on %s since %s", os.Getpid(), name, time.Now().Format(time.RFC3339))}
	path, err := here.Run(ctx, "git", "rev-parse", "--path-format=absolute", "--git-common-dir")
	if err != nil {
		return l // Take says that there is no path; source says that there is no repository
	}
	l.Path = strings.TrimSpace(path) + "/introspect-deploy.lock"
	return l
}

// onTerminal reports whether colours reach a person (no-color.org).
func onTerminal(out io.Writer, noColour, term string) bool {
	f, ok := out.(*os.File)
	if !ok || noColour != "" || term == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
