package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// reseal brings everything that a former key sealed under the present one, so that
// the former key can leave the configuration. It may run beside the server, which
// must have the present key already, and may be repeated after a fault.
func reseal(ctx context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "reseal", args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		fmt.Fprintln(env.err, "usage: introspect reseal")
		return errUsage
	}
	if len(cfg.secrets) < 2 {
		return errors.New("there is no former key: set ENCRYPTION_KEY to the new key and ENCRYPTION_KEYS_OLD to the one before, restart the server, and run this again")
	}
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer st.Close() //nolint:errcheck // what was written is committed
	n, err := st.Reseal(ctx)
	if err != nil {
		return fmt.Errorf("%w; %s under the new key already, nothing is lost; keep both keys and run it again", err, scope.Plural(n, "value"))
	}
	now := time.Now()
	if err := st.Audit(ctx, store.AuditEntry{At: now, Actor: commandLine, Action: "keys_resealed", Object: fmt.Sprintf("values:%d", n)}); err != nil {
		return err
	}
	fmt.Fprintf(env.out, "Sealed anew: %s. Take ENCRYPTION_KEYS_OLD out of the configuration and restart the server; people who are signed in sign in again.\n"+
		"Keep the former key with your backups: those made before %s need it.\n", scope.Plural(n, "value"), now.UTC().Format(time.RFC3339))
	return nil
}
