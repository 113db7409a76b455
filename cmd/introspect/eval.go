package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"applicreations.com/introspect/internal/eval"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
)

// evalStart is when simulated interviews begin: a fixed day, so that the same
// command always prints the same numbers.
var evalStart = time.Date(2026, time.November, 26, 9, 0, 0, 0, time.UTC)

// evaluate measures the interviewer with simulated clients. It needs no
// database and no network.
func evaluate(ctx context.Context, env environment, args []string) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.SetOutput(env.err)
	o := evalOptions{}
	flags.IntVar(&o.seeds, "seeds", 1, "runs of each client")
	flags.IntVar(&o.each, "each", 0, "ways of answering for each brief; 0 means all")
	flags.StringVar(&o.split, "split", "test", "briefs to use: test (held back), tune or all")
	flags.StringVar(&o.scenarios, "scenarios", "", "folder of scenario files in the form of ReqElicitGym, instead of the built-in briefs")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.BoolVar(&o.markdown, "markdown", false, "print Markdown, which is the default")
	flags.BoolVar(&o.misses, "misses", false, "list what each interview got wrong; not for the held-back briefs")
	flags.BoolVar(&o.gate, "gate", false, "fail when a number is missed")
	flags.StringVar(&o.cassettes, "cassettes", "", "folder of recorded answers of claude: what is there is not asked again; without a key nothing else is")
	name := flags.String("advisor", "none", "who helps the rules: none, claude, fake-perfect, fake-useless or fake-hostile")
	if err := flags.Parse(args); err != nil {
		return usageOf(err)
	}
	if err := o.check(); err != nil {
		return err
	}
	_, engine, err := loadEngine(env.get("CONFIG_DIR"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if o.advisor, o.bill, err = evalAdvisor(ctx, env, engine, *name, o.cassettes); err != nil {
		return err
	}
	o.name = *name
	lib, err := persona.Open()
	if err != nil {
		return err
	}
	if o.scenarios != "" {
		return scenarios(env.out, engine, lib, o.scenarios, o.json)
	}
	return o.run(env.out, engine, lib)
}

// evalOptions is the command line of eval.
type evalOptions struct {
	seeds, each                  int
	split, scenarios             string
	json, markdown, misses, gate bool

	name      string // of the advisor
	cassettes string
	advisor   eval.Advisor
	bill      func() string // what it cost
}

// check refuses options that do not go together. What the held-back briefs
// miss is not shown, because then they would no longer be held back.
func (o evalOptions) check() error {
	switch {
	case o.json && o.markdown:
		return errors.New("choose one of --json and --markdown")
	case o.misses && o.split == "test":
		return errors.New("--misses shows what to tune on, so it works with --split tune or all, not with the test half")
	}
	return nil
}

func (o evalOptions) run(out io.Writer, engine *intake.Engine, lib *persona.Library) error {
	briefs, err := chosenBriefs(lib, o.split)
	if err != nil {
		return err
	}
	suite := eval.Suite{
		Library: lib, Briefs: briefs, Presets: persona.Presets(), Each: o.each, Seeds: max(1, o.seeds), Now: evalStart, Clock: time.Now,
	}
	rules := eval.Outcome{}
	if o.advisor != nil {
		rules = eval.Measure(engine, suite)
		suite.Advisor, suite.Once = o.advisor, o.name == "claude"
	}
	result := eval.Measure(engine, suite)
	if err := printOutcome(out, result, o.json); err != nil {
		return err
	}
	if o.advisor != nil && !o.json {
		if _, err := fmt.Fprintf(out, "\n%s\n%s\n", eval.Compare(o.name, rules.All, result.All), o.bill()); err != nil {
			return err
		}
	}
	if o.misses && !o.json {
		if _, err := fmt.Fprintf(out, "\n%s", result.Misses()); err != nil {
			return err
		}
	}
	if o.gate {
		return missed(result)
	}
	return nil
}

func usageOf(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return errUsage
}

func chosenBriefs(lib *persona.Library, split string) ([]persona.Brief, error) {
	var out []persona.Brief
	for _, b := range lib.Briefs {
		if split == "all" || (split == "test") == b.Test && (split == "test" || split == "tune") {
			out = append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there is no split %q; choose test, tune or all", split)
	}
	return out, nil
}

func printOutcome(out io.Writer, o eval.Outcome, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(o)
	}
	_, err := fmt.Fprintf(out, "%s\nOne answer takes the engine %s (median) and %s (99th percentile).\n", o.Markdown(), o.All.P50.Round(time.Microsecond), o.All.P99.Round(time.Microsecond))
	return err
}

func missed(o eval.Outcome) error {
	var names []string
	for _, g := range o.All.Gates() {
		if !g.OK && !g.Shown {
			names = append(names, g.Name)
		}
	}
	if !o.Replayed {
		names = append(names, "replays identical")
	}
	if len(names) > 0 {
		return fmt.Errorf("missed: %s", strings.Join(names, ", "))
	}
	return nil
}

func scenarios(out io.Writer, e *intake.Engine, lib *persona.Library, dir string, asJSON bool) error {
	list, err := eval.Scenarios(e, lib, os.DirFS(dir), evalStart)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("no scenario files (*.json) in %s", dir)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	}
	held := 0
	fmt.Fprintln(out, "| scenario | aspect | requirement | touched by | held |\n|---|---|---|---|---|")
	for _, t := range list {
		if t.Held {
			held++
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %v |\n", t.Scenario, t.Aspect, t.Requirement, strings.Join(t.Questions, ", "), t.Held)
	}
	_, err = fmt.Fprintf(out, "\n%d of %d requirements are in the facts.\n", held, len(list))
	return err
}
