package classify_test

import (
	"fmt"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/classify"
)

// BenchmarkClassify reads one answer, a chapter, and more than any interview
// gathers.
func BenchmarkClassify(b *testing.B) {
	var all strings.Builder
	for _, d := range descriptions(b) {
		all.WriteString(d.Text + "\n")
	}
	for _, size := range []int{300, 2_000, 20_000} {
		text := strings.ToValidUTF8(all.String()[:size], "")
		b.Run(fmt.Sprintf("characters=%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				classify.Classify(text, nil)
			}
		})
	}
}
