package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/status"
)

// How long what the database says is shown before it is read again, and how
// long a visitor waits for that: the page is needed most when the database is
// slow, so an old one is better than none.
const (
	statusFor   = 10 * time.Second
	statusWait  = 700 * time.Millisecond
	statusPause = 2 * time.Second // after a reading that failed
)

// statusCache holds what the status page needs from the database.
type statusCache struct {
	mu      sync.Mutex
	reading sync.Mutex // held by whoever reads the database
	input   status.Input
	read    time.Time     // zero: never
	failed  time.Time     // when a reading last failed
	changed chan struct{} // asks for a new copy of the page
}

// forget makes the next reading a fresh one, and the copy a new one.
func (c *statusCache) forget() {
	c.mu.Lock()
	c.read = time.Time{}
	c.mu.Unlock()
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

func (c *statusCache) get() (status.Input, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.input, c.read
}

// statusNow builds the status page of now. What is measured is always of now;
// what the database says may be old while it does not answer.
func (s *Server) statusNow(ctx context.Context) status.Page {
	in, read := s.status.get()
	now := s.now()
	if since := now.Sub(read); read.IsZero() || since < 0 || since >= statusFor {
		s.refreshStatus(ctx, !read.IsZero())
		in, _ = s.status.get()
	}
	in.Now, in.Zone, in.Health, in.Mode = now, s.cfg.Zone, s.cfg.Health.Components(), s.mode(ctx)
	return status.Build(in)
}

// refreshStatus reads the database, or leaves things as they are when that
// takes too long. Whoever has something to show does not wait for another's
// reading, and nobody waits for a database that has just failed.
func (s *Server) refreshStatus(ctx context.Context, have bool) {
	c := &s.status
	if have {
		if !c.reading.TryLock() {
			return
		}
	} else {
		c.reading.Lock()
	}
	defer c.reading.Unlock()
	c.mu.Lock()
	idle := s.now().Sub(c.failed) < statusPause || !have && !c.read.IsZero() // or somebody has just read it
	c.mu.Unlock()
	if idle {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), statusWait)
	defer cancel()
	in, err := s.statusInput(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.failed = s.now()
		s.log.WarnContext(ctx, "the status page shows what was known before", "error", err.Error())
		return
	}
	c.input, c.read = in, s.now()
}

// statusInput reads what the database says.
func (s *Server) statusInput(ctx context.Context) (in status.Input, err error) {
	now := s.now()
	if in.Incidents, err = s.cfg.Store.Incidents(ctx, now.AddDate(0, 0, -2*status.PastDays)); err != nil {
		return in, err
	}
	if in.Maintenances, err = s.cfg.Store.Maintenances(ctx, now); err != nil {
		return in, err
	}
	if in.Window, err = s.cfg.Store.Window(ctx); err != nil {
		return in, err
	}
	release, err := s.cfg.Store.Running(ctx)
	if err != nil {
		return in, err
	}
	if in.ReleasedAt = release.At; release.Version != "" {
		in.Release = release.Version // visitors need no commit
	}
	today := metric.DayBucket(now, s.cfg.Zone)
	tallies, err := s.cfg.Store.ProbeDays(ctx, today-status.BarDays+1)
	if err != nil {
		return in, err
	}
	in.Days = make(map[status.Component][]status.Day)
	for _, c := range status.Components() {
		for day := today - status.BarDays + 1; day <= today; day++ {
			in.Days[c] = append(in.Days[c], status.Day{Date: metric.Date(day), Tally: tallies[string(c)][day]})
		}
	}
	return in, nil
}

// statusAddress is where the page is found from outside.
func (s *Server) statusAddress(r *http.Request) string {
	if s.cfg.AppURL != "" || r == nil {
		return s.cfg.AppURL + "/status"
	}
	scheme := "http"
	if s.secure(r) {
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/status"
}

// statusHTML shows the page: GET /status.
func (s *Server) statusHTML(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, http.StatusOK, "status", s.statusView(s.statusNow(r.Context())))
}

// shortly lets caches in front keep an answer for a moment.
func shortly(w http.ResponseWriter, mime string) {
	h := w.Header()
	h.Set("Content-Type", mime)
	h.Set("Cache-Control", "public, max-age=15")
	h.Set("Access-Control-Allow-Origin", "*")
}

// statusJSON shows the page in the shape of Statuspage: GET /status.json.
func (s *Server) statusJSON(w http.ResponseWriter, r *http.Request) error {
	body, err := s.statusSummary(s.statusNow(r.Context()), s.statusAddress(r))
	if err != nil {
		return err
	}
	shortly(w, "application/json; charset=utf-8")
	_, _ = w.Write(body)
	return nil
}

// statusRSS shows the page as a feed by RSS 2.0: GET /status.rss.
func (s *Server) statusRSS(w http.ResponseWriter, r *http.Request) error {
	body, err := s.statusNow(r.Context()).RSS(s.cfg.Agency.Name, s.statusAddress(r))
	return feed(w, "application/rss+xml; charset=utf-8", body, err)
}

// statusAtom shows the page as an Atom feed: GET /status.atom.
func (s *Server) statusAtom(w http.ResponseWriter, r *http.Request) error {
	body, err := s.statusNow(r.Context()).Feed(s.cfg.Agency.Name, s.statusAddress(r))
	return feed(w, "application/atom+xml; charset=utf-8", body, err)
}

func feed(w http.ResponseWriter, mime string, body []byte, err error) error {
	if err != nil {
		return err
	}
	shortly(w, mime)
	_, _ = w.Write(body)
	return nil
}

// statusPage is templates/status.html.
type statusPage struct {
	layout
	Page       status.Page
	Tone       string // of the headline: good, notice, warning, critical
	Updated    moment
	Released   moment // what serves, since then
	Zone       string
	Components []componentView
	Open       []incidentView
	Planned    []plannedView
	Past       []pastView
}

// componentView is one component with its bars.
type componentView struct {
	Name, State, Tone string
	Uptime            string // "99.98%", empty when nothing was measured
	Bars              []barView
	Bad               []string // days with failures, in words
}

// barView is all days of one tone, as one path: ninety shapes for each component
// would make most of the page.
type barView struct {
	Tone string // none, good, fair, warning, critical
	Path string
}

// incidentView is one incident with its timeline.
type incidentView struct {
	ID, Title, Impact, Tone, Phase string
	Parts                          string
	Updates                        []updateView
	Postmortem                     string
}

type updateView struct {
	Phase string
	At    moment
	Text  string
}

type plannedView struct {
	ID, Title, Text, Parts string
	Start, End             moment
	SameDay                bool
	Active, Emergency      bool
	Short                  bool // announced later than it should be
}

type pastView struct {
	Day       string
	Incidents []incidentView
}

// barStep is how far apart the bars of two days are.
const barStep = 4

func (s *Server) statusView(p status.Page) statusPage {
	view := statusPage{layout: s.layout("Service status"), Page: p, Tone: impactTone(p.Indicator), Updated: s.moment(p.Updated), Released: s.moment(p.ReleasedAt), Zone: s.cfg.Zone.String()}
	view.Screen, view.Style, view.Description = "status", "status.css", "Whether the service works, what is being mended and what is planned."
	if p.Words == "Service under maintenance" {
		view.Tone = "notice"
	}
	for _, c := range p.Components {
		view.Components = append(view.Components, componentBars(c))
	}
	for _, i := range p.Open {
		view.Open = append(view.Open, s.incidentView(i))
	}
	for _, m := range p.Planned {
		start, end := s.moment(m.Start), s.moment(m.End)
		view.Planned = append(view.Planned, plannedView{
			ID: m.ID, Title: m.Title, Text: m.Text, Parts: partNames(m.Components), Start: start, End: end, SameDay: start.Day == end.Day,
			Active: m.Active(p.Updated), Emergency: m.Emergency, Short: m.Start.Sub(m.CreatedAt) < status.Notice,
		})
	}
	view.Past = s.pastViews(p.Past)
	return view
}

// pastViews shows the days of the page. Quiet days in a row are one line.
func (s *Server) pastViews(days []status.PastDay) []pastView {
	const form = "Jan 2, 2006"
	var out []pastView
	for i := 0; i < len(days); i++ {
		d := days[i]
		past := pastView{Day: d.Date.Format(form)}
		for _, inc := range d.Incidents {
			past.Incidents = append(past.Incidents, s.incidentView(inc))
		}
		if len(d.Incidents) == 0 {
			last := i
			for last+1 < len(days) && len(days[last+1].Incidents) == 0 {
				last++
			}
			if last > i {
				past.Day = days[last].Date.Format("Jan 2") + " to " + past.Day
			}
			i = last
		}
		out = append(out, past)
	}
	return out
}

func componentBars(c status.ComponentView) componentView {
	out := componentView{Name: c.Name, State: c.State.Words(), Tone: stateTone(c.State)}
	if up, ok := c.Tally.Shown(); ok {
		out.Uptime = number(up, 2) + "%"
	}
	paths := make(map[string]string)
	for i, d := range c.Days {
		tone := dayTone(d.Tally)
		paths[tone] += fmt.Sprintf("M%d 0h3v32h-3z", i*barStep)
		if up, ok := d.Tally.Shown(); ok && d.Tally.Bad > 0 {
			out.Bad = append(out.Bad, fmt.Sprintf("%s: %s%%", d.Date, number(up, 2)))
		}
	}
	for _, tone := range slices.Sorted(maps.Keys(paths)) {
		out.Bars = append(out.Bars, barView{tone, paths[tone]})
	}
	return out
}

func dayTone(t status.Tally) string {
	up, ok := t.Uptime()
	switch {
	case !ok:
		return "none"
	case t.Bad == 0:
		return "good"
	case up >= 99:
		return "fair"
	case up >= 95:
		return "warning"
	}
	return "critical"
}

func (s *Server) incidentView(i status.Incident) incidentView {
	out := incidentView{
		ID: i.ID, Title: i.Title, Impact: words(string(i.Impact)), Tone: impactTone(i.Impact), Phase: words(string(i.Phase())),
		Parts: partNames(i.Components), Postmortem: i.Postmortem,
	}
	if !i.Open() {
		out.Tone = "good"
	}
	for _, u := range i.Updates {
		out.Updates = append(out.Updates, updateView{words(string(u.Phase)), s.moment(u.At), u.Text})
	}
	return out
}

func partNames(list []status.Component) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.Name()
	}
	return strings.Join(names, ", ")
}

func impactTone(i status.Impact) string {
	switch i {
	case status.Minor, status.Major:
		return "warning"
	case status.Critical:
		return "critical"
	case status.None:
	}
	return "good"
}

func stateTone(st status.State) string {
	switch st {
	case status.UnderMaintenance:
		return "notice"
	case status.Degraded, status.PartialOutage:
		return "warning"
	case status.MajorOutage:
		return "critical"
	case status.Operational:
	}
	return "good"
}
