package when_test

import (
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/extract/when"
)

func TestDuration(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want float64
	}{
		{"6 weeks", 6},
		{"six weeks from now", 6},
		{"14 days", 2},
		{"10 business days", 10.0 / 7},
		{"3 months", 13},
		{"2-3 months", 13},
		{"a couple of weeks", 2},
		{"half a year", 26},
		{"about a month", 52.0 / 12},
		{"in 1.5 weeks", 1.5},
		{"one year", 52},
	} {
		if got, ok := when.Duration(tc.text); !ok || got-tc.want > 1e-9 || tc.want-got > 1e-9 {
			t.Errorf("Duration(%q) = %v, %v, want %v, true", tc.text, got, ok, tc.want)
		}
	}
	for _, text := range []string{"", "soon", "6", "$6 weeks", "week", "2027 weeks ago, 5 apples"} {
		if got, ok := when.Duration(text); ok {
			t.Errorf("Duration(%q) = %v, true, want nothing", text, got)
		}
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want, quote string }{
		{"2027-03-15", "2027-03-15", "2027-03-15"},
		{"3/15/2027", "2027-03-15", ""},
		{"15/3/2027", "2027-03-15", ""},
		{"15.3.2027", "2027-03-15", ""},
		{"1/31", "2027-01-31", ""},
		{"12/24/26", "2026-12-24", ""},
		{"March 15", "2027-03-15", "March 15"},
		{"the 15th of March", "2027-03-15", "15th of March"},
		{"15 March 2028", "2028-03-15", "15 March 2028"},
		{"Mar 15th, 2027", "2027-03-15", ""},
		{"November 23", "2026-11-23", ""},
		{"November 22", "2027-11-22", ""},
		{"February 29, 2028", "2028-02-29", ""},
		{"January", "2027-01-31", "January"},
		{"January or so", "2027-01-31", ""},
		{"Dec 2026", "2026-12-31", ""},
		{"in March", "2027-03-31", "March"},
		{"by March", "2027-03-01", "March"},
		{"mid March", "2027-03-15", "mid March"},
		{"mid-April", "2027-04-15", ""},
		{"January 5", "2027-01-05", ""},
		{"Feb 5", "2027-02-05", ""},
		{"Apr 5", "2027-04-05", ""},
		{"5 Jun", "2027-06-05", ""},
		{"Jul 5", "2027-07-05", ""},
		{"Aug 5", "2027-08-05", ""},
		{"Sept 5", "2027-09-05", ""},
		{"October 5", "2027-10-05", ""},
		{"Dec 5", "2026-12-05", ""},
		{"the 5th of May", "2027-05-05", ""},
		{"March the 5th", "2027-03-05", ""},
		{"March '27", "2027-03-31", ""},
		{"March of 2028", "2028-03-31", ""},
		{"March 5, 2028", "2028-03-05", ""},
		{"March next year", "2027-03-31", ""},
		{"December this year", "2026-12-31", ""},
		{"sometime in July", "2027-07-31", ""},
		{"until August", "2027-08-01", ""},
		{"in the fall", "2026-11-30", "fall"},
		{"next autumn", "2027-11-30", ""},
		{"before winter", "2026-12-01", ""},
		{"mid summer 2028", "2028-07-16", ""},
		{"Q4", "2026-12-31", ""},
		{"Q3 of 2027", "2027-09-30", ""},
		{"the third quarter", "2027-09-30", ""},
		{"this month", "2026-11-30", ""},
		{"this quarter", "2026-12-31", ""},
		{"start of next year", "2027-01-01", ""},
		{"this week", "2026-11-29", ""},
		{"by next week", "2026-11-30", ""},
		{"next Tuesday", "2026-11-24", ""},
		{"on Wednesday", "2026-11-25", ""},
		{"this Thursday", "2026-11-26", ""},
		{"by Saturday", "2026-11-28", ""},
		{"next Sunday", "2026-11-29", ""},
		{"Christmas Eve", "2026-12-24", ""},
		{"Christmas 2027", "2027-12-25", ""},
		{"Halloween", "2027-10-31", ""},
		{"Independence Day", "2027-07-04", ""},
		{"New Year's", "2027-01-01", ""},
		{"Easter next year", "2027-03-28", ""},
		{"next November", "2027-11-30", ""},
		{"next March", "2027-03-31", ""},
		{"early June", "2027-06-01", ""},
		{"late February", "2027-02-28", ""},
		{"the end of February 2028", "2028-02-29", ""},
		{"beginning of May", "2027-05-01", ""},
		{"in May", "2027-05-31", ""},
		{"end of Q1", "2027-03-31", "end of Q1"},
		{"Q2 2028", "2028-06-30", ""},
		{"start of Q3", "2027-07-01", ""},
		{"end of the first quarter", "2027-03-31", ""},
		{"by spring", "2027-03-01", ""},
		{"this summer", "2027-08-31", ""},
		{"before Easter", "2027-03-28", "Easter"},
		{"Easter 2028", "2028-04-16", ""},
		{"by Christmas", "2026-12-25", ""},
		{"Thanksgiving", "2026-11-26", ""},
		{"Black Friday", "2026-11-27", ""},
		{"Cyber Monday", "2026-11-30", ""},
		{"Valentine's Day", "2027-02-14", ""},
		{"Mother's Day", "2027-05-09", ""},
		{"Father's Day", "2027-06-20", ""},
		{"Labor Day", "2027-09-06", ""},
		{"Memorial Day", "2027-05-31", ""},
		{"new year", "2027-01-01", ""},
		{"the first week of February", "2027-02-07", "first week of February"},
		{"third week of May 2028", "2028-05-21", ""},
		{"last week of February", "2027-02-28", ""},
		{"next month", "2026-12-31", "next month"},
		{"end of the month", "2026-11-30", ""},
		{"the end of the year", "2026-12-31", ""},
		{"year end", "2026-12-31", ""},
		{"next quarter", "2027-03-31", ""},
		{"next week", "2026-12-06", ""},
		{"this Friday", "2026-11-27", ""},
		{"by Monday", "2026-11-30", ""},
		{"tomorrow", "2026-11-24", ""},
	} {
		got, quote, ok := when.Date(tc.text, now())
		if !ok || got.Format(time.DateOnly) != tc.want {
			t.Errorf("Date(%q) = %s, %v, want %s", tc.text, got.Format(time.DateOnly), ok, tc.want)
		}
		if tc.quote != "" && quote != tc.quote {
			t.Errorf("Date(%q) quotes %q, want %q", tc.text, quote, tc.quote)
		}
	}
	for _, text := range []string{
		"", "soon", "ASAP", "we may start", "they march on", "spring cleaning", "February 30", "13/13/2027", "24/7",
		"in 6 weeks", "2027", "a new second", "Augustus", "independence", "a new car", "Labor", "13.13.2027", "March 32", "weekly", "dec", "Mar", "the quarter", "a year", "Monday",
	} {
		if got, quote, ok := when.Date(text, now()); ok {
			t.Errorf("Date(%q) = %s from %q, want nothing", text, got.Format(time.DateOnly), quote)
		}
	}
}

func TestDateKeepsTheZoneOfNow(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("somewhere", -7*3600)
	got, _, ok := when.Date("March 15", time.Date(2026, time.November, 23, 23, 30, 0, 0, zone))
	if want := time.Date(2027, time.March, 15, 0, 0, 0, 0, zone); !ok || !got.Equal(want) {
		t.Errorf("Date(March 15) = %v, want %v", got, want)
	}
}

// now is a Monday in November.
func now() time.Time { return time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC) }

// TestEaster checks Easter Sundays of the almanac, early and late ones.
func TestEaster(t *testing.T) {
	t.Parallel()
	for year, want := range map[string]string{
		"2024": "2024-03-31", "2025": "2025-04-20", "2026": "2026-04-05", "2027": "2027-03-28", "2028": "2028-04-16",
		"2029": "2029-04-01", "2030": "2030-04-21", "2035": "2035-03-25", "2038": "2038-04-25", "2049": "2049-04-18",
	} {
		got, _, ok := when.Date("Easter "+year, now())
		if !ok || got.Format(time.DateOnly) != want {
			t.Errorf("Date(Easter %s) = %s, %v, want %s", year, got.Format(time.DateOnly), ok, want)
		}
	}
}

// TestDatesAreNextOnes checks that a date without a year is never past, and
// less than a year and a day ahead, whatever the day of the answer.
func TestDatesAreNextOnes(t *testing.T) {
	t.Parallel()
	for day := range 800 {
		at := time.Date(2026, time.January, 1+day, 23, 59, 0, 0, time.UTC)
		for _, text := range []string{"March 15", "15.12.", "12/31", "end of Q1", "Easter", "Thanksgiving", "mid June", "by Friday", "Christmas"} {
			got, _, ok := when.Date(text, at)
			if text == "15.12." {
				continue // no year, no slash: a number
			}
			if !ok || got.After(at.AddDate(1, 1, 0)) {
				t.Fatalf("Date(%q) on %s = %s, %v, want the next one", text, at.Format(time.DateOnly), got.Format(time.DateOnly), ok)
			}
			if ahead := text != "end of Q1" && text != "mid June"; ahead && got.Before(when.Midnight(at)) {
				t.Fatalf("Date(%q) on %s = %s, which is past", text, at.Format(time.DateOnly), got.Format(time.DateOnly))
			}
		}
	}
}

func TestLengthAndAtGiveTheirWords(t *testing.T) {
	t.Parallel()
	d := token.Read("launch in about 6 to 8 working weeks, or by 15 March 2027 at the latest")
	var lengths, dates []string
	for i := range d.Tokens {
		if _, last, ok := when.Length(d, i); ok {
			lengths = append(lengths, d.Quote(i, last))
		}
		if _, last, ok := when.At(d, i, now()); ok {
			dates = append(dates, d.Quote(i, last))
		}
	}
	if len(lengths) == 0 || lengths[0] != "6 to 8 working weeks" {
		t.Errorf("Length finds %q, want 6 to 8 working weeks first", lengths)
	}
	if len(dates) == 0 || dates[0] != "15 March 2027" {
		t.Errorf("At finds %q, want 15 March 2027 first", dates)
	}
}

// FuzzDate checks that every date found is quoted exactly and lies at
// midnight.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"March 15", "the end of", "2027-13-01", "first week of", "Q9", "by the 31st of June", "next", "mid-", "1/1/99", "'27"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, quote, ok := when.Date(text, now())
		if ok && (!strings.Contains(text, quote) || !got.Equal(when.Midnight(got))) {
			t.Errorf("Date(%q) = %v from %q", text, got, quote)
		}
		if weeks, ok := when.Duration(text); ok && (weeks <= 0 || weeks > 1e6) {
			if weeks != 0 {
				t.Errorf("Duration(%q) = %v", text, weeks)
			}
		}
	})
}
