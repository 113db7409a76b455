package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/webtest"
)

// outpost is an installation and the page of another site that imports its
// collector. In front of the installation stands what a test lets go wrong.
type outpost struct {
	*site
	shop string // the other site's page

	mu     sync.Mutex
	refuse func(w http.ResponseWriter, s shipment) // nil: the installation answers
	seen   []shipment
}

// shipment is one request with events.
type shipment struct {
	Beacon    bool
	Bytes     int
	SentMono  *float64 `json:"sent_mono"`
	Attempt   int
	Dropped   int
	Privacy   string
	Webdriver bool
	Events    []shipped
	Key       string
}

type shipped struct {
	ID, Name, SessionID, UserID string
	Seq                         int
	Mono                        *float64
	Properties                  json.RawMessage
}

// shopPage lets a test make collectors. Its clock is the real one, but its
// timers are the test's: waits holds their delays, and fire runs the last. kept
// waits until so many events are on disk.
const shopPage = `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
<script>
const waits = [], timers = [], verdicts = [];
window.setTimeout = (work, ms) => { waits.push(ms); return timers.push(work); };
window.clearTimeout = (n) => { if (n) timers[n - 1] = () => {}; };
Math.random = () => 0.5;
const fire = () => timers.at(-1)();
const kept = async (n) => {
  for (;;) {
    const [at] = await indexedDB.databases();
    const db = at && (await new Promise((ok) => { indexedDB.open(at.name).onsuccess = (e) => ok(e.target.result); }));
    const count = db && (await new Promise((ok) => { db.transaction("events").objectStore("events").count().onsuccess = (e) => ok(e.target.result); }));
    db?.close();
    if (count === n) return;
    await new Promise((ok) => requestAnimationFrame(ok));
  }
};
const counts = (n) => Array.from({ length: n }, (_, i) => collector.track("shop_event", { number: i }));
</script>
<script type="module">
import { createCollector } from "%[1]s/collector.js";
window.make = (o) => {
  window.collector = createCollector({ sessionId: "s-1", onVerdict: (v) => verdicts.push(v), ...o });
  return true;
};
</script>`

func newOutpost(tb testing.TB) *outpost {
	tb.Helper()
	o := &outpost{site: newSite(tb)}
	m := http.NewServeMux()
	m.Handle("/", o.handler)
	m.HandleFunc("POST "+batchPath, o.receive)
	home := httptest.NewServer(m)
	tb.Cleanup(home.Close)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, shopPage, home.URL)
	}))
	tb.Cleanup(shop.Close)
	o.shop = shop.URL
	return o
}

// receive notes a shipment and lets it be refused or passes it on.
func (o *outpost) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // The page was closed in the middle; nothing arrived.
	}
	s := shipment{Beacon: r.Header.Get("Sec-Fetch-Mode") == "no-cors", Bytes: len(body), Key: r.URL.Query().Get("key")}
	if err := json.Unmarshal(body, &s); err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	o.mu.Lock()
	o.seen = append(o.seen, s)
	refuse := o.refuse
	o.mu.Unlock()
	if refuse != nil {
		w.Header().Set("Connection", "close") // browsers repeat by themselves what an old connection loses
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		refuse(w, s)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	o.handler.ServeHTTP(w, r)
}

// answers sets what happens to shipments from now on; nil lets them in.
func (o *outpost) answers(refuse func(http.ResponseWriter, shipment)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuse = refuse
}

// status answers every shipment with a status, and with Retry-After if given.
func status(code int, retryAfter ...string) func(http.ResponseWriter, shipment) {
	return func(w http.ResponseWriter, _ shipment) {
		if len(retryAfter) > 0 {
			w.Header().Set("Retry-After", retryAfter[0])
		}
		w.WriteHeader(code)
	}
}

// shipments returns what has arrived, refused or not.
func (o *outpost) shipments() []shipment {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]shipment(nil), o.seen...)
}

// last is the shipment that arrived last.
func (o *outpost) last(tb testing.TB) shipment {
	tb.Helper()
	all := o.shipments()
	if len(all) == 0 {
		tb.Fatal("nothing was sent")
	}
	return all[len(all)-1]
}

// enter opens the page of the other site; a browser may complain about
// requests that the test lets fail.
func (o *outpost) enter(t *testing.T, b *webtest.Browser) *webtest.Page {
	t.Helper()
	p := b.Open(t, webtest.Device{})
	p.Expect("Failed to load resource")
	o.reload(p)
	return p
}

// reload opens the page of the other site anew.
func (o *outpost) reload(p *webtest.Page) {
	p.Goto(o.shop)
	p.WaitFor("window.make")
}

// run evaluates statements in the page and waits for their promise, if any.
func run(t *testing.T, p *webtest.Page, statements string) {
	t.Helper()
	webtest.Get[bool](p, "(async () => {"+statements+"})().then(() => true)")
}

// eventually waits for what a browser does by itself. The patience is for slow
// machines; nothing ever waits that long.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(5 * time.Minute); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatalf("still not: %s", what)
		}
	}
}

// numbers spells the property "number" of events, sorted as they are stored.
func numbers(tb testing.TB, evs []store.StoredEvent) string {
	tb.Helper()
	var out []string
	for i := range evs {
		var p struct{ Number int }
		if err := json.Unmarshal(evs[i].Properties, &p); err != nil {
			tb.Fatal(err)
		}
		out = append(out, strconv.Itoa(p.Number))
	}
	return strings.Join(out, " ")
}

func members(tb testing.TB, raw json.RawMessage) map[string]any {
	tb.Helper()
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		tb.Fatal(err)
	}
	return m
}
