package health

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/store"
)

// When a check warns and when it fails.
const (
	writeSlow     = time.Second
	waitingWarn   = 15 * time.Minute
	waitingFail   = time.Hour
	heartbeatWarn = 3 * time.Minute
	heartbeatFail = 10 * time.Minute
	backupWarn    = 26 * time.Hour
	backupFail    = 50 * time.Hour
	drillWarn     = 48 * time.Hour
	drillFail     = 7 * 24 * time.Hour
	expiryWarn    = 21 * 24 * time.Hour
	expiryFail    = 7 * 24 * time.Hour
	clockWarn     = 2 * time.Second
	clockFail     = 30 * time.Second
)

// How often what changes slowly is looked at.
const (
	hourly = time.Hour
	daily  = 24 * time.Hour
)

// ownChecks lists the checks that the configuration allows.
func (c *Checker) ownChecks() []check {
	list := []check{
		{"database_write", "Database, writing", Interval, c.write},
		{"jobs_waiting", "Oldest job that waits", Interval, c.waiting},
		{"jobs_dead", "Jobs that were given up", Interval, c.dead},
		{"rollup_drift", "Figures against their events", Interval, c.drift},
	}
	if c.cfg.DataDir != "" {
		list = append(list, check{"disk", "Disk of the data directory", time.Minute, c.disk})
	}
	if c.cfg.Heartbeat != nil {
		list = append(list, check{"evaluator", "Evaluation of alerts", Interval, c.heartbeat})
	}
	if c.cfg.Backup != nil {
		list = append(list, check{"backup", "Last backup", Interval, c.backup})
	}
	if c.cfg.Drill != nil {
		list = append(list, check{"restore_drill", "Last restore for practice", Interval, c.drill})
	}
	if c.cfg.Keys != nil {
		list = append(list, check{"encryption", "Encryption", daily, c.encryption})
	}
	if u, err := url.Parse(c.cfg.AppURL); err == nil && u.Scheme == "https" {
		list = append(list, check{"certificate", "Certificate of the public address", daily, c.certificate})
	}
	if c.cfg.AppURL != "" {
		list = append(list, check{"clock", "Clock against the public address", hourly, c.clock})
	}
	return list
}

func failed(err error) Reading {
	if errors.Is(err, context.DeadlineExceeded) {
		return Reading{Grade: Fail, Detail: "No answer in time."}
	}
	return Reading{Grade: Fail, Detail: "Could not be read: " + err.Error()}
}

// grade is the reading of a figure that is better when it is small.
func grade(value, warn, fail float64) Grade {
	switch {
	case value >= fail:
		return Fail
	case value >= warn:
		return Warn
	}
	return Pass
}

// age is the reading of a duration.
func age(d, warn, fail time.Duration, detail string) Reading {
	return Reading{Grade: grade(d.Seconds(), warn.Seconds(), fail.Seconds()), Value: d.Seconds(), Unit: "s", Detail: detail}
}

func (c *Checker) write(ctx context.Context) Reading {
	start := time.Now()
	err := c.cfg.Store.ProbeWrite(ctx)
	took := time.Since(start)
	switch {
	case errors.Is(err, store.ErrFull):
		return Reading{Grade: Fail, Detail: "The disk is full. Free some room; writes then go on by themselves."}
	case errors.Is(err, context.DeadlineExceeded):
		return failed(err)
	case err != nil:
		return Reading{Grade: Fail, Detail: "No row can be written, perhaps on a disk that is read-only or broken; writes go on by themselves when it is well: " + err.Error()}
	case took > writeSlow:
		return Reading{Grade: Warn, Value: took.Seconds(), Unit: "s", Detail: "A row was written, but slowly."}
	}
	return Reading{Grade: Pass, Value: took.Seconds(), Unit: "s", Detail: "A row was written."}
}

func (c *Checker) waiting(ctx context.Context) Reading {
	due, ok, err := c.cfg.Store.DueJob(ctx)
	if err != nil {
		return failed(err)
	}
	late := c.cfg.Now().Sub(due)
	if !ok || late < time.Second {
		return Reading{Grade: Pass, Value: 0, Unit: "s", Detail: "Nothing is late."}
	}
	return age(late, waitingWarn, waitingFail, "Due for "+rough(late)+".")
}

func (c *Checker) dead(ctx context.Context) Reading {
	counts, err := c.cfg.Store.JobCounts(ctx)
	if err != nil {
		return failed(err)
	}
	n := counts[store.JobDead]
	if n == 0 {
		return Reading{Grade: Pass, Value: 0, Unit: "jobs", Detail: "None."}
	}
	return Reading{Grade: Warn, Value: float64(n), Unit: "jobs", Detail: fmt.Sprintf("%d failed too often and wait for a person.", n)}
}

func (c *Checker) drift(context.Context) Reading {
	a := c.LastAudit()
	switch {
	case a.At.IsZero():
		return Reading{Grade: Pass, Unit: "rows", Open: true, Detail: "No audit ran since the start; one runs every " + rough(AuditInterval) + "."}
	case a.Found > 0:
		return Reading{Grade: Warn, Value: float64(a.Found), Unit: "rows", Detail: fmt.Sprintf("Rows that were wrong: %d. Run introspect rollup rebuild.", a.Found)}
	}
	return Reading{Grade: Pass, Value: 0, Unit: "rows", Detail: "Agree; last audited: " + a.Day + "."}
}

func (c *Checker) heartbeat(context.Context) Reading {
	last := c.cfg.Heartbeat()
	if last.IsZero() { // a fresh start is no trouble, and visitors must not read of one
		r := age(c.cfg.Now().Sub(c.began), heartbeatWarn, heartbeatFail, "Has not run since the start.")
		r.Open = r.Grade == Pass
		return r
	}
	d := c.cfg.Now().Sub(last)
	return age(d, heartbeatWarn, heartbeatFail, "Ran "+rough(d)+" ago.")
}

// firstBackup is how long a process may take for the first backup of an
// installation before its lack is a failure: a try, and the next one after that.
const firstBackup = 20 * time.Minute

func (c *Checker) backup(ctx context.Context) Reading {
	b, err := c.cfg.Backup(ctx)
	switch {
	case err != nil:
		return failed(err)
	case b.At.IsZero() && b.Reason != "":
		return Reading{Grade: Fail, Detail: "There is no backup, the last attempt failed: " + b.Reason}
	case b.At.IsZero() && b.Coming && c.cfg.Now().Sub(c.began) < firstBackup:
		return Reading{Grade: Pass, Open: true, Detail: "There is none yet; the first one is being made, or about to be."}
	case b.At.IsZero():
		return Reading{Grade: Fail, Detail: "There is no backup yet."}
	}
	d := c.cfg.Now().Sub(b.At)
	return age(d, backupWarn, backupFail, "Made "+rough(d)+" ago.")
}

func (c *Checker) drill(ctx context.Context) Reading {
	d, err := c.cfg.Drill(ctx)
	if err != nil {
		return failed(err)
	}
	if d.At.IsZero() {
		return Reading{Grade: Pass, Open: true, Detail: "There is none yet; the first one follows the first backup."}
	}
	since := c.cfg.Now().Sub(d.At)
	if d.Reason != "" {
		return Reading{Grade: Fail, Value: since.Seconds(), Unit: "s", Detail: "Failed " + rough(since) + " ago: " + d.Reason}
	}
	return age(since, drillWarn, drillFail, fmt.Sprintf("Restored and proven %s ago in %s; a crash then would have lost %s.",
		rough(since), d.RTO.Round(time.Millisecond), rough(d.RPO)))
}

func (c *Checker) encryption(context.Context) Reading {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails since Go 1.24
	sealed, err := c.cfg.Keys.Seal(secret, "self-test")
	if err != nil {
		return failed(err)
	}
	plain, err := c.cfg.Keys.Open(sealed, "self-test")
	if err != nil {
		return failed(err)
	}
	if subtle.ConstantTimeCompare(plain, secret) != 1 {
		return Reading{Grade: Fail, Detail: "What was sealed came back changed."}
	}
	if _, err := c.cfg.Keys.Open(sealed, "another place"); err == nil {
		return Reading{Grade: Fail, Detail: "What was sealed for one place opens in another."}
	}
	return Reading{Grade: Pass, Detail: "Sealed and opened."}
}

func (c *Checker) certificate(ctx context.Context) Reading {
	u, err := url.Parse(c.cfg.AppURL)
	if err != nil {
		return failed(err)
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	d := tls.Dialer{Config: &tls.Config{RootCAs: c.cfg.Roots, MinVersion: tls.VersionTLS12, Time: c.cfg.Now}}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok && len(bad.UnverifiedCertificates) > 0 {
		// One that is over is a figure as well, so that the alert about it fires.
		if left := bad.UnverifiedCertificates[0].NotAfter.Sub(c.cfg.Now()); left < 0 {
			return validity(left)
		}
	}
	if err != nil {
		return failed(err)
	}
	defer conn.Close() //nolint:errcheck // nothing was sent
	secure, ok := conn.(*tls.Conn)
	if !ok || len(secure.ConnectionState().PeerCertificates) == 0 {
		return Reading{Grade: Fail, Detail: "There is no certificate."}
	}
	return validity(secure.ConnectionState().PeerCertificates[0].NotAfter.Sub(c.cfg.Now()))
}

// validity judges how long a certificate is still valid.
func validity(left time.Duration) Reading {
	r := Reading{Grade: Pass, Value: left.Hours() / 24, Unit: "days", Detail: "Valid for " + rough(left) + "."}
	switch {
	case left < 0:
		r.Grade, r.Detail = Fail, "Expired "+rough(-left)+" ago."
	case left < expiryFail:
		r.Grade = Fail
	case left < expiryWarn:
		r.Grade = Warn
	}
	return r
}

// clock compares this machine's clock with the one that the public address
// shows, which is that of the proxy in front. The database's clock is ours.
func (c *Checker) clock(ctx context.Context) Reading {
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: c.cfg.Roots, MinVersion: tls.VersionTLS12, Time: c.cfg.Now}, DisableKeepAlives: true}}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, c.cfg.AppURL+"/livez", nil)
	if err != nil {
		return failed(err)
	}
	before := c.cfg.Now()
	resp, err := client.Do(req)
	if err != nil {
		return failed(err)
	}
	_ = resp.Body.Close() // nothing is in it
	told, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return Reading{Grade: Warn, Detail: "The public address tells no time."}
	}
	// Date has whole seconds, so half of one is the best guess.
	off := told.Add(500 * time.Millisecond).Sub(before).Abs()
	if off < time.Second {
		return Reading{Grade: Pass, Value: 0, Unit: "s", Detail: "Agree within a second."}
	}
	return age(off, clockWarn, clockFail, "Differ by "+rough(off)+".")
}

// rough is a duration for people.
func rough(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if d >= 2*unit.size {
			return fmt.Sprintf("%d %s", d/unit.size, unit.name)
		}
	}
	return scope.Plural(int(max(0, d/time.Second)), "second")
}
