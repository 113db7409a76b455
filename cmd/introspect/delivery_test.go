package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

const deliverySecret = "a secret of the delivery test, good for nothing else"

// resendBox speaks the part of the Resend API that sends, as the vendor does: a
// key that comes again brings the same answer and no second mail. Every third
// new mail is refused at first.
type resendBox struct {
	mu       sync.Mutex
	seen     int
	taken    map[string]string // by key: the recipient
	refused  map[string]int    // by key
	repeated int
	accepted chan struct{} // one signal for each mail
}

func (m *resendBox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/emails" {
		return // the health check
	}
	var mail struct{ To []string }
	if err := json.NewDecoder(r.Body).Decode(&mail); err != nil || len(mail.To) != 1 || r.Header.Get("Authorization") != "Bearer re_test" {
		http.Error(w, `{"name":"validation_error","message":"not a mail"}`, http.StatusUnprocessableEntity)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen++
	key := r.Header.Get("Idempotency-Key")
	_, known := m.taken[key]
	if known {
		m.repeated++
	} else if m.seen%3 == 0 && m.refused[key] < 2 { // not so often that it is given up
		m.refused[key]++
		http.Error(w, `{"name":"internal_server_error","message":"try again"}`, http.StatusInternalServerError)
		return
	}
	to, err := netmail.ParseAddress(mail.To[0])
	if err != nil {
		http.Error(w, `{"name":"validation_error","message":"no address"}`, http.StatusUnprocessableEntity)
		return
	}
	m.taken[key] = to.Address
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"id":"re-%s"}`, key)
	if !known {
		m.accepted <- struct{}{}
	}
}

// TestDeliverySurvivesKills kills the real program again and again while it
// delivers finished interviews through a mail vendor that fails now and then.
// Everybody gets one mail.
func TestDeliverySurvivesKills(t *testing.T) {
	t.Parallel()
	const sessions = 6
	dir := t.TempDir()
	prepare(t, dir, sessions)
	box := &resendBox{taken: map[string]string{}, refused: map[string]int{}, accepted: make(chan struct{}, 100)}
	vendor := httptest.NewServer(box)
	t.Cleanup(vendor.Close)
	bin := build(t)
	for round := 0; ; round++ {
		cmd := exec.CommandContext(t.Context(), bin, "serve", "--port", "0", "--host", "127.0.0.1", "--data-dir", dir) // #nosec G204 -- built above
		cmd.Env = []string{"HOME=" + dir, "ENCRYPTION_KEY=" + deliverySecret, "RESEND_API_KEY=re_test", "RESEND_BASE_URL=" + vendor.URL, "LOG_LEVEL=error"}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		box.mu.Lock()
		missing := 2*sessions - len(box.taken)
		box.mu.Unlock()
		for range min(missing, 1+round%3) {
			<-box.accepted
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
		if missing == 0 {
			break
		}
	}
	check(t, dir, sessions, box, vendor.URL, bin)
}

// prepare stores finished interviews with the work that their end enqueued.
func prepare(t *testing.T, dir string, n int) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "internal", "scope", "testdata", "sessions", "salon.json"))
	if err != nil {
		t.Fatal(err)
	}
	st := deliveryStore(t, dir)
	for i := range n {
		sess := new(intake.Session)
		if err := json.Unmarshal(text, sess); err != nil {
			t.Fatal(err)
		}
		sess.ID, sess.Status = event.SessionID(fmt.Sprintf("finished-%d", i)), intake.Completed
		sess.Client.Email = fmt.Sprintf("client-%d@example.com", i)
		start := event.New(sess.ID, 1, sess.CreatedAt, event.SessionStart{WebsiteType: "business", Timestamp: sess.CreatedAt})
		if err := st.CreateSession(t.Context(), sess, []byte("hash"), intake.Turn{Events: []event.Event{start}}); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Enqueue(t.Context(), store.NewJob{Kind: deliver.KindDocuments, Key: "documents/" + string(sess.ID), Session: sess.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func deliveryStore(t *testing.T, dir string) *store.Store {
	t.Helper()
	keys, err := seal.NewKeyring(deliverySecret)
	if err != nil {
		t.Fatal(err)
	}
	return storetest.SQLite(t, store.Config{Path: filepath.Join(dir, store.FileName), Keys: keys})
}

// check lets the program finish, and looks at what everybody got.
func check(t *testing.T, dir string, sessions int, box *resendBox, vendor, bin string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, "serve", "--port", "0", "--host", "127.0.0.1", "--data-dir", dir) // #nosec G204 -- built before
	cmd.Env = []string{"HOME=" + dir, "ENCRYPTION_KEY=" + deliverySecret, "RESEND_API_KEY=re_test", "RESEND_BASE_URL=" + vendor, "LOG_LEVEL=error"}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	st := deliveryStore(t, dir)
	for {
		counts, err := st.JobCounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if counts[store.JobWaiting]+counts[store.JobRunning] == 0 {
			break
		}
		<-time.After(20 * time.Millisecond) // another process, which has no channel
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // killed
	got := map[string]int{}
	for _, to := range box.taken {
		got[to]++
	}
	if got["david@applicreations.com"] != sessions || len(got) != sessions+1 {
		t.Errorf("mails by recipient: %v, want one to each client and %d to the team", got, sessions)
	}
	for i := range sessions {
		id := event.SessionID(fmt.Sprintf("finished-%d", i))
		mails, err := st.Mails(t.Context(), store.MailFilter{Session: id})
		if err != nil || len(mails) != 2 || mails[0].State != store.MailSent || mails[1].State != store.MailSent || got[fmt.Sprintf("client-%d@example.com", i)] != 1 {
			t.Errorf("mails of %s: %+v, %v", id, mails, err)
		}
		evs, err := st.Events(t.Context(), id)
		names := map[string]int{}
		for _, e := range evs {
			names[string(e.Name)]++
		}
		if err != nil || names["emails_sent"] != 2 || names["document_generated"] != 1 {
			t.Errorf("events of %s: %v, %v", id, names, err)
		}
		if pdf, err := st.Document(t.Context(), id, store.DocumentProposal); err != nil || !strings.HasPrefix(string(pdf.Data), "%PDF-") {
			t.Errorf("proposal of %s: %v", id, err)
		}
	}
	storetest.NoDrift(t, st)
	t.Logf("%d requests, %d of them repeated a mail that was taken", box.seen, box.repeated)
}
