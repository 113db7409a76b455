package deliver_test

import (
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/store"
)

// TestTimeLeft: what is said about the time left comes from what was measured,
// and nothing is said when it does not fit any more.
func TestTimeLeft(t *testing.T) {
	t.Parallel()
	var h *house
	h = newHouse(t, "salon", func(c *deliver.Config) {
		draw := c.Render
		c.Render = func(p proposal.Proposal) ([]byte, error) {
			h.wait(3 * time.Second)
			return draw(p)
		}
	})
	left := func() time.Duration {
		t.Helper()
		p, err := h.deliver.Progress(t.Context(), h.session.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p.Left
	}
	if _, err := h.store.Enqueue(t.Context(), h.deliver.Finished(h.session.ID)...); err != nil {
		t.Fatal(err)
	}
	if got := left(); got != 0 {
		t.Errorf("%v left before anything was measured, want nothing said", got)
	}
	other := deliver.KindDocuments // the same process writes other documents first
	if _, err := h.store.Enqueue(t.Context(), store.NewJob{Kind: other, Key: "another", Session: h.session.ID, Due: h.clock().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	mine, err := h.store.Lease(t.Context(), []string{other}, 2, time.Hour)
	if err != nil || len(mine) != 2 {
		t.Fatalf("Lease() = %d, %v", len(mine), err)
	}
	if mine[0].Key != "another" {
		mine[0], mine[1] = mine[1], mine[0]
	}
	if err := h.store.PostponeJob(t.Context(), mine[0], h.clock()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.runner.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.store.StageJob(t.Context(), &mine[1], deliver.StageScope, time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := left(); got != 3*time.Second {
		t.Errorf("%v left before drawing, want 3 s", got)
	}
	if err := h.store.StageJob(t.Context(), &mine[1], deliver.StagePDF, time.Hour); err != nil {
		t.Fatal(err)
	}
	h.wait(2 * time.Second)
	if got := left(); got != time.Second {
		t.Errorf("%v left after 2 s of drawing, want 1 s", got)
	}
	h.wait(2 * time.Second)
	if got := left(); got != 0 {
		t.Errorf("%v left while drawing takes longer than ever, want nothing said", got)
	}
}
