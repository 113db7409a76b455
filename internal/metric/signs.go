package metric

import "time"

// Signs is what one session, or many together, say about how the interviews go,
// for rules that compare one time with another. It is a vector of sums, so signs
// can be added and taken away.
type Signs [signCount]int64

// The signs. Of every step of the funnel there are two: the sessions that got to
// its beginning, and those of them that got to its end.
const (
	SignVisits = iota
	SignCTA    // of SignCTA those from the landing page, of SignCTA+1 those that began
	_
	SignFoundation
	_
	SignConversation
	_
	SignFeatures
	_
	SignComplete
	_
	SignOverall
	_
	SignDue    // sessions whose model is known or should be by now
	SignOnTime // of them classified on time
	SignClassified
	SignUnsure    // of them with a confidence below 80
	SignCounted   // completed sessions with a question count
	SignQuestions // their questions
	SignOffering  // sessions with a recommendation
	SignOffered   // features offered, and the squares and products for an interval
	SignSelected
	SignOffered2
	SignSelected2
	SignOfferedSelected
	SignLoops     // first responses to checks of understanding
	SignClarified // of them those that asked for a clarification
	SignInjections
	signCount
)

// sureConfidence is the confidence from which a classification counts as sure
// (DOMAIN 9.4).
const sureConfidence = 80

// steps lists the steps of the funnel that are watched, by the stages at which
// they begin and end.
var watchedSteps = [...]struct{ sign, from, to int }{
	{SignCTA, 0, 1}, {SignFoundation, 1, 2}, {SignConversation, stageFoundation, 4}, {SignFeatures, 4, 5}, {SignComplete, 5, stageComplete}, {SignOverall, 0, stageComplete},
}

// Signs are those of the session within so long after its entry: only then can
// sessions of today and of last week be compared. Sessions that look automated
// have none.
func (f Facts) Signs(age time.Duration) (out Signs) {
	s := &f.s
	if s.automated() || s.entry == 0 {
		return out
	}
	out[SignVisits] = 1
	reached := func(stage int) bool {
		return s.stages[stage] != 0 && s.stages[stage]-s.entry <= age.Milliseconds()
	}
	for _, step := range watchedSteps {
		if reached(step.from) {
			out[step.sign] = 1
			if reached(step.to) {
				out[step.sign+1] = 1
			}
		}
	}
	s.sign(&out)
	return out
}

// sign notes what a session says that needs no time to be of one age.
func (s *state) sign(out *Signs) {
	sums := s.sums()
	out[SignDue], out[SignOnTime] = sums[sumDue], sums[sumOnTime]
	out[SignCounted], out[SignQuestions] = sums[sumDoneCounted], sums[sumDoneQuestions]
	out[SignInjections] = s.injections
	if m := s.model.get(); m.name != "" {
		out[SignClassified] = 1
		if m.confidence < sureConfidence {
			out[SignUnsure] = 1
		}
	}
	if offered, selected := int64(len(s.offers())), int64(len(s.choice.get().selected)); offered > 0 {
		out[SignOffering], out[SignOffered], out[SignSelected] = 1, offered, selected
		out[SignOffered2], out[SignSelected2], out[SignOfferedSelected] = offered*offered, selected*selected, offered*selected
	}
	for _, l := range s.loops {
		out[SignLoops]++
		if !l.correct {
			out[SignClarified]++
		}
	}
}

// Add adds signs, or takes them away where sign is -1.
func (s *Signs) Add(o *Signs, sign int64) {
	for i, n := range o {
		s[i] += sign * n
	}
}

// Outcomes counts the requests of a quarter of an hour: all, those that were
// answered with 5xx, and those that took longer than some times, within 1 %.
func Outcomes(v Vector, longer ...time.Duration) (all, failed int64, slow []int64) {
	slow = make([]int64, len(longer))
	for i, n := range v {
		if i < firstBin {
			continue
		}
		all += n
		for k, d := range longer {
			if i-firstBin > latencyBin(d) {
				slow[k] += n
			}
		}
	}
	return all, v[sumErrors], slow
}

// Chosen are the offers and the selections of a row of metric Features.
func Chosen(v Vector) (offered, selected int64) { return v[sumOffered], v[sumSelected] }

// Probed are the probes of a row of metric Probes: those that were answered, and
// all.
func Probed(v Vector) (up, all int64) { return v[sumUp], v[sumUp] + v[sumDown] }
