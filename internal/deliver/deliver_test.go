package deliver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/metric"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// house is an installation whose mail provider and endpoints a test scripts.
type house struct {
	store   *store.Store
	deliver *deliver.Service
	runner  *job.Runner
	session *intake.Session

	mu     sync.Mutex
	now    time.Time
	answer func(m letter.Message, try int) error // of the provider; nil: takes everything
	tries  map[string]int                        // by idempotency key
	taken  []letter.Message
	posts  []post
	reply  func(try int) (int, error) // of endpoints
}

type post struct {
	endpoint, secret, id string
	body                 []byte
}

// newHouse has one finished interview, of the golden sessions.
func newHouse(tb testing.TB, name string, change ...func(*deliver.Config)) *house {
	tb.Helper()
	return houseOf(tb, interviewed(tb, name), change...)
}

// interviewed is one of the golden sessions, finished.
func interviewed(tb testing.TB, name string) *intake.Session {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("..", "scope", "testdata", "sessions", name+".json"))
	if err != nil {
		tb.Fatal(err)
	}
	sess := new(intake.Session)
	if err := json.Unmarshal(text, sess); err != nil {
		tb.Fatal(err)
	}
	sess.Status = intake.Completed
	return sess
}

// houseOf has one finished interview of any kind.
func houseOf(tb testing.TB, sess *intake.Session, change ...func(*deliver.Config)) *house {
	tb.Helper()
	h := &house{session: sess, tries: map[string]int{}}
	h.now = h.session.LastActivity.Add(time.Second)
	h.store = storetest.SQLite(tb, store.Config{Now: h.clock})
	cfg := deliverConfig(tb, h.store, h.clock)
	cfg.Send, cfg.Provider, cfg.Post = h.send, "scripted", h.post
	for _, c := range change {
		c(&cfg)
	}
	h.deliver = deliver.New(cfg)
	h.runner = job.New(job.Config{Store: h.store, Kinds: h.deliver.Kinds(), Now: h.clock})
	start := event.New(h.session.ID, 1, h.session.CreatedAt, event.SessionStart{WebsiteType: h.session.Client.WebsiteType, Timestamp: h.session.CreatedAt})
	if err := h.store.CreateSession(tb.Context(), h.session, []byte("hash"), intake.Turn{Events: []event.Event{start}}); err != nil {
		tb.Fatal(err)
	}
	return h
}

// deliverConfig is that of an installation with the documents of the product.
func deliverConfig(tb testing.TB, st *store.Store, now func() time.Time) deliver.Config {
	tb.Helper()
	cat, err := catalog.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return deliver.Config{
		Store: st, Catalog: cat, Keys: storetest.Keys(tb), Now: now, Base: func() string { return "https://intake.example" },
		Render: func(p proposal.Proposal) ([]byte, error) { return pdf.Render(p, pdf.Brand{Name: "Applicreations"}) },
		Agency: deliver.Agency{
			Scope: scope.Agency{Name: "Applicreations"}, Proposal: proposal.Agency{Name: "Applicreations"},
			Mail: letter.Agency{
				Name: "Applicreations", From: letter.Address{Name: "Introspect", Email: "introspect@applicreations.com"}, Team: letter.Address{Email: "david@applicreations.com"},
			},
		},
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) send(_ context.Context, m letter.Message, key string) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries[key]++
	if h.answer != nil {
		if err := h.answer(m, h.tries[key]); err != nil {
			return "", err
		}
	}
	h.taken = append(h.taken, m)
	return "provider-" + key, nil
}

func (h *house) post(_ context.Context, endpoint, secret, id string, _ time.Time, body []byte) (int, string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.posts = append(h.posts, post{endpoint, secret, id, body})
	if h.reply != nil {
		status, err := h.reply(len(h.posts))
		return status, "said", err
	}
	return 200, "thanks", nil
}

func (h *house) finish(tb testing.TB) {
	tb.Helper()
	if _, err := h.store.Enqueue(tb.Context(), h.deliver.Finished(h.session.ID)...); err != nil {
		tb.Fatal(err)
	}
	h.work(tb)
}

func (h *house) work(tb testing.TB) {
	tb.Helper()
	if _, err := h.runner.RunDue(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// mails maps the kind of each mail to its state.
func (h *house) mails(tb testing.TB) map[string]store.MailState {
	tb.Helper()
	list, err := h.store.Mails(tb.Context(), store.MailFilter{Session: h.session.ID})
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]store.MailState{}
	for _, m := range list {
		out[m.Kind] = m.State
	}
	return out
}

func (h *house) takenBy(email string) []letter.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []letter.Message
	for _, m := range h.taken {
		if m.To.Email == email {
			out = append(out, m)
		}
	}
	return out
}

// names lists the event names of the session, sorted.
func (h *house) names(t *testing.T) []string {
	t.Helper()
	evs, err := h.store.Events(t.Context(), h.session.ID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range evs {
		if e.Counted {
			out = append(out, string(e.Name))
		}
	}
	slices.Sort(out)
	return out
}

// ready makes the session one whose documents go out at once.
func ready(t *testing.T, h *house) {
	t.Helper()
	if d, err := h.store.Delivery(t.Context(), h.session.ID); err != nil || d.State != store.DeliverySent {
		t.Fatalf("delivery %+v, %v, want it sent at once", d, err)
	}
}

func TestAFinishedInterviewIsDelivered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "salon")
	if _, err := h.store.SaveWebhook(t.Context(), store.Webhook{URL: "https://crm.example/hook", Active: true, Secret: "whsec_x"}); err != nil {
		t.Fatal(err)
	}
	h.finish(t)
	h.finish(t) // asked twice, done once
	ready(t, h)
	for kind, head := range map[string]string{store.DocumentScope: "# Project Scope", store.DocumentProposal: "%PDF-"} {
		d, err := h.store.Document(t.Context(), h.session.ID, kind)
		if err != nil || !strings.HasPrefix(string(d.Data), head) || d.Score < 90 || d.Snapshot != scope.Snapshot(h.session) {
			t.Errorf("document %s: %q, score %d, %v", kind, d.Name, d.Score, err)
		}
	}
	client, team := h.takenBy(h.session.Client.Email), h.takenBy("david@applicreations.com")
	if len(client) != 1 || len(client[0].Attachments) != 1 || client[0].Attachments[0].Type != "application/pdf" ||
		!strings.Contains(client[0].Text, "https://intake.example"+h.deliver.ProposalPath(h.session.ID)) {
		t.Errorf("the client got %d mails", len(client))
	}
	if len(team) != 1 || len(team[0].Attachments) != 1 || !strings.HasSuffix(team[0].Attachments[0].Name, ".md") {
		t.Errorf("the team got %d mails", len(team))
	}
	if got := h.mails(t); len(got) != 2 || got["team"] != store.MailSent || got["client"] != store.MailSent {
		t.Errorf("mails %v, want two sent", got)
	}
	if got := strings.Join(h.names(t), " "); got != "document_generated emails_sent emails_sent session_start" {
		t.Errorf("events: %s", got)
	}
	if len(h.posts) != 1 || !strings.Contains(string(h.posts[0].body), `"type":"session.completed"`) || h.posts[0].secret != "whsec_x" ||
		strings.Contains(string(h.posts[0].body), h.session.Client.Email) {
		t.Errorf("webhooks: %v", h.posts)
	}
	storetest.NoDrift(t, h.store)
}

// TestWhatNeedsALookIsHeld: the team gets everything, the client nothing until
// a person releases it.
func TestWhatNeedsALookIsHeld(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "barely")
	h.finish(t)
	d, err := h.store.Delivery(t.Context(), h.session.ID)
	if err != nil || d.State != store.DeliveryHeld || len(d.Reasons) == 0 {
		t.Fatalf("delivery %+v, %v, want it held with reasons", d, err)
	}
	if got := h.mails(t); len(got) != 1 || got["team"] != store.MailSent {
		t.Errorf("mails %v, want only that to the team", got)
	}
	if team := h.takenBy("david@applicreations.com"); len(team) != 1 || !strings.Contains(team[0].Text, d.Reasons[0]) {
		t.Errorf("the team is not told why: %v", d.Reasons)
	}
	if err := h.deliver.Release(t.Context(), h.session.ID, "user-1"); err != nil {
		t.Fatal(err)
	}
	if err := h.deliver.Release(t.Context(), h.session.ID, "user-2"); !errors.Is(err, deliver.ErrNotHeld) {
		t.Errorf("released twice: %v", err)
	}
	h.work(t)
	if _, err := h.store.Document(t.Context(), h.session.ID, store.DocumentProposal); errors.Is(err, store.ErrNotFound) {
		if got := h.mails(t)["client"]; got == store.MailSent {
			t.Error("a proposal that does not exist was sent")
		}
		return
	}
	if n := len(h.takenBy(h.session.Client.Email)); n != 1 {
		t.Errorf("the client got %d mails after the release, want 1", n)
	}
	if err := h.deliver.WriteAgain(t.Context(), h.session.ID); err != nil {
		t.Fatal(err)
	}
	h.work(t)
	if n := len(h.takenBy(h.session.Client.Email)); n != 1 {
		t.Errorf("writing the documents again sent %d mails to the client", n)
	}
	if d, err := h.store.Delivery(t.Context(), h.session.ID); err != nil || d.State != store.DeliveryReleased || d.DecidedBy != "user-1" {
		t.Errorf("delivery %+v, %v, want it to stay released", d, err)
	}
}

// TestReleasedOrPutRight: of two people who release and put right the same
// session, having read it at the same moment, one comes too late; the client gets
// nothing that differs from the proposal on the web.
func TestReleasedOrPutRight(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "barely")
	h.finish(t)
	read := func() store.Record {
		t.Helper()
		rec, err := h.store.Session(t.Context(), h.session.ID)
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	mine, yours := read(), read()
	if err := h.store.CommitHeld(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if err := h.store.Release(t.Context(), yours, "user-1"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("what was put right after it was read is released: %v, want ErrConflict", err)
	}
	if d, err := h.store.Delivery(t.Context(), h.session.ID); err != nil || d.State != store.DeliveryHeld {
		t.Errorf("delivery %+v, %v, want it held", d, err)
	}
	mine, yours = read(), read()
	if err := h.store.Release(t.Context(), mine, "user-1"); err != nil {
		t.Fatal(err)
	}
	if err := h.store.CommitHeld(t.Context(), yours); !errors.Is(err, store.ErrState) {
		t.Errorf("what was released is put right: %v, want ErrState", err)
	}
	if now := read(); now.Version != yours.Version {
		t.Errorf("version %d, want %d: nothing may change", now.Version, yours.Version)
	}
}

// TestAProviderThatFails walks the answers of a mail provider.
func TestAProviderThatFails(t *testing.T) {
	t.Parallel()
	away := &letter.SendError{Status: 500, Reason: "internal error"}
	for _, tt := range []struct {
		name   string
		answer func(try int) error
		waits  []time.Duration
		state  store.MailState
		tries  int
	}{
		{"takes it", func(int) error { return nil }, nil, store.MailSent, 1},
		{"is away twice", func(try int) error {
			if try < 3 {
				return away
			}
			return nil
		}, []time.Duration{7 * time.Second, 32 * time.Second}, store.MailSent, 3},
		{"is away for good", func(int) error { return away }, []time.Duration{7 * time.Second, 32 * time.Second, 157 * time.Second, time.Hour}, store.MailFailed, 4},
		{"refuses the key", func(int) error {
			return &letter.SendError{Status: 401, Permanent: true, Reason: "key is wrong"}
		}, []time.Duration{time.Hour}, store.MailFailed, 1},
		{"asks to wait", func(try int) error {
			if try == 1 {
				return &letter.SendError{Status: 429, RetryAfter: time.Minute}
			}
			return nil
		}, []time.Duration{50 * time.Second, 11 * time.Second}, store.MailSent, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "salon")
			h.answer = func(m letter.Message, try int) error {
				if m.To.Email != h.session.Client.Email {
					return nil
				}
				return tt.answer(try)
			}
			h.finish(t)
			for _, wait := range tt.waits {
				h.wait(wait)
				h.work(t)
			}
			if got := h.mails(t)["client"]; got != tt.state {
				t.Errorf("the client's mail is %s, want %s", got, tt.state)
			}
			most := slices.Max([]int{h.most()})
			if most != tt.tries {
				t.Errorf("%d attempts, want %d", most, tt.tries)
			}
			if tt.state != store.MailFailed {
				return
			}
			h.mu.Lock()
			h.answer = nil
			h.mu.Unlock()
			mails, err := h.store.Mails(t.Context(), store.MailFilter{Session: h.session.ID, State: store.MailFailed})
			if err != nil || len(mails) != 1 || mails[0].Error == "" {
				t.Fatalf("failed mails %v, %v, want one with its reason", mails, err)
			}
			if err := h.deliver.Resend(t.Context(), mails[0].ID); err != nil {
				t.Fatal(err)
			}
			h.work(t)
			if n := len(h.takenBy(h.session.Client.Email)); n != 1 || h.mails(t)["client"] != store.MailSent {
				t.Errorf("after sending it by hand the client has %d mails, state %s", n, h.mails(t)["client"])
			}
		})
	}
}

// most is the largest number of attempts of one mail.
func (h *house) most() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	most := 0
	for _, n := range h.tries {
		most = max(most, n)
	}
	return most
}

// TestWithoutAProvider keeps mails for reading.
func TestWithoutAProvider(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "salon", func(c *deliver.Config) { c.Send, c.Provider = nil, "" })
	h.finish(t)
	list, err := h.store.Mails(t.Context(), store.MailFilter{Session: h.session.ID})
	if err != nil || len(list) != 2 {
		t.Fatalf("mails %v, %v, want two", list, err)
	}
	one, err := h.store.Mails(t.Context(), store.MailFilter{ID: list[0].ID})
	if err != nil || len(one) != 1 || one[0].Provider != deliver.Outbox || one[0].State != store.MailSent {
		t.Fatalf("mail %+v, %v", one, err)
	}
	var m letter.Message
	if err := json.Unmarshal(one[0].Message, &m); err != nil || m.Check() != nil || len(m.Attachments) != 1 {
		t.Errorf("the message cannot be read again: %v, %v", err, m.Check())
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "salon")
	h.finish(t)
	accept := store.Decision{Session: h.session.ID, Kind: store.DecisionAccepted, Text: "Maria Ortega"}
	if err := h.deliver.Decide(t.Context(), accept); err != nil {
		t.Fatal(err)
	}
	if err := h.deliver.Decide(t.Context(), accept); !errors.Is(err, store.ErrExists) {
		t.Errorf("accepted twice: %v, want ErrExists", err)
	}
	for range 2 {
		if err := h.deliver.Decide(t.Context(), store.Decision{Session: h.session.ID, Kind: store.DecisionQuestion, Text: "What about <b>photos</b>?"}); err != nil {
			t.Fatal(err)
		}
	}
	h.work(t)
	var subjects []string
	for _, m := range h.takenBy("david@applicreations.com") {
		subjects = append(subjects, m.Subject)
		if strings.Contains(m.HTML, "<b>photos") {
			t.Error("a client's words became HTML")
		}
	}
	if len(subjects) != 4 {
		t.Errorf("the team got %v, want the lead, one acceptance and two questions", subjects)
	}
	if got := strings.Join(h.names(t), " "); strings.Count(got, "proposal_accepted") != 1 || strings.Count(got, "proposal_question") != 2 {
		t.Errorf("events: %s", got)
	}
	list, err := h.store.Decisions(t.Context(), h.session.ID)
	if err != nil || len(list) != 3 || list[0].Text != "Maria Ortega" {
		t.Errorf("decisions %v, %v", list, err)
	}
	storetest.NoDrift(t, h.store)
}

func TestLinksOfProposals(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "salon")
	token := strings.TrimPrefix(h.deliver.ProposalPath(h.session.ID), "/proposal/")
	if id, ok := h.deliver.ProposalOf(token); !ok || id != h.session.ID {
		t.Fatalf("ProposalOf(%s) = %s, %v", token, id, ok)
	}
	for i := range token {
		for _, b := range []byte{'A', '.', '/', 0} {
			forged := token[:i] + string(b) + token[i+1:]
			if id, ok := h.deliver.ProposalOf(forged); ok && forged != token && id != h.session.ID {
				t.Errorf("forged token %q opens %s", forged, id)
			}
		}
	}
	for _, other := range []string{"", ".", string(h.session.ID), string(h.session.ID) + ".", "x" + token} {
		if _, ok := h.deliver.ProposalOf(other); ok {
			t.Errorf("%q opens a proposal", other)
		}
	}
}

// TestWebhooks walks what endpoints answer, and whom they are told of.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "salon")
	var ids []string
	for _, w := range []store.Webhook{
		{URL: "https://all.example", Active: true, Secret: "a"},
		{URL: "https://paused.example", Secret: "b"},
		{URL: "https://other.example", Active: true, Events: []string{"session.abandoned"}, Secret: "c"},
	} {
		id, err := h.store.SaveWebhook(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	h.reply = func(try int) (int, error) {
		if try < 3 {
			return 503, &letter.SendError{Status: 503}
		}
		return 204, nil
	}
	h.finish(t)
	for _, wait := range []time.Duration{7 * time.Second, 400 * time.Second} {
		h.wait(wait)
		h.work(t)
	}
	if len(h.posts) != 3 || h.posts[0].endpoint != "https://all.example" || h.posts[0].id != h.posts[2].id {
		t.Fatalf("posts %v, want three attempts under one id to one endpoint", h.posts)
	}
	jobs, err := h.store.Jobs(t.Context(), store.JobFilter{Kinds: []string{deliver.KindWebhook}})
	if err != nil || len(jobs) != 1 || jobs[0].State != store.JobDone || !strings.Contains(string(jobs[0].Result), "204") {
		t.Errorf("delivery log %v, %v", jobs, err)
	}
	if err := h.deliver.Ping(t.Context(), ids[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Enqueue(t.Context(), h.deliver.Abandoned(h.session.ID)...); err != nil {
		t.Fatal(err)
	}
	if err := h.store.DeleteWebhook(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	h.work(t)
	var told []string
	for _, p := range h.posts[3:] {
		told = append(told, p.endpoint)
	}
	slices.Sort(told)
	if fmt.Sprint(told) != "[https://other.example https://paused.example]" {
		t.Errorf("told %v, want the test of one and the news of the other", told)
	}
}

// TestTheFunnelSeesTheDelivery: the last stages are reached.
func TestTheFunnelSeesTheDelivery(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "salon")
	h.finish(t)
	day := metric.DayBucket(h.session.CreatedAt, time.UTC)
	rows, err := h.store.Rollups(t.Context(), []metric.Range{{Tier: metric.Day, Metric: metric.Funnel, Dimension: metric.All, From: day, To: day}})
	if err != nil || len(rows) != 1 || rows[0].Vector[7] != 1 || rows[0].Vector[8] != 1 {
		t.Errorf("funnel %v, %v, want documents and mails of one session", rows, err)
	}
}

// TestADocumentThatCannotBeDrawn is tried again, and nothing is sent meanwhile.
func TestADocumentThatCannotBeDrawn(t *testing.T) {
	t.Parallel()
	works := false
	h := newHouse(t, "salon", func(c *deliver.Config) {
		draw := c.Render
		c.Render = func(p proposal.Proposal) ([]byte, error) {
			if !works {
				return nil, errors.New("no room")
			}
			return draw(p)
		}
	})
	h.finish(t)
	if n := len(h.mails(t)); n != 0 {
		t.Errorf("%d mails before there are documents", n)
	}
	works = true
	h.wait(10 * time.Second)
	h.work(t)
	if got := h.mails(t); got["client"] != store.MailSent || got["team"] != store.MailSent {
		t.Errorf("mails %v after there is room, want both sent", got)
	}
}
