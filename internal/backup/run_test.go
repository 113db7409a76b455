package backup_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/store/storetest"
)

func TestDrop(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 27, 12, 0, 0, 0, time.UTC) // a Friday
	every := func(step time.Duration, n int) (out []backup.Entry) {
		for i := range n {
			at := now.Add(-time.Duration(i) * step)
			out = append(out, backup.Entry{Manifest: backup.Manifest{ID: backup.ID(at.Format("0102T15")), At: at}})
		}
		return out
	}
	bad := every(time.Hour, 3)
	bad[0].Err = errors.New("damaged")
	tests := []struct {
		name string
		keep backup.Retention
		all  []backup.Entry
		want []backup.ID
	}{
		{"no backups", backup.Usual(), nil, nil},
		{"two days of six hours all stay", backup.Usual(), every(6*time.Hour, 8), nil},
		{"older ones stay once a day", backup.Usual(), every(6*time.Hour, 12), []backup.ID{"1125T12", "1125T06", "1125T00"}},
		{"no rule keeps the newest", backup.Retention{}, every(time.Hour, 3), []backup.ID{"1127T11", "1127T10"}},
		{"what is bad is not the last good one, and is left alone", backup.Retention{}, bad, []backup.ID{"1127T10"}},
		{"the newest of each day", backup.Retention{Daily: 2}, every(8*time.Hour, 7), []backup.ID{"1127T04", "1126T12", "1126T04", "1125T20", "1125T12"}},
		{"a day without a backup is not counted", backup.Retention{Daily: 2}, every(72*time.Hour, 3), []backup.ID{"1121T12"}},
		{"the newest of each week", backup.Retention{Weekly: 2}, every(48*time.Hour, 6), []backup.ID{"1125T12", "1123T12", "1119T12", "1117T12"}},
		{"the newest of each month", backup.Retention{Monthly: 2}, every(20*24*time.Hour, 4), []backup.ID{"1107T12", "0928T12"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.keep.Drop(now, tt.all)); diff != "" {
			t.Errorf("%s: Drop (-want +got):\n%s", tt.name, diff)
		}
	}
	// Two years of six hours: what stays is 8 of two days, 12 more days, the
	// weeks and months beyond.
	all := every(6*time.Hour, 4*730)
	if got := len(all) - len(backup.Usual().Drop(now, all)); got < 8+12+5+9 || got > 8+14+8+12 {
		t.Errorf("of two years %d backups stay, want about 35", got)
	}
}

func TestDead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 27, 12, 0, 0, 0, time.UTC)
	names := []string{
		"20261101T000000Z-00000000.backup", "20261101T000000Z-00000000.json", // a backup
		"20261102T000000Z-00000000.backup",                                         // never finished
		"20261127T110000Z-00000000.backup", ".part-20261127T110000Z-00000000.json", // perhaps being written
		".part-20261103T000000Z-00000000.backup", ".part-20261101T000000Z-00000000.json", "notes.backup", "20261104.backup", "x",
	}
	want := []string{
		"20261102T000000Z-00000000.backup", ".part-20261103T000000Z-00000000.backup", ".part-20261101T000000Z-00000000.json",
	}
	if diff := cmp.Diff(want, backup.Dead(names, now)); diff != "" {
		t.Errorf("Dead (-want +got):\n%s", diff)
	}
}

// Old backups are deleted after a new one was made, both files of each.
func TestPrune(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.cfg.Keep = backup.Retention{Daily: 2}
	s.Keeper = keeper(t, s.cfg)
	for range 4 {
		s.create(t)
		s.clock.Add(12 * time.Hour)
	}
	all, err := s.List(t.Context())
	if err != nil || len(all) != 2 || len(files(t, s.dir)) != 4 {
		t.Errorf("List = %+v, %v, files %v, want two backups of two files", all, err, files(t, s.dir))
	}
}

// moody is a destination that refuses for a while.
type moody struct {
	backup.Destination
	err error
}

func (m *moody) Put(ctx context.Context, name string, r io.ReadSeeker, size int64) error {
	if m.err != nil {
		return m.err
	}
	return m.Destination.Put(ctx, name, r, size)
}

// A schedule of several days, tick by tick.
func TestRun(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	to := &moody{Destination: s.to}
	s.cfg.To = to
	k := keeper(t, s.cfg)
	var reported []string
	ticks, done := make(chan time.Time), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer close(done)
		k.Run(ctx, ticks, func(err error) { reported = append(reported, err.Error()) })
	}()
	// A tick is taken when the one before was worked off.
	tick := func(after time.Duration) {
		s.clock.Add(after)
		ticks <- s.clock.Now()
		ticks <- s.clock.Now()
	}
	backups := func() int { return len(files(t, s.dir)) / 2 }
	check := func(when string, wantBackups int, wantDrill time.Time) {
		t.Helper()
		st := k.Status()
		if backups() != wantBackups || !st.Drill.At.Equal(wantDrill) {
			t.Errorf("%s: %d backups, drill at %s; want %d, %s", when, backups(), st.Drill.At, wantBackups, wantDrill)
		}
	}
	tick(0)
	begun := s.clock.Now()
	check("at once", 1, begun)
	if d := k.Status().Drill; !d.OK || d.Counts != k.Status().Newest.Counts || d.ID != k.Status().Newest.ID {
		t.Errorf("drill = %+v, want a good one of the newest", d)
	}
	if d, err := backup.LastDrill(t.Context(), s.st); err != nil || d != k.Status().Drill {
		t.Errorf("LastDrill = %+v, %v, want what Status has", d, err)
	}
	tick(5 * time.Hour)
	check("before six hours", 1, begun)
	tick(time.Hour)
	check("after six hours", 2, begun)
	to.err = errors.New("bucket is gone")
	tick(6 * time.Hour)
	tick(time.Minute)
	check("a failure", 2, begun)
	if st := k.Status(); !strings.Contains(st.Reason, "bucket is gone") || st.To != s.dir || st.Failed != 1 || len(reported) != 1 {
		t.Errorf("Status = %+v, reported %q, want the failure, once", st, reported)
	}
	to.err = nil
	tick(15 * time.Minute)
	check("a quarter of an hour later", 3, begun)
	if p := k.Status().Problem(s.clock.Now()); p != "" || k.Status().Reason != "" || k.Status().Failed != 0 {
		t.Errorf("Status = %+v, problem %q, want none", k.Status(), p)
	}
	tick(12 * time.Hour)
	check("a day later", 4, s.clock.Now())
	s.damageAll(t)
	s.clock.Add(24 * time.Hour)
	to.err = errors.New("bucket is gone")
	tick(0)
	if p := k.Status().Problem(s.clock.Now()); k.Status().Drill.OK || p == "" {
		t.Errorf("Status = %+v, problem %q, want a drill that failed", k.Status(), p)
	}
	cancel()
	<-done
	if len(reported) != 3 {
		t.Errorf("reported %q, want two failed backups and a failed drill", reported)
	}
	s.another(t)
}

// A drill that a command held beside the server is known at the next tick.
func TestADrillOfACommandIsLearned(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	if _, err := s.Drill(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ticks, done := make(chan time.Time), make(chan struct{})
	k := keeper(t, s.cfg)
	go func() {
		defer close(done)
		k.Run(ctx, ticks, func(error) {})
	}()
	ticks <- s.clock.Now()
	s.damageAll(t)
	s.clock.Add(time.Minute)
	if _, err := s.Drill(t.Context()); err == nil {
		t.Fatal("the drill of a damaged backup passed")
	}
	ticks <- s.clock.Now()
	ticks <- s.clock.Now() // the one before is finished
	if d := k.Status().Drill; d.OK || d.Reason == "" || !d.At.Equal(s.clock.Now()) {
		t.Errorf("Status.Drill = %+v, want the one that failed a minute later", d)
	}
	cancel()
	<-done
}

// another process begins with what the one before left.
func (s *site) another(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	k := keeper(t, s.cfg)
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() {
		defer close(done)
		k.Run(ctx, ticks, func(error) {})
	}()
	ticks <- s.clock.Now() // from here on Run has recalled
	st := k.Status()
	if st.Drill.OK || st.Drill.Reason == "" || st.Newest.ID == "" {
		t.Errorf("Status after a restart = %+v, want the backup and the bad drill of before", st)
	}
	cancel()
	<-done
}

// damageAll changes a byte in the middle of every backup.
func (s *site) damageAll(t *testing.T) {
	t.Helper()
	for _, name := range files(t, s.dir) {
		if strings.HasSuffix(name, ".backup") {
			b, write := s.stored(t, name)
			b[len(b)/2] ^= 1
			write(b)
		}
	}
}

func TestProblem(t *testing.T) {
	t.Parallel()
	now := storetest.Start()
	fresh := backup.Manifest{ID: "b", At: now.Add(-time.Hour)}
	tests := []struct {
		status backup.Status
		want   string
	}{
		{backup.Status{}, "no backup yet"},
		{backup.Status{Reason: "no room"}, "no room"},
		{backup.Status{Newest: fresh}, ""},
		{backup.Status{Newest: fresh, Reason: "no room"}, ""}, // one missed attempt is no problem
		{backup.Status{Newest: backup.Manifest{ID: "b", At: now.Add(-13 * time.Hour)}}, "13h0m0s old"},
		{backup.Status{Newest: fresh, Drill: backup.Drill{At: now, Reason: "bad page"}}, "bad page"},
		{backup.Status{Newest: fresh, Drill: backup.Drill{At: now.Add(-49 * time.Hour), OK: true}}, "49h0m0s ago"},
		{backup.Status{Newest: fresh, Drill: backup.Drill{At: now.Add(-47 * time.Hour), OK: true}}, ""},
	}
	for _, tt := range tests {
		if got := tt.status.Problem(now); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("Problem(%+v) = %q, want %q", tt.status, got, tt.want)
		}
	}
}

func TestLastDrill(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if d, err := backup.LastDrill(t.Context(), s.st); err != nil || d != (backup.Drill{}) {
		t.Errorf("LastDrill before any = %+v, %v", d, err)
	}
	if d, err := s.Drill(t.Context()); !errors.Is(err, backup.ErrNone) || d.OK {
		t.Errorf("Drill without a backup = %+v, %v, want ErrNone", d, err)
	}
	s.create(t)
	s.clock.Add(2 * time.Hour)
	d, err := s.Drill(t.Context())
	if err != nil || !d.OK || d.RPO != 2*time.Hour || d.Counts.Sessions != 1 {
		t.Errorf("Drill = %+v, %v, want a good one and two hours lost", d, err)
	}
	if err := s.st.SetSetting(t.Context(), backup.DrillSetting, "junk"); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.LastDrill(t.Context(), s.st); err == nil {
		t.Error("LastDrill of junk succeeded")
	}
	if left := files(t, filepath.Join(filepath.Dir(s.data), "backup-work")); left != nil {
		t.Errorf("work folder holds %v", left)
	}
}

// distant is a destination from which every file takes a minute.
type distant struct {
	backup.Destination
	clock *clock
}

func (d distant) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	d.clock.Add(time.Minute)
	return d.Destination.Get(ctx, name)
}

// The drill measures what a restore takes: here that of the manifest and the data.
func TestDrillMeasures(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	s.cfg.To = distant{s.to, s.clock}
	if d, err := keeper(t, s.cfg).Drill(t.Context()); err != nil || d.RTO != 2*time.Minute {
		t.Errorf("Drill = %+v, %v, want two minutes until the database is there", d, err)
	}
}

func TestDir(t *testing.T) {
	t.Parallel()
	d := backup.NewDir(filepath.Join(t.TempDir(), "a", "b"))
	if names, err := d.List(t.Context()); err != nil || names != nil {
		t.Errorf("List of no folder = %v, %v, want nothing", names, err)
	}
	if _, err := d.Get(t.Context(), "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Get of nothing err = %v, want ErrNotExist", err)
	}
	if err := d.Delete(t.Context(), "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Delete of nothing err = %v, want ErrNotExist", err)
	}
	for _, content := range []string{"one", "two"} { // the second replaces the first
		if err := d.Put(t.Context(), "x", strings.NewReader(content), 3); err != nil {
			t.Fatalf("Put: %v", err)
		}
	}
	if err := d.Put(t.Context(), "x", strings.NewReader("long"), 3); err == nil {
		t.Error("Put of another size succeeded")
	}
	r, err := d.Get(t.Context(), "x")
	if err != nil {
		t.Fatalf("Get: %v", err)
	}
	defer r.Close()
	if b, err := io.ReadAll(r); err != nil || string(b) != "two" {
		t.Errorf("Get = %q, %v, want two", b, err)
	}
	if names := fmt.Sprint(files(t, d.String())); names != "[x]" {
		t.Errorf("files = %s, want x alone", names)
	}
}

// Ages of backups and drills are judged by a clock that is never set, whatever
// process made them.
func TestStatusHasTheSteadyClock(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.create(t)
	if _, err := s.Drill(t.Context()); err != nil {
		t.Fatal(err)
	}
	made, drilled := s.Status().Newest.At, s.Status().Drill.At
	s.cfg.Now = time.Now
	k := keeper(t, s.cfg)
	if err := k.Recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	recalled := k.Status()
	m, err := k.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Drill(t.Context()); err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct{ got, want time.Time }{
		"the backup of another process": {recalled.Newest.At, made}, "the drill of another process": {recalled.Drill.At, drilled},
		"the backup": {k.Status().Newest.At, m.At}, "the drill": {k.Status().Drill.At, k.Status().Drill.At},
	} {
		if !tt.got.Equal(tt.want) || !strings.Contains(tt.got.String(), " m=") {
			t.Errorf("%s is of %s, want %s with a reading of the clock that is never set", what, tt.got, tt.want)
		}
	}
}
