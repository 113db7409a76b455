package webtest_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/webtest"
)

// head opens a page that breaks no rule by itself.
const head = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head><body><main><h1>Test</h1>`

var pages = map[string]string{
	"/form": head + `<form method="post" action="/form"><label>Name <input name="name" value="old"></label>
		<button>Send</button></form></main></body></html>`,
	"/late": head + `<button id="b" disabled>Go</button><p id="out">waiting</p></main><script>
		b.onclick = () => out.textContent = "pressed";
		setTimeout(() => { b.disabled = false; b.animate([{transform: "translateX(0)"}, {transform: "translateX(200px)"}], {duration: 200, fill: "forwards"}) }, 150)
		</script></body></html>`,
	"/radio": head + `<fieldset><legend>Kind</legend><label style="position:relative"><input type="radio" name="k" value="a" id="a"
		style="position:absolute;width:1px;height:1px;opacity:.01">A long card</label></fieldset></main></body></html>`,
	"/covered": head + `<button id="b">Go</button></main><div style="position:fixed;inset:0;background:#0008"></div></body></html>`,
	"/script":  head + `<p id="out">no script ran</p></main><script>out.textContent = "script ran"</script></body></html>`,
	"/error":   head + `</main><script>console.error("something broke")</script></body></html>`,
	"/throws":  head + `</main><script>null.x</script></body></html>`,
	"/missing": head + `<img src="/nothing.png" alt="Nothing"></main></body></html>`,
	"/inline":  head + `<p style="color:red">Red</p></main><script>1</script></body></html>`,
	"/noalt":   head + `<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main></body></html>`,
	"/wide":    head + `<p style="width:2000px">Wide</p></main></body></html>`,
	"/narrow":  head + `<p style="width:350px">Fits a phone, but not the smallest.</p></main></body></html>`,
	"/bar": head + `<p style="height:2000px">Long</p><button id="b" onclick="document.title = 'pressed'">Go</button><p style="height:600px">Long</p></main>
		<div style="position:fixed;inset:auto 0 0 0;height:500px;background:#fff">A bar that sticks</div></body></html>`,
	"/clean": head + `<p>Nothing to complain about.</p></main></body></html>`,
}

func serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, body := range pages {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			if path == "/inline" {
				w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, body)
		})
	}
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "name", Value: fmt.Sprintf("%x", r.FormValue("name")), HttpOnly: true})
		http.Redirect(w, r, "/hello?from=form", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		name := "nobody"
		if c, err := r.Cookie("name"); err == nil {
			fmt.Sscanf(c.Value, "%x", &name)
		}
		fmt.Fprintf(w, "%s<p>Hello, %s</p></main></body></html>", head, name)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestPage(t *testing.T) {
	t.Parallel()
	url := serve(t)
	b := webtest.Start(t)

	for _, noScript := range []bool{false, true} {
		t.Run(fmt.Sprintf("a form is filled, sent and followed, scripts off: %v", noScript), func(t *testing.T) {
			t.Parallel()
			p := b.Open(t, webtest.Device{NoScript: noScript})
			p.Goto(url + "/form")
			p.Fill("input", "Łódź Café, 東京")
			p.Click("button")
			p.WaitPath("/hello")
			if got, want := p.Text("p"), "Hello, Łódź Café, 東京"; got != want {
				t.Errorf("Text(p) = %q, want %q", got, want)
			}
			if got, want := p.Path(), "/hello?from=form"; got != want {
				t.Errorf("Path() = %q, want %q", got, want)
			}
			p.Fits()
			p.Axe()
		})
	}
	t.Run("every visitor has cookies of his own", func(t *testing.T) {
		t.Parallel()
		one, other := b.Open(t, webtest.Device{}), b.Open(t, webtest.Device{})
		one.Goto(url + "/form")
		one.Fill("input", "Ann")
		one.Press("\r")
		one.WaitPath("/hello")
		other.Goto(url + "/hello")
		if got, want := one.Text("p")+" and "+other.Text("p"), "Hello, Ann and Hello, nobody"; got != want {
			t.Errorf("texts = %q, want %q", got, want)
		}
		if c := one.Cookies(); len(c) != 1 || c[0].Name != "name" || c[0].Value != fmt.Sprintf("%x", "Ann") || !c[0].HttpOnly {
			t.Errorf("Cookies() of one = %v, want the hidden name", c)
		}
		if c := other.Cookies(); len(c) != 0 {
			t.Errorf("Cookies() of the other = %v, want none", c)
		}
	})
	t.Run("a click waits until the button is enabled and still", func(t *testing.T) {
		t.Parallel()
		p := b.Open(t, webtest.Device{})
		p.Goto(url + "/late")
		p.Click("#b")
		p.WaitFor(`out.textContent === "pressed"`)
	})
	t.Run("a click on a hidden radio reaches it through its label", func(t *testing.T) {
		t.Parallel()
		p := b.Open(t, webtest.Device{})
		p.Goto(url + "/radio")
		p.Click("#a")
		if !webtest.Get[bool](p, `document.querySelector("#a").checked`) {
			t.Error("the radio is not checked after a click on its label")
		}
	})
	t.Run("a click scrolls out from under a bar", func(t *testing.T) {
		t.Parallel()
		p := b.Open(t, webtest.Device{Width: 800, Height: 1100})
		p.Goto(url + "/bar")
		webtest.Get[bool](p, "scrollTo(0, 1100), true") // the button is in view, but under the bar
		p.Click("#b")
		p.WaitFor(`document.title === "pressed"`)
	})
	t.Run("a page is tried on other screens", func(t *testing.T) {
		t.Parallel()
		p := b.Open(t, webtest.Device{Width: 400, Height: 800, Mobile: true})
		p.Goto(url + "/narrow")
		p.Fits(390, 375)
		if got, want := webtest.Get[int](p, "innerWidth"), 400; got != want {
			t.Errorf("after Fits the screen is %d wide, want %d", got, want)
		}
	})
	t.Run("scripts can be switched off", func(t *testing.T) {
		t.Parallel()
		p := b.Open(t, webtest.Device{NoScript: true})
		p.Goto(url + "/script")
		if got, want := p.Text("#out"), "no script ran"; got != want {
			t.Errorf("Text(#out) = %q, want %q", got, want)
		}
	})
	t.Run("a phone in the dark that dislikes motion", func(t *testing.T) {
		t.Parallel()
		p := b.Open(t, webtest.Device{Width: 390, Height: 844, Mobile: true, Dark: true, ReducedMotion: true})
		p.Goto(url + "/clean")
		const seen = `innerWidth + " dark " + matchMedia("(prefers-color-scheme: dark)").matches + ", still " +
			matchMedia("(prefers-reduced-motion: reduce)").matches + ", touch " + matchMedia("(pointer: coarse)").matches`
		if got, want := webtest.Get[string](p, seen), "390 dark true, still true, touch true"; got != want {
			t.Errorf("the page sees %q, want %q", got, want)
		}
	})
	t.Run("an unknown page has its status", func(t *testing.T) {
		t.Parallel()
		p := b.Open(t, webtest.Device{})
		p.Expect("404")
		if got, want := p.Visit(url+"/nowhere"), http.StatusNotFound; got != want {
			t.Errorf("Visit(/nowhere) = %d, want %d", got, want)
		}
	})
}

func TestScreenshot(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("INTROSPECT_SHOTS", dir)
	p := webtest.Start(t).Open(t, webtest.Device{Width: 640, Height: 480})
	p.Goto(serve(t) + "/clean")
	p.Screenshot("clean")
	data, err := os.ReadFile(filepath.Join(dir, "clean.png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if img.Width != 640 || img.Height < 480 {
		t.Errorf("screenshot is %d x %d, want 640 x 480 or higher", img.Width, img.Height)
	}
}

// A harness that misses faults is worse than none: each must fail its test.
func TestComplaints(t *testing.T) {
	t.Parallel()
	url := serve(t)
	b := webtest.Start(t)
	tests := []struct {
		name string
		run  func(p *webtest.Page)
		want string // part of the failure
	}{
		{"a console error", func(p *webtest.Page) { p.Goto(url + "/error") }, "something broke"},
		{"an exception", func(p *webtest.Page) { p.Goto(url + "/throws") }, "TypeError"},
		{"a missing file", func(p *webtest.Page) { p.Goto(url + "/missing"); p.Settle() }, "404"},
		{"an inline style against the policy", func(p *webtest.Page) { p.Goto(url + "/inline"); p.Settle() }, "Content Security Policy"},
		{"a page that is not there", func(p *webtest.Page) { p.Expect("404"); p.Goto(url + "/nowhere") }, "status = 404, want 200"},
		{"a covered button", func(p *webtest.Page) { p.Goto(url + "/covered"); p.Click("#b") }, "it is covered by <div"},
		{"a button that never is", func(p *webtest.Page) { p.Goto(url + "/clean"); p.Click("#b") }, "there is no such element"},
		{"an image without description", func(p *webtest.Page) { p.Goto(url + "/noalt"); p.Axe() }, "image-alt"},
		{"a page wider than the screen", func(p *webtest.Page) { p.Goto(url + "/wide"); p.Fits() }, "pixels wider than a screen of 1280"},
		{"a page wider than a small screen", func(p *webtest.Page) { p.Goto(url + "/narrow"); p.Fits(320) }, "wider than a screen of 320"},
		{"nothing on a clean page", func(p *webtest.Page) { p.Goto(url + "/clean"); p.Axe(); p.Fits() }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := judge(t, func(tb testing.TB) {
				tb.Helper()
				tt.run(b.Open(tb, webtest.Device{Patience: 3 * time.Second}))
			})
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("the test fails with %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStartWithoutBrowser(t *testing.T) {
	t.Setenv("CHROMIUM", filepath.Join(t.TempDir(), "none"))
	for _, tt := range []struct{ noSkip, want string }{
		{"1", "fatal: find a browser: CHROMIUM names"},
		{"", "skip: find a browser: CHROMIUM names"},
	} {
		t.Setenv("INTROSPECT_NO_SKIP", tt.noSkip)
		got := judge(t, func(tb testing.TB) {
			tb.Helper()
			webtest.Start(tb)
		})
		if !strings.Contains(got, tt.want) {
			t.Errorf("Start with INTROSPECT_NO_SKIP=%q: %q, want %q", tt.noSkip, got, tt.want)
		}
	}
}

// judge runs f as a test of its own and returns what it failed with.
func judge(t *testing.T, f func(tb testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
	return r.log.String()
}

// recorder is a test that keeps its failures to itself.
type recorder struct {
	testing.TB

	mu       sync.Mutex
	log      strings.Builder
	cleanups []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) { r.note("error: "+format, args) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.note("fatal: "+format, args)
	runtime.Goexit()
}

func (r *recorder) Skipf(format string, args ...any) {
	r.note("skip: "+format, args)
	runtime.Goexit()
}

func (r *recorder) note(format string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.log, format+"\n", args...)
}
