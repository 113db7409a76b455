// Package lookout decides, from another host, whether an installation of
// Introspect is down: two failures in a row are an outage, one is not, and when
// nothing can be reached at all, this host is the one that has a problem.
//
// It sends nothing and asks nobody: outcomes of probes come in, notices go out.
// Start with Lookout.Round.
package lookout

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
)

// failuresToDown is how many failures in a row are an outage (DOMAIN 9.4).
const failuresToDown = 2

// Outcome is what one probe of one target met; Fault is empty when all is well.
type Outcome struct {
	Target string
	Fault  string
}

// Kind says what a notice is about.
type Kind string

// The kinds of notices.
const (
	Down     Kind = "down"     // a target does not answer: page somebody
	Up       Kind = "up"       // it answers again
	Blind    Kind = "blind"    // nothing can be reached from here: page nobody
	Sighted  Kind = "sighted"  // the network here works again
	Reminder Kind = "reminder" // still down
)

// Notice is something to tell.
type Notice struct {
	Kind   Kind
	Target string // empty for notices about the network here
	Fault  string
	Since  time.Time // when it began
	At     time.Time
}

// Pages reports whether a notice is for a person. What is wrong here is only
// logged: whoever gets it could not do anything about the installations.
func (n Notice) Pages() bool { return n.Kind == Down || n.Kind == Up || n.Kind == Reminder }

// Lookout remembers the targets between rounds. The zero value is ready; it
// does not lock.
type Lookout struct {
	Repeat time.Duration // how often a target that stays down is told again; 0: every hour

	targets map[string]*target
	blind   time.Time // since when nothing can be reached; zero: not
}

type target struct {
	failures int
	since    time.Time // of the first failure
	told     time.Time // when it was last told; zero: it is up
}

// Round takes the outcome of all probes of one moment. reached says whether the
// control host, which is somebody else's, could be reached; it is asked only
// when every target failed, so that a round without failures asks nobody else.
//
// While the network here is down, failures count for nothing: an outage that
// was noticed before stays one, and no new one is told.
func (l *Lookout) Round(now time.Time, outcomes []Outcome, reached func() bool) []Notice {
	if l.targets == nil {
		l.targets = make(map[string]*target)
	}
	var notices []Notice
	if len(outcomes) > 0 && allFailed(outcomes) && !reached() {
		if l.blind.IsZero() {
			l.blind = now
			notices = append(notices, Notice{Kind: Blind, Fault: "neither a target nor the control host answers", Since: now, At: now})
		}
		return notices
	}
	if !l.blind.IsZero() {
		notices = append(notices, Notice{Kind: Sighted, Since: l.blind, At: now})
		l.blind = time.Time{}
	}
	for _, o := range outcomes {
		if n, ok := l.take(now, o); ok {
			notices = append(notices, n)
		}
	}
	return notices
}

func allFailed(outcomes []Outcome) bool {
	for _, o := range outcomes {
		if o.Fault == "" {
			return false
		}
	}
	return true
}

// take counts one outcome.
func (l *Lookout) take(now time.Time, o Outcome) (Notice, bool) {
	t := l.targets[o.Target]
	if t == nil {
		t = &target{}
		l.targets[o.Target] = t
	}
	n := Notice{Target: o.Target, Fault: o.Fault, Since: t.since, At: now}
	if o.Fault == "" {
		down := !t.told.IsZero()
		*t = target{}
		n.Kind = Up
		return n, down
	}
	if t.failures++; t.failures == 1 {
		t.since = now
	}
	repeat := l.Repeat
	if repeat <= 0 {
		repeat = time.Hour
	}
	switch {
	case t.failures < failuresToDown:
		return n, false
	case t.told.IsZero():
		n.Kind = Down
	case now.Sub(t.told) >= repeat:
		n.Kind = Reminder
	default:
		return n, false
	}
	n.Since, t.told = t.since, now
	return n, true
}

// Text is a notice in one line.
func (n Notice) Text() string {
	lasted := n.At.Sub(n.Since).Round(time.Second)
	switch n.Kind {
	case Down:
		return fmt.Sprintf("DOWN: %s does not answer since %s: %s", n.Target, n.Since.UTC().Format("15:04:05 UTC"), n.Fault)
	case Reminder:
		return fmt.Sprintf("STILL DOWN: %s does not answer for %s: %s", n.Target, lasted, n.Fault)
	case Up:
		return fmt.Sprintf("UP: %s answers again after %s", n.Target, lasted)
	case Blind:
		return "The network of this host is down, so nothing can be said about the targets: " + n.Fault
	case Sighted:
		return fmt.Sprintf("The network of this host works again after %s", lasted)
	}
	return string(n.Kind)
}

// Parcel is a notice as the channels of alerts take it. All outages of a target are
// one episode, so that one that goes on over a restart of the lookout stays one
// incident of a pager, and its end closes it; the key is that of the outage.
func (n Notice) Parcel(to alert.Channel) alert.Parcel {
	sum := sha256.Sum256([]byte(n.Target))
	out := alert.Notice{
		Episode: alert.EpisodeID("watch-" + hex.EncodeToString(sum[:6])), Channel: to, Kind: alert.KindFiring, N: 1,
		Rule: "site_down", Version: 1, Severity: alert.Critical, Title: "The site does not answer", Group: "site", Runbook: "site",
		Labels: map[string]string{"address": n.Target}, From: n.Since, At: n.At, Detail: n.Fault, Reason: "seen from another host",
	}
	switch n.Kind {
	case Up:
		out.Kind, out.To = alert.KindResolved, n.At
	case Reminder:
		out.Kind, out.N = alert.KindReminder, int(n.At.Sub(n.Since)/time.Second)
	case Down, Blind, Sighted:
	}
	out.Key = alert.Key(fmt.Sprintf("%s-%d/%s/%s/%d", out.Episode, n.Since.Unix(), to, out.Kind, out.N))
	return alert.Together([]alert.Notice{out})[0]
}

// Slack is a notice as an incoming webhook of Slack takes it. Others that
// understand the same form do too.
func (n Notice) Slack() ([]byte, error) {
	// The three characters that Slack gives a meaning to.
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(n.Text())
	colour := "danger"
	if n.Kind == Up || n.Kind == Sighted {
		colour = "good"
	}
	return json.Marshal(map[string]any{
		"text":        text,
		"attachments": []map[string]any{{"color": colour, "fallback": text, "footer": "introspect watch", "ts": n.At.Unix()}},
	})
}
