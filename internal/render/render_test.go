package render_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/render"
	"applicreations.com/introspect/internal/render/rendertest"
)

const (
	service = render.ServiceID(rendertest.Service)
	deploys = "/services/" + rendertest.Service + "/deploys"
)

func moment() time.Time { return time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC) }

// newClient makes a client of a fake, and the list of its waits.
func newClient(tb testing.TB) (*render.Client, *rendertest.API, *[]time.Duration) {
	tb.Helper()
	api := rendertest.New(tb, moment)
	waits := &[]time.Duration{}
	return &render.Client{
		BaseURL: api.URL + "/", Key: rendertest.Key, Now: moment,
		Wait: func(ctx context.Context, d time.Duration) error { *waits = append(*waits, d); return ctx.Err() },
	}, api, waits
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status render.Status
		under  bool
	}{
		{render.Created, true},
		{render.Queued, true},
		{render.Building, true},
		{render.PreDeploying, true},
		{render.Updating, true},
		{"a_later_word", true},
		{render.Live, false},
		{render.Deactivated, false},
		{render.BuildFailed, false},
		{render.PreDeployFailed, false},
		{render.UpdateFailed, false},
		{render.Canceled, false},
		{"", false},
	} {
		t.Run(string(tt.status), func(t *testing.T) {
			t.Parallel()
			c, api, _ := newClient(t)
			api.Script(string(tt.status))
			d, err := c.Trigger(t.Context(), service, "abc")
			if err != nil || d.Status != render.Created || d.Commit.ID != "abc" || d.Trigger != "api" {
				t.Fatalf("Trigger = %+v, %v; want a created deployment of abc", d, err)
			}
			d, err = c.Deploy(t.Context(), service, d.ID)
			if err != nil || d.Status != tt.status || d.Status.Under() != tt.under {
				t.Errorf("Deploy = %q, at work %t, %v; want %q, %t", d.Status, d.Status.Under(), err, tt.status, tt.under)
			}
		})
	}
}

// TestErrors has a row for every answer that the API documents, and for what
// stands between.
func TestErrors(t *testing.T) {
	t.Parallel()
	page := "<html><body>Bad gateway</body></html>"
	for _, tt := range []struct {
		name  string
		fault rendertest.Fault
		class render.Class
		tries int // of a reading
	}{
		{"a broken order", rendertest.Fault{Status: 400}, render.Refused, 1},
		{"a wrong key", rendertest.Fault{Status: 401}, render.Unauthorized, 1},
		{"a key without the right", rendertest.Fault{Status: 403}, render.Unauthorized, 1},
		{"an unknown service", rendertest.Fault{Status: 404}, render.NotFound, 1},
		{"nothing acceptable", rendertest.Fault{Status: 406}, render.Refused, 1},
		{"a conflict", rendertest.Fault{Status: 409}, render.Refused, 1},
		{"a build that is gone", rendertest.Fault{Status: 410}, render.NotFound, 1},
		{"too many calls", rendertest.Fault{Status: 429}, render.Limited, 4},
		{"a broken vendor", rendertest.Fault{Status: 500}, render.Down, 4},
		{"a vendor at rest", rendertest.Fault{Status: 503}, render.Down, 4},
		{"a page instead of an error", rendertest.Fault{Status: 502, Body: page}, render.Down, 4},
		{"a page instead of an answer", rendertest.Fault{Status: 200, Body: page}, render.Garbled, 4},
		{"a redirect", rendertest.Fault{Status: 302, Header: http.Header{"Location": {"https://elsewhere.example"}}}, render.Garbled, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, api, _ := newClient(t)
			api.Fail("GET /services/"+rendertest.Service, tt.fault, tt.fault, tt.fault, tt.fault, tt.fault)
			_, err := c.Service(t.Context(), service)
			var e *render.Error
			if !errors.As(err, &e) || e.Class != tt.class || e.Status != tt.fault.Status {
				t.Fatalf("Service err = %v (%q), want class %q and status %d", err, render.ClassOf(err), tt.class, tt.fault.Status)
			}
			if got := len(api.Calls(true)); got != tt.tries {
				t.Errorf("%d attempts, want %d", got, tt.tries)
			}
			for _, unwanted := range []string{rendertest.Key, "<html>", api.URL} {
				if strings.Contains(err.Error(), unwanted) {
					t.Errorf("error %q contains %q", err, unwanted)
				}
			}
			if !strings.Contains(err.Error(), "; ") {
				t.Errorf("error %q does not say what to do", err)
			}
		})
	}
}

func TestNoAnswerInTime(t *testing.T) {
	t.Parallel()
	c, api, _ := newClient(t)
	c.Deadline, c.Tries = time.Millisecond, 2
	api.Fail("GET /services/"+rendertest.Service, rendertest.Fault{Hang: true}, rendertest.Fault{Hang: true})
	_, err := c.Service(t.Context(), service)
	if render.ClassOf(err) != render.Unreachable || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("Service err = %v, want unreachable within the deadline", err)
	}
}

func TestAnInterruptedCallIsNotRepeated(t *testing.T) {
	t.Parallel()
	c, api, _ := newClient(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Service(ctx, service); !errors.Is(err, context.Canceled) || len(api.Calls(true)) != 0 {
		t.Errorf("Service err = %v after %v, want it to end at once", err, api.Calls(true))
	}
}

func TestWaits(t *testing.T) {
	t.Parallel()
	limited := func(key, value string) rendertest.Fault {
		return rendertest.Fault{Status: 429, Header: http.Header{key: {value}}}
	}
	for _, tt := range []struct {
		name   string
		faults []rendertest.Fault
		want   []time.Duration
		class  render.Class
	}{
		{"it doubles when nothing is said", []rendertest.Fault{{Status: 500}, {Status: 500}, {Status: 500}}, []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, ""},
		{"seconds", []rendertest.Fault{limited("Retry-After", "7")}, []time.Duration{7 * time.Second}, ""},
		{"at least one second", []rendertest.Fault{limited("Retry-After", "0")}, []time.Duration{time.Second}, ""},
		{"a date", []rendertest.Fault{limited("Retry-After", moment().Add(9*time.Second).Format(http.TimeFormat))}, []time.Duration{9 * time.Second}, ""},
		{"a reset in seconds", []rendertest.Fault{limited("Ratelimit-Reset", "5")}, []time.Duration{5 * time.Second}, ""},
		{"a reset as a moment", []rendertest.Fault{limited("Ratelimit-Reset", strconv.FormatInt(moment().Add(11*time.Second).Unix(), 10))}, []time.Duration{11 * time.Second}, ""},
		{"too long to wait for", []rendertest.Fault{limited("Retry-After", "3600")}, nil, render.Limited},
		{"nonsense", []rendertest.Fault{limited("Retry-After", "soon")}, []time.Duration{time.Second}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, api, waits := newClient(t)
			api.Fail("GET /services/"+rendertest.Service, tt.faults...)
			_, err := c.Service(t.Context(), service)
			if render.ClassOf(err) != tt.class || (err != nil) != (tt.class != "") {
				t.Errorf("Service err = %v, want class %q", err, tt.class)
			}
			if diff := cmp.Diff(tt.want, append([]time.Duration(nil), *waits...)); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
		})
	}
}

// An order whose answer got lost is never given twice.
func TestAnOrderIsGivenOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		queue  bool
		faults []rendertest.Fault
		orders int
		class  render.Class
	}{
		{name: "taken at once", orders: 1},
		{name: "queued without a body", queue: true, orders: 1},
		{name: "taken, then an error", faults: []rendertest.Fault{{Status: 500, After: true}}, orders: 1},
		{name: "taken, then a page", faults: []rendertest.Fault{{Status: 200, Body: "<html>", After: true}}, orders: 1},
		{name: "not taken", faults: []rendertest.Fault{{Status: 500}}, orders: 1, class: render.Down},
		{name: "turned away, then taken", faults: []rendertest.Fault{{Status: 429}}, orders: 2},
		{name: "refused", faults: []rendertest.Fault{{Status: 409}}, orders: 1, class: render.Refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, api, _ := newClient(t)
			api.Queue = tt.queue
			api.Was("live", "abc") // the same commit as before is another deployment
			api.Fail("POST "+deploys, tt.faults...)
			d, err := c.Trigger(t.Context(), service, "abc")
			if render.ClassOf(err) != tt.class {
				t.Fatalf("Trigger err = %v, want class %q", err, tt.class)
			}
			if err == nil && (d.ID != "dep-2" || d.Commit.ID != "abc") {
				t.Errorf("Trigger = %+v, want the new deployment of abc", d)
			}
			if got := len(api.Calls(false)); got != tt.orders {
				t.Errorf("%d orders, want %d", got, tt.orders)
			}
		})
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	c, api, _ := newClient(t)
	old := render.DeployID(api.Was("deactivated", "old"))
	api.Was("live", "new")
	if err := c.StopAutoDeploy(t.Context(), service); err != nil || !api.AutoDeployStopped() {
		t.Fatalf("StopAutoDeploy: %v, stopped %t", err, api.AutoDeployStopped())
	}
	d, err := c.Rollback(t.Context(), service, old)
	if err != nil || d.Trigger != "rollback" || d.Commit.ID != "old" || d.ID == old {
		t.Errorf("Rollback = %+v, %v; want a new deployment of the old commit", d, err)
	}
	if _, err := c.Rollback(t.Context(), service, "dep-none"); render.ClassOf(err) != render.NotFound {
		t.Errorf("Rollback(unknown) err = %v, want not found", err)
	}
	if err := c.Cancel(t.Context(), service, d.ID); err != nil {
		t.Errorf("Cancel: %v", err)
	}
	if d, err = c.Deploy(t.Context(), service, d.ID); err != nil || d.Status != render.Canceled {
		t.Errorf("Deploy after Cancel = %q, %v; want canceled", d.Status, err)
	}
	if err := c.Restart(t.Context(), service); err != nil {
		t.Errorf("Restart: %v", err)
	}
}

func TestServiceAndLog(t *testing.T) {
	t.Parallel()
	c, api, _ := newClient(t)
	api.Log("installing", "building")
	s, err := c.Service(t.Context(), service)
	if err != nil || s.ID != service || s.OwnerID != rendertest.Owner || s.Name != "introspect-v3" || s.AutoDeploy != "commit" || s.Details.URL == "" {
		t.Fatalf("Service = %+v, %v", s, err)
	}
	lines, err := c.Logs(t.Context(), s, "build", moment())
	if err != nil || len(lines) != 2 || lines[1].Message != "building" || !lines[0].At.Equal(moment()) {
		t.Errorf("Logs = %+v, %v; want both lines", lines, err)
	}
	if all, err := c.Deploys(t.Context(), service, 5); err != nil || len(all) != 0 {
		t.Errorf("Deploys = %v, %v; want none", all, err)
	}
}

func TestAClientPrintsNoKey(t *testing.T) {
	t.Parallel()
	c := &render.Client{Key: "rnd_secret"}
	for _, got := range []string{fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c)} {
		if strings.Contains(got, "rnd_") || !strings.Contains(got, render.Vendor) {
			t.Errorf("a client prints as %q, want its address without its key", got)
		}
	}
}

// TestFormer has a row for every history of a host, the newest last.
func TestFormer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		history []string // status, commit, trigger if it is not manual
		healthy string
		want    string
	}{
		{"nothing before", []string{"live now"}, "now", " "},
		{"the last before", []string{"deactivated b", "deactivated a", "live now"}, "a b", "dep-2 a"},
		{"the last one that fits", []string{"deactivated a", "deactivated b", "live now"}, "a", "dep-1 a"},
		{"none fits", []string{"deactivated a", "live now"}, "b", " "},
		{"what failed at the host never served", []string{"deactivated a", "build_failed b", "update_failed b", "live now"}, "a b", "dep-1 a"},
		{"the same commit is no way back", []string{"deactivated a", "deactivated now", "live now"}, "a now", "dep-1 a"},
		{"what a rollback left stays left", []string{"deactivated a", "deactivated now", "deactivated left", "live now rollback"}, "a left now", "dep-1 a"},
		{"a second rollback too", []string{"deactivated a", "deactivated now", "deactivated left", "deactivated now rollback", "deactivated worse", "live now rollback"}, "a left worse", "dep-1 a"},
		{"a commit that came back by an order was no rollback", []string{"deactivated now", "deactivated b", "live now"}, "b", "dep-2 b"},
		{"a rollback to what the list no longer holds", []string{"deactivated left", "live now rollback"}, "left", "dep-1 left"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, api, _ := newClient(t)
			for _, h := range tt.history {
				words := append(strings.Fields(h), "manual")
				api.Had(words[2], words[0], words[1])
			}
			fits := func(commit string) bool { return slices.Contains(strings.Fields(tt.healthy), commit) }
			id, commit, err := render.Target{Client: c, ID: service}.Former(t.Context(), fits)
			if got := id + " " + commit; err != nil || got != tt.want {
				t.Errorf("Former = %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

// TestTarget: the plain words about one service.
func TestTarget(t *testing.T) {
	t.Parallel()
	c, api, _ := newClient(t)
	to := render.Target{Client: c, ID: service}
	if id, commit, err := to.Live(t.Context()); err != nil || id+commit != "" {
		t.Errorf("Live before the first deployment = %q, %q, %v; want nothing", id, commit, err)
	}
	anyone := func(string) bool { return true }
	old := api.Was("deactivated", "old")
	now := api.Was("live", "now")
	api.Variables, api.Empty = []string{"PORT", "ENCRYPTION_KEY"}, []string{"SENTRY_DSN"}
	api.Log("one", "two")
	if id, commit, err := to.Live(t.Context()); err != nil || id != now || commit != "now" {
		t.Errorf("Live = %q, %q, %v", id, commit, err)
	}
	if id, commit, err := to.Former(t.Context(), anyone); err != nil || id != old || commit != "old" {
		t.Errorf("Former = %q, %q, %v", id, commit, err)
	}
	if commit, err := to.Commit(t.Context(), old); err != nil || commit != "old" {
		t.Errorf("Commit = %q, %v", commit, err)
	}
	id, err := to.Start(t.Context(), "next")
	if err != nil {
		t.Fatal(err)
	}
	if busy, err := to.Busy(t.Context()); err != nil || busy != id {
		t.Errorf("Busy = %q, %v; want %q", busy, err, id)
	}
	if status, working, err := to.Status(t.Context(), id); err != nil || status != "build_in_progress" || !working {
		t.Errorf("Status = %q, %t, %v", status, working, err)
	}
	if err := to.Stop(t.Context(), id); err != nil {
		t.Errorf("Stop: %v", err)
	}
	lines, next, err := to.BuildLog(t.Context(), moment())
	if err != nil || len(lines) != 2 || !next.After(moment()) {
		t.Errorf("BuildLog = %q, %v, %v", lines, next, err)
	}
	if lines, _, err = to.BuildLog(t.Context(), next); err != nil || len(lines) != 0 {
		t.Errorf("BuildLog again = %q, %v; want nothing twice", lines, err)
	}
	if _, err := to.Return(t.Context(), old); err != nil || !api.AutoDeployStopped() {
		t.Errorf("Return: %v; automatic deployments stopped: %t", err, api.AutoDeployStopped())
	}
	if err := to.Again(t.Context()); err != nil {
		t.Errorf("Again: %v", err)
	}
	names, err := to.Variables(t.Context())
	if diff := cmp.Diff(api.Variables, names); diff != "" || err != nil {
		t.Errorf("Variables: %v (-want +got):\n%s", err, diff)
	}
}

// TestWhatAnErrorSays: the status, the API's own words in one line and not too many
// of them, and what to do.
func TestWhatAnErrorSays(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 300)
	for name, tt := range map[string]struct{ body, want string }{
		"words":          {`{"message":" a deploy is\n under way "}`, ": a deploy is under way; "},
		"many words":     {`{"message":"` + long + `"}`, ": " + long + "; "},
		"too many words": {`{"message":"` + long + `x"}`, ": " + long + "…; "},
		"a page":         {"<html>no</html>", "; "},
	} {
		c, api, _ := newClient(t)
		api.Fail("GET /services/"+rendertest.Service, rendertest.Fault{Status: 409, Body: tt.body})
		_, err := c.Service(t.Context(), service)
		if want := "read the service: Render answered 409 (" + string(render.ClassOf(err)) + ")" + tt.want; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want it to begin with %q", name, err, want)
		}
	}
	c, _, _ := newClient(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Service(ctx, service); err == nil || strings.Contains(err.Error(), "answered") || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("without an answer: %v", err)
	}
}

// TestWhatIsSent holds the orders and questions to what the API documents.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	var sent []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get("Accept"), r.Header.Get("Content-Type")))
		answer := "[]"
		if r.URL.Path == "/logs" || r.Method != http.MethodGet {
			answer = "{}"
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(api.Close)
	c := &render.Client{BaseURL: api.URL, Key: "k", Now: moment}
	for _, limit := range []int{0, 1, 100, 101} {
		if _, err := c.Deploys(t.Context(), service, limit); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{"build", ""} {
		if _, err := c.Logs(t.Context(), render.Service{ID: service, OwnerID: "own"}, kind, moment()); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.StopAutoDeploy(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	list := "GET " + deploys + " limit="
	logs := "GET /logs direction=forward&limit=100&ownerId=own&resource=" + rendertest.Service + "&startTime=2026-11-27T09%3A00%3A00Z"
	want := []string{
		list + "1 application/json ", list + "1 application/json ", list + "100 application/json ", list + "100 application/json ",
		logs + "&type=build application/json ", logs + " application/json ",
		"PATCH /services/" + rendertest.Service + "  application/json application/json",
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

// TestAnOrderThatCannotBeFound: it was taken, and the list that would say what came of
// it fails; the error is that of the list and not that nothing is listed.
func TestAnOrderThatCannotBeFound(t *testing.T) {
	t.Parallel()
	c, api, _ := newClient(t)
	api.Queue = true
	refused := rendertest.Fault{Status: 403}
	api.Fail("GET "+deploys, rendertest.Fault{Status: 200, Body: "[]"}, refused)
	if _, err := c.Trigger(t.Context(), service, "abc"); render.ClassOf(err) != render.Unauthorized {
		t.Errorf("Trigger = %v, want what the list says", err)
	}
}
