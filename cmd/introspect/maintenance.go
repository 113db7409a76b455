package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
)

const maintenanceUsage = "usage: introspect maintenance on [--message TEXT] [--until TIME] [--emergency --rollback TEXT] | maintenance off | maintenance status"

// maintenance switches the mode that keeps visitors out. It works beside a
// running server, which notices within two seconds.
func maintenance(ctx context.Context, env environment, args []string) error {
	if len(args) == 0 {
		fmt.Fprintln(env.err, maintenanceUsage)
		return errUsage
	}
	verb := args[0]
	var message, until, rollback *string
	var emergency *bool
	cfg, rest, err := load(env, "maintenance", args[1:], func(f *flag.FlagSet) {
		message = f.String("message", "", "what visitors read; empty: the usual words")
		until = f.String("until", "", "when it ends by itself: 15:04, 2006-01-02 15:04, RFC 3339, or how long, e.g. 90m")
		emergency = f.Bool("emergency", false, "show it on the status page at once; ends by itself after two hours")
		rollback = f.String("rollback", "", "how an emergency is undone")
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 || verb != "on" && verb != "off" && verb != "status" {
		fmt.Fprintln(env.err, maintenanceUsage)
		return errUsage
	}
	now := time.Now()
	end, err := moment(*until, now, cfg.zone)
	switch {
	case err != nil:
		return err
	case *emergency && strings.TrimSpace(*rollback) == "":
		return errors.New("an emergency needs --rollback: how is it undone when it goes wrong?")
	}
	st, err := openStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	mode := status.Mode{On: true, Message: *message, Since: now, Until: end}
	if *emergency {
		mode = status.Emergency(*message, *rollback, now, end)
		if mode.Until.Before(end) {
			fmt.Fprintln(env.out, "An emergency lasts two hours at most; begin it again if that is not enough.")
		}
	}
	return switchMode(ctx, env, st, verb, mode, cfg.zone)
}

// switchMode does what the verb says and prints how it is now.
func switchMode(ctx context.Context, env environment, st *store.Store, verb string, mode status.Mode, zone *time.Location) error {
	if verb == "off" {
		mode = status.Mode{}
	}
	if verb != "status" {
		if err := st.SetMode(ctx, mode); err != nil {
			return err
		}
		action := "maintenance_" + verb
		if mode.Emergency {
			action = "maintenance_emergency"
		}
		if err := st.Audit(ctx, store.AuditEntry{At: time.Now(), Actor: commandLine, Action: action}); err != nil {
			return err
		}
	}
	m, err := st.Mode(ctx)
	if err != nil {
		return err
	}
	switch {
	case !m.Active(time.Now()):
		fmt.Fprintln(env.out, "Maintenance mode is off: visitors get in.")
	case m.Until.IsZero():
		fmt.Fprintln(env.out, "Maintenance mode is on until introspect maintenance off. Interviews under way can be finished.")
	default:
		fmt.Fprintf(env.out, "Maintenance mode is on until %s. Interviews under way can be finished.\n", m.Until.In(zone).Format("Jan 2, 15:04 MST"))
	}
	return nil
}

// moment reads an end: a time of day means the next such time. Empty is none.
func moment(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at := time.Time{}
	if d, err := time.ParseDuration(text); err == nil {
		at = now.Add(d)
	}
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, text, zone); err == nil {
			at = t
		}
	}
	if t, err := time.ParseInLocation("15:04", text, zone); err == nil {
		y, m, d := now.In(zone).Date()
		at = time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, zone)
		if !at.After(now) {
			at = time.Date(y, m, d+1, t.Hour(), t.Minute(), 0, 0, zone)
		}
	}
	switch {
	case at.IsZero():
		return at, fmt.Errorf("--until is %q; set it to a time such as 15:04 or \"2026-11-24 15:04\", or to a duration such as 90m", text)
	case !at.After(now):
		return at, fmt.Errorf("--until is %q, which has passed", text)
	}
	return at, nil
}
