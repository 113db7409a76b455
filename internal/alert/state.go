package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Phase is how far a trouble is.
type Phase string

// The phases. An episode is open from Firing to Resolved; Flapping is one that
// comes and goes so often that it counts as there all the time.
const (
	Inactive   Phase = ""
	Pending    Phase = "pending"
	Firing     Phase = "firing"
	Recovering Phase = "recovering"
	Resolved   Phase = "resolved"
	Flapping   Phase = "flapping"
)

func (p Phase) open() bool { return p == Firing || p == Recovering || p == Flapping }

func (p Phase) known() bool {
	return p.open() || p == Inactive || p == Pending || p == Resolved
}

// State is what is known of one fingerprint. Its zero value is that of a rule
// that was never evaluated.
type State struct {
	Fingerprint Fingerprint       `json:"fingerprint,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	RuleVersion int               `json:"ruleVersion,omitempty"`

	Phase       Phase     `json:"phase,omitempty"`
	Since       time.Time `json:"since,omitzero"`        // of the phase
	Evaluations int       `json:"evaluations,omitempty"` // pending: with the trouble; recovering: without
	Side        Side      `json:"side,omitempty"`        // why the last evaluation could not judge; the phase stayed what it was
	SideSince   time.Time `json:"sideSince,omitzero"`
	At          time.Time `json:"at,omitzero"` // the last evaluation
	Detail      string    `json:"detail,omitempty"`

	// Muted says why nobody is told at the moment, and is empty when somebody is.
	Muted       string    `json:"muted,omitempty"`
	InhibitedAt time.Time `json:"inhibitedAt,omitzero"`

	Episode  *Open       `json:"episode,omitempty"`  // nil unless the phase is an open one
	Episodes int         `json:"episodes,omitempty"` // so far; keeps their ids apart
	Turns    []time.Time `json:"turns,omitempty"`    // firing and resolving within the last hour
	Closed   []Closed    `json:"closed,omitempty"`   // whose end somebody may still have to hear of
}

// Open is an episode that is not over.
type Open struct {
	ID     EpisodeID `json:"id"`
	From   time.Time `json:"from"`
	TellAt time.Time `json:"tellAt,omitzero"` // when the first notice was made
	Steps  int       `json:"steps,omitempty"` // of the escalation, taken
	Told   []Told    `json:"told,omitempty"`
	Acked  string    `json:"acked,omitempty"` // by whom, while it holds
	Until  time.Time `json:"until,omitzero"`  // of a snooze that holds; zero: taken on for good

	Detail string    `json:"detail,omitempty"` // the figures when it fired
	Bad    bool      `json:"bad,omitempty"`    // flapping: what was found last
	Stable time.Time `json:"stable,omitzero"`  // flapping: since when
	Held   string    `json:"held,omitempty"`   // what kept the first notice back
	Causes []string  `json:"causes,omitempty"` // sessions of the last reading
}

// Told is what one channel was told of an episode.
type Told struct {
	Channel   Channel   `json:"channel"`
	Firing    int       `json:"firing,omitempty"` // notices made, by kind
	Escalated int       `json:"escalated,omitempty"`
	Reminders int       `json:"reminders,omitempty"`
	Waiting   []Key     `json:"waiting,omitempty"` // not yet known to have arrived or failed
	Arrived   time.Time `json:"arrived,omitzero"`  // the last success
	Failed    time.Time `json:"failed,omitzero"`   // the last one given up
	Unsure    bool      `json:"unsure,omitempty"`  // one of them may have arrived although nobody said so
}

// heard reports whether the channel may know of the episode.
func (t Told) heard() bool { return !t.Arrived.IsZero() || t.Unsure }

// Closed is an episode that ended while notices of it were under way. Each
// channel hears of the end when it is known what became of its notices, so that
// an end never overtakes its beginning.
type Closed struct {
	ID   EpisodeID `json:"id"`
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Told []Told    `json:"told"`

	Detail string `json:"detail,omitempty"` // the figures when it fired
	Acked  string `json:"acked,omitempty"`  // who had taken it on
	Why    string `json:"why,omitempty"`    // it ended otherwise than by itself
	Summed bool   `json:"summed,omitempty"` // the summary tells it
}

// remembered bounds the closed episodes of a state; more can only be waiting
// when nothing is delivered at all, and then the oldest are of no use.
const remembered = 8

// Name is the side where there is one, otherwise the phase.
func (s State) Name() string {
	switch {
	case s.Side != "":
		return string(s.Side)
	case s.Phase == Inactive:
		return "inactive"
	}
	return string(s.Phase)
}

// Fires reports whether an episode is open; Env.Firing wants to know.
func (s State) Fires() bool { return s.Phase.open() }

// Encode writes the state for DecodeState.
func (s State) Encode() ([]byte, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode state of %s: %w", s.Fingerprint, err)
	}
	return data, nil
}

// DecodeState reads what Encode wrote. Fields that it does not know are left
// out, so that an older program can take over.
func DecodeState(data []byte) (State, error) {
	var s State
	if err := json.Unmarshal(data, &s); err != nil {
		return State{}, fmt.Errorf("decode alert state: %w", err)
	}
	if !s.Phase.known() || s.Phase.open() != (s.Episode != nil) {
		return State{}, fmt.Errorf("decode alert state of %s: phase %q does not fit its episode; start it anew with an empty state", s.Fingerprint, s.Phase)
	}
	return s, nil
}

// FingerprintOf names a rule with labels, whatever their order.
func FingerprintOf(id RuleID, labels map[string]string) Fingerprint {
	text := append([]byte(id), 0)
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		text = append(append(append(append(text, name...), 0), labels[name]...), 0)
	}
	sum := sha256.Sum256(text)
	return Fingerprint(hex.EncodeToString(sum[:10]))
}

// clone copies what Evaluate changes in place.
func (s State) clone() State {
	s.Turns = slices.Clone(s.Turns)
	if s.Episode != nil {
		e := *s.Episode
		e.Told = cloneTold(e.Told)
		s.Episode = &e
	}
	if s.Closed != nil {
		s.Closed = slices.Clone(s.Closed)
		for i := range s.Closed {
			s.Closed[i].Told = cloneTold(s.Closed[i].Told)
		}
	}
	return s
}

func cloneTold(list []Told) []Told {
	out := slices.Clone(list)
	for i := range out {
		out[i].Waiting = slices.Clone(out[i].Waiting)
	}
	return out
}

// Shifted is the state with every mark moved by d, which is by how much the wall
// clock was set since the last evaluation.
func (s State) Shifted(d time.Duration) State {
	s = s.clone()
	s.shift(d)
	return s
}

// shift moves every mark by d. When the clock is set back the marks go with it:
// nothing then lasts longer or shorter than it did by the clock that ticked.
func (s *State) shift(d time.Duration) {
	move(&s.Since, d)
	move(&s.SideSince, d)
	move(&s.At, d)
	move(&s.InhibitedAt, d)
	for i := range s.Turns {
		move(&s.Turns[i], d)
	}
	if e := s.Episode; e != nil {
		move(&e.From, d)
		move(&e.TellAt, d)
		move(&e.Stable, d)
		for i := range e.Told {
			move(&e.Told[i].Arrived, d)
			move(&e.Told[i].Failed, d)
		}
	}
}

func move(t *time.Time, d time.Duration) {
	if !t.IsZero() {
		*t = t.Add(d)
	}
}
