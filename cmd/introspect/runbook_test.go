package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/render/rendertest"
)

// A command that the host answers waits for half a minute and more. Only the
// waits are left out here: the test binary does for these verbs what the program
// does, with a clock that moves when somebody waits.
const hostedVariable = "INTROSPECT_TEST_HOSTED"

// TestHostedCommand is no test by itself: runbookHouse starts it as a process.
func TestHostedCommand(t *testing.T) {
	words := strings.Fields(os.Getenv(hostedVariable))
	if len(words) == 0 {
		return
	}
	os.Exit(hostedCommand(t.Context(), words[0], words[1:]))
}

func hostedCommand(ctx context.Context, verb string, args []string) int {
	env := environment{os.Getenv, os.Stdout, os.Stderr, nil}
	var d deployFlags
	if err := d.parse(env, verb, args); err != nil {
		return 2
	}
	cfg := deployConfig(ctx, env, d)
	clock := &stepClock{now: time.Now()}
	cfg.Clock, cfg.Print.Now = clock, clock.Now
	var err error
	switch verb {
	case "deploy":
		err = deploy.Run(ctx, cfg)
	case "rollback":
		err = deploy.Rollback(ctx, cfg, d.to, d.overMigrations)
	case "restart":
		err = deploy.Restart(ctx, cfg)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// block is what stands between ```sh and ``` in a document.
type block struct {
	document string
	line     int
	stopped  bool // it wants the server stopped
	script   string
}

func (b block) name() string { return fmt.Sprintf("%s line %d", b.document, b.line) }

var fence = regexp.MustCompile("(?m)^([ \t]*)```sh( stopped)?\n((?s:.*?))^[ \t]*```$")

// blocksOf finds the commands of a document in their order.
func blocksOf(t *testing.T, document string) []block {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../docs", document))
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	for _, at := range fence.FindAllSubmatchIndex(data, -1) {
		indent, script := string(data[at[2]:at[3]]), string(data[at[6]:at[7]])
		out = append(out, block{
			document: document, line: 1 + strings.Count(string(data[:at[0]]), "\n"), stopped: at[4] >= 0,
			script: strings.ReplaceAll("\n"+script, "\n"+indent, "\n"),
		})
	}
	if n := strings.Count(string(data), "```"); n != 2*len(out) {
		t.Errorf("%s has %d fences and %d blocks of commands; every block has to be one of ```sh, so that it is tried", document, n, len(out))
	}
	return out
}

// runbookHouse is a living installation with its host, its clone and the shell
// of its operator.
type runbookHouse struct {
	bin, clone string
	vars       []string
	port       string
	server     *exec.Cmd
	gone       chan error // how the server ended
	log        *output
	deployed   func() // another release, after which there is one to go back to
}

// newRunbookHouse builds the program and starts it.
func newRunbookHouse(t *testing.T) *runbookHouse {
	t.Helper()
	home := t.TempDir()
	h := &runbookHouse{bin: build(t), clone: filepath.Join(home, "clone"), log: new(output)}
	ln := listen(t)
	_, h.port, _ = net.SplitHostPort(ln.Addr().String())
	ln.Close()
	head, other := h.cloned(t, home)
	api := rendertest.New(t, time.Now)
	api.Variables = []string{"ENCRYPTION_KEY"}
	api.Was("live", head) // which the running server reports
	h.deployed = func() { api.Was("live", other) }
	vendor := httptest.NewServer(http.HandlerFunc(modelList))
	t.Cleanup(vendor.Close)
	h.vars = []string{
		"HOME=" + home, "PATH=" + h.path(t, home) + ":" + os.Getenv("PATH"), "GOFLAGS=-mod=mod", "GOCACHE=" + goEnv(t, "GOCACHE"), "GOMODCACHE=" + goEnv(t, "GOMODCACHE"), "GOPROXY=off",
		"DATA_DIR=" + filepath.Join(home, "data"), "BACKUP_DIR=" + filepath.Join(home, "backups"), "HOST=127.0.0.1", "PORT=" + h.port,
		"ENCRYPTION_KEY=a key of the runbook's test, good for nothing else", "INTROSPECT_ZONE=UTC", "INTROSPECT_ADMIN_TOKEN=" + smokeToken, "RENDER_GIT_COMMIT=" + head,
		"APP_URL=http://127.0.0.1:" + h.port, "RENDER_BASE_URL=" + api.URL, "RENDER_API_KEY=" + rendertest.Key, "RENDER_SERVICE_ID=" + rendertest.Service, "DEPLOY_REQUIRED=ENCRYPTION_KEY",
		"LAST_GOOD=v3.1.0", "MOMENT=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}
	h.start(t)
	// The key of the model is in the shell only: the installation is one without.
	h.vars = append(h.vars, "ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL="+vendor.URL)
	return h
}

// modelList answers as the vendor of the model answers the right key.
func modelList(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/v1/models" || r.Header.Get("X-Api-Key") != "sk-test" || r.Header.Get("Anthropic-Version") != "2023-06-01" {
		http.Error(w, "not the documented call", http.StatusUnauthorized)
		return
	}
	fmt.Fprint(w, `{"data":[]}`)
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// path is a folder with the program under its name.
func (h *runbookHouse) path(t *testing.T, home string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "bin")
	wrapper := `#!/bin/sh
case "$1" in
deploy|rollback|restart) ` + hostedVariable + `="$*" exec "` + self + `" -test.run='^TestHostedCommand$' ;;
esac
exec "` + h.bin + `" "$@"
`
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "introspect"), []byte(wrapper), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// cloned makes the operator's clone of a small source with its remote, and
// returns its commit, which was seen healthy, and another one. The source stands for the product's: what is tried is the
// way of the commands, and the product's own tests are not run within a test.
func (h *runbookHouse) cloned(t *testing.T, home string) (head, other string) {
	t.Helper()
	script := `set -e
git init -q --bare origin.git
git clone -q origin.git clone 2>/dev/null
cd clone
git config user.email operator@example.com
git config user.name Operator
mkdir -p scripts cmd/introspect cmd/release internal/store/migrations
printf 'module example.com/small\n\ngo 1.26\n' > go.mod
printf 'package main\n\nfunc main() {}\n' | tee cmd/introspect/main.go > cmd/release/main.go
for f in test deploy.sh; do printf '#!/bin/sh\nexit 0\n' > scripts/$f; chmod +x scripts/$f; done
printf -- '-- the first\n' > internal/store/migrations/0001_initial.sql
printf '*.txt\n*.json\n*.jsonl\n*.db*\n' > .gitignore
git add -A
git commit -q -m first
git tag v3.1.0
git push -q origin HEAD --tags
git push -q origin HEAD:refs/tags/healthy/first
git rev-parse HEAD
git commit-tree -p HEAD -m other 'HEAD^{tree}'
`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir, cmd.Env = home, append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make a clone: %v\n%s", err, out)
	}
	lines := strings.Fields(string(out))
	return lines[len(lines)-2], lines[len(lines)-1]
}

// start runs the server until it takes requests.
func (h *runbookHouse) start(t *testing.T) {
	t.Helper()
	h.server = exec.CommandContext(context.WithoutCancel(t.Context()), h.bin, "serve") // #nosec G204 -- built above
	h.server.Env, h.server.Stdout, h.server.Stderr = h.vars, h.log, h.log
	if err := h.server.Start(); err != nil {
		t.Fatal(err)
	}
	server, gone := h.server, make(chan error, 1)
	go func() { gone <- server.Wait() }()
	h.gone = gone
	t.Cleanup(func() { _ = server.Process.Kill() })
	for {
		if res, err := http.Get("http://127.0.0.1:" + h.port + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-gone:
			t.Fatalf("the server ended: %v\n%s", err, h.log)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop ends the server as the host does.
func (h *runbookHouse) stop(t *testing.T) {
	t.Helper()
	if err := h.server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := <-h.gone; err != nil {
		t.Fatalf("the server did not end well: %v\n%s", err, tailOf(h.log.String()))
	}
}

// run does what a block says in the shell of the operator; the first command
// that fails ends it.
func (h *runbookHouse) run(t *testing.T, b block) string {
	t.Helper()
	if strings.Contains(b.script, "introspect rollback\n") {
		h.deployed()
	}
	if b.stopped {
		h.stop(t)
		defer h.start(t)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-x", "-c", b.script) // #nosec G204 -- a document of ours
	cmd.Dir, cmd.Env = h.clone, h.vars
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s\nThe server said:\n%s", b.name(), err, out, tailOf(h.log.String()))
	}
	return string(out)
}

func tailOf(s string) string { return s[max(0, len(s)-2000):] }

// TestRunbookCommands runs every command of the runbook and of the handover, in
// their order, against a living installation.
func TestRunbookCommands(t *testing.T) {
	t.Parallel()
	h := newRunbookHouse(t)
	var typed strings.Builder
	for _, document := range []string{"OPERATIONS_RUNBOOK.md", "handover.md"} {
		for _, b := range blocksOf(t, document) {
			began := time.Now()
			out := h.run(t, b)
			t.Logf("%s, %s\n%s", b.name(), time.Since(began).Round(time.Millisecond), out)
			typed.WriteString(b.script)
		}
	}
	// Whoever adds a verb for operators names it in the runbook.
	for _, verb := range []string{
		"access", "affected", "alerts list", "alerts test", "audit", "backup create", "backup drill", "backup list", "backup verify", "contacts", "deploy --dry-run", "doctor", "erase", "fallback on", "fallback auto", "fallback retry",
		"healthcheck", "kpi day", "kpi week", "kpi month", "maintenance on", "maintenance off", "restart", "restore", "rollback", "rollup rebuild", "smoke", "status", "token list",
	} {
		if !strings.Contains(typed.String(), "introspect "+verb) {
			t.Errorf("no command of the runbook is introspect %s", verb)
		}
	}
}

// TestBlocksThatFailAreFound: the test above is worth nothing if it lets a
// command pass that fails in the middle of a block, or in a pipe.
func TestBlocksThatFailAreFound(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"false\ntrue\n", "false | true\n", "no-such-command\ntrue\n", "echo \"$NOT_SET\"\n"} {
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		if err := cmd.Run(); err == nil {
			t.Errorf("%q passes", script)
		}
	}
}
