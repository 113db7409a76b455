package deploy_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestColourOnlyOnATerminal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.DryRun = true
	w.deploy()
	if strings.Contains(w.text(), "\x1b") {
		t.Errorf("escapes without a terminal:\n%q", w.text())
	}
	w = newWorld(t)
	w.cfg.Print.Colour = true
	w.site.tells = 404 // an older release
	w.shell.fails["go build"] = "broken"
	w.deploy()
	for _, want := range []string{"\x1b[32m✓\x1b[0m [ 1/19]", "\x1b[33m!\x1b[0m [ 9/19]", "\x1b[31m✗\x1b[0m [11/19]"} {
		if !strings.Contains(w.text(), want) {
			t.Errorf("%q is missing:\n%q", want, w.text())
		}
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.Print.JSON = true
	w.api.Log("a \"quoted\" line")
	if f := w.deploy(); f != nil {
		t.Fatal(f)
	}
	stages := 0
	for line := range strings.Lines(w.text()) {
		var l struct {
			Time, Stage, Status, Detail string
			MS                          *int64 `json:"ms"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Time == "" || l.Stage == "" || l.MS == nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if l.Status == "ok" && l.Stage != "end" {
			stages++
		}
		if l.Stage == "watch" && *l.MS != 600_000 {
			t.Errorf("the watch took %d ms, want 600000", *l.MS)
		}
	}
	if stages != 19 {
		t.Errorf("%d stages went well, want 19:\n%s", stages, w.text())
	}
}
