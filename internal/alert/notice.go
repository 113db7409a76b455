package alert

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// NoticeKind is why somebody is told.
type NoticeKind string

// The kinds of notices.
const (
	KindFiring    NoticeKind = "firing"
	KindReminder  NoticeKind = "reminder"
	KindEscalated NoticeKind = "escalated"
	KindResolved  NoticeKind = "resolved"
	// KindMissed is instead of a beginning and an end: it was over before the
	// channel took any notice of it.
	KindMissed NoticeKind = "missed"
)

// Notice is what one channel is to be told.
type Notice struct {
	Key     Key        `json:"key"` // idempotency key: episode, channel, kind and N
	Kind    NoticeKind `json:"kind"`
	Episode EpisodeID  `json:"episode"`
	Channel Channel    `json:"channel"`
	N       int        `json:"n"` // counts the notices of the kind

	Rule        RuleID            `json:"rule"`
	Version     int               `json:"version"`
	Fingerprint Fingerprint       `json:"fingerprint"`
	Severity    Severity          `json:"severity"`
	Title       string            `json:"title"`
	Group       string            `json:"group"`
	Runbook     string            `json:"runbook"`
	Labels      map[string]string `json:"labels,omitempty"`
	Causes      []string          `json:"causes,omitempty"`

	From   time.Time `json:"from"`        // since when the trouble is there
	To     time.Time `json:"to,omitzero"` // when it was over, of KindResolved and KindMissed
	At     time.Time `json:"at"`
	Detail string    `json:"detail,omitempty"` // the figures
	Reason string    `json:"reason,omitempty"` // why now, where that is not plain
	Wait   Duration  `json:"wait,omitempty"`   // for company, see Parcel.After
}

func (e *evaluation) notice(kind NoticeKind, id EpisodeID, from time.Time, c Channel, n int, reason string) Notice {
	out := Notice{
		Key: keyOf(id, c, kind, n), Kind: kind, Episode: id, Channel: c, N: n,
		Rule: e.r.ID, Version: e.r.Version, Fingerprint: e.s.Fingerprint,
		Severity: e.r.Severity, Title: e.r.Title, Group: e.r.Group, Runbook: e.r.Runbook,
		Labels: maps.Clone(e.s.Labels), Causes: slices.Clone(e.in.Causes),
		From: from, At: e.env.Now, Detail: e.s.Detail, Reason: reason,
	}
	if kind == KindFiring {
		out.Wait = e.r.Tell.GroupWait
	}
	return out
}

// keyOf is the key of a notice, the same whenever it is made.
func keyOf(id EpisodeID, c Channel, kind NoticeKind, n int) Key {
	return Key(fmt.Sprintf("%s/%s/%s/%d", id, c, kind, n))
}

// Ends reports whether the notice says that something is over. Such a notice
// stays true however late it arrives.
func (k NoticeKind) Ends() bool { return k == KindResolved || k == KindMissed }

// Where says which of several the trouble is about, such as "feature booking";
// empty without labels.
func (n Notice) Where() string { return Where(n.Labels) }

// Where writes labels as "feature booking".
func Where(labels map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, name+" "+labels[name])
	}
	return strings.Join(parts, ", ")
}

// Via is the notice for another channel.
func (n Notice) Via(c Channel) Notice {
	n.Channel, n.Key = c, keyOf(n.Episode, c, n.Kind, n.N)
	return n
}

// Parcel is several notices in one message: those of one channel, kind, severity
// and group.
type Parcel struct {
	Key      Key
	Channel  Channel
	Kind     NoticeKind
	Severity Severity
	Group    string
	After    time.Time // do not send before, so that others may join
	Notices  []Notice  // by rule, then fingerprint, then N
}

// Together puts notices into parcels, the most severe first. The same notices
// give the same parcels and keys, in whatever order they come. Keep a parcel that
// was sent for its retries: with one more notice it would be another, with
// another key.
func Together(notices []Notice) []Parcel {
	type place struct {
		channel  Channel
		kind     NoticeKind
		severity Severity
		group    string
	}
	index := make(map[place]int)
	var out []Parcel
	for _, n := range notices {
		where := place{n.Channel, n.Kind, n.Severity, n.Group}
		at, ok := index[where]
		if !ok {
			at = len(out)
			index[where] = at
			out = append(out, Parcel{Channel: n.Channel, Kind: n.Kind, Severity: n.Severity, Group: n.Group, After: n.At.Add(n.Wait.Long())})
		}
		p := &out[at]
		p.After = earlier(p.After, n.At.Add(n.Wait.Long()))
		p.Notices = append(p.Notices, n)
	}
	for i := range out {
		out[i].finish()
	}
	slices.SortFunc(out, func(a, b Parcel) int {
		return cmp.Or(a.Severity.rank()-b.Severity.rank(), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

// finish sorts the notices, leaves out those that are there twice, and makes the
// key. The key of a single notice is its own.
func (p *Parcel) finish() {
	slices.SortFunc(p.Notices, func(x, y Notice) int {
		return cmp.Or(cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Fingerprint, y.Fingerprint), cmp.Compare(x.N, y.N), cmp.Compare(x.Key, y.Key))
	})
	p.Notices = slices.CompactFunc(p.Notices, func(x, y Notice) bool { return x.Key == y.Key })
	if len(p.Notices) == 1 {
		p.Key = p.Notices[0].Key
		return
	}
	sum := sha256.New()
	for _, n := range p.Notices {
		sum.Write([]byte(n.Key))
		sum.Write([]byte{0})
	}
	p.Key = Key("parcel-" + hex.EncodeToString(sum.Sum(nil)[:12]))
}

// Made is when the first of its notices was.
func (p Parcel) Made() time.Time {
	var at time.Time
	for i, n := range p.Notices {
		if i == 0 || n.At.Before(at) {
			at = n.At
		}
	}
	return at
}

// Without leaves notices out. What is left is another message and has a key of
// its own, because receivers refuse a key that comes with another text.
func (p Parcel) Without(drop map[Key]bool) Parcel {
	p.Notices = slices.DeleteFunc(slices.Clone(p.Notices), func(n Notice) bool { return drop[n.Key] })
	p.finish()
	return p
}

func (s Severity) rank() int {
	switch s {
	case Critical:
		return 0
	case Warning:
		return 1
	case Info:
	}
	return 2
}

// Receipts says the same of every notice of the parcel.
func (p Parcel) Receipts(at time.Time, dead bool) []Receipt {
	out := make([]Receipt, len(p.Notices))
	for i, n := range p.Notices {
		out[i] = Receipt{Key: n.Key, At: at, Dead: dead}
	}
	return out
}

// Headline is one line for all: what, how many, when it began.
func (p Parcel) Headline() string {
	if len(p.Notices) == 0 {
		return ""
	}
	first := p.Notices[0]
	line := fmt.Sprintf("[%s] %s", strings.ToUpper(string(p.Severity)), first.Title)
	if more := len(p.Notices) - 1; more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	from, to := first.From, first.To
	for _, n := range p.Notices {
		from, to = earlier(from, n.From), later(to, n.To)
	}
	if p.Kind == KindMissed {
		return fmt.Sprintf("%s (%s): over, was firing from %s to %s", line, p.Group, from.UTC().Format(minuteLayout), to.UTC().Format(minuteLayout))
	}
	return fmt.Sprintf("%s (%s): %s, began %s", line, p.Group, p.Kind, from.UTC().Format(minuteLayout))
}

// minuteLayout writes a time, which must be UTC, for people of any zone.
const minuteLayout = "2006-01-02 15:04 UTC"
