package metric

import (
	"slices"
	"strings"
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
	Ordered  = "ordered"  // sessions through the funnel in order, by day of entry; see orderedIndex
	Survival = "survival" // sessions that reached a question, by day of start; see below
	Asked    = "asked"    // answers by question id, by day of start; see below
	API      = "api"      // requests, by quarter; index 0: 5xx, above: latency bins
	Probes   = "probes"   // health probes, by day; index 0: answered, 1: failed
)

// PerSession lists the metrics that follow from the facts of sessions.
func PerSession() []string {
	return []string{Funnel, Sessions, Models, Features, Loops, Ordered, Survival, Asked}
}

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

	DimLanguage = "language"
	DimPrompt   = "promptVersion"
	DimQuestion = "question"
	DimTrial    = "trial" // variants of A/B tests; of Funnel, Ordered, Sessions and Asked only
)

// inside joins the value of a dimension with what is counted inside it, such
// as a feature: "news" and "gallery" for the gallery among visits from news.
const inside = "\x1f"

// between joins the tags of several trials.
const between = "\x1e"

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

// The indexes of metric Survival: a question number counts the sessions that
// reached it, and above each base those that also finished, and that answered.
const (
	reachedBase  = 0
	finishedBase = 256
	answeredBase = 512
)

// The indexes of metric Asked.
const (
	sumAnswered  = 0
	sumClarified = 1 // its clarification was answered as well
	sumVotes     = 1 // above it the ratings 1 to 3
	sumNumbers   = 5 // sum of the question numbers, for the mean place
	dwellBase    = 16
)

// The two ways through the funnel in order: from the landing page, and from
// the form, for front ends that know no landing page.
const (
	fromLanding    = 0
	fromFoundation = 1
	ways           = 2
)

// orderedIndex is the place of a stage in metric Ordered, orderedBase that of
// the bins of its times.
func orderedIndex(way, stage int) int { return 16*way + stage }

func orderedBase(way, stage int) int { return durationBins * (1 + orderedIndex(way, stage)) }

func firstStage(way int) int {
	if way == fromLanding {
		return 0
	}
	return stageFoundation
}

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
	var l Ledger
	l.Change(&before, &after, zone)
	return l.Take()
}

// change adds up what a session changed.
func (l *Ledger) change(old, s *state, zone *time.Location) {
	l.from, l.to = old.place(zone), s.place(zone)
	if l.from != l.to { // everything moves
		old.all(l.less)
		s.all(l.more)
		return
	}
	less, more := l.lessHere, l.more
	for i, same := range [...]bool{
		old.stages == s.stages,
		slices.Equal(old.steps, s.steps),
		old.sums() == s.sums(),
		old.start == s.start && slices.Equal(old.offers(), s.offers()) && slices.Equal(old.choice.get().selected, s.choice.get().selected),
		old.start == s.start && slices.Equal(old.loops, s.loops),
		old.start == s.start && old.asked == s.asked && (old.stages[stageComplete] == 0) == (s.stages[stageComplete] == 0) && slices.Equal(old.turns, s.turns),
		old.start == s.start && slices.Equal(old.turns, s.turns) && slices.Equal(old.votes, s.votes),
	} {
		if !same {
			old.piece(i, less)
			s.piece(i, more)
		}
	}
}

// place is where a session counts.
type place struct {
	bot          bool
	entry        int64 // local day
	day, quarter int64 // of the start, 0 before
	values       [len(sliced)]string
	trials       string // tags, joined
}

// sliced are the dimensions by which every figure can be cut, besides All.
var sliced = [...]string{DimModel, DimWebsite, DimSource, DimDevice, DimPackage, DimLanguage, DimPrompt}

func (s *state) place(zone *time.Location) place {
	landing := s.landing.get()
	p := place{
		bot: s.automated(), entry: DayBucket(moment(s.entry), zone),
		values: [...]string{
			s.model.get().name, s.website.get(), landing.source, landing.device, s.plan.get(), s.language.get(), s.prompt.get(),
		},
	}
	p.trials = strings.Join(s.trials, between)
	if s.start != 0 {
		p.day, p.quarter = DayBucket(moment(s.start), zone), QuarterBucket(moment(s.start))
	}
	return p
}

// part is one count of a session, before it is spread over the dimensions.
type part struct {
	metric   string
	sub      string // what is counted inside a dimension, with its own dimension
	subDim   string
	index    int
	n        int64
	atEntry  bool // counts on the day of entry instead of that of the start
	quarters bool // counts by quarter too
	always   bool // counts for bots as well, apart
}

// pieces is how many kinds of counts there are.
const pieces = 7

// all names every count of the session.
func (s *state) all(add func(part)) {
	for i := range pieces {
		s.piece(i, add)
	}
}

// piece names the counts of one kind.
func (s *state) piece(i int, add func(part)) {
	switch i {
	case 0:
		s.funnelParts(add)
	case 1:
		s.orderedParts(add)
	case 2:
		s.sessionParts(add)
	case 3:
		s.featureParts(add)
	case 4:
		s.loopParts(add)
	case 5:
		s.survivalParts(add)
	case 6:
		s.askedParts(add)
	}
}

func (s *state) funnelParts(add func(part)) {
	for i, at := range s.stages {
		if at != 0 {
			add(part{metric: Funnel, index: i, n: 1, atEntry: true, always: true})
		}
	}
}

func (s *state) orderedParts(add func(part)) {
	for way := range ways {
		first := firstStage(way)
		c := order(s.steps, first, stageCount-1)
		for stage := first; stage < first+c.reached; stage++ {
			add(part{metric: Ordered, index: orderedIndex(way, stage), n: 1, atEntry: true})
			if stage > first {
				bin := durationBin(float64(c.offset[stage]) / 1000)
				add(part{metric: Ordered, index: orderedBase(way, stage) + bin, n: 1, atEntry: true})
			}
		}
	}
}

func (s *state) sessionParts(add func(part)) {
	if s.start == 0 {
		return
	}
	for i, n := range s.sums() {
		if n != 0 {
			add(part{metric: Sessions, index: i, n: n, quarters: true, always: true})
		}
	}
	if name := s.model.get().name; name != "" {
		add(part{metric: Models, sub: name, subDim: DimModel, n: 1})
	}
}

func (s *state) featureParts(add func(part)) {
	if s.start == 0 {
		return
	}
	selected := s.choice.get().selected
	for _, id := range s.offers() {
		add(part{metric: Features, sub: id, subDim: DimFeature, index: sumOffered, n: 1})
		if _, ok := slices.BinarySearch(selected, id); ok { // what was selected was on offer
			add(part{metric: Features, sub: id, subDim: DimFeature, index: sumSelected, n: 1})
		}
	}
}

func (s *state) loopParts(add func(part)) {
	if s.start == 0 {
		return
	}
	for _, response := range s.loops {
		add(part{metric: Loops, index: loopIndex(response.number, response.correct), n: 1})
	}
}

func (s *state) survivalParts(add func(part)) {
	if s.start == 0 {
		return
	}
	for n := int64(1); n <= s.asked; n++ {
		add(part{metric: Survival, index: reachedBase + int(n), n: 1})
		if s.stages[stageComplete] != 0 {
			add(part{metric: Survival, index: finishedBase + int(n), n: 1})
		}
	}
	for _, t := range s.turns {
		add(part{metric: Survival, index: answeredBase + int(t.number), n: 1})
	}
}

func (s *state) askedParts(add func(part)) {
	if s.start == 0 {
		return
	}
	count := func(question string, index int, n int64) {
		add(part{metric: Asked, sub: question, subDim: DimQuestion, index: index, n: n})
	}
	for _, t := range s.turns {
		if t.question == "" {
			continue
		}
		count(t.question, sumAnswered, 1)
		count(t.question, sumNumbers, t.number)
		if t.dwell > 0 {
			count(t.question, dwellBase+durationBin(float64(t.dwell)), 1)
		}
		if root, yes := strings.CutSuffix(t.question, clarifying); yes {
			count(root, sumClarified, 1)
		}
	}
	for _, v := range s.votes {
		count(v.question, sumVotes+int(v.rating), 1)
	}
}

// clarifying ends the id of a question that follows up on another one.
const clarifying = "_clarify"

func (s *state) sums() (sums [sumCount]int64) {
	if s.start != 0 {
		s.addUp(&sums)
	}
	return sums
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

func loopIndex(number int64, correct bool) int {
	if correct {
		return 2 * int(number)
	}
	return 2*int(number) + 1
}
