package introspect_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A setting that is not documented does not exist, and the other way round.
func TestConfigIsDocumented(t *testing.T) {
	t.Parallel()
	var code strings.Builder
	files, err := filepath.Glob("cmd/introspect/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("find the program's files: %v, %v", files, err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			code.WriteString(read(t, f))
		}
	}
	product, tests, ok := strings.Cut(read(t, "docs/config.md"), "## Tests only")
	if !ok {
		t.Fatal("docs/config.md has no section for tests")
	}
	used := find(code.String(), regexp.MustCompile(`get\(("[A-Z_", ]+")\)`), regexp.MustCompile(`"([A-Z_]{4,})"`))
	row := regexp.MustCompile("(?m)^\\| (`[A-Z_]+`.*)$")
	documented := find(product, row, regexp.MustCompile("`([A-Z_]{4,})`"))
	if diff := cmp.Diff(used, documented); diff != "" {
		t.Errorf("settings in cmd/introspect (-) and docs/config.md (+):\n%s", diff)
	}
	var helpers strings.Builder
	for _, f := range goFiles(t, "internal") {
		if strings.HasSuffix(f, "_test.go") || strings.HasPrefix(f, "internal/webtest/") {
			helpers.WriteString(read(t, f))
		}
	}
	for _, name := range find(tests, row, regexp.MustCompile("`([A-Z_]{4,})`")) {
		if !strings.Contains(helpers.String(), `os.Getenv("`+name+`")`) {
			t.Errorf("docs/config.md lists %s for tests, but no test reads it", name)
		}
	}
}

// find returns what inner captures inside what outer captures, sorted.
func find(text string, outer, inner *regexp.Regexp) []string {
	set := map[string]bool{}
	for _, o := range outer.FindAllStringSubmatch(text, -1) {
		for _, i := range inner.FindAllStringSubmatch(o[1], -1) {
			set[i[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// Links between documents and to files must lead somewhere.
func TestDocumentLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, doc := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, doc), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(doc), m[1])); err != nil {
				t.Errorf("%s links to %s, which does not exist", doc, m[1])
			}
		}
	}
}

func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	const most = 500
	readme := read(t, "README.md")
	if got := len(strings.Fields(readme)); got >= most {
		t.Errorf("README.md has %d words, want fewer than %d", got, most)
	}
	for _, want := range []string{"go run ./cmd/introspect serve", "./scripts/test", "docs/images/"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md does not mention %q", want)
		}
	}
}

// A decision has a number of its own, a state and the four parts.
func TestDecisions(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("docs/adr/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("find decisions: %v, %v", files, err)
	}
	seen := map[string]string{}
	for _, f := range files {
		number := filepath.Base(f)[:4]
		if other, ok := seen[number]; ok {
			t.Errorf("%s and %s share a number", f, other)
		}
		seen[number] = f
		text := read(t, f)
		for _, want := range []string{"# " + number + " ", "**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q", f, want)
			}
		}
		if !regexp.MustCompile(`(?m)^(Accepted|Superseded by \d{4}), \d{4}-\d{2}-\d{2}\.$`).MatchString(text) {
			t.Errorf("%s has no state with a date", f)
		}
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	docs, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(docs, walk(t, "docs", ".md")...)
}

func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	return walk(t, dir, ".go")
}

func walk(t *testing.T, dir, ext string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ext {
			out = append(out, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
