// Package classify tells from a client's own words which business model they
// run: service, product, content, membership or a mix (DOMAIN 3). It counts
// indicators found at word beginnings, leaves out what is negated or only looks
// like an indicator, and never guesses below the floor of five points.
//
// It asks nothing and keeps nothing. Start with Classify; the words of the
// domain are in table.go, further trades and sentences in trades.go, classes of
// words in lexicon.go, the misleading ones in except.go. Measure tells how well
// all this does on labelled descriptions.
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
	disagreement   = 10
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
	// Secondary lists the models inside a hybrid, strongest first, and is
	// empty otherwise.
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
	best := scores[order[0]].points
	r := Result{
		Model:      order[0],
		Confidence: min(maxConfidence, perPoint*best),
		Scores:     points(scores),
	}
	parts := order[:1]
	for _, m := range order[1:] {
		if best > floor && joins(scores[m], best) {
			parts = append(parts, m)
		}
	}
	if len(parts) > 1 {
		r.Model, r.Secondary = Hybrid, slices.Clone(parts)
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
}

// thin reports whether a part of a hybrid rests on so little that the client
// should be asked: many a trade only mentions what another one sells. A wrong
// hybrid that is accepted does more harm than a question.
func (s tally) thin() bool { return !s.sure && s.points < accepted/perPoint }

type found struct {
	model Model
	label string
}

// score counts each indicator once, however often it occurs.
func score(t words, v slot.Values) (map[Model]tally, []found) {
	scores := map[Model]tally{}
	var hits []found
	add := func(m Model, label string, pts int, strong, sure bool) {
		s := scores[m]
		scores[m] = tally{points: s.points + pts, strong: s.strong || strong, sure: s.sure || strong && sure}
		hits = append(hits, found{m, label})
	}
	for row, label := range t.labels(counted) {
		if in := rows[row]; label != "" && in.model != nobody {
			add(in.model, label, in.points, in.points == strongPoints, row < len(indicators))
		}
	}
	for _, m := range metrics {
		if v.Has(m.key) {
			add(m.model, string(m.key), metricPoints, false, false)
		}
	}
	if undecided(scores) {
		if m, label := t.headline(); m != "" {
			add(m, label, floor-scores[m].points, false, false)
		}
	}
	return without(scores, t.cause()), hits
}

func undecided(scores map[Model]tally) bool {
	for _, s := range scores {
		if s.points >= floor {
			return false
		}
	}
	return true
}

// without takes points from every model, down to none.
func without(scores map[Model]tally, pts int) map[Model]tally {
	for m, s := range scores {
		s.points = max(0, s.points-pts)
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
	for row, label := range t.labels(counted) {
		if label != "" && rows[row].model == nobody {
			sum += rows[row].points
		}
	}
	return min(sum, floor)
}

// labels returns for each row of the counted table the words with which it
// occurs first, neither denied nor misleading, and empty text for the others.
func (t words) labels(tb table) []string {
	out := make([]string, len(tb.patterns))
	t.scan(tb, func(row, at, end int) {
		if out[row] == "" && t.counts(at, end, rows[row].model) {
			out[row] = t.phrase(at, end)
		}
	})
	return out
}

// ranking sorts the models that have points, best first; the order of
// DOMAIN 3.3 decides ties.
func ranking(scores map[Model]tally) []Model {
	var order []Model
	for _, m := range []Model{Service, Product, Content, Membership} {
		if scores[m].points > 0 {
			order = append(order, m)
		}
	}
	slices.SortStableFunc(order, func(a, b Model) int {
		return cmp.Compare(scores[b].points, scores[a].points)
	})
	return order
}

// joins reports whether a model that is not the best is part of a hybrid.
func joins(other tally, best int) bool {
	p := float64(other.points)
	return p >= closeShare*float64(best) || other.strong && p >= strongishShare*float64(best)
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

// Combine merges the local result with the vote of a language model
// (DOMAIN 3.3): the same model keeps the higher confidence; of two different
// ones the surer wins and loses ten points, the local one on a draw; the
// vote stands alone when there is no local result. The scores stay the local
// ones. A vote for an unknown model is no vote.
func Combine(local, vote Result) Result {
	if !known(vote.Model) {
		return local
	}
	vote.Confidence = min(max(vote.Confidence, 0), 100)
	if !local.Classified() {
		vote.Scores = local.Scores
		return vote
	}
	if local.Model == vote.Model {
		local.Confidence = max(local.Confidence, vote.Confidence)
		if len(local.Secondary) == 0 {
			local.Secondary = vote.Secondary
		}
		return local
	}
	winner := local
	if vote.Confidence > local.Confidence {
		winner = vote
	}
	winner.Confidence = max(0, winner.Confidence-disagreement)
	winner.Scores = local.Scores
	return winner
}

func known(m Model) bool {
	switch m {
	case Service, Product, Content, Membership, Hybrid:
		return true
	default:
		return false
	}
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
