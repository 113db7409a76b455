package eval

import (
	"fmt"
	"strings"
	"time"
)

// MissKind says what went wrong.
type MissKind string

// The kinds of misses, in the order in which they are printed.
const (
	Lost           MissKind = "told and lost"
	Wrong          MissKind = "wrong value"
	Unasked        MissKind = "truth never asked for"
	Forgotten      MissKind = "asked for among much else, not told"
	NotKept        MissKind = "implicit told, not kept"
	NeverRaised    MissKind = "implicit never raised"
	HintForgotten  MissKind = "implicit raised, not told"
	MissedConflict MissKind = "contradiction missed"
	FalseAlarm     MissKind = "false alarm"
	Ungrounded     MissKind = "quote that nobody said"
	Redundant      MissKind = "question asked in vain"
	Escape         MissKind = "injected text came back"
	WrongPrice     MissKind = "wrong price"
	DeadEnd        MissKind = "dead end"
)

// Miss is one thing that an interview got wrong, for people to read.
type Miss struct {
	Kind  MissKind `json:"kind"`
	About string   `json:"about"` // slot, aspect, kind of contradiction or question
	Want  string   `json:"want"`
	Held  string   `json:"held,omitempty"`
	Said  string   `json:"said,omitempty"` // how the client put it
}

func (s *Score) miss(kind MissKind, about, want, held, said string) {
	s.Misses = append(s.Misses, Miss{kind, about, want, held, said})
}

// String writes a miss on one line.
func (m Miss) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", m.Kind)
	for _, part := range []struct{ name, text string }{{"", m.About}, {"wanted", m.Want}, {"held", m.Held}, {"said", m.Said}} {
		if part.text == "" {
			continue
		}
		if part.name == "" {
			fmt.Fprintf(&b, " | %s", part.text)
			continue
		}
		fmt.Fprintf(&b, " | %s %q", part.name, shortened(part.text))
	}
	return b.String()
}

func shortened(s string) string {
	if r := []rune(s); len(r) > 240 {
		return string(r[:240]) + "..."
	}
	return s
}

func weeksUntil(from time.Time, day string) (float64, bool) {
	at, err := time.Parse(time.DateOnly, day)
	return at.Sub(from).Hours() / 24 / 7, err == nil
}
