package claudetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"applicreations.com/introspect/internal/advice"
)

// Tokens is the usage that every answer of the fake names.
func Tokens() advice.Usage {
	return advice.Usage{Input: 2500, Output: 600, CacheRead: 6000}
}

// Advise answers by this advice.
func Advise(a advice.Advice) Step {
	return Reply(func(Request) advice.Advice { return a })
}

// Reply answers by advice that depends on the request.
func Reply(f func(Request) advice.Advice) Step {
	return func(w http.ResponseWriter, r *http.Request, req Request) {
		a := f(req)
		if a.Facts == nil {
			a.Facts = []advice.Fact{}
		}
		if a.Conflicts == nil {
			a.Conflicts = []advice.Conflict{}
		}
		raw, err := json.Marshal(a)
		if err != nil {
			panic("claudetest: advice is always JSON: " + err.Error())
		}
		Text(string(raw))(w, r, req)
	}
}

// Helpful answers as a model should: it picks the first offered question and
// leaves its wording alone.
func Helpful() Step {
	return Reply(func(req Request) advice.Advice {
		a := advice.Advice{Quality: advice.Good, Action: advice.Ask, Why: "first offered"}
		if ids := req.Offered(); len(ids) > 0 {
			a.QuestionID = ids[0]
		}
		return a
	})
}

// Text answers by any text, with the stop reason end_turn.
func Text(text string) Step { return Stop("end_turn", text) }

// Stop answers by a text that ended for a reason.
func Stop(reason, text string) Step {
	return func(w http.ResponseWriter, _ *http.Request, req Request) {
		if req.Stream {
			w.Header().Set("Content-Type", "text/event-stream")
			for _, e := range events(req.Model, reason, text) {
				if write(w, e) != nil {
					return
				}
			}
			return
		}
		writeJSON(w, http.StatusOK, message(req.Model, reason, text))
	}
}

// Then runs one step after a pause, for a vendor that is slow.
func Then(pause time.Duration, step Step) Step {
	return func(w http.ResponseWriter, r *http.Request, req Request) {
		if wait(r, pause) {
			step(w, r, req)
		}
	}
}

// Status answers by an error of the API. Headers come in pairs.
func Status(code int, kind, text string, headers ...string) Step {
	return func(w http.ResponseWriter, _ *http.Request, _ Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		fail(w, code, kind, text)
	}
}

func usage(output int64) map[string]any {
	u := Tokens()
	return map[string]any{
		"input_tokens": u.Input, "output_tokens": output, "cache_read_input_tokens": u.CacheRead, "cache_creation_input_tokens": 0,
		"cache_creation": map[string]any{"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}, "service_tier": "standard",
	}
}

func message(model, reason, text string) map[string]any {
	content := []any{}
	if text != "" {
		content = append(content, map[string]any{"type": "text", "text": text})
	}
	return map[string]any{
		"id": "msg_test_1", "type": "message", "role": "assistant", "model": model, "content": content,
		"stop_reason": reason, "stop_sequence": nil, "usage": usage(Tokens().Output),
	}
}

// events is the same message as a stream.
func events(model, reason, text string) []string {
	start := message(model, reason, "")
	start["stop_reason"], start["usage"] = nil, usage(1)
	out := []string{
		event("message_start", map[string]any{"type": "message_start", "message": start}),
		event("content_block_start", map[string]any{"type": "content_block_start", "index": 0, "content_block": map[string]any{"type": "text", "text": ""}}),
		event("ping", map[string]any{"type": "ping"}),
	}
	piece := max(40, len(text)/1000) // long texts in longer pieces, or the fake would be the slow one
	for len(text) > 0 {
		n := min(piece, len(text))
		for n < len(text) && text[n]&0xc0 == 0x80 {
			n++ // a letter is never cut in two
		}
		out = append(out, event("content_block_delta", map[string]any{
			"type": "content_block_delta", "index": 0, "delta": map[string]any{"type": "text_delta", "text": text[:n]},
		}))
		text = text[n:]
	}
	return append(out,
		event("content_block_stop", map[string]any{"type": "content_block_stop", "index": 0}),
		event("message_delta", map[string]any{
			"type": "message_delta", "delta": map[string]any{"stop_reason": reason, "stop_sequence": nil}, "usage": usage(Tokens().Output),
		}),
		event("message_stop", map[string]any{"type": "message_stop"}),
	)
}

func event(name string, data any) string {
	raw, err := json.Marshal(data)
	if err != nil {
		panic("claudetest: events are always JSON: " + err.Error())
	}
	return fmt.Sprintf("event: %s\ndata: %s\n\n", name, raw)
}

func fail(w http.ResponseWriter, code int, kind, text string) {
	failWith(w, code, map[string]any{"type": kind, "message": text})
}

func failWith(w http.ResponseWriter, code int, detail map[string]any) {
	writeJSON(w, code, map[string]any{"type": "error", "error": detail, "request_id": "req_test_1"})
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("claudetest: answers are always JSON: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(raw) // the caller may have left
}

// write sends a piece at once.
func write(w http.ResponseWriter, piece string) error {
	if _, err := strings.NewReader(piece).WriteTo(w); err != nil {
		return fmt.Errorf("write to the caller: %w", err)
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return fmt.Errorf("flush to the caller: %w", err)
	}
	return nil
}

// wait reports whether the caller is still there after a pause.
func wait(r *http.Request, pause time.Duration) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
