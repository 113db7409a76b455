package classify_test

import (
	"strings"
	"testing"

	"applicreations.com/introspect/internal/classify"
)

// BenchmarkClassify reads about 2,000 words, more than a whole interview.
func BenchmarkClassify(b *testing.B) {
	var all strings.Builder
	for _, d := range descriptions(b)[:100] {
		all.WriteString(d.Text + "\n")
	}
	b.SetBytes(int64(all.Len()))
	for b.Loop() {
		classify.Classify(all.String(), nil)
	}
}
