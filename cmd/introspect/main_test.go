package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/store"
)

// output collects what a command prints, and can be read while it runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// getenv is an environment of its own for each test.
func getenv(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// process is a running server.
type process struct {
	base string
	out  *output
	log  *output
	stop func() int // ends it as SIGTERM does and returns the exit code
}

// serving starts the server on a free port and waits until it has printed its
// address.
func serving(t *testing.T, vars map[string]string) *process {
	t.Helper()
	return running(t, vars, "serve", "--port", "0", "--host", "127.0.0.1")
}

// running starts a command that serves.
func running(t *testing.T, vars map[string]string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, log := new(output), new(output)
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, environment{getenv(vars), out, log, nil}, args)
	}()
	address := regexp.MustCompile(`Intake: +http://localhost:(\d+)/`)
	for {
		if m := address.FindStringSubmatch(out.String()); m != nil {
			p := &process{base: "http://127.0.0.1:" + m[1], out: out, log: log}
			p.stop = sync.OnceValue(func() int { cancel(); return <-code })
			t.Cleanup(func() { p.stop() })
			return p
		}
		select {
		case c := <-code:
			t.Fatalf("it ended with %d:\n%s%s", c, out, log)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// bearer sends a token with every request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

func fetch(t *testing.T, address string) (int, string) {
	t.Helper()
	return fetchWith(t, http.DefaultClient, address)
}

func fetchWith(t *testing.T, client *http.Client, address string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestServeOnAFreshMachine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	p := serving(t, map[string]string{"DATA_DIR": dir, "INTROSPECT_ADMIN_TOKEN": "bootstrap-token-for-the-test"})
	for _, path := range []string{"/", "/livez", "/readyz", "/api/health", "/openapi.json", "/intake", "/admin/login"} {
		if status, body := fetch(t, p.base+path); status != http.StatusOK {
			t.Errorf("GET %s = %d, want 200:\n%.300s", path, status, body)
		}
	}
	client := http.Client{Transport: bearer("bootstrap-token-for-the-test")}
	defer client.CloseIdleConnections()
	if status, body := fetchWith(t, &client, p.base+"/api/admin/operations"); status != http.StatusOK || !strings.Contains(body, `"kept":true`) {
		t.Errorf("GET /api/admin/operations = %d %s, want backups to be kept", status, body)
	}
	if !strings.Contains(p.out.String(), "/admin/setup?token=") {
		t.Errorf("the first start printed no link for the first admin:\n%s", p.out)
	}
	info, err := os.Stat(filepath.Join(dir, "encryption.key"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("key file: %v, %v; want mode 0600", info, err)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code = %d after SIGTERM, want 0", code)
	}
	again := serving(t, map[string]string{"DATA_DIR": dir})
	if status, _ := fetch(t, again.base+"/readyz"); status != http.StatusOK {
		t.Errorf("GET /readyz = %d after a restart on the same data, want 200", status)
	}
}

// TestShutdownAnswersWhatIsInFlight sends half a request, asks the server to
// stop, and sends the rest: the answer must still come.
func TestShutdownAnswersWhatIsInFlight(t *testing.T) {
	t.Parallel()
	p := serving(t, map[string]string{"DATA_DIR": t.TempDir()})
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := `{"events":[{"name":"landing_view","sessionId":"s-1","timestamp":"` + time.Now().UTC().Format(time.RFC3339) + `"}]}`
	fmt.Fprintf(conn, "POST /api/metrics/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body))
	r := bufio.NewReader(conn)
	if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("the server did not begin to read: %q, %v", line, err) // after this line the request is in flight
	}
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	code := make(chan int, 1)
	go func() { code <- p.stop() }()
	for { // the listener closes first; only then is the rest sent
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(p.base, "http://"))
		if err != nil {
			break
		}
		c.Close()
	}
	fmt.Fprint(conn, body)
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatalf("the request in flight got no answer: %v", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the request in flight got %d, want 200", res.StatusCode)
	}
	if c := <-code; c != 0 {
		t.Errorf("exit code = %d, want 0", c)
	}
}

func TestStartRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		vars map[string]string
		says string
	}{
		{"production without a key", map[string]string{"INTROSPECT_ENV": "production"}, "ENCRYPTION_KEY is not set"},
		{"a key that is too short", map[string]string{"ENCRYPTION_KEY": "secret"}, "ENCRYPTION_KEY"},
		{"an unknown environment", map[string]string{"INTROSPECT_ENV": "staging"}, "INTROSPECT_ENV"},
		{"a port that is a word", map[string]string{"PORT": "http"}, "PORT"},
		{"a zone that does not exist", map[string]string{"INTROSPECT_ZONE": "Mars/Base"}, "INTROSPECT_ZONE"},
		{"a logo that is not there", map[string]string{"AGENCY_LOGO": "nowhere.svg"}, "AGENCY_LOGO"},
		{"a wrong ingest mode", map[string]string{"INGEST": "maybe"}, "INGEST"},
		{"a limit of nothing", map[string]string{"INGEST_PER_MINUTE": "0"}, "INGEST_PER_MINUTE"},
		{"a queue that is a word", map[string]string{"WRITE_QUEUE": "long"}, "WRITE_QUEUE"},
		{"a wrong redis address", map[string]string{"REDIS_URL": "nonsense"}, "REDIS_URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			tt.vars["DATA_DIR"] = dir
			var out, log output
			if code := run(t.Context(), environment{getenv(tt.vars), &out, &log, nil}, []string{"serve", "--host", "127.0.0.1"}); code != 1 {
				t.Errorf("exit code = %d, want 1", code)
			}
			if !strings.Contains(log.String(), tt.says) {
				t.Errorf("the reason %q does not name %s", log.String(), tt.says)
			}
			_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
				if tt.vars["INTROSPECT_ENV"] == "production" && !d.IsDir() {
					t.Errorf("production wrote %s although it refused to start", path)
				}
				return nil
			})
		})
	}
}

// A server is refused before it opens anything while another one, or a restore,
// holds the database.
func TestServeBesideAHolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	vars := map[string]string{"DATA_DIR": dir, "ENCRYPTION_KEY": killSecret, "BACKUP_REPLICA_DIR": filepath.Join(dir, "replica")}
	lock, err := store.Acquire(t.Context(), filepath.Join(dir, store.FileName), "introspect restore", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, ".restoring-"+store.FileName)
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log := new(output)
	if code := run(t.Context(), environment{getenv(vars), log, log, nil}, []string{"serve", "--host", "127.0.0.1"}); code != 1 || !strings.Contains(log.String(), "held by introspect restore, process") {
		t.Errorf("serve = %d, %q, want 1 and the holder", code, log)
	}
	if left := listed(t, dir); len(left) != 2 {
		t.Errorf("the folder holds %v, want the lock and what the holder is writing only", left)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	vars["LOG_LEVEL"] = "error"
	p := serving(t, vars)
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a dead restore left is still there: %v", err)
	}
	p.stop()
}

func TestTokenIsAcceptedByTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serving(t, map[string]string{"DATA_DIR": dir})
	var out, log output
	env := environment{getenv(map[string]string{"DATA_DIR": dir}), &out, &log, nil}
	if code := run(t.Context(), env, []string{"token", "create", "reports"}); code != 0 {
		t.Fatalf("token create = %d: %s", code, log.String())
	}
	plain := strings.TrimSpace(out.String())
	for bearer, want := range map[string]int{plain: http.StatusOK, plain + "x": http.StatusUnauthorized, "": http.StatusUnauthorized} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+"/api/admin/metrics", http.NoBody)
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("GET /api/admin/metrics with %q = %d, want %d", bearer, res.StatusCode, want)
		}
	}
	var listed output
	env.out = &listed
	if code := run(t.Context(), env, []string{"token", "list"}); code != 0 || !strings.Contains(listed.String(), "reports") || strings.Contains(listed.String(), plain) {
		t.Errorf("token list = %d, %q; want the name and not the token", code, listed.String())
	}
}

func TestRollupVerifyFindsNoDrift(t *testing.T) {
	t.Parallel()
	var out, log output
	env := environment{getenv(map[string]string{"DATA_DIR": t.TempDir()}), &out, &log, nil}
	if code := run(t.Context(), env, []string{"token", "create", "first"}); code != 0 {
		t.Fatalf("token create = %d: %s", code, log.String())
	}
	if code := run(t.Context(), env, []string{"rollup", "rebuild", "--verify"}); code != 0 || !strings.Contains(out.String(), "rollup_drift 0") {
		t.Errorf("rollup rebuild --verify = %d, %q %q; want rollup_drift 0", code, out.String(), log.String())
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 0, "usage: introspect"},
		{[]string{"help"}, 0, "serve"},
		{[]string{"version"}, 0, version},
		{[]string{"dance"}, 2, `no command "dance"`},
		{[]string{"serve", "--no-such-flag"}, 2, "no-such-flag"},
		{[]string{"token"}, 2, "token create"},
		{[]string{"rollup"}, 2, "rollup rebuild"},
		{[]string{"backup", "--help"}, 0, "backup drill"},
		{[]string{"alerts", "-h"}, 0, "alerts test [CHANNEL]"},
		{[]string{"maintenance", "--help"}, 0, "--emergency"},
		{[]string{"smoke", "intake.example.com"}, 2, "https://"},
		{[]string{"smoke", "ftp://intake.example.com"}, 2, "https://"},
	} {
		var out, log output
		code := run(t.Context(), environment{getenv(map[string]string{"DATA_DIR": t.TempDir()}), &out, &log, nil}, tt.args)
		if both := out.String() + log.String(); code != tt.code || !strings.Contains(both, tt.says) {
			t.Errorf("introspect %v = %d, %q; want %d and %q", tt.args, code, both, tt.code, tt.says)
		}
	}
}

// A command in the wrong folder says so. It must not make an empty database there
// and report from it that maintenance is on, or that nobody is to be told.
func TestCommandsOfNoDatabase(t *testing.T) {
	t.Parallel()
	for _, words := range []string{
		"access", "affected", "audit", "kpi day", "token list", "token delete 1", "rollup rebuild", "rollup rebuild --verify", "alerts list", "alerts test",
		"backup create", "backup drill", "database copy to.db", "erase a@example.com", "erase --settle", "fallback status", "fallback on",
		"maintenance status", "maintenance on", "maintenance off", "simulate --remove",
	} {
		dir := t.TempDir()
		var out, log output
		code := run(t.Context(), environment{getenv(map[string]string{"DATA_DIR": dir}), &out, &log, nil}, strings.Fields(words))
		if code != 1 || out.String() != "" || !strings.Contains(log.String(), "there is no database at "+dir) || !strings.Contains(log.String(), "set DATA_DIR") {
			t.Errorf("introspect %s = %d, %q %q; want 1 and where there is none", words, code, out.String(), log.String())
		}
		if made, err := os.ReadDir(dir); err != nil || len(made) > 0 {
			t.Errorf("introspect %s made %v, %v", words, made, err)
		}
	}
}

// TestShutdownEndsStreams: with a hundred readers of live pages the process
// ends at once, and each of them gets a whole answer instead of a torn one.
func TestShutdownEndsStreams(t *testing.T) {
	t.Parallel()
	p := serving(t, map[string]string{"DATA_DIR": t.TempDir(), "SHUTDOWN_TIMEOUT": "10m"}) // so that only the streams' own end is in time
	client := firstAdmin(t, p)
	const readers = 100
	ended := make(chan error, readers)
	for range readers {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+"/admin/changes", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("GET /admin/changes = %d", res.StatusCode)
		}
		lines := bufio.NewReader(res.Body)
		if line, err := lines.ReadString('\n'); err != nil || line != "retry: 5000\n" {
			t.Fatalf("the stream begins with %q, %v", line, err)
		}
		go func() {
			_, err := io.Copy(io.Discard, lines) // an answer that is cut off ends with an error
			ended <- err
		}()
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code = %d, want 0", code)
	}
	for range readers {
		if err := <-ended; err != nil {
			t.Errorf("a stream was cut off: %v", err)
		}
	}
}

// firstAdmin makes the first admin and returns a client that is signed in.
func firstAdmin(t *testing.T, p *process) *http.Client {
	t.Helper()
	pattern := regexp.MustCompile(`/admin/setup\?token=(\S+)\n`)
	link := pattern.FindStringSubmatch(p.out.String())
	for link == nil { // it is printed after the address, for which serving waits
		select {
		case <-t.Context().Done():
			t.Fatalf("no setup link:\n%s", p.out)
		case <-time.After(5 * time.Millisecond):
		}
		link = pattern.FindStringSubmatch(p.out.String())
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	form := url.Values{"token": {link[1]}, "email": {"owner@example.com"}, "name": {"Owner"}, "password": {"a long enough password"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+"/admin/setup", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != "/admin/dashboard" {
		t.Fatalf("POST /admin/setup ended at %s with %d", res.Request.URL.Path, res.StatusCode)
	}
	return client
}

// TestIngestLimitsAreThoseConfigured sends through the real program what each
// setting refuses.
func TestIngestLimitsAreThoseConfigured(t *testing.T) {
	t.Parallel()
	send := func(h http.Handler, ip, session string) int {
		body := `[{"id":"` + rand.Text() + `","name":"cta_click","sessionId":"` + session + `"}]`
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/metrics/batch", strings.NewReader(body))
		r.RemoteAddr = ip + ":1"
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for _, tt := range []struct {
		setting       string
		first, second [2]string // address and session of two requests
	}{
		{"INGEST_PER_MINUTE", [2]string{"203.0.113.1", "a"}, [2]string{"203.0.113.1", "b"}},
		{"INGEST_NETWORK_PER_MINUTE", [2]string{"203.0.113.1", "a"}, [2]string{"203.0.113.2", "b"}},
		{"INGEST_SESSION_PER_MINUTE", [2]string{"203.0.113.1", "a"}, [2]string{"198.51.100.1", "a"}},
	} {
		for value, want := range map[string]int{"1": http.StatusTooManyRequests, "2": http.StatusOK} {
			env := environment{getenv(map[string]string{"DATA_DIR": t.TempDir(), tt.setting: value}), io.Discard, io.Discard, nil}
			cfg, _, err := load(env, "serve", nil)
			if err != nil {
				t.Fatal(err)
			}
			a, err := assemble(t.Context(), cfg, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.close)
			if got := send(a.handler, tt.first[0], tt.first[1]); got != http.StatusOK {
				t.Errorf("%s=%s: the first request = %d", tt.setting, value, got)
			}
			if got := send(a.handler, tt.second[0], tt.second[1]); got != want {
				t.Errorf("%s=%s: the second request = %d, want %d", tt.setting, value, got, want)
			}
		}
	}
}
