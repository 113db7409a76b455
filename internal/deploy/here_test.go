package deploy_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deploy"
	"applicreations.com/introspect/internal/render"
	"applicreations.com/introspect/internal/render/rendertest"
)

func target(w *world) deploy.Host {
	return render.Target{ID: rendertest.Service, Client: &render.Client{BaseURL: w.api.URL, Key: rendertest.Key, Wait: w.clock.Wait, Now: w.clock.Now}}
}

// repository makes a real repository with a remote, whose only branch is main.
func repository(t *testing.T) deploy.Commands {
	t.Helper()
	dir := t.TempDir()
	here := deploy.Commands{Dir: filepath.Join(dir, "here")}
	if err := os.MkdirAll(filepath.Join(here.Dir, "migrations"), 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, here, "init", "--quiet", "--initial-branch", "main")
	git(t, here, "config", "user.email", "smith@example.com")
	git(t, here, "config", "user.name", "Smith")
	git(t, here, "config", "commit.gpgsign", "false")
	git(t, here, "config", "tag.gpgsign", "false")
	git(t, here, "init", "--quiet", "--bare", filepath.Join(dir, "there"))
	git(t, here, "remote", "add", "origin", filepath.Join(dir, "there"))
	commitFile(t, here, "migrations/0001_first.sql", "one")
	return here
}

func git(t *testing.T, c deploy.Commands, args ...string) string {
	t.Helper()
	out, err := c.Run(t.Context(), "git", args...)
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(out)
}

// commitFile commits a file.
func commitFile(t *testing.T, c deploy.Commands, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, c, "add", ".")
	git(t, c, "commit", "--quiet", "--message", "change "+name)
}

// TestWithRealGit holds the words that we send to git against git itself.
func TestWithRealGit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := repository(t)
	before := git(t, repo, "rev-parse", "HEAD")
	w.cfg.Exec, w.cfg.Migrations = repo, "migrations"
	w.cfg.Test, w.cfg.Build = []string{"git", "fsck"}, []string{"git", "log"}
	w.cfg.Smoke = func(context.Context, string, bool) error { return errors.New("no") }
	fails := func(stage, says string) {
		t.Helper()
		w.out.Reset()
		f := w.deploy()
		if f == nil || f.Stage != stage || !strings.Contains(w.text(), says) {
			t.Fatalf("Run = %v, want %q to say %q\n%s", f, stage, says, w.text())
		}
	}
	fails("source", "git push")
	git(t, repo, "push", "--quiet", "--set-upstream", "origin", "main")
	if err := os.WriteFile(filepath.Join(repo.Dir, "new"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	fails("source", "?? new")
	commitFile(t, repo, "migrations/0002_second.sql", "two")
	fails("source", "git push")
	git(t, repo, "push", "--quiet")
	w.api.Was("live", before)
	w.site.set(func(s *site) { s.commit = before })
	fails("smoke", "Not rolled back: the release brought the migrations 0002_second")
	if got := git(t, repo, "ls-remote", "--tags", "origin"); !strings.Contains(got, "refs/tags/v3.2.0") {
		t.Errorf("tags at the remote: %q, want v3.2.0", got)
	}
	if kind := git(t, repo, "cat-file", "-t", "v3.2.0"); kind != "tag" {
		t.Errorf("v3.2.0 is a %s, want an annotated tag", kind)
	}

	commitFile(t, repo, "migrations/0001_first.sql", "changed")
	git(t, repo, "push", "--quiet")
	fails("source", "raise the version")
	w.cfg.Version = "3.2.1"
	fails("migrations", "a released migration was changed: 0001_first")
}

func TestACommandThatFails(t *testing.T) {
	t.Parallel()
	c := deploy.Commands{Dir: t.TempDir()}
	if _, err := c.Run(t.Context(), "git", "rev-parse", "HEAD"); err == nil || !strings.Contains(err.Error(), "git ended with 128") {
		t.Errorf("Run(git) err = %v, want its exit code", err)
	}
	if _, err := c.Run(t.Context(), "no-such-program-here"); err == nil || !strings.Contains(err.Error(), "run no-such-program-here") {
		t.Errorf("Run err = %v, want the name of the program", err)
	}
}

func TestFileLock(t *testing.T) {
	t.Parallel()
	l := deploy.FileLock{Path: filepath.Join(t.TempDir(), "sub", "lock"), Who: "ada at noon"}
	if _, err := (deploy.FileLock{}).Take(); err == nil || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("Take without a path err = %v, want advice", err)
	}
	giveBack, err := l.Take()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Take(); err == nil || !strings.Contains(err.Error(), "ada at noon") || !strings.Contains(err.Error(), l.Path) {
		t.Errorf("second Take err = %v, want the holder and the file", err)
	}
	if err := giveBack(); err != nil {
		t.Fatal(err)
	}
	if giveBack, err = l.Take(); err != nil {
		t.Errorf("Take after giving back: %v", err)
	} else if err := giveBack(); err != nil {
		t.Error(err)
	}
}

func TestWall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (deploy.Wall{}).Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait err = %v, want it to end with the context", err)
	}
	if err := (deploy.Wall{}).Wait(t.Context(), 0); err != nil || (deploy.Wall{}).Now().IsZero() {
		t.Errorf("Wait(0) = %v", err)
	}
}
