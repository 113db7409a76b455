package metric

import (
	"slices"
	"time"

	"applicreations.com/introspect/internal/event"
)

// The metrics of the rollups.
const (
	Funnel   = "funnel"   // sessions that reached a stage, by day of entry; index: stage
	Sessions = "sessions" // figures of started sessions, by day and quarter of start; index: see below
	Models   = "models"   // sessions by business model, by day of start; index 0
	Features = "features" // offers and selections by feature id, by day of start; index 0 and 1
	Loops    = "loops"    // first responses, by day of start; index: 2 x loop, + 1 for clarify
	API      = "api"      // requests, by quarter; index 0: 5xx, above: latency bins
	Probes   = "probes"   // health probes, by day; index 0: answered, 1: failed
)

// The dimensions of the rollups. Funnel has all but DimFeature; for it the
// values of each of DimModel to DimPackage add up to All.
const (
	All        = "all"
	DimBot     = "bot" // sessions that look automated: they count here and nowhere else
	DimModel   = "businessModel"
	DimWebsite = "websiteType"
	DimSource  = "source"
	DimDevice  = "device"
	DimPackage = "package"
	DimFeature = "feature"
)

// The indexes of metric Sessions. They are stored: add at the end only.
const (
	sumStarted       = iota // sessions
	sumCompleted            // of them completed
	sumDoneCounted          // of them completed with a question count
	sumDoneQuestions        // their questions
	sumOpenCounted          // sessions not completed that were asked something
	sumOpenQuestions        // their questions so far
	sumSeconds              // duration of the completed
	sumConfidence           // closing confidence of the completed, percent points
	sumDue                  // sessions whose model is known or should be by now
	sumOnTime               // of them classified on time
	sumConflicts            // resolved contradictions
	sumDocuments            // documents made
	sumInjections           // suspected injections
	sumCents                // project totals of the completed
	sumCount
)

// The indexes of metrics Features and Probes.
const (
	sumOffered, sumSelected = 0, 1
	sumUp, sumDown          = 0, 1
)

// Contribution is what one session adds to the rollups; zone is the agency's
// reporting zone, nil UTC.
//
// The funnel counts a session at the local day of its first event, so that a
// stage never holds more sessions of a day than entered; everything else at
// the local day of its start (the first event of the interview).
func Contribution(f Facts, zone *time.Location) Delta { return Change(Facts{}, f, zone) }

// Change is Contribution(after) minus Contribution(before): what the store
// adds to the rollups after a batch, so that late, repeated and reordered
// events can never miscount. It touches only what the batch changed.
func Change(before, after Facts, zone *time.Location) Delta {
	d := Delta{}
	oldReach, oldFigures, oldLists := before.s.parts(zone)
	reach, figures, lists := after.s.parts(zone)
	if reach != oldReach {
		oldReach.add(d, -1)
		reach.add(d, 1)
	}
	if figures.place == oldFigures.place {
		for i := range oldFigures.sums {
			figures.sums[i] -= oldFigures.sums[i]
			oldFigures.sums[i] = 0
		}
	}
	oldFigures.add(d, -1)
	figures.add(d, 1)
	if !lists.equal(&oldLists) {
		oldLists.add(d, -1)
		lists.add(d, 1)
	}
	return d
}

// reach is the part of metric Funnel.
type reach struct {
	bot    bool
	entry  int64
	values [len(funnelDims)]string
	stages [stageCount]bool
}

// funnelDims are the dimensions of the funnel besides All.
var funnelDims = [...]string{DimModel, DimWebsite, DimSource, DimDevice, DimPackage}

// figures is the part of metric Sessions.
type figures struct {
	place place
	sums  [sumCount]int64
}

type place struct {
	bot          bool
	day, quarter int64
}

// lists is the part of metrics Models, Features and Loops.
type lists struct {
	day              int64
	model            string
	offers, selected []string
	loops            []loop
}

// parts makes a contribution in a form that is cheap to compare, before it is
// spread over keys.
func (s *state) parts(zone *time.Location) (r reach, f figures, l lists) {
	landing := s.landing.get()
	r = reach{
		bot: s.bot, entry: DayBucket(moment(s.entry), zone),
		values: [...]string{s.model.get().name, s.website.get(), landing.source, landing.device, s.plan.get()},
	}
	for i, at := range s.stages {
		r.stages[i] = at != 0
	}
	if s.start == 0 {
		return r, f, l
	}
	start := moment(s.start)
	f.place = place{s.bot, DayBucket(start, zone), QuarterBucket(start)}
	s.addUp(&f.sums)
	if !s.bot {
		l = lists{f.place.day, s.model.get().name, s.offers(), s.choice.get().selected, s.loops}
	}
	return r, f, l
}

func (s *state) addUp(sums *[sumCount]int64) {
	questions := s.questions()
	sums[sumStarted] = 1
	sums[sumConflicts], sums[sumDocuments], sums[sumInjections] = s.conflicts, s.documents, s.injections
	if s.onTime || s.question > 0 || s.uncertain || questions > event.ClassificationDeadline {
		sums[sumDue] = 1
	}
	if s.onTime {
		sums[sumOnTime] = 1
	}
	counted, sum := sumOpenCounted, sumOpenQuestions
	if s.stages[stageComplete] != 0 {
		counted, sum = sumDoneCounted, sumDoneQuestions
		end := s.finish.get()
		sums[sumCompleted], sums[sumSeconds], sums[sumConfidence] = 1, end.seconds, end.confidence
		sums[sumCents] = s.choice.get().cents
	}
	if questions > 0 {
		sums[counted], sums[sum] = 1, questions
	}
}

func (r *reach) add(d Delta, sign int64) {
	keys := []Key{{Day, Funnel, DimBot, "", r.entry}}
	if !r.bot {
		keys[0].Dimension = All
		for i, dimension := range funnelDims {
			keys = append(keys, Key{Day, Funnel, dimension, r.values[i], r.entry})
		}
	}
	for _, k := range keys {
		for i, reached := range r.stages {
			if reached {
				d.Add(k, i, sign)
			}
		}
	}
}

func (f *figures) add(d Delta, sign int64) {
	dimension := All
	if f.place.bot {
		dimension = DimBot
	}
	for i, n := range f.sums {
		d.Add(Key{Day, Sessions, dimension, "", f.place.day}, i, sign*n)
		if !f.place.bot {
			d.Add(Key{Quarter, Sessions, All, "", f.place.quarter}, i, sign*n)
		}
	}
}

func (l *lists) equal(o *lists) bool {
	return l.day == o.day && l.model == o.model && slices.Equal(l.offers, o.offers) &&
		slices.Equal(l.selected, o.selected) && slices.Equal(l.loops, o.loops)
}

func (l *lists) add(d Delta, sign int64) {
	if l.model != "" {
		d.Add(Key{Day, Models, DimModel, l.model, l.day}, 0, sign)
	}
	for _, id := range l.offers {
		d.Add(Key{Day, Features, DimFeature, id, l.day}, sumOffered, sign)
	}
	for _, id := range l.selected {
		d.Add(Key{Day, Features, DimFeature, id, l.day}, sumSelected, sign)
	}
	for _, response := range l.loops {
		d.Add(Key{Day, Loops, All, "", l.day}, loopIndex(response.number, response.correct), sign)
	}
}

func loopIndex(number int64, correct bool) int {
	if correct {
		return 2 * int(number)
	}
	return 2*int(number) + 1
}
