package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/pdf"
	"applicreations.com/introspect/internal/proposal"
	"applicreations.com/introspect/internal/resend"
	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/smtp"
	"applicreations.com/introspect/internal/webhook"
)

// deliveries makes the work that brings documents, mails and webhooks out.
func (a *app) deliveries(keys *seal.Keyring, cat *catalog.Catalog) (*deliver.Service, error) {
	cfg := deliver.Config{
		Store: a.store, Catalog: cat, Keys: keys, Agency: a.agencies(), Post: a.poster(), Base: a.address, Log: a.log,
	}
	brand, err := a.brand()
	if err != nil {
		return nil, err
	}
	cfg.Render = func(p proposal.Proposal) ([]byte, error) { return pdf.Render(p, brand) }
	if cfg.Provider, cfg.Send, err = a.cfg.mailer(); err != nil {
		return nil, err
	}
	return deliver.New(cfg), nil
}

// mailer is who sends mails, and a nil func where nobody does.
func (c config) mailer() (provider string, send deliver.Sender, err error) {
	switch {
	case c.resendKey != "":
		return "resend", resend.Client{BaseURL: c.resendURL, Key: c.resendKey}.Send, nil
	case c.smtpURL != "":
		client, err := smtp.New(c.smtpURL)
		if err != nil {
			return "", nil, fmt.Errorf("SMTP_URL: %w", err)
		}
		return "smtp", client.Send, nil
	}
	return "", nil, nil
}

func (a *app) poster() deliver.Poster {
	client := webhook.Client{AllowPrivate: a.cfg.privateWebhooks}
	return func(ctx context.Context, endpoint, secret, id string, at time.Time, body []byte) (int, string, error) {
		r, err := client.Post(ctx, endpoint, secret, id, at, body)
		return r.Status, r.Answer, err
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
func (a *app) runner(d *deliver.Service) *job.Runner {
	return job.New(job.Config{Store: a.store, Kinds: d.Kinds(), Log: a.log})
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
