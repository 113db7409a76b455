package main

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	"applicreations.com/introspect/internal/scope"
	"applicreations.com/introspect/internal/signature"
)

// checkForms judges settings by their form alone. A value that nobody can mean
// stops the start: read as off, or as the default, it would be found out on the
// day when it is needed. Values that may be secrets are not repeated.
func (c *config) checkForms(get func(...string) string) error {
	errs := []error{checkSwitches(get), c.checkOrigins(), checkKeys(get)}
	for _, name := range []string{"AGENCY_URL", "AGENCY_CALENDAR_URL", "ANTHROPIC_BASE_URL", "RESEND_BASE_URL", "GA_BASE_URL", "WATCH_CONTROL_URL", "BACKUP_S3_ENDPOINT"} {
		if v := get(name); v != "" && !httpAddress(v) {
			errs = append(errs, fmt.Errorf("%s is %q; set it to a web address such as https://example.com", name, v))
		}
	}
	if v := get("GOGC"); v != "" && v != "off" {
		if n, err := strconv.Atoi(v); err != nil || n <= 0 {
			errs = append(errs, fmt.Errorf("GOGC is %q; set it to a number such as 100, to off, or leave it out", v))
		}
	}
	if v := get("AGENCY_EMAIL"); v != "" {
		if _, err := mail.ParseAddress(v); err != nil {
			errs = append(errs, fmt.Errorf("AGENCY_EMAIL is %q; set it to an address such as hello@example.com", v))
		}
	}
	return errors.Join(errs...)
}

// pagerKeyLength is that of every integration key of the Events API v2.
const pagerKeyLength = 32

// checkKeys judges the keys whose form is known; they are not repeated.
func checkKeys(get func(...string) string) error {
	var errs []error
	if v := get("PAGERDUTY_ROUTING_KEY"); v != "" && len(v) != pagerKeyLength {
		errs = append(errs, fmt.Errorf("PAGERDUTY_ROUTING_KEY has %s, so nobody would be paged; set it to the integration key of %d characters", scope.Plural(len(v), "character"), pagerKeyLength))
	}
	if v := get("SENTRY_DSN", "NEXT_PUBLIC_SENTRY_DSN"); v != "" {
		if u, err := url.Parse(v); err != nil || !httpAddress(v) || u.User.Username() == "" || strings.Trim(u.Path, "/") == "" {
			errs = append(errs, errors.New("SENTRY_DSN is no DSN, so no fault would be reported; copy it from the client keys of the project, like https://key@sentry.example.com/7"))
		}
	}
	if v := get("RESEND_WEBHOOK_SECRET"); v != "" {
		if _, err := signature.Parse(v); err != nil {
			errs = append(errs, errors.New("RESEND_WEBHOOK_SECRET is unreadable, so no mail would ever count as bounced; set it to the signing secret of the webhook at Resend, whsec_ and base64"))
		}
	}
	return errors.Join(errs...)
}

// checkSwitches judges the settings that are one of a few words.
func checkSwitches(get func(...string) string) error {
	var errs []error
	for _, s := range []struct{ name, words string }{
		{"TRUSTED_PROXY", "1 true 0 false"},
		{"WEBHOOKS_PRIVATE", "1 true 0 false"},
		{"BACKUP_PITR", "on off"},
		{"LOG_FORMAT", "text json"},
	} {
		v, words := get(s.name), strings.Fields(s.words)
		if v != "" && !strings.Contains(" "+s.words+" ", " "+v+" ") {
			errs = append(errs, fmt.Errorf("%s is %q; set it to %s, or leave it out", s.name, v, strings.Join(words, " or ")))
		}
	}
	return errors.Join(errs...)
}

// checkOrigins judges what browsers send as their origin, and what they get.
func (c *config) checkOrigins() error {
	var errs []error
	if c.appURL != "" && !isOrigin(c.appURL) {
		errs = append(errs, fmt.Errorf("APP_URL is %q; set it to the public address without a path, such as https://intake.example.com", c.appURL))
	}
	for _, o := range c.collect.Origins {
		if !isOrigin(o) {
			errs = append(errs, fmt.Errorf("INGEST_ORIGINS names %q, which no browser sends; write origins such as https://www.example.com, without a path", o))
		}
	}
	return errors.Join(errs...)
}

// isOrigin reports whether a text is scheme and host, and no more.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && httpAddress(text) && text == u.Scheme+"://"+u.Host
}
