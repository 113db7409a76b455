package web

import (
	"net/http"
	"slices"
)

// handler answers one request or returns why it could not; errors.go turns
// the error into a response.
type handler func(http.ResponseWriter, *http.Request) error

// kind says how a route is treated.
type kind int

const (
	page  kind = iota // a browser's page: errors are pages, cross-origin writes are refused
	api               // JSON for programs: errors are problems, any origin may read, cookies prove nothing
	quiet             // probes, files and streams: like api, but neither measured nor logged above debug
)

// bucket names a rate limit.
type bucket int

const (
	free     bucket = iota // not limited
	general                // conversation and documents: 20 a minute and 100 an hour
	relaxed                // form steps and price updates: 60 a minute
	batches                // event batches: 60 a minute of their own, and 600 from one network
	syncs                  // what browsers save in the background: 60 a minute of their own
	networks               // counts what batches admits, by network; no route names it
)

type route struct {
	pattern string
	handle  handler
	kind    kind
	bucket  bucket
}

// routes lists every path but the admin pages.
func (s *Server) routes() []route {
	return []route{
		// The client's way.
		{"GET /{$}", s.landing, page, free},
		{"POST /intake/begin", s.begin, page, relaxed},
		{"GET /intake", s.foundation, page, free},
		{"POST /intake", s.foundationStep, page, relaxed},
		{"GET /intake/queue", s.queue, page, free},
		{"GET /intake/conversation", s.conversation, page, free},
		{"POST /intake/conversation", s.conversationAnswer, page, general},
		{"POST /intake/back", s.back, page, general},
		{"POST /intake/feedback", s.vote, page, general},
		{"GET /intake/edit", s.editForm, page, free},
		{"POST /intake/edit", s.edit, page, general},
		{"POST /intake/price", s.price, page, relaxed},
		{"GET /intake/restart", s.restartAsk, page, free},
		{"POST /intake/restart", s.restart, page, relaxed},
		// The way back into an interview.
		{"GET /intake/continue", s.continueAsk, page, relaxed},
		{"POST /intake/continue", s.resume, page, relaxed},
		{"POST /intake/continue/link", s.askLink, page, general},
		{"GET /intake/reminders/{token}", s.remindersAsk, page, relaxed},
		{"POST /intake/reminders/{token}", s.remindersStop, page, relaxed},
		{"POST /api/sessions/sync", s.apiSync, api, syncs},
		{"POST /api/sessions/link", s.apiCopyLink, api, general},
		{"POST /api/send-magic-link", s.apiSendLink, api, general},
		{"GET /success", s.success, page, free},
		{"GET /privacy", s.privacy, page, free},
		// Delivery: the client's proposal, and what the mail service reports.
		{"POST /success/mail", s.mailAgain, page, general},
		{"GET /proposal/{token}", s.proposal, page, relaxed},
		{"GET /proposal/{token}/accept", s.acceptAsk, page, relaxed},
		{"POST /proposal/{token}/accept", s.accept, page, general},
		{"GET /proposal/{token}/question", s.questionAsk, page, relaxed},
		{"POST /proposal/{token}/question", s.question, page, general},
		{"GET /proposal/{token}/pdf", s.proposalFile, page, general},
		{"POST /api/webhooks/resend", s.mailEvent, api, free},

		// The JSON API (ARCHITECTURE 6).
		{"POST /api/sessions", s.apiBegin, api, general},
		{"GET /api/sessions/{id}", s.apiSession, api, general},
		{"POST /api/conversation", s.apiAnswer, api, general},
		{"POST /api/conversation/back", s.apiBack, api, general},
		{"POST /api/conversation/edit", s.apiEdit, api, general},
		{"POST /api/feedback", s.apiFeedback, api, general},
		{"GET /api/documents/scope/{sessionId}", s.scopeDocument, api, general},
		{"GET /api/documents/proposal/{sessionId}", s.proposalDocument, api, general},
		{"POST /api/metrics/batch", s.metricsBatch, api, batches},
		{"GET /openapi.json", s.openAPI, quiet, free},

		// Health.
		{"GET /livez", s.livez, quiet, free},
		{"GET /readyz", s.readyz, quiet, free},
		{"GET /api/health", s.healthReport, quiet, free},

		// Status and metrics.
		{"GET /status", s.statusHTML, quiet, free},
		{"GET /status.json", s.statusJSON, quiet, free},
		{"GET /api/v2/summary.json", s.statusJSON, quiet, free}, // where readers of Statuspage look
		{"GET /api/v2/status.json", s.statusJSON, quiet, free},
		{"GET /status.rss", s.statusRSS, quiet, free},
		{"GET /status.atom", s.statusAtom, quiet, free},
		{"GET /metrics", s.metrics, quiet, free},

		// Files.
		{"GET /collector.js", s.collector, quiet, free},
		{"GET /static/{name}", s.static, quiet, free},
		{"GET /robots.txt", s.robots, quiet, free},
	}
}

// privacyRoutes lists what people may do with their data (DOMAIN 8.8).
func (s *Server) privacyRoutes() []route {
	return []route{
		{"POST /privacy/choice", s.choose, page, relaxed},
		{"GET /privacy/requests", s.dataRequests, page, relaxed},
		{"POST /privacy/requests/link", s.dataLink, page, general},
		{"POST /privacy/requests/export", s.dataExport, page, general},
		{"POST /privacy/requests/erase", s.dataErase, page, general},
		{"GET /api/privacy/export", s.apiExport, api, general},
		{"POST /api/privacy/export", s.apiExport, api, general},
		{"POST /api/privacy/erase", s.apiErase, api, general},
	}
}

// mux registers all routes, and for the API an OPTIONS route beside them.
func (s *Server) mux() *http.ServeMux {
	m := http.NewServeMux()
	preflight := map[string]bool{}
	for _, rt := range slices.Concat(s.routes(), s.privacyRoutes(), s.adminRoutes(), s.operationRoutes(), s.visitRoutes(), s.alertRoutes()) {
		m.Handle(rt.pattern, s.treat(rt))
		if path := pathOf(rt.pattern); rt.kind == api && !preflight[path] {
			preflight[path] = true
			m.Handle("OPTIONS "+path, s.treat(route{"OPTIONS " + path, s.preflight, api, free}))
		}
	}
	return m
}
