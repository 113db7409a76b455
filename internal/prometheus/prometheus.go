// Package prometheus shows figures about this process in the form that
// Prometheus reads. Labels are bounded: routes by their pattern, statuses by
// class, never an id or an address.
//
// It counts what it is told and asks for the rest when it is read; it decides
// nothing. Names begin with introspect_ and use base units. Start with New.
package prometheus

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// snapshotWait bounds one reading of the figures that are asked for.
const snapshotWait = 2 * time.Second

// Snapshot is the state of things when they are read. What is nil or missing is
// not shown.
type Snapshot struct {
	Jobs        map[string]int    // by state
	Sessions    map[string]int    // by state
	Active      int               // sessions with activity in the last minutes
	Drift       int               // rows of the figures that were found wrong
	Checks      map[string]string // health checks: pass, warn or fail
	Components  map[string]bool   // of the status page: whether each serves
	Bytes       int64             // of the database
	Notices     []Told            // alerts handed to channels, since the start
	Waiting     int               // notices of alerts that nobody has taken yet
	Oldest      time.Duration     // for how long the first of them has waited
	Outside     []Tally           // what went to services of others, since the start; outcomes sent, lost and kept
	Maintenance bool              // visitors are kept out
}

// Tally counts what became of things that went one way.
type Tally struct {
	Way, Outcome string // both of a bounded set
	Count        int64
}

// Told counts what became of one kind of notice of alerts in one channel.
type Told struct {
	Channel, Kind              string // both of a bounded set
	Accepted, Refused, Dropped int64
	Took                       time.Duration // of all that were accepted, from their making
}

// Config is what an Exposition needs.
type Config struct {
	Version  string
	Commit   string                                  // of the source; empty when the build knows none
	Snapshot func(context.Context) (Snapshot, error) // nil: only what is counted is shown
}

// Exposition counts requests and events and serves all figures. It is safe for
// concurrent use.
type Exposition struct {
	cfg      Config
	handler  http.Handler
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	events   *prometheus.CounterVec
	failed   prometheus.Counter
	gauges   gauges
}

// gauges are described once and filled at every reading.
type gauges struct {
	build, jobs, sessions, active, drift, checks, components, bytes, maintenance, notices, told, waiting, oldest, outside *prometheus.Desc
}

// New makes an exposition with a registry of its own, so that nothing gets in
// that some library registers by itself.
func New(cfg Config) *Exposition {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("introspect_"+name, help, labels, nil)
	}
	e := &Exposition{
		cfg: cfg,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "introspect_http_requests_total", Help: "Requests answered, by route pattern and class of status.",
		}, []string{"route", "status_class"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "introspect_http_request_duration_seconds", Help: "How long answers took, by route pattern.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 3, 10, 30}, // 3 and 10 s are the thresholds of alerts
		}, []string{"route"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "introspect_ingest_events_total", Help: "Events from outside, by verdict.",
		}, []string{"verdict"}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "introspect_snapshot_failures_total", Help: "Readings at which the figures of the database were not there.",
		}),
		gauges: gauges{
			build:       desc("build_info", "What runs here; always 1.", "version", "commit", "go_version"),
			jobs:        desc("jobs", "Durable jobs, by state.", "state"),
			sessions:    desc("sessions", "Interviews, by state.", "state"),
			active:      desc("sessions_active", "Interviews with activity in the last five minutes."),
			drift:       desc("rollup_drift_rows", "Rows of the figures that differed from their events, since the start."),
			checks:      desc("health_check", "Health checks: 1 for the present status of each, else 0.", "check", "status"),
			components:  desc("component_up", "Whether each component of the status page serves.", "component"),
			bytes:       desc("database_size_bytes", "The database and its log."),
			maintenance: desc("maintenance_active", "Whether visitors are kept out."),
			notices:     desc("notifications_total", "Attempts to tell of alerts, and alerts that were over before a channel took them, by channel, kind and outcome.", "channel", "kind", "outcome"),
			told:        desc("notifications_delivery_seconds", "How long it took from the making of a notice until its channel accepted it.", "channel", "kind"),
			waiting:     desc("notifications_queue_depth", "Notices of alerts that no channel has taken yet, but for those of the mail of the morning."),
			oldest:      desc("notifications_oldest_pending_seconds", "For how long the first of these has waited."),
			outside:     desc("outside_total", "Events, reports and spans for services of others, by service and outcome.", "service", "outcome"),
		},
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(e.requests, e.took, e.events, e.failed, e, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, verdict := range []string{"accepted", "duplicate", "dropped", "retry"} {
		e.events.WithLabelValues(verdict) // A counter that is there from the start has a rate from the start.
	}
	e.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{EnableOpenMetrics: true})
	return e
}

// ServeHTTP writes all figures.
func (e *Exposition) ServeHTTP(w http.ResponseWriter, r *http.Request) { e.handler.ServeHTTP(w, r) }

// Request counts an answer of a route.
func (e *Exposition) Request(route string, status int, took time.Duration) {
	e.requests.WithLabelValues(route, strconv.Itoa(status/100)+"xx").Inc()
	e.took.WithLabelValues(route).Observe(took.Seconds())
}

// Events counts events by their verdicts.
func (e *Exposition) Events(accepted, duplicates, dropped, retry int) {
	for verdict, n := range map[string]int{"accepted": accepted, "duplicate": duplicates, "dropped": dropped, "retry": retry} {
		e.events.WithLabelValues(verdict).Add(float64(n))
	}
}

// Describe implements prometheus.Collector.
func (e *Exposition) Describe(out chan<- *prometheus.Desc) {
	g := e.gauges
	for _, d := range []*prometheus.Desc{g.build, g.jobs, g.sessions, g.active, g.drift, g.checks, g.components, g.bytes, g.maintenance, g.notices, g.told, g.waiting, g.oldest, g.outside} {
		out <- d
	}
}

// Collect implements prometheus.Collector: it asks for the state of things.
func (e *Exposition) Collect(out chan<- prometheus.Metric) {
	show := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	show(e.gauges.build, 1, e.cfg.Version, e.cfg.Commit, runtime.Version())
	if e.cfg.Snapshot == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), snapshotWait)
	defer cancel()
	s, err := e.cfg.Snapshot(ctx)
	if err != nil {
		e.failed.Inc()
		return
	}
	for state, n := range s.Jobs {
		show(e.gauges.jobs, float64(n), state)
	}
	for state, n := range s.Sessions {
		show(e.gauges.sessions, float64(n), state)
	}
	show(e.gauges.active, float64(s.Active))
	show(e.gauges.drift, float64(s.Drift))
	for check, now := range s.Checks {
		for _, status := range []string{"pass", "warn", "fail"} {
			show(e.gauges.checks, truth(status == now), check, status)
		}
	}
	for component, up := range s.Components {
		show(e.gauges.components, truth(up), component)
	}
	show(e.gauges.bytes, float64(s.Bytes))
	show(e.gauges.maintenance, truth(s.Maintenance))
	show(e.gauges.waiting, float64(s.Waiting))
	show(e.gauges.oldest, s.Oldest.Seconds())
	for _, t := range s.Outside {
		out <- prometheus.MustNewConstMetric(e.gauges.outside, prometheus.CounterValue, float64(t.Count), t.Way, t.Outcome)
	}
	for _, t := range s.Notices {
		for outcome, n := range map[string]int64{"accepted": t.Accepted, "refused": t.Refused, "dropped": t.Dropped} {
			out <- prometheus.MustNewConstMetric(e.gauges.notices, prometheus.CounterValue, float64(n), t.Channel, t.Kind, outcome)
		}
		if t.Accepted > 0 {
			out <- prometheus.MustNewConstSummary(e.gauges.told, uint64(t.Accepted), t.Took.Seconds(), nil, t.Channel, t.Kind)
		}
	}
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
