package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/stat"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// TestSettingsOfADeployment: what differs from the first start of a version is
// counted, and another version begins anew. No value is kept.
func TestSettingsOfADeployment(t *testing.T) {
	vars := map[string]string{"DATA_DIR": t.TempDir(), "AGENCY_NAME": "Applicreations", "AGENCY_PHONE": "1"}
	env := environment{getenv(vars), t.Output(), t.Output(), nil}
	cfg, _, err := load(env, "serve", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := assemble(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	keys, err := cfg.keyring(a.log)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(commit string, change func(map[string]string)) int {
		t.Helper()
		a.cfg.given, a.cfg.commit = maps.Clone(cfg.given), commit
		change(a.cfg.given)
		if err := a.compareSettings(t.Context(), keys); err != nil {
			t.Fatal(err)
		}
		return a.signs.changed
	}
	for _, c := range []struct {
		name   string
		commit string
		change func(map[string]string)
		want   int
	}{
		{"the first start", "a", func(map[string]string) {}, 0},
		{"a restart", "a", func(map[string]string) {}, 0},
		{"another value, one more and one less", "a", func(m map[string]string) { m["AGENCY_NAME"], m["SMTP_URL"] = "Others", "x"; delete(m, "AGENCY_PHONE") }, 3},
		{"as before", "a", func(map[string]string) {}, 0},
		{"another build", "b", func(m map[string]string) { m["AGENCY_NAME"] = "Others" }, 0},
		{"its own settings hold now", "b", func(map[string]string) {}, 1},
	} {
		if got := begin(c.commit, c.change); got != c.want {
			t.Errorf("%s: %d settings changed, want %d", c.name, got, c.want)
		}
	}
	// A new key changes every mark, and is no change of every setting.
	changed := func(m map[string]string) { m["AGENCY_NAME"] = "Others" }
	keys = storetest.Keys(t, "the key that comes after the first", killSecret)
	begin("c", changed)
	keys = storetest.Keys(t, "the newest key of all the keys", "the key that comes after the first")
	if got := begin("c", changed); got != 0 {
		t.Errorf("with a new key %d settings changed, want none", got)
	}
	keys = storetest.Keys(t, "the newest key of all the keys")
	if got := begin("c", func(map[string]string) {}); got != 1 {
		t.Errorf("without the former key %d settings changed, want the one that did", got)
	}
}

// TestEveryRuleHasASourceInTheServer: of a server with all its settings only what
// cannot be measured on any machine is left out.
func TestEveryRuleHasASourceInTheServer(t *testing.T) {
	vendor := httptest.NewServer(http.NotFoundHandler())
	defer vendor.Close()
	env := environment{getenv(map[string]string{
		"DATA_DIR": t.TempDir(), "APP_URL": "https://intake.example.com", "HEARTBEAT_URL": vendor.URL, "ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_BASE_URL": vendor.URL,
		"ADVISOR_BUDGET_MONTH": "1000000", "FALLBACK_CONVERSATIONS": "5",
	}), t.Output(), t.Output(), nil}
	cfg, _, err := load(env, "serve", nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg.keeps = func(st *store.Store) (*backup.Keeper, error) { return newKeeper(env, cfg, st) }
	cfg.synced = time.Now
	a, err := assemble(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	rules, err := a.watch.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	never := map[string]bool{"payment": true}
	for _, r := range rules {
		if left := never[r.Group] || r.ID == "db_server"; a.watch.Measures(r) == left || (a.watch.Reason(r) != "") != left {
			t.Errorf("%s is measured: %v, and the reason why not is %q", r.ID, a.watch.Measures(r), a.watch.Reason(r))
		}
	}
	if err := a.watch.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, v := range a.watch.Board().Rules {
		for _, st := range v.States {
			if st.Side == "error" {
				t.Errorf("%s could not be measured: %s", v.Rule.ID, st.Text)
			}
			if v.Firing() {
				t.Errorf("%s fires on a fresh installation: %s", v.Rule.ID, st.Text)
			}
		}
	}
	check := a.answering(func(context.Context) error { return errors.New("away") })
	if check(t.Context()) == nil {
		t.Error("the error of a check is lost")
	}
	if got := a.signs.answers.Since(time.Now(), time.Minute); got != (stat.Rate{Of: 1}) {
		t.Errorf("answers of the vendor = %+v, want a failed one", got)
	}
}
