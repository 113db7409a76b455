package store_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	now := storetest.Start()
	s := storetest.Any(t, store.Config{Now: func() time.Time { return now }})
	add := func(list ...store.ErrorKind) {
		if err := s.AddErrorKinds(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	add()
	add(store.ErrorKind{Hash: "a", What: "GET /x: internal", First: now, Last: now, Count: 2}, store.ErrorKind{Hash: "b", What: "old", First: now, Last: now, Count: 1})
	later := now.Add(time.Hour)
	add(store.ErrorKind{Hash: "a", What: "other words", First: later, Last: later, Count: 3})
	got, err := s.ErrorKinds(t.Context(), now)
	want := []store.ErrorKind{
		{Hash: "a", What: "GET /x: internal", First: now.UTC(), Last: later.UTC(), Count: 5}, {Hash: "b", What: "old", First: now.UTC(), Last: now.UTC(), Count: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("ErrorKinds (-want +got):\n%s%v", diff, err)
	}
	if got, err := s.ErrorKinds(t.Context(), now.Add(time.Minute)); len(got) != 0 || err != nil {
		t.Errorf("ErrorKinds since later = %v, %v; want none", got, err)
	}
	now = now.AddDate(0, 0, 91) // b is forgotten, and new when it comes back
	add(store.ErrorKind{Hash: "a", First: now, Last: now, Count: 1})
	if got, err := s.ErrorKinds(t.Context(), time.Time{}); len(got) != 1 || err != nil || got[0].Count != 1 {
		t.Errorf("ErrorKinds after ninety days = %+v, %v; want the one that came again, as new", got, err)
	}
}

// Of more kinds than a page lists the count is exact, one of many errors is one
// kind, and the table does not grow without end.
func TestErrorKindsAreBounded(t *testing.T) {
	t.Parallel()
	now := storetest.Start()
	s := storetest.Any(t, store.Config{Now: func() time.Time { return now }})
	kind := func(n int, count int64) store.ErrorKind {
		at := now.Add(time.Duration(n) * time.Millisecond)
		return store.ErrorKind{Hash: strconv.Itoa(n), What: "kind " + strconv.Itoa(n), First: at, Last: at, Count: count}
	}
	rare := kind(0, 1)
	for _, list := range [][]store.ErrorKind{{rare}, {kind(1, 1_000_000)}} {
		if err := s.AddErrorKinds(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.ErrorKinds(t.Context(), now); err != nil || len(got) != 2 || got[1].What != "kind 0" {
		t.Errorf("ErrorKinds = %+v, %v; want the rare kind beside the frequent one", got, err)
	}
	var list []store.ErrorKind
	for n := range 10_100 {
		list = append(list, kind(n, 1))
	}
	early := rare
	early.First = now.Add(time.Hour)
	list[0] = early
	if err := s.AddErrorKinds(t.Context(), list); err != nil || !list[0].First.Equal(rare.First) {
		t.Errorf("AddErrorKinds: %v; first seen at %s, want %s, the first time ever", err, list[0].First, rare.First)
	}
	if n, err := s.CountErrorKinds(t.Context(), now); err != nil || n != 10_100 {
		t.Errorf("CountErrorKinds = %d, %v; want all", n, err)
	}
	if n, err := s.CountErrorKinds(t.Context(), now.Add(10_050*time.Millisecond)); err != nil || n != 50 {
		t.Errorf("CountErrorKinds since later = %d, %v; want 50", n, err)
	}
	if got, err := s.ErrorKinds(t.Context(), now); err != nil || len(got) != 100 || got[0].What != "kind 10099" {
		t.Errorf("ErrorKinds = %d of them, %v; want the newest hundred", len(got), err)
	}
	if err := s.AddErrorKinds(t.Context(), []store.ErrorKind{kind(10_100, 1)}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.CountErrorKinds(t.Context(), now); err != nil || n != 10_001 {
		t.Errorf("CountErrorKinds = %d, %v; want those of the last 10,000 and the new one", n, err)
	}
}
