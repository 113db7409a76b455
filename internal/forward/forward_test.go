package forward_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/forward"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// vendor takes events, or fails with the errors it is given first.
type vendor struct {
	mu    sync.Mutex
	fails []error
	got   []event.Event
}

func (v *vendor) send(_ context.Context, list []event.Event) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.fails) > 0 {
		err := v.fails[0]
		v.fails = v.fails[1:]
		return err
	}
	v.got = append(v.got, list...)
	return nil
}

func (v *vendor) ids() (out []string) {
	for _, e := range v.got {
		out = append(out, string(e.ID))
	}
	return out
}

// clock is moved by the test. It stands an hour behind the store's, so that what
// the store records arrives after the beginning.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func agree(_ context.Context, id event.SessionID) (time.Time, bool, error) {
	return time.Time{}, !strings.HasPrefix(string(id), "no-"), nil
}

func setup(t *testing.T, st *store.Store, vendors ...forward.Vendor) (*forward.Service, *clock) {
	t.Helper()
	c := &clock{time.Now().Add(-time.Hour)}
	return forward.New(forward.Config{Store: st, Vendors: vendors, Consent: agree, Now: c.now}), c
}

func arrive(t *testing.T, st *store.Store, session string, n int) (ids []string) {
	t.Helper()
	var list []store.Incoming
	for i := range n {
		e := event.Event{
			ID: event.DeriveID(session, strconv.Itoa(i)), Name: event.NameFeatureViewed, SessionID: event.SessionID(session), At: time.Now(),
			Properties: json.RawMessage(`{"featureId":"booking","recommended":true}`),
		}
		ids = append(ids, string(e.ID))
		list = append(list, store.Incoming{Event: e})
	}
	if _, err := st.Record(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestPassesOnInOrderAndOnce(t *testing.T) {
	t.Parallel()
	st, a, b := storetest.New(t), &vendor{}, &vendor{}
	s, _ := setup(t, st, forward.Vendor{Name: "a", Send: a.send}, forward.Vendor{Name: "b", Send: b.send})
	s.Once(t.Context())
	var want []string
	for i := range 5 {
		want = append(want, arrive(t, st, fmt.Sprintf("s-%d", i), 90)...)
		s.Once(t.Context())
	}
	s.Once(t.Context())
	if !slices.Equal(a.ids(), want) || !slices.Equal(b.ids(), want) {
		t.Errorf("a got %d and b %d events, want %d each in order", len(a.got), len(b.got), len(want))
	}
	if st := s.Status()[0]; st.Vendor != "a" || st.Sent != len(want) || st.Failed+st.Refused+st.Private != 0 || st.Last != "" {
		t.Errorf("status = %+v", st)
	}
}

// The past was not promised to a vendor that is new.
func TestNewVendorBeginsNow(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{}
	arrive(t, st, "s-old", 3)
	s := forward.New(forward.Config{Store: st, Vendors: []forward.Vendor{{Name: "v", Send: v.send}}, Consent: agree, Now: func() time.Time { return time.Now().Add(time.Second) }})
	s.Once(t.Context())
	if len(v.got) != 0 {
		t.Errorf("got %d old events", len(v.got))
	}
}

func TestGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{}
	s, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	s.Once(t.Context())
	want := arrive(t, st, "s-1", 4)
	s.Once(t.Context())
	want = append(want, arrive(t, st, "s-2", 4)...)
	again, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	again.Once(t.Context())
	if !slices.Equal(v.ids(), want) {
		t.Errorf("got %v, want %v", v.ids(), want)
	}
}

func TestVendorIsAway(t *testing.T) {
	t.Parallel()
	st, well := storetest.New(t), &vendor{}
	away := &vendor{fails: []error{errors.New("no route"), &letter.SendError{RetryAfter: 10 * time.Minute}, errors.New("no route")}}
	s, c := setup(t, st, forward.Vendor{Name: "away", Send: away.send}, forward.Vendor{Name: "well", Send: well.send})
	s.Once(t.Context())
	want := arrive(t, st, "s-1", 4)
	for i, wait := range []time.Duration{time.Minute, 10 * time.Minute, 4 * time.Minute} {
		s.Once(t.Context())
		if got := s.Status()[0]; got.Failed != i+1 || !got.Again.Equal(c.at.Add(wait)) || got.Last == "" {
			t.Fatalf("after failure %d: %+v, want the next attempt in %s", i+1, got, wait)
		}
		s.Once(t.Context()) // too early: nothing is tried
		c.at = c.at.Add(wait)
	}
	s.Once(t.Context())
	if !slices.Equal(away.ids(), want) || !slices.Equal(well.ids(), want) {
		t.Errorf("away got %d, well %d, want %d each", len(away.got), len(well.got), len(want))
	}
	away.fails = []error{errors.New("no route")}
	arrive(t, st, "s-2", 1)
	s.Once(t.Context())
	if got := s.Status()[0]; !got.Again.Equal(c.at.Add(time.Minute)) {
		t.Errorf("the first failure after a success: %+v, want the next attempt in a minute", got)
	}
}

// However long a vendor is away, it is asked every quarter of an hour.
func TestVendorIsAwayForDays(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{}
	for range 80 {
		v.fails = append(v.fails, errors.New("no route"))
	}
	s, c := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	s.Once(t.Context())
	arrive(t, st, "s-1", 1)
	for i := range 80 {
		s.Once(t.Context())
		got := s.Status()[0]
		if wait := got.Again.Sub(c.at); got.Failed != i+1 || wait < time.Minute || wait > 15*time.Minute || i >= 4 && wait != 15*time.Minute {
			t.Fatalf("after %d failures %+v, which is %s away; want one minute to fifteen", i+1, got, wait)
		}
		c.at = got.Again
	}
}

// Whoever cannot be asked has not refused: their events wait, so that a database
// that is busy for a moment loses nothing.
func TestConsentThatCannotBeRead(t *testing.T) {
	t.Parallel()
	st, v, c := storetest.New(t), &vendor{}, &clock{time.Now().Add(-time.Hour)}
	broken := errors.New("the database is busy")
	s := forward.New(forward.Config{
		Store: st, Vendors: []forward.Vendor{{Name: "v", Send: v.send}}, Now: c.now,
		Consent: func(context.Context, event.SessionID) (time.Time, bool, error) { return time.Time{}, true, broken },
	})
	s.Once(t.Context())
	want := arrive(t, st, "s-1", 2)
	s.Once(t.Context())
	if got := s.Status()[0]; len(v.got) != 0 || got.Failed != 1 || got.Private != 0 || !strings.Contains(got.Last, "s-1") {
		t.Errorf("%d events went out, status %+v; want one failure that names the session", len(v.got), got)
	}
	broken, c.at = nil, c.at.Add(time.Hour)
	s.Once(t.Context())
	if !slices.Equal(v.ids(), want) {
		t.Errorf("got %v, want %v", v.ids(), want)
	}
}

// A place that nobody can read is a failure that is told, never a beginning from
// somewhere else.
func TestPlaceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{}
	if err := st.SetSetting(t.Context(), "forward_cursor/v", "yesterday"); err != nil {
		t.Fatal(err)
	}
	arrive(t, st, "s-1", 2)
	s, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	s.Once(t.Context())
	if got := s.Status()[0]; len(v.got) != 0 || got.Failed != 1 || !strings.Contains(got.Last, "find the place of v") {
		t.Errorf("%d events went out, status %+v; want a failure that names the vendor", len(v.got), got)
	}
	if at, err := st.Setting(t.Context(), "forward_cursor/v"); at != "yesterday" || err != nil {
		t.Errorf("the place is now %q, %v", at, err)
	}
}

// The status of a vendor that has nothing to do tells how far it is.
func TestStatusAfterARestart(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{}
	s, c := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	s.Once(t.Context())
	arrive(t, st, "s-1", 1)
	s.Once(t.Context())
	was := s.Status()[0].At
	again, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	again.Once(t.Context())
	if got := again.Status()[0].At; !got.Equal(was) || !got.After(c.at) {
		t.Errorf("everything before %s is done, and after a restart before %s", was, got)
	}
}

// What does not count here counts nowhere: a stage that somebody else claims.
func TestUncountedEventsStay(t *testing.T) {
	t.Parallel()
	st, v, crumbs := storetest.New(t), &vendor{}, &vendor{}
	s, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send}, forward.Vendor{Name: "crumbs", Send: crumbs.send, Inside: true})
	s.Once(t.Context())
	claimed := event.Event{ID: "claimed", Name: event.NameVisitJudged, SessionID: "s-1", At: time.Now(), Properties: json.RawMessage(`{}`)}
	if _, err := st.Record(t.Context(), storetest.Outside(claimed)); err != nil {
		t.Fatal(err)
	}
	s.Once(t.Context())
	if got := s.Status()[0]; len(v.got)+len(crumbs.got) != 0 || got.Private != 1 {
		t.Errorf("%d events went out, status %+v", len(v.got)+len(crumbs.got), got)
	}
}

// What a vendor refuses for good must not hold up what comes after.
func TestPermanentRefusalIsLeftBehind(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{fails: []error{&letter.SendError{Permanent: true, Status: 400, Reason: "bad"}}}
	s, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	s.Once(t.Context())
	arrive(t, st, "s-1", 4)
	s.Once(t.Context())
	if got := s.Status()[0]; got.Last == "" {
		t.Error("the status does not say why events were refused")
	}
	want := arrive(t, st, "s-2", 2)
	s.Once(t.Context())
	if got := s.Status()[0]; got.Last != "" || got.Refused != 4 || got.Sent != 2 || got.Failed != 0 || !slices.Equal(v.ids(), want) {
		t.Errorf("status = %+v, got %v, want four refused and two sent", got, v.ids())
	}
}

func TestOnlyWithConsent(t *testing.T) {
	t.Parallel()
	st, v, crumbs := storetest.New(t), &vendor{}, &vendor{}
	s, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send}, forward.Vendor{Name: "crumbs", Send: crumbs.send, Inside: true})
	nobody := forward.New(forward.Config{Store: st, Vendors: []forward.Vendor{{Name: "n", Send: v.send}}, Now: func() time.Time { return time.Now().Add(-time.Hour) }})
	s.Once(t.Context())
	nobody.Once(t.Context())
	arrive(t, st, "no-1", 3)
	want := arrive(t, st, "yes-1", 2)
	s.Once(t.Context())
	nobody.Once(t.Context())
	if got := s.Status()[0]; !slices.Equal(v.ids(), want) || got.Private != 3 || len(crumbs.got) != 5 {
		t.Errorf("got %v, %+v, want those who agreed only, and all five as breadcrumbs (%d)", v.ids(), got, len(crumbs.got))
	}
}

func TestRunEndsWithItsContextAndItsTicks(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{}
	s, _ := setup(t, st, forward.Vendor{Name: "v", Send: v.send})
	s.Once(t.Context())
	arrive(t, st, "s-1", 1)
	ticks := make(chan time.Time)
	done := make(chan struct{})
	go func() { defer close(done); s.Run(t.Context(), ticks) }()
	ticks <- time.Time{} // the first pass is over when the tick is taken
	close(ticks)
	<-done
	if len(v.got) != 1 {
		t.Errorf("got %d events, want 1", len(v.got))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(ctx, nil)
	forward.New(forward.Config{Store: st}).Run(t.Context(), nil) // nobody to send to
}

func TestSlim(t *testing.T) {
	t.Parallel()
	e := event.Event{
		ID: "e", Name: event.NameSessionStart, SessionID: "s", UserID: "u-1", At: time.Now(),
		Properties: json.RawMessage(`{"websiteType":"shop of ana@bellanails.example","email":"ana@bellanails.example","model":{"x":1},"features":["a",7,"call +1 555-555-0199"],"confidence":0.9,"recommended":true,"referrer":"https://x.example/?q=ana"}`),
	}
	got, ok := forward.Slim(e)
	want := `{"confidence":0.9,"features":["a","call [number]"],"recommended":true,"websiteType":"shop of [address]"}`
	if !ok || got.UserID != "" || string(got.Properties) != want {
		t.Errorf("Slim = %s, user %q, want %s and no user", got.Properties, got.UserID, want)
	}
	for name, odd := range map[string]event.Event{
		"a name that is not ours": {Name: "password_typed", Properties: json.RawMessage(`{}`)},
		"an automated sender":     {Name: event.NameSessionStart, Bot: "agent"},
	} {
		if _, ok := forward.Slim(odd); ok {
			t.Errorf("%s leaves the house", name)
		}
	}
	features := make([]string, 60)
	for i := range features {
		features[i] = "f"
	}
	many, err := json.Marshal(map[string]any{"features": features, "selected": []int{1}, "rejected": []string{}})
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string][]string
	got, ok = forward.Slim(event.Event{Name: event.NameSessionStart, Properties: many})
	if err := json.Unmarshal(got.Properties, &kept); !ok || err != nil || len(kept) != 1 || len(kept["features"]) != 50 {
		t.Errorf("Slim(60 features and two lists without texts) = %s, %v, want 50 features only", got.Properties, err)
	}
	if got, ok := forward.Slim(event.Event{Name: event.NameSessionStart, Properties: json.RawMessage(`"text"`)}); !ok || string(got.Properties) != "{}" {
		t.Errorf("Slim(no object) = %s, %v, want no properties", got.Properties, ok)
	}
}

// What happened before a visitor agreed stays here, and so does what waits when
// they take it back: every attempt asks anew.
func TestConsentIsAskedAtEveryAttempt(t *testing.T) {
	t.Parallel()
	st, v := storetest.New(t), &vendor{fails: []error{errors.New("away")}}
	since, agrees, asked := time.Now().Add(time.Hour), true, 0
	c := &clock{time.Now().Add(-time.Hour)}
	s := forward.New(forward.Config{
		Store: st, Vendors: []forward.Vendor{{Name: "v", Send: v.send}}, Now: c.now,
		Consent: func(context.Context, event.SessionID) (time.Time, bool, error) { asked++; return since, agrees, nil },
	})
	s.Once(t.Context())
	arrive(t, st, "s-1", 3)
	s.Once(t.Context())
	if got := s.Status()[0]; len(v.got) != 0 || len(v.fails) != 1 || got.Private != 3 {
		t.Fatalf("%d events went out, status %+v: they happened before the yes", len(v.got), got)
	}
	since = time.Time{}
	arrive(t, st, "s-2", 2)
	s.Once(t.Context()) // fails
	agrees = false
	c.at = c.at.Add(time.Hour)
	s.Once(t.Context())
	if got := s.Status()[0]; len(v.got) != 0 || got.Failed != 1 || got.Private != 5 || asked != 3 {
		t.Errorf("%d events went out, asked %d times, status %+v; want none after the yes was taken back", len(v.got), asked, got)
	}
}
