package deploy_test

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/render/rendertest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestAWholeDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.api.Log("cloning", "compiling \x1b[31mred")
	w.clock.at = func(time.Time) { w.site.set(func(s *site) { s.requests += 5 }) }
	w.shell.says["git diff"] = "A\tinternal/store/migrations/0006_canaries.sql\n"
	if f := w.deploy(); f != nil {
		t.Fatalf("Run: %v\n%s", f, w.text())
	}
	golden(t, "deploy.txt", w.text())
	if diff := cmp.Diff([]string{`{"event":"deployment","status":"success","version":"3.2.0"}`}, w.site.told); diff != "" {
		t.Errorf("webhook (-want +got):\n%s", diff)
	}
	if w.ordered() != "POST /deploys" || !w.lock.returned {
		t.Errorf("ordered %s, lock given back: %t", w.ordered(), w.lock.returned)
	}
	for _, want := range []string{"git tag --annotate v3.2.0 --message Release v3.2.0 " + newCommit, "git push origin refs/tags/v3.2.0", "./scripts/test"} {
		if !slices.Contains(w.shell.ran, want) {
			t.Errorf("%q did not run among %q", want, w.shell.ran)
		}
	}
	if took := w.clock.now.Sub(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)); took != 10*time.Minute+40*time.Second {
		t.Errorf("it took %s, want two looks at the host, 30 s and 10 min", took)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cfg.DryRun = true
	if f := w.deploy(); f != nil {
		t.Fatalf("Run: %v\n%s", f, w.text())
	}
	golden(t, "dry-run.txt", w.text())
	if w.ordered() != "" || len(w.site.told) != 0 || len(w.clock.waits) != 0 {
		t.Errorf("a dry run ordered %q, told %q and waited %v", w.ordered(), w.site.told, w.clock.waits)
	}
	for _, ran := range w.shell.ran {
		if strings.HasPrefix(ran, "git tag") || strings.HasPrefix(ran, "git push") {
			t.Errorf("a dry run ran %q", ran)
		}
	}
}

// TestBefore has a row for everything that keeps a deployment from beginning.
func TestBefore(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		spoil func(*world)
		stage string
		code  int
		says  []string
	}{
		{"settings are missing", func(w *world) { w.cfg.Local["RENDER_API_KEY"], w.cfg.Local["APP_URL"] = "", "" }, "settings", 10, []string{"Missing required environment variable: RENDER_API_KEY", "Missing required environment variable: APP_URL"}},
		{"somebody deploys here", func(w *world) { w.lock.held = true }, "lock", 11, []string{"somebody deploys already"}},
		{"somebody deploys elsewhere", func(w *world) { w.api.Was("build_in_progress", "other") }, "lock", 11, []string{"dep-3", "would cancel it"}},
		{"the key is wrong", func(w *world) {
			w.api.Fail("GET /services/srv-test/deploys", rendertest.Fault{Status: 401})
		}, "lock", 11, []string{"401", "RENDER_API_KEY"}},
		{"an old toolchain", func(w *world) { w.shell.says["go env"] = "go1.25.9"; delete(w.shell.says, "go env GOVERSION") }, "toolchain", 12, []string{"go1.25.9", "1.26"}},
		{"no toolchain", func(w *world) { w.shell.fails["go env"] = "" }, "toolchain", 12, []string{"install Go"}},
		{"uncommitted files", func(w *world) { w.shell.says["git status"] = " M main.go\n?? x\n" }, "source", 13, []string{"2 files", "main.go"}},
		{"an unpushed commit", func(w *world) { w.shell.says["git branch --remotes"] = "" }, "source", 13, []string{"git push"}},
		{"a tag of another commit", func(w *world) {
			delete(w.shell.fails, "git rev-parse --verify")
			w.shell.says["git rev-parse --verify"] = "other"
		}, "source", 13, []string{"v3.2.0", "raise the version"}},
		{"a variable is empty at the host", func(w *world) {
			w.api.Variables, w.api.Empty = []string{"ENCRYPTION_KEY"}, []string{"ANTHROPIC_API_KEY"}
		}, "variables", 14, []string{"Missing required environment variable: ANTHROPIC_API_KEY"}},
		{"a variable is missing at the host", func(w *world) { w.api.Variables = []string{"ENCRYPTION_KEY"} }, "variables", 14, []string{"Missing required environment variable: ANTHROPIC_API_KEY"}},
		{"the host breaks", func(w *world) {
			broken := rendertest.Fault{Status: 500}
			w.api.Fail("GET /services/srv-test/env-vars", broken, broken, broken, broken)
		}, "variables", 14, []string{"500"}},
		{"a released migration was changed", func(w *world) { w.shell.says["git diff"] = "M\tinternal/store/migrations/0001_initial.sql\n" }, "migrations", 16, []string{"0001_initial", "add a new migration"}},
		{"an old backup", func(w *world) { w.site.backup["newestAt"] = w.clock.Now().Add(-8 * time.Hour) }, "backup", 17, []string{"8 h old", "introspect backup create"}},
		{"no backup", func(w *world) { w.site.backup = map[string]any{"kept": true, "problem": "no disk"} }, "backup", 17, []string{"no disk"}},
		{"a foreign token", func(w *world) { w.cfg.Token = "wrong" }, "backup", 17, []string{"INTROSPECT_ADMIN_TOKEN"}},
		{"an alert fires", func(w *world) {
			w.site.firing = []any{map[string]any{"rule": "disk_full", "severity": "critical"}}
		}, "alerts", 18, []string{"disk_full", "silence"}},
		{"tests fail", func(w *world) { w.shell.fails["./scripts/test"] = strings.Repeat("ok\n", 60) + "FAIL: TestX" }, "tests", 19, []string{"Tests failed", "FAIL: TestX"}},
		{"the build fails", func(w *world) { w.shell.fails["go build"] = "undefined: x" }, "build", 20, []string{"Build failed", "undefined: x"}},
		{"the tag cannot be pushed", func(w *world) { w.shell.fails["git push"] = "" }, "tag", 21, []string{"push the tag v3.2.0"}},
		{"the order is refused", func(w *world) {
			w.api.Fail("POST /services/srv-test/deploys", rendertest.Fault{Status: 409})
		}, "order", 22, []string{"409"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.spoil(w)
			f := w.deploy()
			if f == nil || f.Stage != tt.stage || f.Code != tt.code {
				t.Fatalf("Run = %+v, want stage %q and code %d\n%s", f, tt.stage, tt.code, w.text())
			}
			for _, want := range append(tt.says, "Nothing was deployed (exit code") {
				if !strings.Contains(w.text(), want) {
					t.Errorf("%q is not said:\n%s", want, w.text())
				}
			}
			if tt.stage != "order" && w.ordered() != "" {
				t.Errorf("ordered %s, want nothing", w.ordered())
			}
			if len(w.site.told) != 0 || strings.Contains(w.text(), rendertest.Key) {
				t.Errorf("told %q, printed:\n%s", w.site.told, w.text())
			}
		})
	}
}

func TestStageCodesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[int]string{0: "success", 1: "anything else", 2: "usage", deploy.CodeNotRolledBack: "", deploy.CodeRollbackFailed: "", deploy.CodeInterrupted: ""}
	for _, s := range deploy.Stages() {
		if other, ok := seen[s.Code]; ok {
			t.Errorf("%s and %q share code %d", s.Name, other, s.Code)
		}
		seen[s.Code] = s.Name
		if !s.Checks && s.Plan == "" {
			t.Errorf("%s does not say what it would do", s.Name)
		}
	}
}

// TestAfter has a row for every way to fail once the order was given.
func TestAfter(t *testing.T) {
	t.Parallel()
	const rollback = "POST /deploys, PATCH, POST /rollback"
	never := func(w *world) { // the new release goes live at the host and does not answer
		w.api.OnLive = func(commit string) {
			w.site.set(func(s *site) {
				s.commit, s.code, s.status = commit, 502, ""
				if commit == oldCommit {
					s.code, s.status = 200, "healthy"
				}
			})
		}
	}
	host := func(status string) func(*world) {
		return func(w *world) {
			w.api.Script("build_in_progress", status)
			w.api.Log("step 1 in \x1b[31mred", "step 2 broke")
		}
	}
	for _, tt := range []struct {
		name    string
		spoil   func(*world)
		stage   string
		code    int
		ordered string
		told    string // last word to the webhook
		says    string
	}{
		{"the build fails at the host", host("build_failed"), "host", 23, "POST /deploys", "failed", "step 2 broke"},
		{"the pre-deploy command fails", host("pre_deploy_failed"), "host", 23, "POST /deploys", "failed", "former release still serves"},
		{"the update fails", host("update_failed"), "host", 23, "POST /deploys", "failed", "did not become ready"},
		{"it is cancelled", host("canceled"), "host", 23, "POST /deploys", "failed", "somebody cancelled it"},
		{"another one takes its place", host("deactivated"), "host", 23, "POST /deploys", "failed", "another deployment"},
		{"an end nobody knows yet", host(""), "host", 23, "POST /deploys", "failed", "the host ended it"},
		{"the build never ends", host("build_in_progress"), "host", 23, "POST /deploys, POST /deploys/dep-3/cancel", "failed", "after 20 min"},
		{"the host falls silent", func(w *world) {
			for range 20 {
				w.api.Fail("GET /services/srv-test/deploys/dep-3", rendertest.Fault{Status: 503})
			}
		}, "host", 23, "POST /deploys", "failed", "former release still serves"},
		{"the update fails and took the site along", func(w *world) {
			host("update_failed")(w)
			w.clock.at = func(time.Time) {
				w.site.set(func(s *site) {
					if s.commit == oldCommit && len(w.api.Calls(false)) == 1 {
						s.code, s.status = 502, ""
					} else {
						s.code, s.status = 200, "healthy"
					}
				})
			}
		}, "host", 23, rollback, "rolled_back", "former release serves again"},
		{"it never gets healthy", never, "healthy", 24, rollback, "rolled_back", "Attempt 10/10 - no answer: status 502 without a report"},
		{"the old release goes on answering", func(w *world) { w.api.OnLive = nil }, "healthy", 24, "POST /deploys", "failed", "commit 0ldc0mmit"},
		{"smoke fails", func(w *world) {
			w.cfg.Smoke = func(_ context.Context, commit string, _ bool) error {
				return errors.New("canary interview: step 3 of " + commit[:3])
			}
		}, "smoke", 25, rollback, "rolled_back", "canary interview: step 3 of new"},
		{"healthy, then no more", func(w *world) {
			w.clock.at = func(now time.Time) {
				w.site.set(func(s *site) {
					s.code, s.status = 200, "healthy"
					if s.commit == newCommit && now.Minute() >= 4 {
						s.code, s.status = 503, "unhealthy"
					}
				})
			}
		}, "watch", 27, rollback, "rolled_back", "it was healthy and is no more, 3 times in a row: status 503, unhealthy"},
		{"healthy, then errors", func(w *world) {
			w.clock.at = func(time.Time) {
				w.site.set(func(s *site) {
					if s.requests += 10; s.commit == newCommit {
						s.errors += 2
					}
				})
			}
		}, "watch", 27, rollback, "rolled_back", "requests failed (20.0%, before 1.0%)"},
		{"never healthy, over a migration", func(w *world) {
			never(w)
			w.shell.says["git diff"] = "A\tinternal/store/migrations/0007_x.sql\n"
		}, "healthy", deploy.CodeNotRolledBack, "POST /deploys", "failed", "the migrations 0007_x"},
		{"never healthy, over nobody knows what", func(w *world) {
			never(w)
			w.shell.fails["git diff"] = "bad object"
		}, "healthy", deploy.CodeNotRolledBack, "POST /deploys", "failed", "not known which migrations"},
		{"smoke fails, and so does the rollback", func(w *world) {
			w.cfg.Smoke = func(context.Context, string, bool) error { return errors.New("no") }
			w.api.Fail("POST /services/srv-test/rollback", rendertest.Fault{Status: 404})
		}, "smoke", deploy.CodeRollbackFailed, rollback, "failed", "The rollback did not work"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.spoil(w)
			f := w.deploy()
			if f == nil || f.Stage != tt.stage || f.Code != tt.code {
				t.Fatalf("Run = %+v, want stage %q and code %d\n%s", f, tt.stage, tt.code, w.text())
			}
			if w.ordered() != tt.ordered {
				t.Errorf("ordered %q, want %q", w.ordered(), tt.ordered)
			}
			if (tt.told == "rolled_back") != w.api.AutoDeployStopped() && f.Code != deploy.CodeRollbackFailed {
				t.Errorf("automatic deployments stopped: %t", w.api.AutoDeployStopped())
			}
			want := `{"event":"deployment","status":"` + tt.told + `","version":"3.2.0"}`
			if len(w.site.told) == 0 || w.site.told[len(w.site.told)-1] != want {
				t.Errorf("told %q, want %s at last", w.site.told, want)
			}
			if strings.Contains(w.text(), "\x1b") {
				t.Errorf("the host's log may steer the terminal:\n%q", w.text())
			}
			if !strings.Contains(w.text(), tt.says) {
				t.Errorf("%q is not said:\n%s", tt.says, w.text())
			}
			if tt.told == "rolled_back" && w.site.commit != oldCommit {
				t.Errorf("commit %s answers, want the former", w.site.commit)
			}
			if !w.lock.returned {
				t.Error("the lock was kept")
			}
		})
	}
}

// hardOfHearing is a host that answers every fifth question.
type hardOfHearing struct {
	deploy.Host
	asked int
}

func (h *hardOfHearing) Status(ctx context.Context, id string) (status string, working bool, err error) {
	if h.asked++; h.asked%5 > 0 {
		return "", false, errors.New("no answer")
	}
	return h.Host.Status(ctx, id)
}

// A host that falls silent now and then, and not for long, ends no deployment; what
// it says again and again is printed once.
func TestAHostThatIsHardOfHearing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.api.Script("build_in_progress", "build_in_progress", "build_in_progress", "live")
	w.cfg.Host = &hardOfHearing{Host: w.cfg.Host}
	if f := w.deploy(); f != nil || strings.Count(w.text(), "build in progress") != 1 {
		t.Errorf("Run = %v, want success, and the build told once\n%s", f, w.text())
	}
}

func TestTheFirstDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.api = rendertest.New(t, w.clock.Now)
	w.api.Variables = w.cfg.Required
	w.cfg.Host = target(w)
	w.cfg.Smoke = func(context.Context, string, bool) error { return errors.New("no") }
	w.api.OnLive = func(commit string) { w.site.set(func(s *site) { s.commit = commit }) }
	w.site.commit = ""
	if f := w.deploy(); f == nil || f.Code != deploy.CodeNotRolledBack || !strings.Contains(w.text(), "there is no former release") {
		t.Errorf("Run = %+v, want nothing to go back to\n%s", f, w.text())
	}
}

// A vendor that was down before says nothing against the new release.
func TestADegradedSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.site.code, w.site.status = 503, "degraded"
	told := false
	w.cfg.Smoke = func(_ context.Context, _ string, degraded bool) error { told = degraded; return nil }
	if f := w.deploy(); f != nil || !told {
		t.Errorf("Run = %v, smoke knew: %t; want success\n%s", f, told, w.text())
	}
	fresh := newWorld(t)
	fresh.api.OnLive = func(commit string) {
		fresh.site.set(func(s *site) { s.commit, s.code, s.status = commit, 503, "degraded" })
	}
	if f := fresh.deploy(); f == nil || f.Stage != "healthy" {
		t.Errorf("Run = %v, want a release that brings a vendor down to be refused", f)
	}
}

// Chance is no reason to go back: few errors among few requests, counters
// that shrink, figures that cannot be read.
func TestTheWatchIsCalm(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]func(w *world, s *site){
		"four errors in four requests": func(_ *world, s *site) {
			if s.commit == newCommit && s.errors < 14 {
				s.errors++
				s.requests++
			}
		},
		"a quarter falls out of the figures": func(w *world, s *site) {
			if s.requests += 3; w.clock.Now().Minute() == 5 {
				s.requests, s.errors = 3, 0
			}
		},
		"two bad looks": func(w *world, s *site) {
			s.code = 200
			if s.commit == newCommit && w.clock.Now().Minute() == 6 {
				s.code = 500
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.clock.at = func(time.Time) { w.site.set(func(s *site) { at(w, s) }) }
			if f := w.deploy(); f != nil {
				t.Errorf("Run = %v\n%s", f, w.text())
			}
		})
	}
	w := newWorld(t)
	w.cfg.Token = ""
	if f := w.deploy(); f != nil || !strings.Contains(w.text(), "INTROSPECT_ADMIN_TOKEN has to be") {
		t.Errorf("Run without figures = %v\n%s", f, w.text())
	}
}

func TestAWebhookThatIsDownStopsNothing(t *testing.T) {
	t.Parallel()
	for _, spoil := range []func(*world){
		func(w *world) { w.site.webhook = 500 },
		func(w *world) { w.cfg.Webhook = "http://127.0.0.1:1/secret-path" },
		func(w *world) { w.cfg.Webhook = ":secret-path" },
		func(w *world) { w.cfg.Webhook = "" },
	} {
		w := newWorld(t)
		spoil(w)
		if f := w.deploy(); f != nil || !strings.Contains(w.text(), "! [17/19] announcement") {
			t.Errorf("Run = %v\n%s", f, w.text())
		}
		if strings.Contains(w.text(), "secret-path") {
			t.Errorf("the address of the webhook is printed:\n%s", w.text())
		}
	}
}

func TestAnInterruptedDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.clock.at = func(time.Time) { cancel() }
	f := w.failure(deploy.Run(ctx, w.cfg))
	if f == nil || f.Code != deploy.CodeInterrupted || w.ordered() != "POST /deploys" || !strings.Contains(w.text(), "goes on without supervision") {
		t.Errorf("Run = %+v, ordered %s\n%s", f, w.ordered(), w.text())
	}
}

func TestATagThatIsThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	delete(w.shell.fails, "git rev-parse --verify")
	w.shell.says["git rev-parse --verify"] = newCommit
	if f := w.deploy(); f != nil || !strings.Contains(w.text(), "v3.2.0, which was there, pushed") {
		t.Errorf("Run = %v\n%s", f, w.text())
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		to    string
		over  bool
		spoil func(*world)
		code  int
		says  string
	}{
		{name: "to the former release", says: "dep-1: commit older answers"},
		{name: "to a named one", to: "dep-1", says: "dep-1: commit older answers"},
		{name: "to one that is not there", to: "dep-9", code: deploy.CodeRollbackFailed, says: "404"},
		{name: "without a former one", code: deploy.CodeRollbackFailed, says: "--to dep-", spoil: func(w *world) {
			w.api = rendertest.New(w.tb, w.clock.Now)
			w.cfg.Host = target(w)
		}},
		{name: "over a migration", code: deploy.CodeNotRolledBack, says: "the migrations 0007_x lie between", spoil: func(w *world) {
			w.shell.says["git diff"] = "A\tinternal/store/migrations/0007_x.sql\n"
		}},
		{name: "over a migration, by will", over: true, says: "former release serves", spoil: func(w *world) {
			w.shell.says["git diff"] = "A\tinternal/store/migrations/0007_x.sql\n"
		}},
		{name: "over nobody knows what", code: deploy.CodeNotRolledBack, says: "git fetch", spoil: func(w *world) { w.shell.fails["git diff"] = "" }},
		{name: "it does not answer", code: deploy.CodeRollbackFailed, says: "Attempt 10/10", spoil: func(w *world) { w.api.OnLive = nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if tt.spoil != nil {
				tt.spoil(w)
			}
			f := w.failure(deploy.Rollback(t.Context(), w.cfg, tt.to, tt.over))
			if (f == nil) != (tt.code == 0) || f != nil && f.Code != tt.code {
				t.Fatalf("Rollback = %+v, want code %d\n%s", f, tt.code, w.text())
			}
			if !strings.Contains(w.text(), tt.says) {
				t.Errorf("%q is not said:\n%s", tt.says, w.text())
			}
			if f != nil && f.Ordered != (tt.name == "it does not answer") {
				t.Errorf("the host was given an order: %t", f.Ordered)
			}
			if f == nil && (w.site.commit != "older" || len(w.site.told) != 1 || !w.api.AutoDeployStopped()) {
				t.Errorf("commit %s, told %q, automatic deployments stopped: %t", w.site.commit, w.site.told, w.api.AutoDeployStopped())
			}
		})
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if f := w.failure(deploy.Restart(t.Context(), w.cfg)); f != nil || w.ordered() != "POST /restart" {
		t.Errorf("Restart = %v, ordered %s\n%s", f, w.ordered(), w.text())
	}
	w.site.set(func(s *site) { s.code, s.status = 502, "" })
	if f := w.failure(deploy.Restart(t.Context(), w.cfg)); f == nil || f.Code != 1 {
		t.Errorf("Restart of a dead site = %v, want code 1", f)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if f := w.failure(deploy.Status(t.Context(), w.cfg)); f != nil {
		t.Errorf("Status = %v", f)
	}
	for _, want := range []string{"dep-2 0ldc0mmit", "nothing", "healthy, version 3.2.0, commit 0ldc0mmit"} {
		if !strings.Contains(w.text(), want) {
			t.Errorf("%q is not said:\n%s", want, w.text())
		}
	}
	w.site.set(func(s *site) { s.code, s.status = 503, "unhealthy" })
	if f := w.failure(deploy.Status(t.Context(), w.cfg)); f == nil || f.Code != 1 || !strings.Contains(f.Error(), "unhealthy") || !strings.Contains(w.text(), "site           status 503, unhealthy") {
		t.Errorf("Status of a sick site = %v\n%s", f, w.text())
	}
	w.cfg.HTTP = &http.Client{Transport: refused{}}
	if f := w.failure(deploy.Status(t.Context(), w.cfg)); f == nil || !strings.Contains(f.Error(), "refused") {
		t.Errorf("Status of no site = %v", f)
	}
}

// refused is a network that is not there.
type refused struct{}

func (refused) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }

// What does not forbid a deployment: an installation without backups, alerts
// that are silenced or less than critical, and one that cannot tell because it
// is old or broken, which the deployment may mend.
func TestWhatDoesNotForbid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*world)
		says   string
	}{
		{"no backups are kept", func(w *world) { w.site.backup = map[string]any{"kept": false} }, ""},
		{"alerts of no weight", func(w *world) {
			w.site.firing = []any{
				map[string]any{"rule": "disk_full", "severity": "critical", "muted": "silenced by Ann"},
				map[string]any{"rule": "conversion_drop", "severity": "warning"},
			}
		}, ""},
		{"the failure of the deployment before", func(w *world) {
			w.site.firing = []any{
				map[string]any{"rule": "deploy_failed", "severity": "critical"}, map[string]any{"rule": "smoke_failed", "severity": "critical"},
			}
		}, "no critical one fires but deploy_failed and smoke_failed, which do not stop a deployment"},
		{"an older release", func(w *world) { w.site.tells = 404 }, "cannot tell yet; look at /admin/operations"},
		{"a broken database", func(w *world) { w.site.tells = 500 }, "the installation cannot tell (status 500)"},
		{"no token", func(w *world) { w.cfg.Token = "" }, "INTROSPECT_ADMIN_TOKEN is not set"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.change(w)
			if f := w.deploy(); f != nil || !strings.Contains(w.text(), tt.says) {
				t.Errorf("the deployment was refused: %v, or %q is not said\n%s", f, tt.says, w.text())
			}
		})
	}
}
