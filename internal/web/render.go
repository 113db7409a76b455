package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
)

//go:embed all:templates
var templateFiles embed.FS

// layout is what templates/_layout.html needs on every page. Each page struct
// embeds it.
type layout struct {
	Title       string // without the name of the product
	Description string // for search engines; empty: the page is not indexed
	Screen      string // marks the body, for styles
	Agency      Agency
	Banner      string          // a sentence on top of the page
	Restart     bool            // an interview is open: offer to start over
	Home        string          // where the name at the top leads
	Script      string          // a script of this page alone
	Style       string          // a stylesheet of this page alone
	Save        *saveView       // an interview is open: offer to save it
	Refresh     int             // seconds until the page loads again by itself; 0: never
	Choice      *choiceView     // asks about analytics; nil: nothing to ask
	Visit       event.SessionID // whose events the page may add to; empty: it collects none
}

func (s *Server) layout(title string) layout {
	return layout{Title: title, Banner: s.cfg.Banner, Agency: s.cfg.Agency, Home: "/"}
}

// pageTemplate makes the template of a page, once. A page that nobody opens takes
// no memory: each holds a copy of what all share. A test makes them all.
type pageTemplate func() (*template.Template, error)

// parsePages finds every template. Files that begin with _ are shared: those
// of templates by all pages, those of a folder by the pages of that folder,
// where they may redefine a block. A page is named by its path without
// ending, e.g. "success" or "admin/login".
func parsePages(funcs template.FuncMap) (map[string]pageTemplate, error) {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, fmt.Errorf("open templates: %w", err)
	}
	pages := make(map[string]pageTemplate)
	shared := make(map[string]*template.Template) // by folder
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".html" || strings.HasPrefix(path.Base(name), "_") {
			return err
		}
		dir := path.Dir(name)
		if shared[dir] == nil {
			if shared[dir], err = parseShared(files, funcs, dir); err != nil {
				return fmt.Errorf("parse what the pages of %s share: %w", dir, err)
			}
		}
		base := shared[dir]
		pages[strings.TrimSuffix(name, ".html")] = sync.OnceValues(func() (*template.Template, error) {
			t, err := base.Clone()
			if err == nil {
				t, err = t.ParseFS(files, name)
			}
			if err != nil {
				return nil, fmt.Errorf("parse %s: %w", name, err)
			}
			return t, nil
		})
		return nil
	})
	return pages, err
}

// parseShared parses what all pages of a folder share.
func parseShared(files fs.FS, funcs template.FuncMap, dir string) (*template.Template, error) {
	t := template.New(dir).Funcs(funcs).Option("missingkey=error")
	patterns := []string{"_*.html"}
	if own, err := fs.Glob(files, dir+"/_*.html"); dir != "." && err == nil && len(own) > 0 {
		patterns = append(patterns, dir+"/_*.html")
	}
	return t.ParseFS(files, patterns...)
}

// execute makes a page.
func (s *Server) execute(out io.Writer, name string, data any) error {
	made, ok := s.pages[name]
	if !ok {
		return fmt.Errorf("render %s: no such page", name)
	}
	t, err := made()
	if err == nil {
		err = t.ExecuteTemplate(out, "layout", data)
	}
	if err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	return nil
}

// render writes a page. Nothing is sent when the template fails.
func (s *Server) render(w http.ResponseWriter, status int, name string, data any) error {
	var out bytes.Buffer
	if err := s.execute(&out, name, data); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache") // No no-store: the browser's back button keeps its page.
	}
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // A client that left needs no answer.
	return nil
}

// funcs are the words that templates know.
func (s *Server) funcs() template.FuncMap {
	return template.FuncMap{
		"asset":   s.assets.url,
		"money":   money,
		"dollars": dollars,
		"plural":  plural,
		"number":  func(n int) string { return thousands(int64(n)) },
		"words":   func(id any) string { return words(fmt.Sprint(id)) },
		"channel": channelName,
		"letter":  letter,
		"dict":    dict,
		"clock":   s.clock,
		"choose":  choose,
		"tel":     tel,
	}
}

// money shows cents as dollars with thousands separators, and the cents only
// when there are any (DOMAIN 0.1).
func money(c catalog.Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "−", -c
	}
	text := sign + "$" + thousands(int64(c)/100)
	if rest := int64(c) % 100; rest != 0 {
		text += fmt.Sprintf(".%02d", rest)
	}
	return text
}

// dollars is money for the wire form of prices.
func dollars(d float64) string { return money(catalog.Cents(math.Round(d * 100))) }

func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// plural says "1 section" or "3 sections".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(int64(n)) + " " + many
}

// letter is the key that chooses the i-th option, A to Z.
func letter(i int) string {
	if i < 0 || i > 25 {
		return ""
	}
	return string(rune('A' + i))
}

// choose picks one of two words.
func choose(yes bool, then, otherwise string) string {
	if yes {
		return then
	}
	return otherwise
}

// tel makes the target of a telephone link.
func tel(phone string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
}

// dict hands several values to a shared block: {{template "x" dict "A" .A "B" .B}}.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict needs pairs of name and value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: name %d is not text", i/2)
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
