package vitals

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/store"
)

// Fault is one of our own errors, as it was met while a request was answered.
type Fault struct {
	At      time.Time
	Route   string // pattern
	Kind    string // of the answer
	Text    string // of the error, with the stack of a panic
	Who     string // hash of the network
	Session string // empty: none
}

// How long a kind of error is new, how lately it must have come again to be a
// burst, and for how long its first sight is told (operations 2.9).
const (
	newFor    = 24 * time.Hour
	burstIn   = 10 * time.Minute
	firstFor  = time.Hour
	mostKinds = 500
	mostTimes = 1000
)

// crowded is the kind under which errors are counted while more kinds come at
// once than are told apart.
const crowded = "more kinds of errors within minutes than are told apart; the log has each"

// Kinds counts errors by kind, and knows which were never seen before. It is
// safe for concurrent use; make it with NewKinds.
type Kinds struct {
	store *store.Store
	mu    sync.Mutex
	known map[string]*kind
}

// kind is what is known of a kind in memory: when it was first seen ever, the
// last minutes of it, and what the database was not told yet.
type kind struct {
	first     time.Time // zero: the database was not asked yet
	unwritten store.ErrorKind
	recent    []Fault
	sessions  []string
}

// NewKinds makes Kinds.
func NewKinds(st *store.Store) *Kinds { return &Kinds{store: st, known: map[string]*kind{}} }

// Note counts an error.
func (k *Kinds) Note(f Fault) {
	hash, what := f.kind()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known[hash] == nil && len(k.known) >= mostKinds && !k.forget() {
		hash, what = crowded, crowded
	}
	in := k.known[hash]
	if in == nil {
		in = &kind{}
		k.known[hash] = in
	}
	if in.unwritten.Count == 0 {
		in.unwritten = store.ErrorKind{Hash: hash, What: what, First: f.At}
	}
	in.unwritten.Last = f.At
	in.unwritten.Count++
	if len(in.recent) < mostTimes {
		f.Text = ""
		in.recent = append(in.recent, f)
	}
	if f.Session != "" && len(in.sessions) < mostCauses && !slices.Contains(in.sessions, f.Session) {
		in.sessions = append(in.sessions, f.Session)
	}
}

// forget makes room for a kind in memory: the one goes that has not come for
// longest, if there is one of which nothing is waiting.
func (k *Kinds) forget() bool {
	oldest := ""
	for hash, in := range k.known {
		if in.quiet() && (oldest == "" || in.unwritten.Last.Before(k.known[oldest].unwritten.Last)) {
			oldest = hash
		}
	}
	delete(k.known, oldest)
	return oldest != ""
}

// quiet says that a kind has not come lately and is written down.
func (in *kind) quiet() bool { return len(in.recent) == 0 && in.unwritten.Count == 0 }

// What makes two errors of a kind differ: what is quoted, addresses, ids and
// figures.
var (
	quotes  = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	mails   = regexp.MustCompile(`\S+@\S+`)
	figures = regexp.MustCompile(`[0-9A-Za-z_-]*[0-9][0-9A-Za-z_-]*`)
)

// mostText is how much of an error names its kind.
const mostText = 160

// module is how the frames of this program begin in a stack.
const module = "applicreations.com/introspect/"

// kind names the kind of a fault: route, kind and the words of its error without
// what differs from one to the next; of a panic, where it was.
func (f Fault) kind() (hash, what string) {
	text, stack, _ := strings.Cut(f.Text, "\n")
	if at := ownFrame(stack); at != "" {
		text += " in " + at
	}
	text = quotes.ReplaceAllString(text, `"…"`)
	text = mails.ReplaceAllString(text, "…")
	text = figures.ReplaceAllString(text, "#")
	if runes := []rune(text); len(runes) > mostText {
		text = string(runes[:mostText])
	}
	what = f.Route + ": " + f.Kind
	if text != "" {
		what += ": " + text
	}
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:12]), what
}

// ownFrame is the first function of this program below the panic of a stack.
func ownFrame(stack string) string {
	_, below, found := strings.Cut(stack, "\npanic(")
	if !found {
		return ""
	}
	for line := range strings.Lines(below) {
		if name, own := strings.CutPrefix(line, module); own {
			name, _, _ = strings.Cut(strings.TrimSpace(name), "(0x")
			return name
		}
	}
	return ""
}

// kinds are the sources of the rules about new errors.
func (c *Config) kinds() map[string]gauge.Source {
	k := c.Kinds
	if k == nil {
		return nil
	}
	return map[string]gauge.Source{
		"error_first_seen": k.count,
		"error_new_users":  k.burst(func(list []Fault) int { return distinct(list) }),
		"error_new_events": k.burst(func(list []Fault) int { return len(list) }),
	}
}

// count counts the kinds that were first seen within the hour.
func (k *Kinds) count(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
	fresh, err := k.fresh(ctx, now, firstFor)
	if err != nil {
		return nil, err
	}
	n, err := k.store.CountErrorKinds(ctx, now.Add(-firstFor)) // other servers see some too
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	out := alert.Reading{Value: float64(n)}
	for _, in := range fresh {
		for _, id := range in.sessions {
			if !slices.Contains(out.Causes, id) {
				out.Causes = append(out.Causes, id)
			}
		}
	}
	out.Causes = out.Causes[:min(len(out.Causes), mostCauses)]
	return []alert.Reading{out}, nil
}

// burst is the highest figure of the last minutes of a kind that is new.
func (k *Kinds) burst(figure func([]Fault) int) gauge.Source {
	return func(ctx context.Context, _ alert.Rule, now time.Time) ([]alert.Reading, error) {
		fresh, err := k.fresh(ctx, now, newFor)
		if err != nil {
			return nil, err
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		var out alert.Reading
		for _, in := range fresh {
			if n := float64(figure(in.recent)); n > out.Value {
				out.Value, out.Causes = n, slices.Clone(in.sessions)
			}
		}
		return []alert.Reading{out}, nil
	}
}

// fresh writes down what is not written yet, forgets what is too long ago, and
// lists the kinds of this process that were first seen in a span, the newest
// first.
func (k *Kinds) fresh(ctx context.Context, now time.Time, span time.Duration) (out []*kind, err error) {
	if err := cmp.Or(k.write(ctx), ctx.Err()); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for hash, in := range k.known {
		in.recent = slices.DeleteFunc(in.recent, func(f Fault) bool { return now.Sub(f.At) > burstIn })
		switch {
		case in.quiet() && now.Sub(in.unwritten.Last) > newFor:
			delete(k.known, hash)
		case !in.first.Before(now.Add(-span)):
			out = append(out, in)
		}
	}
	slices.SortFunc(out, func(a, b *kind) int {
		return cmp.Or(b.first.Compare(a.first), strings.Compare(a.unwritten.Hash, b.unwritten.Hash))
	})
	return out, nil
}

func (k *Kinds) write(ctx context.Context) error {
	k.mu.Lock()
	var list []store.ErrorKind
	for _, in := range k.known {
		if in.unwritten.Count > 0 {
			list = append(list, in.unwritten)
			in.unwritten.Count = 0
		}
	}
	k.mu.Unlock()
	err := k.store.AddErrorKinds(ctx, list)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, e := range list {
		switch in := k.known[e.Hash]; {
		case in == nil:
		case err == nil:
			in.first = e.First
		default: // told to the database the next time
			e.Count += in.unwritten.Count
			if in.unwritten.Last.After(e.Last) {
				e.Last = in.unwritten.Last
			}
			in.unwritten = e
		}
	}
	return err
}

// distinct is how many networks met an error.
func distinct(list []Fault) int {
	seen := map[string]bool{}
	for _, f := range list {
		seen[f.Who] = true
	}
	return len(seen)
}
