package main

import (
	"context"
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
	st, err := openStore(ctx, env, cfg)
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
	return nil
}

// openStore opens the database for a command other than serve.
func openStore(ctx context.Context, env environment, cfg config) (*store.Store, error) {
	log := logger(cfg, env)
	keys, err := cfg.keyring(log)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, store.Config{Path: cfg.databasePath(), Keys: keys, Zone: cfg.zone, Log: log})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return st, nil
}
