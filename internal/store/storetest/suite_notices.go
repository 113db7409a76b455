package storetest

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/store"
)

// Notices that are of no use any more are dropped and their job ends, but not
// while somebody is being told, and after an attempt whose end nobody knows only
// with all of their parcel.
func alertVoid(t *testing.T, open Open) {
	t.Helper()
	for _, c := range []struct {
		name  string
		state func(t *testing.T, s *store.Store, j store.Job) // of the job of n1 and n2
		void  []alert.Key
		want  []string // outcomes of n1 and n2
		due   bool     // the job ends at once
	}{
		{"all of a parcel", giveBack(""), []alert.Key{"n1", "n2"}, []string{"dropped", "dropped"}, true},
		{"a part", giveBack("refused"), []alert.Key{"n1"}, []string{"dropped", ""}, false},
		{"somebody is being told", func(*testing.T, *store.Store, store.Job) {}, []alert.Key{"n1", "n2"}, []string{"", ""}, false},
		{"a part that may have arrived", giveBack(store.StageSending), []alert.Key{"n1"}, []string{"", ""}, false},
		{"all of what may have arrived", giveBack(store.StageSending), []alert.Key{"n1", "n2"}, []string{"dropped unsure", "dropped unsure"}, true},
		{"it was given up", func(t *testing.T, s *store.Store, j store.Job) {
			t.Helper()
			if err := s.BuryJob(t.Context(), j, "no"); err != nil {
				t.Fatal(err)
			}
		}, []alert.Key{"n1"}, []string{"dead", "dead"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, store.Config{Now: Start})
			c.state(t, s, oneParcel(t, s))
			for range 2 { // as every round does
				if err := s.SaveAlerts(t.Context(), store.AlertChange{Void: c.void}); err != nil {
					t.Fatal(err)
				}
			}
			sameAs(t, "outcomes", outcomesOf(t, s), c.want)
			due, err := s.Lease(t.Context(), []string{"notice"}, 5, time.Minute)
			if err != nil || (len(due) == 1) != c.due {
				t.Errorf("Lease() = %d, %v; want one: %t", len(due), err, c.due)
			}
		})
	}
}

// oneParcel makes a parcel of two notices and takes its job.
func oneParcel(t *testing.T, s *store.Store) store.Job {
	t.Helper()
	c := alertChange(Start())
	c.Parcels = map[alert.Key][]alert.Key{"notice/1": {"n1", "n2"}}
	c.Jobs = []store.NewJob{{Kind: "notice", Key: "notice/1", Due: Start()}}
	if err := s.SaveAlerts(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	jobs, err := s.Lease(t.Context(), []string{"notice"}, 5, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d, %v", len(jobs), err)
	}
	return jobs[0]
}

func outcomesOf(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	notices, err := s.OpenNotices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notices {
		text := n.Outcome
		if n.Unsure {
			text += " unsure"
		}
		out = append(out, text)
	}
	return out
}

// giveBack ends an attempt for an hour, with the stage that it reached.
func giveBack(stage string) func(*testing.T, *store.Store, store.Job) {
	return func(t *testing.T, s *store.Store, j store.Job) {
		t.Helper()
		err := s.StageJob(t.Context(), &j, stage, time.Minute)
		if err == nil {
			err = s.RetryJob(t.Context(), j, Start().Add(time.Hour), "later")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// What was given up and is over is not told when a person replays it; what is
// told with it is accepted.
func alertReplayed(t *testing.T, open Open) {
	t.Helper()
	s := open(t, store.Config{Now: Start})
	c := alertChange(Start())
	c.Parcels = map[alert.Key][]alert.Key{"notice/1": {"n1", "n2"}}
	c.Jobs = []store.NewJob{{Kind: "notice", Key: "notice/1", Due: Start()}}
	if err := s.SaveAlerts(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	keys := []alert.Key{"n1", "n2", "nothing"}
	if void, err := s.VoidNotices(t.Context(), keys); err != nil || len(void) != 0 {
		t.Errorf("VoidNotices() = %v, %v; want none of what nobody tried yet", void, err)
	}
	if err := s.SaveAlerts(t.Context(), store.AlertChange{Receipts: []alert.Receipt{{Key: "n1", At: Start(), Dead: true}}}); err != nil {
		t.Fatal(err)
	}
	if void, err := s.VoidNotices(t.Context(), keys); err != nil || len(void) != 0 {
		t.Errorf("VoidNotices() = %v, %v; want none while the trouble is there", void, err)
	}
	c.Episodes[0].To = Start().Add(time.Minute)
	if err := s.SaveAlerts(t.Context(), store.AlertChange{Episodes: c.Episodes}); err != nil {
		t.Fatal(err)
	}
	void, err := s.VoidNotices(t.Context(), keys)
	sameAs(t, "void", void, map[alert.Key]bool{"n1": true})
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := s.Lease(t.Context(), []string{"notice"}, 5, time.Minute)
	if err != nil || len(jobs) != 1 {
		t.Fatalf("Lease() = %d, %v", len(jobs), err)
	}
	if err := s.FinishJob(t.Context(), jobs[0], store.Effects{Accepted: "notice/1", Dropped: []alert.Key{"n1"}}); err != nil {
		t.Fatal(err)
	}
	notices, err := s.EpisodeNotices(t.Context(), "episode-1")
	if err != nil || len(notices) != 2 || notices[0].Outcome != store.NoticeDropped || notices[1].Outcome != store.NoticeAccepted {
		t.Errorf("EpisodeNotices() = %+v, %v; want a dropped and an accepted one", notices, err)
	}
}
