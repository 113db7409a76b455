package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// commandLine is who did what a command did, in the audit log.
const commandLine = "system:command-line"

// lookStore opens the database for a command that only reads. It must not
// migrate, nor make the figures again because this shell has another zone.
func lookStore(ctx context.Context, env environment, cfg config) (*store.Store, error) {
	if err := present(ctx, cfg); err != nil {
		return nil, err
	}
	log := logger(cfg, env)
	keys, err := cfg.keyring(log)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, store.Config{Path: cfg.database(), Keys: keys, Zone: cfg.zone, Log: log, Look: true})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", unopened(cfg, err))
	}
	return st, nil
}

// mostAudited is how much of the audit log one command reads.
const mostAudited = 100_000

// access says who may do what here, and when they last did (S126): every user,
// every API token, the logins of 30 days.
func access(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "access", args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		fmt.Fprintln(env.err, "usage: introspect access")
		return errUsage
	}
	st, err := lookStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	users, err := st.Users(ctx)
	if err != nil {
		return err
	}
	tokens, err := st.Tokens(ctx)
	if err != nil {
		return err
	}
	log, err := st.AuditLog(ctx, mostAudited)
	if err != nil {
		return err
	}
	return printAccess(env.out, accessReport{users, tokens, log, cfg.adminToken != "", time.Now()})
}

// accessReport is what access prints.
type accessReport struct {
	users   []store.User
	tokens  []store.Token
	log     []store.AuditEntry // the newest first
	settled bool               // the settings hold a token too
	now     time.Time
}

func printAccess(out io.Writer, r accessReport) error {
	month := r.now.AddDate(0, 0, -30)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s; each may do everything on the admin pages\n", scope.Plural(len(r.users), "user"))
	for _, u := range r.users {
		last, acts := lastActs(r.log, "admin:"+u.ID, month)
		fmt.Fprintf(w, "  %s\t%s\tsince %s\tlast act %s\t%s in 30 days\n", u.Email, u.Name, u.CreatedAt.Format(time.DateOnly), last, scope.Plural(acts, "act"))
	}
	fmt.Fprintf(w, "\n%s; each may read figures and health, and run smoke tests\n", scope.Plural(len(r.tokens), "API token"))
	for _, t := range r.tokens {
		fmt.Fprintf(w, "  %s\t%s\tsince %s\n", t.ID, t.Name, t.CreatedAt.Format(time.DateOnly))
	}
	if r.settled {
		fmt.Fprintln(w, "  INTROSPECT_ADMIN_TOKEN of the settings is one more")
	}
	good, bad := 0, 0
	for _, e := range r.log {
		switch {
		case e.At.Before(month):
		case e.Action == "login_ok":
			good++
		case e.Action == "login_failed":
			bad++
		}
	}
	fmt.Fprintf(w, "\nLogins in 30 days: %d worked, %d failed\n", good, bad)
	fmt.Fprintln(w, "A token that nobody knows is deleted with: introspect token delete ID")
	return w.Flush()
}

// lastActs is when somebody last acted, and how often since.
func lastActs(log []store.AuditEntry, actor string, since time.Time) (last string, n int) {
	last = "never"
	for _, e := range log { // the newest first
		if e.Actor != actor {
			continue
		}
		if last == "never" {
			last = e.At.Format(time.DateOnly)
		}
		if e.At.After(since) {
			n++
		}
	}
	return last, n
}

// audit prints the audit log, the newest first (S125): audit [--since 24h]
// [--action login] [--json].
func audit(ctx context.Context, env environment, args []string) error {
	var since time.Duration
	var action string
	var asJSON bool
	cfg, rest, err := load(env, "audit", args, func(f *flag.FlagSet) {
		f.DurationVar(&since, "since", 24*time.Hour, "how far back")
		f.StringVar(&action, "action", "", "only acts whose name begins so, such as login")
		f.BoolVar(&asJSON, "json", false, "one JSON object a line instead of text")
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 || since <= 0 {
		fmt.Fprintln(env.err, "usage: introspect audit [--since 24h] [--action login] [--json]")
		return errUsage
	}
	st, err := lookStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	log, err := st.AuditLog(ctx, mostAudited)
	if err != nil {
		return err
	}
	first := time.Now().Add(-since)
	out, w := json.NewEncoder(env.out), tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	n := 0
	for _, e := range log {
		if e.At.Before(first) || !strings.HasPrefix(e.Action, action) {
			continue
		}
		n++
		if asJSON {
			err = out.Encode(map[string]string{"at": e.At.Format(time.RFC3339), "actor": e.Actor, "action": e.Action, "object": e.Object})
		} else {
			_, err = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.At.In(cfg.zone).Format("2006-01-02 15:04:05"), e.Actor, e.Action, e.Object)
		}
		if err != nil {
			return err
		}
	}
	if n == 0 {
		fmt.Fprintln(env.err, "Nothing of the kind was done in that time.")
	}
	return w.Flush()
}
