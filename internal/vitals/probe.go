package vitals

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
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
	address  string
	controls []string
	client   *http.Client
	now      func() time.Time

	mu      sync.Mutex
	reached bool
	last    []bool // whether they failed, the newest last
	at      time.Time
}

// NewProbe makes a probe of an address such as https://intake.example.com. The
// controls are somebody else's addresses, asked when ours does not answer: two of
// different hosts, so that one that is down as well does not hide an outage.
func NewProbe(address string, controls []string, now func() time.Time) *Probe {
	return &Probe{
		address: strings.TrimRight(address, "/") + "/readyz", controls: controls, now: now,
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
	good := fetch(ctx, p.client, p.address) == http.StatusOK
	if ctx.Err() != nil || !good && !Reached(ctx, p.client, p.controls) {
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

// Reached reports whether one of several addresses gives any answer at all. They
// are asked at once, so that one that hangs keeps nobody waiting.
func Reached(ctx context.Context, client *http.Client, addresses []string) bool {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	var reached atomic.Bool
	var asking sync.WaitGroup
	for _, address := range addresses {
		asking.Go(func() {
			if fetch(ctx, client, address) != 0 {
				reached.Store(true)
				enough()
			}
		})
	}
	asking.Wait()
	return reached.Load()
}

// fetch is the status with which an address answers; 0: it does not.
func fetch(ctx context.Context, client *http.Client, address string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0
	}
	req.Header.Set("User-Agent", "introspect-probe")
	resp, err := client.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close() // only the status counts
	return resp.StatusCode
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
