package vitals

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/stat"
)

// slot is how finely a Counter counts, and kept how many slots it keeps: a day.
const (
	slot = 10 * time.Second
	kept = int64(24 * time.Hour / slot)
)

// Counter counts what happened lately, and how much of it was of a kind. The
// zero value is ready, and it is safe for concurrent use.
type Counter struct {
	mu     sync.Mutex
	slots  map[int64]stat.Rate
	newest int64
}

// Note counts so many of a kind, of so many.
func (c *Counter) Note(at time.Time, hits, of int64) {
	if of == 0 {
		return
	}
	now := at.UnixNano() / int64(slot)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.slots == nil {
		c.slots = map[int64]stat.Rate{}
	}
	sum, known := c.slots[now]
	c.slots[now] = stat.Rate{Hits: sum.Hits + hits, Of: sum.Of + of}
	if !known && now > c.newest || now < c.newest-kept { // a new slot, or a clock that was set back
		c.newest = now
		for n := range c.slots {
			if n <= now-kept || n > now {
				delete(c.slots, n)
			}
		}
	}
}

// Since is what was counted in a span that ends now, a day at most.
func (c *Counter) Since(now time.Time, span time.Duration) (out stat.Rate) {
	last := now.UnixNano() / int64(slot)
	first := last - int64(span/slot)
	c.mu.Lock()
	defer c.mu.Unlock()
	for n, sum := range c.slots {
		if n > first && n <= last {
			out.Hits, out.Of = out.Hits+sum.Hits, out.Of+sum.Of
		}
	}
	return out
}

// The hour of Callers, in slots of five minutes, and how many callers each
// knows; those beyond are counted together.
const (
	callerSlot  = 5 * time.Minute
	callerSlots = 12
	mostCallers = 20_000
)

// Callers counts requests by who sent them, in memory only, to see whether one
// address sends most of them. Make it with NewCallers; it is safe for concurrent
// use.
type Callers struct {
	seed  maphash.Seed
	mu    sync.Mutex
	slots map[int64]*callers
}

type callers struct {
	all int64
	by  map[uint64]int64
}

// NewCallers makes Callers.
func NewCallers() *Callers { return &Callers{seed: maphash.MakeSeed(), slots: map[int64]*callers{}} }

// Note counts a request of a network. Its name is forgotten at once; what stays
// is a number that means nothing elsewhere.
func (c *Callers) Note(at time.Time, network string) {
	now, who := at.Unix()/int64(callerSlot/time.Second), maphash.String(c.seed, network)
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.slots[now]
	if s == nil {
		s = &callers{by: map[uint64]int64{}}
		c.slots[now] = s
		for n := range c.slots { // what comes late drops nothing
			if n <= now-callerSlots {
				delete(c.slots, n)
			}
		}
	}
	s.all++
	if _, known := s.by[who]; known || len(s.by) < mostCallers {
		s.by[who]++
	}
}

// Top is how many requests of the last hour came from the address that sent
// most, of all.
func (c *Callers) Top(now time.Time) (out stat.Rate) {
	last := now.Unix() / int64(callerSlot/time.Second)
	sums := map[uint64]int64{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for n, s := range c.slots {
		if n <= last-callerSlots || n > last {
			continue
		}
		out.Of += s.all
		for who, n := range s.by {
			sums[who] += n
			out.Hits = max(out.Hits, sums[who])
		}
	}
	return out
}

func (c *Callers) source(_ context.Context, r alert.Rule, now time.Time) ([]alert.Reading, error) {
	in, err := rates(r, func(time.Duration) (stat.Rate, error) { return c.Top(now), nil })
	return []alert.Reading{in}, err
}

// Beat remembers when somebody last took a sign of life. The zero value is ready,
// and it is safe for concurrent use.
type Beat struct{ last atomic.Pointer[time.Time] }

// Taken notes one.
func (b *Beat) Taken(at time.Time) { b.last.Store(&at) }

// Last is when it was; zero: never.
func (b *Beat) Last() time.Time {
	if at := b.last.Load(); at != nil {
		return *at
	}
	return time.Time{}
}
