package watch_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/watch"
)

// mailing is a provider that keeps what it takes.
type mailing struct {
	mu    sync.Mutex
	mails []letter.Message
}

func (m *mailing) send(_ context.Context, mail letter.Message, _ string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mails = append(m.mails, mail)
	return "mail-1", nil
}

// A rule names roles; the installation says who stands behind them, and each
// hears of it once.
func TestRoutes(t *testing.T) {
	t.Parallel()
	r := plainRule("load", alert.Critical, "page", "chat")
	r.Tell.Escalation = []alert.Step{
		{After: alert.Duration(5 * time.Minute), Channels: []alert.Channel{"lead"}}, {After: alert.Duration(15 * time.Minute), Channels: []alert.Channel{"cto"}},
	}
	w, box := newWorld(t, r), new(mailing)
	w.cfg.Mail = box.send
	w.cfg.Channels["discord"] = w.receive
	w.cfg.Routes = map[alert.Channel][]alert.Channel{"page": {"page", "slack"}, "chat": {"slack", "discord", "teams"}, "lead": {"lead_mail"}}
	w.cfg.People = map[alert.Channel]letter.Address{"lead_mail": {Email: "lead@example.com"}}
	w.start()
	w.level["load"] = 20
	w.steps(time.Minute)
	same(t, "told first", w.heard(), []string{"discord firing load", "page firing load", "slack firing load"})
	w.steps(16 * time.Minute)
	if len(box.mails) != 1 || box.mails[0].To.Email != "lead@example.com" {
		t.Fatalf("%d mails %+v, want one to the lead; nobody is set up as cto", len(box.mails), box.mails)
	}
	w.level["load"] = 0
	w.steps(time.Minute)
	if len(box.mails) != 2 || box.mails[0].Headers.Thread == "" || box.mails[0].Headers.Thread != box.mails[1].Headers.Thread {
		t.Errorf("%d mails, want the end in the thread of the beginning: %+v", len(box.mails), box.mails)
	}
}

// What reaches nobody who reads it at once goes to the mailbox, too, and a
// quiet channel that took a critical alert does not hold the fallback back.
func TestQuietChannels(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t, plainRule("load", alert.Critical, "slack")), new(mailing)
	w.cfg.Mail, w.cfg.Quiet = box.send, []alert.Channel{"slack"}
	w.start()
	w.level["load"] = 20
	w.steps(time.Minute)
	same(t, "told", w.heard(), []string{"slack firing load"})
	if len(box.mails) != 1 {
		t.Errorf("%d mails, want one beside the quiet channel", len(box.mails))
	}

	w, box = newWorld(t, plainRule("load", alert.Critical, "page", "slack")), new(mailing)
	w.cfg.Mail, w.cfg.Quiet = box.send, []alert.Channel{"slack"}
	w.start()
	w.deny = func(p alert.Parcel) error {
		if p.Channel == "page" {
			return &letter.SendError{Status: 503}
		}
		return nil
	}
	w.level["load"] = 20
	w.steps(2 * time.Minute)
	same(t, "told while the page fails", w.heard(), []string{"slack firing load"})
	if len(box.mails) != 1 {
		t.Errorf("%d mails, want the fallback", len(box.mails))
	}
}

// Every channel shows what it said last, whatever process told it.
func TestLastAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Warning, "page"), plainRule("disk", alert.Warning, "slack"))
	w.cfg.Routes = map[alert.Channel][]alert.Channel{"night": {"page"}}
	w.start()
	w.deny = func(p alert.Parcel) error {
		if p.Channel == "slack" {
			return &letter.SendError{Status: 404, Permanent: true, Reason: "no_service\n" + strings.Repeat("x", 999)}
		}
		return nil
	}
	w.level["load"], w.level["disk"] = 20, 20
	w.steps(time.Minute)
	told := w.now
	w.start()
	views, err := w.watch.ChannelViews(t.Context())
	if err != nil || len(views) != 3 {
		t.Fatalf("ChannelViews() = %+v, %v; want log, page and slack", views, err)
	}
	if l, p, s := views[0], views[1], views[2]; !l.Last.At.IsZero() || !p.Last.Accepted || p.Last.Text != "ok" || p.Last.At.After(told) || len(p.Roles) != 1 ||
		s.Last.Accepted || !strings.Contains(s.Last.Text, "no_service") || len(s.Last.Text) > 220 {
		t.Errorf("ChannelViews() = %+v", views)
	}
}

// Who takes a trouble on here stops the calls of the channels that call by
// themselves, once they were told, and once.
func TestTakenIsToldToThePager(t *testing.T) {
	t.Parallel()
	w := newWorld(t, plainRule("load", alert.Critical, "page"))
	var took []alert.EpisodeID
	fails := 2
	w.cfg.Taken = map[alert.Channel]watch.Taken{
		"page": func(_ context.Context, id alert.EpisodeID) (string, error) {
			if fails--; fails >= 0 {
				return "", errors.New("not now")
			}
			took = append(took, id)
			return "ok", nil
		},
	}
	for _, c := range []alert.Channel{"cto", "slack"} { // before and after the page
		w.cfg.Taken[c] = func(context.Context, alert.EpisodeID) (string, error) {
			t.Errorf("%s was not told of the trouble, and was told that it is taken", c)
			return "", nil
		}
	}
	w.start()
	w.level["load"] = 20
	w.steps(time.Minute)
	st := w.watch.Board().Firing()[0].States[0].State
	for _, snooze := range []time.Duration{time.Hour, 0, 0} { // putting it off is not taking it on
		if err := w.watch.Acknowledge(t.Context(), st.Episode.ID, "Ana", snooze); err != nil {
			t.Fatal(err)
		}
	}
	w.steps(2 * time.Minute)
	same(t, "taken", took, []alert.EpisodeID{st.Episode.ID})
}
