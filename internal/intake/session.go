// Package intake is the rule engine that conducts every interview: it takes an
// answer, extracts facts with evidence, and decides the next of six actions
// (DOMAIN 2.1, 2.2). It is pure: the same session and answers always give the
// same actions and events, so an interview can be replayed byte for byte.
//
// It refuses to do I/O, to read a clock and to trust anybody: a language model
// may advise, but only this package decides. Start with Engine.Start and
// Engine.Answer; Session is the state, Action is what the client sees.
package intake

import (
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// Status is the life of a session (DOMAIN 0.4).
type Status string

// The statuses of a session.
const (
	InProgress Status = "in_progress"
	Completed  Status = "completed"
	Abandoned  Status = "abandoned"
)

// Client is what the foundation form asks (DOMAIN 1.2). It is personal data.
type Client struct {
	Name             string `json:"userName"`
	Email            string `json:"userEmail"`
	Phone            string `json:"userPhone,omitempty"`
	WebsiteType      string `json:"websiteType"` // business, personal, project, nonprofit, other
	OtherDescription string `json:"otherDescription,omitempty"`
	NoAI             bool   `json:"noAi,omitempty"` // no language model may see this conversation
}

// FactStatus says how far a fact can be trusted.
type FactStatus string

// The statuses of a fact.
const (
	Stated    FactStatus = "stated"    // the client's own words or choice
	Inferred  FactStatus = "inferred"  // derived by a rule from words of the client
	Assumed   FactStatus = "assumed"   // a documented default without evidence
	Confirmed FactStatus = "confirmed" // stated and checked in a validation loop
	Unknown   FactStatus = "unknown"   // asked, but the client does not know: an open point
	Declined  FactStatus = "declined"  // asked, and skipped by the client: an open point
	Amended   FactStatus = "amended"   // put right by a person of the agency, on review
)

// Known reports whether a fact of this status holds a value.
func (s FactStatus) Known() bool { return s != Unknown && s != Declined }

// Evidence is where a fact comes from.
type Evidence struct {
	Question int    `json:"question"` // question number of the answer, 1-30
	Quote    string `json:"quote"`    // verbatim words or option labels of the client
}

// Fact is one thing known about the project. Facts are only appended; the
// newest of a slot holds.
type Fact struct {
	Slot       slot.Key   `json:"slot"`
	Value      string     `json:"value"` // canonical text of the slot's type; empty when Unknown or Declined
	Status     FactStatus `json:"status"`
	Confidence int        `json:"confidence"` // 0-100
	Evidence   Evidence   `json:"evidence"`
	Source     string     `json:"source"`               // rule, choice, client, edit, default, advisor, team
	From       slot.Key   `json:"from,omitempty"`       // the slot whose fact this one follows from
	Note       string     `json:"note,omitempty"`       // what was assumed, in plain words
	Supersedes int        `json:"supersedes,omitempty"` // number of the fact it replaces, counted from 1 in Session.Facts
}

// Asked remembers one counted prompt and why it was chosen.
type Asked struct {
	QuestionID string     `json:"questionId"`
	Number     int        `json:"number"`
	Slots      []slot.Key `json:"slots,omitempty"`
	At         time.Time  `json:"at"`
	Text       string     `json:"text,omitempty"`
	Ranking    []Ranked   `json:"ranking,omitempty"` // the three best candidates, the chosen one first
}

// Ranked is one candidate for the next question with the parts of its score
// (references/intake.md 5.5).
type Ranked struct {
	QuestionID string  `json:"questionId"`
	Score      float64 `json:"score"`   // (value + unlock + price) / (8 + seconds) * flow
	Value      float64 `json:"value"`   // weight times uncertainty of what it would settle
	Unlock     float64 `json:"unlock"`  // of what else can be asked or shown afterwards
	Price      float64 `json:"price"`   // of how far the answers move the price
	Seconds    float64 `json:"seconds"` // to read and answer, estimated
	Flow       float64 `json:"flow"`    // over 1 on the same subject, under 1 for a jump
	Rule       string  `json:"rule,omitempty"`
}

// Rival is a value that the client gave for a slot which already held another
// one: a contradiction to be settled.
type Rival struct {
	Slot  slot.Key `json:"slot"`
	Fact  Fact     `json:"fact"`  // the later one
	Older Fact     `json:"older"` // the earlier one
}

// Mark is what a session was right before its current action was chosen. It
// makes going back and editing possible without replaying the interview.
type Mark struct {
	Answer    Answer          `json:"answer"`           // the answer that led here; zero at the start
	Action    ActionID        `json:"action,omitempty"` // that was answered
	Kind      Kind            `json:"kind,omitempty"`
	Question  string          `json:"question,omitempty"` // kind and question of the action that it answered
	Facts     int             `json:"facts"`              // lengths of what only grows
	Asked     int             `json:"asked"`
	Loops     int             `json:"loops"`
	Conflicts int             `json:"conflicts"`
	Said      int             `json:"said"`
	Questions int             `json:"questions"`
	Quality   extract.Quality `json:"quality,omitempty"`
	Thin      int             `json:"thin,omitempty"`
	Clarified map[string]int  `json:"clarified,omitempty"`
	Followup  string          `json:"followup,omitempty"`
	Queue     []string        `json:"queue,omitempty"`
	Open      []OpenPoint     `json:"open,omitempty"`
	Rivals    []Rival         `json:"rivals,omitempty"`
	Model     classify.Result `json:"model,omitzero"`
	ModelAt   int             `json:"modelAt,omitempty"`
	Alerted   bool            `json:"alerted,omitempty"`

	Shown     bool                `json:"shown,omitempty"` // the feature screen was shown
	Chosen    bool                `json:"chosen,omitempty"`
	Reopened  bool                `json:"reopened,omitempty"`
	Selection catalog.Selection   `json:"selection,omitzero"`
	Phased    []catalog.FeatureID `json:"phased,omitempty"`

	Hints    int `json:"hints,omitempty"` // lengths, as above
	Suspects int `json:"suspects,omitempty"`
}

// Edited says what an edit of one slot re-opened, for the next page.
type Edited struct {
	Slot     slot.Key   `json:"slot"`
	Reopened []slot.Key `json:"reopened,omitempty"` // what has to be looked at again
	Features bool       `json:"features,omitempty"` // the feature screen opens again
	Turn     int        `json:"turn"`               // Session.Turns right after the edit; older notes are stale
}

// LoopAnswer is one answered validation loop.
type LoopAnswer struct {
	Number        int       `json:"loopNumber"` // 1, 2, 3, and 4 for the final loop
	Category      string    `json:"category"`
	Summary       string    `json:"summary"`
	Points        []string  `json:"points"`
	Response      string    `json:"response"` // correct or clarify
	Clarification string    `json:"clarification,omitempty"`
	At            time.Time `json:"timestamp"`
}

// ConflictRecord is one contradiction, open while Resolution is empty.
type ConflictRecord struct {
	Type        ConflictType `json:"type"`
	Key         string       `json:"key"` // type and values: the same key is never raised twice
	Original    string       `json:"originalStatement"`
	Conflicting string       `json:"conflictingStatement"`
	Resolution  string       `json:"resolution,omitempty"` // choice id, or the client's own words
	Label       string       `json:"label,omitempty"`      // the resolution in plain words
	Unread      bool         `json:"unread,omitempty"`     // no rule could read the client's own words, so nothing follows from them yet
	Rival       slot.Key     `json:"rival,omitempty"`      // the slot with two values, if that was it
	At          time.Time    `json:"at"`
}

// Settled reports whether nobody of the agency has to look at it: it was neither left
// open nor to the team, nor settled in words that no rule could read.
func (c ConflictRecord) Settled() bool {
	return c.Resolution != "" && c.Resolution != "team_decides" && !c.Unread
}

// FeatureChoice is the feature screen and what the client chose on it.
type FeatureChoice struct {
	PresentedAt    int                      `json:"presentedAt"` // question number of the first showing
	Recommendation recommend.Recommendation `json:"recommendation"`
	Answered       bool                     `json:"answered"`
	Reopened       bool                     `json:"reopened,omitempty"` // shown again in edit mode
	Selection      catalog.Selection        `json:"selection"`
	Estimate       catalog.Estimate         `json:"estimate"`
	Phased         []catalog.FeatureID      `json:"phased,omitempty"` // moved to a later phase by a resolution
}

// OpenPoint is something asked for that the client could not or would not say.
type OpenPoint struct {
	Slot   slot.Key `json:"slot"`
	Reason string   `json:"reason"`
}

// Completion is how the interview ended.
type Completion struct {
	Forced     bool      `json:"forced"` // the question limit ended it
	Confidence int       `json:"confidence"`
	Missing    []string  `json:"missing"` // labels of open items
	At         time.Time `json:"at"`
}

// Session is the whole state of one interview. It is a value that encodes to
// JSON; the store keeps it sealed.
type Session struct {
	ID           event.SessionID  `json:"id"`
	Status       Status           `json:"status"`
	Client       Client           `json:"client"`
	CreatedAt    time.Time        `json:"createdAt"`
	LastActivity time.Time        `json:"lastActivity"`    // what the client did last
	LeftAt       time.Time        `json:"leftAt,omitzero"` // when it was marked as abandoned
	Events       int              `json:"events"`          // events made so far; numbers the next
	Turns        int              `json:"turns"`           // answers taken so far
	Questions    int              `json:"questions"`       // counted prompts so far, foundation included
	Facts        []Fact           `json:"facts"`
	Current      Action           `json:"current"`  // waits for an answer; Complete at the end
	Answered     ActionID         `json:"answered"` // the action answered last
	Asked        []Asked          `json:"asked"`
	Clarified    map[string]int   `json:"clarified,omitempty"` // clarifications spent per question id
	Followup     string           `json:"followup,omitempty"`  // question id that needs one more answer now
	Queue        []string         `json:"queue,omitempty"`     // questions that a resolution calls for next
	Said         []string         `json:"said,omitempty"`      // the client's words for classification, an entry an answer
	Model        classify.Result  `json:"model"`
	ModelAt      int              `json:"modelAt"` // question number of acceptance, 0 while open
	ModelAlerted bool             `json:"modelAlerted,omitempty"`
	Features     *FeatureChoice   `json:"features,omitempty"`
	Loops        []LoopAnswer     `json:"loops,omitempty"`
	Conflicts    []ConflictRecord `json:"conflicts,omitempty"`
	OpenPoints   []OpenPoint      `json:"openPoints,omitempty"`
	Suspicious   int              `json:"suspicious,omitempty"`
	Thin         int              `json:"thin,omitempty"`      // answers that said too little, so far
	Quality      extract.Quality  `json:"quality,omitempty"`   // of the text answered last
	Rivals       []Rival          `json:"rivals,omitempty"`    // second values that were not settled yet
	Marks        []Mark           `json:"marks,omitempty"`     // one before each action, the newest last
	Withdrawn    []Fact           `json:"withdrawn,omitempty"` // facts of answers that were taken back
	Draft        *Answer          `json:"draft,omitempty"`     // the answer taken back, to be shown again with Current
	Edited       *Edited          `json:"edited,omitempty"`
	Furthest     int              `json:"furthest"` // highest progress shown, never falls
	Completion   *Completion      `json:"completion,omitempty"`
	StartedOver  bool             `json:"startedOver,omitempty"` // given up by its client: never opened again

	Advice   []Advised  `json:"advice,omitempty"`   // what was taken of a model's advice, in order
	Hints    []Fact     `json:"hints,omitempty"`    // read between the lines by a model; a default goes after them
	Suspects []slot.Key `json:"suspects,omitempty"` // pairs that a model thinks do not go together; the next check shows them

	Amendments []Amendment `json:"amendments,omitempty"` // what people of the agency put right, in order
	CoverNote  string      `json:"coverNote,omitempty"`  // what they write to the client on top of the proposal

	Votes map[string]string `json:"votes,omitempty"` // last rating by question id (event.RatingHelpful ...)
}

// Message is one line of the conversation as the client saw it.
type Message struct {
	Role       string    `json:"role"` // assistant, client, or feedback: what the client says about a prompt
	Text       string    `json:"text"`
	QuestionID string    `json:"questionId,omitempty"`
	Number     int       `json:"number"` // question number
	At         time.Time `json:"at"`
}

// Turn is what one step of the engine produced, to be committed together with
// the session.
type Turn struct {
	Events   []event.Event
	Messages []Message
}

// Values returns the newest known value of each slot.
func (s *Session) Values() slot.Values {
	v := make(slot.Values, len(s.Facts)+1)
	v[slot.WebsiteType] = s.Client.WebsiteType
	for _, f := range s.Facts {
		if f.Status.Known() {
			v[f.Slot] = f.Value
		} else {
			delete(v, f.Slot)
		}
	}
	return v
}

// Fact returns the newest fact of a slot.
func (s *Session) Fact(k slot.Key) (Fact, bool) {
	if i := s.factAt(k); i >= 0 {
		return s.Facts[i], true
	}
	return Fact{}, false
}

// factAt finds the newest fact of a slot, or -1.
func (s *Session) factAt(k slot.Key) int {
	for i := len(s.Facts) - 1; i >= 0; i-- {
		if s.Facts[i].Slot == k {
			return i
		}
	}
	return -1
}

// CurrentFacts returns the newest fact of each slot, in order of first
// appearance.
func (s *Session) CurrentFacts() []Fact {
	at := make(map[slot.Key]int)
	var out []Fact
	for _, f := range s.Facts {
		if i, ok := at[f.Slot]; ok {
			out[i] = f
			continue
		}
		at[f.Slot] = len(out)
		out = append(out, f)
	}
	return out
}
