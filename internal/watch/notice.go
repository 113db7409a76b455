package watch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/morning"
	"applicreations.com/introspect/internal/store"
)

// The kinds of jobs.
const (
	KindNotice = "notice"        // tells a parcel
	KindUrgent = "notice_urgent" // the same, more often
	KindTaken  = "notice_taken"  // tells a channel that somebody took an episode on
)

// Kinds tells a runner how to do the jobs of this package.
func (s *Service) Kinds() map[string]job.Kind {
	return map[string]job.Kind{
		KindNotice:   {Handle: s.deliver, Timeout: sendLimit, Backoff: patient()},
		KindUrgent:   {Handle: s.deliver, Timeout: sendLimit, Backoff: urgent()},
		morning.Kind: {Handle: s.mailOfTheMorning, Timeout: time.Minute, Backoff: patient()},
		KindTaken:    {Handle: s.tellTaken, Timeout: sendLimit, Backoff: urgent()},
	}
}

// sendLimit is how long a channel may take.
const sendLimit = 20 * time.Second

// patient is the schedule of Standard Webhooks.
func patient() []time.Duration {
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	}
}

// urgent tries for an hour.
func urgent() []time.Duration {
	list := []time.Duration{5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	for sum := 9 * time.Minute; sum < time.Hour; sum += 5 * time.Minute {
		list = append(list, 5*time.Minute)
	}
	return list
}

// deliver tells one parcel. Its receipt is stored with the end of the job.
func (s *Service) deliver(ctx context.Context, t *job.Task) (store.Effects, error) {
	var p alert.Parcel
	if err := json.Unmarshal(t.Payload, &p); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read notice %s: %w", t.Key, err), Permanent: true}
	}
	tell := s.channels[p.Channel]
	if tell == nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("channel %s is not set up any more; nobody was told of %s", p.Channel, p.Headline()), Permanent: true}
	}
	left, dropped := s.remaining(ctx, t, p)
	if len(left.Notices) == 0 {
		return store.Effects{Result: []byte("nobody was told: it was over before anybody could be"), Dropped: dropped}, nil
	}
	answer, err := s.attempt(ctx, t, func(ctx context.Context) (string, error) { return tell(ctx, left) })
	s.heed(ctx, left, answer, err)
	if err != nil {
		return store.Effects{}, refused(err)
	}
	return store.Effects{Result: []byte(answer), Accepted: alert.Key(t.Key), Dropped: dropped}, nil
}

// mailOfTheMorning writes the mail of a morning.
func (s *Service) mailOfTheMorning(ctx context.Context, t *job.Task) (store.Effects, error) {
	done, err := s.mornings.Handle(ctx, t)
	if err != nil {
		return store.Effects{}, refused(err)
	}
	return done, nil
}

// Channels lists the channels that can be told, in order.
func (s *Service) Channels() []alert.Channel { return slices.Sorted(maps.Keys(s.channels)) }

// Test sends a notice that means nothing to a channel, through the same way as
// any other, and returns the key of its job, whose result is the answer.
func (s *Service) Test(ctx context.Context, c alert.Channel) (key string, err error) {
	if s.channels[c] == nil {
		return "", fmt.Errorf("there is no channel %q; set up are %v: %w", c, s.Channels(), store.ErrNotFound)
	}
	now := s.cfg.Now().UTC()
	id := alert.EpisodeID(fmt.Sprintf("test-%d", now.UnixMilli()))
	n := alert.Notice{
		Key: alert.Key(fmt.Sprintf("%s/%s/firing/1", id, c)), Kind: alert.KindFiring, Episode: id, Channel: c, N: 1, Rule: "test", Version: 1,
		Severity: alert.Info, Title: "TEST: alerts reach this channel", Group: "test", Runbook: "alerts", From: now, At: now,
		Detail: "nothing is wrong", Reason: "somebody tried the channel",
	}
	work, err := parcelJob(alert.Together([]alert.Notice{n})[0], now)
	if err == nil {
		_, err = s.cfg.Store.Enqueue(ctx, work)
	}
	return work.Key, err
}

// refused turns a channel's error into advice for the runner.
func refused(err error) error {
	f := &job.Failure{Err: err}
	if errors.As(err, &f) {
		return f // advice already
	}
	var refusal *letter.SendError
	if errors.As(err, &refusal) {
		f.Permanent, f.After = refusal.Permanent, refusal.RetryAfter
	}
	return f
}

// logging is the channel of an installation that has no other.
func logging(log *slog.Logger) Channel {
	return func(ctx context.Context, p alert.Parcel) (string, error) {
		log.WarnContext(ctx, "alert", "key", string(p.Key), "kind", string(p.Kind), "severity", string(p.Severity), "text", p.Headline())
		return "written to the log", nil
	}
}

// mailTo is the channel to a mailbox. The mails of one episode form a thread.
func (s *Service) mailTo(to letter.Address) Channel {
	return func(ctx context.Context, p alert.Parcel) (string, error) {
		note := letter.Alert{ID: morning.MailID(string(p.Key)), To: to, Title: p.Headline(), Admin: s.cfg.Base() + "/admin/alerts"}
		for _, n := range p.Notices {
			line := letter.AlertLine{Title: n.Title, Where: n.Where(), Detail: n.Detail, Reason: n.Reason, From: n.From.In(s.cfg.Zone), To: inZone(n.To, s.cfg.Zone), Page: s.cfg.Base() + "/admin/alerts/" + string(n.Rule)}
			if n.Runbook != "" {
				line.Guide = cmp.Or(s.cfg.Guide, s.cfg.Base()+"/admin/runbook") + "#" + url.PathEscape(n.Runbook)
			}
			if len(n.Causes) > 0 {
				line.Cause = s.cfg.Base() + "/admin/sessions/" + url.PathEscape(n.Causes[0])
			}
			if !p.Kind.Ends() {
				line.Ack = s.cfg.Base() + s.AckPath(n.Episode, n.At)
			}
			note.Lines = append(note.Lines, line)
		}
		if len(p.Notices) > 0 {
			note.Thread = morning.MailID(string(p.Notices[0].Episode))
		}
		id, err := s.cfg.Mail(ctx, letter.Alerted(s.cfg.Agency, note), note.ID)
		if err != nil {
			return "", err
		}
		return "taken by the mail provider as " + id, nil
	}
}

// inZone is a time in a zone; none stays none.
func inZone(t time.Time, zone *time.Location) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(zone)
}

// fallbackAfter is how long a critical alert may reach nobody.
const fallbackAfter = time.Minute

// fallBack tells somebody else of critical troubles that no channel took.
func (s *Service) fallBack(ctx context.Context, now time.Time) {
	m := &s.mem
	for _, r := range m.rules {
		for _, st := range m.states {
			if st.Rule != r.ID || r.Severity != alert.Critical || !s.unheard(st.State.Episode, now) || m.fallen[st.State.Episode.ID] {
				continue
			}
			if err := s.fallBackFor(ctx, r, st.State, now); err != nil {
				return // the database is away, and everybody is told directly
			}
			m.fallen[st.State.Episode.ID] = true
		}
	}
	for _, e := range m.pending.Episodes {
		s.fallBackOver(ctx, e, now)
	}
	s.settleLate(ctx, now)
	s.sparePagers(ctx)
}

// unheard reports whether an episode has reached nobody for too long.
func (s *Service) unheard(o *alert.Open, now time.Time) bool {
	return o != nil && !o.TellAt.IsZero() && now.Sub(o.TellAt) >= fallbackAfter &&
		!slices.ContainsFunc(o.Told, func(t alert.Told) bool { return !t.Arrived.IsZero() && s.read(t.Channel) })
}

func (s *Service) fallBackFor(ctx context.Context, r alert.Rule, st alert.State, now time.Time) error {
	told, err := s.cfg.Store.EpisodeNotices(ctx, st.Episode.ID)
	if err != nil {
		return err
	}
	for _, c := range s.cfg.Fallback {
		if s.channels[c] != nil && !slices.ContainsFunc(told, func(n store.AlertNotice) bool { return n.Channel == c }) {
			s.mem.pending.Notices = append(s.mem.pending.Notices, fallbackNotice(r, st, c, alert.KindFiring, now))
		}
	}
	return nil
}

// fallbackKey is the name of a notice that went another way.
func fallbackKey(id alert.EpisodeID, c alert.Channel, kind alert.NoticeKind) alert.Key {
	return alert.Key(fmt.Sprintf("%s/%s/fallback_%s/1", id, c, kind))
}

func fallbackNotice(r alert.Rule, st alert.State, c alert.Channel, kind alert.NoticeKind, now time.Time) alert.Notice {
	return alert.Notice{
		Key: fallbackKey(st.Episode.ID, c, kind), Kind: kind, Episode: st.Episode.ID, Channel: c, N: 1, Rule: r.ID, Version: r.Version,
		Fingerprint: st.Fingerprint, Severity: r.Severity, Title: r.Title, Group: r.Group, Runbook: r.Runbook, Labels: st.Labels,
		Causes: st.Episode.Causes, From: st.Episode.From, At: now, Detail: st.Detail, Reason: "no other channel took it within a minute",
	}
}

// fallBackOver tells the end to who heard of the beginning that way.
func (s *Service) fallBackOver(ctx context.Context, e store.AlertEpisode, now time.Time) {
	if e.Severity != alert.Critical || e.To.Sub(e.From) < fallbackAfter { // it is open, or was over before anybody fell back
		return
	}
	told, err := s.cfg.Store.EpisodeNotices(ctx, e.ID)
	if err != nil {
		return // the database is away; the page shows the end
	}
	for _, n := range told {
		if fellBack(n) && n.Outcome == store.NoticeAccepted {
			s.endFallback(n.Notice, alert.KindResolved, "", e.To, now)
		}
	}
}

// tellDirectly tells what is critical while the database cannot be written: there
// is no outbox then, and this is what people most need to hear. It is told under
// the same key when the database is back, so that nobody hears it twice.
func (s *Service) tellDirectly(ctx context.Context, now time.Time) {
	var list []alert.Notice
	for _, n := range s.mem.pending.Notices {
		if _, told := s.mem.direct[n.Key]; !told && n.Severity == alert.Critical && !s.isVoid(n) {
			list = append(list, n)
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, p := range alert.Together(list) {
		tell := s.channels[p.Channel]
		if tell == nil {
			continue
		}
		wg.Go(func() {
			limited, cancel := context.WithTimeout(ctx, sendLimit/2)
			defer cancel()
			if _, err := tell(limited, p); err != nil {
				s.cfg.Log.ErrorContext(ctx, "an alert could not be told, and the database cannot keep it; it is tried again", "channel", string(p.Channel), "alert", p.Headline(), "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, r := range p.Receipts(now, false) {
				s.mem.direct[r.Key] = r
			}
		})
	}
	wg.Wait()
}
