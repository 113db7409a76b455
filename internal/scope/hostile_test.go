package scope_test

import (
	"regexp"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// own matches what this package writes around client text; what is left of a
// line must read as plain text.
var own = regexp.MustCompile("^(# |## |### |- [*][*](E-mail|Public e-mail address):[*][*] [^ ]+@[^ ]+ |Contact: .+@.+|  - |- |[1-4][.] |[|]( --- [|])+$)|[*][*]|`[a-z_]+`")

// breaches finds what client text has become in a document besides text.
func breaches(md string) []string {
	var out []string
	for _, line := range strings.Split(md, "\n") {
		rest := shield(line)
		if strings.HasPrefix(rest, "|") && !strings.HasPrefix(rest, "| --- ") {
			rest = strings.TrimSpace(strings.ReplaceAll(rest, "|", " "))
		}
		if why := active(own.ReplaceAllString(rest, "")); why != "" {
			out = append(out, why+": "+line)
		}
	}
	return out
}

// shield replaces escaped characters by a harmless one.
func shield(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) {
			b.WriteString("·") // no letter: after an ampersand it would look like an entity
			i++
			continue
		}
		b.WriteByte(line[i])
	}
	return b.String()
}

func TestHostileTextStaysText(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for name, s := range sessions(t, cat) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, b := range breaches(build(t, s, cat).Markdown) {
				t.Error(b)
			}
		})
	}
}

// FuzzBuild puts one text everywhere a client can write.
func FuzzBuild(f *testing.F) {
	for n := range 12 {
		f.Add(attack(n))
	}
	cat := shop(f)
	f.Fuzz(func(t *testing.T, text string) {
		s := salon(t, cat)
		s.Client = intake.Client{Name: text, Email: text, Phone: text, WebsiteType: text, OtherDescription: text}
		s.Facts = nil
		for _, d := range slot.Defs() {
			s.Facts = append(s.Facts, said(5, d.Key, text), picked(6, d.Key, text+"x", text))
			if d.Type == slot.Multi {
				s.Facts = append(s.Facts, picked(7, d.Key, "menu,"+text, "Menu, "+text), guessed(d.Key, text, text))
			}
		}
		s.Rivals = []intake.Rival{{Slot: slot.PageCount, Older: said(5, slot.PageCount, text), Fact: said(6, slot.PageCount, text)}}
		s.Loops[0].Category, s.Loops[0].Points, s.Loops[1].Clarification = text, []string{text}, text
		s.Conflicts[0].Original, s.Conflicts[0].Conflicting, s.Conflicts[0].Label = text, text, text
		s.Conflicts = append(s.Conflicts, intake.ConflictRecord{Rival: slot.Key(text), Original: text, Conflicting: text, Resolution: "team_decides", Label: text})
		s.OpenPoints = []intake.OpenPoint{{Slot: slot.Key(text), Reason: text}, {Slot: slot.BusinessDescription, Reason: "Correction in the client's words: " + text}}
		s.Completion.Missing = []string{text}
		d := build(t, s, cat)
		for _, b := range breaches(d.Markdown) {
			t.Error(b)
		}
		if got := strings.Count(d.Markdown, "\n## "); got != 17 {
			t.Errorf("%d headings, want 17", got)
		}
		for _, r := range d.FileName {
			if r >= 0x80 || strings.ContainsRune(`/\ "'`, r) {
				t.Errorf("FileName = %q", d.FileName)
			}
		}
		all := strings.Count(d.Markdown, "\n- **REQ-")
		if accept, status := strings.Count(d.Markdown, "\n  - Acceptance: "), strings.Count(d.Markdown, "\n  - Status: "); all != accept || all != status {
			t.Errorf("%d requirements, %d acceptance lines, %d statuses", all, accept, status)
		}
	})
}
