package metric_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/stat"
)

// reportOf is the report of visits over the last days, all rows at hand.
func reportOf(v metric.View, visits ...*visit) metric.Report {
	var open []metric.Facts
	for _, x := range visits {
		open = append(open, factsOf(x.events))
	}
	list := rows(rollups(berlin, visits...))
	return metric.NewReport(v, list, list, metric.OpenOf(open, v, now, berlin), prices)
}

// valueOf is what a visit has in a dimension, from its contribution.
func valueOf(v *visit, dimension string) string {
	for k := range metric.Contribution(factsOf(v.events), berlin) {
		if (k.Metric == metric.Funnel || k.Metric == metric.Sessions) && k.Dimension == dimension && k.Value != "" {
			return k.Value
		}
	}
	return ""
}

// TestAFilterIsAReportOfFewerSessions: cutting by a value gives exactly the
// report that only those sessions would have, in every dimension.
func TestAFilterIsAReportOfFewerSessions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 11))
	var visits []*visit
	for i := range 120 {
		visits = append(visits, &visit{events: randomEvents(r, sessionID(i), r.IntN(40))})
	}
	whole := metric.Last(30, now, berlin)
	compared := 0
	for _, dimension := range metric.Filters() {
		of := map[string][]*visit{}
		for _, v := range visits {
			if value := valueOf(v, dimension); value != "" {
				of[value] = append(of[value], v)
			}
		}
		for value, own := range of {
			cut := whole
			cut.Filter = metric.Label{Dimension: dimension, Value: value}
			got, want := reportOf(cut, visits...), reportOf(whole, own...)
			got.View, got.Before, want.View, want.Before = metric.View{}, metric.View{}, metric.View{}, metric.View{}
			want.Models = got.Models // the grid is not shown under a filter
			if len(got.Models) > 0 {
				t.Errorf("%s %s: a grid of models under a filter", dimension, value)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s = %s (-own sessions +filter):\n%s", dimension, value, diff)
			}
			compared++
		}
	}
	if compared < 10 {
		t.Errorf("only %d values were compared", compared)
	}
}

// TestReportOfAWeek holds the figures of a small world that can be counted by
// hand: ten interviews, of which five finish, three stop at question 9, one is
// still at question 9, and one looked only at the page.
func TestReportOfAWeek(t *testing.T) {
	t.Parallel()
	old := now.Add(-72 * time.Hour)
	var visits []*visit
	for i := range 5 {
		visits = append(visits, interview(sessionID(i), old))
	}
	stops := func(id event.SessionID, at time.Time) *visit {
		v := newVisit(id, at).did(event.LandingView{Source: "news", Device: "phone"}, plain(event.NameCTAClick), plain(event.NameFoundationStart),
			plain(event.NameFoundationComplete), event.SessionStart{WebsiteType: "business"}, plain(event.NameConversationStart))
		for q := 5; q <= 9; q++ {
			v.did(event.NewQuestionEfficiency(q))
			if q < 9 {
				v.did(event.MessageSent{QuestionNumber: q, QuestionID: "q" + string(rune('0'+q)), TimeToRespond: 30})
			}
		}
		return v
	}
	for i := 5; i < 8; i++ {
		visits = append(visits, stops(sessionID(i), old))
	}
	visits = append(visits, stops(sessionID(8), now.Add(-time.Hour)), newVisit(sessionID(9), old).did(event.LandingView{}))
	got := reportOf(metric.Last(7, now, berlin), visits...)

	if got.Started != 9 || got.Completed != 5 || got.Completion.Rate != (stat.Rate{Hits: 5, Of: 9}) {
		t.Errorf("started %d, completed %d, %+v; want 9, 5", got.Started, got.Completed, got.Completion.Rate)
	}
	if got.Completion.Low < 0.26 || got.Completion.Low > 0.27 || got.Completion.High < 0.81 || got.Completion.High > 0.82 {
		t.Errorf("interval %.3f to %.3f, want 0.267 to 0.811", got.Completion.Low, got.Completion.High)
	}
	if got.Completion.Change.Verdict != stat.Few {
		t.Errorf("verdict %s, want few: there is nothing before", got.Completion.Change.Verdict)
	}
	features := got.Funnel[5]
	if features.Count != 5 || features.Dropped != 3 || features.Open != 1 || got.Funnel[1].Dropped != 1 {
		t.Errorf("features %+v, click %+v; want 5 reached, 3 dropped, 1 open, and 1 dropped", features, got.Funnel[1])
	}
	i := slices.IndexFunc(got.Places, func(p metric.Place) bool { return p.Number == 9 })
	if i < 0 {
		t.Fatalf("no question 9 in %+v", got.Places)
	}
	if p := got.Places[i]; p.Reached != 9 || p.Stopped != 3 || p.Open != 1 || p.Recovered != 3 || p.Hazard.Of != 8 {
		t.Errorf("question 9 = %+v, want 9 reached, 3 stopped, 1 open, 3 to recover of 8 judged", p)
	}
	if !got.Places[i].Stands || got.Places[0].Stands {
		t.Errorf("places %+v, want question 9 alone to stand out", got.Places)
	}
	if n := got.Finish.Count(); n != 5 {
		t.Errorf("%d times to the end, want those of the five that finished", n)
	}
	if path := got.Paths[0]; path[6].Count != 5 || path[6].Median == 0 || path[8].P95 < path[6].P95 {
		t.Errorf("way from the landing page = %+v, want five to the end with growing times", path)
	}
	for _, q := range got.Asked {
		if q.ID == "q6" && (q.Answered != 4 || q.Place != 6 || q.Median < 29.4 || q.Median > 30.6) {
			t.Errorf("question q6 = %+v, want 4 answers at place 6 after 30 s", q)
		}
	}
	if len(got.Days) != 7 || got.Days[6].Started != 1 || got.Days[6].Completed != 0 {
		t.Errorf("days %+v, want seven with one session today", got.Days)
	}
}

// TestPlacesAddUp: whoever is asked a question goes on, finishes, stops or is
// open, and nobody twice.
func TestPlacesAddUp(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 12))
		var visits []*visit
		for i := range 60 {
			visits = append(visits, &visit{events: randomEvents(r, sessionID(i), r.IntN(30))})
		}
		got := reportOf(metric.Last(30, now, berlin), visits...)
		for _, p := range got.Places {
			if p.Stopped < 0 || p.Open < 0 || p.Stopped+p.Open > p.Reached || p.Recovered < 0 || p.Recovered > float64(p.Stopped) {
				t.Fatalf("seed %d: %+v does not add up", seed, p)
			}
		}
		for _, s := range got.Funnel {
			if s.Dropped < 0 || s.Open < 0 || s.Rate.Hits > s.Rate.Of {
				t.Fatalf("seed %d: %+v does not add up", seed, s)
			}
		}
	}
}

func TestPreviousMeetsTheSameWeekdays(t *testing.T) {
	t.Parallel()
	for days, shift := range map[int]int64{1: 7, 7: 7, 8: 14, 30: 35, 90: 91, 365: 371} {
		v := metric.Last(days, now, berlin)
		p := v.Previous()
		if v.From-p.From != shift || v.To-p.To != shift || p.To >= v.From || p.Days() != days {
			t.Errorf("the %d days before %+v are %+v, want %d days earlier", days, v, p, shift)
		}
	}
}
