package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/store"
)

// Taken tells a channel that somebody took an episode on, so that it stops calling
// others. Telling it twice must do nothing.
type Taken func(ctx context.Context, id alert.EpisodeID) (answer string, err error)

// Answer is what a channel said the last time that it was told something.
type Answer struct {
	At       time.Time `json:"at"`
	Accepted bool      `json:"accepted"`
	Text     string    `json:"text"` // its own words, or why there are none
}

// ChannelView is a channel that is set up.
type ChannelView struct {
	Name  alert.Channel
	Roles []alert.Channel // the names of rules that it stands behind, in order
	Quiet bool            // nobody reads it at once
	Last  Answer          // zero: it was never told anything
}

// Tally counts the attempts to tell a channel of one kind of notice, and the
// notices that were over before it took them.
type Tally struct {
	Channel                    alert.Channel
	Kind                       alert.NoticeKind
	Accepted, Refused, Dropped int64
	Took                       time.Duration // from the making of what was accepted, together
}

// tallies count since the start of the process.
type tallies struct {
	sync.Mutex
	list map[told]Tally
}

type told struct {
	channel alert.Channel
	kind    alert.NoticeKind
}

func (t *tallies) add(c alert.Channel, kind alert.NoticeKind, count func(*Tally)) {
	t.Lock()
	defer t.Unlock()
	if t.list == nil {
		t.list = map[told]Tally{}
	}
	n := t.list[told{c, kind}]
	count(&n)
	t.list[told{c, kind}] = n
}

// Tallies counts the attempts to tell each channel since the start, in order. The
// beginnings are there from the start, other kinds once there was one.
func (s *Service) Tallies() []Tally {
	s.counts.Lock()
	defer s.counts.Unlock()
	var out []Tally
	for _, c := range s.Channels() {
		for _, kind := range []alert.NoticeKind{alert.KindFiring, alert.KindReminder, alert.KindEscalated, alert.KindResolved, alert.KindMissed} {
			n, was := s.counts.list[told{c, kind}]
			if n.Channel, n.Kind = c, kind; was || kind == alert.KindFiring {
				out = append(out, n)
			}
		}
	}
	return out
}

// maxAnswer is how much of an answer is kept, in characters.
const maxAnswer = 200

// answerPrefix and the name of a channel are the setting that holds its answer.
const answerPrefix = "alert_answer/"

// heed keeps the answer of a channel for people to see. It is no part of the
// delivery: where the database is away the answer is lost and the alert is not.
func (s *Service) heed(ctx context.Context, p alert.Parcel, answer string, err error) {
	c := p.Channel
	s.counts.add(c, p.Kind, func(t *Tally) {
		if err != nil {
			t.Refused++
			return
		}
		t.Accepted++
		t.Took += max(0, s.cfg.Now().Sub(p.Made()))
	})
	a := Answer{At: s.cfg.Now().UTC(), Accepted: err == nil, Text: letter.Line(answer, maxAnswer)}
	if err != nil {
		a.Text = letter.Line(err.Error(), maxAnswer)
	}
	text, err := json.Marshal(a)
	if err == nil {
		// The attempt may have used up its time, and its end is still worth knowing.
		err = s.cfg.Store.SetSetting(context.WithoutCancel(ctx), answerPrefix+string(c), string(text))
	}
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "the answer of a channel was not kept", "channel", string(c), "error", err)
	}
}

// ChannelViews lists the channels that are set up with their last answers, in
// order.
func (s *Service) ChannelViews(ctx context.Context) ([]ChannelView, error) {
	var out []ChannelView
	for _, c := range s.Channels() {
		v := ChannelView{Name: c, Roles: s.roles(c), Quiet: !s.read(c)}
		text, err := s.cfg.Store.Setting(ctx, answerPrefix+string(c))
		if err == nil {
			err = json.Unmarshal([]byte(text), &v.Last)
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("read the last answer of channel %s: %w", c, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// roles are the names that rules use for a channel.
func (s *Service) roles(c alert.Channel) (out []alert.Channel) {
	for _, name := range slices.Sorted(maps.Keys(s.cfg.Routes)) {
		if slices.Contains(s.cfg.Routes[name], c) {
			out = append(out, name)
		}
	}
	return out
}

// takenWork is the payload of the job that tells a channel of a hand.
type takenWork struct {
	Channel alert.Channel
	Episode alert.EpisodeID
}

// spread makes the jobs that tell those channels of a hand that were told of the
// episode.
func (s *Service) spread(ctx context.Context, e store.AlertEpisode) error {
	if len(s.cfg.Taken) == 0 {
		return nil
	}
	told, err := s.cfg.Store.EpisodeNotices(ctx, e.ID)
	if err != nil {
		return err
	}
	var jobs []store.NewJob
	for _, c := range slices.Sorted(maps.Keys(s.cfg.Taken)) {
		if !slices.ContainsFunc(told, func(n store.AlertNotice) bool { return n.Channel == c }) {
			continue
		}
		payload, err := json.Marshal(takenWork{c, e.ID})
		if err != nil {
			return fmt.Errorf("encode who is told of a hand: %w", err)
		}
		jobs = append(jobs, store.NewJob{Kind: KindTaken, Key: "taken/" + string(e.ID) + "/" + string(c), Payload: payload, Due: s.cfg.Now()})
	}
	_, err = s.cfg.Store.Enqueue(ctx, jobs...)
	return err
}

// tellTaken tells a channel that somebody took a trouble on.
func (s *Service) tellTaken(ctx context.Context, t *job.Task) (store.Effects, error) {
	var w takenWork
	if err := json.Unmarshal(t.Payload, &w); err != nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("read the work of %s: %w", t.Key, err), Permanent: true}
	}
	tell := s.cfg.Taken[w.Channel]
	if tell == nil {
		return store.Effects{}, &job.Failure{Err: fmt.Errorf("channel %s is not set up any more", w.Channel), Permanent: true}
	}
	answer, err := tell(ctx, w.Episode)
	if err != nil {
		return store.Effects{}, refused(err)
	}
	return store.Effects{Result: []byte(answer)}, nil
}
