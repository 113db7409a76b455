package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func TestErrorKinds(t *testing.T) {
	t.Parallel()
	now := storetest.Start()
	s := storetest.SQLite(t, store.Config{Now: func() time.Time { return now }})
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
