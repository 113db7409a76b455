package extract_test

import (
	"strconv"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/extract/token"
)

// letters cuts a brief to a number of bytes.
func letters(n int) string {
	return strings.Repeat(brief(), n/len(brief())+1)[:n]
}

// TestWorkGrowsWithTheText counts allocations, which unlike time are the same
// on every machine: four times the text may cost at most five times as many.
func TestWorkGrowsWithTheText(t *testing.T) {
	c := extract.Context{Now: now()}
	for name, work := range map[string]func(string){
		"All":           func(s string) { extract.All(s, c) },
		"Clean":         func(s string) { extract.Clean("<p>" + s + "</p>") },
		"WithoutOrders": func(s string) { extract.WithoutOrders(s) },
		"Read":          func(s string) { token.Read(s) },
	} {
		short := testing.AllocsPerRun(2, func() { work(letters(5_000)) })
		long := testing.AllocsPerRun(2, func() { work(letters(20_000)) })
		if long > 5*short+50 {
			t.Errorf("%s allocates %.0f times for 5,000 characters and %.0f times for 20,000", name, short, long)
		}
	}
}

// BenchmarkAllBy shows nanoseconds a character by length; the figure must not
// rise with it.
func BenchmarkAllBy(b *testing.B) {
	for _, n := range []int{1_000, 5_000, 20_000} {
		text := letters(n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				extract.All(text, extract.Context{Now: now()})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/char")
		})
	}
}
