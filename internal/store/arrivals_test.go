package store_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

func arrive(t *testing.T, s *store.Store, session string, names ...string) {
	t.Helper()
	var list []store.Incoming
	for i, name := range names {
		list = append(list, store.Incoming{Event: event.Event{
			ID: event.DeriveID(session, name, strconv.Itoa(i)), Name: event.Name(name), SessionID: event.SessionID(session), At: time.Now(), Properties: []byte(`{}`),
		}})
	}
	if _, err := s.Record(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}

// A reader that pages with any limit sees every event once, in the order of
// arrival, and nothing more when it comes again.
func TestArrived(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	start := store.PlaceAt(time.Now().Add(-time.Hour))
	var want []string
	for i := range 20 {
		session, name := fmt.Sprintf("s-%d", i%7), fmt.Sprintf("cta_click_%d", i)
		arrive(t, s, session, name, name+"_b")
		want = append(want, name, name+"_b")
	}
	for _, limit := range []int{1, 2, 3, 7, 100} {
		var got []string
		for place := start; ; {
			page, next, err := s.Arrived(t.Context(), place, limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				if next != place {
					t.Errorf("with nothing new the place moved from %s to %s", place, next)
				}
				break
			}
			for _, e := range page {
				got = append(got, string(e.Name))
			}
			// A restart knows the place as text only.
			if place, err = store.ParsePlace(next.String()); err != nil {
				t.Fatal(err)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("pages of %d: got %v, want %v", limit, got, want)
		}
	}
	if page, _, err := s.Arrived(t.Context(), store.PlaceAt(time.Now().Add(time.Hour)), 10); err != nil || len(page) != 0 {
		t.Errorf("Arrived(after now) = %d events, %v, want none", len(page), err)
	}
	for _, text := range []string{"", "1", "1/2", "x/1/s", "1/x/s"} {
		if p, err := store.ParsePlace(text); err == nil {
			t.Errorf("ParsePlace(%q) = %s, want an error", text, p)
		}
	}
}
