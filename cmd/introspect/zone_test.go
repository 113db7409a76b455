package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
)

// figuresOf reads the zone and every rollup row of a database as they are.
func figuresOf(t *testing.T, dir string) (zone, rows string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName)+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRowContext(t.Context(), `SELECT (SELECT value FROM settings WHERE key = 'reporting_zone'),
		(SELECT group_concat(line, char(10)) FROM (SELECT tier || ' ' || metric || ' ' || bucket || ' ' || dimension || ' ' || value || ' ' || hex(vector) AS line
		FROM rollups ORDER BY tier, metric, bucket, dimension, value))`).Scan(&zone, &rows)
	if err != nil {
		t.Fatal(err)
	}
	return zone, rows
}

// A command that is started from a shell of another zone leaves the figures as
// the server made them; they change only when somebody names another zone, and
// never below a running server.
func TestCommandsKeepTheZone(t *testing.T) {
	t.Parallel()
	h := &backupHouse{data: t.TempDir()}
	h.vars = map[string]string{"DATA_DIR": h.data, "ENCRYPTION_KEY": "a test key of more than sixteen bytes", "INTROSPECT_ZONE": "Pacific/Auckland"}
	h.run(t, 0, "simulate", "--sessions", "30", "--days", "4")
	zone, rows := figuresOf(t, h.data)
	if zone != "Pacific/Auckland" || rows == "" {
		t.Fatalf("figures are cut in %q and hold %d bytes, want some of Pacific/Auckland", zone, len(rows))
	}
	unchanged := func(after string) {
		t.Helper()
		if z, r := figuresOf(t, h.data); z != zone || r != rows {
			t.Errorf("after %s the figures are cut in %q (changed: %t), want those of %s", after, z, r != rows, zone)
		}
	}
	delete(h.vars, "INTROSPECT_ZONE")
	h.vars["TZ"] = "America/Los_Angeles"
	for _, args := range [][]string{
		{"alerts", "list"},
		{"token", "create", "one"},
		{"access"},
		{"kpi", "week"},
		{"fallback", "status"},
		{"maintenance", "status"},
		{"rollup", "rebuild", "--verify"},
		{"rollup", "rebuild"},
		{"backup", "create"},
		{"backup", "verify"},
		{"backup", "drill"},
		{"erase", "nobody@example.com"},
	} {
		h.run(t, 0, args...)
		unchanged(args[0])
	}
	run(t.Context(), environment{getenv(h.vars), new(output), new(output), nil}, []string{"doctor"}) // its verdict is about this machine
	unchanged("doctor")
	to := filepath.Join(t.TempDir(), store.FileName)
	h.run(t, 0, "restore", "--to", to)
	if z, r := figuresOf(t, filepath.Dir(to)); z != zone || r != rows {
		t.Errorf("the restored figures are cut in %q (changed: %t), want those of %s", z, r != rows, zone)
	}
	if err := os.Remove(to); err != nil {
		t.Fatal(err)
	}

	h.vars["INTROSPECT_ZONE"] = "America/Los_Angeles"
	lock, err := store.Acquire(t.Context(), filepath.Join(h.data, store.FileName), "introspect serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	wantAll(t, h.run(t, 1, "token", "create", "two"), "INTROSPECT_ZONE is America/Los_Angeles.*cut in Pacific/Auckland, which introspect serve .process \\d+. goes on with; leave it out")
	unchanged("a refused command")
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, h.run(t, 0, "token", "create", "two"), "figures were made again: their days are cut in America/Los_Angeles now, before in Pacific/Auckland")
	if z, r := figuresOf(t, h.data); z != "America/Los_Angeles" || r == rows {
		t.Errorf("after the zone was named the figures are cut in %q (changed: %t)", z, r != rows)
	}
	// A backup from before is good all the same.
	h.run(t, 0, "backup", "verify")
}
