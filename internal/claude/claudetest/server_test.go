package claudetest_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/claude/claudetest"
)

const good = `{"model":"claude-haiku-5-5","max_tokens":10,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[` +
	`{"type":"text","text":"{\"allowed_questions\":[{\"id\":\"logo\",\"text\":\"?\"}]}"},{"type":"text","text":"{\"last_answer\":\"hi\"}"}]}],` +
	`"output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}}`

func send(t *testing.T, s *claudetest.Server, method, path, body string, headers ...string) (status int, kind, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", claudetest.Key)
	req.Header.Set("Anthropic-Version", "2023-06-01")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Client{Transport: s.Transport()}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), string(raw)
}

// The fake refuses what the vendor refuses (references/intake.md 4.3, 4.4).
func TestRefusals(t *testing.T) {
	t.Parallel()
	swap := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	for _, tt := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		says                     string
	}{
		{"a right request", "POST", "/v1/messages", good, nil, 200, `"stop_reason":"end_turn"`},
		{"the list of models", "GET", "/v1/models", "", nil, 200, "claude-haiku-5-5"},
		{"a wrong key", "POST", "/v1/messages", good, []string{"X-Api-Key", "x"}, 401, "authentication_error"},
		{"no version", "POST", "/v1/messages", good, []string{"Anthropic-Version", ""}, 400, "anthropic-version"},
		{"another path", "POST", "/v1/complete", good, nil, 404, "not_found_error"},
		{"no JSON", "POST", "/v1/messages", "{", nil, 400, "not valid JSON"},
		{"no model", "POST", "/v1/messages", swap("claude-haiku-5-5", ""), nil, 400, "model"},
		{"no tokens", "POST", "/v1/messages", swap(`"max_tokens":10`, `"max_tokens":0`), nil, 400, "max_tokens"},
		{"prefill", "POST", "/v1/messages", swap(`"role":"user"`, `"role":"assistant"`), nil, 400, "user role"},
		{"a temperature", "POST", "/v1/messages", swap(`"max_tokens"`, `"temperature":0,"max_tokens"`), nil, 400, "temperature"},
		{"thinking that Haiku lacks", "POST", "/v1/messages", swap(`"max_tokens"`, `"thinking":{"type":"between_tools"},"max_tokens"`), nil, 400, "thinking"},
		{"an open schema", "POST", "/v1/messages", swap(`,"additionalProperties":false`, ""), nil, 400, "additionalProperties"},
		{"a keyword too many", "POST", "/v1/messages", swap(`"additionalProperties":false`, `"additionalProperties":false,"minimum":1`), nil, 400, "keyword"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, _, answer := send(t, claudetest.New(t), tt.method, tt.path, tt.body, tt.headers...)
			if status != tt.status || !strings.Contains(answer, tt.says) {
				t.Errorf("%s %s = %d %s, want %d with %q", tt.method, tt.path, status, answer, tt.status, tt.says)
			}
		})
	}
}

func TestStreamIsMadeOfEvents(t *testing.T) {
	t.Parallel()
	s := claudetest.Pipe(t)
	s.Play(claudetest.Text(strings.Repeat("é", 100)))
	status, kind, answer := send(t, s, http.MethodPost, "/v1/messages", strings.Replace(good, `"max_tokens"`, `"stream":true,"max_tokens"`, 1))
	if status != 200 || kind != "text/event-stream" {
		t.Fatalf("answered %d %s, want a stream", status, kind)
	}
	var names []string
	for scan := bufio.NewScanner(strings.NewReader(answer)); scan.Scan(); {
		if name, ok := strings.CutPrefix(scan.Text(), "event: "); ok && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
	}
	want := "message_start content_block_start ping content_block_delta content_block_stop message_delta message_stop"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("events = %s, want %s", got, want)
	}
	if strings.Contains(answer, "\ufffd") {
		t.Error("a letter was cut in two")
	}
}

func TestScriptThenAlways(t *testing.T) {
	t.Parallel()
	s := claudetest.New(t)
	s.Always(claudetest.Status(500, "api_error", "later"))
	s.Play(claudetest.Text("first"), claudetest.Status(529, "overloaded_error", "second"))
	for i, want := range []string{"first", "second", "later", "later"} {
		if _, _, answer := send(t, s, http.MethodPost, "/v1/messages", good); !strings.Contains(answer, want) {
			t.Errorf("answer %d = %s, want %q", i, answer, want)
		}
	}
	calls := s.Calls()
	if len(calls) != 4 || calls[0].LastAnswer() != "hi" || strings.Join(calls[0].Offered(), ",") != "logo" || calls[0].System != "s" {
		t.Errorf("Calls() = %+v, want four understood calls", calls)
	}
}

func TestFaultsAreTold(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range claudetest.Faults() {
		if f.Name == "" || f.Step == nil || seen[f.Name] {
			t.Errorf("fault %+v has no name, no step or a namesake", f)
		}
		seen[f.Name] = true
		if f.Class != "" && len(f.Drops) > 0 {
			t.Errorf("%s fails and has something to review", f.Name)
		}
	}
	if len(seen) < 40 {
		t.Errorf("%d faults, want at least 40", len(seen))
	}
}
