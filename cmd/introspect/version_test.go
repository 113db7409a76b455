package main

import (
	"log/slog"
	"testing"
	"time"
)

// TestAVersionIsMarkedOnce: the first start and every start of another version
// put a mark on the time axis, a restart does not.
func TestAVersionIsMarkedOnce(t *testing.T) {
	env := environment{getenv(map[string]string{"DATA_DIR": t.TempDir()}), t.Output(), t.Output(), nil}
	cfg, _, err := load(env, "serve", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := assemble(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	for range 2 {
		if err := a.noteVersion(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.store.SetSetting(t.Context(), versionSetting, "3.0.0"); err != nil {
		t.Fatal(err)
	}
	if err := a.noteVersion(t.Context()); err != nil {
		t.Fatal(err)
	}
	marks, err := a.store.Annotations(t.Context(), time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil || len(marks) != 2 || marks[0].Text != "Version "+version || marks[1].Text != "Version "+version+" after 3.0.0" {
		t.Errorf("marks = %+v, %v; want one of the first start and one of the change", marks, err)
	}
}
