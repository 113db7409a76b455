package doctor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/doctor"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// What is not well always brings a remedy, and what is well none.
func TestRemedies(t *testing.T) {
	t.Parallel()
	names := []string{"database", "database_write", "disk", "clock", "certificate", "encryption", "backup", "jobs_waiting", "jobs_dead", "claude", "email", "redis", "rollup_drift", "evaluator", "one of tomorrow"}
	var r doctor.Report
	for _, name := range names {
		for _, g := range []health.Grade{health.Pass, health.Warn, health.Fail} {
			r.Add(doctor.Health([]health.Finding{{Name: name, Title: name, Reading: health.Reading{Grade: g}}})...)
		}
	}
	r.Add(doctor.Finding{Name: "well", Grade: health.Pass, Remedy: "superfluous"}, doctor.Finding{Name: "own", Grade: health.Warn, Remedy: "its own"})
	for _, f := range r.Findings {
		if (f.Remedy == "") != (f.Grade == health.Pass) {
			t.Errorf("%s %s has the remedy %q", f.Name, f.Grade, f.Remedy)
		}
	}
	if last := r.Findings[len(r.Findings)-1]; last.Remedy != "its own" {
		t.Errorf("the remedy of a finding became %q", last.Remedy)
	}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		grades []health.Grade
		want   health.Grade
	}{
		{nil, health.Pass},
		{[]health.Grade{health.Pass, health.Pass}, health.Pass},
		{[]health.Grade{health.Warn, health.Pass}, health.Warn},
		{[]health.Grade{health.Fail, health.Warn, health.Pass}, health.Fail},
		{[]health.Grade{health.Warn, health.Fail}, health.Fail},
	} {
		var r doctor.Report
		for _, g := range tt.grades {
			r.Add(doctor.Finding{Grade: g})
		}
		if got := r.Worst(); got != tt.want {
			t.Errorf("worst of %v = %s, want %s", tt.grades, got, tt.want)
		}
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	grades := func() (out []health.Grade, text string) {
		for _, f := range doctor.Files("Data", dir) {
			out, text = append(out, f.Grade), text+f.Detail+f.Remedy
		}
		return out, text
	}
	if got, _ := grades(); !cmp.Equal(got, []health.Grade{health.Pass}) {
		t.Errorf("a folder that is still to be made: %v", got)
	}
	if err := os.MkdirAll(filepath.Join(dir, "backups"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "backups", "one")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, text := grades(); !cmp.Equal(got, []health.Grade{health.Pass}) {
		t.Errorf("a closed folder: %v %s", got, text)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if got, text := grades(); !cmp.Equal(got, []health.Grade{health.Warn}) || !strings.Contains(text, file) || !strings.Contains(text, "chmod -R go= "+dir) {
		t.Errorf("a file that others may read: %v %s", got, text)
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(file, os.Getuid()+1, -1); err != nil {
		t.Log("only root can give a file away; the rest was tried")
		return
	}
	if got, text := grades(); !cmp.Equal(got, []health.Grade{health.Pass, health.Fail}) || !strings.Contains(text, "chown") {
		t.Errorf("a file of another user: %v %s", got, text)
	}
}

func TestEscrow(t *testing.T) {
	t.Parallel()
	const secret = "a secret of more than sixteen bytes"
	beside, apart := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(beside, "env.txt"), []byte("KEY="+secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		key    doctor.Key
		escrow health.Grade
		copied health.Grade
	}{
		{"apart", doctor.Key{Near: []string{apart}}, health.Pass, health.Pass},
		{"beside the data", doctor.Key{Near: []string{apart, beside}}, health.Fail, health.Pass},
		{"beside the data in development", doctor.Key{Near: []string{beside}, File: "encryption.key"}, health.Warn, health.Pass},
		{"beside the data in production", doctor.Key{Near: []string{beside}, File: "encryption.key", Production: true}, health.Fail, health.Pass},
		{"the right copy", doctor.Key{Near: []string{apart}, Copy: "f1"}, health.Pass, health.Pass},
		{"a wrong copy", doctor.Key{Near: []string{apart}, Copy: "f2"}, health.Pass, health.Fail},
	} {
		tt.key.Secret, tt.key.Fingerprint = secret, "f1"
		got := doctor.Escrow(tt.key)
		if got[0].Grade != tt.escrow || got[1].Grade != tt.copied {
			t.Errorf("%s: %v, want %s and %s", tt.name, got, tt.escrow, tt.copied)
		}
		if text := fmt.Sprint(got); strings.Contains(text, secret) {
			t.Errorf("%s: the secret is in %s", tt.name, text)
		}
	}
}

// A large table that is read whole, slowly, is named; the same on a small one is
// not.
func TestFullScansAreNamed(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	at := storetest.Start()
	var evs []store.Incoming
	for i := range 10_050 { // each is a session of its own, so that session_facts is large
		evs = append(evs, storetest.Outside(storetest.Stream(uint64(i), 1, at)[:1]...)...)
		evs[i].Event.SessionID = event.SessionID(fmt.Sprintf("visit-%d", i))
	}
	for len(evs) > 0 {
		n := min(1000, len(evs))
		if _, err := s.Record(t.Context(), evs[:n]); err != nil {
			t.Fatal(err)
		}
		evs = evs[n:]
	}
	slow := func(query string) doctor.Measured {
		return doctor.Measured{Since: at, Until: at.Add(time.Hour), Statements: []store.Statement{
			{SQL: "SELECT state FROM session_facts WHERE state = $1", Calls: 2, Total: 400 * time.Millisecond, Max: 300 * time.Millisecond},
			{SQL: query, Calls: 1, Total: time.Second, Max: time.Second},
		}}
	}
	r := doctor.Report{At: at}
	if err := r.Statements(t.Context(), s, slow("SELECT value FROM settings WHERE value = $1")); err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, f := range r.Findings {
		if f.Grade != health.Pass {
			named = append(named, f.Name+" "+f.Detail)
		}
	}
	if len(named) != 2 || !strings.HasPrefix(named[0], "full_scan Reads all of session_facts, in 200ms") || !strings.HasPrefix(named[1], "slow_statements 2 statements") {
		t.Errorf("named are %q, want the scan of the large table and two slow statements", named)
	}
	if len(r.Slow) != 2 || r.Slow[0].Mean != time.Second || !cmp.Equal(r.Slow[0].Scans, []string{"settings"}) || !strings.HasPrefix(r.Source, "measured by the server from 2026-11-18T12:00:00Z") {
		t.Errorf("slow are %+v of %q, want those of the server, the slowest first", r.Slow, r.Source)
	}
	if len(r.Indexes) < 5 || r.Indexes[0].Statements > r.Indexes[len(r.Indexes)-1].Statements || r.Indexes[len(r.Indexes)-1].Statements == 0 {
		t.Errorf("indexes %+v, want all of them, the unused first", r.Indexes)
	}
}

// Without a server's times, the reads of the pages are timed, and nothing of the
// doctor itself is listed.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	sess := storetest.Session("session-1", storetest.Start())
	if err := s.CreateSession(t.Context(), sess, []byte("hash"), storetest.FirstTurn(sess)); err != nil {
		t.Fatal(err)
	}
	r := doctor.Report{At: storetest.Start(), Version: "1"}
	if err := r.Statements(t.Context(), s, doctor.Measured{}); err != nil {
		t.Fatal(err)
	}
	if len(r.Slow) != 10 || r.Worst() != health.Pass {
		t.Errorf("%d slow statements, %s; want ten, and all well", len(r.Slow), r.Worst())
	}
	for i, s := range r.Slow {
		if i > 0 && s.Mean > r.Slow[i-1].Mean || s.Mean <= 0 || strings.Contains(s.SQL, "sqlite_schema") {
			t.Errorf("place %d is %+v", i+1, s)
		}
	}
	var text bytes.Buffer
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Statements\n  pass  ", "Slowest statements by mean time (read by this command now", " 10. mean ", "on sessions\n", " well, 0 to look at, 0 failed.\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not printed:\n%s", want, &text)
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Slow []struct {
			SQL  string
			Mean int64
		}
	}
	if err := json.Unmarshal(data, &read); err != nil || len(read.Slow) != 10 || read.Slow[0].Mean == 0 || read.Slow[0].SQL == "" {
		t.Errorf("JSON %s, %v; want statements with their means", data, err)
	}
}
