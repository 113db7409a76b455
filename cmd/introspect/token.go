package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/store"
)

// token manages the owner's API tokens. It works beside a running server,
// because SQLite lets another process write.
func token(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "token", args)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		fmt.Fprintln(env.err, "usage: introspect token create NAME | token list | token delete ID")
		return errUsage
	}
	open := openStore
	if rest[0] == "create" {
		open = makeStore // a host may be given its token before its first start
	}
	st, err := open(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	switch {
	case rest[0] == "create" && len(rest) == 2:
		plain, err := account.New(account.Config{Store: st}).CreateToken(ctx, rest[1])
		if err != nil {
			return err
		}
		fmt.Fprintln(env.out, plain)
		fmt.Fprintln(env.err, "Keep this token: only its hash is stored, so it cannot be shown again.")
		return nil
	case rest[0] == "list" && len(rest) == 1:
		return listTokens(ctx, env, st)
	case rest[0] == "delete" && len(rest) == 2:
		return st.DeleteToken(ctx, rest[1])
	}
	fmt.Fprintln(env.err, "usage: introspect token create NAME | token list | token delete ID")
	return errUsage
}

func listTokens(ctx context.Context, env environment, st *store.Store) error {
	all, err := st.Tokens(ctx)
	if err != nil {
		return err
	}
	for _, t := range all {
		fmt.Fprintf(env.out, "%s  %s  %s\n", t.ID, t.CreatedAt.Format(time.RFC3339), t.Name)
	}
	if len(all) == 0 {
		fmt.Fprintln(env.err, "There is no API token; make one with: introspect token create NAME")
	}
	return nil
}

// openStore opens the database for a command other than serve. A folder without
// one is refused: maintenance mode would be on, and nobody erased, in a new
// database that no server reads. The shell of a command often has another zone
// than the server, so the days of the figures stay cut as they are. Only who
// names a zone by INTROSPECT_ZONE or --zone gets them cut anew, and not below a
// server, which would go on with its own.
func openStore(ctx context.Context, env environment, cfg config) (*store.Store, error) {
	if err := present(ctx, cfg); err != nil {
		return nil, err
	}
	return makeStore(ctx, env, cfg)
}

// present says whether there is a database at all.
func present(ctx context.Context, cfg config) error {
	file := cfg.database()
	_, err := store.Peek(ctx, file)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no database at %s; set DATA_DIR or DATABASE_URL to where the data are, as the server has it, or start introspect serve once on a new machine", store.Name(file))
	}
	return unopened(cfg, err)
}

// unopened says what to do when a database cannot be opened.
func unopened(cfg config, err error) error {
	if err != nil && cfg.databaseURL == "" && errors.Is(err, store.ErrFull) {
		return fmt.Errorf("%w; free some room on that disk or make it larger, then try again: nothing that was confirmed is lost", err)
	}
	if err == nil || cfg.databaseURL == "" || !errors.Is(err, store.ErrBusy) {
		return err
	}
	return fmt.Errorf("%w; see that Postgres runs, for example with pg_isready, and that DATABASE_URL names it", err)
}

// makeStore is openStore, but makes the database when there is none.
func makeStore(ctx context.Context, env environment, cfg config) (*store.Store, error) {
	log := logger(cfg, env)
	keys, err := cfg.keyring(log)
	if err != nil {
		return nil, err
	}
	return openKeeping(ctx, env, cfg, store.Config{Path: cfg.database(), Keys: keys, Zone: cfg.zone, Log: log})
}

// openKeeping is openStore with everything that the store wants to know.
func openKeeping(ctx context.Context, env environment, cfg config, sc store.Config) (*store.Store, error) {
	sc.KeepZone = true
	st, err := store.Open(ctx, sc)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", unopened(cfg, err))
	}
	was, wanted := st.Zone().String(), cfg.zone.String()
	if !cfg.zoneNamed || was == wanted {
		return st, nil
	}
	if err := st.Close(); err != nil {
		return nil, err
	}
	if by, held := store.HeldBy(ctx, cfg.database()); held {
		return nil, fmt.Errorf("INTROSPECT_ZONE is %s, and days of the figures are cut in %s, which %s (process %d) goes on with; leave it out or set it to %s here, or stop the server and start it with the new zone",
			wanted, was, by.What, by.PID, was)
	}
	sc.KeepZone = false
	if st, err = store.Open(ctx, sc); err != nil {
		return nil, fmt.Errorf("open database: %w", unopened(cfg, err))
	}
	fmt.Fprintf(env.err, "The figures were made again: their days are cut in %s now, before in %s.\n", wanted, was)
	return st, nil
}
