// Package classify tells from a client's own words which business model they
// run: service, product, content, membership or a mix (DOMAIN 3). It counts
// indicators found at word beginnings, leaves out what is negated or only looks
// like an indicator, and never guesses below the floor of five points.
//
// It asks nothing and keeps nothing. Start with Classify; the words themselves
// are in table.go, the misleading ones in except.go.
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
}

type found struct {
	model Model
	label string
}

// score counts each indicator once, however often it occurs.
func score(t words, v slot.Values) (map[Model]tally, []found) {
	scores := map[Model]tally{}
	var hits []found
	add := func(m Model, label string, pts int, strong bool) {
		s := scores[m]
		scores[m] = tally{points: s.points + pts, strong: s.strong || strong}
		hits = append(hits, found{m, label})
	}
	for _, table := range [][]indicator{indicators, trades} {
		for _, in := range table {
			if label := t.find(in.pattern, in.model); label != "" {
				add(in.model, label, in.points, in.points == strongPoints)
			}
		}
	}
	for _, m := range metrics {
		if v.Has(m.key) {
			add(m.model, string(m.key), metricPoints, false)
		}
	}
	return scores, hits
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
	t := read(text)
	for _, p := range reserved {
		if t.find(p, reservations) != "" {
			return Reservation
		}
	}
	return Appointment
}
