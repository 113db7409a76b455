package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// makers are the visits of a filter with their makers.
func makers(t *testing.T, s *store.Store, f store.VisitFilter) map[event.SessionID]metric.Maker {
	t.Helper()
	list, err := s.Visits(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[event.SessionID]metric.Maker)
	for _, v := range list {
		out[v.ID] = v.Maker
	}
	return out
}

// TestAPersonHasTheLastWord marks visits, takes marks away and puts them back,
// among visits that go on and get marks of their own: after each word every
// figure is what the events say, and nothing has drifted.
func TestAPersonHasTheLastWord(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	evs := storetest.Stream(9, 40, storetest.Start())
	var ids []event.SessionID
	for i := range evs {
		if evs[i].Name == event.NameLandingView {
			ids = append(ids, evs[i].SessionID)
		}
		if evs[i].SessionID == "visit-9-003" && evs[i].Name == event.NameCTAClick || evs[i].SessionID == "visit-9-004" {
			evs[i].Bot = "speed"
		}
	}
	ids = slices.Compact(ids)
	for list := range slices.Chunk(evs, 200) {
		if _, err := s.Record(t.Context(), storetest.Outside(list...)); err != nil {
			t.Fatal(err)
		}
	}
	at := storetest.Start().Add(48 * time.Hour)
	judge := func(id event.SessionID, program bool) {
		t.Helper()
		if err := s.Judge(t.Context(), id, program, at); err != nil { // a clock that stands still
			t.Fatal(err)
		}
		known, err := s.Events(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range known {
			if e.Name == event.NameVisitJudged && !slices.ContainsFunc(evs, func(have event.Event) bool { return have.ID == e.ID }) {
				evs = append(evs, e.Event)
			}
		}
		storetest.Exact(t, s, evs, time.UTC)
	}
	if got := makers(t, s, store.VisitFilter{Marked: true}); len(got) != 2 || got["visit-9-004"] != metric.Marked {
		t.Errorf("marked visits = %v, want two", got)
	}
	judge("visit-9-004", false)
	judge("visit-9-010", true)
	judge("visit-9-010", false)
	judge("visit-9-010", true)
	judge("visit-9-011", true)
	judge("visit-9-011", false)
	late := event.New("visit-9-004", 900, at.Add(time.Hour), event.Plain{Name: event.NameFeatureViewed})
	late.Bot = "webdriver"
	if _, err := s.Record(t.Context(), storetest.Outside(late)); err != nil {
		t.Fatal(err)
	}
	evs = append(evs, late)
	storetest.Exact(t, s, evs, time.UTC)
	want := map[event.SessionID]metric.Maker{
		"visit-9-003": metric.Marked, "visit-9-004": metric.JudgedPerson, "visit-9-010": metric.JudgedProgram, "visit-9-011": metric.JudgedPerson,
	}
	got := makers(t, s, store.VisitFilter{Marked: true})
	for id, maker := range want {
		if got[id] != maker {
			t.Errorf("%s was made by %d, want %d", id, got[id], maker)
		}
	}
	if len(got) != len(want) {
		t.Errorf("visits that something is said about = %v", got)
	}
	if got := makers(t, s, store.VisitFilter{Maker: metric.JudgedPerson}); len(got) != 2 {
		t.Errorf("visits of judged persons = %v, want two", got)
	}
	if got := makers(t, s, store.VisitFilter{}); len(got) != len(ids) {
		t.Errorf("%d visits are listed, want %d", len(got), len(ids))
	}
	if err := s.Judge(t.Context(), "nobody", true, at); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Judge(nobody) = %v, want ErrNotFound", err)
	}
}

// TestNobodyOutsideJudges: the event is the server's alone, also for a session
// that another front end conducts.
func TestNobodyOutsideJudges(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	view := event.New("v1", 1, storetest.Start(), event.LandingView{Source: "ads"})
	forged := event.New("v1", 2, storetest.Start(), event.VisitJudged{Maker: event.MakerProgram})
	verdicts, err := s.Record(t.Context(), storetest.Outside(view, forged))
	if err != nil || verdicts[1].Details != store.DetailServerOnly {
		t.Fatalf("verdicts = %+v, %v", verdicts, err)
	}
	if got := makers(t, s, store.VisitFilter{}); got["v1"] != metric.Unmarked {
		t.Errorf("the visit was made by %d", got["v1"])
	}
	storetest.Exact(t, s, []event.Event{view}, time.UTC)
}

// TestVisitsInPages goes through the list page by page.
func TestVisitsInPages(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	if _, err := s.Record(t.Context(), storetest.Outside(storetest.Stream(10, 17, storetest.Start())...)); err != nil {
		t.Fatal(err)
	}
	var seen []event.SessionID
	for before := event.SessionID(""); ; {
		list, err := s.Visits(t.Context(), store.VisitFilter{Before: before, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range list {
			if i > 0 && v.LastSeen.After(list[i-1].LastSeen) {
				t.Errorf("%s stands after a visit that was seen earlier", v.ID)
			}
			seen = append(seen, v.ID)
		}
		if len(list) < 5 {
			break
		}
		before = list[len(list)-1].ID
	}
	slices.Sort(seen)
	if n := len(seen); n != 17 || len(slices.Compact(seen)) != 17 {
		t.Errorf("%d visits on all pages, want 17 different ones", n)
	}
}

// TestMakersOfADatabaseFromBefore: opening it says who made each visit, also
// where the events are gone.
func TestMakersOfADatabaseFromBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := storetest.SQLite(t, store.Config{Path: dir})
	for _, id := range []event.SessionID{"kept", "gone"} {
		e := event.New(id, 1, storetest.Start(), event.LandingView{Source: "ads", Bot: "agent"})
		if _, err := s.Record(t.Context(), storetest.Outside(e)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`UPDATE session_facts SET maker = 0`, `UPDATE settings SET value = '5' WHERE key = 'figures_version'`,
		`DELETE FROM event_chunks WHERE session_id = 'gone'`, `UPDATE session_facts SET pruned = 1 WHERE session_id = 'gone'`,
	} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s = storetest.SQLite(t, store.Config{Path: dir})
	if got := makers(t, s, store.VisitFilter{Marked: true}); got["kept"] != metric.Marked || got["gone"] != metric.Marked {
		t.Errorf("makers = %v, want both marked", got)
	}
}

// TestOpenFactsAreAll: every unfinished visit of two days is open until they are
// over, and a busy site has thousands that only looked around.
func TestOpenFactsAreAll(t *testing.T) {
	t.Parallel()
	s := storetest.Any(t, store.Config{})
	const visits = 5_500
	var batch []store.Incoming
	for i := range visits {
		batch = append(batch, storetest.Outside(event.New(event.SessionID("visit-"+strconv.Itoa(i)), 1, storetest.Start(), event.LandingView{}))...)
	}
	for list := range slices.Chunk(batch, 1000) {
		if _, err := s.Record(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	var open metric.Open
	view := metric.Last(1, storetest.Start(), time.UTC)
	if err := s.OpenFacts(t.Context(), storetest.Start().Add(-metric.Window), func(f metric.Facts) { open.Count(f.Standing(time.UTC), view, storetest.Start()) }); err != nil {
		t.Fatal(err)
	}
	if open.Stages[0] != visits {
		t.Errorf("%d of %d visits are open; the others would count as dropped", open.Stages[0], visits)
	}
}
