package main

import (
	"fmt"
	"maps"
	"net/mail"
	"os"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/resend"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/smtp"
	"applicreations.com/introspect/internal/watch"
)

// watching is what the alerts need of the settings.
type watching struct {
	controls []string // somebody else's addresses, to tell an outage from one of our network
	rules    string   // file of rules; empty: those of the house
	to       letter.Address
}

// readWatching reads the settings of the alerts.
func (c *config) readWatching(get func(...string) string) error {
	c.watching.rules, c.watching.to = get("ALERT_RULES"), c.mailTeam
	var err error
	if c.watching.controls, err = readControls(get("WATCH_CONTROL_URL")); err != nil {
		return err
	}
	text := get("ALERT_EMAIL")
	if text == "" {
		return nil
	}
	a, err := mail.ParseAddress(text)
	if err != nil {
		return fmt.Errorf("ALERT_EMAIL is %q; set it to an address such as Night shift <alerts@example.com>", text)
	}
	c.watching.to = letter.Address{Name: a.Name, Email: a.Address}
	return nil
}

// readRules reads the rules of a file; nil are those of the house.
func (c *config) readRules() ([]alert.Rule, error) {
	if c.watching.rules == "" {
		return nil, nil
	}
	data, err := os.ReadFile(c.watching.rules)
	if err != nil {
		return nil, fmt.Errorf("ALERT_RULES: %w; set it to a file of rules, or leave it out for those of the house", err)
	}
	rules, err := alert.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("ALERT_RULES %s:\n%w", c.watching.rules, err)
	}
	return rules, nil
}

// watcher makes the service that evaluates the alerts.
func (a *app) watcher(keys *seal.Keyring) (*watch.Service, error) {
	rules, err := a.cfg.readRules()
	if err != nil {
		return nil, err
	}
	send, err := a.alertMail()
	if err != nil {
		return nil, err
	}
	v, o := a.vitals(), a.cfg.outside
	return watch.New(watch.Config{
		Store: a.store, Keys: keys, Rules: rules, Channels: a.channels(), People: o.routes.people, Routes: o.routes.behind, Fallback: o.fallback,
		Quiet: []alert.Channel{chanSentry}, Taken: a.acknowledging(), Requests: &a.pulse,
		Sources: v.Sources(), Reasons: v.Reasons(), Mail: send, Agency: a.agencies().Mail, To: a.cfg.watching.to,
		Base: a.address, Guide: o.runbookPage, Zone: a.cfg.zone, Log: a.log,
	})
}

// alertMail is how alerts are mailed; nil where no mail provider is set up.
func (a *app) alertMail() (watch.Sender, error) {
	switch {
	case a.cfg.resendKey != "":
		return resend.Client{BaseURL: a.cfg.resendURL, Key: a.cfg.resendKey}.Send, nil
	case a.cfg.smtpURL != "":
		client, err := smtp.New(a.cfg.smtpURL)
		if err != nil {
			return nil, fmt.Errorf("SMTP_URL: %w", err)
		}
		return client.Send, nil
	}
	return nil, nil
}

// observe counts an answered request for the dashboard and for the alerts.
func (a *app) observe(took time.Duration, status int) {
	a.requests.Observe(took, status)
	a.pulse.Observe(time.Now(), took, status)
}

// workKinds are all the jobs that this process does.
func workKinds(d *deliver.Service, w *watch.Service) map[string]job.Kind {
	kinds := d.Kinds()
	maps.Copy(kinds, w.Kinds())
	return kinds
}
