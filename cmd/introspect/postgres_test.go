package main

import (
	"context"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// postgresHouse is an installation whose data are in Postgres.
func postgresHouse(t *testing.T) *backupHouse {
	t.Helper()
	h := &backupHouse{data: t.TempDir()}
	h.vars = map[string]string{
		"DATABASE_URL": storetest.Schema(t, ""), "DATA_DIR": h.data, "ENCRYPTION_KEY": storetest.Secret, "INTROSPECT_ZONE": "UTC",
		"INTROSPECT_ADMIN_TOKEN": smokeToken,
	}
	return h
}

func (h *backupHouse) with(more ...string) map[string]string {
	vars := make(map[string]string)
	for k, v := range h.vars {
		vars[k] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		vars[more[i]] = more[i+1]
	}
	return vars
}

// Two servers share one Postgres: one leads, both serve one interview in turn,
// and the second takes over when the first ends, as in a deployment without a
// gap.
func TestTwoServersOnPostgres(t *testing.T) {
	t.Parallel()
	h := postgresHouse(t)
	one := serving(t, h.vars)
	held := func() (store.Holder, error) {
		by, ok := store.HeldBy(t.Context(), h.vars["DATABASE_URL"])
		if !ok {
			return by, store.ErrNotFound
		}
		return by, nil
	}
	first := storetest.Until(t, held)
	if first.What != "introspect serve" {
		t.Errorf("the database is led by %+v", first)
	}
	two := serving(t, h.with("DATA_DIR", t.TempDir()))
	for _, p := range []*process{one, two} {
		vars := map[string]string{"INTROSPECT_ADMIN_TOKEN": smokeToken}
		out := new(output)
		if code := run(t.Context(), environment{getenv(vars), out, out, nil}, []string{"smoke", p.base}); code != 0 || !strings.Contains(out.String(), "canary removed") {
			t.Fatalf("smoke exited with %d:\n%s", code, out)
		}
	}
	client := new(http.Client)
	defer client.CloseIdleConnections()
	c := newTalk(t, client, one.base)
	for i, text := range sentences()[:4] {
		c.base = []string{two.base, one.base}[i%2]
		c.answer(text)
	}
	if code := one.stop(); code != 0 {
		t.Errorf("the first server exited with %d", code)
	}
	after := storetest.Until(t, func() (store.Holder, error) {
		by, err := held()
		if err == nil && by.Since.Equal(first.Since) {
			err = store.ErrBusy // still the first one
		}
		return by, err
	})
	if after.What != "introspect serve" {
		t.Errorf("the database is led by %+v", after)
	}
	c.base = two.base
	c.answer("We open at nine and close at six.")
	if status, body := fetch(t, two.base+"/readyz"); status != http.StatusOK {
		t.Errorf("GET /readyz = %d %s", status, body)
	}
	if code := two.stop(); code != 0 {
		t.Errorf("the second server exited with %d", code)
	}
	st := storetest.Postgres(t, store.Config{Path: h.vars["DATABASE_URL"]})
	rec, err := st.Session(t.Context(), event.SessionID(c.id))
	if err != nil || rec.Session.Turns != 5 {
		t.Errorf("the session holds %d turns, %v; 5 answers were given", rec.Session.Turns, err)
	}
	storetest.NoDrift(t, st)
}

// Backups of Postgres are made beside a server, proven, and restored in its place
// once it has stopped.
func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	h := postgresHouse(t)
	p := serving(t, h.vars)
	client := new(http.Client)
	defer client.CloseIdleConnections()
	kept := newTalk(t, client, p.base)
	kept.answer("We groom dogs, fourteen a day.")
	created := h.run(t, 0, "backup", "create")
	wantAll(t, created, "is in .*backups: 1 session,", "read back and checked")
	lost := newTalk(t, client, p.base)
	wantAll(t, h.run(t, 0, "backup", "drill"), "was restored and proven")
	wantAll(t, h.run(t, 1, "restore", "--in-place"), "replaces postgres://.*/postgres.*add --confirm postgres")
	storetest.Until(t, func() (bool, error) {
		by, ok := store.HeldBy(t.Context(), h.vars["DATABASE_URL"])
		if !ok {
			return false, store.ErrNotFound
		}
		return by.PID > 0, nil
	})
	wantAll(t, h.run(t, 1, "restore", "--in-place", "--confirm", "postgres"), `held by introspect serve, process \d+ on`)
	if out := h.run(t, 0, "doctor"); !regexp.MustCompile(`Postgres 1\d.*migration`).MatchString(out) || !strings.Contains(out, "introspect serve runs on it") {
		t.Errorf("doctor says\n%s", out)
	}
	if code := p.stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	wantAll(t, h.run(t, 0, "restore", "--in-place", "--confirm", "postgres"), "postgres://.* holds the state of", `The replaced database is .*introspect.db.replaced-`)
	st := storetest.Postgres(t, store.Config{Path: h.vars["DATABASE_URL"]})
	if _, err := st.Session(t.Context(), event.SessionID(kept.id)); err != nil {
		t.Errorf("the session of the backup: %v", err)
	}
	if _, err := st.Session(t.Context(), event.SessionID(lost.id)); err == nil {
		t.Error("the session that came after the backup is still there")
	}
	storetest.NoDrift(t, st)
	// And as a file, which is an embedded database.
	file := t.TempDir() + "/copy.db"
	wantAll(t, h.run(t, 0, "restore", "--to", file), "was proven")
	lite := storetest.SQLite(t, store.Config{Path: file})
	if _, err := lite.Session(t.Context(), event.SessionID(kept.id)); err != nil {
		t.Errorf("the session in the file: %v", err)
	}
}

// The real program dies by SIGKILL between two answers, and the interview goes on.
func TestKilledOnPostgres(t *testing.T) {
	t.Parallel()
	h := postgresHouse(t)
	bin := build(t)
	begin := func() (string, *exec.Cmd) {
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), bin, "serve", "--port", "0", "--host", "127.0.0.1") // #nosec G204 -- built above
		out := new(output)
		cmd.Stdout, cmd.Stderr = out, out
		for k, v := range h.vars {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() })
		address := regexp.MustCompile(`Intake: +http://localhost:(\d+)/`)
		return storetest.Until(t, func() (string, error) {
			m := address.FindStringSubmatch(out.String())
			if m == nil {
				return "", store.ErrNotFound
			}
			return "http://127.0.0.1:" + m[1], nil
		}), cmd
	}
	base, cmd := begin()
	client := new(http.Client)
	c := newTalk(t, client, base)
	for _, text := range sentences()[:4] {
		c.answer(text)
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
		client.CloseIdleConnections()
		c.base, cmd = begin()
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed
	st := storetest.Postgres(t, store.Config{Path: h.vars["DATABASE_URL"]})
	rec, err := st.Session(t.Context(), event.SessionID(c.id))
	if err != nil || rec.Session.Turns != 4 {
		t.Errorf("the session holds %d turns, %v; 4 answers were acknowledged", rec.Session.Turns, err)
	}
	storetest.NoDrift(t, st)
}

// The address may hold a password, so neither help nor an error shows it.
func TestDatabaseAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"serve", "--help"}, 0, "database-url"},
		{[]string{"serve"}, 1, "DATABASE_URL is no postgres:// address"},
		{[]string{"token", "list", "--database-url", "mysql://u:secretpassword@h/x"}, 1, "DATABASE_URL is no postgres:// address"},
	} {
		out := new(output)
		vars := map[string]string{"DATABASE_URL": "mysql://u:secretpassword@h/x", "DATA_DIR": t.TempDir(), "ENCRYPTION_KEY": storetest.Secret}
		if code := run(t.Context(), environment{getenv(vars), out, out, nil}, tt.args); code != tt.code || !strings.Contains(out.String(), tt.says) || strings.Contains(out.String(), "secretpassword") {
			t.Errorf("%v exited with %d:\n%s", tt.args, code, out)
		}
	}
}

// A key file would be lost with the machine.
func TestPostgresWantsAKey(t *testing.T) {
	t.Parallel()
	out := new(output)
	vars := map[string]string{"DATABASE_URL": "postgres://u:secretpassword@127.0.0.1:1/x", "DATA_DIR": t.TempDir()}
	if code := run(t.Context(), environment{getenv(vars), out, out, nil}, []string{"serve"}); code != 1 || !strings.Contains(out.String(), "ENCRYPTION_KEY is not set; with DATABASE_URL it has to be") {
		t.Errorf("exited with %d: %s", code, out)
	}
	vars["ENCRYPTION_KEY"] = storetest.Secret
	for _, words := range []string{"serve", "token list", "maintenance on", "access"} {
		out = new(output)
		code := run(t.Context(), environment{getenv(vars), out, out, nil}, strings.Fields(words))
		if code != 1 || !strings.Contains(out.String(), "connection to Postgres is lost") || !strings.Contains(out.String(), "see that Postgres runs") || strings.Contains(out.String(), "secretpassword") {
			t.Errorf("%s exited with %d: %s", words, code, out)
		}
	}
}

// The doctor names a database without the password of it.
func TestDoctorOfAnEmptyPostgres(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(storetest.Schema(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), "secretpassword")
	h := newBackupHouse(t)
	h.vars["DATABASE_URL"] = u.String()
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}} {
		out, log := new(output), new(output)
		run(t.Context(), environment{getenv(h.vars), out, log, nil}, args)
		if said := out.String() + log.String(); !strings.Contains(said, "There is no database at postgres://") || strings.Contains(said, "secretpassword") {
			t.Errorf("%v said:\n%s", args, said)
		}
	}
}

// The data move from the embedded database to Postgres and back, and nothing is
// overwritten on the way.
func TestDatabaseCopy(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	h.run(t, 0, "simulate", "--sessions", "12", "--days", "3", "--seed", "4")
	to := storetest.Schema(t, "")
	p := serving(t, h.vars)
	wantAll(t, h.run(t, 1, "database", "copy", to), "held by introspect serve, process")
	if code := p.stop(); code != 0 {
		t.Fatal(code)
	}
	wantAll(t, h.run(t, 0, "database", "copy", to), `^postgres://\S+ holds what .*introspect.db holds: \d+ sessions, [1-9]\d+ messages`, "is the same", "DATABASE_URL")
	wantAll(t, h.run(t, 1, "database", "copy", to), "holds tables of ours already, at migration")
	file := filepath.Join(t.TempDir(), "back.db")
	there := &backupHouse{data: t.TempDir(), vars: h.with("DATABASE_URL", to, "DATA_DIR", t.TempDir())}
	wantAll(t, there.run(t, 0, "database", "copy", file), `back.db holds what postgres://`)
	wantAll(t, there.run(t, 1, "database", "copy", file), "exists already")
	wantAll(t, there.run(t, 1, "database", "copy", "somewhere"), "neither a postgres:// address nor a file")
	wantAll(t, there.run(t, 1, "database", "copy", "postgres://introspect@127.0.0.1:1/introspect"), "connection to Postgres is lost") // an address that needs no password
	wantAll(t, there.run(t, 2, "database", "move", file), "usage: introspect database copy")
	wantAll(t, there.run(t, 0, "token", "list"), " first\n")
	left, err := filepath.Glob(filepath.Join(h.data, "copy-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
