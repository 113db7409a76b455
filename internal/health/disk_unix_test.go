//go:build unix

package health_test

import (
	"math"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"applicreations.com/introspect/internal/health"
)

func TestDiskIsJudgedByShareAndBySize(t *testing.T) {
	t.Parallel()
	const gb = 1 << 30
	for _, tt := range []struct {
		name      string
		free, all float64
		want      health.Grade
	}{
		{"half of a small disk", 5 * gb, 10 * gb, health.Pass},
		{"less than a tenth of it", .9 * gb, 10 * gb, health.Warn},
		{"almost nothing", .1 * gb, 10 * gb, health.Fail},
		{"two percent of a middling disk", 20 * gb, 1000 * gb, health.Fail},
		{"five percent of it", 49 * gb, 1000 * gb, health.Warn},
		{"two percent of a huge disk last for years", 200 * gb, 10_000 * gb, health.Pass},
		{"a disk without a size", 0, 0, health.Fail},
	} {
		if got := health.DiskReading(tt.free, tt.all); got.Grade != tt.want || got.Unit != "bytes" || got.Detail == "" {
			t.Errorf("%s: %s %q, want %s", tt.name, got.Grade, got.Detail, tt.want)
		}
	}
	p := start(t, health.Config{DataDir: t.TempDir()})
	p.next()
	got := p.finding(t, "disk")
	if got.Value <= 0 {
		t.Errorf("free room of a real disk = %v", got.Value)
	}
	// The share is that of df and of the alerts, where what is kept for the system
	// counts as used.
	var fs syscall.Statfs_t
	if err := syscall.Statfs(t.TempDir(), &fs); err != nil {
		t.Fatal(err)
	}
	used := fs.Blocks - fs.Bfree
	want := 100 * float64(used) / float64(used+fs.Bavail)
	_, text, _ := strings.Cut(got.Detail, "free, ")
	share, err := strconv.ParseFloat(strings.TrimSuffix(text, "% used."), 64)
	if err != nil || math.Abs(share-want) > 1.5 {
		t.Errorf("the disk says %q, want %.0f%% used", got.Detail, want)
	}
}
