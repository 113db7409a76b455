package outcome_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/outcome"
)

// house is an installation that answers with a status, and notes what it took.
type house struct {
	*httptest.Server

	status int
	ids    []string
	after  func() // what happens once a result was taken
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{status: http.StatusOK}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in outcome.Result
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/admin/operations/results" || r.Header.Get("Authorization") != "Bearer token" || r.Header.Get("X-Introspect-Canary") != "token" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s %q: %v", r.Method, r.URL.Path, r.Header.Get("Authorization"), err)
		}
		if h.status == http.StatusOK {
			h.ids = append(h.ids, in.ID)
		}
		w.WriteHeader(h.status)
		if h.after != nil {
			h.after()
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *house) teller(dir string) outcome.Teller {
	return outcome.Teller{URL: h.URL, Token: "token", HTTP: h.Client(), Dir: dir}
}

func result(n int) outcome.Result {
	return outcome.Result{ID: fmt.Sprintf("r%d", n), Kind: "deploy", At: time.Date(2026, 11, 27, 12, n, 0, 0, time.UTC)}
}

func left(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// What is not taken waits, and is told with the next one in the order in which it
// happened; what waits for another installation goes on waiting.
func TestResultsWait(t *testing.T) {
	t.Parallel()
	h, other, dir := newHouse(t), newHouse(t), filepath.Join(t.TempDir(), "state")
	other.status = http.StatusServiceUnavailable
	if err := other.teller(dir).Tell(t.Context(), result(0)); err == nil || !strings.Contains(err.Error(), "answers 503") {
		t.Errorf("a house that is down: %v", err)
	}
	for n, status := range []int{http.StatusBadGateway, http.StatusNotFound, http.StatusUnauthorized} {
		h.status = status
		if err := h.teller(dir).Tell(t.Context(), result(3-n)); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("results that wait in %s and are told the next time: %d;", dir, n+1)) {
			t.Errorf("status %d: %v", status, err)
		}
	}
	if n := left(t, dir); n != 4 {
		t.Errorf("%d files wait, want 4", n)
	}
	h.status = http.StatusOK
	ctx, leave := context.WithCancel(t.Context())
	leave() // the operator pressed Ctrl-C, which is when there is most to tell
	if err := h.teller(dir).Tell(ctx, result(4)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"r1", "r2", "r3", "r4"}; !slices.Equal(h.ids, want) {
		t.Errorf("told %v, want %v", h.ids, want)
	}
	if n := left(t, dir); n != 1 {
		t.Errorf("%d files wait, want that of the other house", n)
	}
	info, err := os.Stat(filepath.Join(dir, "r0.result.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file that waits: %v, %v; want it for its owner only", info, err)
	}
}

// A house that is down for long gets the newest results, and the folder does not
// grow.
func TestOnlySoManyResultsWait(t *testing.T) {
	t.Parallel()
	h, dir := newHouse(t), t.TempDir()
	h.status = http.StatusBadGateway
	for n := range 103 {
		if err := h.teller(dir).Tell(t.Context(), result(n)); err == nil {
			t.Error("a house that is down took a result")
		}
	}
	if n := left(t, dir); n != 100 {
		t.Errorf("%d files wait, want 100", n)
	}
	h.status = http.StatusOK
	if err := h.teller(dir).Tell(t.Context(), result(103)); err != nil {
		t.Fatal(err)
	}
	if len(h.ids) != 100 || h.ids[0] != "r4" || h.ids[99] != "r103" {
		t.Errorf("told %v, want the hundred newest in order", h.ids)
	}
}

// A house that goes down in the middle keeps what it took, and is told the rest the
// next time. What is damaged in the folder stays where it is and is in nobody's way.
func TestSomeOfThemAreTold(t *testing.T) {
	t.Parallel()
	h, dir := newHouse(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.result.json"), []byte(`{"url":`), 0o600); err != nil {
		t.Fatal(err)
	}
	h.status = http.StatusBadGateway
	for n := 1; n <= 3; n++ {
		if err := h.teller(dir).Tell(t.Context(), result(n)); err == nil {
			t.Error("a house that is down took a result")
		}
	}
	h.status = http.StatusOK
	h.after = func() { h.status = http.StatusBadGateway }
	if err := h.teller(dir).Tell(t.Context(), result(4)); err == nil || !strings.Contains(err.Error(), "told the next time: 3;") {
		t.Errorf("one of four was taken: %v", err)
	}
	h.status, h.after = http.StatusOK, nil
	if err := h.teller(dir).Tell(t.Context(), result(5)); err != nil {
		t.Error(err)
	}
	if want := []string{"r1", "r2", "r3", "r4", "r5"}; !slices.Equal(h.ids, want) {
		t.Errorf("told %v, want each once: %v", h.ids, want)
	}
	if n := left(t, dir); n != 1 {
		t.Errorf("%d files are left, want the damaged one", n)
	}
}

// What nobody can read is not told for ever.
func TestResultThatIsRefused(t *testing.T) {
	t.Parallel()
	h, dir := newHouse(t), t.TempDir()
	h.status = http.StatusBadRequest
	if err := h.teller(dir).Tell(t.Context(), result(1)); err == nil || !strings.Contains(err.Error(), "cannot read the result") {
		t.Errorf("Tell = %v", err)
	}
	if n := left(t, dir); n != 0 {
		t.Errorf("%d files wait, want none", n)
	}
}

// Without a folder, or with one that cannot be written, it is told all the same.
// A result that is refused for good keeps up none of those after it.
func TestARefusalKeepsUpNobody(t *testing.T) {
	t.Parallel()
	h, dir := newHouse(t), t.TempDir()
	h.status = http.StatusServiceUnavailable
	if err := h.teller(dir).Tell(t.Context(), result(1)); err == nil {
		t.Fatal("the first result was told to a house that is away")
	}
	h.status = http.StatusBadRequest
	h.after = func() { h.status = http.StatusOK }
	if err := h.teller(dir).Tell(t.Context(), result(2)); err == nil || !strings.Contains(err.Error(), "cannot read the result") {
		t.Errorf("Tell = %v, want the refusal of the first", err)
	}
	if n := left(t, dir); n != 0 || !slices.Equal(h.ids, []string{"r2"}) {
		t.Errorf("taken are %v and %d wait, want the second taken and none waiting", h.ids, n)
	}
}

func TestWithoutAFolder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if err := h.teller("").Tell(t.Context(), result(1)); err != nil {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.teller(file).Tell(t.Context(), result(2)); err == nil || !strings.Contains(err.Error(), "cannot wait") {
		t.Errorf("a folder that is a file: %v", err)
	}
	if want := []string{"r1", "r2"}; !slices.Equal(h.ids, want) {
		t.Errorf("told %v, want %v", h.ids, want)
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{errors.New("it broke\nand this is the log"), "it broke"},
		{errors.New(strings.Repeat("é", 300)), strings.Repeat("é", 300)},
		{errors.New("cut in a \xc3 letter"), "cut in a \uFFFD letter"},
		{errors.New(strings.Repeat("é", 400)), strings.Repeat("é", 299) + "…"},
	} {
		if got := outcome.Reason(c.err); got != c.want {
			t.Errorf("Reason = %q, want %q", got, c.want)
		}
	}
}
