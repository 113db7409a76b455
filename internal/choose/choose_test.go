package choose_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/choose"
	"applicreations.com/introspect/internal/slot"
)

func builtIn(tb testing.TB) (*choose.Chooser, *bank.Bank) {
	tb.Helper()
	b, err := bank.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return choose.New(b, slot.ByKey()), b
}

// state is one in which exactly the given slots are known.
func state(v slot.Values) choose.State {
	return choose.State{Values: v, Asked: map[string]bool{}, Missing: map[slot.Key]float64{}, Open: func(k slot.Key) bool { return !v.Has(k) }}
}

// TestRankKeepsItsPromises draws random states and holds the ranking to what it
// says of itself: nothing known, asked, queued or forbidden is in it, it falls,
// and it is the same every time.
func TestRankKeepsItsPromises(t *testing.T) {
	t.Parallel()
	c, b := builtIn(t)
	defs := slot.Defs()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 7))
		v := slot.Values{slot.BusinessModel: []string{"service", "product", "content", "membership", "hybrid"}[r.IntN(5)]}
		for _, d := range defs {
			if r.IntN(3) == 0 && !v.Has(d.Key) {
				v[d.Key] = "something"
			}
		}
		s := state(v)
		for _, q := range b.Questions {
			s.Asked[q.ID] = r.IntN(4) == 0
		}
		list := c.Rank(s)
		again := c.Rank(s)
		for i, cand := range list {
			q := cand.Entry
			if s.Asked[q.ID] || q.Queued || len(cand.Open) == 0 || slot.AnyHolds(q.NotIf, v) || len(q.AskIf) > 0 && !slot.AnyHolds(q.AskIf, v) {
				t.Fatalf("seed %d: %s may not be asked here (%+v)", seed, q.ID, cand)
			}
			for _, k := range cand.Open {
				if v.Has(k) || !slices.Contains(q.Slots(), k) {
					t.Fatalf("seed %d: %s would ask about %s, which is known or not its subject", seed, q.ID, k)
				}
			}
			if len(q.Groups) > 0 && len(cand.Open) > choose.MaxGroups {
				t.Fatalf("seed %d: %s shows %d groups, at most %d fit a screen", seed, q.ID, len(cand.Open), choose.MaxGroups)
			}
			if i > 0 && cand.Score > list[i-1].Score {
				t.Fatalf("seed %d: %s (%.3f) stands behind %s (%.3f)", seed, q.ID, cand.Score, list[i-1].Entry.ID, list[i-1].Score)
			}
			if again[i].Entry.ID != q.ID || again[i].Score != cand.Score {
				t.Fatalf("seed %d: the second ranking differs at %d", seed, i)
			}
		}
	}
}

func find(list []choose.Candidate, id string) (choose.Candidate, bool) {
	i := slices.IndexFunc(list, func(c choose.Candidate) bool { return c.Entry.ID == id })
	if i < 0 {
		return choose.Candidate{}, false
	}
	return list[i], true
}

// TestTheScoreIsTheFormula recomputes it from its parts (ADR 0009).
func TestTheScoreIsTheFormula(t *testing.T) {
	t.Parallel()
	c, _ := builtIn(t)
	for _, cand := range c.Rank(state(slot.Values{slot.BusinessModel: "service"})) {
		want := (cand.Value + 0.6*cand.Unlock + 0.3*cand.Price) / (8 + cand.Seconds) * cand.Flow
		if d := cand.Score - want; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s scores %v, and its parts give %v", cand.Entry.ID, cand.Score, want)
		}
	}
}

func TestWhatMovesTheScore(t *testing.T) {
	t.Parallel()
	c, _ := builtIn(t)
	all, _ := find(c.Rank(state(slot.Values{})), "content")
	known, _ := find(c.Rank(state(slot.Values{slot.ContentProvider: "client", slot.ContentReadiness: "ready"})), "content")
	if known.Value >= all.Value {
		t.Errorf("knowing two of its items leaves the value of a question at %.2f of %.2f; want less", known.Value, all.Value)
	}
	half := state(slot.Values{slot.PrimaryGoal: "more bookings"})
	half.Open = func(slot.Key) bool { return true }
	half.Missing[slot.PrimaryGoal] = 0.5
	whole := state(slot.Values{})
	a, _ := find(c.Rank(half), "goal")
	z, _ := find(c.Rank(whole), "goal")
	if a.Value >= z.Value {
		t.Errorf("a goal half known is worth %.2f, an unknown one %.2f; want less", a.Value, z.Value)
	}
	if u := c.Uncertainty(slot.PrimaryGoal, half); u != 0.5 {
		t.Errorf("uncertainty of a goal half known = %v, want what is missing", u)
	}
}

// TestNothingIsAskedThatDoesNotApply: details of a shop are no question for a
// clinic, and become one when its visitors buy.
func TestNothingIsAskedThatDoesNotApply(t *testing.T) {
	t.Parallel()
	c, _ := builtIn(t)
	clinic := slot.Values{slot.BusinessModel: "service", slot.ServiceSubtype: "appointment"}
	if _, ok := find(c.Rank(state(clinic)), "details_shop"); ok {
		t.Error("a clinic is asked how its shop delivers")
	}
	clinic[slot.VisitorActions] = "book,buy"
	if _, ok := find(c.Rank(state(clinic)), "details_shop"); !ok {
		t.Error("a clinic that sells is not asked how its shop works")
	}
}
