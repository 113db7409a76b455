package classify_test

import (
	"testing"

	"applicreations.com/introspect/internal/classify"
)

// TestShapeOfSentences shows what is read from the shape of a sentence beyond
// single words. The rows are pairs that differ in one thing only.
func TestShapeOfSentences(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		want       classify.Model
	}{
		{"a thing that is made is sold", "We make oak benches.", classify.Product},
		{"a thing that is repaired is not", "We repair oak benches.", classify.Service},
		{"a name whose head is a thing", "Benches out of driftwood.", classify.Product},
		{"a name whose head is a person", "Bench restorer from Kent.", classify.Service},
		{"a name whose head is a deed", "Bench hire for festivals.", classify.Service},
		{"a thing after a verb is no name", "We like benches.", ""},
		{"a person who serves nobody", "I'm a sculptor.", ""},
		{"what somebody says after a subject is no name", "I was a farrier", classify.Service},
		{"a sum by the month is a fee", "Our app costs $9 a month.", classify.Membership},
		{"the same without a period is not", "Our app costs $9.", ""},
		{"a number with a separator stays one", "Joining costs 2,000 a year.", classify.Membership},
		{"a retainer is no fee", "They pay us a monthly retainer.", classify.Service},
		{"living from adverts", "The site about trains lives from adverts.", classify.Content},
		{"the topic of a blog is no trade", "A blog about interior design, with ads.", classify.Content},
		{"a trade that is joined is no trade", "A guild of carpenters.", classify.Membership},
		{"a trade that pays is no trade", "Plumbers pay 20 euros a month for our app.", classify.Membership},
		{"being one is a trade", "We are carpenters.", classify.Service},
		{"goods that are reviewed are not sold", "We review bikes.", classify.Content},
		{"goods that are processed before they are sold", "We clean and roast nuts and sell them.", classify.Product},
		{"both kinds of income", "We repair pianos by the hour. We sell pianos and stools in our shop.", classify.Hybrid},
		{"a cause earns nothing", "A hospice run by volunteers, donations welcome.", ""},
		{"a hospice alone does", "A hospice.", classify.Service},
		{"a plural in y", "We supply berries.", classify.Product},
		{"an irregular plural", "We bake cookies and pies.", classify.Product},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := classify.Classify(tc.text, nil); got.Model != tc.want {
				t.Errorf("Classify(%q) = %q, want %q (scores %v, indicators %v)", tc.text, got.Model, tc.want, got.Scores, got.Indicators)
			}
		})
	}
}

func TestThinHybridsAreStillAsked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		confidence int
	}{
		{"a part that rests on one phrase of our own lists", "A salon and clinic by appointment. Joining costs $9 a month.", 75},
		{"a part that rests on a strong word of the domain", "A salon and clinic by appointment. There is a boutique.", 95},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := classify.Classify(tc.text, nil)
			if got.Model != classify.Hybrid || got.Confidence != tc.confidence {
				t.Errorf("Classify(%q) = %q %d, want hybrid %d (scores %v)", tc.text, got.Model, got.Confidence, tc.confidence, got.Scores)
			}
		})
	}
}
