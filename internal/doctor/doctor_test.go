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
	details := make(map[string]string)
	for _, f := range r.Findings {
		details[f.Name] = f.Detail
		if f.Grade != health.Pass {
			named = append(named, f.Name+" "+f.Detail)
		}
	}
	unused := 0
	for _, i := range r.Indexes {
		if i.Statements == 0 {
			unused++
		}
	}
	if want := fmt.Sprintf("%d indexes, %d of them used by no statement", len(r.Indexes), unused); unused == 0 || !strings.HasPrefix(details["index_use"], want) {
		t.Errorf("%q, want %q", details["index_use"], want)
	}
	if want := "Statements that read a whole table, which is small or fast enough: 1."; details["scans_small"] != want {
		t.Errorf("%q, want %q", details["scans_small"], want)
	}
	if details["statistics"] == "" {
		t.Error("nothing is said of the statistics")
	}
	if len(named) != 2 || !strings.HasPrefix(named[0], "full_scan Reads all of session_facts, in 200ms") || !strings.HasPrefix(named[1], "slow_statements Statements that take 50ms or more on average, listed below: 2.") {
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

// TestPrint: the areas in the order in which they came, what is worst first in each,
// and a remedy below what is not well.
func TestPrint(t *testing.T) {
	t.Parallel()
	var r doctor.Report
	r.Add(
		doctor.Finding{Area: "database", Name: "a", Grade: health.Pass, Detail: "It answers."},
		doctor.Finding{Area: "key", Name: "b", Grade: health.Warn, Detail: "It is a file.", Remedy: "Move it."},
		doctor.Finding{Area: "database", Name: "c", Grade: health.Fail, Detail: "It is damaged.", Remedy: "Restore it."},
		doctor.Finding{Area: "database", Name: "d", Grade: health.Warn, Detail: "It is slow.", Remedy: "Wait."},
		doctor.Finding{Area: "key", Name: "e", Grade: health.Pass, Detail: "It is new."},
	)
	r.Source = "by hand"
	r.Slow = []doctor.Slow{
		{Statement: store.Statement{SQL: "SELECT 1", Calls: 3, Max: 2 * time.Second}, Mean: 1234567 * time.Nanosecond, Scans: []string{"events", "jobs"}},
		{Statement: store.Statement{SQL: "SELECT 2", Calls: 1, Max: time.Millisecond}, Mean: 56789 * time.Nanosecond},
	}
	r.Indexes = []doctor.IndexUse{{Index: store.Index{Name: "by_day", Table: "jobs"}, Statements: 0}, {Index: store.Index{Name: "by_id", Table: "events"}, Statements: 12}}
	var out strings.Builder
	if err := r.Print(&out); err != nil {
		t.Fatal(err)
	}
	want := `Database
  fail  It is damaged.
        -> Restore it.
  warn  It is slow.
        -> Wait.
  pass  It answers.
Key
  warn  It is a file.
        -> Move it.
  pass  It is new.

Slowest statements by mean time (by hand)
  1. mean 1.23ms, 3 calls, most 2s
     SELECT 1
     reads all of events, jobs
  2. mean 57µs, 1 call, most 1ms
     SELECT 2

Indexes, and how many of the known statements use them
    0  by_day on jobs
   12  by_id on events

2 well, 2 to look at, 1 failed.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	out.Reset()
	if err := (&doctor.Report{}).Print(&out); err != nil || out.String() != "\n0 well, 0 to look at, 0 failed.\n" {
		t.Errorf("an empty report prints %q, %v", out.String(), err)
	}
}

// TestManyOpenFiles: three are named, the rest is counted, and a link is no file of
// ours whatever its mode says.
func TestManyOpenFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	detail := func() string { return doctor.Files("Data", dir)[0].Detail }
	if err := os.Symlink("/", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if got := detail(); got != "Data: only the owner may read its files: 1." {
		t.Errorf("a folder with a link: %s", got)
	}
	var paths []string
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(paths[len(paths)-1], nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(paths[len(paths)-1], 0o604); err != nil {
			t.Fatal(err)
		}
		want := strings.Join(paths, ", ")
		if n := len(paths) - 3; n > 0 {
			want = fmt.Sprintf("%s and %d more", strings.Join(paths[:3], ", "), n)
		}
		if got := detail(); got != "Data: others may read or write "+want+"." {
			t.Errorf("with %d open files: %s", len(paths), got)
		}
	}
}

// TestWhereTheKeyIsLookedFor: in small files right inside of the folders, and an
// installation without a key has nothing to look for.
func TestWhereTheKeyIsLookedFor(t *testing.T) {
	t.Parallel()
	const secret = "a secret of more than sixteen bytes"
	dir := t.TempDir()
	write := func(name string, n int) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, append(make([]byte, n-len(secret)), secret...), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("database", 64<<10+1)
	grade := func(secret string) (health.Grade, string) {
		f := doctor.Escrow(doctor.Key{Secret: secret, Fingerprint: "f1", Near: []string{dir, filepath.Join(dir, "none")}})[0]
		return f.Grade, f.Detail
	}
	if got, detail := grade(secret); got != health.Pass {
		t.Errorf("a large file: %s %s", got, detail)
	}
	small := write("note", 64<<10)
	if got, detail := grade(secret); got != health.Fail || !strings.Contains(detail, small) {
		t.Errorf("a file of 64 KiB: %s %s", got, detail)
	}
	if got, detail := grade(""); got != health.Pass {
		t.Errorf("without a key: %s %s", got, detail)
	}
}
