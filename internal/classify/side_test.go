package classify_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/classify"
)

// TestSideMatters pairs a text whose second model is only mentioned with one
// that differs in the words that make it a business of its own.
func TestSideMatters(t *testing.T) {
	t.Parallel()
	hybrid := func(parts ...classify.Model) []classify.Model { return parts }
	for _, tc := range []struct {
		name, side, own string
		model           classify.Model
		parts           []classify.Model
	}{
		{
			name: "a shelf at the till beside a shop", model: classify.Service, parts: hybrid(classify.Product, classify.Service),
			side: "Hair salon with appointments, and a small shop at the till.",
			own:  "Hair salon with appointments, and an online shop for our own inventory.",
		},
		{
			name: "now and then beside every week", model: classify.Product, parts: hybrid(classify.Product, classify.Service),
			side: "We sell yarn in our boutique, and now and then we teach a knitting class.",
			own:  "We sell yarn in our boutique, and every week we teach a knitting class with lessons to book.",
		},
		{
			name: "what used to be beside what is", model: classify.Product, parts: hybrid(classify.Product, classify.Service),
			side: "An online store for tea and inventory, and years ago we ran a restaurant.",
			own:  "An online store for tea and inventory, and in town we run a restaurant.",
		},
		{
			name: "what comes with an order beside what is paid for", model: classify.Product, parts: hybrid(classify.Product, classify.Service),
			side: "Kitchen boutique with inventory, free consultation with every order.",
			own:  "Kitchen boutique with inventory, paid consultation by the hour.",
		},
		{
			name: "only selling beside selling and repairing", model: classify.Product, parts: hybrid(classify.Product, classify.Service),
			side: "Bicycles: boutique, inventory, we only sell, the repair workshop next door has appointments.",
			own:  "Bicycles: boutique, inventory, and our repair workshop has appointments.",
		},
		{
			name: "a podcast that nobody pays for beside one with sponsors", model: classify.Service, parts: hybrid(classify.Content, classify.Service),
			side: "Therapy practice with consultations, and I record a podcast.",
			own:  "Therapy practice with consultations, and I record a podcast that sponsors pay for.",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := classify.Classify(tc.side, nil); got.Model != tc.model {
				t.Errorf("Classify(%q) = %q with %v, want %q (scores %v)", tc.side, got.Model, got.Secondary, tc.model, got.Scores)
			}
			got := classify.Classify(tc.own, nil)
			if got.Model != classify.Hybrid {
				t.Fatalf("Classify(%q) = %q, want a hybrid (scores %v)", tc.own, got.Model, got.Scores)
			}
			if diff := cmp.Diff(tc.parts, slices.Sorted(slices.Values(got.Secondary))); diff != "" {
				t.Errorf("Classify(%q).Secondary (-want +got):\n%s", tc.own, diff)
			}
		})
	}
}

// TestSideMatterIsNamedAndDoubted: what was set aside is still listed, and is
// worth a question when it had many points.
func TestSideMatterIsNamedAndDoubted(t *testing.T) {
	t.Parallel()
	text := "Bicycles: boutique, inventory, wholesale, we only sell, the repair workshop next door has appointments and lessons."
	got := classify.Classify(text, nil)
	if got.Model != classify.Product || got.Confidence != 75 || got.Accepted() {
		t.Errorf("Classify(%q) = %q %d, want product 75, which is not accepted", text, got.Model, got.Confidence)
	}
	if diff := cmp.Diff([]classify.Model{classify.Service}, got.Secondary); diff != "" {
		t.Errorf("Secondary (-want +got):\n%s", diff)
	}
}

// TestClubIsNoSetOfBusinesses: what a club does for those who belong to it is
// no service beside it until somebody else may pay for it by use.
func TestClubIsNoSetOfBusinesses(t *testing.T) {
	t.Parallel()
	club := "Gym with monthly membership, classes with trainers and a sauna."
	if got := classify.Classify(club, nil); got.Model != classify.Membership {
		t.Errorf("Classify(%q) = %q with %v, want membership (scores %v)", club, got.Model, got.Secondary, got.Scores)
	}
	both := club + " The clinic upstairs is open to anybody: physiotherapy by appointment."
	if got := classify.Classify(both, nil); got.Model != classify.Hybrid {
		t.Errorf("Classify(%q) = %q with %v, want a hybrid (scores %v)", both, got.Model, got.Secondary, got.Scores)
	}
}
