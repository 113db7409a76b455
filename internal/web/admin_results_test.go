package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// told posts what came of an operation.
func (o *office) told(id, kind string, at time.Time, good bool, step string) reply {
	version := "3.2.0"
	if kind == "smoke" {
		version = ""
	}
	body := fmt.Sprintf(`{"id":%q,"kind":%q,"at":%q,"good":%t,"version":%q,"step":%q,"detail":"commit <beef>\nanswers 500"}`, id, kind, at.Format(time.RFC3339), good, version, step)
	return o.do(o.request(http.MethodPost, "/api/admin/operations/results", body, "Content-Type", "application/json", "Authorization", "Bearer "+adminBootstrap))
}

// A deployment that failed stands on the daily check and on the time axis of the
// dashboard, once, until one works.
func TestResultsOfOperations(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	withWords(t, "the daily check before", o.get("/admin/operations").body, "None was told in the last 30 days")
	for i, want := range []string{`"new":true`, `"new":false`} {
		if a := o.told("a", "deploy", o.now.Add(-time.Hour), false, "site"); a.status != http.StatusOK || !strings.Contains(a.body, want) {
			t.Errorf("telling for the %d. time = %d %s, want %s", i+1, a.status, a.body, want)
		}
	}
	o.told("b", "smoke", o.now.Add(-2*time.Minute), true, "")
	page := o.get("/admin/operations").body
	withWords(t, "the daily check", page, "Failed at site", "Deployment of 3.2.0", "commit &lt;beef&gt; answers 500", "told 60 min later", "Worked")
	dashboard := o.get("/admin/dashboard").body
	if n := strings.Count(dashboard, `<span class="mark-text">Deployment of 3.2.0 failed at site`); n != 1 {
		t.Errorf("the dashboard has %d marks of the failure, want 1", n)
	}
	withWords(t, "the mark", dashboard, `<span class="chip critical">failure</span>`)
	withoutWords(t, "the daily check while only a smoke test worked", page, "Mended since")
	o.told("c", "deploy", o.now, true, "")
	withWords(t, "the daily check after one worked", o.get("/admin/operations").body, "Mended since")
}

func TestResultsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	at := o.now.Format(time.RFC3339)
	for _, c := range []struct{ body, want string }{
		{`{"kind":"deploy","at":"` + at + `","good":true}`, "id must be"},
		{`{"id":"` + strings.Repeat("a", 65) + `","kind":"deploy","at":"` + at + `","good":true}`, "id must be"},
		{`{"id":"a","kind":"party","at":"` + at + `","good":true}`, "kind must be"},
		{`{"id":"a","kind":"smoke","good":true}`, "at must be"},
		{`{"id":"a","kind":"smoke","at":"` + o.now.Add(time.Hour).Format(time.RFC3339) + `","good":true}`, "not in the future"},
		{`{"id":"a","kind":"smoke","at":"` + at + `"}`, "good must say"},
		{`{"id":"a","kind":"smoke","at":"` + at + `","good":false,"step":"` + strings.Repeat("a", 101) + `"}`, "may have 100 bytes"},
		{`nothing`, "broken"},
	} {
		a := o.do(o.request(http.MethodPost, "/api/admin/operations/results", c.body, "Content-Type", "application/json", "Authorization", "Bearer "+adminBootstrap))
		if a.status != http.StatusBadRequest || !strings.Contains(a.body, c.want) {
			t.Errorf("%s = %d %s, want 400 and %q", c.body, a.status, a.body, c.want)
		}
	}
	// A cookie is not enough: the page of another site could send it along.
	body := `{"id":"a","kind":"smoke","at":"` + at + `","good":false}`
	if a := o.do(o.request(http.MethodPost, "/api/admin/operations/results", body, "Content-Type", "application/json")); a.status != http.StatusUnauthorized {
		t.Errorf("with a login only = %d, want 401", a.status)
	}
	if list, err := o.store.Results(t.Context(), time.UnixMilli(0)); err != nil || len(list) != 0 {
		t.Errorf("%d results are kept, %v; want none", len(list), err)
	}
}
