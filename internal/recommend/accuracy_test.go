package recommend_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// labelled is one row of testdata/profiles.json: a client with what DOMAIN 5,
// 4.7 and 6.1 ask for. The rules were mended on the rows of the split "tune"
// only.
type labelled struct {
	ID          int                 `json:"id"`
	Split       string              `json:"split"`
	Story       string              `json:"story"`
	Values      slot.Values         `json:"values"`
	Package     catalog.PackageID   `json:"package"`
	Essential   []catalog.FeatureID `json:"essential"`   // all of them, and no other may be essential
	Recommended []catalog.FeatureID `json:"recommended"` // must appear too, with any priority
	Forbidden   []catalog.FeatureID `json:"forbidden"`
}

func labelledProfiles(tb testing.TB) []labelled {
	tb.Helper()
	raw, err := os.ReadFile("testdata/profiles.json")
	if err != nil {
		tb.Fatal(err)
	}
	var rows []labelled
	if err := json.Unmarshal(raw, &rows); err != nil {
		tb.Fatal(err)
	}
	return rows
}

// tally counts what a split of the profiles got.
type tally struct {
	profiles, packages                int
	hit, shown, asked                 int // essentials: right, shown, labelled
	appeared, wanted                  int // essentials and other expected features that appear at all
	forbidden, forbiddenLabels, items int
}

func (s *tally) add(p labelled, rec recommend.Recommendation) (faults []string) {
	s.profiles++
	if rec.Package == p.Package {
		s.packages++
	} else {
		faults = append(faults, fmt.Sprintf("package %s, want %s (%s)", rec.Package, p.Package, rec.PackageRationale))
	}
	var all []catalog.FeatureID
	for _, it := range rec.Recommended {
		all = append(all, it.Feature)
		s.items++
		right := slices.Contains(p.Essential, it.Feature)
		if it.Priority == recommend.Essential {
			s.shown++
			if right {
				s.hit++
			} else {
				faults = append(faults, "essential but should not be: "+string(it.Feature)+" ("+it.Reasoning+")")
			}
		}
		if slices.Contains(p.Forbidden, it.Feature) {
			s.forbidden++
			faults = append(faults, "forbidden: "+string(it.Feature)+" ("+it.Reasoning+")")
		} else if right && it.Priority != recommend.Essential {
			faults = append(faults, "only "+string(it.Priority)+": "+string(it.Feature))
		}
	}
	s.asked += len(p.Essential)
	s.forbiddenLabels += len(p.Forbidden)
	for _, id := range slices.Concat(p.Essential, p.Recommended) {
		s.wanted++
		if slices.Contains(all, id) {
			s.appeared++
		} else {
			faults = append(faults, "missing: "+string(id))
		}
	}
	return faults
}

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// measured is the tally of a split, with what was wrong in it.
func measured(tb testing.TB, split string) (s tally, faults []string) {
	tb.Helper()
	cat := defaultCatalog(tb)
	for _, p := range labelledProfiles(tb) {
		if p.Split != split {
			continue
		}
		for _, f := range s.add(p, recommend.Recommend(cat, p.Values)) {
			faults = append(faults, fmt.Sprintf("%d %s: %s", p.ID, p.Story, f))
		}
	}
	return s, faults
}

// TestLabelledProfiles holds the recommender to its figures. The faults of the
// split "test" stay unnamed, so that nobody mends the rules for them.
func TestLabelledProfiles(t *testing.T) {
	t.Parallel()
	for _, split := range []string{"tune", "test"} {
		t.Run(split, func(t *testing.T) {
			t.Parallel()
			s, faults := measured(t, split)
			if split == "tune" {
				for _, f := range faults {
					t.Log(f)
				}
			}
			for _, gate := range []struct {
				name       string
				got, least float64
			}{
				{"packages", share(s.packages, s.profiles), 0.90},
				{"precision of essentials", share(s.hit, s.shown), 0.95},
				{"recall of essentials", share(s.hit, s.asked), 0.95},
				{"expected features that appear", share(s.appeared, s.wanted), 0.95},
			} {
				if gate.got < gate.least {
					t.Errorf("%s = %.3f, want at least %.2f", gate.name, gate.got, gate.least)
				}
			}
			if s.forbidden > 0 {
				t.Errorf("forbidden recommendations = %d, want 0", s.forbidden)
			}
		})
	}
}
