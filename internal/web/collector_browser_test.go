package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/webtest"
)

// One browser serves all of these; each has an installation, a site and a
// visitor of its own.
func TestCollectorInABrowser(t *testing.T) {
	t.Parallel()
	browser := webtest.Start(t)
	for name, test := range map[string]func(*testing.T, *webtest.Browser){
		"events survive a reload while the server refuses":  survivesReload,
		"a page that is left sends a beacon":                sendsBeacon,
		"a beacon that is too large is split":               splitsBeacon,
		"a full queue gives up the oldest and tells":        evictsOldest,
		"two tabs of one session":                           sharesBetweenTabs,
		"nothing can be kept":                               worksFromMemory,
		"nothing can be removed from the disk":              staysOnDisk,
		"pauses grow and are never shorter than asked":      backsOff,
		"fifty events or half a minute":                     sendsByItself,
		"every event has its own verdict":                   heedsVerdicts,
		"what is too large to send at once is halved":       halvesBatches,
		"who asks not to be followed is not":                honoursPrivacy,
		"a write key and the seed's methods":                speaksAsTheSeed,
		"a collector that is destroyed hands over its rest": handsOver,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, browser)
		})
	}
}

func survivesReload(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	o.answers(status(http.StatusServiceUnavailable))
	p := o.enter(t, b)
	run(t, p, `make({userId: "u-1"}); counts(3); await collector.flush()`)
	first := o.last(t)

	o.reload(p)
	before := len(o.shipments())
	run(t, p, `make({userId: "u-1"})`)
	eventually(t, "the new page sends what the old one left", func() bool { return len(o.shipments()) > before })
	again := o.last(t)
	if diff := cmp.Diff(ids(first), ids(again)); diff != "" {
		t.Errorf("ids before and after the reload (-before +after):\n%s", diff)
	}
	for i := range 3 {
		if first.Events[i].Mono == nil || again.Events[i].Mono != nil {
			t.Error("the steady clock of a page is told by that page and by no other")
		}
	}

	o.answers(nil)
	run(t, p, `await collector.flush(); counts(1); await collector.flush()`)
	evs := o.events(t, "s-1")
	if got := numbers(t, evs); got != "0 1 2 0" {
		t.Errorf("stored events %s, want 0 1 2 0", got)
	}
	for i, e := range evs {
		if e.Seq != int64(i+1) || e.UserID != "u-1" {
			t.Errorf("event %d has the number %d and the user %q", i, e.Seq, e.UserID)
		}
	}
	sent := len(o.shipments())
	run(t, p, `await collector.flush()`)
	o.reload(p)
	run(t, p, `make({}); await collector.flush()`)
	if got := len(o.shipments()); got != sent {
		t.Errorf("%d more requests, although nothing waits", got-sent)
	}
}

func ids(s shipment) []string {
	var out []string
	for _, e := range s.Events {
		out = append(out, e.ID)
	}
	return out
}

func sendsBeacon(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `make({}); counts(2); await kept(2)`)
	o.reload(p)
	eventually(t, "the beacon arrives", func() bool { return len(o.events(t, "s-1")) == 2 })
	if s := o.shipments()[0]; !s.Beacon || s.SentMono == nil || !s.Webdriver {
		t.Errorf("the first request is %+v, want a beacon", s)
	}
	run(t, p, `make({})`)
	eventually(t, "the next page asks for the verdicts", func() bool { return !o.last(t).Beacon })
	run(t, p, `await collector.flush()`)
	requests := len(o.shipments())
	if got := numbers(t, o.events(t, "s-1")); got != "0 1" || requests != 2 {
		t.Errorf("stored events %s after %d requests, want 0 1 after 2", got, requests)
	}

	run(t, p, `counts(1); Object.defineProperty(document, "hidden", {value: true, configurable: true});
		document.dispatchEvent(new Event("visibilitychange"));
		document.dispatchEvent(new Event("visibilitychange"));`)
	eventually(t, "a hidden page sends a beacon", func() bool { return len(o.events(t, "s-1")) == 3 })
	run(t, p, `await collector.flush()`)
	if all := o.shipments(); len(all) != 4 || !all[2].Beacon || all[3].Beacon {
		t.Errorf("%d requests, want one beacon more and the question for its verdict", len(all)-2)
	}
}

// splitsBeacon tracks 150 KB, of which a page may have 64 KB on their way.
func splitsBeacon(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `make({flushAt: 1000});
		for (let n = 0; n < 100; n++) collector.track("large", {number: n, text: "x".repeat(1500)});
		dispatchEvent(new Event("pagehide"));`)
	eventually(t, "everything arrives", func() bool { return len(o.events(t, "s-1")) == 100 })
	run(t, p, `await collector.flush()`)
	beacons := 0
	for _, s := range o.shipments() {
		if !s.Beacon {
			continue
		}
		if beacons++; s.Bytes > 64<<10 || len(s.Events) == 0 {
			t.Errorf("a beacon has %d bytes and %d events", s.Bytes, len(s.Events))
		}
	}
	if beacons < 2 {
		t.Errorf("%d beacons arrived, want the batch split into several", beacons)
	}
}

func evictsOldest(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	o.answers(status(http.StatusServiceUnavailable))
	p := o.enter(t, b)
	run(t, p, `make({maxQueue: 5}); counts(8)`)
	p.WaitFor(`JSON.parse(localStorage[Object.keys(localStorage)[0]]).lost === 3`)
	run(t, p, `await collector.flush()`)
	if s := o.last(t); s.Dropped != 3 || len(s.Events) != 5 {
		t.Errorf("sent %d events and the loss of %d, want 5 and 3", len(s.Events), s.Dropped)
	}
	o.reload(p)
	o.answers(nil)
	run(t, p, `make({maxQueue: 5}); await collector.flush(); counts(1); await collector.flush()`)
	if got := numbers(t, o.events(t, "s-1")); got != "3 4 5 6 7 0" {
		t.Errorf("stored events %s, want the newest five and one more", got)
	}
	told := 0
	for _, s := range o.shipments() {
		if told += s.Dropped; s.Attempt == 0 {
			t.Errorf("a request does not count its attempts: %+v", s)
		}
	}
	if last := o.last(t); last.Dropped != 0 || told%3 != 0 {
		t.Errorf("the loss is told as %d in the end, %d in all", last.Dropped, told)
	}
	if !strings.Contains(o.log.String(), "events=3") {
		t.Error("the server's log does not tell that events were lost")
	}
}

func sharesBetweenTabs(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	one := o.enter(t, b)
	two := one.Tab(t)
	two.Expect("Failed to load resource")
	o.reload(two)
	o.answers(status(http.StatusServiceUnavailable))
	for _, p := range []*webtest.Page{one, two} {
		run(t, p, `make({flushAt: 1000}); counts(20); await collector.flush()`)
	}
	if got := len(o.last(t).Events); got != 40 {
		t.Errorf("the second tab sends %d events, want those of both", got)
	}
	o.answers(nil)
	before := len(o.shipments())
	for _, p := range []*webtest.Page{one, two} {
		run(t, p, `window.flushed = false; collector.flush().then(() => flushed = true)`)
	}
	one.WaitFor("flushed")
	two.WaitFor("flushed")
	evs := o.events(t, "s-1")
	if len(evs) != 40 {
		t.Errorf("%d events are stored, want 40", len(evs))
	}
	if got := len(o.shipments()) - before; got != 1 {
		t.Errorf("the tabs sent %d requests, want one for both", got)
	}
	seen := map[int64]int{}
	for _, e := range evs {
		seen[e.Seq]++
	}
	if len(seen) != 40 {
		t.Errorf("the tabs used %d running numbers for 40 events", len(seen))
	}
	run(t, one, `await collector.flush()`)
	run(t, two, `await collector.flush()`)
	if got := len(o.shipments()) - before; got != 1 {
		t.Errorf("%d requests although nothing waits", got-1)
	}
}

func worksFromMemory(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	o.answers(status(http.StatusServiceUnavailable))
	p := o.enter(t, b)
	for _, name := range []string{"indexedDB", "localStorage"} {
		run(t, p, `Object.defineProperty(window, "`+name+`", {get() { throw new DOMException("no", "SecurityError") }})`)
	}
	run(t, p, `Object.defineProperty(navigator, "locks", {value: undefined})
		make({maxQueue: 4}); counts(6); await collector.flush()`)
	if s := o.last(t); len(s.Events) != 4 || s.Dropped != 2 || s.Events[0].Seq < 1e12 {
		t.Errorf("sent %d events from number %d on, %d given up, want the newest 4", len(s.Events), s.Events[0].Seq, s.Dropped)
	}
	o.answers(nil)
	run(t, p, `await collector.flush(); await collector.flush()`)
	if got := numbers(t, o.events(t, "s-1")); got != "2 3 4 5" {
		t.Errorf("stored events %s, want 2 3 4 5", got)
	}
	if got := len(o.shipments()); got != 2 {
		t.Errorf("%d requests, want 2", got)
	}
}

// The disk can be read and written, but nothing can be removed from it.
func staysOnDisk(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `IDBObjectStore.prototype.delete = () => { throw new Error("read only") };
		make({}); counts(2); await collector.flush(); await collector.flush()`)
	if got := len(o.shipments()); got != 1 || len(o.events(t, "s-1")) != 2 {
		t.Errorf("%d requests and %d events, want 1 and 2", got, len(o.events(t, "s-1")))
	}
}

// backsOff looks at the delays; the jitter of the page is always a half.
func backsOff(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `make({}); counts(1)`)
	last := func(want float64) {
		t.Helper()
		if got := webtest.Get[float64](p, `waits.at(-1)`); got != want {
			t.Errorf("the next attempt comes after %v ms, want %v", got, want)
		}
	}
	last(30000)
	attempt := func() {
		t.Helper()
		before := len(o.shipments())
		run(t, p, `const planned = waits.length; fire(); await collector.flush()`)
		if got := len(o.shipments()) - before; got != 1 {
			t.Fatalf("%d requests, want 1", got)
		}
	}
	for i, code := range []int{503, 500, 429, 507, 408} {
		o.answers(status(code))
		attempt()
		last(2250 * float64(int(1)<<i))
	}
	o.answers(status(503, "3600"))
	attempt()
	last(3600e3 + 24e3) // the sixth pause is at most 96 s; a quarter of it is jitter
	o.answers(func(w http.ResponseWriter, _ shipment) {
		w.Header().Set("Retry-After", "5") // less than our own pause
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	attempt()
	last(0.75 * 192e3)
	for _, body := range []string{`<p>Please sign in to this Wi-Fi</p>`, `null`, `{"results":{"a":1}}`, `{"results":[null,{"id":"other"}]}`} {
		o.answers(func(w http.ResponseWriter, _ shipment) { fmt.Fprint(w, body) })
		attempt()
	}
	last(0.75 * 1800e3) // half an hour is the longest pause
	o.answers(func(http.ResponseWriter, shipment) { panic(http.ErrAbortHandler) })
	attempt()
	last(0.75 * 1800e3)
	run(t, p, `counts(60)`)
	if got := len(o.shipments()); got != 12 {
		t.Errorf("%d requests, want none while it rests", got-12)
	}
	o.answers(nil)
	attempt()
	if got := len(o.events(t, "s-1")); got != 61 {
		t.Errorf("%d events are stored, want 61", got)
	}
	run(t, p, `counts(1)`)
	last(30000)
	o.answers(status(503))
	attempt()
	last(2250) // begins anew
}

func sendsByItself(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `make({}); counts(49)`)
	if got := len(o.shipments()); got != 0 {
		t.Errorf("%d requests before there are 50 events", got)
	}
	run(t, p, `counts(1)`)
	eventually(t, "50 events are sent", func() bool { return len(o.events(t, "s-1")) == 50 })
	run(t, p, `await collector.flush(); counts(1)`)
	if got := webtest.Get[float64](p, `waits.at(-1)`); got != 30000 {
		t.Errorf("one event waits %v ms, want 30000", got)
	}
	run(t, p, `fire()`)
	eventually(t, "the timer sends", func() bool { return len(o.events(t, "s-1")) == 51 })
	run(t, p, `await collector.flush(); counts(1); dispatchEvent(new Event("online"))`)
	eventually(t, "coming online sends", func() bool { return len(o.events(t, "s-1")) == 52 })
}

func heedsVerdicts(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	o.answers(func(w http.ResponseWriter, s shipment) {
		w.Header().Set("Retry-After", "77")
		fmt.Fprintf(w, `{"results":[{"id":%q,"result":"drop","details":"too_old"},{"id":%q,"result":"retry","details":"session_rate"},{"id":"other","result":"ok"}]}`,
			s.Events[0].ID, s.Events[1].ID)
	})
	run(t, p, `make({}); counts(3); await collector.flush()`)
	if got := webtest.Get[float64](p, `waits.at(-1)`); got != 77750 {
		t.Errorf("the next attempt comes after %v ms, want 77750", got)
	}
	o.answers(nil)
	run(t, p, `collector.track("lost", {}, null); collector.track("loop", {n: 1n}); collector.track("huge", {text: "x".repeat(40000)}); await collector.flush()`)
	if got := numbers(t, o.events(t, "s-1")); got != "1 2" {
		t.Errorf("stored events %s, want all but the dropped one", got)
	}
	got := webtest.Get[[]string](p, `verdicts.map((v) => v.result + " " + (v.details ?? ""))`)
	want := []string{"drop too_old", "retry session_rate", "drop bad_properties", "drop event_too_large", "warning bot", "warning bot", "drop missing_session"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	before := len(o.shipments())
	run(t, p, `await collector.flush()`)
	if len(o.shipments()) != before {
		t.Error("something still waits")
	}
}

// halvesBatches stands behind a proxy that takes no more than 1,000 bytes.
func halvesBatches(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `make({}); counts(10); collector.track("large", {number: 99, text: "x".repeat(1000)}); counts(1)`)
	o.answers(func(w http.ResponseWriter, s shipment) {
		if s.Bytes > 1000 {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		var results []string
		for _, e := range s.Events {
			results = append(results, fmt.Sprintf(`{"id":%q,"result":"ok"}`, e.ID))
		}
		fmt.Fprintf(w, `{"results":[%s]}`, strings.Join(results, ","))
	})
	run(t, p, `await collector.flush()`)
	got := webtest.Get[[]string](p, `verdicts.filter((v) => v.result !== "ok").map((v) => v.details)`)
	if !slices.Equal(got, []string{"too_large"}) || webtest.Get[int](p, `verdicts.length`) != 12 {
		t.Errorf("verdicts but ok: %v, want one that is too large", got)
	}
}

func honoursPrivacy(t *testing.T, b *webtest.Browser) {
	t.Helper()
	for name, ask := range map[string]string{
		"Global Privacy Control": `Object.defineProperty(navigator, "globalPrivacyControl", {value: true}); make({userId: "u-1"})`,
		"Do Not Track":           `Object.defineProperty(navigator, "doNotTrack", {value: "1"}); make({userId: "u-1"})`,
		"the page asks":          `make({userId: "u-1", privacy: "anonymous"})`,
	} {
		o := newOutpost(t)
		p := o.enter(t, b)
		run(t, p, ask+`; collector.track("landing_view"); await collector.flush()`)
		if s := o.last(t); s.Privacy != "anonymous" || s.Events[0].UserID != "" {
			t.Errorf("%s: sent %+v", name, s)
		}
		if evs := o.events(t, "s-1"); len(evs) != 0 {
			t.Errorf("%s: %d events are stored under the session of the request", name, len(evs))
		}
		if got := webtest.Get[int](p, `indexedDB.databases().then((d) => d.length + localStorage.length)`); got != 0 {
			t.Errorf("%s: something is kept in the browser", name)
		}
	}
}

func speaksAsTheSeed(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `make({sessionId: undefined, writeKey: "wk&1", endpoint: new URL("/api/metrics/batch", `+"`${performance.getEntriesByType('resource')[0].name}`"+`).href});
		collector.trackSessionStart("s-1", "business");
		collector.trackBusinessModelClassified("s-1", "service", 88, 8);
		collector.trackFeatureRecommendation("s-1", ["blog_system"], "starter", 3200, 11);
		collector.trackFeatureSelection("s-1", [], [], 2500);
		collector.trackValidationLoop("s-1", 1, "business", "clarify", "no, a club");
		collector.trackQuestionEfficiency("s-1", 26, "critical");
		collector.trackConflictResolution("s-1", "budget", "phase_features");
		collector.trackSessionComplete("s-1", 26, 1300, 90);
		collector.trackDocumentGeneration("s-1", "scope", 5200, 1500);
		collector.trackBusinessModelClassification("s-2", "service", 88, 7);
		await collector.flush()`)
	if got := o.last(t).Key; got != "wk&1" {
		t.Errorf("the write key arrives as %q", got)
	}
	want := []event.Payload{
		event.SessionStart{WebsiteType: "business"},
		event.NewBusinessModelClassified("service", 88, 8),
		event.NewFeaturesRecommended([]string{"blog_system"}, "starter", 3200, 11),
		event.NewFeaturesSelected(nil, nil, 2500),
		event.ValidationLoop{LoopNumber: 1, Category: "business", Response: "clarify", HadClarification: true},
		event.QuestionEfficiency{QuestionCount: 26, Status: "critical", Efficiency: "acceptable"},
		event.ConflictResolution{ConflictType: "budget", Resolution: "phase_features"},
		event.NewSessionComplete(26, 1300*time.Second, 90),
		event.NewDocumentGenerated("scope", 5200, 1500*time.Millisecond),
	}
	evs := o.events(t, "s-1")
	if len(evs) != len(want) || len(o.events(t, "s-2")) != 1 {
		t.Fatalf("%d events are stored, want %d", len(evs), len(want))
	}
	for i, e := range evs {
		got, expected := members(t, e.Properties), members(t, event.New("s-1", i, opening, want[i]).Properties)
		if e.Name == event.NameSessionStart {
			delete(got, "timestamp")
			delete(expected, "timestamp")
		}
		if diff := cmp.Diff(expected, got); diff != "" || e.Name != want[i].EventName() {
			t.Errorf("%s (-ours +the collector's %s):\n%s", want[i].EventName(), e.Name, diff)
		}
	}
}

func handsOver(t *testing.T, b *webtest.Browser) {
	t.Helper()
	o := newOutpost(t)
	p := o.enter(t, b)
	run(t, p, `make({}); counts(2); collector.destroy(); counts(1); dispatchEvent(new Event("pagehide")); dispatchEvent(new Event("online"))`)
	eventually(t, "the rest arrives", func() bool { return len(o.events(t, "s-1")) == 2 })
	if all := o.shipments(); len(all) != 1 || !all[0].Beacon {
		t.Errorf("requests: %+v, want one beacon", all)
	}
	run(t, p, `make({}); counts(1); await collector.flush()`)
	if got := numbers(t, o.events(t, "s-1")); got != "0 1 0" {
		t.Errorf("stored events %s, want 0 1 0", got)
	}
}
