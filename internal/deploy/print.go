package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Outcome is how a stage ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "ok"
	Failed  Outcome = "failed"
	LeftOut Outcome = "left out"
	Planned Outcome = "planned"
)

// Printer tells an operator, or a program, how a deployment goes.
type Printer struct {
	Out    io.Writer
	JSON   bool             // one object a line instead of text
	Colour bool             // only for terminals
	Now    func() time.Time // of the JSON lines
	n, of  int
	begun  time.Time
}

func (p *Printer) begin(stages int, title string, dry bool) {
	p.n, p.of, p.begun = 0, stages, p.Now()
	if dry {
		title += " (dry run: checks only, nothing is changed)"
	}
	p.emit("begin", "", title, func() string { return title + "\n" })
}

func (p *Printer) start(string) { p.begun = p.Now() }

// line tells the end of a stage.
func (p *Printer) line(stage string, o Outcome, detail string) {
	if p.n < p.of {
		p.n++
	}
	p.emit(stage, o, detail, func() string {
		return fmt.Sprintf("%s [%2d/%d] %-14s %s\n", p.mark(o), p.n, p.of, stage, strings.ReplaceAll(strings.TrimSpace(detail), "\n", "\n    "))
	})
	p.begun = p.Now()
}

// note tells something within a stage.
func (p *Printer) note(text string) {
	p.emit("note", "", text, func() string { return "  " + strings.Repeat(" ", 8) + text + "\n" })
}

// log passes lines of the host's build on.
func (p *Printer) log(lines []string) {
	for _, l := range lines {
		p.emit("log", "", l, func() string { return "  " + strings.Repeat(" ", 8) + "| " + l + "\n" })
	}
}

func (p *Printer) end(o Outcome, text string) {
	p.emit("end", o, text, func() string { return p.mark(o) + " " + text + "\n" })
}

// mark is one sign in front of a line, coloured on a terminal.
func (p *Printer) mark(o Outcome) string {
	sign, colour := "✓", "32"
	switch o {
	case Failed:
		sign, colour = "✗", "31"
	case LeftOut:
		sign, colour = "!", "33"
	case Planned:
		sign, colour = "·", "36"
	case Done:
	}
	if !p.Colour {
		return sign
	}
	return "\x1b[" + colour + "m" + sign + "\x1b[0m"
}

func (p *Printer) emit(stage string, o Outcome, detail string, text func() string) {
	if !p.JSON {
		_, _ = io.WriteString(p.Out, text()) // nobody to tell when the output is gone
		return
	}
	line := struct {
		Time   string  `json:"time"`
		Stage  string  `json:"stage"`
		Status Outcome `json:"status,omitempty"`
		Detail string  `json:"detail,omitempty"`
		Millis int64   `json:"ms"`
	}{p.Now().UTC().Format(time.RFC3339), stage, o, detail, p.Now().Sub(p.begun).Milliseconds()}
	_ = json.NewEncoder(p.Out).Encode(line) // as above
}

// printable takes the signs out of a foreign line that could steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
