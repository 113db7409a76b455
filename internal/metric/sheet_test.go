package metric_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/metric"
)

// sheetsOf fills sheets for some days from all visits.
func sheetsOf(s *metric.Sheets, from, to int64, visits []*visit) {
	var days []int64
	for day := from; day <= to; day++ {
		days = append(days, day)
	}
	s.Fill(days, berlin, func(yield func(metric.Facts) bool) {
		for _, v := range visits {
			if !yield(factsOf(v.events)) {
				return
			}
		}
	})
}

// TestSeveralFiltersAreAReportOfFewerSessions: cutting by values of two or three
// dimensions gives exactly the report that only those sessions would have, for
// long and short periods, and after a day was made anew.
func TestSeveralFiltersAreAReportOfFewerSessions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(12, 12))
	visits := make([]*visit, 300)
	for i := range visits {
		visits[i] = &visit{events: randomEvents(r, sessionID(i), r.IntN(60))}
	}
	whole := metric.Last(30, now, berlin)
	var sheets metric.Sheets
	sheetsOf(&sheets, whole.From, whole.To, visits[:250])
	sheetsOf(&sheets, whole.To-5, whole.To, visits) // more came; all of it within these days
	dimensions := metric.Filters()
	values := make([]map[string]string, len(visits))
	for i, v := range visits {
		values[i] = map[string]string{}
		for _, d := range dimensions {
			values[i][d] = valueOf(v, d)
		}
	}
	facts := make([]metric.Facts, len(visits))
	for i, v := range visits {
		facts[i] = factsOf(v.events)
	}
	compared := 0
	for range 250 {
		cut := whole
		if r.IntN(2) == 0 {
			cut.From, cut.To = whole.To-int64(r.IntN(4)), whole.To-int64(r.IntN(2))
			cut.From = min(cut.From, cut.To)
		}
		like := values[r.IntN(len(visits))]
		for _, i := range r.Perm(len(dimensions))[:2+r.IntN(2)] {
			cut = cut.Narrow(metric.Label{Dimension: dimensions[i], Value: like[dimensions[i]]})
		}
		if !cut.Combined() {
			continue // the visit has too few values
		}
		var own []*visit
		for i, v := range visits {
			if !slices.ContainsFunc(cut.Labels(), func(l metric.Label) bool { return values[i][l.Dimension] != l.Value }) {
				own = append(own, v)
			}
		}
		compareCut(t, &sheets, cut, facts, own)
		compared++
	}
	if compared < 60 {
		t.Errorf("only %d cuts were compared", compared)
	}
}

func compareCut(t *testing.T, sheets *metric.Sheets, cut metric.View, all []metric.Facts, own []*visit) {
	t.Helper()
	var open metric.Open
	for _, f := range all {
		open.Count(f.Standing(berlin), cut, now)
	}
	got := metric.NewReport(cut, sheets.Rows(cut), sheets.Rows(cut.Previous()), open, prices)
	want := reportOf(metric.View{From: cut.From, To: cut.To}, own...)
	got.View, got.Before, want.View, want.Before = metric.View{}, metric.View{}, metric.View{}, metric.View{}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%v of %d days (-own sessions +filters):\n%s", cut.Labels(), cut.Days(), diff)
	}
}

// TestSheetsSayWhatTheRollupsSay: the totals by which the store notices that a
// day changed are those of the rollups.
func TestSheetsSayWhatTheRollupsSay(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 13))
	visits := make([]*visit, 100)
	for i := range visits {
		visits[i] = &visit{events: randomEvents(r, sessionID(i), r.IntN(40))}
	}
	v := metric.Last(30, now, berlin)
	var sheets metric.Sheets
	for day := v.To; day >= v.From; day-- { // each from all visits, of which some begin on the day before
		sheetsOf(&sheets, day, day, visits)
	}
	if days := sheets.Days(); len(days) != v.Days() || !slices.IsSorted(days) {
		t.Errorf("days %v, want the %d of the view in order", days, v.Days())
	}
	for _, day := range sheets.Days() {
		var want metric.Totalled
		for k, counts := range rollups(berlin, visits...) {
			if k.Tier == metric.Day && k.Dimension == metric.All && k.Bucket == day {
				want.Add(k.Metric, counts)
			}
		}
		if got, ok := sheets.Total(day); !ok || got != want {
			t.Errorf("%s comes to %+v, the rollups to %+v", metric.Date(day), got, want)
		}
	}
}

// TestSheetsGrowWithKindsOfSessions: what a day takes, and with it the time of a
// view, hardly depends on how many sessions are alike.
func TestSheetsGrowWithKindsOfSessions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(14, 14))
	visits := make([]*visit, 40)
	for i := range visits {
		visits[i] = &visit{events: randomEvents(r, sessionID(i), 60)}
	}
	v := metric.Last(30, now, berlin)
	var few, many metric.Sheets
	sheetsOf(&few, v.From, v.To, visits)
	sheetsOf(&many, v.From, v.To, slices.Repeat(visits, 50))
	if few.Size() == 0 || many.Size() > 2*few.Size() {
		t.Errorf("40 sessions take %d bytes, 2,000 like them %d", few.Size(), many.Size())
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	news, phone := metric.Label{Dimension: metric.DimSource, Value: "news"}, metric.Label{Dimension: metric.DimDevice, Value: "phone"}
	v := metric.View{From: 1, To: 2}
	both := v.Narrow(phone).Narrow(news)
	if both != v.Narrow(news).Narrow(phone) {
		t.Error("the order of the filters matters")
	}
	if diff := cmp.Diff([]metric.Label{news, phone}, both.Labels()); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	one := v.Narrow(phone)
	if one.Combined() || one.Filter != phone || both.Without(metric.DimSource) != one || !both.Combined() {
		t.Errorf("one filter is %+v", one)
	}
	if got := one.Narrow(metric.Label{Dimension: metric.DimDevice, Value: "desktop"}); got.Filter.Value != "desktop" || got.Combined() {
		t.Errorf("a second device is %+v", got)
	}
	if got := one.Narrow(metric.Label{Dimension: "shoe size", Value: "44"}); got != one {
		t.Errorf("a dimension that is none is %+v", got)
	}
}
