package scope

import (
	"fmt"
	"slices"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// Reading is a session read for a document beside SCOPE.md. Its methods return
// what SCOPE.md says, as plain text of one line instead of Markdown, so that
// two documents of one session cannot disagree.
type Reading struct{ w *sheet }

// Read reads a session, finished or not.
func Read(s *intake.Session, cat *catalog.Catalog) (*Reading, error) {
	w, err := newSheet(s, cat, Agency{})
	if err != nil {
		return nil, fmt.Errorf("read session %s: %w", s.ID, err)
	}
	for _, write := range w.writers() {
		write() // requirements and open points are found while writing
	}
	return &Reading{w}, nil
}

// Project is the name of the project, never empty.
func (r *Reading) Project() string { return projectName(r.w.s) }

// Kind is the website type in words.
func (r *Reading) Kind() string { return r.w.kind() }

// Label is the name of a slot for people.
func (r *Reading) Label(k slot.Key) string { return r.w.def(k).Label }

// Value is what is known of a slot in words for people, free text shortened to
// limit characters. It is empty when nothing is known.
func (r *Reading) Value(k slot.Key, limit int) string {
	f, ok := r.w.known(k)
	if !ok {
		return ""
	}
	return r.w.plain(f, limit)
}

// Entries are the entries of a list in words for people.
func (r *Reading) Entries(k slot.Key) []string {
	f, ok := r.w.known(k)
	if !ok {
		return nil
	}
	return r.w.plainList(f)
}

// Told is the value of a slot if the client gave it: an assumption, or a gap,
// is empty.
func (r *Reading) Told(k slot.Key, limit int) string {
	f, ok := r.w.known(k)
	if !ok || f.Status == intake.Assumed {
		return ""
	}
	return r.w.plain(f, limit)
}

// Quote is what the client said of a slot, word for word, shortened to limit
// characters. It is empty when no words of the client stand behind the value.
func (r *Reading) Quote(k slot.Key, limit int) string {
	f, ok := r.w.known(k)
	if !ok || f.Status == intake.Assumed {
		return ""
	}
	return shorten(f.Evidence.Quote, limit)
}

// Values are the values of all slots, as the formulas use them.
func (r *Reading) Values() slot.Values { return r.w.v }

// Priced reports whether a package with a price is chosen.
func (r *Reading) Priced() bool { return r.w.chosen() }

// Confirmed reports whether the client has confirmed package and price.
func (r *Reading) Confirmed() bool { return r.w.chosen() && !r.w.assumed() }

// Resold reports whether the agency changed what the client had chosen, so that
// the price is new to the client.
func (r *Reading) Resold() bool { return r.w.chosen() && r.w.assumed() && r.w.resold() }

// Positions are what adds up to the total, in the order of section 13; none
// without a price.
func (r *Reading) Positions() []Position {
	if !r.w.chosen() {
		return nil
	}
	return positions(r.w.s.Features.Estimate)
}

// Inclusions are what the package always contains.
func (r *Reading) Inclusions() []catalog.Inclusion {
	if !r.w.chosen() {
		return nil
	}
	out := slices.Clone(r.w.cat.Inclusions(r.w.s.Features.Selection.Package))
	for i := range out {
		out[i].Name = r.w.inclusionName(out[i])
	}
	return out
}

// Reason is why a feature was recommended to this client, if it was.
func (r *Reading) Reason(id catalog.FeatureID) string {
	if r.w.s.Features == nil {
		return ""
	}
	item, _ := r.w.item(id)
	if item.Priority == "" {
		return "" // merely listed among the others
	}
	return fold(item.Reasoning)
}

// Weeks is the range from kickoff to launch.
func (r *Reading) Weeks() (low, high int) { return r.w.low, r.w.high }

// Launch is the wished launch day; exact is false when the client named a
// number of weeks only.
func (r *Reading) Launch() (day time.Time, exact, ok bool) { return r.w.launch() }

// ValidUntil is the last day on which the prices hold.
func (r *Reading) ValidUntil() time.Time { return r.w.validUntil() }

// Worth is what the chosen features bring in a year.
func (r *Reading) Worth() Worth { return r.w.worth() }

// Options are the recommended features that are not part of the price.
func (r *Reading) Options() []Option {
	if r.w.s.Features == nil {
		return nil
	}
	return r.w.options()
}

// Left is what the client's answers ask for and the price does not hold.
func (r *Reading) Left() []Lack { return slices.Clone(r.w.left) }

// OneLine makes one line of a text, without control characters.
func OneLine(text string) string { return fold(text) }

// Shorten cuts a text at a word near limit characters and marks the cut.
func Shorten(text string, limit int) string { return shorten(text, limit) }

// SafeName is a name in ASCII for files, empty when it has no Latin letter.
func SafeName(name string) string { return safeName(name) }

// Plural writes a count with its noun.
func Plural[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Day writes a day for people.
func Day(t time.Time) string { return date(t) }
