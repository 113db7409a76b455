package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/scope"
)

// play conducts one interview in the terminal, or replays a file of answers.
// Nothing is stored.
func play(_ context.Context, env environment, args []string) error {
	flags := flag.NewFlagSet("interview", flag.ContinueOnError)
	flags.SetOutput(env.err)
	file := flags.String("answers", "", "JSON file of answers to replay: the foundation first, then answers as the API takes them")
	kind := flags.String("type", "business", "website type: business, personal, project, nonprofit or other")
	if err := flags.Parse(args); err != nil {
		return usageOf(err)
	}
	_, engine, err := loadEngine(env.get("CONFIG_DIR"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if *file != "" {
		data, err := os.ReadFile(*file)
		if err != nil {
			return fmt.Errorf("read answers: %w", err)
		}
		return replay(env.out, engine, data)
	}
	s, _, err := engine.Start("terminal", intake.Client{Name: "Terminal client", Email: "client@example.com", WebsiteType: *kind}, time.Now())
	if err != nil {
		return err
	}
	return (&terminal{in: bufio.NewScanner(env.in), out: env.out, engine: engine, s: s}).run()
}

// replay runs a file of answers and prints what came of it as JSON.
func replay(out io.Writer, engine *intake.Engine, data []byte) error {
	var lines []json.RawMessage
	if err := json.Unmarshal(data, &lines); err != nil || len(lines) == 0 {
		return fmt.Errorf("the answers are no JSON list that begins with the foundation: %w", err)
	}
	var c intake.Client
	if err := json.Unmarshal(lines[0], &c); err != nil {
		return fmt.Errorf("read the foundation: %w", err)
	}
	now := evalStart
	s, turn, err := engine.Start("replay", c, now)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	said := turn.Messages
	for i, line := range lines[1:] {
		var a intake.Answer
		if err := json.Unmarshal(line, &a); err != nil {
			return fmt.Errorf("read answer %d: %w", i+1, err)
		}
		a.ActionID = s.Current.ID
		now = now.Add(40 * time.Second)
		turn, err := engine.Answer(s, a, now)
		if err != nil {
			return fmt.Errorf("answer %d, to %s: %w", i+1, s.Current.Kind, err)
		}
		said = append(said, turn.Messages...)
	}
	result := map[string]any{
		"status": s.Status, "questions": s.Questions, "facts": s.CurrentFacts(), "openPoints": s.OpenPoints, "messages": said,
		"action": s.Current.Kind, "content": s.Current.Content(),
	}
	if s.Status == intake.Completed {
		doc, _ := scope.Build(s, engine.Catalog(), scope.Agency{Name: "Agency", Email: "agency@example.com"}, s.Completion.At) // complete either way
		result["scope"] = doc.Markdown
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(result)
}

// terminal plays an interview over lines of text.
type terminal struct {
	in     *bufio.Scanner
	out    io.Writer
	engine *intake.Engine
	s      *intake.Session
}

const terminalHelp = "Numbers choose, words answer. ? says why, back takes the last answer back, skip and unsure leave it open."

func (t *terminal) run() error {
	fmt.Fprintln(t.out, terminalHelp)
	for t.s.Current.Kind != intake.Complete {
		choices := t.show()
		fmt.Fprint(t.out, "> ")
		if !t.in.Scan() {
			return t.in.Err()
		}
		line := strings.TrimSpace(t.in.Text())
		switch line {
		case "?":
			t.why()
			continue
		case "back":
			if _, err := t.engine.Back(t.s, t.s.Current.ID, time.Now()); err != nil {
				fmt.Fprintln(t.out, err)
			}
			continue
		}
		a := t.read(line, choices)
		a.ActionID = t.s.Current.ID
		if _, err := t.engine.Answer(t.s, a, time.Now()); err != nil {
			fmt.Fprintln(t.out, err)
		}
	}
	doc, _ := scope.Build(t.s, t.engine.Catalog(), scope.Agency{Name: "Agency", Email: "agency@example.com"}, t.s.Completion.At)
	_, err := fmt.Fprintf(t.out, "\n%s\n\n%s", t.s.Current.Done.Summary, doc.Markdown)
	return err
}

// show prints the action and returns the values behind its numbers.
func (t *terminal) show() []string {
	var values []string
	option := func(value, label, note string) {
		values = append(values, value)
		if note != "" {
			note = "  " + note
		}
		fmt.Fprintf(t.out, "  %2d %s%s\n", len(values), label, note)
	}
	switch a := t.s.Current; a.Kind {
	case intake.AskQuestion:
		q := a.Question.Question
		fmt.Fprintf(t.out, "\n%d. %s\n", q.Number, q.Text)
		group := ""
		for _, o := range q.Options {
			if i := slices.IndexFunc(q.Groups, func(g intake.Group) bool { return g.Key == o.Group }); i >= 0 && o.Group != group {
				group = o.Group
				fmt.Fprintln(t.out, " "+q.Groups[i].Label)
			}
			option(o.Value, o.Label, o.Description)
		}
	case intake.ExampleOptions:
		fmt.Fprintf(t.out, "\n%s\n", a.Examples.Context)
		for _, o := range a.Examples.Options {
			option(o.Value, o.Label, o.Description)
		}
	case intake.ConflictResolution:
		fmt.Fprintf(t.out, "\n%s\n  %q against %q\n", a.Conflict.Description, a.Conflict.Original, a.Conflict.Conflicting)
		for _, o := range a.Conflict.Options {
			option(o.Value, o.Label, o.Effect)
		}
	case intake.ValidateUnderstanding:
		fmt.Fprintf(t.out, "\n%s\n  - %s\n%s (yes, or what should be different)\n", a.Validation.Summary, strings.Join(a.Validation.Points, "\n  - "), a.Validation.Question)
	case intake.RecommendFeatures:
		fmt.Fprintf(t.out, "\n%s\nThe package %s is chosen with the features whose numbers are given.\n", a.Features.ContextSummary, a.Features.Package)
		for _, c := range append(slices.Clone(a.Features.Recommended), a.Features.Additional...) {
			option(string(c.ID), fmt.Sprintf("%s, $%.0f", c.Name, c.Price), c.Reasoning)
		}
	case intake.Complete:
	}
	return values
}

// read turns a line into an answer to the current action.
func (t *terminal) read(line string, values []string) intake.Answer {
	switch line {
	case "skip":
		return intake.Answer{Skip: true}
	case "unsure":
		return intake.Answer{Unsure: true}
	}
	chosen, text := numbers(line, values)
	a := t.s.Current
	switch a.Kind {
	case intake.AskQuestion:
		return intake.Answer{Values: chosen, Text: text}
	case intake.ExampleOptions:
		return intake.Answer{Value: strings.Join(chosen, ""), Text: text}
	case intake.ConflictResolution:
		return intake.Answer{Choice: strings.Join(chosen, ""), Text: text}
	case intake.ValidateUnderstanding:
		if low := strings.ToLower(line); low == "yes" || low == "y" || low == "" {
			return intake.Answer{Response: "correct"}
		}
		return intake.Answer{Response: "clarify", Text: line}
	case intake.RecommendFeatures:
		out := intake.Answer{Package: a.Features.Package}
		for _, id := range chosen {
			out.Features = append(out.Features, catalog.FeatureID(id))
		}
		return out
	case intake.Complete:
	}
	return intake.Answer{}
}

// numbers reads "1 3 4" as choices; anything else is text.
func numbers(line string, values []string) (chosen []string, text string) {
	for _, f := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 || n > len(values) {
			return nil, line
		}
		chosen = append(chosen, values[n-1])
	}
	return chosen, ""
}

// why says why the current question is asked.
func (t *terminal) why() {
	if q := t.s.Current.Question; q != nil && t.s.Current.Kind == intake.AskQuestion {
		fmt.Fprintln(t.out, strings.TrimSpace(q.Why+" "+q.WhyNow))
		return
	}
	fmt.Fprintln(t.out, terminalHelp)
}
