package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// The first release and every other one put a mark on the time axis, a restart
// does not.
func TestNoteRelease(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	begun := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	if r, err := s.Running(t.Context()); err != nil || r != (store.Release{}) {
		t.Errorf("Running in a new database = %+v, %v, want none", r, err)
	}
	for i, r := range []store.Release{
		{Version: "3.1.0", Commit: "0123456789abcdef"},
		{Version: "3.1.0", Commit: "0123456789abcdef"}, // started again
		{Version: "3.1.0", Commit: "fedcba9876543210"},
		{Version: "3.2.0"},
	} {
		r.At = begun.Add(time.Duration(i) * time.Hour)
		if err := s.NoteRelease(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	marks, err := s.Annotations(t.Context(), begun, begun.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range marks {
		got = append(got, m.At.Format("15:04 ")+m.Kind+" "+m.Text)
	}
	want := []string{
		"09:00 deployment Version 3.1.0 (0123456)",
		"11:00 deployment Version 3.1.0 (fedcba9) after 3.1.0 (0123456)",
		"12:00 deployment Version 3.2.0 after 3.1.0 (fedcba9)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	if r, err := s.Running(t.Context()); err != nil || r.Version != "3.2.0" || !r.At.Equal(begun.Add(3*time.Hour)) {
		t.Errorf("Running = %+v, %v, want 3.2.0 since noon", r, err)
	}
}
