package deploy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Commands runs programs in a folder.
type Commands struct{ Dir string }

// Run implements Exec. The output of a failed command is returned too.
func (c Commands) Run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...) // #nosec G204 -- the commands are ours, see stages.go
	cmd.Dir = c.Dir
	cmd.WaitDelay = 10 * time.Second // a grandchild that keeps the output open holds up nobody
	var said strings.Builder
	out, err := cmd.Output()
	said.Write(out)
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		said.Write(failed.Stderr)
		return said.String(), fmt.Errorf("%s ended with %d: %s", name, failed.ExitCode(), lastLine(string(failed.Stderr)))
	}
	if err != nil {
		return said.String(), fmt.Errorf("run %s: %w", name, err)
	}
	return said.String(), nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// FileLock is a file that exists while somebody deploys.
type FileLock struct {
	Path string
	Who  string // written into it, for the one who finds it
}

// Take implements Lock. A lock that a killed command left behind has to be
// removed by hand: whether its deployment goes on, only the operator can see.
func (l FileLock) Take() (func() error, error) {
	if l.Path == "" {
		return nil, errors.New("this folder is no git repository, so there is no place for the lock and nothing to deploy; run the command in a clone, or name one with --dir")
	}
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the lock: %w", err)
	}
	f, err := os.OpenFile(l.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- our own path
	if errors.Is(err, fs.ErrExist) {
		holder, _ := os.ReadFile(l.Path) // #nosec G304 -- as above; an unreadable holder is only not named
		return nil, fmt.Errorf("somebody deploys already: %s; two deployments would cancel each other. If that command is gone, remove %s",
			or(strings.TrimSpace(string(holder)), "unknown"), l.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	_, err = fmt.Fprintln(f, l.Who)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock: %w", err), os.Remove(l.Path))
	}
	return func() error { return os.Remove(l.Path) }, nil
}

// Wall is the clock on the wall.
type Wall struct{}

// Now implements Clock.
func (Wall) Now() time.Time { return time.Now() }

// Wait implements Clock.
func (Wall) Wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
