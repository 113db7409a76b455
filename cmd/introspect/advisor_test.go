package main

import (
	"bytes"
	stdcmp "cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/claude/claudetest"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/store"
)

// talk is one conversation over the API of a running server.
type talk struct {
	tb              testing.TB
	client          *http.Client
	base, id, token string
	action, kind    string
	said            []string
	slowest         time.Duration
}

// call sends JSON and reads JSON.
func (c *talk) call(path string, body any) (int, map[string]any) {
	c.tb.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.tb.Fatal(err)
	}
	req, err := http.NewRequestWithContext(c.tb.Context(), http.MethodPost, c.base+path, bytes.NewReader(raw))
	if err != nil {
		c.tb.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.client.Do(req)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.tb.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		c.tb.Fatalf("POST %s = %d, no JSON: %.300s", path, res.StatusCode, data)
	}
	return res.StatusCode, m
}

func newTalk(tb testing.TB, client *http.Client, base string) *talk {
	tb.Helper()
	c := &talk{tb: tb, client: client, base: base}
	status, m := c.call("/api/sessions", map[string]string{"userName": "Ada Moreau", "userEmail": "ada@example.com", "websiteType": "business"})
	if status != http.StatusCreated {
		tb.Fatalf("begin = %d %v", status, m)
	}
	c.id, _ = m["sessionId"].(string)
	c.token, _ = m["token"].(string)
	c.read(m)
	return c
}

func (c *talk) read(m map[string]any) {
	c.action, _ = m["actionId"].(string)
	c.kind, _ = m["action"].(string)
}

// answer gives a free text answer and notes how long the next action took.
func (c *talk) answer(text string) {
	c.tb.Helper()
	began := time.Now()
	body := map[string]any{"text": text}
	if c.kind == "validate_understanding" {
		body["response"] = "clarify"
	}
	status, m := c.call("/api/conversation", map[string]any{"sessionId": c.id, "actionId": c.action, "answer": body})
	c.slowest = max(c.slowest, time.Since(began))
	if status != http.StatusOK {
		c.tb.Errorf("the answer %q got %d %v", text, status, m)
		return
	}
	if old := c.action; m["actionId"] == old {
		c.tb.Errorf("after the answer %q the action is still %s", text, old)
	}
	c.said = append(c.said, text)
	c.read(m)
}

// sentences are answers that hold something for the rules, too.
func sentences() []string {
	return []string{
		"Studio Moreau is a hair salon in Portland with two chairs and no website yet.",
		"Visitors should book an appointment online and see our prices, about 8 pages.",
		"We want thirty bookings a week from the site instead of phone calls.",
		"Women between 25 and 55 who live nearby and book in the evening.",
		"Our stylists answer the phone all day long and lose time with it.",
	}
}

// aftermath opens the database of a server that has stopped.
func aftermath(t *testing.T, vars map[string]string) *store.Store {
	t.Helper()
	env := environment{getenv(vars), new(output), new(output), nil}
	cfg, _, err := load(env, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	st, err := openStore(t.Context(), env, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// opensAt is the turn after which a breaker is open: three failed tries of a
// vendor are too many, and one that only a person can mend.
func opensAt(f claudetest.Fault) int {
	if f.Class == "server" && strings.Contains(f.Name, "Retry-After") {
		return 3 // the wait is too long for a second try
	}
	switch f.Class {
	case "auth", "billing", "spend_cap", "rate_limited":
		return 1
	case "overloaded", "server", "timeout", "connection": // tried twice a turn
		return 2
	case "malformed", "bad_request":
		return 3
	}
	return 0
}

// outcomes reads what became of each question to the model, in order.
func outcomes(t *testing.T, st *store.Store, id string) (list, causes []string) {
	t.Helper()
	evs, err := st.Events(t.Context(), event.SessionID(id))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range evs {
		if e.Name != event.NameAdvisorCall {
			continue
		}
		var p event.AdvisorCall
		if err := json.Unmarshal(e.Properties, &p); err != nil {
			t.Fatal(err)
		}
		list, causes = append(list, p.Outcome), append(causes, p.Cause)
	}
	return list, causes
}

// TestNoClientNoticesAFault lets the vendor and its model misbehave in every
// way that there is, behind the real program: the next question always comes in
// time, no answer is lost, the fault is counted as what it is, and calls stop
// when they are of no use.
func TestNoClientNoticesAFault(t *testing.T) {
	t.Parallel()
	faults := append(claudetest.Faults(), claudetest.Fault{Name: "connection refused", Class: "connection"})
	for i, f := range faults {
		if testing.Short() && i%4 != 0 {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			c, vars := behind(t, f)
			for range 2 { // a machine that stalls does so now and then, a program that waits every time
				if c.slowest > inTime {
					c, vars = behind(t, f)
				}
			}
			if c.slowest > inTime {
				t.Errorf("a question took %s three times, want at most %s", c.slowest, inTime)
			}
			st := aftermath(t, vars)
			said(t, st, c)
			list, causes := outcomes(t, st, c.id)
			counted(t, f, list, causes)
		})
	}
}

// inTime is when the next question has to be there, whatever the model does.
const inTime = 3 * time.Second

// behind holds a whole conversation with a server whose vendor has a fault, and
// stops it.
func behind(t *testing.T, f claudetest.Fault) (*talk, map[string]string) {
	t.Helper()
	vendor := claudetest.New(t)
	if f.Step == nil {
		vendor.Stop()
	} else {
		vendor.Always(f.Step)
	}
	vars := map[string]string{
		"DATA_DIR": t.TempDir(), "ANTHROPIC_API_KEY": claudetest.Key, "ANTHROPIC_BASE_URL": vendor.URL, "ADVISOR_TRY_TIMEOUT": "1.1s",
	}
	p := serving(t, vars)
	c := newTalk(t, http.DefaultClient, p.base)
	for _, text := range sentences() {
		c.answer(text)
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code = %d", code)
	}
	return c, vars
}

// said checks that every answer is kept.
func said(t *testing.T, st *store.Store, c *talk) {
	t.Helper()
	messages, err := st.Messages(t.Context(), event.SessionID(c.id))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range c.said {
		if !slices.ContainsFunc(messages, func(m intake.Message) bool { return m.Role == "client" && strings.Contains(m.Text, text) }) {
			t.Errorf("the answer %q is lost", text)
		}
	}
	if len(c.said) != len(sentences()) {
		t.Errorf("%d answers were taken, want %d", len(c.said), len(sentences()))
	}
}

// counted checks classes and the state of the breaker, which shows in what
// later turns were refused for.
func counted(t *testing.T, f claudetest.Fault, list, causes []string) {
	t.Helper()
	if len(list) != len(sentences()) {
		t.Fatalf("outcomes are %v, want one for each of %d answers", list, len(sentences()))
	}
	if f.Class == "" { // the call succeeds, and the review drops what is wrong
		if list[0] != "ok" || len(f.Drops) > 0 && causes[0] != f.Drops[0] {
			t.Errorf("outcomes are %v because of %v, want ok with %v dropped", list, causes, f.Drops)
		}
		return
	}
	opens := opensAt(f)
	for i, outcome := range list {
		paused := opens > 0 && i >= opens
		switch {
		case paused && (outcome != "skipped" || causes[i] != "breaker_"+f.Class) && outcome != "paused":
			t.Errorf("turn %d: %s because of %q, want it left out by the breaker of %s; all: %v %v", i+1, outcome, causes[i], f.Class, list, causes)
		case !paused && outcome != f.Class && outcome != "paused":
			t.Errorf("turn %d: %s, want %s; all: %v", i+1, outcome, f.Class, list)
		}
	}
	if list[0] != f.Class {
		t.Errorf("the first turn counts as %s, want %s", list[0], f.Class)
	}
}

// TestManyTalksWithASlowModel holds 200 conversations at once with a model that
// takes two seconds: everybody goes on, and nothing is left behind. With
// INTROSPECT_SOAK, such as 10m, there are new ones for so long, and the memory
// has to stay flat once the room for decoded sessions is full.
func TestManyTalksWithASlowModel(t *testing.T) {
	soak, err := time.ParseDuration(stdcmp.Or(os.Getenv("INTROSPECT_SOAK"), "0s"))
	if err != nil {
		t.Fatalf("INTROSPECT_SOAK: %v", err)
	}
	vendor := claudetest.New(t)
	vendor.Always(claudetest.Then(2*time.Second, claudetest.Helpful()))
	vars := map[string]string{
		"DATA_DIR": t.TempDir(), "ANTHROPIC_API_KEY": claudetest.Key, "ANTHROPIC_BASE_URL": vendor.URL, "ADVISOR_PER_MINUTE": "6000",
		"LOG_LEVEL": "error", "HOT_MEMORY_MB": "1", // room for 312 sessions, which is soon full
	}
	if soak > 0 { // no limit may keep the model out for most of the time
		for _, name := range []string{"SESSION", "NETWORK", "DAY", "MONTH"} {
			vars["ADVISOR_BUDGET_"+name] = "0"
		}
	}
	p := serving(t, vars)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	const talks = 200
	before, slowest, waves, calls := 0, time.Duration(0), 0, 0
	var used []memory
	begun := time.Now()
	for ; waves == 0 || time.Since(begun) < soak; waves++ {
		var list [talks]*talk
		for i := range list {
			list[i] = newTalk(t, client, p.base)
		}
		for _, text := range sentences() {
			var wg sync.WaitGroup
			for _, c := range list {
				wg.Go(func() { c.answer(fmt.Sprintf("%s This is talk %s.", text, c.id[len(c.id)-6:])) })
			}
			wg.Wait()
			client.CloseIdleConnections()
			if before == 0 {
				before = settled(0)
			}
			if waves == 0 {
				used = append(used, memoryNow(begun))
			}
		}
		for _, c := range list {
			slowest = max(slowest, c.slowest)
		}
		calls += vendor.Forget()
		used = append(used, memoryNow(begun))
	}
	after := settled(before)
	if after > before+50 {
		t.Errorf("%d goroutines are left, %d were after the first round", after, before)
	}
	t.Logf("%d talks; memory: %v; goroutines %d at first, %d at last; slowest answer %s; %d calls",
		waves*talks, used, before, after, slowest, calls)
	if slowest > 15*time.Second && soak == 0 { // generous, because 200 talks share a small machine; a soak runs beside other work
		t.Errorf("the slowest of %d answers at once took %s", talks, slowest)
	}
	if first, last := used[1].heap, used[len(used)-1].heap; last > first+64<<10 {
		t.Errorf("the heap grows: %v", used)
	}
	if soak < 3*time.Minute {
		return // too short to tell a leak from chance
	}
	each := growth(used) * 1024 * float64(len(used)) / float64(waves*talks)
	t.Logf("from the first third to the last one the heap grew by %.0f bytes a talk", each)
	if each > perTalk {
		t.Errorf("the heap grows by %.0f bytes a talk, want at most %d: %v", each, perTalk, used)
	}
}

// perTalk is by how many bytes the heap may grow with each talk; 480 to 710 are
// measured this way. The alerts remember something of each session for three days, the
// budgets of each of the last 20,000 that asked the model. Were sessions kept
// decoded beyond the room for them, it would be thousands.
const perTalk = 1024

// memory is what is in use at some time of a run, in kilobytes.
type memory struct {
	at       time.Duration
	heap     uint64 // after a collection of garbage
	resident string
}

func (m memory) String() string {
	return fmt.Sprintf("%s: heap %d KB, resident %s", m.at.Round(time.Second), m.heap, m.resident)
}

func memoryNow(begun time.Time) memory {
	var m runtime.MemStats
	for range 3 { // pools are emptied by the second one
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return memory{time.Since(begun), m.HeapAlloc >> 10, resident()}
}

// growth is by how many kilobytes the heap grew from one measurement to the
// next. It compares the lowest ones of the first and the last third: what a
// background task holds at some instants is no growth.
func growth(list []memory) float64 {
	lowest := func(l []memory) float64 {
		return float64(slices.MinFunc(l, func(a, b memory) int { return stdcmp.Compare(a.heap, b.heap) }).heap)
	}
	list = list[min(8, len(list)/3):] // until the room is full
	n := len(list)
	return (lowest(list[2*n/3:]) - lowest(list[:n/3])) / (float64(2*n) / 3)
}

// resident is the memory of this process as the system counts it, for people.
func resident() string {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// settled waits until the number of goroutines is at most some number, or does
// not fall any more.
func settled(most int) int {
	n := runtime.NumGoroutine()
	for deadline := time.Now().Add(25 * time.Second); n > most && time.Now().Before(deadline); n = runtime.NumGoroutine() {
		runtime.Gosched()
		time.Sleep(50 * time.Millisecond)
		if most == 0 {
			if now := runtime.NumGoroutine(); now >= n {
				return now
			}
		}
	}
	return n
}

// TestFallbackSwitch switches a running server from the command line.
func TestFallbackSwitch(t *testing.T) {
	t.Parallel()
	vendor := claudetest.New(t)
	vars := map[string]string{"DATA_DIR": t.TempDir(), "ANTHROPIC_API_KEY": claudetest.Key, "ANTHROPIC_BASE_URL": vendor.URL, "FALLBACK_CONVERSATIONS": "1"}
	p := serving(t, vars)
	cli := func(arg string) string {
		var out, log output
		if code := run(t.Context(), environment{getenv(vars), &out, &log, nil}, []string{"fallback", arg}); code != 0 {
			t.Fatalf("fallback %s = %d: %s", arg, code, log.String())
		}
		return out.String()
	}
	if got := cli("status"); !strings.Contains(got, "auto") {
		t.Errorf("status says %q", got)
	}
	c := newTalk(t, http.DefaultClient, p.base)
	c.answer(sentences()[0])
	if n := len(vendor.Calls()); n != 1 {
		t.Fatalf("the model was called %d times, want once", n)
	}
	cli("on")
	var acts output
	if code := run(t.Context(), environment{getenv(vars), &acts, new(output), nil}, []string{"audit", "--action", "fallback"}); code != 0 || !strings.Contains(acts.String(), "system:command-line") {
		t.Errorf("audit = %d, %q; want who switched, by the word of all commands", code, acts.String())
	}
	began := time.Now()
	for full := false; !full; {
		status, m := c.call("/api/sessions", map[string]string{"userName": "Ben Ortiz", "userEmail": "ben@example.com", "websiteType": "personal"})
		if full = status == http.StatusServiceUnavailable; full && m["ahead"] == nil {
			t.Errorf("who is turned away hears %v, want the place", m)
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatal("the switch had no effect on the running server within two minutes; it is read every second")
		}
	}
	c.answer(sentences()[1])
	if n := len(vendor.Calls()); n != 1 {
		t.Errorf("in fallback mode the model was called %d times more", n-1)
	}
	if got := cli("auto"); !strings.Contains(got, "auto") {
		t.Errorf("auto says %q", got)
	}
	var log output
	if code := run(t.Context(), environment{getenv(vars), new(output), &log, nil}, []string{"fallback", "maybe"}); code != 1 {
		t.Errorf("fallback maybe = %d, want 1", code)
	}
}

// TestRetryAfterTheBillIsPaid ends the hours of pause of a running server from
// the command line: nobody should have to restart it for that.
func TestRetryAfterTheBillIsPaid(t *testing.T) {
	t.Parallel()
	vendor := claudetest.New(t)
	vendor.Play(claudetest.Status(402, "billing_error", "no credit"))
	vars := map[string]string{"DATA_DIR": t.TempDir(), "ANTHROPIC_API_KEY": claudetest.Key, "ANTHROPIC_BASE_URL": vendor.URL}
	p := serving(t, vars)
	for range 2 {
		newTalk(t, http.DefaultClient, p.base).answer(sentences()[0])
	}
	if n := len(vendor.Calls()); n != 1 {
		t.Fatalf("the model was called %d times while the account is empty, want once", n)
	}
	var out, log output
	if code := run(t.Context(), environment{getenv(vars), &out, &log, nil}, []string{"fallback", "retry"}); code != 0 {
		t.Fatalf("fallback retry = %d: %s", code, log.String())
	}
	for began := time.Now(); len(vendor.Calls()) == 1; {
		if time.Since(began) > 2*time.Minute {
			t.Fatal("the running server does not try the model again")
		}
		newTalk(t, http.DefaultClient, p.base).answer(sentences()[0])
	}
}

// TestAdvisorSettings refuses settings that make no sense.
func TestAdvisorSettings(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"ADVISOR_SOFT_DEADLINE": "soon", "ADVISOR_TRY_TIMEOUT": "-1s", "ADVISOR_BUDGET_DAY": "$20", "ADVISOR_BUDGET_TURN": "-5",
		"ADVISOR_PER_MINUTE": "0", "FALLBACK_CONVERSATIONS": "many",
	} {
		_, _, err := load(environment{getenv(map[string]string{name: value}), new(output), new(output), nil}, "test", nil)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v, want an error that names it", name, value, err)
		}
	}
}

// TestEvalWithAClaude runs a small evaluation against the fake vendor.
func TestEvalWithAClaude(t *testing.T) {
	t.Parallel()
	vendor := claudetest.New(t)
	vars := map[string]string{"ANTHROPIC_API_KEY": claudetest.Key, "ANTHROPIC_BASE_URL": vendor.URL, "ADVISOR_PER_MINUTE": "100000"}
	_, engine, err := loadEngine("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	advise, bill, err := evalAdvisor(t.Context(), environment{getenv(vars), new(output), new(output), nil}, engine, "claude", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := advise(advice.Snapshot{
		Lang: "en", LastAnswer: "we sell candles", AllowedActions: []advice.Action{advice.Ask},
		AllowedQuestions: []advice.Question{{ID: "logo", Text: "Is there a logo already?"}},
	}, persona.Brief{}); !ok {
		t.Error("the fake vendor gave no advice")
	}
	if got := bill(); !strings.Contains(got, "asked 1 time,") || !strings.Contains(got, "Cost: $0.00") {
		t.Errorf("the bill says %q", got)
	}
	if _, _, err := evalAdvisor(t.Context(), environment{getenv(nil), new(output), new(output), nil}, engine, "claude", ""); err == nil || !strings.Contains(err.Error(), "ANTHROPIC_API_KEY") {
		t.Errorf("without a key: %v", err)
	}
}

// TestEvalFromCassettes plays without a key and without a vendor what was
// recorded with both, and says of the rest that it was not recorded.
func TestEvalFromCassettes(t *testing.T) {
	t.Parallel()
	vendor := claudetest.New(t)
	tapes := t.TempDir()
	_, engine, err := loadEngine("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	asked := func(vars map[string]string, answer string) (advice.Advice, bool) {
		t.Helper()
		advise, _, err := evalAdvisor(t.Context(), environment{getenv(vars), new(output), new(output), nil}, engine, "claude", tapes)
		if err != nil {
			t.Fatal(err)
		}
		return advise(advice.Snapshot{
			Lang: "en", LastAnswer: answer, AllowedActions: []advice.Action{advice.Ask},
			AllowedQuestions: []advice.Question{{ID: "logo", Text: "Is there a logo already?"}},
		}, persona.Brief{})
	}
	online := map[string]string{"ANTHROPIC_API_KEY": claudetest.Key, "ANTHROPIC_BASE_URL": vendor.URL}
	first, ok := asked(online, "we sell candles")
	if !ok {
		t.Fatal("the fake vendor gave no advice")
	}
	asked(online, "we sell candles")
	if n := len(vendor.Calls()); n != 1 {
		t.Errorf("the vendor was asked %d times for one question, want once", n)
	}
	vendor.Stop()
	again, ok := asked(nil, "we sell candles")
	if diff := cmp.Diff(first, again); diff != "" || !ok {
		t.Errorf("what was played, %t (-recorded +played):\n%s", ok, diff)
	}
	if _, ok := asked(nil, "we sell soap"); ok {
		t.Error("a question that was not recorded has an answer")
	}
	files, err := filepath.Glob(filepath.Join(tapes, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files: %v, %v, want one", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{claudetest.Key, "candles"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("a file holds %q:\n%s", secret, text)
		}
	}
}

// TestClaudeModel checks what the service hears of the wire.
func TestClaudeModel(t *testing.T) {
	t.Parallel()
	vendor := claudetest.New(t)
	cfg, _, err := load(environment{getenv(map[string]string{
		"ANTHROPIC_API_KEY": claudetest.Key, "ANTHROPIC_BASE_URL": vendor.URL, "ANTHROPIC_MODEL": "claude-sonnet-5-5",
	}), new(output), new(output), nil}, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := cfg.newModel(nil)
	if err != nil || m.Name() != "claude-sonnet-5-5" || m.Canary() == "" || m.State().Open {
		t.Fatalf("the model is %v, %v", m, err)
	}
	sent := advice.Snapshot{Lang: "en", LastAnswer: "we sell candles", AllowedActions: []advice.Action{advice.Ask}}
	vendor.Play(claudetest.Helpful(), claudetest.Status(401, "authentication_error", "invalid x-api-key"))
	r, err := m.Ask(t.Context(), sent)
	if err != nil || r.Tries != 1 || r.Usage != claudetest.Tokens() || r.FirstToken == 0 || r.Latency < r.FirstToken {
		t.Errorf("Ask = %+v, %v; want tokens, a try and the time to the first token", r, err)
	}
	if got := vendor.Calls()[0].Model; got != "claude-sonnet-5-5" {
		t.Errorf("the vendor was asked for %q", got)
	}
	for _, want := range []struct {
		class, cause string
		tries        int
	}{{"auth", "", 1}, {"paused", "auth", 0}} {
		_, err := m.Ask(t.Context(), sent)
		f, ok := errors.AsType[*advisor.Fault](err)
		if !ok || f.Class != want.class || f.Cause != want.cause || f.Tries != want.tries {
			t.Errorf("Ask = %+v, want %+v", f, want)
		}
	}
	if st := m.State(); !st.Open || st.Cause != "auth" || !st.Until.After(time.Now()) {
		t.Errorf("State = %+v, want it open because of the key", st)
	}
	none := config{}
	if m, err := none.newModel(nil); m != nil || err != nil {
		t.Errorf("without a key the model is %v, %v; want none", m, err)
	}
}
