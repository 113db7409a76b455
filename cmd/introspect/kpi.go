package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/summary"
)

const kpiUsage = "usage: introspect kpi day|week|month [--to YYYY-MM-DD] [--json]"

// kpi prints the figures of a day, a week or a month as the mails of the morning
// have them (S143-S145): kpi day, kpi week --to 2026-11-22.
func kpi(ctx context.Context, env environment, args []string) error {
	if len(args) == 0 {
		fmt.Fprintln(env.err, kpiUsage)
		return errUsage
	}
	var to string
	var asJSON bool
	period := summary.Period(args[0])
	cfg, rest, err := load(env, "kpi", args[1:], func(f *flag.FlagSet) {
		f.StringVar(&to, "to", "", "last day, such as 2026-11-26; empty: yesterday")
		f.BoolVar(&asJSON, "json", false, "one JSON object instead of text")
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 || period != summary.Daily && period != summary.Weekly && period != summary.Monthly {
		fmt.Fprintln(env.err, kpiUsage)
		return errUsage
	}
	st, err := lookStore(ctx, env, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	view, err := viewOf(period, to, time.Now().In(st.Zone()))
	if err != nil {
		return err
	}
	title, blocks, err := kpiOf(ctx, st, period, view, st.Zone())
	if err != nil {
		return err
	}
	return printFigures(env.out, asJSON, title, blocks)
}

// viewOf are the days of a period that ends on a day, or yesterday.
func viewOf(period summary.Period, to string, now time.Time) (metric.View, error) {
	last := now.AddDate(0, 0, -1)
	if to != "" {
		at, err := time.ParseInLocation(time.DateOnly, to, now.Location())
		if err != nil {
			return metric.View{}, fmt.Errorf("--to is %q; set it to a day such as 2026-11-26", to)
		}
		last = at
	}
	end := metric.DayBucket(last, now.Location())
	days := int64(1)
	switch period {
	case summary.Weekly:
		days = 7
	case summary.Monthly:
		days = 30
	case summary.Daily:
	}
	return metric.View{From: end - days + 1, To: end}, nil
}

// kpiOf reads the figures of a period, and for a month what a session costs.
func kpiOf(ctx context.Context, st *store.Store, period summary.Period, view metric.View, zone *time.Location) (string, []letter.FigureBlock, error) {
	ranges := append(view.Needed(), view.Previous().Needed()...)
	ranges = append(ranges, metric.Range{Tier: metric.Day, Metric: metric.Probes, Dimension: metric.All, From: view.From, To: view.To, One: true})
	rows, err := st.Rollups(ctx, ranges)
	if err != nil {
		return "", nil, err
	}
	r := metric.NewReport(view, rows, rows, metric.Open{}, func(id string) (string, int64) { return id, 0 })
	title, blocks := summary.Of(period, r, rows)
	if period != summary.Monthly {
		return title, blocks, nil
	}
	from, err := time.ParseInLocation(time.DateOnly, metric.Date(view.From), zone)
	if err != nil {
		return "", nil, err
	}
	spent, err := st.AdvisorFigures(ctx, from, from.AddDate(0, 0, int(view.To-view.From)+1))
	if err != nil {
		return "", nil, err
	}
	return title, append(blocks, summary.Costs(summary.Spent{Micro: spent.MicroUSD, Unpriced: spent.Unpriced}, r)), nil
}

// printFigures prints blocks of figures; what there is nothing to say about is a
// dash.
func printFigures(out io.Writer, asJSON bool, title string, blocks []letter.FigureBlock) error {
	if asJSON {
		type block struct {
			Head    string            `json:"head"`
			Figures map[string]string `json:"figures"`
		}
		all := make([]block, 0, len(blocks))
		for _, b := range blocks {
			one := block{b.Head, make(map[string]string, len(b.Rows))}
			for _, row := range b.Rows {
				one.Figures[row[0]] = row[1]
			}
			all = append(all, one)
		}
		return json.NewEncoder(out).Encode(map[string]any{"title": title, "blocks": all})
	}
	fmt.Fprintln(out, title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, b := range blocks {
		fmt.Fprintf(w, "\n%s\n", b.Head)
		for _, row := range b.Rows {
			value := row[1]
			if value == "" {
				value = "-"
			}
			fmt.Fprintf(w, "  %s\t%s\n", row[0], value)
		}
	}
	return w.Flush()
}
