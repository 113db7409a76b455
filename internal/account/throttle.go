package account

import (
	"sync"
	"time"
)

// The first attempts cost nothing, since people mistype. After that each
// wrong one doubles the wait, up to a bound that keeps a guesser at a hundred
// attempts a day and does not lock the owner out for long.
const (
	freeAttempts = 5
	firstWait    = 30 * time.Second
	longestWait  = 15 * time.Minute
	memory       = time.Hour // without attempts, all is forgiven
	maxAccounts  = 10_000    // remembered at a time
)

// throttle counts attempts per address, known or not.
type throttle struct {
	now      func() time.Time
	mu       sync.Mutex
	accounts map[string]attempts
}

type attempts struct {
	count int
	last  time.Time
	until time.Time // no attempt is taken before
}

// begin counts an attempt before it is judged, so that a hundred at the same
// moment are a hundred and not one. It returns how long to wait when the
// attempt is not taken; such attempts do not count.
func (t *throttle) begin(account string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	a, ok := t.accounts[account]
	if ok && now.Before(a.until) {
		return a.until.Sub(now)
	}
	if !ok {
		t.makeRoom(now)
	}
	if now.Sub(a.last) > memory {
		a = attempts{}
	}
	a.count++
	a.last = now
	if over := a.count - freeAttempts; over >= 0 {
		a.until = now.Add(min(firstWait<<min(over, 10), longestWait))
	}
	t.accounts[account] = a
	return 0
}

// forget clears an account after a right password.
func (t *throttle) forget(account string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.accounts, account)
}

// makeRoom keeps the map bounded: forgiven accounts go first, then the one
// that was tried longest ago.
func (t *throttle) makeRoom(now time.Time) {
	if len(t.accounts) < maxAccounts {
		return
	}
	oldest, found := "", false
	for name, a := range t.accounts {
		if now.Sub(a.last) > memory {
			delete(t.accounts, name)
			continue
		}
		if !found || a.last.Before(t.accounts[oldest].last) {
			oldest, found = name, true
		}
	}
	if len(t.accounts) >= maxAccounts {
		delete(t.accounts, oldest)
	}
}
