package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

const batchPath = "/api/metrics/batch"

// landed is one landing view.
func landed(id, session string) string {
	return fmt.Sprintf(`{"id":%q,"name":"landing_view","sessionId":%q,"userId":"u1","timestamp":%q}`, id, session, opening.Format(time.RFC3339))
}

func packed(tb testing.TB, plain string) io.Reader {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, plain); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return &b
}

// problemKind is the last part of a problem's type.
func problemKind(t *testing.T, a answer) string {
	t.Helper()
	var p struct{ Type string }
	if err := json.Unmarshal(a.Body.Bytes(), &p); err != nil {
		t.Fatalf("no problem: %v\n%s", err, a.Body)
	}
	return p.Type[strings.LastIndexByte(p.Type, ':')+1:]
}

func TestCollectForms(t *testing.T) {
	t.Parallel()
	list := "[" + landed("a", "v1") + "," + landed("b", "v1") + "]"
	lines := landed("a", "v1") + "\n" + landed("b", "v1")
	for _, tt := range []struct {
		name, kind, encoding string
		body                 io.Reader
		status               int
		want                 string // of the answer
	}{
		{"an array", "application/json", "", strings.NewReader(list), 200, `"accepted":2`},
		{"lines", "application/x-ndjson", "", strings.NewReader(lines), 200, `"accepted":2`},
		{"a beacon of lines", "text/plain;charset=UTF-8", "", strings.NewReader(lines), 200, `"accepted":2`},
		{"packed", "application/json", "gzip", packed(t, list), 200, `"accepted":2`},
		{"a packed beacon", "text/plain", "gzip", packed(t, lines), 200, `"accepted":2`},
		{"a bomb", "application/json", "gzip", packed(t, strings.Repeat(" ", 200<<20)), 413, "1048576 bytes"},
		{"1 MB and a byte after unpacking", "application/json", "gzip", packed(t, list+strings.Repeat(" ", 1<<20-len(list)+1)), 413, "1048576 bytes"},
		{"1 MB after unpacking", "application/json", "gzip", packed(t, list+strings.Repeat(" ", 1<<20-len(list))), 200, `"accepted":2`},
		{"1,001 events", "application/json", "", strings.NewReader("[" + strings.Repeat("0,", 1000) + "0]"), 413, "1000 events"},
		{"1,000 events that are none", "application/json", "", strings.NewReader("[" + strings.Repeat("0,", 999) + "0]"), 200, `"dropped":1000`},
		{"not packed at all", "application/json", "gzip", strings.NewReader(list), 400, "gzip"},
		{"packed by another", "application/json", "br", strings.NewReader(list), 415, "gzip"},
		{"bytes that are no text", "application/json", "", strings.NewReader(strings.ReplaceAll(list, "landing_view", "landing\xff")), 200, `"details":"invalid_utf8"`},
		{"UTF-16", "application/json", "", strings.NewReader("\xff\xfe[\x00]\x00"), 400, "not JSON"},
		{"too deep to read", "application/json", "", strings.NewReader(strings.Repeat("[", 20_000)), 400, "max depth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := newSite(t).visitor(t)
			if tt.encoding != "" {
				v.header.Set("Content-Encoding", tt.encoding)
			}
			a := v.send(http.MethodPost, batchPath, tt.kind, tt.body)
			if a.Code != tt.status || !strings.Contains(a.Body.String(), tt.want) {
				t.Errorf("POST = %d, want %d with %s\n%.300s", a.Code, tt.status, tt.want, a.Body)
			}
		})
	}
}

// TestCollectOrigins asks as browsers of other sites do: first the preflight,
// then the request.
func TestCollectOrigins(t *testing.T) {
	t.Parallel()
	shop := []string{"https://shop.example"}
	key := []string{"wk-1", "wk-2"}
	for _, tt := range []struct {
		name    string
		collect web.Collect
		origin  string
		key     string // as bearer token; with a ? in the address
		status  int
		problem string
		allowed string // Access-Control-Allow-Origin
	}{
		{"open to everybody", web.Collect{Open: true}, "https://any.example", "", 200, "", "*"},
		{"open, but with keys", web.Collect{Open: true, Keys: key}, "https://any.example", "", 401, "unauthorized", "*"},
		{"open, and its key", web.Collect{Open: true, Keys: key}, "https://any.example", "wk-2", 200, "", "*"},
		{"open with keys to a server", web.Collect{Open: true, Keys: key}, "", "", 200, "", ""},
		{"closed, a listed origin", web.Collect{Origins: shop}, "https://shop.example", "", 200, "", "https://shop.example"},
		{"closed, an unlisted origin", web.Collect{Origins: shop}, "https://evil.example", "", 403, "unknown_origin", ""},
		{"closed, the origin of a file", web.Collect{Origins: shop}, "null", "", 403, "unknown_origin", ""},
		{"closed, a listed origin by another scheme", web.Collect{Origins: shop}, "http://shop.example", "", 403, "unknown_origin", ""},
		{"closed with keys, a listed origin without", web.Collect{Origins: shop, Keys: key}, "https://shop.example", "", 401, "unauthorized", "https://shop.example"},
		{"closed with keys, a listed origin with one", web.Collect{Origins: shop, Keys: key}, "https://shop.example", "wk-1", 200, "", "https://shop.example"},
		{"closed with keys, one in the address of a beacon", web.Collect{Origins: shop, Keys: key}, "https://shop.example", "?wk-1", 200, "", "https://shop.example"},
		{"closed with keys, a wrong one in the address", web.Collect{Origins: shop, Keys: key}, "https://shop.example", "?wk-3", 401, "unauthorized", "https://shop.example"},
		{"closed with keys only, any origin with one", web.Collect{Keys: key}, "https://any.example", "wk-1", 200, "", "https://any.example"},
		{"closed with keys only, any origin without", web.Collect{Keys: key}, "https://any.example", "", 401, "unauthorized", "https://any.example"},
		{"closed to everybody else", web.Collect{}, "https://any.example", "", 403, "unknown_origin", ""},
		{"closed, a server", web.Collect{Origins: shop}, "", "", 401, "unauthorized", ""},
		{"closed, a server with a key", web.Collect{Origins: shop, Keys: key}, "", "wk-1", 200, "", ""},
		{"closed, our own page", web.Collect{Origins: shop, Keys: key}, "http://example.com", "", 200, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := newSite(t, func(c *web.Config) { c.Collect = tt.collect }).visitor(t)
			if tt.origin != "" {
				v.header.Set("Origin", tt.origin)
			}
			v.header.Set("Access-Control-Request-Method", "POST")
			pre := v.send(http.MethodOptions, batchPath, "", http.NoBody)
			v.header.Del("Access-Control-Request-Method")
			path := batchPath
			if after, ok := strings.CutPrefix(tt.key, "?"); ok {
				path += "?key=" + after
			} else if tt.key != "" {
				v.header.Set("Authorization", "Bearer "+tt.key)
			}
			a := v.send(http.MethodPost, path, "text/plain", strings.NewReader("["+landed("a", "v1")+"]"))
			if a.Code != tt.status {
				t.Fatalf("POST = %d, want %d\n%s", a.Code, tt.status, a.Body)
			}
			if tt.problem != "" && problemKind(t, a) != tt.problem {
				t.Errorf("problem %s, want %s", problemKind(t, a), tt.problem)
			}
			for what, got := range map[string]answer{"preflight": pre, "answer": a} {
				if tt.origin == "http://example.com" {
					continue // same origin: nothing is asked
				}
				if allow := got.Header().Get("Access-Control-Allow-Origin"); allow != tt.allowed {
					t.Errorf("%s allows the origin %q, want %q", what, allow, tt.allowed)
				}
				if !tt.collect.Open && got.Header().Get("Vary") != "Origin" {
					t.Errorf("%s varies by %q, want Origin", what, got.Header().Get("Vary"))
				}
			}
			if allowed := pre.Header().Get("Access-Control-Allow-Headers"); (tt.allowed != "") != strings.Contains(allowed, "Content-Encoding") {
				t.Errorf("preflight allows the headers %q", allowed)
			}
		})
	}
}

func TestCollectLimitsByNetwork(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"203.0.113.%d:1", "[2001:db8:7:%x::1]:1"} {
		s := newSite(t, func(c *web.Config) { c.Limits.NetworkPerMinute = 100 })
		v := s.visitor(t)
		for n := 1; ; n++ {
			v.addr = fmt.Sprintf(addr, n/10+1)
			a := v.send(http.MethodPost, batchPath, "application/json", strings.NewReader("[]"))
			if a.Code == http.StatusOK && n <= 100 {
				continue
			}
			retry, err := strconv.Atoi(a.Header().Get("Retry-After"))
			if a.Code != http.StatusTooManyRequests || n != 101 || err != nil || retry < 1 || retry > 120 {
				t.Errorf("request %d of a network = %d, Retry-After %d, want 100 allowed", n, a.Code, retry)
			}
			break
		}
		v.addr = "198.51.100.1:1"
		if a := v.send(http.MethodPost, batchPath, "application/json", strings.NewReader("[]")); a.Code != http.StatusOK {
			t.Errorf("another network = %d", a.Code)
		}
		s.wait(2 * time.Minute)
		v.addr = fmt.Sprintf(addr, 1)
		if a := v.send(http.MethodPost, batchPath, "application/json", strings.NewReader("[]")); a.Code != http.StatusOK {
			t.Errorf("the network two minutes later = %d", a.Code)
		}
	}
}

func TestCollectLimitsBySession(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.Limits.SessionPerMinute = 50 })
	v := s.visitor(t)
	v.addr = "203.0.113.7:1"
	many := func(session string, n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = landed(fmt.Sprintf("%s-%d", session, i), session)
		}
		return strings.Join(list, ",")
	}
	post := func(body string) answer {
		t.Helper()
		return v.send(http.MethodPost, batchPath, "application/json", strings.NewReader("["+body+"]"))
	}
	if a := post(many("loud", 40)); a.Code != http.StatusOK {
		t.Fatalf("40 events = %d", a.Code)
	}
	a := post(many("loud", 20) + "," + many("calm", 3))
	if a.Code != http.StatusOK || a.Header().Get("Retry-After") == "" || !strings.Contains(a.Body.String(), `{"accepted":3,"duplicates":0,"dropped":0,"retry":20,`) {
		t.Errorf("20 more and 3 of another session = %d, Retry-After %q\n%.200s", a.Code, a.Header().Get("Retry-After"), a.Body)
	}
	a = post(many("loud", 20))
	if a.Code != http.StatusTooManyRequests || a.Header().Get("Retry-After") == "" || problemKind(t, a) != "rate_limited" {
		t.Errorf("20 more alone = %d, Retry-After %q", a.Code, a.Header().Get("Retry-After"))
	}
	s.wait(2 * time.Minute)
	if a = post(many("loud", 90)); a.Code != http.StatusOK {
		t.Errorf("more than the limit at once, when the session was quiet = %d, want it let in", a.Code)
	}
	v.addr = "127.0.0.1:1"
	for range 3 {
		if a = post(many("loud", 50)); a.Code != http.StatusOK {
			t.Errorf("a load test on this machine = %d", a.Code)
		}
	}
}

func TestCollectPrivacy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, header, value string
		body                string
		anonymous           bool
	}{
		{"nothing asked", "", "", `{"events":[%s]}`, false},
		{"Global Privacy Control", "Sec-GPC", "1", `{"events":[%s]}`, true},
		{"Do Not Track", "DNT", "1", `{"events":[%s]}`, true},
		{"Do Not Track off", "DNT", "0", `{"events":[%s]}`, false},
		{"the collector asks", "", "", `{"privacy":"anonymous","events":[%s]}`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			v := s.visitor(t)
			if tt.header != "" {
				v.header.Set(tt.header, tt.value)
			}
			a := v.send(http.MethodPost, batchPath, "application/json", strings.NewReader(fmt.Sprintf(tt.body, landed("a", "person-1"))))
			if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), `"accepted":1`) {
				t.Fatalf("POST = %d %s", a.Code, a.Body)
			}
			evs, err := s.store.Events(t.Context(), "person-1")
			if err != nil || (len(evs) == 0) != tt.anonymous {
				t.Errorf("%d events are kept under the session of the request, %v", len(evs), err)
			}
			if !tt.anonymous && evs[0].UserID != "u1" {
				t.Errorf("user %q, want u1", evs[0].UserID)
			}
			if got := dashboardFunnel(t, s)["landing_view"]; got != 1 {
				t.Errorf("the dashboard counts %d landing views, want 1", got)
			}
			if strings.Contains(s.log.String(), "person-1") {
				t.Error("the log names the session")
			}
		})
	}
}

// dashboardFunnel reads the counts of the funnel as an admin program does.
func dashboardFunnel(t *testing.T, s *site) map[string]int {
	t.Helper()
	a := s.visitor(t).bearer(bootstrapToken, "/api/admin/metrics")
	var d struct {
		FunnelMetrics []struct {
			Stage string
			Count int
		}
	}
	if err := json.Unmarshal(a.Body.Bytes(), &d); err != nil || a.Code != http.StatusOK {
		t.Fatalf("dashboard = %d, %v", a.Code, err)
	}
	counts := make(map[string]int)
	for _, f := range d.FunnelMetrics {
		counts[f.Stage] = f.Count
	}
	return counts
}

func TestCollectBots(t *testing.T) {
	t.Parallel()
	const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36"
	for agent, want := range map[string]string{
		chrome: "",
		strings.Replace(chrome, "Chrome/", "HeadlessChrome/", 1):                    "headless:headlesschrome",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":  "agent:googlebot",
		"Mozilla/5.0 (compatible; bingbot/2.0)":                                     "agent:bingbot",
		"SomeCrawler/1.0":                                                           "agent:crawler",
		"Mozilla/5.0 (Linux; Android 15; CUBOT KINGKONG) AppleWebKit/537.36 Mobile": "", // a telephone
		"node":           "", // the seed's collector on its server
		"curl/8.9":       "",
		"python/3 aio":   "",
		"Go-http-client": "",
		"":               "",
	} {
		s := newSite(t)
		v := s.visitor(t)
		v.header.Set("User-Agent", agent)
		a := v.send(http.MethodPost, batchPath, "application/json", strings.NewReader("["+landed("a", "v1")+"]"))
		if a.Code != http.StatusOK || !strings.Contains(a.Body.String(), `"accepted":1`) {
			t.Fatalf("%q = %d %s", agent, a.Code, a.Body)
		}
		evs, err := s.store.Events(t.Context(), "v1")
		if err != nil || len(evs) != 1 || evs[0].Bot != want {
			t.Errorf("%q: events %+v, %v, want the mark %q", agent, evs, err, want)
		}
		counted := dashboardFunnel(t, s)["landing_view"]
		if (counted == 1) != (want == "") {
			t.Errorf("%q: the dashboard counts %d", agent, counted)
		}
	}
}

// TestCollectWithoutRoom lets the store refuse: the sender learns when to try
// again, and everything that only reads goes on.
func TestCollectWithoutRoom(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]struct {
		status int
		kind   string
	}{
		store.ErrFull: {507, "disk_full"}, store.ErrBusy: {503, "busy"}, store.ErrClosed: {503, "closing"}, store.ErrUnknown: {503, "unknown_outcome"},
		fmt.Errorf("%w: commit: %w", store.ErrUnknown, store.ErrFull): {507, "disk_full"},
	} {
		s := newSite(t, func(c *web.Config) { c.Ingest = failingIngest(err) })
		a := s.visitor(t).send(http.MethodPost, batchPath, "text/plain", strings.NewReader("["+landed("a", "v1")+"]"))
		retry, parsed := strconv.Atoi(a.Header().Get("Retry-After"))
		if a.Code != want.status || problemKind(t, a) != want.kind || parsed != nil || retry < 1 {
			t.Errorf("%v = %d %s, Retry-After %q, want %+v", err, a.Code, problemKind(t, a), a.Header().Get("Retry-After"), want)
		}
		if got := s.visitor(t).get("/").Code; got != http.StatusOK {
			t.Errorf("%v: the landing page = %d", err, got)
		}
		dashboardFunnel(t, s)
	}
}

// TestCollectEnvelope sends what a collector sends that knows everything.
func TestCollectEnvelope(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	sent := opening.Add(2*time.Hour - time.Second) // its clock is two hours ahead
	body := fmt.Sprintf(`{"sent_at":%q,"sent_mono":61000,"batch_id":"b-1","attempt":2,"sdk":"x/1","tz":"Asia/Tokyo","dropped":3,
		"events":[{"uuid":"0199b0c4-98fc-7c14-9afb-000000000001","event":"landing_view","session_id":"v1","seq":1,"mono":1000,"timestamp":%d}]}`,
		sent.Format(time.RFC3339Nano), sent.Add(-time.Minute).UnixMilli())
	a := s.visitor(t).send(http.MethodPost, batchPath, "application/json", strings.NewReader(body))
	want := `{"accepted":1,"duplicates":0,"dropped":0,"results":[{"id":"0199b0c4-98fc-7c14-9afb-000000000001","result":"ok"}]}` + "\n"
	if diff := cmp.Diff(want, a.Body.String()); diff != "" || a.Code != http.StatusOK {
		t.Fatalf("POST = %d (-want +got):\n%s", a.Code, diff)
	}
	if !strings.Contains(s.log.String(), "a sender lost events") || !strings.Contains(s.log.String(), "events=3") {
		t.Error("the log does not tell that the sender lost events")
	}
	evs, err := s.store.Events(t.Context(), "v1")
	if err != nil || len(evs) != 1 || evs[0].Seq != 1 || evs[0].Name != event.NameLandingView {
		t.Fatalf("Events = %+v, %v", evs, err)
	}
}
