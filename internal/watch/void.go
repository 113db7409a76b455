package watch

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
)

// void are the notices that nobody has to be told any more. The store drops them
// with the states of the round, and the states learn of it as of any outcome
// (docs/adr/0035).
func (s *Service) void() (out []alert.Key) {
	for _, n := range s.mem.notices {
		inMail := n.Channel == Digest && n.Parcel != "" // which tells what was, and not what is
		if n.Outcome == "" && !inMail && s.isVoid(n.Notice) {
			out = append(out, n.Key)
		}
	}
	for _, n := range s.mem.pending.Notices {
		if _, told := s.mem.direct[n.Key]; !told && s.isVoid(n) {
			out = append(out, n.Key)
		}
	}
	return out
}

// isVoid reports whether a notice says what is not so any more: its trouble is
// over, or it says that nobody took it on and somebody did.
func (s *Service) isVoid(n alert.Notice) bool {
	if n.Kind.Ends() {
		return false
	}
	o := s.openOf(n)
	return o == nil || n.Kind == alert.KindEscalated && o.Acked != "" && o.Until.IsZero()
}

// openOf is the episode of a notice, nil when it is over.
func (s *Service) openOf(n alert.Notice) *alert.Open {
	o := s.mem.states[n.Fingerprint].State.Episode
	if o == nil || o.ID != n.Episode {
		return nil
	}
	return o
}

// countDropped counts what the states learned to be dropped.
func (s *Service) countDropped(list []alert.Receipt) {
	dropped := map[alert.Key]bool{}
	for _, r := range list {
		dropped[r.Key] = r.Dropped
	}
	for _, n := range s.mem.notices {
		if dropped[n.Key] {
			s.counts.add(n.Channel, n.Kind, func(t *Tally) { t.Dropped++ })
		}
	}
}

// remaining is what of a parcel is still to be told. An attempt whose end nobody
// knows is repeated whole, because the receiver knows it by its key.
func (s *Service) remaining(ctx context.Context, t *job.Task, p alert.Parcel) (left alert.Parcel, dropped []alert.Key) {
	keys := make([]alert.Key, len(p.Notices))
	for i, n := range p.Notices {
		keys[i] = n.Key
	}
	void, err := s.cfg.Store.VoidNotices(ctx, keys)
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "it is not known which notices are of use; all of them are told", "parcel", string(p.Key), "error", err)
		return p, nil
	}
	if len(void) == 0 || t.Job.Stage == store.StageSending && len(void) < len(keys) {
		return p, nil
	}
	return p.Without(void), slices.DeleteFunc(keys, func(k alert.Key) bool { return !void[k] })
}

// refusedStage is the stage of a job whose attempts all met a clear no.
const refusedStage = "refused"

// attempt tells somebody, and notes before and after it whether the message may
// have arrived. A note that fails holds no alert back.
func (s *Service) attempt(ctx context.Context, t *job.Task, tell func(context.Context) (string, error)) (answer string, err error) {
	before := t.Job.Stage
	if err := t.Stage(store.StageSending); errors.Is(err, store.ErrLost) {
		return "", err
	} else if err != nil {
		s.cfg.Log.WarnContext(ctx, "it was not noted that somebody is being told", "job", t.Key, "error", err)
	}
	answer, err = tell(ctx)
	if before != store.StageSending && surelyNot(err) {
		if err := t.Stage(refusedStage); err != nil {
			s.cfg.Log.WarnContext(ctx, "a refusal was not noted; its end is told all the same", "job", t.Key, "error", err)
		}
	}
	return answer, err
}

// surelyNot reports whether an error says that nothing arrived: the other side
// refused it, or was not reached.
func surelyNot(err error) bool {
	var refusal *letter.SendError
	if errors.As(err, &refusal) && (refusal.Part || refusal.Refused()) {
		return !refusal.Part
	}
	var line *net.OpError
	return errors.As(err, &line) && line.Op == "dial"
}

// fellBack reports whether a notice is the beginning that went another way.
func fellBack(n store.AlertNotice) bool {
	return n.Key == fallbackKey(n.Episode, n.Channel, alert.KindFiring)
}

// endFallback tells the end to who was to hear of the beginning that way.
func (s *Service) endFallback(n alert.Notice, kind alert.NoticeKind, reason string, to, now time.Time) {
	n.Key, n.Kind, n.To, n.At, n.Reason = fallbackKey(n.Episode, n.Channel, kind), kind, to, now, reason
	if !slices.ContainsFunc(s.mem.pending.Notices, func(p alert.Notice) bool { return p.Key == n.Key }) {
		s.mem.pending.Notices = append(s.mem.pending.Notices, n)
	}
}

// settleLate ends what went another way and became known after its end. Who took
// it hears of the end; when nobody heard of it at all, it is told once.
func (s *Service) settleLate(ctx context.Context, now time.Time) {
	for _, n := range s.mem.notices {
		if n.Outcome == "" || !fellBack(n) || s.openOf(n.Notice) != nil {
			continue
		}
		told, err := s.cfg.Store.EpisodeNotices(ctx, n.Episode)
		list, err2 := s.cfg.Store.Episodes(ctx, store.EpisodeFilter{ID: n.Episode})
		if err != nil || err2 != nil || len(list) == 0 {
			return // the database is away; the page shows the end
		}
		switch {
		case n.Outcome == store.NoticeAccepted || n.Unsure:
			s.endFallback(n.Notice, alert.KindResolved, "it was over before the notice of it arrived", list[0].To, now)
		case !slices.ContainsFunc(told, s.heardBy(nil)):
			s.endFallback(n.Notice, alert.KindMissed, "it was over before this could be told", list[0].To, now)
		}
	}
}

// heardBy finds a notice that a person has read, or one of those channels will
// bring.
func (s *Service) heardBy(others []alert.Channel) func(store.AlertNotice) bool {
	return func(n store.AlertNotice) bool {
		return s.read(n.Channel) && (n.Outcome == store.NoticeAccepted || slices.Contains(others, n.Channel))
	}
}

// sparePagers keeps what nobody heard of from channels that call people: there is
// nothing to be called for. Where no other channel of the rule tells it, whoever
// hears of what nobody else can be told does.
func (s *Service) sparePagers(ctx context.Context) {
	list := s.mem.pending.Notices
	s.mem.pending.Notices = nil
	for _, n := range list {
		if n.Kind != alert.KindMissed || s.cfg.Taken[n.Channel] == nil {
			s.mem.pending.Notices = append(s.mem.pending.Notices, n)
			continue
		}
		told, err := s.cfg.Store.EpisodeNotices(ctx, n.Episode)
		if err != nil || !slices.ContainsFunc(told, s.heardBy(s.chats(n.Rule))) {
			s.mem.pending.Notices = append(s.mem.pending.Notices, n.Via(s.standard()))
		}
	}
}

// chats are the channels of a rule that people read and that call nobody.
func (s *Service) chats(id alert.RuleID) []alert.Channel {
	at := slices.IndexFunc(s.mem.rules, func(r alert.Rule) bool { return r.ID == id })
	if at < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.mem.rules[at].Tell.Channels), func(c alert.Channel) bool { return s.cfg.Taken[c] != nil })
}
