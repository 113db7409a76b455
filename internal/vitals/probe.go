package vitals

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"applicreations.com/introspect/internal/stat"
)

// How the public address is probed: three of the last four probes must fail for
// a page, so that one is at its receiver within a minute of the fault
// (operations 2.9; docs/alerts.md has the sum).
const (
	ProbeEvery   = 10 * time.Second
	ProbeTimeout = 5 * time.Second
	probesKept   = 4
	probesStale  = time.Minute
)

// Probe looks at the public address of this installation as visitors do, through
// their names, certificates and proxies. What it sees counts only once it saw the
// site work, for there are networks in which nobody reaches their own address;
// and not while the rest of the world is out of reach as well.
type Probe struct {
	address, control string
	client           *http.Client
	now              func() time.Time

	mu      sync.Mutex
	reached bool
	last    []bool // whether they failed, the newest last
	at      time.Time
}

// NewProbe makes a probe of an address such as https://intake.example.com. The
// control is somebody else's address, asked when ours does not answer.
func NewProbe(address, control string, now func() time.Time) *Probe {
	return &Probe{
		address: strings.TrimRight(address, "/") + "/readyz", control: control, now: now,
		client: &http.Client{Timeout: ProbeTimeout, Transport: &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment}},
	}
}

// Run probes at every tick until ctx ends; nil ticks come every ProbeEvery.
func (p *Probe) Run(ctx context.Context, ticks <-chan time.Time) {
	if ticks == nil {
		t := time.NewTicker(ProbeEvery)
		defer t.Stop()
		ticks = t.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
			p.Look(ctx)
		}
	}
}

// Look probes once.
func (p *Probe) Look(ctx context.Context) {
	good := p.answers(ctx, p.address, http.StatusOK)
	if ctx.Err() != nil || !good && !p.answers(ctx, p.control, 0) {
		return // we are stopping, or it is our own network
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reached = p.reached || good
	if !p.reached {
		return
	}
	p.at = p.now()
	p.last = append(p.last, !good)
	p.last = p.last[max(0, len(p.last)-probesKept):]
}

// answers reports whether an address answers with a status; 0 stands for any.
func (p *Probe) answers(ctx context.Context, address string, want int) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}
	req.Header.Set("User-Agent", "introspect-probe")
	resp, err := p.client.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close() // only the status counts
	return want == 0 || resp.StatusCode == want
}

// Last is how many of the last probes failed. known is false where none was made
// lately, or none ever reached the site.
func (p *Probe) Last(now time.Time) (failed stat.Rate, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.last) == 0 || now.Sub(p.at) > probesStale {
		return stat.Rate{}, false
	}
	for _, bad := range p.last {
		failed.Of++
		if bad {
			failed.Hits++
		}
	}
	return failed, true
}
