// Command introspect is the whole product in one binary: the client's intake,
// the owner's dashboard, the event collector and the health checks.
//
// This package is the only one that reads the environment, picks wires and
// exits. Start with run and serve.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/redis"
)

// version is set at build time with -ldflags "-X main.version=…"; the seed's
// number is the fallback (S16).
var version = "3.2.0"

// command is one verb of the program.
type command struct {
	name, summary string
	run           func(ctx context.Context, env environment, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "start the intake, the dashboard and the API", serve},
		{"token", "create, list or delete API tokens of the owner: token create NAME", token},
		{"rollup", "rebuild the dashboard's counters, or prove them: rollup rebuild [--verify]", rollup},
		{"alerts", "list the alert rules, or test the channels: alerts list, alerts test [CHANNEL]", alerts},
		{"jobs", "list the durable work, or do again what was given up: jobs list, jobs dead, jobs replay ID, jobs replay dead", jobs},
		{"backup", "make, list and prove backups: backup create, backup list, backup verify [ID], backup drill, backup environment", runBackup},
		{"database", "move the data to Postgres or back: database copy TO, a postgres:// address or a new file", database},
		{"restore", "bring a backup or a time back: restore [--id ID | --at TIME] --to FILE, or --in-place --confirm NAME", runRestore},
		{"erase", "forget a session, or all of an address, for good: erase SESSION|EMAIL --confirm, erase --settle", eraseCommand},
		{"reseal", "bring everything under the present ENCRYPTION_KEY, so that the former one can go", reseal},
		{"demo", "show the product on a month of simulated visits, in a temporary database", demo},
		{"simulate", "add simulated visits, or take them out: simulate [--sessions N] [--days D] [--seed S] [--remove]", simulation},
		{"eval", "measure the interviewer with simulated clients: eval [--split test] [--gate] [--advisor NAME] [--scenarios DIR]", evaluate},
		{"interview", "play one interview in the terminal, or replay answers: interview [--answers FILE]", play},
		{"maintenance", "keep visitors out, or let them in: maintenance on|off|status [--message TEXT] [--until TIME]", maintenance},
		{"watch", "probe other installations from this host, and page somebody when one is down: watch URL...", watchOthers},
		{"fallback", "leave the language model out: fallback on, off, auto, retry or status", fallback},
		{"doctor", "examine this installation and say what to do: doctor [--json] [--strict] [--refresh] [--key-copy FILE]", doctorCommand},
		{"kpi", "print the figures of a day, a week or a month: kpi day|week|month [--to YYYY-MM-DD] [--json]", kpi},
		{"audit", "print who did what: audit [--since 24h] [--action login] [--json]", audit},
		{"access", "print who may do what: users, API tokens, logins", access},
		{"affected", "list the clients who were active, to write to them: affected [--since 24h] [--json]", affected},
		{"contacts", "say who is to be called, in order, and where things are told", contactsCommand},
		{"smoke", "try a running installation with a canary: smoke [--commit SHA] [--json] URL", smokeCommand},
		{"deploy", "bring this commit to the host, and back when it does not serve: deploy [--dry-run] [--json]", deployCommand},
		{"rollback", "bring an earlier release back: rollback [--to dep-…]", rollbackCommand},
		{"restart", "start the live release again", restartCommand},
		{"status", "say what the host and the site say", statusCommand},
		{"healthcheck", "ask the server of this machine whether it takes requests", healthcheck},
		{"version", "print the version and the commit", printVersion},
	}
}

// environment is the outside world of a command, so that tests can supply it.
type environment struct {
	get      func(string) string
	out, err io.Writer
	in       io.Reader
}

// errUsage means that the words were off; the usage has been printed.
var errUsage = errors.New("see introspect help")

func main() {
	// A file that may not grow is an error of the write, as a full disk is, and
	// not the end of the program.
	signal.Ignore(syscall.SIGXFSZ)
	redis.Silence()
	if len(os.Args) > 1 {
		noteMisspelt(os.Stderr, os.Args[1], os.Environ())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, environment{os.Getenv, os.Stdout, os.Stderr, os.Stdin}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run finds the verb and runs it: 0 is success, 1 a failure, 2 wrong usage.
func run(ctx context.Context, env environment, args []string) int {
	name := "help"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	for _, c := range commands() {
		if c.name != name {
			continue
		}
		asked := len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0])
		if asked { // the flags alone would not say which words there are
			fmt.Fprintf(env.out, "introspect %s: %s\n", c.name, c.summary)
		}
		err := c.run(ctx, env, args)
		var failed *deploy.Failure
		var code exitCode
		switch {
		case err == nil || errors.Is(err, flag.ErrHelp) || asked && errors.Is(err, errUsage):
			return 0
		case errors.Is(err, errUsage):
			return 2
		case errors.As(err, &failed):
			return failed.Code // it was told as it happened
		case errors.As(err, &code):
			return int(code)
		}
		fmt.Fprintln(env.err, "introspect:", err)
		return 1
	}
	return help(env, name)
}

func help(env environment, name string) int {
	out, code := env.out, 0
	if name != "help" && name != "-h" && name != "--help" {
		out, code = env.err, 2
		fmt.Fprintf(out, "introspect: there is no command %q\n", name)
	}
	fmt.Fprintln(out, "usage: introspect COMMAND [flags]")
	for _, c := range commands() {
		fmt.Fprintf(out, "  %-11s %s\n", c.name, c.summary)
	}
	fmt.Fprintln(out, "Every setting is listed in docs/config.md.")
	return code
}
