package metric

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/event"
)

// Bounds of what a property can sensibly say. Events may come from anybody;
// one senseless figure must not ruin an average, nor one session fill a table.
const (
	maxLabel     = 64          // bytes of a model, source, package or feature id
	maxFeatures  = 64          // features of one session
	maxQuestions = 200         // the limit of our own interview is 30
	maxLoop      = 20          // our own loops are 1 to 4
	maxSeconds   = 30 * 86_400 // duration of a session
	maxDollars   = 10_000_000  // total of a project
	maxTurns     = 64          // answers, votes and steps of one session
	maxTrials    = 8           // A/B tests of one session
)

// properties holds every property that counts, of whatever event.
type properties struct {
	Source               string   `json:"source"`
	Device               string   `json:"device"`
	Bot                  string   `json:"bot"`
	WebsiteType          string   `json:"websiteType"`
	Model                string   `json:"model"`
	Confidence           float64  `json:"confidence"`
	QuestionNumber       float64  `json:"questionNumber"`
	ClassificationTiming string   `json:"classificationTiming"`
	Features             []string `json:"features"`
	Package              string   `json:"package"`
	Selected             []string `json:"selected"`
	Rejected             []string `json:"rejected"`
	TotalPrice           float64  `json:"totalPrice"`
	LoopNumber           float64  `json:"loopNumber"`
	Response             string   `json:"response"`
	QuestionCount        float64  `json:"questionCount"`
	Duration             float64  `json:"duration"`
	Language             string   `json:"language"`
	PromptVersion        string   `json:"promptVersion"`
	QuestionID           string   `json:"questionId"`
	TimeToRespond        float64  `json:"timeToRespond"`
	Rating               string   `json:"rating"`
	Trials               []string `json:"trials"`
	Maker                string   `json:"maker"`
}

// Note is an event whose properties have been read, which is most of the work
// of applying it and needs no facts to be done.
type Note struct {
	event.Event

	p *properties // nil when the properties of such an event do not count
}

// Read reads the properties of an event. What does not fit is left out, the rest
// is kept.
func Read(e event.Event) Note {
	n := Note{Event: e}
	if taker(e.Name) != nil {
		n.p = new(properties)
		for name, raw := range e.Members() {
			n.p.set(name, raw)
		}
	}
	return n
}

// set takes one property. It does what encoding/json would do, in a third of
// the time: names match in any case, what does not fit is left out.
func (p *properties) set(name string, raw []byte) {
	switch field := p.field(name).(type) {
	case *string:
		if text, ok := event.Text(raw); ok {
			*field = text
		}
	case *float64:
		if c := raw[0]; c == '-' || c >= '0' && c <= '9' {
			if x, err := strconv.ParseFloat(string(raw), 64); err == nil {
				*field = x
			}
		}
	case *[]string:
		if raw[0] == '[' || raw[0] == 'n' {
			*field = slices.Collect(event.TextsOf(raw))
		}
	}
}

// field finds the field of a name, nil for none.
func (p *properties) field(name string) any {
	if f := p.exactly(name); f != nil {
		return f
	}
	for _, known := range propertyNames() {
		if strings.EqualFold(known, name) {
			return p.exactly(known)
		}
	}
	return nil
}

func propertyNames() [24]string {
	return [...]string{
		"source", "device", "bot", "websiteType", "model", "confidence", "questionNumber", "classificationTiming", "features",
		"package", "selected", "rejected", "totalPrice", "loopNumber", "response", "questionCount", "duration", "language",
		"promptVersion", "questionId", "timeToRespond", "rating", "trials", "maker",
	}
}

func (p *properties) exactly(name string) any {
	switch name {
	case "source":
		return &p.Source
	case "device":
		return &p.Device
	case "bot":
		return &p.Bot
	case "websiteType":
		return &p.WebsiteType
	case "model":
		return &p.Model
	case "confidence":
		return &p.Confidence
	case "questionNumber":
		return &p.QuestionNumber
	case "classificationTiming":
		return &p.ClassificationTiming
	case "features":
		return &p.Features
	case "package":
		return &p.Package
	case "selected":
		return &p.Selected
	case "rejected":
		return &p.Rejected
	}
	return p.later(name)
}

// later are the properties of the later part of an interview.
func (p *properties) later(name string) any {
	switch name {
	case "totalPrice":
		return &p.TotalPrice
	case "loopNumber":
		return &p.LoopNumber
	case "response":
		return &p.Response
	case "questionCount":
		return &p.QuestionCount
	case "duration":
		return &p.Duration
	case "language":
		return &p.Language
	case "promptVersion":
		return &p.PromptVersion
	case "questionId":
		return &p.QuestionID
	case "timeToRespond":
		return &p.TimeToRespond
	case "rating":
		return &p.Rating
	case "trials":
		return &p.Trials
	case "maker":
		return &p.Maker
	}
	return nil
}

// taker is what takes the properties of events of a name, nil for none.
func taker(n event.Name) func(*state, *properties, stamp) {
	switch n {
	case event.NameLandingView:
		return (*state).landed
	case event.NameSessionStart:
		return (*state).began
	case event.NameBusinessModelClassified:
		return (*state).classified
	case event.NameFeaturesRecommended:
		return (*state).recommended
	case event.NameFeaturesSelected:
		return (*state).chose
	case event.NameValidationLoop:
		return (*state).validated
	case event.NameQuestionEfficiency:
		return (*state).asks
	case event.NameSessionComplete:
		return (*state).finished
	case event.NameMessageSent:
		return (*state).answered
	case event.NameFeedback:
		return (*state).voted
	case event.NameVisitJudged:
		return (*state).judge
	default:
		return nil
	}
}

// read takes what counts of one event.
func (s *state) read(n Note, at stamp) {
	switch n.Name {
	case event.NameConflictResolution:
		s.conflicts++
	case event.NameDocumentGenerated:
		s.documents++
	case event.NameInjectionSuspected:
		s.injections++
	case event.NameClassificationUncertain:
		s.uncertain = true
	default:
	}
	if n.p != nil {
		taker(n.Name)(s, n.p, at)
	}
}

// Labels lists the values by which an event would have its session counted:
// each makes rows of its own in the rollups. Most events have none. It runs for
// every event from outside, so it walks over the properties instead of decoding
// them; like read, it takes a name in any case.
func Labels(e event.Event) []Label {
	dimensions := labelsOf(e.Name)
	if dimensions == nil {
		return nil
	}
	var out []Label
	for name, text := range e.Texts() {
		for _, d := range dimensions {
			if !strings.EqualFold(name, d.property) {
				continue
			}
			if v := label(text); v != "" {
				out = append(out, Label{d.dimension, v})
			}
		}
	}
	return out
}

type labelled struct{ property, dimension string }

func labelsOf(n event.Name) []labelled {
	switch n {
	case event.NameLandingView:
		return []labelled{{"source", DimSource}, {"device", DimDevice}, {"language", DimLanguage}, {"trials", DimTrial}}
	case event.NameSessionStart:
		return []labelled{{"websiteType", DimWebsite}, {"language", DimLanguage}, {"promptVersion", DimPrompt}}
	case event.NameMessageSent, event.NameFeedback:
		return []labelled{{"questionId", DimQuestion}}
	case event.NameBusinessModelClassified:
		return []labelled{{"model", DimModel}}
	case event.NameFeaturesRecommended:
		return []labelled{{"package", DimPackage}, {"features", DimFeature}}
	case event.NameFeaturesSelected:
		return []labelled{{"package", DimPackage}, {"selected", DimFeature}, {"rejected", DimFeature}}
	default:
		return nil
	}
}

// landed keeps the first landing: it brought the visitor here.
func (s *state) landed(p *properties, at stamp) {
	s.landing = first(s.landing, at, visit{label(p.Source), label(p.Device)})
	s.bot = s.bot || p.Bot != ""
	s.spoke(p, at)
	s.trials = union(s.trials, features(p.Trials))
	s.trials = s.trials[:min(len(s.trials), maxTrials)] // the smallest, in whatever order they come
}

// judge keeps the last word of a person about who made the visit.
func (s *state) judge(p *properties, at stamp) {
	if p.Maker == event.MakerPerson || p.Maker == event.MakerProgram {
		s.judged = last(s.judged, at, p.Maker == event.MakerProgram)
	}
}

// spoke keeps the language of the visitor's browser or front end.
func (s *state) spoke(p *properties, at stamp) {
	if tongue := label(p.Language); tongue != "" {
		s.language = last(s.language, at, tongue)
	}
}

func (s *state) began(p *properties, at stamp) {
	s.spoke(p, at)
	if version := label(p.PromptVersion); version != "" {
		s.prompt = last(s.prompt, at, version)
	}
	if kind := label(p.WebsiteType); kind != "" {
		s.website = last(s.website, at, kind)
	}
}

// classified keeps the last model, and whether any classification was on
// time: correcting a model later does not make it late.
func (s *state) classified(p *properties, at stamp) {
	if name := label(p.Model); name != "" {
		s.model = last(s.model, at, model{name, within(p.Confidence, 100)})
	}
	q := within(p.QuestionNumber, maxQuestions)
	if q > 0 {
		s.question = earliest(s.question, q)
	}
	s.onTime = s.onTime || q > 0 && q <= event.ClassificationDeadline || q == 0 && p.ClassificationTiming == "on_time"
}

func (s *state) recommended(p *properties, at stamp) {
	s.offer(p.Features)
	if name := label(p.Package); name != "" {
		s.plan = last(s.plan, at, name)
	}
}

func (s *state) chose(p *properties, at stamp) {
	s.offer(p.Selected)
	s.offer(p.Rejected)
	cents := int64(math.Round(p.TotalPrice * 100))
	if p.TotalPrice < 0 || p.TotalPrice > maxDollars {
		cents = 0
	}
	s.choice = last(s.choice, at, choice{features(p.Selected), cents})
	if name := label(p.Package); name != "" {
		s.plan = last(s.plan, at, name)
	}
}

// offer adds features to those on offer. Beyond the bound the smallest ids
// stay, since those are the same in whatever order the events come.
func (s *state) offer(ids []string) {
	s.offered = union(s.offered, features(ids))
	s.offered = s.offered[:min(len(s.offered), maxFeatures)]
}

// validated keeps the first response to each loop ("correct first time").
func (s *state) validated(p *properties, at stamp) {
	number := within(p.LoopNumber, maxLoop)
	if number == 0 || p.Response != "correct" && p.Response != "clarify" {
		return
	}
	l := loop{number, at, p.Response == "correct"}
	i, found := slices.BinarySearchFunc(s.loops, number, func(l loop, n int64) int { return int(l.number - n) })
	switch {
	case !found:
		s.loops = slices.Insert(slices.Clip(s.loops), i, l)
	case at.before(s.loops[i].first):
		s.loops = slices.Clone(s.loops)
		s.loops[i] = l
	}
}

func (s *state) asks(p *properties, _ stamp) {
	s.asked = max(s.asked, within(p.QuestionCount, maxQuestions))
}

func (s *state) finished(p *properties, at stamp) {
	s.finish = last(s.finish, at, finish{
		questions:  within(p.QuestionCount, maxQuestions),
		seconds:    within(p.Duration, maxSeconds),
		confidence: within(p.Confidence, 100),
	})
}

// within rounds a figure from 0 to limit; any other is taken for missing, 0.
func within(x, limit float64) int64 {
	if x < 0 || x > limit {
		return 0
	}
	return int64(math.Round(x))
}

// features makes a sorted set of ids, in a slice of its own.
func features(list []string) []string {
	var ids []string
	for _, id := range list {
		if id = label(id); id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), maxFeatures)]
}

// label trims a text and cuts it to a length fit for a key.
func label(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxLabel {
		s = strings.ToValidUTF8(s[:maxLabel], "")
	}
	return s
}
