package event

import (
	"math"
	"time"
)

// SessionStart is recorded when the foundation form is submitted (S47).
type SessionStart struct {
	WebsiteType   string    `json:"websiteType"`
	Timestamp     time.Time `json:"timestamp"`
	PromptVersion string    `json:"promptVersion,omitempty"` // version of the questions that are asked
}

// EventName implements Payload.
func (SessionStart) EventName() Name { return NameSessionStart }

// BusinessModelClassified is recorded once, when a model is accepted (S48).
type BusinessModelClassified struct {
	Model                string `json:"model"`
	Confidence           int    `json:"confidence"` // 0-100
	QuestionNumber       int    `json:"questionNumber"`
	ClassificationTiming string `json:"classificationTiming"` // on_time or delayed
}

// ClassificationDeadline is the last question by which the business model
// should be known (DOMAIN 3.3).
const ClassificationDeadline = 7

// NewBusinessModelClassified derives the timing: on_time up to question 7.
func NewBusinessModelClassified(model string, confidence, question int) BusinessModelClassified {
	timing := "on_time"
	if question > ClassificationDeadline {
		timing = "delayed"
	}
	return BusinessModelClassified{model, confidence, question, timing}
}

// EventName implements Payload.
func (BusinessModelClassified) EventName() Name { return NameBusinessModelClassified }

// FeaturesRecommended is recorded when the feature screen is first shown (S50).
type FeaturesRecommended struct {
	FeatureCount       int      `json:"featureCount"`
	Features           []string `json:"features"`
	Package            string   `json:"package"`
	TotalPrice         float64  `json:"totalPrice"` // dollars
	PresentationTiming int      `json:"presentationTiming"`
	TimedCorrectly     bool     `json:"timedCorrectly"`
}

// NewFeaturesRecommended derives count and timing: right between 10 and 12.
func NewFeaturesRecommended(features []string, pkg string, totalPrice float64, question int) FeaturesRecommended {
	return FeaturesRecommended{
		FeatureCount: len(features), Features: present(features), Package: pkg, TotalPrice: totalPrice,
		PresentationTiming: question, TimedCorrectly: question >= 10 && question <= 12,
	}
}

// EventName implements Payload.
func (FeaturesRecommended) EventName() Name { return NameFeaturesRecommended }

// FeaturesSelected is recorded when the feature screen is submitted (S51).
type FeaturesSelected struct {
	SelectedCount int      `json:"selectedCount"`
	Selected      []string `json:"selected"`
	Rejected      []string `json:"rejected"` // recommended but not selected
	TotalPrice    float64  `json:"totalPrice"`
	AdoptionRate  float64  `json:"adoptionRate"` // 0..1; 0 when nothing was on offer
}

// NewFeaturesSelected derives count and adoption rate; 0 of 0 is 0.
func NewFeaturesSelected(selected, rejected []string, totalPrice float64) FeaturesSelected {
	f := FeaturesSelected{
		SelectedCount: len(selected), Selected: present(selected), Rejected: present(rejected), TotalPrice: totalPrice,
	}
	if n := len(selected) + len(rejected); n > 0 {
		f.AdoptionRate = float64(len(selected)) / float64(n)
	}
	return f
}

// EventName implements Payload.
func (FeaturesSelected) EventName() Name { return NameFeaturesSelected }

// ValidationLoop is recorded when a check of understanding is answered (S52).
type ValidationLoop struct {
	LoopNumber       int    `json:"loopNumber"`
	Category         string `json:"category"`
	Response         string `json:"response"` // correct or clarify
	HadClarification bool   `json:"hadClarification"`
}

// EventName implements Payload.
func (ValidationLoop) EventName() Name { return NameValidationLoop }

// QuestionEfficiency is recorded on every counted prompt (S53).
type QuestionEfficiency struct {
	QuestionCount int    `json:"questionCount"`
	Status        string `json:"status"`     // normal, warning, critical, maximum
	Efficiency    string `json:"efficiency"` // excellent, good, acceptable, poor
}

// NewQuestionEfficiency derives status (20/25/30) and band (22/25/28).
func NewQuestionEfficiency(questions int) QuestionEfficiency {
	return QuestionEfficiency{questions, EfficiencyStatus(questions), EfficiencyBand(questions)}
}

// EventName implements Payload.
func (QuestionEfficiency) EventName() Name { return NameQuestionEfficiency }

// EfficiencyStatus is normal below 20 questions, then warning, critical from
// 25 and maximum from 30 (DOMAIN 2.7).
func EfficiencyStatus(questions int) string {
	switch {
	case questions < 20:
		return "normal"
	case questions < 25:
		return "warning"
	case questions < 30:
		return "critical"
	}
	return "maximum"
}

// EfficiencyBand is the seed's rating of a question count (S53).
func EfficiencyBand(questions int) string {
	switch {
	case questions <= 22:
		return "excellent"
	case questions <= 25:
		return "good"
	case questions <= 28:
		return "acceptable"
	}
	return "poor"
}

// ConflictResolution is recorded when a contradiction is settled (S54).
type ConflictResolution struct {
	ConflictType string `json:"conflictType"`
	Resolution   string `json:"resolution"`
}

// EventName implements Payload.
func (ConflictResolution) EventName() Name { return NameConflictResolution }

// SessionComplete is recorded once, when the interview is finished (S55).
type SessionComplete struct {
	QuestionCount int     `json:"questionCount"`
	Duration      float64 `json:"duration"`   // seconds
	Confidence    int     `json:"confidence"` // 0-100
	Efficiency    int     `json:"efficiency"` // score, 0-100
}

// NewSessionComplete derives the efficiency score.
func NewSessionComplete(questions int, duration time.Duration, confidence int) SessionComplete {
	s := math.Round(duration.Seconds())
	return SessionComplete{questions, s, confidence, EfficiencyScore(questions, s, confidence)}
}

// EventName implements Payload.
func (SessionComplete) EventName() Name { return NameSessionComplete }

// EfficiencyScore is the rounded mean of the question score, the duration
// score and the confidence (S56): (22, 900 s, 96) is 99.
func EfficiencyScore(questions int, seconds float64, confidence int) int {
	q := band(float64(questions), 22, 25, 28)
	d := band(seconds, 900, 1200, 1500)
	return int(math.Round((q + d + float64(confidence)) / 3))
}

func band(x, best, good, fair float64) float64 {
	switch {
	case x <= best:
		return 100
	case x <= good:
		return 80
	case x <= fair:
		return 60
	}
	return 40
}

// The document types of DocumentGenerated.
const (
	DocumentScope = "scope"
	DocumentPDF   = "client_pdf"
)

// DocumentGenerated is recorded for each document made (S57).
type DocumentGenerated struct {
	DocumentType   string  `json:"documentType"`
	WordCount      int     `json:"wordCount"`
	GenerationTime float64 `json:"generationTime"` // milliseconds
	Quality        string  `json:"quality"`        // comprehensive above 5000 words, else standard
}

// NewDocumentGenerated derives the quality from the word count.
func NewDocumentGenerated(kind string, words int, took time.Duration) DocumentGenerated {
	quality := "standard"
	if words > 5000 {
		quality = "comprehensive"
	}
	return DocumentGenerated{kind, words, float64(took.Microseconds()) / 1000, quality}
}

// EventName implements Payload.
func (DocumentGenerated) EventName() Name { return NameDocumentGenerated }

// Plain is an event without properties, such as cta_click (DOMAIN 9.2).
type Plain struct {
	Name Name `json:"-"`
}

// EventName implements Payload.
func (p Plain) EventName() Name { return p.Name }

// LandingView is recorded when the landing page is opened.
type LandingView struct {
	Referrer string `json:"referrer,omitempty"` // host only
	Source   string `json:"source,omitempty"`   // utm_source
	Device   string `json:"device,omitempty"`   // phone, tablet or desktop
	Language string `json:"language,omitempty"` // that the browser prefers, such as "de"; no region
	Bot      string `json:"bot,omitempty"`      // reason, when the visitor looks automated

	Trials []string `json:"trials,omitempty"` // what the visitor sees of running A/B tests, such as "hero:treatment"
}

// EventName implements Payload.
func (LandingView) EventName() Name { return NameLandingView }

// FoundationField is recorded for each completed foundation field.
type FoundationField struct {
	Field     string  `json:"field"`
	TimeSpent float64 `json:"timeSpent"` // seconds
}

// EventName implements Payload.
func (FoundationField) EventName() Name { return NameFoundationField }

// MessageSent is recorded for each answer.
type MessageSent struct {
	QuestionNumber int     `json:"questionNumber"`
	QuestionID     string  `json:"questionId"`
	MessageLength  int     `json:"messageLength"` // characters
	TimeToRespond  float64 `json:"timeToRespond"` // seconds
}

// EventName implements Payload.
func (MessageSent) EventName() Name { return NameMessageSent }

// The ratings of Feedback (DOMAIN 9.5).
const (
	RatingHelpful    = "helpful"
	RatingNotHelpful = "not_helpful"
	RatingConfusing  = "confusing"
)

// Feedback is recorded when a visitor says whether a prompt was helpful. The
// words that may come with it are kept apart and sealed, never here.
type Feedback struct {
	QuestionID string `json:"questionId"`
	Rating     string `json:"rating"`
}

// EventName implements Payload.
func (Feedback) EventName() Name { return NameFeedback }

// ValidationShown is recorded when a check of understanding is shown.
type ValidationShown struct {
	LoopNumber int    `json:"loopNumber"`
	Category   string `json:"category"`
}

// EventName implements Payload.
func (ValidationShown) EventName() Name { return NameValidationShown }

// SessionAbandoned is recorded when a session ends unfinished.
type SessionAbandoned struct {
	LastQuestion         int     `json:"lastQuestion"`
	CompletionPercentage int     `json:"completionPercentage"`
	TimeSpent            float64 `json:"timeSpent"` // minutes
}

// EventName implements Payload.
func (SessionAbandoned) EventName() Name { return NameSessionAbandoned }

// InjectionSuspected is recorded for each suspicious phrase (DOMAIN 8.2); it
// carries the pattern, never the client's words.
type InjectionSuspected struct {
	PatternID      string `json:"patternId"`
	QuestionNumber int    `json:"questionNumber"`
	Neutralised    bool   `json:"neutralised"` // high certainty: the phrase was removed
}

// EventName implements Payload.
func (InjectionSuspected) EventName() Name { return NameInjectionSuspected }

// ClassificationUncertain is recorded once when no model reached the needed
// confidence by question 7 (DOMAIN 3.3).
type ClassificationUncertain struct {
	Model      string `json:"model"`
	Confidence int    `json:"confidence"`
}

// EventName implements Payload.
func (ClassificationUncertain) EventName() Name { return NameClassificationUncertain }

// AnswerTakenBack is recorded when the client goes back one step.
type AnswerTakenBack struct {
	QuestionNumber int `json:"questionNumber"` // after the step back
}

// EventName implements Payload.
func (AnswerTakenBack) EventName() Name { return NameAnswerTakenBack }

// FactEdited is recorded when the client edits what was understood; it names
// the slot, never its value.
type FactEdited struct {
	Slot           string `json:"slot"`
	QuestionNumber int    `json:"questionNumber"`
}

// EventName implements Payload.
func (FactEdited) EventName() Name { return NameFactEdited }

// present turns nil into an empty list, so that JSON never says null.
func present(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
