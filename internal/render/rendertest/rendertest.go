// Package rendertest plays the REST API of Render for tests: it keeps one
// service with its deployments, speaks the vendor's JSON, and can be told to
// let a deployment pass through any statuses or to answer any call with an
// error, a page of HTML, or not at all. Start with New.
package rendertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The one service and the one key that the API knows.
const (
	Service = "srv-test"
	Key     = "rnd_secret"
	Owner   = "own-test"
)

// Deploy is one deployment in the vendor's JSON.
type Deploy struct {
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	Trigger    string     `json:"trigger"`
	Commit     Commit     `json:"commit"`
	CreatedAt  time.Time  `json:"createdAt"`
	UpdatedAt  time.Time  `json:"updatedAt"`
	FinishedAt *time.Time `json:"finishedAt,omitempty"`

	next []string // statuses still to come, one with each reading
}

// Commit is the source of a deployment.
type Commit struct {
	ID        string    `json:"id"`
	Message   string    `json:"message"`
	CreatedAt time.Time `json:"createdAt"`
}

type line struct {
	at   time.Time
	text string
}

// Fault is an answer in place of the right one.
type Fault struct {
	Status int         // 0 with Hang
	Header http.Header // may be nil
	Body   string      // empty: an error in the vendor's JSON
	Hang   bool        // no answer until the client has enough
	After  bool        // the order is carried out before the fault
}

// API is a fake API that serves until the test ends. Its fields may be set
// before the first request.
type API struct {
	URL string
	// OnLive is called when a deployment goes live, with its commit; nil: not.
	OnLive func(commit string)
	// Queue makes orders answer 202 without a body, as a busy service does.
	Queue bool
	// Variables are the names of the service's environment variables, and Empty
	// those of others that nobody filled in.
	Variables, Empty []string
	// Head is the commit that an order without one gets.
	Head string

	now func() time.Time

	mu       sync.Mutex
	deploys  []*Deploy // the newest first
	script   []string
	faults   map[string][]Fault
	calls    []string
	autoStop bool
	lines    []line
}

// New starts a fake with the clock that its times come from.
func New(tb testing.TB, now func() time.Time) *API {
	tb.Helper()
	a := &API{now: now, faults: map[string][]Fault{}, script: []string{"build_in_progress", "update_in_progress", "live"}, Head: "head"}
	srv := httptest.NewServer(http.HandlerFunc(a.serve))
	tb.Cleanup(srv.Close)
	a.URL = srv.URL
	return a
}

// Script says which statuses every deployment from now on passes after
// created, one with each reading.
func (a *API) Script(statuses ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.script = statuses
}

// Fail answers the next calls with faults, one each. A call is named like
// "POST /services/srv-test/deploys".
func (a *API) Fail(call string, faults ...Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.faults[call] = append(a.faults[call], faults...)
}

// Was adds a deployment of the past and returns its id.
func (a *API) Was(status, commit string) string { return a.Had("manual", status, commit) }

// Had is Was with what started the deployment, such as rollback.
func (a *API) Had(trigger, status, commit string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.add(trigger, commit, status, nil)
	if status == "live" {
		a.replace(d)
	}
	return d.ID
}

// Log adds lines of the build log.
func (a *API) Log(lines ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, text := range lines {
		a.lines = append(a.lines, line{a.now(), text})
	}
}

// Calls lists the orders that were given so far, and with reads the readings
// too.
func (a *API) Calls(reads bool) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.calls), func(c string) bool { return !reads && strings.HasPrefix(c, "GET ") })
}

// AutoDeployStopped reports whether automatic deployments were switched off.
func (a *API) AutoDeployStopped() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.autoStop
}

func (a *API) add(trigger, commit, status string, next []string) *Deploy {
	d := &Deploy{
		ID: "dep-" + strconv.Itoa(len(a.deploys)+1), Status: status, Trigger: trigger, CreatedAt: a.now(), UpdatedAt: a.now(),
		Commit: Commit{ID: commit, Message: "change " + commit, CreatedAt: a.now()}, next: next,
	}
	a.deploys = append([]*Deploy{d}, a.deploys...)
	return d
}

func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	call := r.Method + " " + r.URL.Path
	a.mu.Lock()
	a.calls = append(a.calls, call)
	var fault *Fault
	if f := a.faults[call]; len(f) > 0 {
		fault, a.faults[call] = &f[0], f[1:]
	}
	a.mu.Unlock()
	switch {
	case fault == nil:
		a.answer(w, r)
	case fault.After:
		a.answer(httptest.NewRecorder(), r)
		fallthrough
	default:
		fault.send(w, r)
	}
}

func (f *Fault) send(w http.ResponseWriter, r *http.Request) {
	if f.Hang {
		<-r.Context().Done()
		return
	}
	for k, v := range f.Header {
		w.Header()[k] = v
	}
	if f.Body != "" {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Status)
		fmt.Fprint(w, f.Body)
		return
	}
	refuse(w, f.Status, http.StatusText(f.Status))
}

func (a *API) answer(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+Key {
		refuse(w, http.StatusUnauthorized, "Unauthorized")
		return
	}
	var body struct {
		CommitID string `json:"commitId"`
		DeployID string `json:"deployId"`
		Auto     string `json:"autoDeployTrigger"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body) // readings have none
	a.mu.Lock()
	live := ""
	defer func() {
		a.mu.Unlock()
		if live != "" && a.OnLive != nil {
			a.OnLive(live)
		}
	}()
	const base = "/services/" + Service
	id, one := strings.CutPrefix(r.URL.Path, base+"/deploys/")
	switch {
	case r.URL.Path == "/logs":
		a.sendLog(w, r)
	case r.URL.Path == base && r.Method == http.MethodPatch:
		a.autoStop = body.Auto == "off"
		send(w, http.StatusOK, a.service())
	case r.URL.Path == base:
		send(w, http.StatusOK, a.service())
	case r.URL.Path == base+"/env-vars":
		send(w, http.StatusOK, a.variables())
	case r.URL.Path == base+"/restart":
		w.WriteHeader(http.StatusOK)
	case r.URL.Path == base+"/rollback":
		a.rollback(w, body.DeployID)
	case r.URL.Path == base+"/deploys" && r.Method == http.MethodPost:
		if body.CommitID == "" {
			body.CommitID = a.Head
		}
		a.order(w, "api", body.CommitID)
	case r.URL.Path == base+"/deploys":
		a.list(w, r)
	case one:
		live = a.deploy(w, r.Method, id)
	default:
		refuse(w, http.StatusNotFound, "not found: "+r.URL.Path)
	}
}

func (a *API) service() map[string]any {
	auto := "commit"
	if a.autoStop {
		auto = "off"
	}
	return map[string]any{
		"id": Service, "name": "introspect-v3", "ownerId": Owner, "suspended": "not_suspended", "autoDeployTrigger": auto, "branch": "main",
		"serviceDetails": map[string]any{"url": "https://introspect-v3.example"},
	}
}

func (a *API) variables() []map[string]any {
	rows := []map[string]any{}
	add := func(name, value string) {
		rows = append(rows, map[string]any{"cursor": name, "envVar": map[string]string{"key": name, "value": value}})
	}
	for _, name := range a.Variables {
		add(name, "secret of "+name)
	}
	for _, name := range a.Empty {
		add(name, "")
	}
	return rows
}

func (a *API) rollback(w http.ResponseWriter, to string) {
	i := slices.IndexFunc(a.deploys, func(d *Deploy) bool { return d.ID == to })
	if i < 0 {
		refuse(w, http.StatusNotFound, "deploy not found")
		return
	}
	a.order(w, "rollback", a.deploys[i].Commit.ID)
}

// order starts a deployment, which replaces one that is still at work.
func (a *API) order(w http.ResponseWriter, trigger, commit string) {
	for _, d := range a.deploys {
		if len(d.next) > 0 {
			d.Status, d.next = "canceled", nil
		}
	}
	script := a.script
	if trigger == "rollback" {
		script = []string{"update_in_progress", "live"}
	}
	d := a.add(trigger, commit, "created", script)
	if a.Queue {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	send(w, http.StatusCreated, d)
}

func (a *API) list(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		limit = 20
	}
	rows := []map[string]any{}
	for i, d := range a.deploys {
		if i < limit {
			rows = append(rows, map[string]any{"cursor": d.ID, "deploy": d})
		}
	}
	send(w, http.StatusOK, rows)
}

// deploy reads or cancels one deployment. A reading moves it on; the commit is
// returned when that made it live.
func (a *API) deploy(w http.ResponseWriter, method, path string) (live string) {
	id, cancel := strings.CutSuffix(path, "/cancel")
	i := slices.IndexFunc(a.deploys, func(d *Deploy) bool { return d.ID == id })
	if i < 0 {
		refuse(w, http.StatusNotFound, "deploy not found")
		return ""
	}
	d := a.deploys[i]
	switch {
	case cancel && method == http.MethodPost:
		d.Status, d.next = "canceled", nil
	case len(d.next) > 0:
		d.Status, d.next = d.next[0], d.next[1:]
		d.UpdatedAt = a.now()
		if d.Status == "live" {
			live = d.Commit.ID
			a.replace(d)
		}
	}
	send(w, http.StatusOK, d)
	return live
}

// replace makes every other live deployment a former one.
func (a *API) replace(by *Deploy) {
	at := a.now()
	by.FinishedAt = &at
	for _, d := range a.deploys {
		if d != by && d.Status == "live" {
			d.Status = "deactivated"
		}
	}
}

// sendLog sends the lines that came after the moment that is asked for.
func (a *API) sendLog(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("ownerId") != Owner || q.Get("resource") != Service {
		refuse(w, http.StatusBadRequest, "ownerId and resource are required")
		return
	}
	rows := []map[string]any{}
	after, err := time.Parse(time.RFC3339Nano, q.Get("startTime"))
	if err != nil {
		refuse(w, http.StatusBadRequest, "startTime is no moment")
		return
	}
	for i, l := range a.lines {
		if !l.at.Before(after) {
			rows = append(rows, map[string]any{"id": "log-" + strconv.Itoa(i), "timestamp": l.at, "message": l.text})
		}
	}
	send(w, http.StatusOK, map[string]any{"hasMore": false, "logs": rows})
}

func send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func refuse(w http.ResponseWriter, status int, message string) {
	send(w, status, map[string]string{"id": "req-1", "message": message})
}
