package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/simulate"
	"applicreations.com/introspect/internal/store"
)

// simulation adds visits that never happened to the configured database, or
// takes them out again.
func simulation(ctx context.Context, env environment, args []string) error {
	var visits, days int
	var seed uint64
	var remove bool
	cfg, _, err := load(env, "simulate", args, func(f *flag.FlagSet) {
		f.IntVar(&visits, "sessions", 300, "visits to make")
		f.IntVar(&days, "days", 30, "days over which they are spread, up to now")
		f.Uint64Var(&seed, "seed", 1, "of all chance: the same one makes the same visits")
		f.BoolVar(&remove, "remove", false, "take all simulated visits out again")
	})
	if err != nil {
		return err
	}
	if !remove {
		return fill(ctx, env, cfg, false, visits, days, seed)
	}
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	n, err := st.RemoveSimulated(ctx)
	if err == nil {
		fmt.Fprintf(env.out, "removed %d simulated visits\n", n)
	}
	return err
}

// fill opens the database in simulated time and closes it again. A database that
// nobody will miss need not wait for the disk.
func fill(ctx context.Context, env environment, cfg config, scratch bool, visits, days int, seed uint64) (err error) {
	log := logger(cfg, env)
	_, engine, err := loadEngine(cfg.configDir, log)
	if err != nil {
		return err
	}
	keys, err := cfg.keyring(log)
	if err != nil {
		return err
	}
	clock := new(simulate.Clock)
	clock.Set(time.Now())
	st, err := openKeeping(ctx, env, cfg, store.Config{Path: cfg.database(), Keys: keys, Zone: cfg.zone, Log: log, Now: clock.Now, Scratch: scratch})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	began := time.Now()
	got, err := simulate.Run(ctx, simulate.Config{
		Store: st, Engine: engine, Clock: clock, Visits: visits, Days: days, Seed: seed, Until: began.Truncate(time.Minute), Zone: st.Zone(),
		Progress: func(done int) {
			if done%100 == 0 && done < visits {
				fmt.Fprintf(env.out, "  %d of %d visits\n", done, visits)
			}
		},
	})
	fmt.Fprintf(env.out, "simulated %s, of which %d began and %d finished an interview, in %s\n",
		scope.Plural(got.Visits, "visit"), got.Started, got.Completed, time.Since(began).Round(100*time.Millisecond))
	return err
}

// demoBanner stands on every page of the demo.
const demoBanner = "Demo: the visits of the last 30 days are simulated, and all data is deleted when the demo ends."

// demo serves a temporary database with a month of simulated visits, on this
// machine only.
func demo(ctx context.Context, env environment, args []string) error {
	visits := 300
	cfg, _, err := load(env, "demo", args, func(f *flag.FlagSet) {
		f.IntVar(&visits, "sessions", visits, "simulated visits")
	})
	if err != nil {
		return err
	}
	if cfg.host == "" {
		cfg.host = "127.0.0.1" // whoever else is on the network has no business here
	}
	if ip := net.ParseIP(cfg.host); cfg.host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("the demo prints its password and serves this machine only; --host %s is not on it", cfg.host)
	}
	cfg.databaseURL = "" // a demo never touches real data
	if cfg.dataDir, err = os.MkdirTemp("", "introspect-demo-"); err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { _ = os.RemoveAll(cfg.dataDir) }()
	cfg.banner = demoBanner
	fmt.Fprintln(env.out, "Filling the demo with a month of simulated visits ...")
	if err := fill(ctx, env, cfg, true, visits, 30, 1); err != nil {
		return err
	}
	a, err := assemble(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.demoLogin(ctx, env); err != nil {
		return err
	}
	return a.listen(ctx, env)
}

// demoLogin makes the one admin of the demo.
func (a *app) demoLogin(ctx context.Context, env environment) error {
	token, _, err := a.account.SetupLink(ctx)
	if err != nil {
		return err
	}
	const address = "demo@example.com"
	password := rand.Text()
	if _, err := a.account.CreateFirst(ctx, token, address, "Demo", password); err != nil {
		return err
	}
	fmt.Fprintf(env.out, "Sign in with %s and the password %s\n", address, password)
	return nil
}
