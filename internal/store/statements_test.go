package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// What ran is counted by its text, and never shows a value.
func TestStatementsAreMeasured(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	for range 3 {
		if err := s.SetSetting(t.Context(), "secret-name", "secret-value"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Setting(t.Context(), "secret-name"); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	all := s.Statements()
	for i, st := range all {
		if strings.Contains(st.SQL, "secret-") {
			t.Errorf("a value is in %q", st.SQL)
		}
		if i > 0 && st.Mean() > all[i-1].Mean() {
			t.Errorf("%q is slower than the one before it", st.SQL)
		}
		reads := st.SQL == "SELECT value FROM settings WHERE key = $1"
		writes := strings.HasPrefix(st.SQL, "INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT")
		if !reads && !writes {
			continue
		}
		found++
		if st.Calls < 3 || st.Total <= 0 || st.Max > st.Total || st.Max < st.Mean() {
			t.Errorf("%+v, want three calls or more that took time", st)
		}
	}
	if found != 2 {
		t.Errorf("%d of the two statements were measured", found)
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	for _, tt := range []struct {
		name, query    string
		scans, indexes []string
		none           bool
	}{
		{"by key", `SELECT value FROM settings WHERE key = $1`, nil, nil, false},
		{"a whole table", `SELECT value FROM settings`, []string{"settings"}, nil, false},
		{"a whole table by its alias", `SELECT a.object FROM audit AS a WHERE a.object = $1`, []string{"audit"}, nil, false},
		{"by an index", `SELECT id FROM audit WHERE at >= $2 AND at < $1`, nil, []string{"audit_at"}, false},
		{"a change", `UPDATE settings SET value = $1`, []string{"settings"}, nil, false},
		{"no plan", `BEGIN IMMEDIATE`, nil, nil, true},
	} {
		p, ok, err := s.Plan(t.Context(), tt.query)
		if err != nil || ok == tt.none {
			t.Errorf("%s: %t, %v", tt.name, ok, err)
			continue
		}
		if indexed := len(tt.indexes) > 0 && !slices.ContainsFunc(p.Indexes, func(i string) bool { return strings.HasPrefix(i, "audit") }); !slices.Equal(p.Scans, tt.scans) || indexed {
			t.Errorf("%s: scans %v and uses %v, want %v and %v: %v", tt.name, p.Scans, p.Indexes, tt.scans, tt.indexes, p.Steps)
		}
	}
	if _, err := s.Rows(t.Context(), `settings" --`, 10); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("rows of no table: %v", err)
	}
	if n, err := s.Rows(t.Context(), "settings", 1); n != 1 || err != nil {
		t.Errorf("rows up to one = %d, %v", n, err)
	}
	all, err := s.Indexes(t.Context())
	if err != nil || len(all) < 5 || all[0].Table == "" {
		t.Errorf("indexes %v, %v", all, err)
	}
}

func TestStatisticsAreRefreshed(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	before, err := s.Engine(t.Context())
	if err != nil || before.Analyzed || before.Bytes == 0 || before.Schema == 0 || before.Version == "" {
		t.Fatalf("engine %+v, %v; want one without statistics", before, err)
	}
	if err := s.RefreshStatistics(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(t.Context(), "a", "b"); err != nil {
		t.Errorf("write after a refresh: %v", err)
	}
	if after, err := s.Engine(t.Context()); err != nil || !after.Analyzed {
		t.Errorf("engine %+v, %v; want statistics", after, err)
	}
}

// A store that is opened to look at changes nothing, whatever the shell's zone.
func TestLook(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	before, err := s.Setting(t.Context(), "reporting_zone")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	seen, err := store.Open(t.Context(), store.Config{Path: s.File(), Keys: storetest.Keys(t, "another secret of enough bytes"), Zone: berlin, Look: true})
	if err == nil {
		seen.Close()
		t.Error("a foreign key may look")
	}
	seen, err = store.Open(t.Context(), store.Config{Path: s.File(), Keys: storetest.Keys(t), Zone: berlin, Look: true})
	if err != nil {
		t.Fatal(err)
	}
	defer seen.Close()
	if after, err := s.Setting(t.Context(), "reporting_zone"); after != before || err != nil {
		t.Errorf("zone of the figures = %q, %v; want %q as before", after, err, before)
	}
}

// Who holds a database is known while it runs, and no longer.
func TestHeldBy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), store.FileName)
	if _, held := store.HeldBy(t.Context(), path); held {
		t.Error("held before anybody came")
	}
	lock, err := store.Acquire(t.Context(), path, "introspect serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if by, held := store.HeldBy(t.Context(), path); !held || by.PID != os.Getpid() || by.What != "introspect serve" {
		t.Errorf("held by %+v, %t", by, held)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if by, held := store.HeldBy(t.Context(), path); held {
		t.Errorf("still held by %+v", by)
	}
}

// Looking at a database changes nothing, and makes none.
func TestPeek(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), store.FileName)
	if _, err := store.Peek(t.Context(), missing); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("peek at nothing: %v", err)
	}
	s := storetest.New(t)
	want, err := store.Schema()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := store.Peek(t.Context(), s.File()); got != want || err != nil {
		t.Errorf("peek = %d, %v; want %d", got, err, want)
	}
}
