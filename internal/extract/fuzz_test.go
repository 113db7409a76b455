package extract_test

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// everything is a question about all slots at once.
func everything() []slot.Key {
	var keys []slot.Key
	for _, d := range slot.Defs() {
		keys = append(keys, d.Key)
	}
	return keys
}

func seeds(f *testing.F) {
	f.Helper()
	for _, s := range []string{
		"We run Bella's Salon: 50 appointments a week, $85 each, 18% no-shows, $4,000-$5,000, by March 15.", "\xff\xfe<", "$", "€2.5k-", "1,2,3.4.5",
		"#fff #12345", "(555) 123-4567", "+44 20 7946 0958", "12/31", "one in", "half of", "www.", "http://x.y", "a@b.com", "'’'", "no, not, never",
		"5 to", "mid", "end of the", "Sarah (owner", "between 3 and", "called \"x", "30s and 40s", "we're", "called ", "+", "in May 1", "é\u0301\u200b",
	} {
		f.Add(s)
	}
}

// FuzzAll checks what holds for every text: exact quotes, order, one hit per
// slot, canonical values, and no panic.
func FuzzAll(f *testing.F) {
	seeds(f)
	types := map[slot.Key]slot.Type{}
	for _, d := range slot.Defs() {
		types[d.Key] = d.Type
	}
	asked := everything()
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range []extract.Context{{Now: now()}, {Now: now(), Asked: asked}} {
			hits := extract.All(text, c)
			if !slices.IsSortedFunc(hits, func(a, b extract.Hit) int {
				return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Slot, b.Slot))
			}) {
				t.Errorf("All(%q) is not sorted: %+v", text, hits)
			}
			seen := map[slot.Key]bool{}
			for _, h := range hits {
				if seen[h.Slot] {
					t.Errorf("All(%q) has %s twice", text, h.Slot)
				}
				seen[h.Slot] = true
				if h.Start < 0 || h.End > len(text) || h.Start >= h.End || text[h.Start:h.End] != h.Quote {
					t.Errorf("All(%q) quotes %q for %s at %d-%d", text, h.Quote, h.Slot, h.Start, h.End)
				}
				if !valid(types[h.Slot], h.Value) {
					t.Errorf("All(%q) gives %s = %q, which is no %s", text, h.Slot, h.Value, types[h.Slot])
				}
			}
		}
		extract.Money(text)
		extract.Duration(text)
		extract.Date(text, now())
		extract.QualityOf(text)
		extract.Facets(slot.TargetAudience, text)
	})
}

// valid reports whether the value is canonical for the type (slot.Type).
func valid(typ slot.Type, value string) bool {
	switch typ {
	case slot.Money:
		n, err := strconv.ParseInt(value, 10, 64)
		return err == nil && n > 0
	case slot.Percent:
		p, err := strconv.ParseFloat(value, 64)
		return err == nil && p >= 0 && p <= 1
	case slot.Number:
		_, err := strconv.ParseFloat(value, 64)
		return err == nil
	case slot.Date:
		_, err := time.Parse(time.DateOnly, value)
		return err == nil
	case slot.Bool:
		return value == "yes" || value == "no"
	case slot.Multi:
		return value != "" && !strings.Contains(value, ", ") && !strings.HasPrefix(value, ",")
	case slot.URL:
		return strings.Contains(value, ".") && !strings.ContainsAny(value, " \n\t")
	case slot.Enum, slot.Text:
		return value != ""
	default:
		return false
	}
}
