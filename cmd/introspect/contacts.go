package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"applicreations.com/introspect/internal/web"
)

// contacts are who is called when something is wrong, in order (S138-S141).
type contacts struct {
	onCall, lead, cto string // a name and how to reach them, in a line
	channel           string // where alerts are told
	status            string // public address of the status page
}

// longestContact keeps a contact to a line.
const longestContact = 200

func (c *config) readContacts(get func(...string) string) error {
	c.contacts = contacts{
		onCall: get("CONTACT_ON_CALL"), lead: cmp.Or(get("CONTACT_LEAD"), "David Moore, david@applicreations.com"), cto: get("CONTACT_CTO"),
		channel: cmp.Or(get("CONTACT_CHANNEL"), "Slack #introspect-alerts"), status: get("STATUS_URL"),
	}
	var errs []error
	for name, v := range map[string]string{
		"CONTACT_ON_CALL": c.contacts.onCall, "CONTACT_LEAD": c.contacts.lead, "CONTACT_CTO": c.contacts.cto, "CONTACT_CHANNEL": c.contacts.channel, "STATUS_URL": c.contacts.status,
	} {
		if len(v) > longestContact || strings.ContainsAny(v, "\r\n") {
			errs = append(errs, fmt.Errorf("%s is longer than a line; set it to a name and how to reach them, at most %d characters", name, longestContact))
		}
	}
	if v := c.contacts.status; v != "" && !strings.HasPrefix(v, "https://") && !strings.HasPrefix(v, "http://") {
		errs = append(errs, fmt.Errorf("STATUS_URL is %q; set it to the address of the status page, such as https://status.example.com", v))
	}
	return errors.Join(errs...)
}

// contactList is the escalation path in order, then where things are told.
func (c config) contactList() []web.Contact {
	const unset = "nobody is set; %s names them"
	return []web.Contact{
		{Role: "1. On-call engineer", Who: cmp.Or(c.contacts.onCall, fmt.Sprintf(unset, "CONTACT_ON_CALL"))},
		{Role: "2. Lead developer", Who: c.contacts.lead},
		{Role: "3. CTO", Who: cmp.Or(c.contacts.cto, fmt.Sprintf(unset, "CONTACT_CTO"))},
		{Role: "4. External support", Who: "Render: support@render.com; Anthropic: support@anthropic.com; the mail provider and, where one is used, the host of the database"},
		{Role: "Internal channel", Who: c.contacts.channel},
		{Role: "Status page", Who: cmp.Or(c.contacts.status, strings.TrimRight(c.appURL, "/")+"/status")},
		{Role: "Clients", Who: "by mail from " + c.mailFrom.String() + "; answers go to " + c.agency.Email},
	}
}

// contactsCommand prints whom to call; it needs neither server nor database.
func contactsCommand(_ context.Context, env environment, args []string) error {
	cfg, rest, err := load(env, "contacts", args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		fmt.Fprintln(env.err, "usage: introspect contacts")
		return errUsage
	}
	w := tabwriter.NewWriter(env.out, 0, 0, 2, ' ', 0)
	for _, c := range cfg.contactList() {
		fmt.Fprintf(w, "%s\t%s\n", c.Role, c.Who)
	}
	return w.Flush()
}
