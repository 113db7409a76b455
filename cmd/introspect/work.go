package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/resend"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/smtp"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
	"applicreations.com/introspect/internal/webhook"
)

// deliveries makes the work that brings documents, mails and webhooks out.
func (a *app) deliveries(keys *seal.Keyring, cat *catalog.Catalog, engine *intake.Engine) (*deliver.Service, error) {
	cfg := deliver.Config{
		Store: a.store, Catalog: cat, Engine: engine, Keys: keys, Agency: a.agencies(), Post: a.poster(), Plain: a.cfg.privateWebhooks, Base: a.address, Log: a.log,
		Minutes: func(s *intake.Session) int { return engine.Progress(s).MinutesLeft },
	}
	brand, err := a.brand()
	if err != nil {
		return nil, err
	}
	cfg.Render = func(p proposal.Proposal) ([]byte, error) { return pdf.Render(p, brand) }
	switch {
	case a.cfg.resendKey != "":
		cfg.Provider, cfg.Send = "resend", resend.Client{BaseURL: a.cfg.resendURL, Key: a.cfg.resendKey}.Send
	case a.cfg.smtpURL != "":
		client, err := smtp.New(a.cfg.smtpURL)
		if err != nil {
			return nil, fmt.Errorf("SMTP_URL: %w", err)
		}
		cfg.Provider, cfg.Send = "smtp", client.Send
	}
	return deliver.New(cfg), nil
}

func (a *app) poster() deliver.Poster {
	client := webhook.Client{AllowPrivate: a.cfg.privateWebhooks}
	return func(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (int, string, error) {
		r, err := client.Post(ctx, endpoint, secret, id, at, body)
		return r.Status, r.Answer, err
	}
}

// mailEvents reads what Resend reports; nil without the secret that signs it.
func (a *app) mailEvents() web.MailEventReader {
	if a.cfg.resendSecret == "" {
		return nil
	}
	return func(header http.Header, body []byte, now time.Time) (web.MailEvent, error) {
		e, err := resend.VerifyWebhook(a.cfg.resendSecret, header, body, now)
		if errors.Is(err, resend.ErrEvent) {
			a.log.Warn("a signed report of the mail service is not understood; look at the mail in the vendor's list")
			return web.MailEvent{}, nil
		}
		states := map[resend.Kind]store.MailState{
			resend.Delivered: store.MailDelivered, resend.Bounced: store.MailBounced, resend.Complained: store.MailComplained,
		}
		return web.MailEvent{ProviderID: e.ProviderID, State: states[e.Kind], Reason: e.Reason}, err
	}
}

// agencies are the forms of the agency that documents and mails want.
func (a *app) agencies() deliver.Agency {
	ag := a.cfg.agency
	return deliver.Agency{
		Scope:    scope.Agency{Name: ag.Name, Email: ag.Email, Phone: ag.Phone, URL: ag.URL},
		Proposal: proposal.Agency{Name: ag.Name, Email: ag.Email, Phone: ag.Phone, URL: ag.URL, About: a.cfg.about},
		Mail:     letter.Agency{Name: ag.Name, From: a.cfg.mailFrom, Team: a.cfg.mailTeam, Phone: ag.Phone, Calendar: ag.Calendar},
	}
}

// brand is how the agency looks on paper. A logo that paper cannot show, such as
// an SVG, is replaced by the name.
func (a *app) brand() (pdf.Brand, error) {
	b := pdf.Brand{Name: a.cfg.agency.Name}
	if logo := a.cfg.agency.Logo; len(logo) > 0 && (strings.HasPrefix(string(logo), "\x89PNG") || strings.HasPrefix(string(logo), "\xff\xd8")) {
		b.Logo = logo
	}
	for _, c := range []struct {
		name, text string
		into       *pdf.Colour
	}{{"AGENCY_COLOR", a.cfg.agency.Colour, &b.Primary}, {"AGENCY_ACCENT", a.cfg.accent, &b.Accent}} {
		if c.text == "" {
			continue
		}
		colour, err := pdf.ParseColour(c.text)
		if err != nil {
			return b, fmt.Errorf("%s: %w", c.name, err)
		}
		*c.into = colour
	}
	return b, nil
}

// runner does the durable work of this process.
func (a *app) runner(kinds map[string]job.Kind) *job.Runner {
	return job.New(job.Config{Store: a.store, Kinds: kinds, Log: a.log})
}

// abandonEvery is how often idle sessions are looked for.
const abandonEvery = 5 * time.Minute

// abandonIdle marks sessions that were left, at the start and then every few
// minutes, until ctx ends.
func (a *app) abandonIdle(ctx context.Context) {
	tick := time.NewTicker(abandonEvery)
	defer tick.Stop()
	for {
		a.signs.work.Did(taskAbandon, time.Now())
		n, err := a.talk.AbandonIdle(ctx)
		if err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "sessions that were left are not marked yet; the next try is in a few minutes", "error", err)
		} else if n > 0 {
			a.log.InfoContext(ctx, "sessions marked as abandoned", "sessions", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// address is the public address, without a slash at its end. Before the listener
// is open it is a guess.
func (a *app) address() string {
	if base := strings.TrimRight(a.cfg.appURL, "/"); base != "" {
		return base
	}
	if base := a.local.Load(); base != nil {
		return *base
	}
	return "http://localhost:" + a.cfg.port
}
