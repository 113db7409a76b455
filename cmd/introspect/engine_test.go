package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// copied returns a built-in file with one text replaced everywhere.
func copied(t *testing.T, source, old, edit string) string {
	t.Helper()
	data, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q", source, old)
	}
	return strings.ReplaceAll(string(data), old, edit)
}

const (
	builtInBank    = "../../internal/bank/bank.json"
	builtInCatalog = "../../internal/catalog/catalog.json"
	opening        = "and is there a website already?"
	changed        = "and does it have a website by now?"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// firstQuestion begins an interview and returns the answer of the API.
func firstQuestion(t *testing.T, base string) string {
	t.Helper()
	body := `{"userName":"Ada Okafor","userEmail":"ada@example.com","websiteType":"personal"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/api/sessions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		t.Fatalf("POST /api/sessions = %d, %v: %s", res.StatusCode, err, text)
	}
	return string(text)
}

func TestOwnQuestionsAndCatalogAreServed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name            string
		files           map[string]string
		question, price string
	}{
		{
			"both files are replaced",
			map[string]string{
				"questions.json": copied(t, builtInBank, opening, changed),
				"catalog.json":   copied(t, builtInCatalog, `"priceCents": 250000`, `"priceCents": 251700`),
			},
			changed, "$2,517",
		},
		{"a folder without the files falls back to the built-in ones", map[string]string{"notes.txt": "{"}, opening, "$2,500"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := serving(t, map[string]string{"DATA_DIR": t.TempDir(), "CONFIG_DIR": folder(t, tt.files)})
			if got := firstQuestion(t, p.base); !strings.Contains(got, tt.question) {
				t.Errorf("the first question is %s, want %q in it", got, tt.question)
			}
			if _, got := fetch(t, p.base+"/"); !strings.Contains(got, tt.price) {
				t.Errorf("the landing page does not name the price %s", tt.price)
			}
		})
	}
}

func TestOwnFilesRefused(t *testing.T) {
	t.Parallel()
	broken := copied(t, builtInBank, opening, "and should we look at a website?")
	cheap := copied(t, builtInCatalog, `"priceCents": 250000`, `"priceCents": -1`)
	line := func(doc, text string) int { return 1 + strings.Count(doc[:strings.Index(doc, text)], "\n") }
	tests := []struct {
		name string
		dir  string
		says []string
	}{
		{"questions with a mistake", folder(t, map[string]string{"questions.json": broken}), []string{
			"questions.json has mistakes:\n", fmt.Sprintf("line %d: questions[0].text[\"\"][0]: \"we\" is the first person", line(broken, "and should we look")),
		}},
		{"mistakes in both files", folder(t, map[string]string{"questions.json": "{\n", "catalog.json": cheap}), []string{
			"questions.json has mistakes:\nline 2: this is not valid JSON",
			"catalog.json has mistakes:\n", fmt.Sprintf("line %d: packages[0].priceCents: must be cents", line(cheap, `"priceCents": -1`)),
		}},
		{"a folder that is not there", filepath.Join(t.TempDir(), "nowhere"), []string{"CONFIG_DIR", "nowhere", "which is no folder"}},
		{"a file for a folder", filepath.Join(folder(t, map[string]string{"questions.json": "{}"}), "questions.json"), []string{"which is no folder"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data := filepath.Join(t.TempDir(), "data")
			var out, log output
			env := environment{getenv(map[string]string{"DATA_DIR": data, "CONFIG_DIR": tt.dir}), &out, &log, nil}
			if code := run(t.Context(), env, []string{"serve", "--host", "127.0.0.1", "--port", "0"}); code != 1 {
				t.Errorf("exit code = %d, want 1", code)
			}
			for _, want := range tt.says {
				if !strings.Contains(log.String(), want) {
					t.Errorf("the reason %q does not hold %q", log.String(), want)
				}
			}
			if _, err := os.Stat(data); err == nil {
				t.Error("a refused start made the data folder")
			}
		})
	}
}
