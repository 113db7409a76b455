package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"

	"applicreations.com/introspect/internal/alert"
	"applicreations.com/introspect/internal/alert/speak"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/discord"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/pagerduty"
	"applicreations.com/introspect/internal/slack"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/teams"
	"applicreations.com/introspect/internal/watch"
)

// The channels of alerts beside those of package watch.
const (
	chanSlack     alert.Channel = "slack"
	chanDiscord   alert.Channel = "discord"
	chanTeams     alert.Channel = "teams"
	chanPagerDuty alert.Channel = "pagerduty"
	chanWebhook   alert.Channel = "webhook"
	chanSentry    alert.Channel = "sentry"
)

// routes says who stands behind the names that rules use.
type routes struct {
	behind map[alert.Channel][]alert.Channel
	people map[alert.Channel]letter.Address // channels that are somebody's mailbox
}

// houseRoutes are the routes where nobody set others (S122, S141). A page goes
// to PagerDuty, and what rules call slack is every place where the team reads
// along: the seed sends to the error tracker and the webhook all that it tells
// (S63, S64).
func houseRoutes() map[alert.Channel][]alert.Channel {
	return map[alert.Channel][]alert.Channel{
		"page":    {chanPagerDuty},
		chanSlack: {chanSlack, chanDiscord, chanTeams, chanWebhook, chanSentry},
	}
}

// readRoutes reads who hears of what: ALERT_ROUTES is a list such as
// "page=pagerduty,slack; lead=lead@example.com".
func (c *config) readRoutes(get func(...string) string) error {
	r := routes{behind: houseRoutes(), people: map[alert.Channel]letter.Address{}}
	var errs []error
	for one := range strings.SplitSeq(get("ALERT_ROUTES"), ";") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		name, targets, _ := strings.Cut(one, "=")
		role := alert.Channel(strings.TrimSpace(name))
		if role == "" || strings.TrimSpace(targets) == "" {
			errs = append(errs, fmt.Errorf("ALERT_ROUTES has %q; set it to names and channels such as page=pagerduty,slack; lead=lead@example.com", strings.TrimSpace(one)))
			continue
		}
		r.behind[role] = nil
		for target := range strings.SplitSeq(targets, ",") {
			errs = append(errs, r.add(c, role, strings.TrimSpace(target)))
		}
	}
	c.outside.routes = r
	for _, one := range list(get("ALERT_FALLBACK")) {
		errs = append(errs, c.known("ALERT_FALLBACK", alert.Channel(one)))
		c.outside.fallback = append(c.outside.fallback, alert.Channel(one))
	}
	return errors.Join(errs...)
}

// add puts a channel or a mailbox behind a role.
func (r *routes) add(c *config, role alert.Channel, target string) error {
	if !strings.Contains(target, "@") {
		r.behind[role] = append(r.behind[role], alert.Channel(target))
		return c.known("ALERT_ROUTES", alert.Channel(target))
	}
	to, err := mail.ParseAddress(target)
	if err != nil || c.resendKey == "" && c.smtpURL == "" {
		return fmt.Errorf("ALERT_ROUTES sends %s to a mailbox that cannot be reached; write it as lead@example.com, and set RESEND_API_KEY or SMTP_URL", role)
	}
	// The name is shown and logged, so it is that of the role and not the address.
	box := role + "_mail"
	if _, taken := r.people[box]; taken {
		return fmt.Errorf("ALERT_ROUTES sends %s to two mailboxes; give one, such as that of a group", role)
	}
	r.people[box] = letter.Address{Name: to.Name, Email: to.Address}
	r.behind[role] = append(r.behind[role], box)
	return nil
}

// known says how to set up a channel that a setting names.
func (c *config) known(setting string, name alert.Channel) error {
	o := c.outside
	needs := map[alert.Channel]struct {
		there bool
		by    string
	}{
		chanSlack: {o.slackURL != "", "SLACK_WEBHOOK_URL"}, chanDiscord: {o.discordURL != "", "DISCORD_WEBHOOK_URL"}, chanTeams: {o.teamsURL != "", "TEAMS_WEBHOOK_URL"},
		chanPagerDuty: {o.pagerKey != "", "PAGERDUTY_ROUTING_KEY"}, chanWebhook: {o.webhookURL != "", "MONITORING_WEBHOOK_URL"},
		chanSentry:  {o.sentryDSN != "", "SENTRY_DSN"},
		watch.Email: {c.resendKey != "" || c.smtpURL != "", "RESEND_API_KEY or SMTP_URL"}, watch.Log: {true, ""},
	}
	n, ok := needs[name]
	switch {
	case !ok:
		return fmt.Errorf("%s names the channel %q, which there is not; choose from %v", setting, name, slices.Sorted(maps.Keys(needs)))
	case !n.there:
		return fmt.Errorf("%s names the channel %s, which is not set up; set %s, or leave it out", setting, name, n.by)
	}
	return nil
}

// wording finds the words for a parcel.
type wording func(context.Context, alert.Parcel) speak.Message

// channels builds the ways to tell people that are configured.
func (a *app) channels() map[alert.Channel]watch.Channel {
	out := a.cfg.outside.channels(a.address(), a.speak, a.poster())
	if a.sentry != nil {
		out[chanSentry] = a.sentry.Send
	}
	return out
}

// channels builds those that need nothing of this process.
func (o outside) channels(source string, say wording, post deliver.Poster) map[alert.Channel]watch.Channel {
	out := map[alert.Channel]watch.Channel{}
	if o.slackURL != "" {
		out[chanSlack] = slack.Client{URL: o.slackURL, Speak: say, Post: post}.Send
	}
	if o.discordURL != "" {
		out[chanDiscord] = discord.Client{URL: o.discordURL, Speak: say, Post: post}.Send
	}
	if o.teamsURL != "" {
		out[chanTeams] = teams.Client{URL: o.teamsURL, Speak: say, Post: post}.Send
	}
	if o.pagerKey != "" {
		out[chanPagerDuty] = o.pager(source, say, post).Send
	}
	if o.webhookURL != "" {
		out[chanWebhook] = o.monitoring(say, post)
	}
	return out
}

// pager reaches PagerDuty.
func (o outside) pager(source string, say wording, post deliver.Poster) pagerduty.Client {
	return pagerduty.Client{Key: o.pagerKey, URL: o.pagerURL, Source: source, Speak: say, Post: post}
}

// acknowledging are the channels that are to know when somebody takes an alert on.
func (a *app) acknowledging() map[alert.Channel]watch.Taken {
	o := a.cfg.outside
	if o.pagerKey == "" {
		return nil
	}
	return map[alert.Channel]watch.Taken{chanPagerDuty: o.pager(a.address(), a.speak, a.poster()).Acknowledge}
}

// monitoring posts to the webhook of the operator in the form that it wants.
func (o outside) monitoring(say wording, post deliver.Poster) watch.Channel {
	return func(ctx context.Context, p alert.Parcel) (string, error) {
		m := say(ctx, p)
		body, secret := m.Signed(), o.webhook
		if o.webhookForm == formatSeed {
			body = m.Seed()
		}
		_, answer, err := post(ctx, o.webhookURL, secret, m.ID(), time.Now(), body)
		return answer, err
	}
}

// speak finds the words for a parcel, with what changed just before. When the
// changes cannot be read the alert goes out without them.
func (a *app) speak(ctx context.Context, p alert.Parcel) speak.Message {
	voice := speak.Voice{Base: a.address(), Runbook: a.cfg.outside.runbookPage, Zone: a.cfg.zone, Ack: func(n alert.Notice) string {
		return a.address() + a.watch.AckPath(n.Episode, n.At)
	}}
	var changes []speak.Change
	if len(p.Notices) > 0 {
		from := p.Notices[0].From
		for _, n := range p.Notices {
			if n.From.Before(from) {
				from = n.From
			}
		}
		marks, err := a.store.Annotations(ctx, from.Add(-time.Hour), from.Add(time.Second))
		if err != nil {
			a.log.WarnContext(ctx, "an alert goes out without what changed before it", "error", err)
		}
		for _, m := range marks {
			if m.Kind != store.KindIncident { // which somebody told visitors of, and which changed nothing
				changes = append(changes, speak.Change{At: m.At, Text: m.Text})
			}
		}
	}
	return voice.Speak(p, changes)
}
