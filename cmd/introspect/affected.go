package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"text/tabwriter"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
)

// affectedClient is somebody who was here while something was wrong.
type affectedClient struct {
	Session event.SessionID `json:"sessionId"`
	Last    time.Time       `json:"lastActivity"`
	Status  string          `json:"status"`
	Email   string          `json:"email"` // empty: not known, so nobody can write to them
	Name    string          `json:"name"`
}

// affected lists the clients who were active in a time, with their addresses, so
// that they can be written to (S142). Reading addresses is written into the
// audit log.
func affected(ctx context.Context, env environment, args []string) error {
	var since time.Duration
	var asJSON bool
	cfg, rest, err := load(env, "affected", args, func(f *flag.FlagSet) {
		f.DurationVar(&since, "since", 24*time.Hour, "how far back")
		f.BoolVar(&asJSON, "json", false, "one JSON object a line instead of text")
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 || since <= 0 {
		fmt.Fprintln(env.err, "usage: introspect affected [--since 24h] [--json]")
		return errUsage
	}
	st, err := lookStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	now := time.Now()
	clients, err := activeClients(ctx, st, now.Add(-since))
	if err != nil {
		return err
	}
	err = st.Audit(ctx, store.AuditEntry{At: now, Actor: commandLine, Action: "addresses_listed", Object: "sessions"})
	if err != nil {
		return err
	}
	out, w := json.NewEncoder(env.out), tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	for _, c := range clients {
		if asJSON {
			err = out.Encode(c)
		} else {
			_, err = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", c.Email, c.Name, c.Last.In(cfg.zone).Format("2006-01-02 15:04"), c.Status, c.Session)
		}
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(clients) == 0 {
		fmt.Fprintln(env.err, "Nobody was active in that time.")
	}
	return nil
}

// activeClients reads the sessions with activity since a moment, newest first.
func activeClients(ctx context.Context, st *store.Store, since time.Time) (clients []affectedClient, err error) {
	const page = 100
	f := store.SessionFilter{Active: since, Limit: page}
	for {
		list, err := st.Sessions(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			rec, err := st.Session(ctx, s.ID)
			if err != nil {
				return nil, err
			}
			clients = append(clients, affectedClient{s.ID, s.LastActivity, string(s.Status), rec.Session.Client.Email, rec.Session.Client.Name})
		}
		if len(list) < page {
			return clients, nil
		}
		f.Before = list[len(list)-1].ID
	}
}
