package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/trial"
)

// trialsSetting holds the A/B tests as JSON.
const trialsSetting = "trials"

// maxTrials is how many tests are kept; the facts of a visit hold eight tags.
const maxTrials = 8

func (s *Server) trials(ctx context.Context) ([]trial.Test, error) {
	text, err := s.cfg.Store.Setting(ctx, trialsSetting)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []trial.Test
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("read A/B tests: %w", err)
	}
	return list, nil
}

func (s *Server) saveTrials(ctx context.Context, list []trial.Test) error {
	text, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("write A/B tests: %w", err)
	}
	return s.cfg.Store.SetSetting(ctx, trialsSetting, string(text))
}

// assigned is what a visit sees of the running tests. A page never fails
// because of them: without them it says what it always says.
func (s *Server) assigned(r *http.Request, visit event.SessionID) (tags []string, texts map[string]string) {
	list, err := s.trials(r.Context())
	if err != nil || visit == "" {
		return nil, nil
	}
	tags, places := trial.Assign(list, visit)
	texts = make(map[string]string, len(places))
	for p, text := range places {
		texts[string(p)] = text
	}
	return tags, texts
}

// trialsPage is templates/admin/trials.html.
type trialsPage struct {
	adminLayout
	Rows    []trialRow
	Places  []trial.Choice
	Metrics []trial.Metric
	Full    bool
	Error   string
	Given   trial.Test
}

// trialRow is one test with what is known of it.
type trialRow struct {
	trial.Test

	Label    string // of the place
	Since    string
	Variants []variantRow
	Verdict  string
	Mark     string
}

type variantRow struct {
	Name, Units, Hits, Rate, Sure, Half string // Half within this time

	rate metric.Compared
	half float64 // seconds
}

// adminTrials lists the A/B tests: GET /admin/trials.
func (s *Server) adminTrials(w http.ResponseWriter, r *http.Request, who staff) error {
	return s.showTrials(w, r, who, http.StatusOK, trial.Test{Share: trial.StandardShare, Least: trial.StandardLeast}, "")
}

func (s *Server) showTrials(w http.ResponseWriter, r *http.Request, who staff, status int, given trial.Test, fault string) error {
	list, err := s.trials(r.Context())
	if err != nil {
		return err
	}
	page := trialsPage{
		adminLayout: s.adminLayout("A/B tests · Introspect", "trials", who), Places: trial.Places(), Metrics: trial.Metrics(),
		Full: len(list) >= maxTrials, Error: fault, Given: given,
	}
	for _, t := range list {
		row, err := s.trialRow(r.Context(), t)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, row)
	}
	return s.render(w, status, "admin/trials", page)
}

func (s *Server) trialRow(ctx context.Context, t trial.Test) (trialRow, error) {
	row := trialRow{Test: t, Since: s.moment(t.Started).Day}
	for _, c := range trial.Places() {
		if c.Place == t.Place {
			row.Label = c.Label
		}
	}
	end := s.now()
	if t.Status == trial.Stopped {
		end = t.Ended
	}
	view := metric.View{From: metric.DayBucket(t.Started, s.cfg.Zone), To: metric.DayBucket(end, s.cfg.Zone)}
	rates, times := map[trial.Variant]stat.Rate{}, map[trial.Variant]stat.Numbers{}
	for _, v := range []trial.Variant{trial.Control, trial.Treatment} {
		view.Filter = metric.Label{Dimension: metric.DimTrial, Value: t.Tag(v)}
		report, _, err := s.reportOf(ctx, view, metric.Open{})
		if err != nil {
			return row, err
		}
		landed, finished := report.Funnel[0].Count, report.Funnel[6].Count
		rate := metric.Compared{Rate: stat.Rate{Hits: min(finished, landed), Of: landed}}
		if t.Metric == trial.Satisfaction {
			rate = report.Helpful
		}
		rate.Low, rate.High, _ = rate.Interval(stat.Usual)
		rates[v], times[v] = rate.Rate, report.Finish
		half, _ := report.Finish.Median() // 0 without any
		row.Variants = append(row.Variants, variantRow{
			Name: string(v), Units: thousands(rate.Of), Hits: thousands(rate.Hits), Rate: rateWords(rate), Sure: between(rate),
			Half: duration(half), rate: rate, half: half,
		})
	}
	if t.Metric == trial.Time {
		row.Verdict, row.Mark = timeWords(t.JudgeTimes(times[trial.Control], times[trial.Treatment]))
	} else {
		row.Verdict, row.Mark = verdictWords(t.Judge(rates[trial.Control], rates[trial.Treatment]))
	}
	if t.Metric == trial.Satisfaction && row.Mark != "" {
		row.Verdict += " Votes are counted one by one, though those of one visit go together: where few visits gave many, this is less sure than it sounds."
	}
	return row, nil
}

// timeWords says what may be said of times.
func timeWords(o trial.Outcome) (text, mark string) {
	switch {
	case o.Missing > 0:
		return fmt.Sprintf("No verdict yet: the smaller variant needs %s more that finish.", thousands(o.Missing)), ""
	case o.Decided && o.Winner == trial.Treatment:
		return "With the text tried people finish sooner" + byHalf(-o.Diff) + ".", "good"
	case o.Decided:
		return "With the text tried people take longer" + byHalf(o.Diff) + ".", "critical"
	}
	return fmt.Sprintf("Not distinguishable from noise so far (p %s).", number(o.P, 3)), ""
}

// byHalf says by how much the medians differ. They need not, or not the same way,
// where times differ as a whole.
func byHalf(seconds float64) string {
	if seconds <= 0 {
		return ", though half of both within the same time"
	}
	return ": half of them by " + duration(seconds)
}

// verdictWords says what may be said of rates.
func verdictWords(o trial.Outcome) (text, mark string) {
	switch {
	case o.Missing > 0:
		return fmt.Sprintf("No verdict yet: the smaller variant needs %s more.", thousands(o.Missing)), ""
	case o.Decided && o.Winner == trial.Treatment:
		return fmt.Sprintf("The text tried is better by %s points (%s to %s).", number(100*o.Diff, 1), number(100*o.Low, 1), number(100*o.High, 1)), "good"
	case o.Decided:
		return fmt.Sprintf("The text tried is worse by %s points (%s to %s).", number(-100*o.Diff, 1), number(-100*o.High, 1), number(-100*o.Low, 1)), "critical"
	}
	text = fmt.Sprintf("Not distinguishable from noise so far (%s points, p %s).", number(100*o.Diff, 1), number(o.P, 3))
	if o.Needs > 0 && o.Needs < 100_000 {
		text += fmt.Sprintf(" A difference of this size would take about %s more a variant.", thousands(o.Needs))
	}
	return text, ""
}

// adminTrialAdd begins a test: POST /admin/trials.
func (s *Server) adminTrialAdd(w http.ResponseWriter, r *http.Request, who staff) error {
	share, _ := strconv.Atoi(r.FormValue("share")) // 0 is refused below
	least, _ := strconv.Atoi(r.FormValue("least"))
	t := trial.Test{
		Name: strings.TrimSpace(r.FormValue("name")), Place: trial.Place(r.FormValue("place")), Text: strings.Join(strings.Fields(r.FormValue("text")), " "),
		Share: share, Least: least, Metric: trial.Metric(r.FormValue("metric")), Status: trial.Running, Started: s.now().UTC(),
	}
	list, err := s.trials(r.Context())
	if err != nil {
		return err
	}
	fault := t.Check()
	switch {
	case fault != nil:
	case len(list) >= maxTrials:
		fault = fmt.Errorf("there are %d tests already; remove one first", maxTrials)
	case slices.ContainsFunc(list, func(old trial.Test) bool { return old.Name == t.Name }):
		fault = fmt.Errorf("there is a test called %q already; a new name makes new buckets", t.Name)
	case slices.ContainsFunc(list, func(old trial.Test) bool { return old.Place == t.Place && old.Status == trial.Running }):
		fault = errors.New("another test of this text is running, and a visit can see one of them only; stop it first")
	}
	if fault != nil {
		return s.showTrials(w, r, who, http.StatusUnprocessableEntity, t, "Nothing was begun: "+fault.Error()+".")
	}
	return s.changeTrials(w, r, who, append(list, t), "trial_begun", t.Name)
}

// adminTrialChange stops or removes a test: POST /admin/trials/{name}.
func (s *Server) adminTrialChange(w http.ResponseWriter, r *http.Request, who staff) error {
	list, err := s.trials(r.Context())
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	at := slices.IndexFunc(list, func(t trial.Test) bool { return t.Name == name })
	switch do := r.FormValue("do"); {
	case at < 0:
		return badRequest("There is no such test.")
	case do == "stop":
		list[at].Status, list[at].Ended = trial.Stopped, s.now().UTC()
		return s.changeTrials(w, r, who, list, "trial_stopped", name)
	case do == "remove" && list[at].Status == trial.Stopped:
		return s.changeTrials(w, r, who, slices.Delete(list, at, at+1), "trial_removed", name)
	}
	return badRequest("A test can be stopped, and removed once it is stopped.")
}

func (s *Server) changeTrials(w http.ResponseWriter, r *http.Request, who staff, list []trial.Test, action, name string) error {
	if err := s.saveTrials(r.Context(), list); err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, action, name); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/trials", http.StatusSeeOther)
	return nil
}
