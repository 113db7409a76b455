package alert

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"applicreations.com/introspect/internal/alert/condition"
)

// Evaluate moves the state of one fingerprint by one reading, and returns the
// notices that are due. It is deterministic and changes nothing it was given.
//
// The state must be the one that it returned last for the same rule and labels,
// or empty. Commit it together with the notices: what is lost of both at once is
// made again by the next evaluation.
func Evaluate(rule Rule, state State, reading Reading, env Env) (State, []Notice) {
	env.Now = env.Now.UTC().Round(0)
	e := evaluation{r: &rule, in: &reading, env: &env, s: state.clone()}
	e.begin()
	e.receive()
	e.move()
	if e.s.Episode != nil {
		e.tell()
	} else {
		e.s.Muted = ""
	}
	return e.s, e.out
}

// Describe says what the rule makes of a reading, for a page that shows it.
func Describe(rule Rule, reading Reading, now time.Time) (text string, side Side) {
	f := rule.judge(&reading, now)
	if f.Side != "" {
		return sideWords(f.Side, &reading), f.Side
	}
	return rule.When.Words(f), ""
}

func sideWords(side Side, in *Reading) string {
	switch side {
	case condition.NoData:
		return "there are no figures"
	case condition.Broken:
		return "it could not be measured: " + cmp.Or(in.Err, "the figure is not a number")
	case condition.Insufficient:
	}
	return "too little was counted to judge"
}

// When a trouble counts as flapping, and how that ends.
const (
	flapTurns  = 4
	flapWithin = time.Hour
	flapStable = 30 * minute
	flapRepeat = time.Hour
)

// evaluation is one call of Evaluate.
type evaluation struct {
	r   *Rule
	in  *Reading
	env *Env
	s   State
	out []Notice

	elapsed time.Duration // since the last evaluation
	ticked  int           // 1, or 0 for a second look at the same instant
	flapped bool          // the episode began to flap just now
}

func (e *evaluation) begin() {
	s, now := &e.s, e.env.Now
	if !s.Phase.known() || s.Phase.open() != (s.Episode != nil) { // no state of ours; it must not panic on it
		s.Phase, s.Episode = Inactive, nil
	}
	if s.Fingerprint == "" {
		s.Fingerprint = FingerprintOf(e.r.ID, e.in.Labels)
		s.Labels = maps.Clone(e.in.Labels)
	}
	switch {
	case s.At.IsZero():
		e.ticked = 1
	case now.Before(s.At):
		s.shift(now.Sub(s.At))
	case now.After(s.At):
		e.elapsed, e.ticked = now.Sub(s.At), 1
	}
	s.At, s.RuleVersion = now, e.r.Version
}

// receive notes what became of the notices. Who heard of an episode that is over
// hears of its end then.
func (e *evaluation) receive() {
	for _, r := range e.env.Receipts {
		r.At = earlier(r.At.UTC().Round(0), e.env.Now)
		if e.s.Episode != nil {
			for i := range e.s.Episode.Told {
				e.s.Episode.Told[i].note(r)
			}
		}
		for i := range e.s.Closed {
			for j := range e.s.Closed[i].Told {
				e.s.Closed[i].Told[j].note(r)
			}
		}
	}
	for i := range e.s.Closed {
		e.settle(&e.s.Closed[i])
	}
	e.s.Closed = slices.DeleteFunc(e.s.Closed, func(c Closed) bool { return len(c.Told) == 0 })
	if len(e.s.Closed) == 0 {
		e.s.Closed = nil
	}
}

// settle tells the end to each channel of which nothing is under way any more,
// and forgets it.
func (e *evaluation) settle(c *Closed) {
	known := slices.ContainsFunc(c.Told, Told.heard)
	c.Told = slices.DeleteFunc(c.Told, func(t Told) bool {
		if len(t.Waiting) > 0 {
			return false
		}
		switch {
		case t.heard():
			reason := c.Why
			if t.Arrived.After(c.To) {
				reason = "it was over before the notice of it arrived"
			}
			e.out = append(e.out, e.ending(KindResolved, c, t.Channel, reason))
		case e.r.Severity == Critical && t.Firing > 0:
			e.out = append(e.out, e.ending(KindMissed, c, t.Channel, c.unheard()))
		case e.r.Severity != Critical && e.env.Summary != "" && !known && !c.Summed:
			c.Summed = true
			e.out = append(e.out, e.ending(KindMissed, c, e.env.Summary, c.unheard()))
		}
		return true
	})
}

// unheard says why there is one notice instead of a beginning and an end.
func (c *Closed) unheard() string {
	switch {
	case c.Why != "":
		return c.Why
	case c.Acked != "":
		return "it was over before this could be told; " + c.Acked + " had taken it on"
	}
	return "it was over by itself before this could be told"
}

// ending is a notice about what is over.
func (e *evaluation) ending(kind NoticeKind, c *Closed, to Channel, reason string) Notice {
	n := e.notice(kind, c.ID, c.From, to, 1, reason)
	n.To = c.To
	if kind == KindMissed { // whose reader never saw the trouble
		n.Detail = cmp.Or(c.Detail, n.Detail)
	}
	return n
}

// note takes a receipt in, if it was waited for.
func (t *Told) note(r Receipt) {
	at := slices.Index(t.Waiting, r.Key)
	if at < 0 {
		return
	}
	t.Waiting = slices.Delete(t.Waiting, at, at+1)
	if len(t.Waiting) == 0 {
		t.Waiting = nil
	}
	switch {
	case r.Dropped:
	case r.Dead:
		t.Failed = later(t.Failed, r.At)
	default:
		t.Arrived = later(t.Arrived, r.At)
	}
	t.Unsure = t.Unsure || r.Unsure
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// move takes the state to its next phase.
func (e *evaluation) move() {
	if !e.r.Enabled {
		if e.s.Episode != nil {
			e.end("the rule was disabled")
		}
		e.enter(Inactive)
		e.s.Side, e.s.SideSince, e.s.Detail = "", time.Time{}, ""
		return
	}
	found := e.find()
	if found == condition.Unknown {
		e.hold()
		return
	}
	e.step(found)
	if e.s.Phase == Inactive {
		e.s.Detail = ""
	}
}

func (e *evaluation) step(found condition.Truth) {
	switch e.s.Phase {
	case Inactive, Resolved:
		if found == condition.There {
			e.enter(Pending)
			e.count(Pending)
		}
	case Pending:
		if found == condition.There {
			e.count(Pending)
		} else {
			e.enter(Inactive)
		}
	case Firing:
		if found == condition.Gone {
			e.enter(Recovering)
			e.count(Recovering)
		}
	case Recovering:
		if found == condition.Gone {
			e.count(Recovering)
		} else {
			e.enter(Firing)
		}
	case Flapping:
		e.flap(found)
	}
}

// find judges the reading. It returns Unknown where the state is to stay.
func (e *evaluation) find() condition.Truth {
	f := e.r.judge(e.in, e.env.Now)
	side := f.Side
	if side == "" {
		e.s.Side, e.s.SideSince = "", time.Time{}
		if f.Truth == condition.There || e.s.Phase != Inactive {
			e.s.Detail = e.r.When.Words(f)
		}
		return f.Truth
	}
	if e.s.Side == "" || (e.s.Side == condition.Insufficient) != (side == condition.Insufficient) {
		e.s.SideSince = e.env.Now
	}
	e.s.Side = side
	policy := e.r.NoData
	switch side {
	case condition.Insufficient:
		return condition.Unknown
	case condition.Broken:
		policy = e.r.OnError
	case condition.NoData:
	}
	switch {
	case policy.Policy == Fine:
		return condition.Gone
	case policy.Policy == Alarm && e.env.Now.Sub(e.s.SideSince) >= policy.After.Long():
		e.s.Detail = fmt.Sprintf("%s for %s", sideWords(side, e.in), Duration(e.env.Now.Sub(e.s.SideSince).Truncate(time.Second)))
		return condition.There
	}
	return condition.Unknown
}

// hold keeps the phase. Time without figures counts for nothing: neither does
// the trouble hold in it, nor is it gone.
func (e *evaluation) hold() {
	switch e.s.Phase {
	case Pending, Recovering:
		e.s.Since = e.s.Since.Add(e.elapsed)
	case Flapping:
		e.s.Episode.Stable = e.s.Episode.Stable.Add(e.elapsed)
	case Inactive, Firing, Resolved:
	}
}

func (e *evaluation) enter(p Phase) {
	if e.s.Phase != p {
		e.s.Phase, e.s.Since, e.s.Evaluations = p, e.env.Now, 0
		e.ticked = 1 // the first evaluation of a phase counts, whatever the clock says
	}
}

// count counts an evaluation of a phase, and leaves the phase when it held.
func (e *evaluation) count(p Phase) {
	e.s.Evaluations += e.ticked
	held, times := e.env.Now.Sub(e.s.Since), e.s.Evaluations
	if p == Pending && held >= e.r.For.Long() && times >= e.r.evaluations() {
		e.fire()
	}
	if p == Recovering && held >= e.r.KeepFiring.Long() && times >= e.r.ClearEvaluations {
		if e.turn() {
			e.startFlapping()
			return
		}
		e.end("")
		e.enter(Resolved)
	}
}

func (e *evaluation) fire() {
	e.s.Episodes++
	now := e.env.Now
	e.s.Episode = &Open{
		ID:   EpisodeID(fmt.Sprintf("%s-%d-%d", e.s.Fingerprint, now.Unix(), e.s.Episodes)),
		From: e.s.Since, Detail: e.s.Detail,
	}
	if e.turn() {
		e.startFlapping()
		e.s.Episode.Bad = true
		return
	}
	e.enter(Firing)
}

// turn notes that the trouble came or went, and reports whether it does so too
// often.
func (e *evaluation) turn() bool {
	since := e.env.Now.Add(-flapWithin)
	e.s.Turns = append(slices.DeleteFunc(e.s.Turns, func(t time.Time) bool { return !t.After(since) }), e.env.Now)
	return len(e.s.Turns) >= flapTurns
}

func (e *evaluation) startFlapping() {
	e.enter(Flapping)
	e.s.Episode.Bad, e.s.Episode.Stable, e.flapped = false, e.env.Now, true
}

// flap waits for the trouble to stay, or to stay away.
func (e *evaluation) flap(found condition.Truth) {
	o := e.s.Episode
	if bad := found == condition.There; found != condition.Between && bad != o.Bad {
		o.Bad, o.Stable = bad, e.env.Now
	}
	if e.env.Now.Sub(o.Stable) < flapStable {
		return
	}
	e.s.Turns = nil
	if !o.Bad {
		e.end("")
		e.enter(Resolved)
		return
	}
	o.Bad, o.Stable = false, time.Time{}
	e.enter(Firing)
}

// end closes the episode. Channels that heard of it are told, even in a silence,
// because they keep it open otherwise; those that may still hear of it are
// remembered.
func (e *evaluation) end(reason string) {
	o := e.s.Episode
	closed := Closed{ID: o.ID, From: o.From, To: e.env.Now, Told: o.Told, Detail: o.Detail, Acked: o.Acked, Why: reason}
	e.settle(&closed)
	if len(closed.Told) > 0 {
		e.s.Closed = append(e.s.Closed, closed)
		e.s.Closed = e.s.Closed[max(0, len(e.s.Closed)-remembered):]
	}
	e.s.Episode = nil
}

// tell makes the notices of an open episode.
func (e *evaluation) tell() {
	o := e.s.Episode
	o.Causes = slices.Clone(e.in.Causes)
	ack, acked := e.env.ack(o.ID)
	lapsed := acked && !ack.Until.IsZero() && !e.env.Now.Before(ack.Until)
	o.Acked, o.Until = "", time.Time{}
	if acked && !lapsed {
		o.Acked, o.Until = ack.By, ack.Until
	}
	if e.s.Muted = e.env.muted(e.r, &e.s); e.s.Muted != "" {
		o.Held = e.s.Muted
		return
	}
	if e.s.Phase == Recovering {
		return // it may be over; nobody is woken for that
	}
	if o.TellAt.IsZero() {
		o.TellAt = e.env.Now
	}
	e.tellFiring()
	if o.Acked == "" && (e.s.Phase != Flapping || o.Bad) { // nobody more is woken while it is away
		base := o.TellAt
		if lapsed {
			base = later(base, ack.Until)
		}
		e.escalate(base)
	}
	e.remind(e.repeat(ack, acked && !lapsed))
	o.Held = ""
}

// tellFiring tells every channel that knows nothing; after an edit of the rule
// that may be a new one.
func (e *evaluation) tellFiring() {
	for _, c := range e.r.Tell.Channels {
		if t := e.told(c); t.Firing+t.Escalated == 0 {
			t.Firing = 1
			e.send(t, KindFiring, 1, e.reason())
		}
	}
}

func (e *evaluation) escalate(base time.Time) {
	o := e.s.Episode
	for o.Steps < len(e.r.Tell.Escalation) && e.env.Now.Sub(base) >= e.r.Tell.Escalation[o.Steps].After.Long() {
		step := e.r.Tell.Escalation[o.Steps]
		for _, c := range step.Channels {
			t := e.told(c)
			t.Escalated++
			e.send(t, KindEscalated, t.Escalated, fmt.Sprintf("nobody took it on for %s", step.After))
		}
		o.Steps++
	}
}

// repeat is how long after a notice that arrived the next reminder is due; 0 is
// never.
func (e *evaluation) repeat(ack Ack, acked bool) time.Duration {
	switch {
	case acked && !ack.Until.IsZero():
		return 0
	case acked:
		return e.r.Tell.RepeatAcked.Long()
	case e.s.Phase == Flapping && e.r.Tell.Repeat > 0:
		return flapRepeat
	}
	return e.r.Tell.Repeat.Long()
}

// remind repeats what arrived. A notice that is still under way is not repeated,
// and one that was given up counts as sent, so that a channel that is down gets
// no pile of them.
func (e *evaluation) remind(repeat time.Duration) {
	for i := range e.s.Episode.Told {
		t := &e.s.Episode.Told[i]
		last := later(t.Arrived, t.Failed)
		due := repeat > 0 && !last.IsZero() && e.env.Now.Sub(last) >= repeat
		if len(t.Waiting) == 0 && (due || e.flapped) {
			t.Reminders++
			e.send(t, KindReminder, t.Reminders, e.reason())
		}
	}
}

func (e *evaluation) reason() string {
	switch {
	case e.flapped || e.s.Phase == Flapping:
		return "it comes and goes; this counts as one trouble until it is quiet for half an hour"
	case e.s.Episode.Held != "":
		return "still there after it was held back: " + e.s.Episode.Held
	}
	return e.env.Deploy.blame(e.s.Episode.From)
}

// told finds or makes the record of a channel.
func (e *evaluation) told(c Channel) *Told {
	o := e.s.Episode
	at := slices.IndexFunc(o.Told, func(t Told) bool { return t.Channel == c })
	if at < 0 {
		at = len(o.Told)
		o.Told = append(o.Told, Told{Channel: c})
	}
	return &o.Told[at]
}

func (e *evaluation) send(t *Told, kind NoticeKind, n int, reason string) {
	o := e.s.Episode
	sent := e.notice(kind, o.ID, o.From, t.Channel, n, reason)
	t.Waiting = append(t.Waiting, sent.Key)
	e.out = append(e.out, sent)
}
