package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/doctor"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// grades are the findings of a doctor's JSON by name; the worst counts.
func grades(t *testing.T, text string) map[string]doctor.Finding {
	t.Helper()
	var r doctor.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	out := map[string]doctor.Finding{}
	for _, f := range r.Findings {
		if out[f.Name].Grade != health.Fail {
			out[f.Name] = f
		}
		if (f.Remedy == "") != (f.Grade == health.Pass) {
			t.Errorf("%+v: a remedy goes with what is not well", f)
		}
	}
	return out
}

// Without a database the doctor makes none, and no key either.
func TestDoctorOfNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	h := &backupHouse{data: dir, vars: map[string]string{"DATA_DIR": dir}}
	got := grades(t, h.run(t, 0, "doctor", "--json"))
	if got["database_file"].Grade != health.Warn || got["key"].Grade != health.Warn {
		t.Errorf("findings %v, want warnings for database and key", got)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the doctor made %s", dir)
	}
	h.run(t, int(exitWarning), "doctor", "--strict")
	h.run(t, 2, "doctor", "now")
	h.run(t, 2, "doctor", "--fast")
}

// Beside a running server and after it, with everything in order, and the times
// that the server wrote down.
func TestDoctorOfAServer(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	h.vars["BACKUP_DIR"] = filepath.Join(t.TempDir(), "backups")
	if err := os.Chmod(h.data, 0o700); err != nil { // folders of tests are open
		t.Fatal(err)
	}
	wantAll(t, h.run(t, 0, "backup", "create"), "read back")
	p := serving(t, h.vars)
	h.vars["APP_URL"] = p.base
	beside := h.run(t, 0, "doctor", "--strict")
	wantAll(t, beside, "introspect serve runs on it", "Every page, index and reference fits", "fingerprint [0-9a-f]{8} and lies in no folder", "Agree within a second", "Made .* ago",
		"10\\. mean ", "0 to look at, 0 failed", "read by this command now")
	if strings.Contains(beside, h.vars["ENCRYPTION_KEY"]) {
		t.Error("the key is printed")
	}
	status, _ := fetch(t, p.base+"/status")
	if code := p.stop(); code != 0 || status != 200 {
		t.Fatalf("the server ended with %d; its page answered %d", code, status)
	}
	delete(h.vars, "APP_URL")
	wantAll(t, h.run(t, 0, "doctor", "--strict"), "No server runs on this database", "measured by the server from 20")
	wantAll(t, h.run(t, 0, "doctor", "--refresh"), "The database has statistics to plan by")
}

func TestDoctorFindsTrouble(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, h *backupHouse)
		args  []string
		code  exitCode
		found string
		grade health.Grade
	}{
		{"a wrong setting", func(_ *testing.T, h *backupHouse) { h.vars["PORT"] = "http" }, nil, exitFailed, "settings", health.Fail},
		{"a file of questions with a mistake", func(t *testing.T, h *backupHouse) {
			t.Helper()
			h.vars["CONFIG_DIR"] = t.TempDir()
			write(t, filepath.Join(h.vars["CONFIG_DIR"], "questions.json"), "{")
		}, nil, exitFailed, "questions", health.Fail},
		{"rules with a mistake", func(t *testing.T, h *backupHouse) {
			t.Helper()
			h.vars["ALERT_RULES"] = filepath.Join(t.TempDir(), "rules.json")
			write(t, h.vars["ALERT_RULES"], "{")
		}, nil, exitFailed, "alert_rules", health.Fail},
		{"another key", func(_ *testing.T, h *backupHouse) {
			h.vars["ENCRYPTION_KEY"] = "another key of more than sixteen bytes"
		}, nil, exitFailed, "database_file", health.Fail},
		{"a key that is too short", func(_ *testing.T, h *backupHouse) { h.vars["ENCRYPTION_KEY"] = "short" }, nil, exitFailed, "key", health.Fail},
		{"the key beside the data", func(t *testing.T, h *backupHouse) {
			t.Helper()
			write(t, filepath.Join(h.data, ".env"), "ENCRYPTION_KEY="+h.vars["ENCRYPTION_KEY"])
		}, nil, exitFailed, "key_escrow", health.Fail},
		{"a copy of another key", func(t *testing.T, h *backupHouse) {
			t.Helper()
			write(t, filepath.Join(h.data, "..", "copy"), "another key of more than sixteen bytes")
		}, []string{"--key-copy", "copy"}, exitFailed, "key_copy", health.Fail},
		{"a backup that cannot be restored", func(t *testing.T, h *backupHouse) {
			t.Helper()
			id := backupID.FindString(h.run(t, 0, "backup", "create"))
			if err := os.WriteFile(filepath.Join(h.data, "backups", id+".backup"), []byte("damaged"), 0o600); err != nil {
				t.Fatal(err)
			}
			h.run(t, 1, "backup", "drill")
		}, nil, exitFailed, "restore_drill", health.Fail},
		{"a damaged file", func(t *testing.T, h *backupHouse) {
			t.Helper()
			write(t, filepath.Join(h.data, store.FileName), "this is no database, and longer than a header of one hundred bytes, "+strings.Repeat("x", 100))
		}, nil, exitFailed, "database_file", health.Fail},
		{"a file that others may read", func(t *testing.T, h *backupHouse) {
			t.Helper()
			if err := os.Chmod(filepath.Join(h.data, store.FileName), 0o644); err != nil {
				t.Fatal(err)
			}
		}, []string{"--strict"}, exitWarning, "permissions", health.Warn},
		{"no backup in production", func(_ *testing.T, h *backupHouse) { h.vars["INTROSPECT_ENV"] = "production" }, nil, exitFailed, "backup", health.Fail},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newBackupHouse(t)
			tt.spoil(t, h)
			args := append([]string{"doctor", "--json"}, tt.args...)
			if n := len(args); n > 2 && args[n-1] == "copy" {
				args[n-1] = filepath.Join(h.data, "..", "copy")
			}
			got := grades(t, h.run(t, int(tt.code), args...))
			if f := got[tt.found]; f.Grade != tt.grade {
				t.Errorf("%s is %+v, want %s; all: %v", tt.found, f, tt.grade, got)
			}
		})
	}
}

// Who follows the doctor must not throw away data that nobody has seen: a backup
// is to be restored when the file is damaged, and for no other reason.
func TestDoctorRestoresOnlyWhatIsDamaged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(t *testing.T, h *backupHouse)
		says  string
	}{
		{"a damaged file", func(t *testing.T, h *backupHouse) {
			t.Helper()
			write(t, filepath.Join(h.data, store.FileName), strings.Repeat("this is no database ", 100))
		}, "restore the newest backup"},
		{"a Postgres that is not there", func(_ *testing.T, h *backupHouse) {
			h.vars["DATABASE_URL"] = "postgres://introspect:hush@127.0.0.1:1/introspect"
		}, "See that Postgres runs"},
		{"another key", func(_ *testing.T, h *backupHouse) {
			h.vars["ENCRYPTION_KEY"] = "another key of more than sixteen bytes"
		}, "Restore nothing"},
		{"a folder in the place of the file", func(t *testing.T, h *backupHouse) {
			t.Helper()
			file := filepath.Join(h.data, store.FileName)
			if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
				t.Fatal(err)
			}
		}, "Restore nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newBackupHouse(t)
			tt.spoil(t, h)
			f := grades(t, h.run(t, int(exitFailed), "doctor", "--json"))["database_file"]
			if f.Grade != health.Fail || !strings.Contains(f.Remedy, tt.says) {
				t.Errorf("database_file is %+v, want a failure and %q", f, tt.says)
			}
			if damaged := strings.Contains(tt.name, "damaged"); strings.Contains(f.Remedy, "introspect restore") != damaged {
				t.Errorf("the remedy is %q", f.Remedy)
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A look with another zone or from another place changes no figure.
func TestReportsOnlyLook(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	h.vars["INTROSPECT_ZONE"] = "America/Los_Angeles"
	for _, words := range []string{"doctor", "kpi day", "audit", "access", "affected"} {
		h.run(t, 0, strings.Fields(words)...)
	}
	keys := storetest.Keys(t, h.vars["ENCRYPTION_KEY"])
	s, err := store.Open(t.Context(), store.Config{Path: h.data, Keys: keys, Look: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if zone, err := s.Setting(t.Context(), "reporting_zone"); zone != "UTC" || err != nil {
		t.Errorf("the zone of the figures is %q, %v; want UTC as before", zone, err)
	}
	missing := &backupHouse{vars: map[string]string{"DATA_DIR": filepath.Join(t.TempDir(), "nowhere"), "ENCRYPTION_KEY": h.vars["ENCRYPTION_KEY"]}}
	wantAll(t, missing.run(t, 1, "kpi", "day"), "there is no database at .*nowhere")
}

func TestReports(t *testing.T) {
	t.Parallel()
	h := newBackupHouse(t)
	h.vars["CONTACT_ON_CALL"], h.vars["CONTACT_CTO"], h.vars["APP_URL"] = "Kim, +49 30 1234", "Sasha", "https://intake.example.com/"
	s, err := store.Open(t.Context(), store.Config{Path: h.data, Keys: storetest.Keys(t, h.vars["ENCRYPTION_KEY"])})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	sess := storetest.Session("session-1", now.Add(-time.Hour))
	if err := s.CreateSession(t.Context(), sess, []byte("hash"), storetest.FirstTurn(sess)); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateUser(t.Context(), store.User{ID: "u1", Email: "kim@example.com", Name: "Kim", CreatedAt: now}); err != nil {
		t.Fatal(err)
	}
	for _, e := range []store.AuditEntry{
		{At: now.Add(-48 * time.Hour), Actor: "admin:u1", Action: "login_ok"},
		{At: now.Add(-time.Minute), Actor: "anonymous", Action: "login_failed"},
		{At: now.Add(-time.Minute), Actor: "admin:u1", Action: "session_read", Object: "session:session-1"},
	} {
		if err := s.Audit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantAll(t, h.run(t, 0, "access"), "1 user;", `kim@example\.com +Kim .*2 acts in 30 days`, "1 API token;", "first", "1 worked, 1 failed")
	day := h.run(t, 0, "audit")
	wantAll(t, day, "session_read", "login_failed", "token_created")
	logins := h.run(t, 0, "audit", "--since", "72h", "--action", "login", "--json")
	if strings.Count(logins, "\n") != 2 || strings.Contains(day, "login_ok") || strings.Contains(logins, "session_read") {
		t.Errorf("audit of a day:\n%s\nlogins of three:\n%s", day, logins)
	}
	wantAll(t, h.run(t, 0, "affected", "--since", "2h"), sess.Client.Email+".*session-1")
	wantAll(t, h.run(t, 0, "affected", "--since", "1m"), "Nobody was active")
	wantAll(t, h.run(t, 0, "audit", "--action", "addresses"), "system:command-line +addresses_listed")
	wantAll(t, h.run(t, 0, "contacts"), `1\. On-call engineer +Kim, \+49 30 1234`, "2. Lead developer +David Moore, david@applicreations.com", "3. CTO +Sasha", "support@anthropic.com", "Slack #introspect-alerts", "https://intake.example.com/status")
	today := sess.CreatedAt.UTC().Format(time.DateOnly) // which is yesterday just after midnight
	wantAll(t, h.run(t, 0, "kpi", "day", "--to", today), "Interviews of ", "Sessions started +1\n", "Questions a session")
	wantAll(t, h.run(t, 0, "kpi", "week", "--to", today), "Interviews of the week, ", "Complete ", "Value of the completed projects")
	wantAll(t, h.run(t, 0, "kpi", "month", "--to", today, "--json"), `"title":"Interviews of `, `"Of a session":"\$0\.0000"`)
	for _, args := range []string{"kpi", "kpi year", "kpi day now", "audit now", "audit --since -1h", "access now", "affected now", "affected --since 0s", "contacts now"} {
		wantAll(t, h.run(t, 2, strings.Fields(args)...), "usage: introspect")
	}
	wantAll(t, h.run(t, 1, "kpi", "day", "--to", "yesterday"), "--to is \"yesterday\"")
	h.vars["STATUS_URL"] = "status.example.com"
	wantAll(t, h.run(t, 1, "contacts"), "STATUS_URL is")
	h.vars["STATUS_URL"], h.vars["CONTACT_CTO"] = "https://status.example.com", strings.Repeat("x", 201)
	wantAll(t, h.run(t, 1, "contacts"), "CONTACT_CTO is longer than a line")
}
