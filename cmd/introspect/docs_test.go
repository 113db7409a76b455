package main

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/deploy"
)

// TestDeploymentCommandsAreReal: what docs/deployment.md tells an operator to
// type exists, with its flags.
func TestDeploymentCommandsAreReal(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/deployment.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	typed := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			typed++
			switch {
			case words[0] == "introspect":
				checkCommand(t, words[1:])
			case words[0] == "make" && strings.Contains(string(makefile), "\n"+words[1]+": ##"):
			case strings.HasPrefix(words[0], "./"):
				if _, err := os.Stat("../../" + words[0]); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			case words[0] != "git":
				t.Errorf("nobody knows %q", line)
			}
		}
	}
	if typed < 12 {
		t.Errorf("%d commands found, want more", typed)
	}
	for _, s := range deploy.Stages() {
		if row := "| " + strconv.Itoa(s.Code) + " | " + s.Name + " |"; !strings.Contains(string(text), row) {
			t.Errorf("the table of stages lacks %q", row)
		}
	}
}

// checkCommand wants the verb, and each flag in its help.
func checkCommand(t *testing.T, words []string) {
	t.Helper()
	if !slices.ContainsFunc(commands(), func(c command) bool { return c.name == words[0] }) {
		t.Errorf("there is no command %q", words[0])
		return
	}
	for _, w := range words[1:] {
		if !strings.HasPrefix(w, "--") {
			continue
		}
		var out, log output
		run(t.Context(), environment{getenv(nil), &out, &log, nil}, []string{words[0], "--help"})
		if both := out.String() + log.String(); !strings.Contains(both, "\n  -"+w[2:]) && !strings.HasPrefix(both, "  -"+w[2:]) {
			t.Errorf("introspect %s has no flag %s:\n%s", words[0], w, both)
		}
	}
}
