package web_test

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/web"
)

// TestAnswersReachTheEngine sends each kind of form and reads what the
// conversation then says.
func TestAnswersReachTheEngine(t *testing.T) {
	t.Parallel()
	cards := url.Values{"cards": {"1"}}
	with := func(base url.Values, pairs ...string) url.Values {
		out := url.Values{}
		for k, v := range base {
			out[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	for _, tt := range []struct {
		name   string
		action intake.Action
		form   url.Values
		want   string
	}{
		{"a long text", textQuestion(), with(nil, "text", "  Busy people aged 25 to 55\r\nin Portland "), "Busy people aged 25 to 55\nin Portland"},
		{"a short text", lineQuestion(), with(nil, "text", "In 10 weeks"), "In 10 weeks"},
		{"not sure", textQuestion(), with(nil, "text", "half a thought", "go", "unsure"), "Not sure"},
		{"one card", choiceQuestion(intake.Select), with(cards, "values", "service"), "For services"},
		{"one card, text left over from another", choiceQuestion(intake.Select), with(cards, "values", "service", "text", "left over"), "For services"},
		{"something else", choiceQuestion(intake.Select), with(cards, "values", "other:", "text", "By raffles"), "By raffles"},
		{"text without a card", choiceQuestion(intake.Select), with(cards, "text", "By raffles"), "By raffles"},
		{"several cards and own words", choiceQuestion(intake.MultiSelect), with(cards, "values", "service", "values", "other:", "text", "Raffles"), "For services; Raffles"},
		{
			"a bundle with own words", bundleQuestion(),
			with(nil, "values", "visitorActions.buy", "values", "visitorActions.book", "values.pageCount", "pageCount.8", "text", "A map"), "6 to 8; Book; Buy; A map",
		},
		{"yes", validationAction(), with(nil, "go", "correct"), "Yes, that's right"},
		{"a clarification", validationAction(), with(nil, "go", "clarify", "text", "The name is Bella"), "The name is Bella"},
		{"an example", examplesAction(), with(cards, "value", "save_time", "text", "left over"), "Less work. "},
		{"none of the examples", examplesAction(), with(cards, "value", "other:", "text", "More reviews"), "More reviews"},
		{"a resolution", conflictAction(), with(cards, "choice", "raise_budget", "text", "left over"), "Raise the budget"},
		{"an own resolution", conflictAction(), with(cards, "choice", "other:", "text", "Ask my partner"), "Ask my partner"},
		{"a selection", featuresAction(), with(nil, "package", "custom", "features", "live_chat", "go", "answer"), "Custom, 1 feature, $6,500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			sess := at("01936000-0000-7000-8000-000000000041", tt.action)
			sess.Features = &intake.FeatureChoice{PresentedAt: 9}
			sess.Conflicts = []intake.ConflictRecord{{Type: intake.BudgetVsFeatures, Key: "budget"}}
			v := s.visitor(t).with(s.plant(t, sess))
			tt.form.Set("actionId", "a007")
			if a := v.post("/intake/conversation", tt.form); a.Code != http.StatusOK {
				t.Fatalf("POST = %d\n%s\n%s", a.Code, a.Body, s.log)
			}
			messages, err := s.store.Messages(t.Context(), sess.ID)
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, m := range messages {
				if m.Role == "client" {
					said = m.Text
				}
			}
			if got := strings.ReplaceAll(said, "\r\n", "\n"); !strings.HasPrefix(got, strings.TrimSpace(tt.want)) || len(got) > len(tt.want)+2 {
				t.Errorf("the client said %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRestartAbandons(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t)
	a := begun(v)
	token := v.cookies["introspect_session"].Value
	asked := v.get("/intake/restart")
	checkHTML(t, asked)
	if !strings.Contains(asked.Body.String(), "14% of the specification") || !strings.Contains(asked.Body.String(), `href="/intake/conversation"`) {
		t.Errorf("start over does not say what is given up, or has no way back:\n%s", asked.Body)
	}
	if a = v.post(asked.form(t, "/intake/restart").Action, nil); a.Path != "/" || strings.Contains(a.Body.String(), "Welcome back") {
		t.Errorf("start over leads to %s, want the first page as for a stranger", a.Path)
	}
	id, _, _ := strings.Cut(token, ".")
	if names := s.eventsOf(t, event.SessionID(id)); !slices.Contains(names, event.NameSessionAbandoned) {
		t.Errorf("events are %v, want session_abandoned among them", names)
	}
	back := s.visitor(t).with(token)
	for _, path := range []string{"/intake/conversation", "/success"} {
		if a := back.get(path); a.Code != http.StatusGone || !strings.Contains(a.Body.String(), "Start a new conversation") {
			t.Errorf("the old key at %s = %d, want 410 with a way on", path, a.Code)
		}
	}
	if a := back.post("/intake/conversation", url.Values{"actionId": {"a001"}}); a.Code != http.StatusGone {
		t.Errorf("an answer with the old key = %d, want 410", a.Code)
	}
	if a := back.get("/"); strings.Contains(a.Body.String(), "Welcome back") {
		t.Error("the first page welcomes back to what was given up")
	}
	if a := s.visitor(t).post("/intake/restart", nil); a.Path != "/" {
		t.Errorf("start over without a session leads to %s, want /", a.Path)
	}
}

// TestPanic breaks a session in a way that only a fault of ours could.
func TestPanic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	v := s.visitor(t).with(s.plant(t, at("01936000-0000-7000-8000-000000000042", intake.Action{Kind: intake.AskQuestion})))
	a := v.get("/intake/conversation")
	checkHTML(t, a)
	id := a.Header().Get("X-Request-Id")
	if a.Code != http.StatusInternalServerError || !strings.Contains(a.Body.String(), id) || strings.Contains(a.Body.String(), "nil pointer") {
		t.Errorf("page = %d, want 500 with its request id and nothing else:\n%s", a.Code, a.Body)
	}
	if log := s.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "nil pointer") || !strings.Contains(log, "status=500") {
		t.Errorf("log does not tell of the panic:\n%s", log)
	}
}

// TestThemeIsReadable recomputes the contrast of each tone by WCAG 2.1.
func TestThemeIsReadable(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`--brand:(#\w{6});--brand-ink:(#\w{6});--brand-text:(#\w{6})`)
	for i, colour := range []string{"#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffe600", "#808080", "#1f6a96", "#c0ffee", "#5b2c83"} {
		s := newSite(t, func(c *web.Config) { c.Agency.Colour = colour })
		v := s.visitor(t)
		theme := v.get(regexp.MustCompile(`/static/theme\.[0-9a-f]{10}\.css`).FindString(v.get("/").Body.String())).Body.String()
		tones := pattern.FindAllStringSubmatch(theme, -1)
		if len(tones) != 2 {
			t.Fatalf("theme %d of %s has %d sets of tones, want light and dark:\n%s", i, colour, len(tones), theme)
		}
		for dark, tone := range tones {
			background := [...]string{"#ffffff", "#1c1c1f"}[dark]
			for what, ratio := range map[string]float64{"text on the page": ratio(t, tone[3], background), "text on a button": ratio(t, tone[2], tone[1])} {
				if ratio < 4.5 {
					t.Errorf("%s: %s has a contrast of %.2f, want 4.5 (%v)", colour, what, ratio, tone[1:])
				}
			}
		}
	}
}

func ratio(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(colour string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			x := float64(n) / 255
			if x > 0.04045 {
				x = math.Pow((x+0.055)/1.055, 2.4)
			} else {
				x /= 12.92
			}
			sum += weight * x
		}
		return sum
	}
	x, y := luminance(a)+0.05, luminance(b)+0.05
	return max(x, y) / min(x, y)
}

// TestLogoFormats takes the formats that browsers show.
func TestLogoFormats(t *testing.T) {
	t.Parallel()
	for kind, head := range map[string]string{
		"image/png": "\x89PNG\x0d\x0a\x1a\x0a", "image/jpeg": "\xff\xd8\xff\xe0", "image/webp": "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/svg+xml": "<?xml version=\"1.0\"?><svg/>",
	} {
		s := newSite(t, func(c *web.Config) { c.Agency.Logo = []byte(head) })
		v := s.visitor(t)
		src := regexp.MustCompile(`src="(/static/logo\.[^"]*)"`).FindStringSubmatch(v.get("/").Body.String())
		if src == nil {
			t.Fatalf("%s: the landing page shows no logo", kind)
		}
		if got := v.get(src[1]).Header().Get("Content-Type"); got != kind {
			t.Errorf("logo is served as %q, want %q", got, kind)
		}
	}
}

func TestManyStrangersShareOneLimit(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("sends 50,000 requests")
	}
	v := newSite(t, func(c *web.Config) { c.Log = nil }).visitor(t)
	refused := 0
	for i := range 50_100 {
		v.addr = fmt.Sprintf("100.%d.%d.%d:1", i>>16, i>>8&255, i&255)
		if v.send(http.MethodPost, "/api/metrics/batch", "text/html", http.NoBody).Code == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 40 { // 60 of the hundred beyond the memory are still let in
		t.Errorf("%d of 50,100 strangers were refused, want 40", refused)
	}
}
