package scope_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/intake"
)

// The interviews of the golden documents are kept as JSON too, so that other
// packages write their documents of the same ones.
func TestGoldenSessions(t *testing.T) {
	t.Parallel()
	cat := shop(t)
	for name, s := range map[string]*intake.Session{"salon": salon(t, cat), "barely": barely(t, cat), "details": detailed(t, cat), "hostile": hostile(t, cat)} {
		got, err := json.MarshalIndent(s, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, '\n')
		file := filepath.Join("testdata", "sessions", name+".json")
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, got) {
			t.Errorf("session %s differs from %s; run with -update (-want +got):\n%s", name, file, cmp.Diff(string(want), string(got)))
		}
	}
}
