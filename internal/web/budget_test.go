package web_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// All scripts together stay below what DOMAIN 10.5 allows one page, the form,
// to load: 20 KB compressed. Whatever a page loads is then within its budget
// (S124).
func TestScriptsStayWithinTheirBudget(t *testing.T) {
	t.Parallel()
	const most = 20 << 10
	files, err := filepath.Glob("static/*.js")
	if err != nil || len(files) < 5 {
		t.Fatalf("scripts %v, %v", files, err)
	}
	sum := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var zip bytes.Buffer
		z := gzip.NewWriter(&zip)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		sum += zip.Len()
	}
	if sum == 0 || sum > most {
		t.Errorf("all scripts have %d bytes compressed, want at most %d", sum, most)
	}
}
