package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/store"
)

const eraseUsage = `usage: introspect erase SESSION|EMAIL --confirm
       introspect erase --settle
Without --confirm it only says what would be erased. --settle writes the database
anew, so that no remains of what was erased are left in a large file.`

// eraseCommand forgets a session, or all of an address, at the operator's word.
// It works beside a running server.
func eraseCommand(ctx context.Context, env environment, args []string) error {
	confirm, args := flagged(args, "confirm")
	settle, words := flagged(args, "settle")
	cfg, rest, err := load(env, "erase", words)
	if err != nil {
		return err
	}
	if settle && len(rest) == 0 && !confirm {
		return settleFile(ctx, env, cfg)
	}
	if len(rest) != 1 || settle {
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

// flagged takes a flag out of arguments, also from behind a word.
func flagged(args []string, name string) (is bool, rest []string) {
	rest = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "-"+name || a == "--"+name })
	return len(rest) < len(args), rest
}

// settleFile writes the database anew. A server beside it would have its writers
// wait, and refuse those who wait for more than five seconds.
func settleFile(ctx context.Context, env environment, cfg config) error {
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	size, err := st.Settle(ctx)
	if err != nil {
		if errors.Is(err, store.ErrBusy) {
			return fmt.Errorf("%w; remains of what was erased may still be there: stop the server, or try again when less goes on", err)
		}
		return fmt.Errorf("%w; nothing was lost, but remains of what was erased may still be there: look at the disk's free room, which has to be as large as the database, and try again", err)
	}
	fmt.Fprintf(env.out, "The database is written anew (%d MB). Nothing of what was erased is left in it.\n", (size+1<<20-1)>>20)
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
