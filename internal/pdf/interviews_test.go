package pdf_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/eval"
	"applicreations.com/introspect/internal/intake/intaketest"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/proposal"
)

// Every simulated client gets a proposal whose figures hold and that is drawn
// on four to seven pages. The first answer of each kind of client is written
// to INTROSPECT_PDF_DIR, if that is set.
func TestEveryInterviewGetsAProposal(t *testing.T) {
	t.Parallel()
	cat, engine := intaketest.Engine(t)
	lib, err := persona.Open()
	if err != nil {
		t.Fatal(err)
	}
	presets := persona.Presets()
	if testing.Short() {
		presets = presets[:1]
	}
	for i, b := range lib.Briefs {
		t.Run(b.ID, func(t *testing.T) {
			t.Parallel()
			preset := presets[i%len(presets)]
			began := time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)
			tr := eval.Run(engine, lib.New(b, preset, uint64(i)), uint64(i), began, nil)
			if tr.Dead != "" {
				t.Fatalf("the interview of a %s client died: %s", preset.Name, tr.Dead)
			}
			p, err := proposal.Build(tr.Session, cat, proposal.Agency{Name: "Applicreations", Email: "david@applicreations.com"}, written())
			if err != nil {
				t.Fatalf("Build(%s) err = %v", b.ID, err)
			}
			if err := proposal.Verify(p, tr.Session, cat); err != nil {
				t.Errorf("Verify(%s) err = %v", b.ID, err)
			}
			out := render(t, p, pdf.Brand{})
			f := parse(t, out)
			if n := f.count(`/Type /Page\b[^s]`); n < 4 || n > 7 {
				t.Errorf("%s (%s) has %d pages, want 4 to 7", b.ID, preset.Name, n)
			}
			for _, at := range f.spots(t) {
				if at[0] < 60 || at[0] > 535 || at[1] < 28 || at[1] > 810 {
					t.Errorf("%s: text at %.0f, %.0f points leaves the frame of the page", b.ID, at[0], at[1])
					break
				}
			}
			if dir := os.Getenv("INTROSPECT_PDF_DIR"); dir != "" {
				name := strings.ReplaceAll(b.ID+"-"+preset.Name, " ", "-")
				if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "-")+".pdf"), out, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
