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

	From   time.Time `json:"from"` // since when the trouble is there
	At     time.Time `json:"at"`
	Detail string    `json:"detail,omitempty"` // the figures
	Reason string    `json:"reason,omitempty"` // why now, where that is not plain
	Wait   Duration  `json:"wait,omitempty"`   // for company, see Bundle.After
}

func (e *evaluation) notice(kind NoticeKind, id EpisodeID, from time.Time, c Channel, n int, reason string) Notice {
	out := Notice{
		Key:  Key(fmt.Sprintf("%s/%s/%s/%d", id, c, kind, n)),
		Kind: kind, Episode: id, Channel: c, N: n,
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

// Bundle is several notices in one message: those of one channel, kind, severity
// and group.
type Bundle struct {
	Key      Key
	Channel  Channel
	Kind     NoticeKind
	Severity Severity
	Group    string
	After    time.Time // do not send before, so that others may join
	Notices  []Notice  // by rule, then fingerprint, then N
}

// Together bundles notices, the most severe first. The same notices give the
// same bundles and keys, in whatever order they come; a bundle of other notices
// has another key.
func Together(notices []Notice) []Bundle {
	type place struct {
		channel  Channel
		kind     NoticeKind
		severity Severity
		group    string
	}
	index := make(map[place]int)
	var out []Bundle
	for _, n := range notices {
		p := place{n.Channel, n.Kind, n.Severity, n.Group}
		at, ok := index[p]
		if !ok {
			at = len(out)
			index[p] = at
			out = append(out, Bundle{Channel: n.Channel, Kind: n.Kind, Severity: n.Severity, Group: n.Group, After: n.At.Add(n.Wait.Long())})
		}
		b := &out[at]
		b.After = earlier(b.After, n.At.Add(n.Wait.Long()))
		b.Notices = append(b.Notices, n)
	}
	for i := range out {
		out[i].finish()
	}
	slices.SortFunc(out, func(a, b Bundle) int {
		return cmp.Or(a.Severity.rank()-b.Severity.rank(), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}

// finish sorts the notices, leaves out those that are there twice, and makes the
// key. The key of a single notice is its own.
func (b *Bundle) finish() {
	slices.SortFunc(b.Notices, func(x, y Notice) int {
		return cmp.Or(cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Fingerprint, y.Fingerprint), cmp.Compare(x.N, y.N), cmp.Compare(x.Key, y.Key))
	})
	b.Notices = slices.CompactFunc(b.Notices, func(x, y Notice) bool { return x.Key == y.Key })
	if len(b.Notices) == 1 {
		b.Key = b.Notices[0].Key
		return
	}
	sum := sha256.New()
	for _, n := range b.Notices {
		sum.Write([]byte(n.Key))
		sum.Write([]byte{0})
	}
	b.Key = Key("bundle-" + hex.EncodeToString(sum.Sum(nil)[:12]))
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

// Receipts says the same of every notice of the bundle.
func (b Bundle) Receipts(at time.Time, dead bool) []Receipt {
	out := make([]Receipt, len(b.Notices))
	for i, n := range b.Notices {
		out[i] = Receipt{Key: n.Key, At: at, Dead: dead}
	}
	return out
}

// Headline is one line for all: what, how many, since when.
func (b Bundle) Headline() string {
	if len(b.Notices) == 0 {
		return ""
	}
	first := b.Notices[0]
	line := fmt.Sprintf("[%s] %s", strings.ToUpper(string(b.Severity)), first.Title)
	if more := len(b.Notices) - 1; more > 0 {
		line += fmt.Sprintf(" and %d more", more)
	}
	from := first.From
	for _, n := range b.Notices {
		from = earlier(from, n.From)
	}
	return fmt.Sprintf("%s (%s): %s since %s", line, b.Group, b.Kind, from.UTC().Format("2006-01-02 15:04 UTC"))
}
