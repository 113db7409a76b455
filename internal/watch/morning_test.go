package watch_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// mailed is a world in a zone that sends mails, and the list of those.
func mailed(t *testing.T, zone string, begin time.Time) (*world, *[]letter.Message) {
	t.Helper()
	w := newWorld(t, plainRule("load", alert.Info, "digest"), plainRule("page", alert.Warning, "email"))
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	var sent []letter.Message
	seen := map[string]bool{}
	w.cfg.Zone, w.now = loc, begin
	w.cfg.Mail = func(_ context.Context, m letter.Message, key string) (string, error) {
		if err := m.Check(); err != nil {
			t.Errorf("mail %q cannot leave: %v", m.Subject, err)
		}
		if !seen[key] {
			sent = append(sent, m)
		}
		seen[key] = true
		return "id-1", nil
	}
	w.start()
	return w, &sent
}

// The digest comes at nine on the clock on the wall, whatever the clocks do.
func TestDigestAtNine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone  string
		begin, want time.Time
	}{
		{"in winter", "America/Los_Angeles", time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC)},
		{"on the day of 25 hours", "America/Los_Angeles", time.Date(2026, 11, 1, 7, 30, 0, 0, time.UTC), time.Date(2026, 11, 1, 17, 0, 0, 0, time.UTC)},
		{"on the day of 23 hours", "America/Los_Angeles", time.Date(2026, 3, 8, 8, 30, 0, 0, time.UTC), time.Date(2026, 3, 8, 16, 0, 0, 0, time.UTC)},
		{"in Berlin on the day of 23 hours", "Europe/Berlin", time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC), time.Date(2026, 3, 29, 7, 0, 0, 0, time.UTC)},
		{"in Berlin on the day of 25 hours", "Europe/Berlin", time.Date(2026, 10, 24, 23, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 8, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, sent := mailed(t, c.zone, c.begin)
			w.level["load"] = 20
			for len(*sent) == 0 && w.now.Before(c.begin.Add(36*time.Hour)) {
				w.step(5 * time.Minute)
			}
			if !w.now.Equal(c.want) {
				t.Errorf("the digest came at %s, want %s", w.now, c.want)
			}
			if len(*sent) > 0 && !strings.Contains((*sent)[0].Text, "Too much load") {
				t.Errorf("the digest names no news:\n%s", (*sent)[0].Text)
			}
		})
	}
}

func TestDigestOnceADay(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "UTC", noon()) // nine has passed: today's is made at once
	w.step(0)
	w.level["load"] = 20
	w.steps(10 * time.Minute)
	if len(*sent) != 0 {
		t.Fatalf("%d mails without any news at nine, want none", len(*sent))
	}
	w.start()
	w.steps(10 * time.Minute)
	if len(*sent) != 0 {
		t.Fatalf("%d mails after a restart, want the news to wait for the next morning", len(*sent))
	}
	for w.now.Before(noon().Add(24 * time.Hour)) {
		w.step(5 * time.Minute)
	}
	if len(*sent) != 1 || !strings.Contains((*sent)[0].Text, "Too much load") {
		t.Fatalf("%d mails after the next morning, want the news once", len(*sent))
	}
}

// A morning on which the provider is away is not lost: the mail leaves later.
func TestDigestIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "UTC", noon())
	well, fails := w.cfg.Mail, 2
	w.cfg.Mail = func(ctx context.Context, m letter.Message, key string) (string, error) {
		if fails--; fails >= 0 {
			return "", &letter.SendError{Status: 503}
		}
		return well(ctx, m, key)
	}
	w.start()
	w.step(0)
	w.level["load"] = 20
	for range 24 * 12 {
		w.step(5 * time.Minute)
	}
	if fails >= 0 || len(*sent) != 1 || !strings.Contains((*sent)[0].Text, "Too much load") {
		t.Errorf("%d mails with %d refusals left, want the news after two", len(*sent), max(0, fails))
	}
}

// The mail of a morning is about the day before, and about nothing of today.
func TestMailOfTheDayBefore(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "UTC", time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)) // a Wednesday
	var list []store.Incoming
	for id, at := range map[event.SessionID]time.Time{
		"before-1": time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), "before-2": time.Date(2026, 11, 24, 23, 59, 0, 0, time.UTC),
		"long-ago": time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC), "today": time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC),
	} {
		list = append(list, store.Incoming{Event: event.New(id, 1, at, event.SessionStart{WebsiteType: "business", Timestamp: at})})
	}
	if _, err := w.store.Record(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for w.now.Before(time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)) {
		w.step(10 * time.Minute)
	}
	if len(*sent) != 1 || (*sent)[0].Subject != "Interviews of Tuesday, November 24, 2026" || !strings.Contains((*sent)[0].Text, "Sessions started: 2") {
		t.Errorf("%d mails, want one of yesterday with two sessions", len(*sent))
	}
}

// A mailbox that is taken away before the mail left has heard nothing: the news are
// given up and not called told.
func TestNewsOfAMailboxThatIsGone(t *testing.T) {
	t.Parallel()
	w, _ := mailed(t, "UTC", time.Date(2026, 11, 24, 8, 50, 0, 0, time.UTC))
	w.cfg.Mail = func(context.Context, letter.Message, string) (string, error) {
		return "", &letter.SendError{Status: 503}
	}
	w.start()
	w.level["load"] = 20
	w.steps(15 * time.Minute)
	id := w.watch.Board().Firing()[0].States[0].State.Episode.ID
	w.cfg.Mail = nil
	w.start()
	w.steps(2 * time.Hour)
	list, err := w.store.EpisodeNotices(t.Context(), id)
	if err != nil || len(list) == 0 || list[0].Channel != watch.Digest || list[0].Outcome != store.NoticeDead {
		t.Errorf("notices = %+v, %v; want that the first was given up", list, err)
	}
}

// Where a channel takes the news of a morning, it hears of them at nine, and the
// mail, without figures, has nothing to tell. Without a mailbox it goes there alone.
func TestDigestThroughAChannel(t *testing.T) {
	t.Parallel()
	for _, mailbox := range []bool{true, false} {
		w, sent := mailed(t, "UTC", time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
		w.cfg.Channels[watch.Digest] = w.receive
		if !mailbox {
			w.cfg.Mail = nil
		}
		fails := 1
		w.deny = func(alert.Parcel) error {
			if fails--; fails >= 0 {
				return &letter.SendError{Status: 503}
			}
			return nil
		}
		w.start()
		w.level["load"] = 20
		w.steps(50 * time.Minute)
		same(t, "told before nine", w.heard(), []string(nil))
		w.steps(20 * time.Minute)
		same(t, "told at nine", w.heard(), []string{"digest firing load"})
		if len(*sent) != 0 {
			t.Errorf("%d mails, want none: the channel has the news, and there are no figures", len(*sent))
		}
		w.steps(time.Hour)
		same(t, "told later", w.heard(), []string{"digest firing load"})
	}
}

// The news that a channel took are not told again when only the mail of that
// morning failed.
func TestDigestIsToldOnceWhenTheMailFails(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "UTC", time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC))
	w.cfg.Channels[watch.Digest] = w.receive
	well, fails := w.cfg.Mail, 2
	w.cfg.Mail = func(ctx context.Context, m letter.Message, key string) (string, error) {
		if fails--; fails >= 0 {
			return "", &letter.SendError{Status: 503}
		}
		return well(ctx, m, key)
	}
	yesterday := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	started := store.Incoming{Event: event.New("session-1", 1, yesterday, event.SessionStart{WebsiteType: "business", Timestamp: yesterday})}
	if _, err := w.store.Record(t.Context(), []store.Incoming{started}); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.level["load"] = 20
	for range 24 {
		w.step(5 * time.Minute)
	}
	if fails >= 0 || len(*sent) != 1 || strings.Contains((*sent)[0].Text, "Too much load") {
		t.Errorf("%d mails with %d refusals left, want that of the figures after two", len(*sent), max(0, fails))
	}
	same(t, "told", w.heard(), []string{"digest firing load"})
	same(t, "attempts to tell", w.tries, 1)
}

func TestMailsOfFigures(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "UTC", time.Date(2026, 5, 31, 23, 0, 0, 0, time.UTC)) // a Monday, the first, comes next
	at := time.Date(2026, 5, 29, 12, 0, 0, 0, time.UTC)
	var list []store.Incoming
	for i, p := range []event.Payload{
		event.LandingView{Source: "ads"},
		event.SessionStart{WebsiteType: "business", Timestamp: at},
		event.NewFeaturesRecommended([]string{"booking", "blog"}, "professional", 6500, 11), event.NewFeaturesSelected([]string{"booking"}, []string{"blog"}, 5250),
		event.NewSessionComplete(21, time.Hour, 96),
	} {
		list = append(list, store.Incoming{Event: event.New("visit-1", i+1, at.Add(time.Duration(i)*time.Minute), p)})
	}
	if _, err := w.store.Record(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for w.now.Before(time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)) {
		w.step(10 * time.Minute)
	}
	var subjects []string
	for _, m := range *sent {
		subjects = append(subjects, m.Subject)
	}
	same(t, "mails", subjects, []string{"Interviews of the week, May 25 to 31, 2026", "Interviews of May 2026"})
	if len(*sent) == 2 {
		for _, want := range []string{"Projects: 1", "Value of the projects: $5,250", "Value in the 31 days before: $0"} {
			if !strings.Contains((*sent)[1].Text, want) {
				t.Errorf("the mail of the month lacks %q:\n%s", want, (*sent)[1].Text)
			}
		}
		if want := "Questions a session: 21.0"; !strings.Contains((*sent)[0].Text, want) {
			t.Errorf("the mail of the week lacks %q:\n%s", want, (*sent)[0].Text)
		}
	}
}

func TestMailOfAnAlert(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "Europe/Berlin", noon())
	w.level["page"] = 20
	w.steps(time.Minute)
	if len(*sent) != 1 {
		t.Fatalf("%d mails, want one", len(*sent))
	}
	m := (*sent)[0]
	for _, want := range []string{"Too much page", "20 (alerts at 10)", "13:00 CET", "https://example.com/alerts/ack?token=", "https://example.com/admin/runbook#test"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, m.Text)
		}
	}
}

// A mail says which of several the trouble is about: at once, and in the morning.
func TestMailsSayWhere(t *testing.T) {
	t.Parallel()
	w, sent := mailed(t, "UTC", noon())
	of := func(context.Context, alert.Rule, time.Time) ([]alert.Reading, error) {
		return []alert.Reading{{Value: w.level["load"], Labels: map[string]string{"feature": "booking"}}}, nil
	}
	w.cfg.Sources["load"], w.cfg.Sources["page"] = of, of
	w.start()
	w.step(0)
	w.level["load"] = 20
	for range 24 {
		w.step(time.Hour)
	}
	if len(*sent) < 2 {
		t.Fatalf("%d mails, want that of the alert and that of the morning", len(*sent))
	}
	for i, want := range []string{"Where: feature booking", "Too much load (feature booking): 20"} {
		if !slices.ContainsFunc(*sent, func(m letter.Message) bool { return strings.Contains(m.Text, want) }) {
			t.Errorf("no mail says %q; mail %d is\n%s", want, i, (*sent)[i].Text)
		}
	}
}
