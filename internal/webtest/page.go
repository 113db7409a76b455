package webtest

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Device is how a visitor looks at the site. The zero value is a desktop of
// 1280 x 800 with scripts, light colours and motion.
type Device struct {
	Width, Height int64
	Mobile        bool   // touch, mobile viewport rules
	Dark          bool   // prefers-color-scheme: dark
	ReducedMotion bool   // prefers-reduced-motion: reduce
	NoScript      bool   // the page's own scripts never run
	Zone          string // of the browser's clock, such as Asia/Tokyo; empty: that of the machine

	// Patience is how long the page may take to do what the test waits for;
	// 0 means a minute. It is generous because test machines are small and
	// busy, and a passing test never waits that long.
	Patience time.Duration
}

// Page is one visitor with cookies of its own.
type Page struct {
	tb  testing.TB
	ctx context.Context
	dev Device

	mu       sync.Mutex
	messages []string // what the browser complained about
	expected []string // substrings of complaints that the test provokes
}

// Open gives a visitor of the device a fresh tab with empty cookies and
// storage. The page closes when tb ends, and tb fails if the browser
// complained in the meantime.
func (b *Browser) Open(tb testing.TB, d Device) *Page {
	tb.Helper()
	if d.Width == 0 {
		d.Width, d.Height = 1280, 800
	}
	if d.Patience == 0 {
		d.Patience = time.Minute
	}
	return open(b.ctx, tb, d, chromedp.WithNewBrowserContext())
}

// Tab opens another tab of the same visitor, who has the same cookies and the
// same storage there.
func (p *Page) Tab(tb testing.TB) *Page {
	tb.Helper()
	return open(p.ctx, tb, p.dev)
}

func open(parent context.Context, tb testing.TB, d Device, opts ...chromedp.ContextOption) *Page {
	tb.Helper()
	ctx, closeTab := chromedp.NewContext(parent, opts...)
	p := &Page{tb: tb, ctx: ctx, dev: d}
	p.do("open a tab") //nolint:contextcheck // a page acts in its own
	heardLast := p.listen()
	tb.Cleanup(func() { //nolint:contextcheck // as above
		// Messages arrive in order, so when our own last one is heard, all are.
		if _, err := Eval[bool](p, "console.debug("+quote(lastMessage)+") || true"); err == nil {
			<-heardLast
		}
		closeTab()
		p.complain()
	})
	p.emulate() //nolint:contextcheck // as above
	return p
}

func (p *Page) emulate() {
	p.tb.Helper()
	p.viewport(p.dev.Width, p.dev.Height)
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: pick(p.dev.Dark, "dark", "light")},
		{Name: "prefers-reduced-motion", Value: pick(p.dev.ReducedMotion, "reduce", "no-preference")},
	}}
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, media)
	if err == nil && p.dev.Zone != "" {
		_, err = chromedp.Call(p.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: p.dev.Zone})
	}
	if err == nil && p.dev.NoScript {
		_, err = chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	if err != nil {
		p.tb.Fatalf("emulate %+v: %v", p.dev, err)
	}
}

// viewport gives the page another screen.
func (p *Page) viewport(width, height int64) {
	p.tb.Helper()
	opts := []chromedp.EmulateViewportOption{}
	if p.dev.Mobile {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	p.do("set the viewport", chromedp.EmulateViewport(width, height, opts...))
}

// lastMessage is what a page says to mark the end of its messages.
const lastMessage = "webtest: no more messages"

// listen collects complaints until the last message or the end of the tab;
// then the channel closes.
func (p *Page) listen() <-chan struct{} {
	messages := chromedp.Console(p.ctx)
	heardLast := make(chan struct{})
	go func() {
		defer close(heardLast)
		for m, err := range messages {
			if err != nil || m.Text == lastMessage {
				return
			}
			switch m.Type {
			case chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException, "assert":
				p.mu.Lock()
				p.messages = append(p.messages, m.String()+" ("+m.URL+")")
				p.mu.Unlock()
			default: // the page may talk as long as it does not complain
			}
		}
	}()
	return heardLast
}

// Expect tells that a complaint containing part is provoked by the test, such
// as the entry a browser makes for a refused request.
func (p *Page) Expect(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, part)
}

// A navigation that overtakes a cross-document view transition ends it, and
// the browser logs that as an exception of nobody's script.
const overtaken = "AbortError: Transition was skipped"

func (p *Page) complain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.messages {
		if !contains(m, p.expected) && !strings.Contains(m, overtaken) {
			p.tb.Errorf("the browser complains: %s", m)
		}
	}
}

// Goto loads url and fails the test unless the answer is 200.
func (p *Page) Goto(url string) {
	p.tb.Helper()
	if got := p.Visit(url); got != 200 {
		p.tb.Fatalf("Goto(%s) status = %d, want 200", url, got)
	}
}

// Visit loads url and returns the status of the final answer.
func (p *Page) Visit(url string) int {
	p.tb.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, p.dev.Patience)
	defer cancel()
	resp, err := chromedp.Run(ctx, chromedp.NavigateResponse(url))
	if err != nil {
		p.tb.Fatalf("load %s: %v", url, err)
	}
	return int(resp.Status)
}

// ready is a script that tells where the centre of a selector's first match
// is, or why it cannot be clicked yet. It is synchronous, because nothing
// asynchronous ever settles in a page whose scripts are off.
const ready = `((sel) => {
	let e = document.querySelector(sel);
	if (!e) return {why: "there is no such element"};
	if (e.disabled) return {why: "it is disabled"};
	if (/^(radio|checkbox)$/.test(e.type) && e.labels.length) e = e.labels[0];
	if (document.activeViewTransition) return {why: "a view transition is running"};
	if (document.getAnimations().some(a => a.playState === "running" && a.effect?.getTiming().iterations !== Infinity
		&& a.effect.target?.contains(e))) return {why: "it is moving"};
	let b = e.getBoundingClientRect();
	if (b.top < 0 || b.bottom > innerHeight) e.scrollIntoView({block: "center", behavior: "instant"});
	b = e.getBoundingClientRect();
	if (!b.width || !b.height) return {why: "it is not visible"};
	const x = b.x + b.width / 2, y = b.y + b.height / 2, hit = document.elementFromPoint(x, y);
	if (!hit || !(e === hit || e.contains(hit))) {
		e.scrollIntoView({block: "center", behavior: "instant"}); // out from under a bar that sticks to an edge
		return {why: "it is covered by " + (hit ? hit.outerHTML.slice(0, 120) : "nothing")};
	}
	return {x, y};
})`

type spot struct {
	X, Y float64
	Why  string
}

// Click presses the first match of the CSS selector like a finger does: in
// the middle, once it is visible, enabled, still and on top. A radio button or
// check box is pressed on its label, which is what people aim at.
func (p *Page) Click(sel string) {
	p.tb.Helper()
	var last spot
	p.poll("click "+sel, func() (bool, string) {
		now, err := Eval[spot](p, ready+"("+quote(sel)+")")
		if err != nil {
			return false, err.Error()
		}
		still := now.Why == "" && now == last
		last = now
		return still, now.Why
	})
	p.do("click "+sel, chromedp.MouseClickXY(last.X, last.Y))
}

// Fill replaces what stands in a text field by typing text into it.
func (p *Page) Fill(sel, text string) {
	p.tb.Helper()
	p.Click(sel)
	if _, err := Eval[bool](p, "document.querySelector("+quote(sel)+").select() || true"); err != nil {
		p.tb.Fatalf("select the text of %s: %v", sel, err)
	}
	if text == "" {
		p.do("empty "+sel, chromedp.KeyEvent("\b"))
		return
	}
	// A busy machine needs seconds for a few hundred keystrokes, so all but
	// the last come in one piece, as from a keyboard that completes words.
	runes := []rune(text)
	most, last := string(runes[:len(runes)-1]), string(runes[len(runes)-1:])
	if most != "" {
		if _, err := chromedp.Call(p.ctx, input.InsertText, input.InsertTextParams{Text: most}); err != nil {
			p.tb.Fatalf("type into %s: %v", sel, err)
		}
	}
	p.do("type into "+sel, chromedp.KeyEvent(last))
}

// Press sends keys to the focused element, e.g. "\t" or "\r".
func (p *Page) Press(keys string) {
	p.tb.Helper()
	p.do("press keys", chromedp.KeyEvent(keys))
}

// Text returns the visible text of the first match, waiting for it to appear.
func (p *Page) Text(sel string) string {
	p.tb.Helper()
	p.WaitFor("!!document.querySelector(" + quote(sel) + ")")
	return Get[string](p, "document.querySelector("+quote(sel)+").innerText.trim()")
}

// Has reports whether something matches the selector now.
func (p *Page) Has(sel string) bool {
	p.tb.Helper()
	return Get[bool](p, "!!document.querySelector("+quote(sel)+")")
}

// Path returns the path and query of the current address.
func (p *Page) Path() string {
	p.tb.Helper()
	return Get[string](p, "location.pathname + location.search")
}

// Cookies returns the visitor's cookies, those hidden from scripts too, so
// that a test can fetch with Go what this visitor may fetch.
func (p *Page) Cookies() []*http.Cookie {
	p.tb.Helper()
	got, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		p.tb.Fatalf("read cookies: %v", err)
	}
	var out []*http.Cookie
	for _, c := range got.Cookies {
		out = append(out, &http.Cookie{Name: c.Name, Value: c.Value, Path: c.Path, HttpOnly: c.HTTPOnly, Secure: c.Secure})
	}
	return out
}

// Offline takes the network from the page, or gives it back, as a tunnel does.
func (p *Page) Offline(yes bool) {
	p.tb.Helper()
	state := network.OverrideNetworkStateParams{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}
	_, err := chromedp.Call(p.ctx, network.OverrideNetworkState, state)
	if err == nil {
		_, err = chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{DownloadThroughput: -1, UploadThroughput: -1, Offline: yes}},
		})
	}
	if err != nil {
		p.tb.Fatalf("set offline to %t: %v", yes, err)
	}
}

// WaitFor waits until a JavaScript expression is true, across page loads.
func (p *Page) WaitFor(expr string) {
	p.tb.Helper()
	p.poll("wait for "+expr, func() (bool, string) {
		ok, err := Eval[bool](p, "!!("+expr+")")
		if err != nil {
			return false, err.Error()
		}
		return ok, "it is false"
	})
}

// WaitPath waits until the page at path (without query) is completely loaded.
func (p *Page) WaitPath(path string) {
	p.tb.Helper()
	p.WaitFor("document.readyState === 'complete' && location.pathname === " + quote(path))
}

// Settle waits until the document is loaded and every finite animation ended.
func (p *Page) Settle() {
	p.tb.Helper()
	p.WaitFor(`document.readyState === "complete" && !document.activeViewTransition && document.getAnimations().every(a =>
		a.playState !== "running" || a.effect?.getTiming().iterations === Infinity)`)
}

// Screenshot writes the whole page to <name>.png in the directory named by
// INTROSPECT_SHOTS, or else among the artefacts of the test.
func (p *Page) Screenshot(name string) {
	p.tb.Helper()
	var png []byte
	var err error
	p.whole(func() { png, err = chromedp.Run(p.ctx, chromedp.FullScreenshot(100)) })
	if err != nil {
		p.tb.Fatalf("take screenshot %s: %v", name, err)
	}
	dir := os.Getenv("INTROSPECT_SHOTS")
	if dir == "" {
		dir = p.tb.ArtifactDir()
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		p.tb.Fatalf("make the screenshot directory: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600); err != nil {
		p.tb.Fatalf("write screenshot %s: %v", name, err)
	}
}

// whole runs f while the screen is as high as the page, so that nothing hides
// behind bars which stick to the edges of the screen.
func (p *Page) whole(f func()) {
	p.tb.Helper()
	p.Settle()
	p.viewport(p.dev.Width, max(p.dev.Height, Get[int64](p, "document.documentElement.scrollHeight")))
	p.Settle()
	f()
	p.viewport(p.dev.Width, p.dev.Height)
}

// Get evaluates a JavaScript expression in the page and fails the test when
// that is impossible. The expression must not click: evaluation is exempt
// from the content security policy and would hide its faults.
func Get[T any](p *Page, expr string) T {
	p.tb.Helper()
	v, err := Eval[T](p, expr)
	if err != nil {
		p.tb.Fatalf("evaluate %s: %v", expr, err)
	}
	return v
}

// Eval is Get for an expression that may fail, e.g. during a page load.
func Eval[T any](p *Page, expr string) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, p.dev.Patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expr, chromedp.EvalAwaitPromise))
}

// poll tries until done, and fails the test with the last reason otherwise.
func (p *Page) poll(what string, try func() (done bool, why string)) {
	p.tb.Helper()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(p.dev.Patience)
	for {
		done, why := try()
		if done {
			return
		}
		select {
		case <-deadline:
			at, _ := Eval[string](p, "location.href")
			p.tb.Fatalf("%s at %s: %s, still after %s", what, at, why, p.dev.Patience)
		case <-p.ctx.Done():
			p.tb.Fatalf("%s: the page was closed: %v", what, p.ctx.Err())
		case <-tick.C:
		}
	}
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.tb.Helper()
	ctx, cancel := p.ctx, context.CancelFunc(func() {})
	if len(steps) > 0 { // opening the tab must not carry a deadline
		ctx, cancel = context.WithTimeout(p.ctx, p.dev.Patience)
	}
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.tb.Fatalf("%s: %v", what, err)
	}
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func contains(s string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}
