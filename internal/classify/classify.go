// Package classify tells from a client's own words which business model they
// run: service, product, content, membership or a mix (DOMAIN 3). It counts
// indicators found at word beginnings, leaves out what is negated or only looks
// like an indicator, sets aside what is mentioned beside the business (ADR 0014),
// and never guesses below the floor of five points.
//
// It asks nothing and keeps nothing. Start with Classify; the words of the
// domain are in table.go, further trades and sentences in trades.go, classes of
// words in lexicon.go, the misleading ones in except.go, side matters in
// side.go. Measure tells how well all this does on labelled descriptions.
package classify

import (
	"cmp"
	"slices"
	"strings"

	"applicreations.com/introspect/internal/slot"
)

// Model is one of the business models of DOMAIN 3.1.
type Model string

// The models of DOMAIN 3.1. Service to Membership stand in the order that
// decides ties (DOMAIN 3.3); Hybrid is a mix of at least two of them.
const (
	Service    Model = "service"
	Product    Model = "product"
	Content    Model = "content"
	Membership Model = "membership"
	Hybrid     Model = "hybrid"
)

// Models lists the models, Hybrid last.
func Models() []Model { return []Model{Service, Product, Content, Membership, Hybrid} }

// Subtype tells what a service business books (DOMAIN 3.3).
type Subtype string

// The subtypes of a service business.
const (
	Appointment Subtype = "appointment" // a person's time
	Reservation Subtype = "reservation" // a table, a room, a thing, a seat
)

// The figures of DOMAIN 3.3, in points and percent of confidence.
const (
	floor          = 5
	accepted       = 80
	maxConfidence  = 95
	perPoint       = 10
	chosen         = 95
	doubtful       = 75  // of a hybrid with a thin part: shown, but still asked
	closeShare     = 0.7 // another model this near the best makes a hybrid
	strongishShare = 0.3 // enough when the other model has a strong hit
)

// Result is a classification. Its zero value means that nothing was found.
type Result struct {
	// Model is empty when the best score stayed below five points.
	Model Model
	// Confidence is 0..100.
	Confidence int
	// Indicators names what was counted for the models that won, for people
	// to read: the client's words in lower case, or the keys of known figures.
	Indicators []string
	// Secondary lists the models inside a hybrid, strongest first. Of any other
	// model it lists what the client mentions beside it, such as the shelf of
	// shampoo in a salon.
	Secondary []Model
	// Scores holds the points of every model that has any.
	Scores map[Model]int
}

// Classified reports whether a model was found.
func (r Result) Classified() bool { return r.Model != "" }

// Accepted reports whether the confidence ends the search for the model
// (at least 80, DOMAIN 3.3).
func (r Result) Accepted() bool { return r.Classified() && r.Confidence >= accepted }

// Classify scores the client's joined answers and the figures already known
// (DOMAIN 3.2, 3.3). The caller leaves out assistant messages and the answers
// about audience and competitors, because these describe somebody else.
func Classify(text string, v slot.Values) Result {
	scores, hits := score(read(text), v)
	order := ranking(scores)
	if len(order) == 0 || scores[order[0]].points < floor {
		return Result{Scores: points(scores)}
	}
	best := scores[order[0]]
	r := Result{
		Model:      order[0],
		Confidence: min(maxConfidence, perPoint*best.points),
		Scores:     points(scores),
	}
	parts := order[:1:1]
	for _, m := range order[1:] {
		switch {
		case best.points <= floor || !scores[m].near(best):
		case scores[m].joins(best):
			parts = append(parts, m)
		default:
			r.Secondary = append(r.Secondary, m)
			if scores[m].doubted {
				r.Confidence = min(r.Confidence, doubtful)
			}
		}
	}
	if len(parts) > 1 {
		r.Model, r.Secondary = Hybrid, parts
		if slices.ContainsFunc(parts, func(m Model) bool { return scores[m].thin() }) {
			r.Confidence = min(r.Confidence, doubtful)
		}
	}
	for _, h := range hits {
		if slices.Contains(parts, h.model) {
			r.Indicators = append(r.Indicators, h.label)
		}
	}
	return r
}

// tally is what one model has gathered.
type tally struct {
	points int
	strong bool
	sure   bool // a strong word of DOMAIN 3.2 itself, not of our own lists

	own       int  // those of the points that speak for a business of its own
	ownStrong bool // among them is a strong hit
	doubted   bool // they were many, but taken for a side matter
	apart     int  // points beyond the words in which any club describes itself
	first     int  // the word with which the model is first named
}

// thin reports whether a part of a hybrid rests on so little that the client
// should be asked: many a trade only mentions what another one sells. A wrong
// hybrid that is accepted does more harm than a question.
func (s tally) thin() bool { return !s.sure && s.points < accepted/perPoint }

// add counts a hit that carries points.
func (s tally) add(h hit, pts int, sure bool) tally {
	if s.points == 0 || h.at < s.first {
		s.first = h.at
	}
	strong := pts == strongPoints && h.label != "" && !h.figure
	s.points += pts
	s.strong = s.strong || strong
	s.sure = s.sure || strong && sure
	if h.aside {
		return s
	}
	s.own += pts
	s.ownStrong = s.ownStrong || strong
	if !h.inside {
		s.apart += pts
	}
	return s
}

type found struct {
	model Model
	label string
}

// score counts each indicator once, however often it occurs.
func score(t words, v slot.Values) (map[Model]tally, []found) {
	scores := map[Model]tally{}
	var hits []found
	add := func(m Model, h hit, pts int, sure bool) {
		scores[m] = scores[m].add(h, pts, sure)
		hits = append(hits, found{m, h.label})
	}
	for row, h := range t.hits(counted) {
		if in := rows[row]; h.label != "" && in.model != nobody {
			add(in.model, h, in.points, row < len(indicators))
		}
	}
	for _, m := range metrics {
		if v.Has(m.key) {
			add(m.model, hit{label: string(m.key), at: len(t.list), figure: true}, metricPoints, false)
		}
	}
	if undecided(scores) {
		m, label := t.headline()
		if m == "" {
			m, label = t.wares()
		}
		if m != "" {
			add(m, hit{label: label, figure: true}, max(0, floor-scores[m].own), false)
		}
	}
	t.settle(scores)
	return without(scores, t.cause()), hits
}

func undecided(scores map[Model]tally) bool {
	for _, s := range scores {
		if s.own >= floor {
			return false
		}
	}
	return true
}

// without takes points from every model, down to none.
func without(scores map[Model]tally, pts int) map[Model]tally {
	for m, s := range scores {
		s.points, s.own = max(0, s.points-pts), max(0, s.own-pts)
		scores[m] = s
		if s.points == 0 {
			delete(scores, m)
		}
	}
	return scores
}

// cause returns the points that speak against any business.
func (t words) cause() int {
	sum := 0
	for row, h := range t.hits(counted) {
		if h.label != "" && rows[row].model == nobody {
			sum += rows[row].points
		}
	}
	return min(sum, floor)
}

// hit is where an indicator occurs. Its zero value is no hit.
type hit struct {
	label  string
	at     int
	figure bool // known from elsewhere, or a mere headline: never strong
	aside  bool // mentioned beside the business
	inside bool // said in the words of a club, see visits
}

// hits returns for each row of the counted table the place where it occurs
// first, neither denied nor misleading; a place that speaks for a business of
// its own goes before one that is a side matter.
func (t words) hits(tb table) []hit {
	out := make([]hit, len(tb.patterns))
	t.scan(tb, func(row, at, end int) {
		m := rows[row].model
		if old := out[row]; old.label != "" && !old.aside || !t.counts(at, end, m) {
			return
		}
		h := hit{label: t.phrase(at, end), at: at, aside: t.aside(at, end, m), inside: t.only(at, end, visits) || t.online(at, end)}
		if out[row].label == "" || !h.aside {
			out[row] = h
		}
	})
	return out
}

// ranking sorts the models that have points, best first; those that carry a
// business of their own go before side matters, and the order of DOMAIN 3.3
// decides ties.
func ranking(scores map[Model]tally) []Model {
	var order []Model
	for _, m := range []Model{Service, Product, Content, Membership} {
		if scores[m].points > 0 {
			order = append(order, m)
		}
	}
	slices.SortStableFunc(order, func(a, b Model) int {
		x, y := scores[a], scores[b]
		if x.own >= floor != (y.own >= floor) {
			return cmp.Compare(min(y.own, floor), min(x.own, floor))
		}
		return cmp.Compare(y.points, x.points)
	})
	return order
}

// near reports whether a model that is not the best is near enough to it to be
// part of a hybrid (DOMAIN 3.3), were all its points its own.
func (s tally) near(best tally) bool { return near(s.points, s.strong, best) }

// joins reports whether it is part of one.
func (s tally) joins(best tally) bool { return near(s.own, s.ownStrong, best) }

func near(pts int, strong bool, best tally) bool {
	p := float64(pts)
	return p >= closeShare*float64(best.points) || strong && p >= strongishShare*float64(best.points)
}

func points(scores map[Model]tally) map[Model]int {
	out := make(map[Model]int, len(scores))
	for m, s := range scores {
		out[m] = s.points
	}
	return out
}

// FromChoice reads one option of the question for the model (DOMAIN 2.5):
// service, products, publishing, memberships or mix. It reports false for
// anything else.
func FromChoice(option string) (Result, bool) {
	var m Model
	switch strings.ToLower(strings.TrimSpace(option)) {
	case "service":
		m = Service
	case "products":
		m = Product
	case "publishing":
		m = Content
	case "memberships":
		m = Membership
	case "mix":
		m = Hybrid
	default:
		return Result{}, false
	}
	return Result{Model: m, Confidence: chosen, Indicators: []string{"chosen by the client"}}, true
}

// SubtypeOf tells reservations from appointments by the words of DOMAIN 3.3.
// Rooms and tables that nobody reserves, such as a waiting room, do not count.
func SubtypeOf(text string) Subtype {
	t, found := read(text), Appointment
	t.scan(reserved, func(_, at, end int) {
		if t.counts(at, end, reservations) {
			found = Reservation
		}
	})
	return found
}
