package metric_test

import (
	"fmt"
	"math"
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
	var open metric.Open
	for _, x := range visits {
		open.Count(factsOf(x.events).Standing(berlin), v, now)
	}
	list := rows(rollups(berlin, visits...))
	return metric.NewReport(v, list, list, open, prices)
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

// The report says what the period before came to, and how each model does.
func TestReportOfTwoPeriods(t *testing.T) {
	t.Parallel()
	old := now.Add(-72 * time.Hour)
	before := interview(sessionID(0), old.AddDate(0, 0, -7))
	got := reportOf(metric.Last(7, now, berlin), before, interview(sessionID(1), old), interview(sessionID(2), old),
		newVisit(sessionID(3), old).did(event.LandingView{}, event.NewBusinessModelClassified("ecommerce", 90, 9)))
	if got.Started != 3 || got.StartedBefore != 1 || got.Completed != 2 || got.CompletedBefore != 1 || got.Value != 720_000 || got.ValueBefore != 360_000 {
		t.Errorf("started %d after %d, completed %d after %d, value %d after %d; want 3 after 1, 2 after 1, 720000 after 360000",
			got.Started, got.StartedBefore, got.Completed, got.CompletedBefore, got.Value, got.ValueBefore)
	}
	if got.Minutes != 14 {
		t.Errorf("%v minutes a session, want 14", got.Minutes)
	}
	if r := got.Funnel[1].Rate; r.Rate != (stat.Rate{Hits: 2, Of: 3}) || r.Before != (stat.Rate{Hits: 1, Of: 1}) || r.Target != 60 {
		t.Errorf("who clicked = %+v, want 2 of 3 after 1 of 1, with a target of 60", r)
	}
	var models []string
	for _, m := range got.Models {
		models = append(models, fmt.Sprintf("%s %d of %d, on time %d of %d, %v questions, %v minutes, %d",
			m.Model, m.Completion.Hits, m.Completion.Of, m.OnTime.Hits, m.OnTime.Of, m.Questions, m.Minutes, m.Value))
	}
	want := []string{"service 2 of 2, on time 2 of 2, 22 questions, 14 minutes, 720000", "ecommerce 0 of 1, on time 0 of 1, 0 questions, 0 minutes, 0"}
	if diff := cmp.Diff(want, models); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
}

// While interviews of the view are under way, those of the days before are all
// over: fewer finished ones are a drop only if they remain fewer when all of the
// open ones finish.
func TestWhatIsOpenIsNoDrop(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name             string
		gone, open, done int // of the view; 60 of the 100 before finished
		want             stat.Verdict
		early            bool
	}{
		{name: "all are under way", open: 100, want: stat.Noise, early: true},
		{name: "all have left", gone: 100, want: stat.Lower},
		{name: "too many have left already", gone: 70, open: 30, want: stat.Lower},
		{name: "more have finished than before", gone: 5, open: 5, done: 90, want: stat.Higher},
	} {
		var visits []*visit
		begin := func(n int, at time.Time) {
			for range n {
				visits = append(visits, newVisit(sessionID(len(visits)), at).did(plain(event.NameFoundationComplete), plain(event.NameConversationStart)))
			}
		}
		finish := func(n int, at time.Time) {
			for range n {
				visits = append(visits, interview(sessionID(len(visits)), at))
			}
		}
		old := now.Add(-72 * time.Hour)
		begin(40, old.AddDate(0, 0, -7))
		finish(60, old.AddDate(0, 0, -7))
		begin(tc.gone, old)
		begin(tc.open, now.Add(-time.Hour))
		finish(tc.done, old)
		got := reportOf(metric.Last(7, now, berlin), visits...)
		for what, c := range map[string]metric.Compared{"completion": got.Completion, "features": got.Funnel[5].Rate} {
			if c.Change.Verdict != tc.want || c.Early != tc.early || c.Open != int64(tc.open) {
				t.Errorf("%s, %s: %s, early %v, %d open; want %s, %v, %d", tc.name, what, c.Change.Verdict, c.Early, c.Open, tc.want, tc.early, tc.open)
			}
		}
	}
}

// The documents of a finished interview may wait for a person of the agency: until
// then, and for two days, it is open at the stage after, and no interview under way.
func TestAFinishedInterviewWaitsForItsMails(t *testing.T) {
	t.Parallel()
	at := func(ago time.Duration, id event.SessionID) *visit {
		return newVisit(id, now.Add(-ago)).did(event.SessionStart{}, event.NewQuestionEfficiency(5), event.NewSessionComplete(5, time.Minute, 90), event.NewDocumentGenerated(event.DocumentScope, 1, time.Second))
	}
	got := reportOf(metric.Last(7, now, berlin), at(time.Hour, "s-1"), at(72*time.Hour, "s-2"))
	if mails := got.Funnel[8]; mails.Open != 1 || mails.Dropped != 1 {
		t.Errorf("mails = %+v, want one open and one dropped", mails)
	}
	if got.Completion.Open != 0 || len(got.Places) != 5 || got.Places[4].Open != 0 {
		t.Errorf("completion %+v, places %+v; want no open interview", got.Completion, got.Places)
	}
}

// Who came to the landing page before midnight and began the interview after it is
// open at its question on the day of the interview.
func TestOpenOverMidnight(t *testing.T) {
	t.Parallel()
	v := newVisit("s-1", time.Date(2026, 11, 22, 22, 50, 0, 0, time.UTC)).did(event.LandingView{}) // 23:50 in Berlin
	v.at = v.at.Add(20 * time.Minute)
	got := reportOf(metric.Last(1, now, berlin), v.did(event.SessionStart{}, event.NewQuestionEfficiency(1)))
	if len(got.Places) != 1 || got.Places[0].Open != 1 || got.Places[0].Stopped != 0 || got.Completion.Open != 1 {
		t.Errorf("places %+v, completion %+v; want one that is open and none that stopped", got.Places, got.Completion)
	}
}

// The median and the 95th percentile are those of the answers, within 1 %.
func TestDwellOfAQuestion(t *testing.T) {
	t.Parallel()
	var visits []*visit
	for i := range 20 {
		visits = append(visits, newVisit(sessionID(i), now.Add(-time.Hour)).did(event.MessageSent{QuestionNumber: 5, QuestionID: "goal", TimeToRespond: float64(10 * (i + 1))}))
	}
	got := reportOf(metric.Last(7, now, berlin), visits...).Asked
	if len(got) != 1 || math.Abs(got[0].Median-100) > 1 || math.Abs(got[0].P95-190) > 1.9 {
		t.Errorf("asked %+v, want a median of 100 s and a 95th percentile of 190 s", got)
	}
}

// Every vote counts, of whatever kind: those that found a question helpful are a
// share of all.
func TestVotesOfAQuestion(t *testing.T) {
	t.Parallel()
	var visits []*visit
	for i, rating := range []string{"helpful", "helpful", "helpful", "not_helpful", "not_helpful", "confusing"} {
		visits = append(visits, newVisit(sessionID(i), now.Add(-time.Hour)).did(event.SessionStart{}, event.Feedback{QuestionID: "goal", Rating: rating}))
	}
	got := reportOf(metric.Last(7, now, berlin), visits...)
	want := stat.Rate{Hits: 3, Of: 6}
	if len(got.Asked) != 1 || got.Asked[0].Helpful.Rate != want || got.Asked[0].Confusing != 1 || got.Helpful.Rate != want {
		t.Errorf("asked %+v, helpful %+v; want three of six, one of them confusing", got.Asked, got.Helpful.Rate)
	}
}

// stoppers are n visits, of which so many stop at the first question, so many of
// the others at the second, and the rest finish.
func stoppers(n, first, second int) []*visit {
	visits := make([]*visit, n)
	for i := range visits {
		v := newVisit(sessionID(i), now.Add(-72*time.Hour)).did(event.NewQuestionEfficiency(1))
		if i >= first {
			v.did(event.NewQuestionEfficiency(2))
		}
		if i >= first+second {
			v.did(event.NewSessionComplete(2, time.Minute, 90))
		}
		visits[i] = v
	}
	return visits
}

// A question at which hardly anybody stops differs from the others, and is no
// place to mend.
func TestAQuestionThatLosesNobodyDoesNotStandOut(t *testing.T) {
	t.Parallel()
	places := reportOf(metric.Last(7, now, berlin), stoppers(300, 90, 2)...).Places
	if len(places) != 2 || !places[0].Stands || places[1].Stands {
		t.Errorf("places %+v, want the first alone to stand out", places)
	}
}

// Where a few more stop than elsewhere, as chance has it, no question stands out.
func TestNoQuestionStandsOutByChance(t *testing.T) {
	t.Parallel()
	var got []string
	for _, p := range reportOf(metric.Last(7, now, berlin), stoppers(200, 28, 34)...).Places {
		got = append(got, fmt.Sprintf("%d: %d of %d stop, %v", p.Number, p.Stopped, p.Reached, p.Stands))
	}
	if diff := cmp.Diff([]string{"1: 28 of 200 stop, false", "2: 34 of 172 stop, false"}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

// The sessions that are listed behind a step of the funnel are those that it
// counts as dropped or open.
func TestStoppedBeforeIsWhatTheFunnelLacks(t *testing.T) {
	t.Parallel()
	v := metric.Last(7, now, berlin)
	stages := []event.Payload{
		event.LandingView{Source: "news"},
		plain(event.NameCTAClick), plain(event.NameFoundationStart), plain(event.NameFoundationComplete),
		plain(event.NameConversationStart), event.NewFeaturesRecommended([]string{"blog"}, "starter", 1000, 9), event.NewSessionComplete(9, time.Minute, 90),
		event.NewDocumentGenerated(event.DocumentScope, 1, time.Second), plain(event.NameEmailsSent),
	}
	var visits []*visit
	for i := range 60 {
		at := now.Add(-time.Duration(i*6) * time.Hour) // some before the week
		visits = append(visits, newVisit(sessionID(i), at).did(stages[:1+i*7%9]...))
	}
	visits = append(visits, newVisit("robot", now).did(event.LandingView{Bot: "crawler"}), newVisit("nothing", now))
	got := reportOf(v, visits...)
	for stage := range len(stages) + 1 {
		var stopped int64
		for _, x := range visits {
			if factsOf(x.events).StoppedBefore(stage, v, berlin) {
				stopped++
			}
		}
		want := int64(0)
		if stage > 0 && stage < len(stages) {
			want = got.Funnel[stage].Dropped + got.Funnel[stage].Open
		}
		if stopped != want {
			t.Errorf("%d sessions stopped before stage %d, the funnel lacks %d", stopped, stage, want)
		}
	}
	cut := v.Narrow(metric.Label{Dimension: metric.DimSource, Value: "ads"})
	if factsOf(visits[0].events).StoppedBefore(1, cut, berlin) {
		t.Error("a session is listed under a source that it does not have")
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
