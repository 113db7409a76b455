// Package telemetry sends traces of requests and of calls of a model to an OpenTelemetry collector by
// OTLP over HTTP. A span knows the method, the route pattern and the status, and
// nothing that a client sent. It is made only when an endpoint is configured;
// without one nobody calls it and nothing is paid. Start with New.
package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

const (
	// timeout bounds one export.
	timeout = 5 * time.Second
	// most is how many spans may wait for the collector; more are dropped.
	most = 2048
)

// Config says where traces go. Endpoint is required.
type Config struct {
	Endpoint    string  // base address of the collector, such as http://localhost:4318
	Sample      float64 // share of requests that begin a trace; 0: 0.1
	Service     string  // empty: introspect
	Version     string
	Environment string
	Headers     map[string]string // sent along, such as a key of the collector
	// Note is told once when the collector takes no spans any more, and with nil
	// when it takes them again; nil: nobody is.
	Note func(error)
}

// Tracer makes spans. It is safe for concurrent use.
type Tracer struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
	carrier  propagation.TraceContext
	exporter *counting
}

// New checks the endpoint. It does not connect, so a collector may come later.
func New(ctx context.Context, c Config) (*Tracer, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("endpoint %q is no web address, so no trace could be sent; set it to one such as http://localhost:4318", c.Endpoint)
	}
	exporter, err := otlptracehttp.New(
		ctx, otlptracehttp.WithEndpointURL(u.JoinPath("v1/traces").String()), otlptracehttp.WithTimeout(timeout), otlptracehttp.WithHeaders(c.Headers),
	)
	if err != nil {
		return nil, fmt.Errorf("open the exporter of traces: %w", err)
	}
	if c.Sample == 0 {
		c.Sample = 0.1
	}
	if c.Service == "" {
		c.Service = "introspect"
	}
	self, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", c.Service), attribute.String("service.version", c.Version),
		attribute.String("deployment.environment.name", c.Environment),
	))
	if err != nil {
		return nil, fmt.Errorf("describe this program to the collector: %w", err)
	}
	counted := &counting{SpanExporter: exporter, note: c.Note}
	batch := sdktrace.NewBatchSpanProcessor(counted, sdktrace.WithExportTimeout(timeout), sdktrace.WithMaxQueueSize(most))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(gate{batch, counted}),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.Sample))),
		sdktrace.WithResource(self),
	)
	return &Tracer{provider: provider, tracer: provider.Tracer("applicreations.com/introspect"), exporter: counted}, nil
}

// Request begins the span of a request, in the trace of the caller if the
// headers name one, and returns what ends it. The route is a pattern of the
// router, such as "POST /api/conversation". What the caller's tracer adds to its
// trace in words of its own is left out: anybody can be the caller.
func (t *Tracer) Request(ctx context.Context, method, pattern string, h http.Header) (context.Context, func(status int)) {
	ctx = t.carrier.Extract(ctx, propagation.HeaderCarrier(h))
	ctx = trace.ContextWithSpanContext(ctx, trace.SpanContextFromContext(ctx).WithTraceState(trace.TraceState{}))
	route := routeOf(pattern)
	ctx, span := t.tracer.Start(ctx, method+" "+route, trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", method), attribute.String("http.route", route),
	))
	return ctx, func(status int) {
		span.SetAttributes(attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetAttributes(attribute.String("error.type", strconv.Itoa(status)))
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// routeOf is the path of a pattern as the conventions want it: without the method
// and without the mark of the router for "nothing more".
func routeOf(pattern string) string {
	if _, path, found := strings.Cut(pattern, " "); found {
		pattern = path
	}
	return strings.TrimSuffix(pattern, "{$}")
}

// Call is what became of a call of a language model. Empty fields are not told.
type Call struct {
	Model         string        // that answered
	Input, Output int64         // tokens; Input includes the two below
	CacheRead     int64         // of Input, read from the vendor's cache
	CacheWrite    int64         // of Input, written to it
	FirstToken    time.Duration // 0: unknown
	Prompt        string        // version
	MicroUSD      *int64        // cost; nil: unknown, which is not nothing
	Fault         string        // class of the error, of a bounded set; empty: none
}

// Chat begins the span of a call of a language model, inside that of its
// request, and returns what ends it. The names are those of the conventions for
// generative AI; no word of the prompt or of the answer is told.
func (t *Tracer) Chat(ctx context.Context, provider, model string) (context.Context, func(Call)) {
	ctx, span := t.tracer.Start(ctx, "chat "+model, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.provider.name", provider), attribute.String("gen_ai.request.model", model),
	))
	return ctx, func(c Call) {
		if c.Model != "" {
			span.SetAttributes(attribute.String("gen_ai.response.model", c.Model))
		}
		if c.Input+c.Output > 0 {
			span.SetAttributes(attribute.Int64("gen_ai.usage.input_tokens", c.Input), attribute.Int64("gen_ai.usage.output_tokens", c.Output),
				attribute.Int64("gen_ai.usage.cache_read.input_tokens", c.CacheRead), attribute.Int64("gen_ai.usage.cache_creation.input_tokens", c.CacheWrite))
		}
		// The conventions have no words for these; they are those of the event
		// advisor_call.
		if c.Prompt != "" {
			span.SetAttributes(attribute.String("promptVersion", c.Prompt))
		}
		if c.FirstToken > 0 {
			span.SetAttributes(attribute.Int64("firstTokenMs", c.FirstToken.Milliseconds()))
		}
		if c.MicroUSD != nil {
			span.SetAttributes(attribute.Int64("costMicroUsd", *c.MicroUSD))
		}
		if c.Fault != "" {
			span.SetAttributes(attribute.String("error.type", c.Fault))
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Counts tells how many spans the collector took, and how many were lost on the
// way to it: refused, out of time, or dropped because too many waited.
func (t *Tracer) Counts() (sent, failed int64) {
	return t.exporter.sent.Load(), t.exporter.failed.Load()
}

// Fault says why the collector did not take the last spans; empty: it did.
func (t *Tracer) Fault() string {
	if err := t.exporter.fault.Load(); err != nil && *err != nil {
		return (*err).Error()
	}
	return ""
}

// Close sends what is left, as long as the context lasts.
func (t *Tracer) Close(ctx context.Context) error {
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// counting counts what becomes of spans.
type counting struct {
	sdktrace.SpanExporter

	note                  func(error)
	waiting, sent, failed atomic.Int64
	fault                 atomic.Pointer[error] // of the last export
}

// ExportSpans implements sdktrace.SpanExporter. The library would write an error
// to a log of its own, every five seconds and in its own form; here it is counted
// and told once.
func (c *counting) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := c.SpanExporter.ExportSpans(ctx, spans)
	c.waiting.Add(-int64(len(spans)))
	if err != nil {
		c.failed.Add(int64(len(spans)))
	} else {
		c.sent.Add(int64(len(spans)))
	}
	before := c.fault.Swap(&err)
	if failed := before != nil && *before != nil; c.note != nil && failed != (err != nil) {
		c.note(err)
	}
	return nil
}

// gate lets as many spans wait as the queue behind it takes, which drops the rest
// without a word.
type gate struct {
	sdktrace.SpanProcessor

	counts *counting
}

// OnEnd implements sdktrace.SpanProcessor.
func (g gate) OnEnd(s sdktrace.ReadOnlySpan) {
	switch {
	case !s.SpanContext().IsSampled():
	case g.counts.waiting.Add(1) > most:
		g.counts.waiting.Add(-1)
		g.counts.failed.Add(1)
	default:
		g.SpanProcessor.OnEnd(s)
	}
}
