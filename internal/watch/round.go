package watch

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/status"
	"applicreations.com/introspect/internal/store"
)

// early is how much sooner than it should a rule may be measured, because rounds
// come at their own times.
const early = time.Second

// evaluate measures what is due and moves every state. Rules come after those
// that inhibit them.
func (s *Service) evaluate(ctx context.Context, now time.Time) {
	m := &s.mem
	m.env.Now, m.env.Firing, m.env.Receipts = now, map[alert.RuleID]bool{}, nil
	m.firing = map[alert.RuleID]int{}
	for _, st := range m.states {
		if st.State.Fires() {
			m.firing[st.Rule]++
			m.env.Firing[st.Rule] = true
		}
	}
	waiting := s.receipts()
	known := map[alert.RuleID]bool{}
	byRule := map[alert.RuleID][]alert.Fingerprint{}
	for f, st := range m.states {
		byRule[st.Rule] = append(byRule[st.Rule], f)
	}
	for _, r := range m.rules {
		if s.sources[r.Metric] == nil {
			continue // nothing measures it here, and its page says so
		}
		known[r.ID] = true
		s.rule(ctx, r, byRule[r.ID], waiting, now)
	}
	for _, f := range slices.Sorted(maps.Keys(m.states)) {
		if st := m.states[f]; !known[st.Rule] {
			s.forget(st, now)
		}
	}
}

// receipts are what became of notices, by the states that wait for them. Those
// of states that are no more are taken in at once.
func (s *Service) receipts() map[alert.Fingerprint][]alert.Receipt {
	m := &s.mem
	m.pending.Receipts = nil
	out := map[alert.Fingerprint][]alert.Receipt{}
	add := func(f alert.Fingerprint, r alert.Receipt) {
		if _, known := m.states[f]; known {
			out[f] = append(out[f], r)
		} else {
			m.pending.Receipts = append(m.pending.Receipts, r)
		}
	}
	for _, n := range m.notices {
		if n.Outcome != "" {
			add(n.Fingerprint, alert.Receipt{Key: n.Key, At: n.KnownAt, Dead: n.Outcome == store.NoticeDead, Dropped: n.Outcome == store.NoticeDropped, Unsure: n.Unsure})
		}
	}
	for _, n := range m.pending.Notices {
		if r, told := m.direct[n.Key]; told {
			add(n.Fingerprint, r)
		}
	}
	return out
}

// rule evaluates one rule for all its labels. One that is not due moves only
// where something is open or became known.
func (s *Service) rule(ctx context.Context, r alert.Rule, states []alert.Fingerprint, waiting map[alert.Fingerprint][]alert.Receipt, now time.Time) {
	m := &s.mem
	source := s.sources[r.Metric]
	if len(states) == 0 && !r.Enabled {
		return
	}
	last, before := m.measured[r.ID]
	due := !before || now.Sub(last) >= r.Every.Long()-early || now.Before(last)
	for _, f := range states {
		st := m.states[f].State
		due = due || len(waiting[f]) > 0 && !repeats(st) || st.RuleVersion != r.Version
	}
	slices.Sort(states)
	if !due {
		s.again(r, states, waiting, now)
		return
	}
	m.measured[r.ID] = now
	for _, in := range s.measure(ctx, r, source, states, now) {
		if r.Enabled {
			s.keeper.Note(r.ID, alert.FingerprintOf(r.ID, in.Labels), in, false)
		}
		s.move(r, in, waiting, now)
	}
}

// again moves what moves by the clock, on the reading before.
func (s *Service) again(r alert.Rule, states []alert.Fingerprint, waiting map[alert.Fingerprint][]alert.Receipt, now time.Time) {
	for _, f := range states {
		st := s.mem.states[f].State
		if !repeats(st) {
			continue
		}
		if st.Phase == alert.Flapping { // others keep their phase until they are measured
			s.keeper.Note(r.ID, f, alert.Reading{}, true)
		}
		s.move(r, s.kept(f), waiting, now)
	}
}

// kept is the last reading of a state, and no data after a restart.
func (s *Service) kept(f alert.Fingerprint) alert.Reading {
	if in, known := s.mem.readings[f]; known {
		return in
	}
	return alert.Reading{Labels: s.mem.states[f].State.Labels, NoData: true}
}

// repeats reports whether a state moves without a new reading: what fires is
// escalated and repeated by the clock.
func repeats(st alert.State) bool { return st.Phase == alert.Firing || st.Phase == alert.Flapping }

// measure reads a rule's figures, with the steady reading of the round. Labels that are known and have none any more
// are measured as no data, so that what is open there does not look well.
func (s *Service) measure(ctx context.Context, r alert.Rule, source gauge.Source, states []alert.Fingerprint, now time.Time) []alert.Reading {
	var list []alert.Reading
	var err error
	if r.Enabled {
		list, err = source(ctx, r, s.mem.clock)
	}
	if err != nil {
		list = nil
		if len(states) == 0 {
			list = []alert.Reading{{Err: err.Error()}}
		}
	}
	seen := map[alert.Fingerprint]bool{}
	for i := range list {
		list[i].At, list[i].Last = now, list[i].Last.Truncate(time.Millisecond)
		seen[alert.FingerprintOf(r.ID, list[i].Labels)] = true
	}
	for _, f := range states {
		if seen[f] {
			continue
		}
		in := alert.Reading{At: now, Labels: s.mem.states[f].State.Labels, NoData: true}
		if err != nil {
			in.NoData, in.Err = false, err.Error()
		}
		list = append(list, in)
	}
	return list
}

// move evaluates one fingerprint and notes what came of it.
func (s *Service) move(r alert.Rule, in alert.Reading, waiting map[alert.Fingerprint][]alert.Receipt, now time.Time) {
	m := &s.mem
	f := alert.FingerprintOf(r.ID, in.Labels)
	old := m.states[f].State
	env := m.env
	env.Receipts = waiting[f]
	m.pending.Receipts = append(m.pending.Receipts, waiting[f]...)
	delete(waiting, f)
	next, notices := alert.Evaluate(r, old, in, env)
	m.readings[f] = in
	m.states[f] = store.AlertState{Rule: r.ID, State: next}
	m.pending.Notices = append(m.pending.Notices, notices...)
	s.episodes(r, old, next, now)
	for _, n := range notices {
		s.draft(n)
	}
	if old.Fires() {
		m.firing[r.ID]--
	}
	if next.Fires() {
		m.firing[r.ID]++
	}
	m.env.Firing[r.ID] = m.firing[r.ID] > 0
	if text := essence(next); text != m.saved[f] {
		m.saved[f] = text
		if m.stuck { // the database may not have taken the one before
			m.pending.States = slices.DeleteFunc(m.pending.States, func(st store.AlertState) bool { return st.State.Fingerprint == f })
		}
		m.pending.States = append(m.pending.States, m.states[f])
	}
}

// essence is what must be stored of a state. Every round has its time, which by
// itself changes nothing.
func essence(st alert.State) string {
	st.At = time.Time{}
	text, err := st.Encode()
	if err != nil {
		return string(st.Phase)
	}
	return string(text)
}

// episodes keeps the history in step with a state.
func (s *Service) episodes(r alert.Rule, old, next alert.State, now time.Time) {
	m := &s.mem
	if old.Episode != nil && (next.Episode == nil || next.Episode.ID != old.Episode.ID) {
		e := episodeOf(r, old, old.Episode)
		e.To = now
		m.pending.Episodes = append(m.pending.Episodes, e)
		delete(m.fallen, e.ID)
	}
	if next.Episode != nil && (old.Episode == nil || next.Episode.ID != old.Episode.ID) {
		e := episodeOf(r, next, next.Episode)
		e.Told = now
		m.pending.Episodes = append(m.pending.Episodes, e)
	}
}

// draft prepares an incident for the status page when people are told that
// something critical is wrong. What is silenced, or explained by another trouble,
// is told to nobody and drafts nothing.
func (s *Service) draft(n alert.Notice) {
	if n.Kind != alert.KindFiring || n.Severity != alert.Critical {
		return
	}
	i := status.Drafted(string(n.Rule), n.Title, n.Group, n.From.In(s.cfg.Zone))
	list := &s.mem.pending.Incidents
	if !slices.ContainsFunc(*list, func(d status.Incident) bool { return d.Cause == i.Cause }) {
		*list = append(*list, i)
	}
}

func episodeOf(r alert.Rule, st alert.State, o *alert.Open) store.AlertEpisode {
	return store.AlertEpisode{
		ID: o.ID, Rule: r.ID, Fingerprint: st.Fingerprint, Severity: r.Severity, From: o.From,
		Title: r.Title, Detail: st.Detail, Labels: st.Labels, Causes: o.Causes,
	}
}

// forget ends what is open of a rule that is no more, and drops its state.
func (s *Service) forget(st store.AlertState, now time.Time) {
	m, f := &s.mem, st.State.Fingerprint
	gone := alert.Rule{ID: st.Rule, Severity: alert.Info, Title: string(st.Rule)}
	next, notices := alert.Evaluate(gone, st.State, alert.Reading{Labels: st.State.Labels}, m.env)
	m.pending.Notices = append(m.pending.Notices, notices...)
	s.episodes(gone, st.State, next, now)
	delete(m.states, f)
	delete(m.saved, f)
	delete(m.readings, f)
	m.pending.Drop = append(m.pending.Drop, f)
}

// commit stores the round. What the database does not take stays for the next.
func (s *Service) commit(ctx context.Context, now time.Time) error {
	m := &s.mem
	s.fallBack(ctx, now)
	m.pending.Void = s.void()
	if err := s.pack(ctx, now); err != nil {
		m.stuck = true
		s.tellDirectly(ctx, now)
		return err
	}
	for _, n := range m.pending.Notices {
		if r, told := m.direct[n.Key]; told {
			m.pending.Receipts = append(m.pending.Receipts, r)
		}
	}
	c := m.pending
	some := len(c.States)+len(c.Episodes)+len(c.Notices)+len(c.Jobs)+len(c.Receipts)+len(c.Drop)+len(c.Void) > 0
	if c.Readings, c.Forget = s.keeper.Changes(now, some); !some && len(c.Readings) == 0 {
		return nil
	}
	if err := s.cfg.Store.SaveAlerts(ctx, c); err != nil {
		m.pending.Jobs, m.pending.Parcels = nil, nil // made anew from the notices
		m.stuck = true
		s.tellDirectly(ctx, now)
		return err
	}
	s.countDropped(c.Receipts)
	m.pending, m.stuck = store.AlertChange{}, false
	s.keeper.Stored(now, c.Forget)
	clear(m.direct)
	return nil
}

// unpacked are the notices that no job sends yet.
func (s *Service) unpacked() []alert.Notice {
	var out []alert.Notice
	known := make(map[alert.Key]bool, len(s.mem.notices))
	for _, n := range s.mem.notices {
		known[n.Key] = true
		if n.Parcel == "" && n.Outcome == "" && !s.isVoid(n.Notice) {
			out = append(out, n.Notice)
		}
	}
	for _, n := range s.mem.pending.Notices {
		_, told := s.mem.direct[n.Key]
		if !told && !known[n.Key] && !s.isVoid(n) {
			out = append(out, n)
		}
	}
	return out
}

// pack makes the jobs of the parcels whose time has come.
func (s *Service) pack(ctx context.Context, now time.Time) error {
	m := &s.mem
	m.pending.Parcels = map[alert.Key][]alert.Key{}
	m.pending.Jobs = nil
	var rest, digest []alert.Notice
	for _, n := range s.unpacked() {
		if n.Channel == Digest {
			digest = append(digest, n)
		} else {
			rest = append(rest, n)
		}
	}
	for _, p := range alert.Together(rest) {
		// A round that comes a moment too soon must not cost another one, and a clock
		// that was set back no hour.
		if p.After.After(now.Add(early)) && !p.Made().After(now) {
			continue
		}
		job, err := parcelJob(p, now)
		if err != nil {
			return err
		}
		pend(&m.pending, job, p.Notices)
	}
	mails, err := s.mornings.Due(ctx, digest, now)
	for _, mail := range mails {
		pend(&m.pending, mail.NewJob, mail.Notices)
	}
	return err
}

// parcelJob is the durable work of telling a parcel.
func parcelJob(p alert.Parcel, now time.Time) (store.NewJob, error) {
	payload, err := json.Marshal(p)
	kind := KindNotice
	if p.Severity == alert.Critical {
		kind = KindUrgent
	}
	return store.NewJob{Kind: kind, Key: "notice/" + string(p.Key), Payload: payload, Due: now}, err
}

// pend adds the job that sends notices.
func pend(c *store.AlertChange, job store.NewJob, notices []alert.Notice) {
	c.Jobs = append(c.Jobs, job)
	for _, n := range notices {
		c.Parcels[alert.Key(job.Key)] = append(c.Parcels[alert.Key(job.Key)], n.Key)
	}
}

// ticked is the round before this one: when it is too long ago, nothing was
// watched meanwhile.
func (s *Service) ticked(_ context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	last := s.mem.tick
	if last.IsZero() {
		last = now
	}
	return []alert.Reading{{Last: gauge.Ago(now, last)}}, nil
}
