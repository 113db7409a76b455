package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/chart"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/store"
)

// advisorPage is templates/admin/advisor.html.
type advisorPage struct {
	adminLayout
	View     viewForm
	Model    string // empty: none is configured
	Mode     string
	Modes    []viewOption
	Chip     figureCard // how it is now
	Says     string     // the same in a sentence
	Waiting  int
	Paused   bool // calls pause, and trying again would end that
	Notice   string
	NoticeAt moment
	Budgets  []budgetRow
	Cards    []figureCard
	Costs    chart.Line
	Outcomes chart.Bars
	Tokens   [][2]string
	Empty    bool
}

// budgetRow is one budget with its bar.
type budgetRow struct {
	Name, Spent, Limit string
	Long               float64 // percent of the limit, at most 100
	Tight, UsedUp      bool
}

// adminAdvisor shows what the language model costs and how it does:
// GET /admin/advisor.
func (s *Server) adminAdvisor(w http.ResponseWriter, r *http.Request, who staff) error {
	v := s.view(r)
	v = v.of(metric.View{From: v.From, To: v.To}) // calls have no dimensions
	page := advisorPage{adminLayout: s.adminLayout("Advisor · Introspect", "advisor", who)}
	var err error
	if page.View, err = s.viewForm(r.Context(), v, "/admin/advisor"); err != nil {
		return err
	}
	page.View.Groups, page.View.Earlier = nil, "" // nothing is compared
	f, err := s.cfg.Store.AdvisorFigures(r.Context(), s.begins(v.From), s.begins(v.To+1))
	if err != nil {
		return err
	}
	page.View.CSV = v.file("advisor")
	page.Empty = f.Asked == 0
	page.Cards, page.Costs, page.Outcomes = advisorCards(f), costLine(f, v), outcomeBars(f)
	page.Tokens = [][2]string{
		{"Input", thousands(f.Tokens.Input)},
		{"Input read from the vendor's cache", thousands(f.Tokens.CacheRead)},
		{"Input written to it", thousands(f.Tokens.CacheWrite)},
		{"Output", thousands(f.Tokens.Output)},
	}
	if err := s.advisorNow(r, &page); err != nil {
		return err
	}
	return s.render(w, http.StatusOK, "admin/advisor", page)
}

// advisorNow fills in the switch, the budgets and the notice.
func (s *Server) advisorNow(r *http.Request, page *advisorPage) error {
	d := s.cfg.Desk
	if d == nil {
		return nil
	}
	page.Model, page.Mode, page.Waiting = d.ModelName(), string(d.Mode()), d.Waiting()
	for _, m := range []struct {
		mode  advisor.Mode
		label string
	}{{advisor.Auto, "Automatic"}, {advisor.On, "On: rules only"}, {advisor.Off, "Off: nobody waits for a place"}} {
		page.Modes = append(page.Modes, viewOption{string(m.mode), m.label, m.mode == d.Mode()})
	}
	state := d.State()
	switch {
	case page.Model == "":
		page.Chip, page.Says = figureCard{Word: "No model", Mark: "none"}, "No language model is configured, so that the rules conduct every interview."
	case d.Mode() == advisor.On:
		page.Chip, page.Says = figureCard{Word: "Fallback on", Mark: "warning"}, "Rules and cached advice serve. Conversations that begin now stay without the model."
	case state.Open:
		page.Paused = true
		page.Chip, page.Says = figureCard{Word: "Fallback", Mark: "warning"}, fmt.Sprintf("Calls pause because of %s until %s UTC. Rules and cached advice serve.", words(state.Cause), state.Until.UTC().Format("15:04"))
	case d.TooDear() != "":
		page.Chip, page.Says = figureCard{Word: "Rules only", Mark: "warning"}, d.TooDear()
	default:
		page.Chip, page.Says = figureCard{Word: "In use", Mark: "good"}, "The model is asked about free text answers, and the rules decide."
	}
	gauges, err := d.Gauges(r.Context())
	if err != nil {
		return err
	}
	for _, g := range gauges {
		row := budgetRow{Name: map[string]string{"day": "Today", "month": "This month"}[g.Name], Spent: roughDollars(g.Spent), Limit: "no limit"}
		if g.Limit > 0 {
			row.Limit, row.Long, row.Tight = roughDollars(g.Limit), min(100, 100*float64(g.Spent)/float64(g.Limit)), g.Spent*10 >= g.Limit*8
		}
		if row.UsedUp = g.UsedUp; g.UsedUp && page.Chip.Mark == "good" {
			page.Chip, page.Says = figureCard{Word: "Rules only", Mark: "warning"}, "A budget is used up. The model is asked again once it is renewed, and rules and cached advice serve until then."
		}
		page.Budgets = append(page.Budgets, row)
	}
	n, err := d.Notice(r.Context())
	if err != nil {
		return err
	}
	page.Notice, page.NoticeAt = n.Text, s.moment(n.At)
	return nil
}

// adminAdvisorSwitch sets fallback mode, has the model tried again, or takes a
// notice away: POST /admin/advisor.
func (s *Server) adminAdvisorSwitch(w http.ResponseWriter, r *http.Request, who staff) error {
	if s.cfg.Desk == nil {
		return badRequest("No advisor runs here, so there is nothing to switch.")
	}
	if r.FormValue("do") == "dismiss" {
		if err := s.cfg.Desk.Dismiss(r.Context()); err != nil {
			return err
		}
		http.Redirect(w, r, "/admin/advisor", http.StatusSeeOther)
		return nil
	}
	if r.FormValue("do") == "retry" {
		if err := s.cfg.Desk.Retry(r.Context()); err != nil {
			return err
		}
		if err := s.cfg.Account.Audit(r.Context(), who.User, "fallback_retry", "advisor"); err != nil {
			return err
		}
		http.Redirect(w, r, "/admin/advisor", http.StatusSeeOther)
		return nil
	}
	mode, err := advisor.ParseMode(r.FormValue("mode"))
	if err != nil {
		return badRequest("Fallback mode can be on, off or auto. Nothing was changed.")
	}
	if err := s.cfg.Desk.SetMode(r.Context(), mode); err != nil {
		return err
	}
	if err := s.cfg.Account.Audit(r.Context(), who.User, "fallback_"+string(mode), "advisor"); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/advisor", http.StatusSeeOther)
	return nil
}

// advisorCards are the figures in short.
func advisorCards(f store.AdvisorFigures) []figureCard {
	missed := f.Asked - f.Outcomes[store.AdvisorOK] - f.Outcomes[store.AdvisorCached]
	return []figureCard{
		costCard("Cost a session", f, f.Sessions, "session in which advice was wanted", "sessions in which advice was wanted"),
		costCard("Cost a finished interview", f, f.Completed, "finished interview in which advice was wanted", "finished interviews in which advice was wanted"),
		costCard("Cost a question", f, f.Asked, "answer that advice was wanted for", "answers that advice was wanted for"),
		{Title: "Half of the calls within", Value: percentile(f.Latency, 50), Note: "19 of 20 within " + percentile(f.Latency, 95) + ", 99 of 100 within " + percentile(f.Latency, 99)},
		{Title: "First token, half within", Value: percentile(f.First, 50), Note: "19 of 20 within " + percentile(f.First, 95)},
		shareCard("Served from our cache", f.Outcomes[store.AdvisorCached], f.Asked),
		shareCard("Left to the rules", missed, f.Asked),
		{Title: "Parts refused", Value: thousands(f.Dropped), Note: "of advice that the review did not let pass"},
	}
}

func costCard(title string, f store.AdvisorFigures, of int64, one, many string) figureCard {
	c := figureCard{Title: title, Value: "–", Note: "no " + many}
	if of == 0 {
		return c
	}
	c.Value, c.Note = microDollars((f.MicroUSD+of/2)/of), plural(int(of), one, many)
	if f.Unpriced > 0 {
		c.Value, c.Note = "unknown", fmt.Sprintf("%s no known price; without that %s", plural(int(f.Unpriced), "call has", "calls have"), microDollars((f.MicroUSD+of/2)/of))
		c.Mark, c.Word = "warning", "price unknown"
	}
	return c
}

func shareCard(title string, part, all int64) figureCard {
	if all == 0 {
		return figureCard{Title: title, Value: "–", Note: "nothing was asked"}
	}
	return figureCard{Title: title, Value: chart.Percent(100 * float64(part) / float64(all)), Note: thousands(part) + " of " + thousands(all)}
}

// percentile is the p-th of a sorted list of milliseconds, in words.
func percentile(sorted []int64, p int) string {
	if len(sorted) == 0 {
		return "–"
	}
	ms := sorted[min(len(sorted)*p/100, len(sorted)-1)]
	if ms < 1000 {
		return thousands(ms) + " ms"
	}
	return number(float64(ms)/1000, 2) + " s"
}

// microDollars writes micro-dollars with as many digits as say something.
func microDollars(micro int64) string {
	switch {
	case micro == 0:
		return "$0"
	case micro < 10_000:
		return fmt.Sprintf("$0.%06d", micro)
	case micro < 1_000_000:
		return fmt.Sprintf("$0.%04d", (micro+50)/100)
	}
	cents := (micro + 5000) / 10_000
	return fmt.Sprintf("$%s.%02d", thousands(cents/100), cents%100)
}

// roughDollars writes an amount where little room is.
func roughDollars(micro int64) string {
	if micro > 0 && micro < 10_000 {
		return "<$0.01"
	}
	cents := (micro + 5000) / 10_000
	return fmt.Sprintf("$%s.%02d", thousands(cents/100), cents%100)
}

// costLine is what each day of a view cost, in a unit that suits the amounts.
func costLine(f store.AdvisorFigures, v viewRequest) chart.Line {
	byDay := map[string]store.AdvisorDay{}
	for _, d := range f.Days {
		byDay[d.Day] = d
	}
	unit, each := "micro-dollars", 1.0
	for _, d := range f.Days {
		if d.MicroUSD >= 100_000 {
			unit, each = "US cents", 10_000
		}
	}
	var points []chart.Point
	for day := v.From; day <= v.To; day++ {
		d, ok := byDay[metric.Date(day)]
		points = append(points, chart.Point{
			Label: dateWords(metric.Date(day), "Jan 2"), Value: float64(d.MicroUSD) / each, Known: ok && d.Unpriced == 0,
		})
	}
	return chart.NewLine("advisor-cost", "Cost a day, in "+unit, [2]string{"Day", words(unit)}, points, 0)
}

// outcomeBars are the shares of what became of each question to the model.
func outcomeBars(f store.AdvisorFigures) chart.Bars {
	var rates []chart.Rate
	order := slices.SortedFunc(maps.Keys(f.Outcomes), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Outcomes[b], f.Outcomes[a]), cmp.Compare(a, b))
	})
	for _, name := range order {
		rates = append(rates, chart.Rate{Label: outcomeWords(name), Percent: 100 * float64(f.Outcomes[name]) / float64(max(1, f.Asked)), Note: thousands(f.Outcomes[name])})
	}
	return chart.NewBars("advisor-outcomes", "What became of the questions to the model", [3]string{"Outcome", "Share", "Turns"}, rates, 0)
}

func outcomeWords(name string) string {
	switch name {
	case store.AdvisorOK:
		return "Answered"
	case store.AdvisorCached:
		return "Served from our cache"
	case store.AdvisorSkipped:
		return "Not asked: fallback or budget"
	case "paused":
		return "Not asked: the breaker is open"
	case "limited":
		return "Not asked: calls of this minute used up"
	case "busy":
		return "Not asked: too many at once"
	}
	return words(name)
}
