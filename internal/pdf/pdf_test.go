package pdf_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
)

// written is the day of the proposals of these tests.
func written() time.Time { return time.Date(2026, time.November, 24, 15, 0, 0, 0, time.UTC) }

// offer makes the proposal of one of the golden interviews of package scope.
func offer(tb testing.TB, name string) proposal.Proposal {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("..", "scope", "testdata", "sessions", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	var s intake.Session
	if err := json.Unmarshal(data, &s); err != nil {
		tb.Fatalf("read session %s: %v", name, err)
	}
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := proposal.Build(&s, cat, proposal.Agency{
		Name: "Applicreations", Email: "david@applicreations.com", Phone: "(555) 010-2000", URL: "applicreations.com",
		About: "Applicreations builds websites for small firms that take bookings, sell or teach.",
	}, written())
	if err != nil {
		tb.Fatalf("Build(%s) err = %v", name, err)
	}
	return p
}

func render(tb testing.TB, p proposal.Proposal, b pdf.Brand) []byte {
	tb.Helper()
	out, err := pdf.Render(p, b)
	if err != nil {
		tb.Fatalf("Render(%s) err = %v", p.Project, err)
	}
	return out
}

// TestPictures writes the golden proposals to a directory, to be looked at.
func TestPictures(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("INTROSPECT_PDF_DIR")
	if dir == "" {
		t.Skip("set INTROSPECT_PDF_DIR to a directory to get the golden proposals as files")
	}
	for _, name := range []string{"salon", "barely", "details", "hostile"} {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), render(t, offer(t, name), pdf.Brand{}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
