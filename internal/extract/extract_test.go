package extract_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/slot"
)

// row is one sentence of a client and what one slot must hold afterwards.
type row struct {
	text   string
	asked  string // slots of the question, by commas
	slot   slot.Key
	want   string // empty: no hit
	quote  string // checked when not empty
	hedged bool
}

// now is a Monday in November.
func now() time.Time { return time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC) }

func all(text, asked string) []extract.Hit {
	c := extract.Context{Now: now()}
	for k := range strings.SplitSeq(asked, ",") {
		c.Asked = append(c.Asked, slot.Key(k))
	}
	return extract.All(text, c)
}

func hit(hits []extract.Hit, k slot.Key) extract.Hit {
	for _, h := range hits {
		if h.Slot == k {
			return h
		}
	}
	return extract.Hit{}
}

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(string(r.slot)+"/"+r.text, func(t *testing.T) {
			t.Parallel()
			got := hit(all(r.text, r.asked), r.slot)
			if got.Value != r.want {
				t.Errorf("All(%q, asked %q) gives %s = %q (%q), want %q", r.text, r.asked, r.slot, got.Value, got.Quote, r.want)
			}
			if r.quote != "" && got.Quote != r.quote {
				t.Errorf("All(%q) quotes %q for %s, want %q", r.text, got.Quote, r.slot, r.quote)
			}
			if got.Hedged != r.hedged {
				t.Errorf("All(%q) hedges %s: %v, want %v", r.text, r.slot, got.Hedged, r.hedged)
			}
		})
	}
}
