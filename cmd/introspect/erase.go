package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/store"
)

const eraseUsage = `usage: introspect erase SESSION|EMAIL --confirm
Without --confirm it only says what would be erased.`

// eraseCommand forgets a session, or all of an address, at the operator's word.
// It works beside a running server.
func eraseCommand(ctx context.Context, env environment, args []string) error {
	confirm := false
	var words []string
	for _, a := range args { // the flag may stand behind the word
		if a == "--confirm" || a == "-confirm" {
			confirm = true
			continue
		}
		words = append(words, a)
	}
	cfg, rest, err := load(env, "erase", words)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		fmt.Fprintln(env.err, eraseUsage)
		return errUsage
	}
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	ids := []event.SessionID{event.SessionID(rest[0])}
	if strings.Contains(rest[0], "@") {
		if ids, err = st.SessionsOf(ctx, rest[0]); err != nil {
			return err
		}
	}
	if !confirm {
		fmt.Fprintf(env.out, "%d would be erased for good:\n", len(ids))
		for _, id := range ids {
			fmt.Fprintln(env.out, " ", id)
		}
		fmt.Fprintln(env.out, "Nothing was erased; add --confirm to do it.")
		return nil
	}
	n, err := privacy.New(privacy.Config{Store: st, Erased: noted(env, cfg, st)}).Erase(ctx, "operator", ids...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("nothing is kept of %s; look the session up at /admin/sessions", rest[0])
	}
	fmt.Fprintf(env.out, "%d erased for good.\n", n)
	return nil
}

// noted writes erasures down beside the backups. When that fails the database
// still knows, and the server tries again with its next backup.
func noted(env environment, cfg config, st *store.Store) func(context.Context) {
	return func(ctx context.Context) {
		k, err := newKeeper(env, cfg, st)
		if err == nil {
			err = k.SyncErasures(ctx)
		}
		if err != nil {
			fmt.Fprintf(env.err, "The erasure is done, but backups do not know of it yet: %v\nThe next backup of the server tells them.\n", err)
		}
	}
}

// noteErasures is the same for the server.
func (a *app) noteErasures(ctx context.Context) {
	if a.keeper == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := a.keeper.SyncErasures(ctx); err != nil {
		a.log.ErrorContext(ctx, "an erasure is done, but the log beside the backups does not have it; the next backup tries again", slog.Any("error", err))
	}
}
