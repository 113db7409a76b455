package scope

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// history tells which fact of a list first held each of its entries: a later
// answer that only adds to the list is no evidence for the rest.
type history struct {
	facts []intake.Fact
	added [][]string     // by fact, what it added
	first map[string]int // by entry, the index of its fact
}

// history reads the facts of a slot once.
func (w *sheet) history(k slot.Key) *history {
	if h, ok := w.past[k]; ok {
		return h
	}
	h := &history{first: map[string]int{}}
	for _, f := range w.s.Facts {
		if f.Slot != k || !f.Status.Known() {
			continue
		}
		var added []string
		for _, entry := range strings.Split(f.Value, ",") {
			if _, held := h.first[entry]; !held {
				h.first[entry] = len(h.facts)
				added = append(added, entry)
			}
		}
		h.facts, h.added = append(h.facts, f), append(h.added, added)
	}
	w.past[k] = h
	return h
}

// origin is the fact that first held an entry of a list. Of several ticked
// options only the label of this one is quoted.
func (w *sheet) origin(f intake.Fact, entry string) intake.Fact {
	h := w.history(f.Slot)
	i, ok := h.first[entry]
	if !ok {
		return f
	}
	src := withEvidence(f, h.facts[i])
	if labels := strings.Split(src.Evidence.Quote, ", "); src.Source == "choice" && len(labels) == len(h.added[i]) {
		src.Evidence.Quote = labels[slices.Index(h.added[i], entry)]
	}
	return src
}

// sources are the facts that first held some entries of a list, as far as
// their evidence differs.
func (w *sheet) sources(f intake.Fact, entries []string) []intake.Fact {
	h := w.history(f.Slot)
	var out []intake.Fact
	seen := map[intake.Evidence]bool{}
	for _, entry := range entries {
		src := f
		if i, ok := h.first[entry]; ok {
			src = withEvidence(f, h.facts[i])
		}
		if !seen[src.Evidence] {
			seen[src.Evidence] = true
			out = append(out, src)
		}
	}
	return out
}

// withEvidence is a fact with the evidence of an older one.
func withEvidence(f, old intake.Fact) intake.Fact {
	f.Evidence, f.Value, f.Source = old.Evidence, old.Value, old.Source
	return f
}
