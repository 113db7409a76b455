package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/simulate"
	"applicreations.com/introspect/internal/store"
)

// product is the whole program without its listener.
func product(b *testing.B) *app {
	b.Helper()
	env := environment{getenv(map[string]string{"DATA_DIR": b.TempDir(), "INTROSPECT_ADMIN_TOKEN": "bench-token-bench-token"}), b.Output(), b.Output(), nil}
	cfg, _, err := load(env, "serve", nil)
	if err != nil {
		b.Fatal(err)
	}
	a, err := assemble(b.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(a.close)
	return a
}

// session is the events of one finished outside session, ten of them.
func session(n int, at time.Time) []event.Event {
	id := event.SessionID(fmt.Sprintf("bench-%07d", n))
	features := []string{"appointment_scheduling", "payment_processing", "email_marketing"}
	models := []string{"service", "product", "content", "membership", "hybrid"}
	payloads := []event.Payload{
		event.LandingView{Source: "search", Device: "phone"},
		event.Plain{Name: event.NameCTAClick},
		event.Plain{Name: event.NameFoundationStart},
		event.SessionStart{WebsiteType: "business", Timestamp: at},
		event.Plain{Name: event.NameConversationStart},
		event.NewBusinessModelClassified(models[n%5], 90, 6+n%3), event.NewFeaturesRecommended(features, "professional", 6400, 12),
		event.NewFeaturesSelected(features[:n%4], features[n%4:], 6000),
		event.ValidationLoop{LoopNumber: 1 + n%3, Category: "Business", Response: "correct"},
		event.NewSessionComplete(18+n%10, 15*time.Minute, 95),
	}
	out := make([]event.Event, len(payloads))
	for i, p := range payloads {
		out[i] = event.New(id, i, at.Add(time.Duration(i)*time.Minute), p)
	}
	return out
}

// BenchmarkBatch is one batch of 500 events through HTTP, answered after its
// durable commit; every event is new.
func BenchmarkBatch(b *testing.B) {
	a := product(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		var body bytes.Buffer
		body.WriteString(`{"events":[`)
		for i := range 50 {
			for j, e := range session(n, time.Now()) {
				if i+j > 0 {
					body.WriteByte(',')
				}
				fmt.Fprintf(&body, `{"id":%q,"name":%q,"sessionId":%q,"timestamp":%q,"properties":%s}`, e.ID, e.Name, e.SessionID, e.At.Format(time.RFC3339Nano), e.Properties)
			}
			n++
		}
		body.WriteString(`]}`)
		req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/api/metrics/batch", &body)
		req.Header.Set("Content-Type", "application/json")
		req.RemoteAddr = "127.0.0.1:9999"
		res := httptest.NewRecorder()
		b.StartTimer()
		a.handler.ServeHTTP(res, req)
		if res.Code != http.StatusOK || !strings.Contains(res.Body.String(), `"accepted":500`) {
			b.Fatalf("batch = %d, %.300s", res.Code, res.Body)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkDashboard is GET /api/admin/metrics over 60 days of events: it must
// not grow with their number. It also prints the bytes that an event takes, what
// the page of a session and a report under filters need, and how long the store
// takes to open.
func BenchmarkDashboard(b *testing.B) {
	for _, events := range []int{100_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprintf("events=%d", events), func(b *testing.B) {
			a := product(b)
			seed(b, a.store, events)
			var times []time.Duration
			for b.Loop() {
				at := time.Now()
				ask(b, a, "/api/admin/metrics", nil)
				times = append(times, time.Since(at))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
			login := signedIn(b, a)
			b.ReportMetric(timeline(b, a, login), "timeline-ms")
			first, median := yearPage(b, a, login)
			b.ReportMetric(first, "year-page-first-ms")
			b.ReportMetric(median, "year-page-ms")
			b.ReportMetric(filtered(b, a), "filtered-ms")
			first, median = combined(b, a)
			b.ReportMetric(first, "combined-first-ms")
			b.ReportMetric(median, "combined-ms")
			b.ReportMetric(float64(sizeOf(b, a.cfg.databasePath()))/float64(events), "bytes/event")
			b.ReportMetric(opened(b, a), "open-ms")
		})
	}
}

func ask(b *testing.B, a *app, path string, login *http.Cookie) {
	b.Helper()
	req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, http.NoBody)
	if login != nil {
		req.AddCookie(login)
	}
	req.Header.Set("Authorization", "Bearer bench-token-bench-token")
	req.RemoteAddr = "127.0.0.1:9999"
	res := httptest.NewRecorder()
	a.handler.ServeHTTP(res, req)
	if res.Code != http.StatusOK {
		b.Fatalf("%s = %d, %.300s", path, res.Code, res.Body)
	}
}

// signedIn is the cookie of an admin.
func signedIn(b *testing.B, a *app) *http.Cookie {
	b.Helper()
	token, _, err := a.account.SetupLink(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := a.account.CreateFirst(b.Context(), token, "owner@example.com", "Owner", "a long enough password"); err != nil {
		b.Fatal(err)
	}
	form := url.Values{"email": {"owner@example.com"}, "password": {"a long enough password"}}
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/admin/login", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.RemoteAddr = "127.0.0.1:9999"
	res := httptest.NewRecorder()
	a.handler.ServeHTTP(res, req)
	cookies := res.Result().Cookies()
	if len(cookies) == 0 {
		b.Fatalf("login = %d, %.300s", res.Code, res.Body)
	}
	return cookies[0]
}

// timeline is the median of the page of a finished interview with all that
// happened in it, a different one each time, in milliseconds.
func timeline(b *testing.B, a *app, login *http.Cookie) float64 {
	b.Helper()
	_, engine, err := loadEngine("", slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	clock := new(simulate.Clock)
	clock.Set(time.Now())
	run := simulate.Config{Store: a.store, Engine: engine, Clock: clock, Visits: 60, Days: 1, Seed: 1, Until: time.Now(), Zone: time.UTC}
	if _, err := simulate.Run(b.Context(), run); err != nil {
		b.Fatal(err)
	}
	finished, err := a.store.Sessions(b.Context(), store.SessionFilter{Status: "completed", Limit: 100})
	if err != nil || len(finished) < 5 {
		b.Fatalf("%d finished interviews, %v", len(finished), err)
	}
	var times []time.Duration
	for range 5 {
		for _, sess := range finished {
			at := time.Now()
			ask(b, a, "/admin/sessions/"+string(sess.ID), login)
			times = append(times, time.Since(at))
		}
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}

// yearPage is the page of the funnel of a year under a filter, with the sessions
// that are still open, in milliseconds: the first time, and the median afterwards.
func yearPage(b *testing.B, a *app, login *http.Cookie) (first, median float64) {
	b.Helper()
	var times []time.Duration
	for range 22 {
		at := time.Now()
		ask(b, a, "/admin/funnel?days=365&by=source%3Asearch", login)
		times = append(times, time.Since(at))
	}
	first = float64(times[0].Microseconds()) / 1000
	slices.Sort(times[1:])
	return first, float64(times[len(times)/2].Microseconds()) / 1000
}

// filtered is the median of reading a report of a year, of one source, with
// the year before, in milliseconds.
func filtered(b *testing.B, a *app) float64 {
	b.Helper()
	view := metric.Last(365, time.Now(), time.UTC)
	view.Filter = metric.Label{Dimension: metric.DimSource, Value: "search"}
	var times []time.Duration
	for range 21 {
		at := time.Now()
		rows, err := a.store.Rollups(b.Context(), append(view.Needed(), view.Previous().Needed()...))
		if err != nil {
			b.Fatal(err)
		}
		r := metric.NewReport(view, rows, rows, metric.Open{}, func(string) (string, int64) { return "", 0 })
		times = append(times, time.Since(at))
		if r.Started == 0 {
			b.Fatal("the report is empty")
		}
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000
}

// combined is reading a report of a year, of one source on one device, with the
// year before, in milliseconds: the first time, and the median afterwards.
func combined(b *testing.B, a *app) (first, median float64) {
	b.Helper()
	view := metric.Last(365, time.Now(), time.UTC).
		Narrow(metric.Label{Dimension: metric.DimSource, Value: "search"}).Narrow(metric.Label{Dimension: metric.DimDevice, Value: "phone"})
	var times []time.Duration
	for range 22 {
		at := time.Now()
		rows, err := a.store.Cut(b.Context(), view, view.Previous())
		if err != nil {
			b.Fatal(err)
		}
		r := metric.NewReport(view, rows, rows, metric.Open{}, func(string) (string, int64) { return "", 0 })
		times = append(times, time.Since(at))
		if r.Started == 0 {
			b.Fatal("the report is empty")
		}
	}
	first = float64(times[0].Microseconds()) / 1000
	times = times[1:]
	slices.Sort(times)
	return first, float64(times[len(times)/2].Microseconds()) / 1000
}

// opened closes the store and is the time until it is open again, in
// milliseconds.
func opened(b *testing.B, a *app) float64 {
	b.Helper()
	log := slog.New(slog.DiscardHandler)
	keys, err := a.cfg.keyring(log)
	if err != nil {
		b.Fatal(err)
	}
	if err := a.store.Close(); err != nil {
		b.Fatal(err)
	}
	at := time.Now()
	st, err := store.Open(b.Context(), store.Config{Path: a.cfg.databasePath(), Keys: keys, Zone: a.cfg.zone, Log: log})
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(at)
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
	return float64(took.Microseconds()) / 1000
}

// sizeOf is what the database takes on disk, its log included.
func sizeOf(b *testing.B, file string) int64 {
	b.Helper()
	var sum int64
	found, err := filepath.Glob(filepath.Join(file, "*"))
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range append(found, file, file+"-wal") {
		if info, err := os.Stat(f); err == nil && !info.IsDir() {
			sum += info.Size()
		}
	}
	return sum
}

// landing is how visitor n came: by ten sources, three devices and six languages,
// some of which are frequent and some rare.
func landing(n int) event.LandingView {
	sources := []string{"search", "search", "search", "direct", "direct", "instagram", "newsletter", "linkedin", "facebook", "partner", "fair", "podcast", "youtube"}
	devices := []string{"phone", "phone", "phone", "desktop", "desktop", "tablet"}
	languages := []string{"en", "en", "en", "en", "de", "de", "fr", "es", "it", "pl"}
	return event.LandingView{Source: sources[n%len(sources)], Device: devices[n/len(sources)%len(devices)], Language: languages[n/7%len(languages)]}
}

// seed fills the last 60 days with finished sessions of ten events.
func seed(b *testing.B, st *store.Store, events int) {
	b.Helper()
	now, apart := time.Now().Add(-time.Hour), 60*24*time.Hour/time.Duration(events/10)
	var batch []store.Incoming
	for n := range events / 10 {
		at := now.Add(-time.Duration(n) * apart)
		visit := session(n, at)
		visit[0] = event.New(visit[0].SessionID, 0, at, landing(n))
		for _, e := range visit {
			batch = append(batch, store.Incoming{Event: e})
		}
		if len(batch) == 1000 {
			if _, err := st.Record(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
}

// BenchmarkStart is the real binary from its start to the first answer with
// status 200, on a database that exists, and its resident memory afterwards.
func BenchmarkStart(b *testing.B) {
	bin := build(b)
	dir := b.TempDir()
	started(b, bin, dir).end()
	var rss int
	for b.Loop() {
		p := started(b, bin, dir)
		b.StopTimer()
		rss = p.rss()
		p.end()
		b.StartTimer()
	}
	b.ReportMetric(float64(rss)/1024, "rss-MB")
}

// build makes the real binary.
func build(tb testing.TB) string {
	tb.Helper()
	bin := filepath.Join(tb.TempDir(), "introspect")
	cmd := exec.CommandContext(tb.Context(), "go", "build", "-o", bin, ".") // #nosec G204 -- our own package
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// binary is a running server.
type binary struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	base   string
}

func (p *binary) end() { p.cancel(); _ = p.cmd.Wait() }

// rss is its resident memory in KB, 0 where the system does not tell.
func (p *binary) rss() int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0 // not Linux
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	kb, _ := strconv.Atoi(string(m[1]))
	return kb
}

// cpu is the processor time that it used, 0 where the system does not tell.
func (p *binary) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0 // not Linux
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name before may hold anything
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond // Linux counts hundredths for everybody
}

// started runs the binary until its first 200.
func started(b *testing.B, bin, dir string) *binary {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	cmd := exec.CommandContext(ctx, bin, "serve", "--port", "0", "--host", "127.0.0.1", "--data-dir", dir) // #nosec G204 -- built above
	cmd.Env = []string{"HOME=" + dir, "INTROSPECT_ADMIN_TOKEN=bench-token-bench-token"}
	out := new(output)
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	address := regexp.MustCompile(`Intake: +http://localhost:(\d+)/`)
	for {
		if m := address.FindStringSubmatch(out.String()); m != nil {
			base := "http://127.0.0.1:" + m[1]
			res, err := http.Get(base + "/readyz")
			if err == nil {
				res.Body.Close()
			}
			if err == nil && res.StatusCode == http.StatusOK {
				return &binary{cmd, cancel, base}
			}
		}
		<-time.After(time.Millisecond)
	}
}
