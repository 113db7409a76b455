package intake

import (
	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// ActionID names one action of one session; an answer quotes it, so that a
// double submit or a stale page is recognised.
type ActionID string

// Kind is one of the six actions (DOMAIN 2.2).
type Kind string

// The six actions.
const (
	AskQuestion           Kind = "ask_question"
	RecommendFeatures     Kind = "recommend_features"
	ValidateUnderstanding Kind = "validate_understanding"
	ExampleOptions        Kind = "example_options"
	ConflictResolution    Kind = "conflict_resolution"
	Complete              Kind = "complete"
)

// Action is what the client is asked to do now. Exactly the field that belongs
// to Kind is set; Content returns it.
type Action struct {
	ID         ActionID    `json:"actionId"`
	Kind       Kind        `json:"action"`
	Question   *Ask        `json:"ask,omitempty"`
	Features   *Features   `json:"features,omitempty"`
	Validation *Validation `json:"validation,omitempty"`
	Examples   *Examples   `json:"examples,omitempty"`
	Conflict   *Conflict   `json:"conflict,omitempty"`
	Done       *Done       `json:"done,omitempty"`
}

// Content is the wire content of the action (DOMAIN 2.3).
func (a Action) Content() any {
	switch a.Kind {
	case AskQuestion:
		return a.Question
	case RecommendFeatures:
		return a.Features
	case ValidateUnderstanding:
		return a.Validation
	case ExampleOptions:
		return a.Examples
	case ConflictResolution:
		return a.Conflict
	case Complete:
		return a.Done
	}
	return nil
}

// QuestionType is how a question is answered.
type QuestionType = bank.QuestionType

// The question types (DOMAIN 2.3).
const (
	Select      = bank.Select
	MultiSelect = bank.MultiSelect
	TextLine    = bank.TextLine
	TextArea    = bank.TextArea
)

// Option is one choice. A multiSelect that bundles several items gives each
// option the Group it belongs to; a Single group takes one option at most.
type Option struct {
	Value       string `json:"value"`
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
	Group       string `json:"group,omitempty"` // key of a Group
}

// Group is one item of a bundled multiSelect question.
type Group struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Single bool   `json:"single,omitempty"`
}

// Limits are the demands on an answer.
type Limits struct {
	Required  bool `json:"required"`
	MinLength int  `json:"minLength,omitempty"` // advice, not a wall
	MaxLength int  `json:"maxLength"`           // characters; longer is refused
}

// Question is the wire form of one question (DOMAIN 2.3).
type Question struct {
	ID           string       `json:"id"`
	Category     string       `json:"category"` // short name: business, brand, content, technical, media, design, support, parameters
	Text         string       `json:"text"`
	Type         QuestionType `json:"type"`
	Options      []Option     `json:"options,omitempty"`
	Groups       []Group      `json:"groups,omitempty"`
	Other        bool         `json:"other,omitempty"` // "Something else" with free text is offered
	OtherLabel   string       `json:"otherLabel,omitempty"`
	Validation   Limits       `json:"validation"`
	HelpText     string       `json:"helpText,omitempty"`
	Examples     []string     `json:"examples,omitempty"`
	ScopeSection int          `json:"scopeSection"`
	Priority     string       `json:"priority"`
	Number       int          `json:"number"` // question number
}

// Ask is the content of ask_question. Clarifies is set on a clarifying
// question and says what is missing.
type Ask struct {
	Question  Question   `json:"question"`
	Slots     []slot.Key `json:"slots"`
	Why       string     `json:"why,omitempty"`    // why this matters
	WhyNow    string     `json:"whyNow,omitempty"` // why it is asked before others
	Clarifies string     `json:"clarifies,omitempty"`
	Brief     bool       `json:"brief,omitempty"` // a whole brief may be pasted
}

// Features is the content of recommend_features (DOMAIN 2.3, 1.7).
type Features struct {
	ContextSummary   string            `json:"contextSummary"`
	Package          catalog.PackageID `json:"package"`
	PackageRationale string            `json:"packageRationale"`
	Minimum          catalog.PackageID `json:"minimumPackage"`
	Packages         []PackageCard     `json:"packages"`
	Included         []InclusionCard   `json:"included"`
	Recommended      []FeatureCard     `json:"recommended"`
	Additional       []FeatureCard     `json:"additional"`
	BudgetNote       string            `json:"budgetNote,omitempty"`
	Selected         []string          `json:"selected"` // chosen before, when the screen is reopened
	Edit             bool              `json:"edit,omitempty"`
	Number           int               `json:"number"`
}

// PackageCard is one package on the feature screen. Prices are dollars.
type PackageCard struct {
	ID             catalog.PackageID `json:"id"`
	Name           string            `json:"name"`
	Price          float64           `json:"price"`
	HostingMonthly float64           `json:"hostingMonthly"`
	Popular        bool              `json:"popular,omitempty"`
	IdealFor       string            `json:"idealFor"`
	Included       []InclusionCard   `json:"included"`
}

// InclusionCard is something that a package always contains.
type InclusionCard struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// FeatureCard is one optional feature. Price is in dollars.
type FeatureCard struct {
	ID             catalog.FeatureID  `json:"id"`
	Name           string             `json:"name"`
	Description    string             `json:"description"`
	Price          float64            `json:"price"`
	Reasoning      string             `json:"reasoning"`
	Priority       recommend.Priority `json:"priority,omitempty"`
	ROI            *ROICard           `json:"roi,omitempty"`
	DependencyNote string             `json:"dependencyNote,omitempty"`
}

// ROICard is a computed return, only ever from the client's own figures.
type ROICard struct {
	AnnualValue float64 `json:"annualValue"` // dollars a year, 0 when only hours are known
	Basis       string  `json:"basis"`
	Payback     string  `json:"payback,omitempty"`
}

// Choice is one labelled answer of a loop, example or conflict. Effect says
// what a resolution does to price and date.
type Choice struct {
	Value       string `json:"value"`
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
	Effect      string `json:"effect,omitempty"`
}

// Validation is the content of validate_understanding.
type Validation struct {
	Loop         int        `json:"loopNumber"`
	Category     string     `json:"category"`
	Summary      string     `json:"summary"`
	Points       []string   `json:"specificPoints"` // 3-5
	PointSlots   []slot.Key `json:"pointSlots"`     // the slot of each point, empty for one that sums up
	Implications []string   `json:"implications"`
	Question     string     `json:"question"`
	Options      []Choice   `json:"options"` // correct, clarify
}

// Examples is the content of example_options.
type Examples struct {
	QuestionID   string     `json:"questionId"`
	Context      string     `json:"context"`
	Options      []Choice   `json:"options"` // 2-3
	AllowCustom  bool       `json:"allowCustom"`
	CustomPrompt string     `json:"customPrompt"`
	Slots        []slot.Key `json:"slots"`
	Number       int        `json:"number"`
}

// ConflictType names a kind of contradiction (DOMAIN 1.5).
type ConflictType string

// The conflict types.
const (
	BudgetVsFeatures ConflictType = "budget_vs_features"
	TimelineVsScope  ConflictType = "timeline_vs_scope"
	ContentVsLaunch  ConflictType = "content_vs_launch"
	OtherConflict    ConflictType = "other"
)

// Conflict is the content of conflict_resolution.
type Conflict struct {
	Type        ConflictType `json:"conflictType"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Original    string       `json:"originalStatement"`
	Conflicting string       `json:"conflictingStatement"`
	OriginalAt  int          `json:"originalQuestion,omitempty"` // question number of each statement; 0 when computed
	ConflictAt  int          `json:"conflictingQuestion,omitempty"`
	Question    string       `json:"clarificationQuestion"`
	HelpText    string       `json:"helpText,omitempty"`
	Options     []Choice     `json:"options"`
	Key         string       `json:"key"`
	Number      int          `json:"number"`
}

// Done is the content of complete. Money is in dollars.
type Done struct {
	Ready            bool                `json:"readyForGeneration"`
	Missing          []string            `json:"missingRequirements"`
	Check            map[string]bool     `json:"completenessCheck"` // the eight keys of DOMAIN 2.3
	Summary          string              `json:"summary"`
	Package          catalog.PackageID   `json:"packageSelected"`
	SelectedFeatures []catalog.FeatureID `json:"selectedFeatures"`
	TotalEstimate    float64             `json:"totalEstimate"`
	MonthlyHosting   float64             `json:"monthlyHosting"`
	Timeline         string              `json:"timeline"`
}

// Answer is one client answer. Which fields matter depends on the action's
// kind (ARCHITECTURE 6); the others must be empty.
type Answer struct {
	ActionID ActionID            `json:"actionId"`
	Text     string              `json:"text,omitempty"`
	Values   []string            `json:"values,omitempty"`
	Value    string              `json:"value,omitempty"`    // example_options: option id
	Choice   string              `json:"choice,omitempty"`   // conflict_resolution: choice id
	Response string              `json:"response,omitempty"` // validate_understanding: correct or clarify
	Package  catalog.PackageID   `json:"package,omitempty"`
	Features []catalog.FeatureID `json:"features,omitempty"`
	Unsure   bool                `json:"unsure,omitempty"` // "Not sure": closes the question as an open point
	Skip     bool                `json:"skip,omitempty"`   // "Skip": the same, by choice; a contradiction is left to the team
}

// Edit changes what is known about one slot. Text or Values answer the
// question that Engine.EditForm gives for it; Unsure makes it an open point.
type Edit struct {
	Slot   slot.Key `json:"slot"`
	Text   string   `json:"text,omitempty"`
	Values []string `json:"values,omitempty"`
	Unsure bool     `json:"unsure,omitempty"`
}

// EditForm is the question that changes one slot, with what is known now.
type EditForm struct {
	Question Question `json:"question"`
	Now      Answer   `json:"now"` // text or values to fill the form with
}

// Invalid is a refused answer: what is wrong and what to do, in the client's
// words. Nothing was changed.
type Invalid struct {
	Field  string // text, values, value, choice, response, package, features
	Reason string // a plain sentence
}

// Error implements error.
func (e *Invalid) Error() string { return e.Field + ": " + e.Reason }

// Progress is what the client sees of the way (DOMAIN 1.12, 2.7).
type Progress struct {
	Percent        int               `json:"percent"` // 0-100, never falls
	SectionsDone   int               `json:"sectionsComplete"`
	SectionsTotal  int               `json:"sectionsTotal"` // 14
	Sections       []SectionProgress `json:"sections"`
	Categories     map[string]int    `json:"categories"` // percent per category
	QuestionCount  int               `json:"questionCount"`
	QuestionTarget int               `json:"questionTarget"` // 22
	QuestionLimit  int               `json:"questionLimit"`  // 30
	MinutesLeft    int               `json:"minutesLeft"`
	Status         string            `json:"status"` // normal, warning, critical, maximum
	Notice         string            `json:"notice,omitempty"`
}

// SectionProgress is the state of one of the 14 sections.
type SectionProgress struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	Status string `json:"status"` // not_started, in_progress, complete
}
