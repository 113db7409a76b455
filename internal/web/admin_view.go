package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/metric"
)

// viewRequest is what a page of figures is about. Every view is one address:
// days or from and to, by values of dimensions, and nothing else.
type viewRequest struct {
	metric.View

	days  int    // of the choices, 0 for own dates
	shown string // the query of the address, without what is standard
}

// The views that can be chosen by a word.
var viewChoices = []struct {
	days  int
	label string
}{{1, "Today"}, {7, "7 days"}, {30, "30 days"}, {90, "90 days"}, {365, "12 months"}}

const (
	standardDays = 30
	longestView  = 3 * 366 // days
)

// view reads what a request is about. What makes no sense is taken for the
// standard: an old address must not become an error.
func (s *Server) view(r *http.Request) viewRequest {
	now := s.now()
	v := viewRequest{View: metric.Last(standardDays, now, s.cfg.Zone), days: standardDays}
	query := url.Values{}
	if n, err := strconv.Atoi(r.FormValue("days")); err == nil && n > 0 && n <= longestView {
		v.View, v.days = metric.Last(n, now, s.cfg.Zone), n
	}
	from, okFrom := metric.DayOf(r.FormValue("from"))
	to, okTo := metric.DayOf(r.FormValue("to"))
	if okFrom && okTo && from <= to && to-from < longestView {
		v.View, v.days = metric.View{From: from, To: to}, 0
		query.Set("from", metric.Date(from))
		query.Set("to", metric.Date(to))
	} else if v.days != standardDays {
		query.Set("days", strconv.Itoa(v.days))
	}
	for _, by := range r.Form["by"] { // FormValue has parsed it
		if dimension, value, ok := strings.Cut(by, ":"); ok && len(value) <= maxFilter {
			v.View = v.Narrow(metric.Label{Dimension: dimension, Value: value})
		}
	}
	query["by"] = filterQuery(v.View)
	v.shown = query.Encode()
	return v
}

// maxFilter is how long a value can be, in bytes.
const maxFilter = 64

// filterQuery is how an address names the values of a view: "source:news".
func filterQuery(v metric.View) []string {
	var out []string
	for _, l := range v.Labels() {
		out = append(out, l.Dimension+":"+l.Value)
	}
	return out
}

// of is the view with other values, on the same days.
func (v viewRequest) of(view metric.View) viewRequest {
	query, _ := url.ParseQuery(v.shown) // we wrote it
	query["by"] = filterQuery(view)
	v.View, v.shown = view, query.Encode()
	return v
}

// address is the view on another page.
func (v viewRequest) address(path string) string {
	if v.shown == "" {
		return path
	}
	return path + "?" + v.shown
}

// file is the address of a panel of the view as a file.
func (v viewRequest) file(panel string) string {
	query, _ := url.ParseQuery(v.shown) // we wrote it
	query.Set("panel", panel)
	return "/admin/figures.csv?" + query.Encode()
}

// words says the view for people: "30 days to Nov 27, 2026".
func (v viewRequest) words() string {
	from, to := dateWords(metric.Date(v.From), "Jan 2, 2006"), dateWords(metric.Date(v.To), "Jan 2, 2006")
	if v.From == v.To {
		return to
	}
	return from + " – " + to
}

// earlier says what the view is compared with.
func (v viewRequest) earlier() string {
	p := v.Previous()
	from, to, form := metric.Date(p.From), metric.Date(p.To), "Jan 2"
	if year := metric.Date(v.To)[:4]; from[:4] != year || to[:4] != year {
		form = "Jan 2, 2006"
	}
	if p.From == p.To {
		return dateWords(to, form)
	}
	return dateWords(from, form) + " – " + dateWords(to, form)
}

// viewForm is templates/admin/_view.html.
type viewForm struct {
	Action   string
	Ranges   []viewOption
	From, To string // own dates, empty for a choice
	Groups   []viewGroup
	Words    string
	Earlier  string
	Filtered []viewFilter
	CSV      string // address of this page's figures as a file, empty for none
	Query    string
	Refresh  string // another choice of the refresh than the standard, to be kept
}

// Kept is the view as fields of another form of the page, so that it stays.
func (f viewForm) Kept() []viewOption {
	query, _ := url.ParseQuery(f.Query) // we wrote it
	var out []viewOption
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			out = append(out, viewOption{Value: value, Label: name})
		}
	}
	return out
}

type viewOption struct {
	Value, Label string
	Selected     bool
}

// viewFilter is one value that all sessions of the view have.
type viewFilter struct {
	Words string
	Clear string // address without it
}

// viewGroup is the choice of a value of one dimension.
type viewGroup struct {
	ID, Label string
	Options   []viewOption
}

// viewForm lists what can be chosen: ranges, and the values that occur in the
// view, the most frequent first.
func (s *Server) viewForm(ctx context.Context, v viewRequest, action string) (viewForm, error) {
	f := viewForm{Action: action, Words: v.words(), Earlier: v.earlier(), Query: v.shown}
	for _, c := range viewChoices {
		f.Ranges = append(f.Ranges, viewOption{strconv.Itoa(c.days), c.label, v.days == c.days})
	}
	if v.days == 0 {
		f.From, f.To = metric.Date(v.From), metric.Date(v.To)
	}
	values, err := s.values(ctx, v.View)
	if err != nil {
		return f, err
	}
	for _, dimension := range metric.Filters() {
		group := viewGroup{ID: "by-" + dimension, Label: dimensionWords(dimension)}
		list, chosen := values[dimension], v.value(dimension)
		if chosen != "" && !slices.Contains(list, chosen) {
			list = append(list, chosen)
		}
		for _, value := range list {
			group.Options = append(group.Options, viewOption{dimension + ":" + value, words(value), value == chosen})
		}
		if len(group.Options) > 0 {
			f.Groups = append(f.Groups, group)
		}
	}
	for _, l := range v.Labels() {
		f.Filtered = append(f.Filtered, viewFilter{dimensionWords(l.Dimension) + ": " + words(l.Value), v.of(v.Without(l.Dimension)).address(action)})
	}
	return f, nil
}

// value is what sessions of the view have in a dimension, empty for anything.
func (v viewRequest) value(dimension string) string {
	for _, l := range v.Labels() {
		if l.Dimension == dimension {
			return l.Value
		}
	}
	return ""
}

// maxChoices is how many values of a dimension are offered.
const maxChoices = 20

// values lists the values of each dimension that sessions of a view have.
func (s *Server) values(ctx context.Context, v metric.View) (map[string][]string, error) {
	rows, err := s.cfg.Store.Rollups(ctx, []metric.Range{{Tier: metric.Day, Metric: metric.Funnel, From: v.From, To: v.To}})
	if err != nil {
		return nil, fmt.Errorf("read values: %w", err)
	}
	counts := make(map[metric.Label]int64)
	for _, row := range rows {
		if k := row.Key; k.Value != "" {
			for _, n := range row.Vector {
				counts[metric.Label{Dimension: k.Dimension, Value: k.Value}] += n
			}
		}
	}
	out := make(map[string][]string)
	for l := range counts {
		out[l.Dimension] = append(out[l.Dimension], l.Value)
	}
	for dimension, list := range out {
		slices.SortFunc(list, func(a, b string) int {
			return cmp.Or(cmp.Compare(counts[metric.Label{Dimension: dimension, Value: b}], counts[metric.Label{Dimension: dimension, Value: a}]), cmp.Compare(a, b))
		})
		out[dimension] = list[:min(len(list), maxChoices)]
	}
	return out, nil
}

func dimensionWords(dimension string) string {
	switch dimension {
	case metric.DimModel:
		return "Business model"
	case metric.DimWebsite:
		return "Kind of website"
	case metric.DimSource:
		return "Source"
	case metric.DimDevice:
		return "Device"
	case metric.DimPackage:
		return "Package"
	case metric.DimLanguage:
		return "Language"
	case metric.DimPrompt:
		return "Version of the questions"
	}
	return words(dimension)
}

// report computes the figures of a view, with what is still open.
func (s *Server) report(ctx context.Context, v viewRequest) (metric.Report, []metric.Row, error) {
	open, err := s.stillOpen(ctx, v.View)
	if err != nil {
		return metric.Report{}, nil, fmt.Errorf("read figures: %w", err)
	}
	return s.reportOf(ctx, v.View, open)
}

// reportOf computes the figures of a view. The rows of the view and of the days
// before it are read at one moment, so that they describe the same sessions.
func (s *Server) reportOf(ctx context.Context, v metric.View, open metric.Open) (metric.Report, []metric.Row, error) {
	var rows []metric.Row
	var err error
	if v.Combined() {
		rows, err = s.cfg.Store.Cut(ctx, v, v.Previous())
	} else {
		rows, err = s.cfg.Store.Rollups(ctx, append(v.Needed(), v.Previous().Needed()...))
	}
	if err != nil {
		return metric.Report{}, nil, fmt.Errorf("read figures: %w", err)
	}
	return metric.NewReport(v, rows, rows, open, s.featurePrice), rows, nil
}

// stillOpen are the sessions of a view that may still go on: none when its days are
// long over.
func (s *Server) stillOpen(ctx context.Context, v metric.View) (open metric.Open, err error) {
	now := s.now()
	since := now.Add(-metric.Window)
	if s.begins(v.To + 1).Before(since) {
		return open, nil
	}
	standing, err := s.standing.of(ctx, now, func(ctx context.Context) (all []metric.Standing, err error) {
		err = s.cfg.Store.OpenFacts(ctx, since, func(f metric.Facts) { all = append(all, f.Standing(s.cfg.Zone)) })
		return all, err
	})
	for _, one := range standing {
		open.Count(one, v, now)
	}
	return open, err
}

// begins is the first moment of a local day.
func (s *Server) begins(day int64) time.Time { return metric.Begins(day, s.cfg.Zone) }

// ended reports whether a request failed because nobody waits for it any more.
func ended(err error) bool { return errors.Is(err, context.Canceled) }
