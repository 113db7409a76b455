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
func evaluate(_ context.Context, env environment, args []string) error {
	flags := flag.NewFlagSet("eval", flag.ContinueOnError)
	flags.SetOutput(env.err)
	seeds := flags.Int("seeds", 1, "runs of each client")
	split := flags.String("split", "test", "briefs to use: test (held back), tune or all")
	dir := flags.String("scenarios", "", "folder of scenario files in the form of ReqElicitGym, instead of the built-in briefs")
	asJSON := flags.Bool("json", false, "print JSON")
	gate := flags.Bool("gate", false, "fail when a number is missed")
	advisor := flags.String("advisor", "none", "who helps the rules; only none so far")
	if err := flags.Parse(args); err != nil {
		return usageOf(err)
	}
	if *advisor != "none" {
		return fmt.Errorf("there is no advisor %q yet; the rules are measured alone with --advisor none", *advisor)
	}
	_, engine, err := loadEngine(env.get("CONFIG_DIR"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if *dir != "" {
		return scenarios(env.out, engine, *dir, *asJSON)
	}
	briefs, err := chosenBriefs(*split)
	if err != nil {
		return err
	}
	o := eval.Measure(engine, eval.Suite{Briefs: briefs, Presets: persona.Presets(), Seeds: max(1, *seeds), Now: evalStart, Clock: time.Now})
	if err := printOutcome(env.out, o, *asJSON); err != nil {
		return err
	}
	if *gate {
		return missed(o)
	}
	return nil
}

func usageOf(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	return errUsage
}

func chosenBriefs(split string) ([]persona.Brief, error) {
	all, err := persona.Briefs()
	if err != nil {
		return nil, err
	}
	var out []persona.Brief
	for _, b := range all {
		if split == "all" || (split == "test") == b.Test() && (split == "test" || split == "tune") {
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
		if !g.OK {
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

func scenarios(out io.Writer, e *intake.Engine, dir string, asJSON bool) error {
	list, err := eval.Scenarios(e, os.DirFS(dir), evalStart)
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
