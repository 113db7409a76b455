package pdf_test

import (
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
)

// BenchmarkRenderFifty draws 50 proposals, four at once as the runner of jobs
// does, and reports the most memory that this process ever
// had resident. Run it alone: what ran before it counts, too.
func BenchmarkRenderFifty(b *testing.B) {
	all := []proposal.Proposal{offer(b, "salon"), offer(b, "details"), world(b)} // with every font
	for b.Loop() {
		free := make(chan struct{}, 4)
		var wg sync.WaitGroup
		for n := range 50 {
			free <- struct{}{}
			wg.Go(func() {
				render(b, all[n%len(all)], pdf.Brand{})
				<-free
			})
		}
		wg.Wait()
	}
	if text, err := os.ReadFile("/proc/self/status"); err == nil { // Linux only
		if m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text); m != nil {
			kb, _ := strconv.Atoi(string(m[1])) // digits
			b.ReportMetric(float64(kb)/1000, "MB-resident")
		}
	}
}
