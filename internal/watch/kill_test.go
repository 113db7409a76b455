package watch_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/watch"
)

// victimArg makes the test program a process that watches until it is killed.
const victimArg = "watch-victim"

func TestMain(m *testing.M) {
	if len(os.Args) == 5 && os.Args[1] == victimArg {
		if err := victim(os.Args[2], os.Args[3], os.Args[4]); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// killRules fire for the first ten minutes after noon, and then never again.
func killRules() []alert.Rule {
	var out []alert.Rule
	for _, id := range []alert.RuleID{"one", "two", "three"} {
		r := plainRule(id, alert.Critical, "page", "slack")
		r.Tell.Repeat, r.Tell.RepeatAcked = 0, 0
		r.Tell.Escalation = []alert.Step{{After: alert.Duration(3 * time.Minute), Channels: []alert.Channel{"slack"}}}
		out = append(out, r)
	}
	return out
}

// say tells the parent how far the process is, and waits until it may go on, so
// that the parent knows the time at which it dies.
func say(words ...any) {
	fmt.Println(words...)
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// victim makes rounds of ten seconds from where the last process was killed, and
// says before and after each part what it does, so that a kill can come anywhere.
func victim(dir, url, from string) error {
	now, err := time.Parse(time.RFC3339, from)
	if err != nil {
		return err
	}
	keys, err := seal.NewKeyring(storetest.Secret)
	if err != nil {
		return err
	}
	clock := func() time.Time { return now }
	ctx := context.Background()
	st, err := store.Open(ctx, store.Config{Path: dir, Keys: keys, Now: clock})
	if err != nil {
		return err
	}
	if err := st.RecoverJobs(ctx); err != nil {
		return err
	}
	tell := func(ctx context.Context, p alert.Parcel) (string, error) {
		say("sending")
		defer say("sent")
		return post(ctx, url, p)
	}
	measure := func(_ context.Context, r alert.Rule, at time.Time) ([]alert.Reading, error) {
		shift := time.Duration(len(r.ID)) * 40 * time.Second // they do not all begin at once
		if at.Before(noon().Add(shift)) || at.After(noon().Add(10*time.Minute+shift)) {
			return []alert.Reading{{Value: 0}}, nil
		}
		return []alert.Reading{{Value: 20}}, nil
	}
	s, err := watch.New(watch.Config{
		Store: st, Keys: keys, Rules: killRules(), Now: clock, Channels: map[alert.Channel]watch.Channel{"page": tell, "slack": tell},
		Sources: map[string]gauge.Source{"one": measure, "two": measure, "three": measure},
	})
	if err != nil {
		return err
	}
	runner := job.New(job.Config{Store: st, Kinds: s.Kinds(), Now: clock})
	for ; now.Before(noon().Add(20 * time.Minute)); now = now.Add(10 * time.Second) {
		say("round", now.Format(time.RFC3339))
		if err := s.Tick(ctx); err != nil {
			return err
		}
		say("stored")
		if _, err := runner.RunDue(ctx); err != nil {
			return err
		}
		say("told")
	}
	say("end")
	return nil
}

// post tells the receiver, which knows a key that it had before.
func post(ctx context.Context, url string, p alert.Parcel) (string, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Webhook-Id", string(p.Key))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return string(answer), err
}

// Whenever the process is killed, in the end each channel accepted exactly one
// notice of each episode, kind and number.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	for round := range uint64(4) {
		t.Run(strconv.FormatUint(round, 10), func(t *testing.T) {
			t.Parallel()
			killed(t, rand.New(rand.NewPCG(7, round)).IntN)
		})
	}
}

func killed(t *testing.T, dice func(int) int) {
	t.Helper()
	var mu sync.Mutex
	parcels, notices := map[string]bool{}, map[alert.Key]int{}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		id := r.Header.Get("Webhook-Id")
		var p alert.Parcel
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil || parcels[id] {
			return
		}
		parcels[id] = true
		for _, n := range p.Notices {
			notices[n.Key]++
		}
	}))
	defer receiver.Close()
	dir, at, kills := t.TempDir(), noon().Format(time.RFC3339), 0
	for ended := false; !ended; {
		ended, at = life(t, dir, receiver.URL, at, 1+dice(60))
		if !ended {
			kills++
		}
	}
	t.Logf("the process was killed %d times", kills)
	if kills < 5 {
		t.Errorf("the process was killed %d times, too rarely to say anything", kills)
	}
	kinds := map[string]int{}
	for key, n := range notices {
		if n != 1 {
			t.Errorf("notice %s was accepted %d times", key, n)
		}
		parts := strings.Split(string(key), "/")
		kinds[parts[1]+" "+parts[2]]++
	}
	want := map[string]int{"page firing": 3, "slack firing": 3, "slack escalated": 3, "page resolved": 3, "slack resolved": 3}
	same(t, fmt.Sprintf("notices after %d kills", kills), kinds, want)
}

// life runs a process until it said so many lines, and kills it.
func life(t *testing.T, dir, url, from string, lines int) (ended bool, at string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], victimArg, dir, url, from)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at = from
	for said := bufio.NewScanner(out); said.Scan(); lines-- {
		line := said.Text()
		if rest, ok := strings.CutPrefix(line, "round "); ok {
			at = rest
		}
		if strings.HasPrefix(line, "error") {
			t.Fatalf("the process gave up: %s", line)
		}
		if _, err := in.Write([]byte{'\n'}); err != nil { // when it is the last line, the kill races with what comes next
			t.Fatal(err)
		}
		if ended = line == "end"; ended || lines <= 1 {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil && !ended {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	return ended, at
}
