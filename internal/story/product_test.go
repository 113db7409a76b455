// Package story_test goes through the whole product in a real browser, the way
// its people do: visitors on desktops and phones, with scripts and without,
// and the owner who watches them arrive. It starts the real program in a
// process of its own, over an empty database, and knows only what the pages
// show. Start with TestStory.
package story_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// adminToken lets the test read the owner's figures as a program.
const adminToken = "story-admin-token-0123456789abcdef"

// product is the program, running.
type product struct {
	url   string // without a slash at the end
	setup string // the link that creates the first admin
}

// start builds the program and runs it over an empty folder until t ends. It
// must then stop within its time, with success, and without having logged an
// error.
func start(t *testing.T) product {
	t.Helper()
	dir := t.TempDir()
	bin := filepath.Join(dir, "introspect")
	if out, err := exec.Command("go", "build", "-o", bin, "applicreations.com/introspect/cmd/introspect").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	cmd := exec.Command(bin, "serve", "--host", "127.0.0.1", "--port", "0", "--data-dir", filepath.Join(dir, "data"))
	// The developer's own settings must not reach the story.
	cmd.Env = []string{
		"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "INTROSPECT_ADMIN_TOKEN=" + adminToken,
		"INTROSPECT_ZONE=" + noonZone(time.Now()), "LOG_LEVEL=warn",
	}
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start the program: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		tooLong := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
		defer tooLong.Stop()
		err := cmd.Wait()
		if errors := regexp.MustCompile(`(?m)^.*level=ERROR.*$`).FindAllString(log.String(), -1); err != nil || len(errors) > 0 || t.Failed() {
			t.Errorf("the program ended with %v and logged:\n%s", err, log.String())
		}
	})
	return announced(t, out)
}

// noonZone names a zone in which it is about noon, so that "today" does not
// end in the middle of the story. Names of this kind have the opposite sign.
func noonZone(now time.Time) string {
	return fmt.Sprintf("Etc/GMT%+d", now.UTC().Hour()-12)
}

// announced reads the addresses that the program prints when it starts.
func announced(t *testing.T, out io.Reader) product {
	t.Helper()
	found := make(chan product, 1)
	go func() {
		var p product
		defer close(found)
		link := regexp.MustCompile(`https?://\S+`)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			switch at := link.FindString(lines.Text()); {
			case strings.Contains(at, "/admin/setup"):
				p.setup = at
				found <- p
			case strings.Contains(lines.Text(), "Intake:"):
				p.url = strings.TrimRight(at, "/")
			}
		}
	}()
	select {
	case p, ok := <-found:
		if !ok || p.url == "" {
			t.Fatalf("the program announced %+v, want an address and a setup link", p)
		}
		return p
	case <-time.After(2 * time.Minute):
		t.Fatal("the program announced no setup link within two minutes")
	}
	return product{}
}

// figures is the part of the owner's JSON that the story checks.
type figures struct {
	SessionsToday    int `json:"sessionsToday"`
	CompletionsToday int `json:"completionsToday"`
	FunnelMetrics    []struct {
		Stage string  `json:"stage"`
		Count int     `json:"count"`
		Rate  float64 `json:"rate"`
	} `json:"funnelMetrics"`
}

func (p product) figures(t *testing.T) figures {
	t.Helper()
	var f figures
	if err := json.Unmarshal(p.get(t, "/api/admin/metrics", adminToken, nil), &f); err != nil {
		t.Fatalf("decode the figures: %v", err)
	}
	return f
}

// get loads a path, which must be answered with 200.
func (p product) get(t *testing.T, path, token string, cookies []*http.Cookie) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for _, c := range cookies {
		req.AddCookie(c)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s = %d (%v), want 200; body %.300s", path, resp.StatusCode, err, body)
	}
	return body
}
