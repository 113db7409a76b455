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

// Properties is what the properties of an event say, as far as any of it counts.
// It holds those of every event.
type Properties struct {
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

	p *Properties // nil when the properties of such an event do not count
}

// Read reads the properties of an event. What does not fit is left out, the rest
// is kept.
func Read(e event.Event) Note {
	n := Note{Event: e}
	if taker(e.Name) != nil {
		n.p = new(Properties)
		for name, raw := range e.Fields() {
			n.p.set(nil, name, raw)
		}
	}
	return n
}

// Properties is what counts of the event's properties; nil for nothing.
func (n Note) Properties() *Properties { return n.p }

// ReadBefore joins an event with what its properties say; nil for nothing that
// counts.
func ReadBefore(e event.Event, p *Properties) Note { return Note{e, p} }

// maxTexts is how many different texts a Reader remembers, each of maxLabel
// bytes at most.
const maxTexts = 1000

// Reader reads the properties of many events with little memory. What it returns
// is valid until Reset. The zero value is ready. A Reader does not lock.
type Reader struct {
	texts map[string]string // that came before: most values are among few
	list  []*Properties
	used  int
}

// Reset lets the memory of everything that was read be used again.
func (r *Reader) Reset() { r.used = 0 }

// Read reads the properties of an event that event.Decode returned; nil when those
// of such an event do not count.
func (r *Reader) Read(e *event.Incoming) *Properties {
	if taker(e.Name) == nil {
		return nil
	}
	if r.used == len(r.list) {
		r.list = append(r.list, new(Properties))
	}
	p := r.list[r.used]
	r.used++
	*p = Properties{Features: p.Features[:0], Selected: p.Selected[:0], Rejected: p.Rejected[:0], Trials: p.Trials[:0]}
	for name, raw := range e.Fields() {
		p.set(r, name, raw)
	}
	return p
}

// text decodes a text.
func (r *Reader) text(raw []byte) (text string, ok bool) {
	if r == nil || raw[0] != '"' {
		return event.Text(raw)
	}
	if text, ok = r.texts[string(raw)]; ok {
		return text, true
	}
	if text, ok = event.Text(raw); ok && len(raw) <= maxLabel && len(r.texts) < maxTexts {
		if r.texts == nil {
			r.texts = make(map[string]string)
		}
		r.texts[string(raw)] = text
	}
	return text, ok
}

// collect appends the texts of a list.
func (r *Reader) collect(out []string, raw []byte) []string {
	for item := range event.ItemsOf(raw) {
		if text, ok := r.text(item); ok {
			out = append(out, text)
		}
	}
	return out
}

// set takes one property. It does what encoding/json would do, in a third of
// the time: names match in any case, what does not fit is left out.
func (p *Properties) set(r *Reader, name, raw []byte) {
	switch field := p.field(name).(type) {
	case *string:
		if text, ok := r.text(raw); ok {
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
			*field = r.collect((*field)[:0], raw)
		}
	}
}

// field finds the field of a name, nil for none.
func (p *Properties) field(name []byte) any {
	if f := p.exactly(string(name)); f != nil {
		return f
	}
	for _, known := range propertyNames() {
		if strings.EqualFold(known, string(name)) {
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

func (p *Properties) exactly(name string) any {
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
func (p *Properties) later(name string) any {
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
func taker(n event.Name) func(*state, *Properties, stamp) {
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

// Labels appends the values by which an event would have its session counted:
// each makes rows of its own in the rollups. Most events have none.
func Labels(out []Label, name event.Name, p *Properties) []Label {
	if p == nil {
		return out
	}
	one := func(dimension, text string) {
		if v := label(text); v != "" {
			out = append(out, Label{dimension, v})
		}
	}
	each := func(dimension string, texts []string) {
		for _, text := range texts {
			one(dimension, text)
		}
	}
	switch name {
	case event.NameLandingView:
		one(DimSource, p.Source)
		one(DimDevice, p.Device)
		one(DimLanguage, p.Language)
		each(DimTrial, p.Trials)
	case event.NameSessionStart:
		one(DimWebsite, p.WebsiteType)
		one(DimLanguage, p.Language)
		one(DimPrompt, p.PromptVersion)
	case event.NameMessageSent, event.NameFeedback:
		one(DimQuestion, p.QuestionID)
	case event.NameBusinessModelClassified:
		one(DimModel, p.Model)
	case event.NameFeaturesRecommended:
		one(DimPackage, p.Package)
		each(DimFeature, p.Features)
	case event.NameFeaturesSelected:
		one(DimPackage, p.Package)
		each(DimFeature, p.Selected)
		each(DimFeature, p.Rejected)
	default:
	}
	return out
}

// landed keeps the first landing: it brought the visitor here.
func (s *state) landed(p *Properties, at stamp) {
	s.landing = first(s.landing, at, visit{label(p.Source), label(p.Device)})
	s.bot = s.bot || p.Bot != ""
	s.spoke(p, at)
	s.trials = union(s.trials, features(p.Trials))
	s.trials = s.trials[:min(len(s.trials), maxTrials)] // the smallest, in whatever order they come
}

// judge keeps the last word of a person about who made the visit.
func (s *state) judge(p *Properties, at stamp) {
	if p.Maker == event.MakerPerson || p.Maker == event.MakerProgram {
		s.judged = last(s.judged, at, p.Maker == event.MakerProgram)
	}
}

// spoke keeps the language of the visitor's browser or front end.
func (s *state) spoke(p *Properties, at stamp) {
	if tongue := label(p.Language); tongue != "" {
		s.language = last(s.language, at, tongue)
	}
}

func (s *state) began(p *Properties, at stamp) {
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
func (s *state) classified(p *Properties, at stamp) {
	if name := label(p.Model); name != "" {
		s.model = last(s.model, at, model{name, within(p.Confidence, 100)})
	}
	q := within(p.QuestionNumber, maxQuestions)
	if q > 0 {
		s.question = earliest(s.question, q)
	}
	s.onTime = s.onTime || q > 0 && q <= event.ClassificationDeadline || q == 0 && p.ClassificationTiming == "on_time"
}

func (s *state) recommended(p *Properties, at stamp) {
	s.offer(p.Features)
	if name := label(p.Package); name != "" {
		s.plan = last(s.plan, at, name)
	}
}

func (s *state) chose(p *Properties, at stamp) {
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
func (s *state) validated(p *Properties, at stamp) {
	number := within(p.LoopNumber, maxLoop)
	if number == 0 || p.Response != "correct" && p.Response != "clarify" {
		return
	}
	l := loop{number, at, p.Response == "correct"}
	i, found := slices.BinarySearchFunc(s.loops, number, func(l loop, n int64) int { return int(l.number - n) })
	switch {
	case !found:
		s.loops = inserted(s.loops, i, l)
	case at.before(s.loops[i].first):
		s.loops = slices.Clone(s.loops)
		s.loops[i] = l
	}
}

func (s *state) asks(p *Properties, _ stamp) {
	s.asked = max(s.asked, within(p.QuestionCount, maxQuestions))
}

func (s *state) finished(p *Properties, at stamp) {
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
