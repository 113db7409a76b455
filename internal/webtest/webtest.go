// Package webtest drives a real headless Chromium from Go tests. A test says
// Start once, opens a Page per visitor and then clicks, fills and reads like
// one: a click waits until its target is visible, still and really on top.
//
// A page fails its test on anything the browser complains about (console
// errors, exceptions, blocked by the content security policy, missing files),
// so that a page which merely looks right is not enough. Axe adds the
// accessibility rules. It refuses to mock anything; serve the real handler.
package webtest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/chromedp/chromedp"
)

// candidates are the names under which systems install the browser.
var candidates = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// Browser is one running Chromium. It ends with the test that started it.
type Browser struct{ ctx context.Context }

// Start runs a browser for tb and its subtests. Without a browser on this
// machine it skips the test, or fails it when INTROSPECT_NO_SKIP is 1.
func Start(tb testing.TB) *Browser {
	tb.Helper()
	path, err := find(os.Getenv("CHROMIUM"))
	if err != nil {
		if os.Getenv("INTROSPECT_NO_SKIP") == "1" {
			tb.Fatalf("find a browser: %v", err)
		}
		tb.Skipf("find a browser: %v", err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		// Containers run as root without user namespaces; every page is ours.
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-US"))
	// The browser outlives every deadline of a single page, so its context
	// has none; tb.Context ends before the clean-ups run.
	alloc, stopAlloc := chromedp.NewExecAllocator(context.WithoutCancel(tb.Context()), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	tb.Cleanup(func() { stop(); stopAlloc() })
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatalf("start %s: %v", path, err)
	}
	return &Browser{ctx: ctx}
}

// find returns the browser to run: the named one, else the first installed.
func find(named string) (string, error) {
	if named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", errors.New("CHROMIUM names " + named + ", which cannot be run; correct it or unset it")
		}
		return path, nil
	}
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium here; install the package chromium, or name the program in CHROMIUM")
}
