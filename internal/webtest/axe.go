package webtest

import (
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/chromedp/chromedp"
)

// axe is axe-core 4.14.1, unchanged (Mozilla Public License 2.0; see NOTICE).
//
//go:embed testdata/axe.min.js
var axe string

// audit runs every rule of WCAG 2.2 A and AA and the best practices, and
// keeps of each violation what a developer needs to find it. Frames are left out: ours
// are sealed off, so that axe cannot run in them, and the browser complains when it
// calls into one that has finished loading.
const audit = `axe.run({iframes: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
	.then(r => r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.map(n => "    " + n.html.slice(0, 200) + "\n    " +
		(n.failureSummary ?? "").replaceAll("\n", " ")).join("\n")))`

// Axe fails the test for every accessibility rule that the page breaks. It
// does nothing in a page without scripts, where axe cannot run.
func (p *Page) Axe() {
	p.tb.Helper()
	if p.dev.NoScript {
		return
	}
	var found []string
	p.whole(func() {
		if !Get[bool](p, `typeof axe === "object"`) {
			p.do("inject axe", chromedp.Evaluate[chromedp.Void](axe))
		}
		found = Get[[]string](p, audit)
	})
	if len(found) > 0 {
		p.tb.Errorf("axe finds %d broken rules at %s:\n%s", len(found), p.Path(), strings.Join(found, "\n"))
	}
}

// Fits fails the test when the page is wider than the screen, so that a
// visitor would have to scroll sideways. With widths, it tries those screens
// instead of the visitor's own.
func (p *Page) Fits(widths ...int64) {
	p.tb.Helper()
	if len(widths) == 0 {
		p.fits()
		return
	}
	for _, w := range widths {
		p.viewport(w, p.dev.Height)
		p.fits()
	}
	p.viewport(p.dev.Width, p.dev.Height)
}

func (p *Page) fits() {
	p.tb.Helper()
	p.Settle()
	const measure = `(() => {
		const screen = document.documentElement.clientWidth, over = document.documentElement.scrollWidth - screen;
		const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > screen + 1);
		return {over, screen, wide: over > 0 ? wide.slice(0, 3).map(e => e.outerHTML.slice(0, 120)) : []};
	})()`
	m := Get[struct {
		Over, Screen int
		Wide         []string
	}](p, measure)
	if m.Over > 0 {
		p.tb.Errorf("%s is %d pixels wider than a screen of %d, because of:\n%s", p.Path(), m.Over, m.Screen, strings.Join(m.Wide, "\n"))
	}
}

// quote writes s as a JavaScript string.
func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("encode a string: " + err.Error())
	}
	return string(b)
}
