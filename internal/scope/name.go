package scope

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"applicreations.com/introspect/internal/extract/scrub"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// projectName is the business or project name, else the client's, else a name
// made of the session's id.
func projectName(s *intake.Session) string {
	if f, ok := s.Fact(slot.BusinessName); ok && f.Status.Known() && fold(f.Value) != "" {
		return fold(f.Value)
	}
	if name := fold(s.Client.Name); name != "" {
		return "Project of " + name
	}
	return "Project " + prefix(string(s.ID))
}

// prefix is the start of an id, short enough for people.
func prefix(id string) string {
	id = safeName(id)
	return id[:min(len(id), 8)]
}

// maxFileName bounds the name part, so that every file system takes it.
const maxFileName = 60

// fileName is SCOPE_<name>.md in ASCII; a name without any Latin letter or
// digit gives way to the start of the session's id (DOMAIN 7.1).
func fileName(name, id string) string {
	base := safeName(name)
	if base == "" {
		base = prefix(id)
	}
	if base == "" {
		return "SCOPE.md"
	}
	return "SCOPE_" + base + ".md"
}

// safeName keeps ASCII letters and digits, writes common Latin letters in
// ASCII and puts one underscore for everything between.
func safeName(name string) string {
	var b strings.Builder
	pending := false
	for _, r := range scrub.Latin().Replace(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			if pending && b.Len() > 0 {
				b.WriteByte('_')
			}
			pending = false
			b.WriteRune(r)
		case r == '\'' || r == '’' || (r >= 0x300 && r <= 0x36f):
			// Apostrophes and combining accents belong to their word.
		default:
			pending = true
		}
	}
	out := b.String()
	return strings.TrimRight(out[:min(len(out), maxFileName)], "_")
}

// Snapshot is a short hash of everything the document says: the client, the
// newest facts, the chosen features with their prices and the outcomes. It does
// not depend on when the document is written, so a proposal made of the same
// facts carries the same snapshot. It panics when the session cannot be
// encoded, which only a programmer can cause.
func Snapshot(s *intake.Session) string {
	type fact struct {
		Slot   slot.Key
		Value  string
		Status intake.FactStatus
		intake.Evidence
		Note string
	}
	content := struct {
		ID         string
		Client     intake.Client
		Facts      []fact
		Features   *intake.FeatureChoice
		Loops      [][]string
		Conflicts  [][]string
		OpenPoints []intake.OpenPoint
		Forced     bool
		Missing    []string
		On         string
		CoverNote  string `json:",omitempty"`
	}{ID: string(s.ID), Client: s.Client, Features: s.Features, OpenPoints: s.OpenPoints, On: date(agreedOn(s)), CoverNote: s.CoverNote}
	for _, f := range s.CurrentFacts() {
		content.Facts = append(content.Facts, fact{f.Slot, f.Value, f.Status, f.Evidence, f.Note})
	}
	for _, l := range s.Loops {
		content.Loops = append(content.Loops, append([]string{l.Category, l.Response, l.Clarification}, l.Points...))
	}
	for _, c := range s.Conflicts {
		content.Conflicts = append(content.Conflicts, []string{c.Key, c.Original, c.Conflicting, c.Resolution, c.Label})
	}
	if s.Completion != nil {
		content.Forced, content.Missing = s.Completion.Forced, s.Completion.Missing
	}
	data, err := json.Marshal(content)
	if err != nil {
		panic(fmt.Sprintf("encode content of session %s: %v", s.ID, err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}
