package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAdminPagesWantALogin(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, path := range []string{"/admin", "/admin/", "/admin/dashboard", "/admin/dashboard?refresh=10", "/admin/sessions", "/admin/sessions/any", "/admin/audit"} {
		a := o.get(path)
		if want := "/admin/login?next=" + url.QueryEscape(path); a.status != 303 || a.header.Get("Location") != want {
			t.Errorf("GET %s without login = %d to %q, want 303 to %q", path, a.status, a.header.Get("Location"), want)
		}
	}
	for _, header := range [][]string{nil, {"Authorization", "Bearer isp_wrong"}, {"Authorization", "Basic abc"}, {"Cookie", "introspect_admin=forged"}} {
		a := o.get("/api/admin/metrics", header...)
		if a.status != 401 || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET /api/admin/metrics with %v = %d %s, want a 401 problem", header, a.status, a.header.Get("Content-Type"))
		}
		if strings.Contains(a.body, "activeSessions") {
			t.Errorf("GET /api/admin/metrics with %v gives figures away", header)
		}
	}
	if a := o.get("/admin/dashboard", "Cookie", "introspect_admin=forged"); a.status != 303 {
		t.Errorf("GET /admin/dashboard with a forged cookie = %d, want 303", a.status)
	}
}

func TestAdminSetup(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token, needed, err := o.account.SetupLink(t.Context())
	if err != nil || !needed {
		t.Fatalf("SetupLink() = %v, %v; want needed", needed, err)
	}
	for _, path := range []string{"/admin/setup", "/admin/setup?token=", "/admin/setup?token=" + token + "x"} {
		if a := o.get(path); a.status != 404 || strings.Contains(a.body, `name="password"`) {
			t.Errorf("GET %s = %d, want 404 without a form", path, a.status)
		}
	}
	form := o.get("/admin/setup?token=" + token)
	if form.status != 200 || !strings.Contains(form.body, token) {
		t.Fatalf("GET /admin/setup = %d, want 200 with the token in the form", form.status)
	}
	if got := form.header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("Referrer-Policy of the setup = %q, want no-referrer", got)
	}
	fill := func(token, password string) reply {
		return o.post("/admin/setup", url.Values{"token": {token}, "email": {adminEmail}, "name": {"David <b>Moore</b>"}, "password": {password}})
	}
	weak := fill(token, "short")
	if weak.status != 422 || !strings.Contains(weak.body, "at least 12 characters") || !strings.Contains(weak.body, `value="`+adminEmail+`"`) {
		t.Errorf("POST /admin/setup with a weak password = %d, want 422 with a reason and what was typed", weak.status)
	}
	if strings.Contains(weak.body, "short") {
		t.Error("the refused password stands in the page")
	}
	if a := fill("guess", adminPassword); a.status != 404 {
		t.Errorf("POST /admin/setup with a wrong token = %d, want 404", a.status)
	}
	done := fill(token, adminPassword)
	if done.status != 303 || done.header.Get("Location") != "/admin/dashboard" {
		t.Fatalf("POST /admin/setup = %d to %q, want 303 to the dashboard", done.status, done.header.Get("Location"))
	}
	if a := o.get("/admin/dashboard"); a.status != 200 || !strings.Contains(a.body, "David &lt;b&gt;Moore&lt;/b&gt;") {
		t.Errorf("GET /admin/dashboard after the setup = %d, want 200 with the escaped name", a.status)
	}
	o.newBrowser()
	if a := fill(token, adminPassword); a.status != 404 {
		t.Errorf("second POST /admin/setup = %d, want 404", a.status)
	}
	if a := o.get("/admin/setup?token=" + token); a.status != 404 {
		t.Errorf("second GET /admin/setup = %d, want 404", a.status)
	}
}

func TestAdminLogin(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.newBrowser()
	wrong := o.post("/admin/login", url.Values{"email": {adminEmail}, "password": {"not it, not it"}})
	unknown := o.post("/admin/login", url.Values{"email": {"eve@example.com"}, "password": {"not it, not it"}})
	for name, a := range map[string]reply{"wrong password": wrong, "unknown address": unknown} {
		if a.status != 422 || len(a.header.Values("Set-Cookie")) > 0 || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%s: status %d, cookies %v; want 422 with an alert and no cookie", name, a.status, a.header.Values("Set-Cookie"))
		}
	}
	if strings.ReplaceAll(unknown.body, "eve@example.com", adminEmail) != wrong.body {
		t.Error("the page tells an unknown address from a wrong password")
	}

	// A token planted before the login must not become the login.
	planted := o.request(http.MethodPost, "/admin/login", url.Values{"email": {adminEmail}, "password": {adminPassword}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "Cookie", "introspect_admin=planted")
	a := o.do(planted)
	if a.status != 303 || a.header.Get("Location") != "/admin/dashboard" {
		t.Fatalf("login = %d to %q, want 303 to the dashboard", a.status, a.header.Get("Location"))
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"introspect_admin=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("login cookie %q lacks %s", cookie, want)
		}
	}
	if strings.Contains(cookie, "planted") || strings.Contains(cookie, "Secure") {
		t.Errorf("login cookie %q: want a new token, and Secure behind TLS only", cookie)
	}
	if a := o.get("/admin/login"); a.status != 303 {
		t.Errorf("GET /admin/login while signed in = %d, want 303", a.status)
	}
}

func TestAdminLoginRenewsItsToken(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	u, err := url.Parse(o.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	first := o.browser.Jar.Cookies(u)
	o.post("/admin/login", url.Values{"email": {adminEmail}, "password": {adminPassword}})
	second := o.browser.Jar.Cookies(u)
	if len(first) != 1 || len(second) != 1 || first[0].Value == second[0].Value {
		t.Fatalf("cookies before %v and after %v the second login, want another token", first, second)
	}
	o.newBrowser()
	if a := o.get("/admin/dashboard", "Cookie", "introspect_admin="+first[0].Value); a.status != 303 {
		t.Errorf("the former token still opens the dashboard: %d", a.status)
	}
}

func TestAdminLoginLeadsBack(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for next, want := range map[string]string{
		"":                                 "/admin/dashboard",
		"/admin/sessions?status=completed": "/admin/sessions?status=completed",
		"/admin":                           "/admin",
		"https://evil.example/admin/":      "/admin/dashboard",
		"//evil.example/admin/x":           "/admin/dashboard",
		`/admin/\evil.example`:             "/admin/dashboard",
		"/\\evil.example/admin/":           "/admin/dashboard",
		"/success":                         "/admin/dashboard",
		"/administrator":                   "/admin/dashboard",
		"/admin/logout":                    "/admin/dashboard",
		"javascript:alert(1)":              "/admin/dashboard",
		"/admin/x\r\nSet-Cookie: a=b":      "/admin/dashboard",
	} {
		o.newBrowser()
		a := o.post("/admin/login", url.Values{"email": {adminEmail}, "password": {adminPassword}, "next": {next}})
		if a.status != 303 || a.header.Get("Location") != want {
			t.Errorf("login with next %q = %d to %q, want 303 to %q", next, a.status, a.header.Get("Location"), want)
		}
	}
}

func TestAdminLoginIsThrottled(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.newBrowser()
	for range 5 {
		o.post("/admin/login", url.Values{"email": {adminEmail}, "password": {"not it, not it"}})
	}
	a := o.post("/admin/login", url.Values{"email": {adminEmail}, "password": {adminPassword}})
	if a.status != 429 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "wait 30 seconds") {
		t.Errorf("sixth attempt = %d, Retry-After %q; want 429 with a wait", a.status, a.header.Get("Retry-After"))
	}
	o.now = o.now.Add(31 * time.Second)
	if a := o.post("/admin/login", url.Values{"email": {adminEmail}, "password": {adminPassword}}); a.status != 303 {
		t.Errorf("attempt after the wait = %d, want 303", a.status)
	}
}

func TestAdminLogout(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	u, err := url.Parse(o.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	token := o.browser.Jar.Cookies(u)[0].Value
	if a := o.get("/admin/logout"); a.status != 405 {
		t.Errorf("GET /admin/logout = %d, want 405: links must not sign out", a.status)
	}
	a := o.post("/admin/logout", nil)
	if a.status != 303 || a.header.Get("Location") != "/admin/login?signed_out=1" || a.header.Get("Clear-Site-Data") == "" {
		t.Errorf("POST /admin/logout = %d to %q, want 303 to the login and the cache cleared", a.status, a.header.Get("Location"))
	}
	if left := o.browser.Jar.Cookies(u); len(left) != 0 {
		t.Errorf("cookies after the logout = %v, want none", left)
	}
	if a := o.get("/admin/dashboard", "Cookie", "introspect_admin="+token); a.status != 303 {
		t.Errorf("the token still works after the logout: %d", a.status)
	}
	if a := o.post("/admin/logout", nil); a.status != 303 {
		t.Errorf("second logout = %d, want 303", a.status)
	}
}

// Forms sent from other sites change nothing, although the browser would add
// the cookie to them.
func TestAdminRefusesOtherSites(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	token, _, err := o.account.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, form := range map[string]url.Values{
		"/admin/logout": nil,
		"/admin/login":  {"email": {adminEmail}, "password": {adminPassword}},
		"/admin/setup":  {"token": {token}, "email": {adminEmail}, "name": {"Eve"}, "password": {adminPassword}},
	} {
		if a := o.post(path, form, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"); a.status != 403 {
			t.Errorf("POST %s from another site = %d, want 403", path, a.status)
		}
	}
	if a := o.get("/admin/dashboard"); a.status != 200 {
		t.Errorf("the login ended by a form of another site: %d", a.status)
	}
	a := o.get("/api/admin/metrics", "Origin", "https://evil.example")
	if got := a.header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("Access-Control-Allow-Origin of the figures = %q, want none", got)
	}
}

// A login lasts 12 hours after the last request, and use prolongs it.
func TestAdminLoginIsProlonged(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	if a := o.get("/admin/dashboard"); len(a.header.Values("Set-Cookie")) != 0 {
		t.Errorf("a fresh login is prolonged at once: %v", a.header.Values("Set-Cookie"))
	}
	o.now = o.now.Add(6 * time.Minute)
	a := o.get("/admin/dashboard")
	if got := a.header.Get("Set-Cookie"); !strings.Contains(got, "Max-Age=43200") {
		t.Errorf("cookie after 6 minutes = %q, want it prolonged by 12 hours", got)
	}
}

func TestAdminActorReadsDocuments(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	sess := o.client(ana(), 60, willing)
	path := "/api/documents/scope/" + string(sess.ID)
	if a := o.get(path); a.status != 200 || !strings.Contains(a.header.Get("Content-Type"), "text/markdown") {
		t.Errorf("GET SCOPE.md as admin = %d %s, want 200 Markdown", a.status, a.header.Get("Content-Type"))
	}
	o.newBrowser()
	if a := o.get(path); a.status != 401 {
		t.Errorf("GET SCOPE.md as a stranger = %d, want 401", a.status)
	}
	if a := o.get(path, "Authorization", "Bearer "+adminBootstrap); a.status != 200 {
		t.Errorf("GET SCOPE.md with an API token = %d, want 200", a.status)
	}
}
