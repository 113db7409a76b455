package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/analytics4"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/forward"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/posthog"
	"applicreations.com/introspect/internal/sentry"
	"applicreations.com/introspect/internal/signature"
	"applicreations.com/introspect/internal/telemetry"
	"applicreations.com/introspect/internal/web"
)

// The forms of the body for the monitoring webhook.
const (
	formatSigned = "signed"
	formatSeed   = "seed" // type, message, context, timestamp (S64)
)

// Who agreed to analytics by others (ANALYTICS_CONSENT).
const (
	consentNone  = "none"
	consentAsk   = "ask"   // whoever says yes on our pages
	consentGiven = "given" // everybody, as the agency says
)

// traced is the share of requests that are traced (S44).
const traced = 0.1

// forwardEvery is how often events are passed on.
const forwardEvery = 15 * time.Second

// lastReports is how long the end of the process waits for reports and traces.
const lastReports = 2 * time.Second

// outside is where alerts, faults, events and traces go.
type outside struct {
	slackURL, discordURL, teamsURL    string
	pagerKey, pagerURL                string
	webhookURL, webhookForm, webhook  string // address, format, secret
	sentryDSN                         string
	posthogKey, posthogURL            string
	gaID, gaSecret, gaURL             string
	consent                           string // to analytics: none, ask or given
	otlpURL, otlpService, runbookPage string
	otlpHeaders                       map[string]string
	sample                            float64
	routes                            routes
	fallback                          []alert.Channel // nil: that of the house
}

// readChannels reads where alerts go. Every address is optional.
func (o *outside) readChannels(get func(...string) string) error {
	o.slackURL, o.discordURL, o.teamsURL = get("SLACK_WEBHOOK_URL"), get("DISCORD_WEBHOOK_URL"), get("TEAMS_WEBHOOK_URL")
	o.pagerKey, o.pagerURL = get("PAGERDUTY_ROUTING_KEY"), get("PAGERDUTY_BASE_URL")
	o.webhookURL, o.webhook = get("MONITORING_WEBHOOK_URL"), get("MONITORING_WEBHOOK_SECRET")
	o.runbookPage = get("RUNBOOK_URL")
	var err error
	// Without a secret there is nothing to sign with, and the seed's own
	// receivers expect the seed's body.
	standard := formatSeed
	if o.webhook != "" {
		standard = formatSigned
	}
	if o.webhookForm = cmp.Or(get("MONITORING_WEBHOOK_FORMAT"), standard); o.webhookForm != formatSeed && o.webhookForm != formatSigned {
		err = fmt.Errorf("MONITORING_WEBHOOK_FORMAT is %q; set it to signed or seed", o.webhookForm)
	}
	if o.webhookForm == formatSigned && o.webhookURL != "" && o.webhook == "" {
		err = errors.Join(err, errors.New("MONITORING_WEBHOOK_SECRET is not set, so the receiver could not tell our alerts from others; set it to whsec_ and 24 to 64 bytes in base64"))
	}
	for one := range strings.FieldsSeq(o.webhook) {
		if _, e := signature.Parse(one); e != nil {
			err = errors.Join(err, errors.New("MONITORING_WEBHOOK_SECRET is unreadable; set it to whsec_ and 24 to 64 bytes in base64"))
		}
	}
	return err
}

// readOutside reads where things go. Every address is optional.
func (c *config) readOutside(get func(...string) string) error {
	o := &c.outside
	err := o.readChannels(get)
	o.sentryDSN = get("SENTRY_DSN", "NEXT_PUBLIC_SENTRY_DSN")
	o.posthogKey, o.posthogURL = get("POSTHOG_KEY", "NEXT_PUBLIC_POSTHOG_KEY"), get("POSTHOG_HOST", "NEXT_PUBLIC_POSTHOG_HOST")
	o.gaID, o.gaSecret, o.gaURL = get("GA_ID", "NEXT_PUBLIC_GA_ID"), get("GA_API_SECRET"), get("GA_BASE_URL")
	switch o.consent = cmp.Or(get("ANALYTICS_CONSENT"), consentNone); o.consent {
	case consentNone, consentAsk, consentGiven:
	default:
		err = errors.Join(err, fmt.Errorf("ANALYTICS_CONSENT is %q, so nobody knows whether events may go to others; set it to ask, to given when every visitor has agreed before the first event, or to none", o.consent))
	}
	return errors.Join(err, o.readTraces(get), o.checkAddresses(), c.readRoutes(get))
}

// readTraces reads what belongs to OpenTelemetry, in its own variables.
func (o *outside) readTraces(get func(...string) string) error {
	var err error
	o.otlpURL, o.otlpService = get("OTEL_EXPORTER_OTLP_ENDPOINT"), get("OTEL_SERVICE_NAME")
	o.sample = traced
	if v := get("OTEL_TRACES_SAMPLER_ARG"); v != "" {
		share, e := strconv.ParseFloat(v, 64)
		if e != nil || share <= 0 || share > 1 {
			err = errors.Join(err, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q; set it to a share above 0 and up to 1, such as 0.1", v))
		}
		o.sample = share
	}
	o.otlpHeaders = map[string]string{}
	for one := range strings.SplitSeq(get("OTEL_EXPORTER_OTLP_HEADERS"), ",") {
		if name, value, ok := strings.Cut(strings.TrimSpace(one), "="); ok {
			o.otlpHeaders[name] = value
		} else if one != "" {
			err = errors.Join(err, errors.New("OTEL_EXPORTER_OTLP_HEADERS is unreadable; set it to name=value pairs, separated by commas"))
		}
	}
	return err
}

// checkAddresses names the setting whose address is none. It never repeats the
// address, because it is a secret.
func (o *outside) checkAddresses() error {
	var err error
	for _, s := range []struct{ name, address string }{
		{"SLACK_WEBHOOK_URL", o.slackURL},
		{"DISCORD_WEBHOOK_URL", o.discordURL},
		{"TEAMS_WEBHOOK_URL", o.teamsURL},
		{"MONITORING_WEBHOOK_URL", o.webhookURL},
		{"PAGERDUTY_BASE_URL", o.pagerURL},
		{"POSTHOG_HOST", o.posthogURL},
		{"RUNBOOK_URL", o.runbookPage},
	} {
		if u, e := url.Parse(s.address); s.address != "" && (e != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
			err = errors.Join(err, fmt.Errorf("%s is no web address; set it to a full https URL", s.name))
		}
	}
	if o.gaID != "" && o.gaSecret == "" {
		err = errors.Join(err, errors.New("GA_ID is set without GA_API_SECRET, so Google would take no event; make a secret under Admin, Data streams, Measurement Protocol"))
	}
	return err
}

// openSentry starts the error tracker, in production only, as in the seed (S43).
func (a *app) openSentry(ctx context.Context) error {
	o := a.cfg.outside
	if o.sentryDSN == "" || !a.cfg.production() {
		return nil
	}
	c, err := sentry.New(ctx, sentry.Config{DSN: o.sentryDSN, Release: version, Environment: a.cfg.environment, Traces: traced, Speak: a.speak})
	if err != nil {
		return fmt.Errorf("SENTRY_DSN: %w", err)
	}
	a.sentry = c
	a.closers = append(a.closers, ending(ctx, c.Close))
	return nil
}

// openOutside starts the error tracker and the traces, which end with the app.
func (a *app) openOutside(ctx context.Context) error {
	o := a.cfg.outside
	if err := a.openSentry(ctx); err != nil {
		return err
	}
	if o.otlpURL != "" {
		t, err := telemetry.New(ctx, telemetry.Config{Endpoint: o.otlpURL, Sample: o.sample, Service: o.otlpService, Version: version, Environment: a.cfg.environment, Headers: o.otlpHeaders, Note: a.collectorFaults(ctx)})
		if err != nil {
			return fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT: %w", err)
		}
		a.traces = t
		a.closers = append(a.closers, ending(ctx, t.Close))
	}
	a.forward = forward.New(forward.Config{Store: a.store, Vendors: a.vendors(), Log: a.log, Consent: a.mayLeave})
	return nil
}

// collectorFaults logs when the collector of traces stops taking them, and when
// it takes them again.
func (a *app) collectorFaults(ctx context.Context) func(error) {
	return func(err error) {
		if err != nil {
			a.log.WarnContext(ctx, "the collector takes no traces; what it misses is lost and counted, and nobody waits for it; see OTEL_EXPORTER_OTLP_ENDPOINT", "error", err)
		} else {
			a.log.InfoContext(ctx, "the collector takes traces again")
		}
	}
}

// mayLeave reports whether the events of a session may go to others, and since
// when: the agency has everybody's consent or the visitor agreed, did not ask to
// be left alone, and there was one.
func (a *app) mayLeave(ctx context.Context, id event.SessionID) (since time.Time, yes bool, err error) {
	if a.cfg.outside.consent == consentNone || ingest.Anonymous(id) {
		return time.Time{}, false, nil
	}
	if simulated, err := a.store.IsSimulated(ctx, id); err != nil || simulated {
		return time.Time{}, false, err
	}
	if a.cfg.outside.consent == consentAsk {
		return a.privacy.Allowed(ctx, id)
	}
	return time.Time{}, true, nil
}

// ending closes something within a short time, also when ctx is over.
func ending(ctx context.Context, end func(context.Context) error) func() error {
	return func() error {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastReports)
		defer cancel()
		return end(limit)
	}
}

// vendors lists who wants events.
func (a *app) vendors() (out []forward.Vendor) {
	o := a.cfg.outside
	if a.sentry != nil {
		out = append(out, forward.Vendor{Name: "sentry", Inside: true, Send: func(_ context.Context, list []event.Event) error {
			for _, e := range list {
				a.sentry.Breadcrumb(e.At, string(e.Name), string(e.SessionID))
			}
			return nil
		}})
	}
	if o.posthogKey != "" {
		out = append(out, forward.Vendor{Name: "posthog", Send: posthog.Client{Key: o.posthogKey, BaseURL: o.posthogURL}.Send})
	}
	if o.gaID != "" {
		out = append(out, forward.Vendor{Name: "analytics4", Send: analytics4.Client{ID: o.gaID, Secret: o.gaSecret, BaseURL: o.gaURL}.Send})
	}
	if (o.posthogKey != "" || o.gaID != "") && o.consent == consentNone {
		a.log.Warn("events stay here although analytics is configured, because nobody has agreed; set ANALYTICS_CONSENT to ask, or to given when every visitor has")
	}
	return out
}

// runForward passes events on until ctx ends.
func (a *app) runForward(ctx context.Context) {
	tick := time.NewTicker(forwardEvery)
	defer tick.Stop()
	a.forward.Run(ctx, tick.C)
}

// report is web.Config.Report, nil without an error tracker.
func (a *app) report() func(context.Context, error) {
	if a.sentry == nil {
		return nil
	}
	return func(_ context.Context, err error) {
		fault := sentry.Fault{Err: err}
		var f *web.Fault
		if errors.As(err, &f) {
			fault = sentry.Fault{Err: f.Err, RequestID: f.RequestID, Route: f.Route, Status: f.Status}
		}
		a.sentry.Report(fault)
	}
}

// trace is web.Config.Trace, nil when nobody wants traces.
func (a *app) trace() func(context.Context, string, string, http.Header) (context.Context, func(int)) {
	switch {
	case a.traces == nil && a.sentry == nil:
		return nil
	case a.sentry == nil:
		return a.traces.Request
	}
	return func(ctx context.Context, method, route string, h http.Header) (context.Context, func(int)) {
		end := a.sentry.Trace(ctx, method, route)
		if a.traces == nil {
			return ctx, end
		}
		ctx, also := a.traces.Request(ctx, method, route, h)
		return ctx, func(status int) { end(status); also(status) }
	}
}

// analytics names the services that get the steps of visits.
func (o outside) analytics() (names []string) {
	if o.consent == consentNone {
		return nil
	}
	if o.posthogKey != "" {
		names = append(names, "PostHog")
	}
	if o.gaID != "" {
		names = append(names, "Google Analytics")
	}
	return names
}

// outgoing is what became of what goes to services of others.
func (a *app) outgoing() (out []web.Outgoing) {
	names := map[string]string{"posthog": "PostHog", "analytics4": "Google Analytics"}
	for _, v := range a.forward.Status() {
		if name, shown := names[v.Vendor]; shown {
			out = append(out, web.Outgoing{Service: name, What: "events", Sent: int64(v.Sent), Lost: int64(v.Refused), Kept: int64(v.Private), Fault: v.Last})
		}
	}
	if a.sentry != nil {
		c := a.sentry.Counts()
		out = append(out, web.Outgoing{Service: "Sentry", What: "faults and traces", Sent: c.Sent, Lost: c.Dropped + c.Failed})
	}
	if a.traces != nil {
		sent, failed := a.traces.Counts()
		out = append(out, web.Outgoing{Service: "OpenTelemetry", What: "spans", Sent: sent, Lost: failed, Fault: a.traces.Fault()})
	}
	return out
}
