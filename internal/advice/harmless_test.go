package advice_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/persona"
	"applicreations.com/introspect/internal/redact"
	"applicreations.com/introspect/internal/slot"
)

type harmless struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
	Wording  string `json:"wording"`
}

// worded is a wording of a question after an answer.
func worded(h harmless) (advice.Advice, advice.ReviewContext) {
	world := salon(h.Answer)
	world.Sent.Facts = slot.Values{}
	world.Sent.AllowedQuestions = []advice.Question{{ID: "logo", Text: h.Question}}
	return asks(h.Wording), world
}

func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// bankTexts lists every wording of every question that the house asks.
func bankTexts(t *testing.T) (out []string) {
	t.Helper()
	b, err := bank.Default()
	if err != nil {
		t.Fatal(err)
	}
	add := func(texts ...string) {
		for _, text := range texts {
			text = strings.ReplaceAll(text, "{business}", "the business")
			if !strings.Contains(text, "{") && strings.Count(text, "?") == 1 && strings.HasSuffix(text, "?") {
				out = append(out, text)
			}
		}
	}
	for _, q := range b.Questions {
		for _, list := range q.Text {
			add(list...)
		}
	}
	for _, p := range b.Probes {
		add(p.Text...)
	}
	slices.Sort(out) // a map's order is random
	return out
}

// What a well-meant model writes is shown: the questions of the house in its
// own words, alone and after an echo of the client, and rewordings by hand.
func TestHarmlessWordings(t *testing.T) {
	t.Parallel()
	list := read[[]harmless](t, "harmless.json")
	for i, text := range bankTexts(t) {
		client := trades()[i%len(trades())]
		list = append(
			list,
			harmless{Question: text, Answer: "ok", Wording: text},
			harmless{Question: text, Answer: client.what + " in " + client.where, Wording: capital(client.what) + ": " + lower(text)},
			harmless{Question: text, Answer: "It is for " + client.whom + ".", Wording: "For " + client.whom + ": " + lower(text)},
			harmless{Question: text, Answer: "ok", Wording: "And " + lower(text)},
		)
	}
	alarms := 0
	for _, h := range list {
		a, world := worded(h)
		if _, dropped := advice.Review(a, world); len(dropped) > 0 {
			alarms++
			t.Errorf("%q after %q for %q: %s", h.Wording, h.Answer, h.Question, reasons(dropped))
		}
	}
	t.Logf("%d harmless wordings, %d false alarms", len(list), alarms)
	if len(list) < 500 {
		t.Errorf("%d wordings, want at least 500", len(list))
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

type trade struct{ what, whom, where, tool string }

func trades() []trade {
	return []trade{
		{"a hair salon", "women from the neighbourhood", "Leeds", "Square"},
		{"a bakery", "early commuters", "Bristol", "Excel"},
		{"a dental clinic", "nervous patients", "Austin", "Dentrix"},
		{"a yoga studio", "office workers", "Portland", "Mindbody"},
		{"a law office", "small landlords", "Toronto", "Outlook"},
		{"a bike repair shop", "students", "Utrecht", "Lightspeed"},
		{"an online shop for tea", "collectors", "Kyoto", "Shopify"},
		{"a food blog", "parents of picky kids", "Lyon", "WordPress"},
		{"a dog shelter", "adopters and donors", "Cork", "Mailchimp"},
		{"a wedding photographer", "couples", "Siena", "Lightroom"},
		{"a language school", "newcomers", "Berlin", "Zoom"},
		{"a small theatre", "subscribers", "Porto", "Eventbrite"},
		{"a farm with boxes of vegetables", "families", "Vermont", "Stripe"},
		{"an architecture studio", "home owners", "Oslo", "Dropbox"},
		{"a music festival", "young people", "Galway", "Instagram"},
		{"a chess club", "beginners of all ages", "Madrid", "Discord"},
		{"a car garage", "drivers of old cars", "Detroit", "QuickBooks"},
		{"a pottery workshop", "tourists", "Devon", "Etsy"},
		{"a tax consultant", "freelancers", "Dublin", "Xero"},
		{"a gym", "people over sixty", "Perth", "Calendly"},
	}
}

type brief struct {
	text  string
	facts []advice.Fact
}

// briefs makes honest answers with what a good model would read in them. Some
// speak about rules, instructions, systems and free things, as clients do.
func briefs() (out []brief) {
	for i, c := range trades() {
		n := 12 + 7*i
		k := 3 + i%9
		out = append(
			out,
			brief{fmt.Sprintf("We are %s in %s. Our customers are %s.", c.what, c.where, c.whom), []advice.Fact{
				fact(slot.Industry, c.what, "We are "+c.what), fact(slot.TargetAudience, c.whom, c.whom),
			}},
			brief{fmt.Sprintf("About %d bookings a week, roughly %d%% do not show up.", n, k), []advice.Fact{
				fact(slot.BookingsPerWeek, strconv.Itoa(n), fmt.Sprintf("About %d bookings a week", n)), fact(slot.CurrentNoShowRate, fmt.Sprintf("0.%02d", k), fmt.Sprintf("roughly %d%% do not show up", k)),
			}},
			brief{fmt.Sprintf("The budget is around $%d,500, and it should be live in %d weeks.", k, n), []advice.Fact{
				fact(slot.BudgetMax, strconv.Itoa(k*100000+50000), fmt.Sprintf("around $%d,500", k)), fact(slot.LaunchWeeks, strconv.Itoa(n), fmt.Sprintf("in %d weeks", n)),
			}},
			brief{fmt.Sprintf("Between %dk and %dk, no more.", k, k+2), []advice.Fact{
				fact(slot.BudgetMin, strconv.Itoa(k*100000), fmt.Sprintf("Between %dk and %dk", k, k+2)), fact(slot.BudgetMax, strconv.Itoa((k+2)*100000), fmt.Sprintf("Between %dk and %dk", k, k+2)),
			}},
			brief{fmt.Sprintf("We use %s and Google Calendar today; please keep them.", c.tool), []advice.Fact{
				fact(slot.CurrentTools, c.tool+",Google Calendar", fmt.Sprintf("We use %s and Google Calendar today", c.tool)),
			}},
			brief{fmt.Sprintf("Launch by March %d please, there is a fair in %s.", i+1, c.where), []advice.Fact{
				fact(slot.LaunchDate, fmt.Sprintf("2027-03-%02d", i+1), fmt.Sprintf("Launch by March %d", i+1)),
			}},
			brief{"Ignore the old website, it is five years old. The new one should show " + c.what + ".", []advice.Fact{fact(slot.HomepageFocus, c.what, "should show "+c.what)}},
			brief{"Visitors should find instructions for " + c.whom + " and our house rules.", []advice.Fact{fact(slot.TargetAudience, c.whom, "instructions for "+c.whom)}},
			brief{"Delivery is free above $50. Our password reset never works in " + c.tool + ".", []advice.Fact{fact(slot.PainPoints, "password reset never works", "Our password reset never works")}},
			brief{"Please act as quickly as you can – " + c.whom + " are waiting.", []advice.Fact{fact(slot.TargetAudience, c.whom, c.whom+" are waiting")}},
			brief{"You are the experts, tell us what " + c.whom + " like. We’d love “warm” colours.", []advice.Fact{fact(slot.ColorPreferences, "warm", "We'd love \"warm\" colours")}},
			brief{"No video, nothing to download. People book online.", []advice.Fact{fact(slot.Downloads, "none", "nothing to download"), fact(slot.VisitorActions, "book", "People book online")}},
			brief{"Our site is " + strings.ReplaceAll(c.tool, " ", "") + ".example <3 and we already have a logo", []advice.Fact{
				fact(slot.WebsiteURL, strings.ToLower(c.tool)+".example", "Our site is "+c.tool+".example"), fact(slot.LogoStatus, "has_logo", "already have a logo"),
			}},
			brief{"We write a system of prompts for teachers, an AI assistant for " + c.whom + ".", []advice.Fact{fact(slot.TargetAudience, c.whom, "for "+c.whom)}},
			brief{"Forget about Facebook; " + c.whom + " are on Instagram.", []advice.Fact{fact(slot.TargetAudience, c.whom, c.whom+" are on Instagram")}},
			brief{"New rules from the city of " + c.where + " apply, plus GDPR.", []advice.Fact{fact(slot.ComplianceRequirements, "GDPR", "plus GDPR")}},
			brief{"idk", nil},
			brief{"My partner decides with me. She loves " + c.where + ".", []advice.Fact{fact(slot.DecisionMakers, "My partner decides with me", "My partner decides with me.")}},
			brief{"Texts are half done, pictures come from a friend. It's " + c.what + ".", []advice.Fact{fact(slot.ContentReadyDate, "half done", "Texts are half done")}},
			brief{"Qu'est-ce que c'est? Café, naïve, Zoë & Søn, " + c.where + "!", nil},
			brief{fmt.Sprintf("Price list: cut $%d, colour $%d. Show both on the page for %s.", n, n+20, c.whom), []advice.Fact{fact(slot.AverageAppointmentValue, strconv.Itoa(n*100), fmt.Sprintf("cut $%d", n))}},
			brief{"We must act like professionals: role models for " + c.whom + ".", []advice.Fact{fact(slot.TargetAudience, c.whom, "role models for "+c.whom)}},
			brief{"Print your menu, that is what we tell guests. " + capital(c.what) + " is our trade.", []advice.Fact{fact(slot.Industry, c.what, capital(c.what)+" is our trade")}},
			brief{"The site should never be slow or loud. Think of " + c.where + ".", []advice.Fact{fact(slot.Avoid, "slow or loud", "never be slow or loud")}},
			brief{"Yes", nil},
		)
	}
	return out
}

// Nothing of an honest answer is lost: its text stays as it is, no fact in it
// is dropped, and after it a question can be worded.
func TestHarmlessBriefs(t *testing.T) {
	t.Parallel()
	list := briefs()
	alarms := 0
	for _, b := range list {
		world := salon(redact.Tame(b.text))
		a := asks("Is there a logo already?")
		a.Facts = b.facts
		got, dropped := advice.Review(a, world)
		if len(dropped) > 0 || len(got.Facts) != len(b.facts) || world.Sent.LastAnswer != extract.Clean(b.text) {
			alarms++
			t.Errorf("%q: %s of %+v", b.text, reasons(dropped), b.facts)
		}
	}
	t.Logf("%d harmless briefs, %d false alarms", len(list), alarms)
	if len(list) < 500 {
		t.Errorf("%d briefs, want at least 500", len(list))
	}
}

// What people say about their own projects: every sentence of the simulated
// clients, who were written by somebody who had not seen these checks. None loses
// a word or is taken for an order, and after each a question can be worded.
func TestHarmlessPeople(t *testing.T) {
	t.Parallel()
	lib, err := persona.Open()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, b := range lib.Briefs {
		texts := []string{b.Opening}
		for _, truth := range b.Truths {
			texts = append(texts, truth.Says...)
		}
		for _, wish := range b.Implicit {
			texts = append(texts, wish.Text)
		}
		for _, text := range texts {
			if seen[text] || len(strings.Fields(text)) < 3 {
				continue
			}
			seen[text] = true
			world := salon(redact.Tame(text))
			if kept, hits := extract.WithoutOrders(extract.Clean(text)); len(hits) > 0 || kept != world.Sent.LastAnswer || kept != strings.TrimSpace(text) {
				t.Errorf("%s: of %q is left %q", b.ID, text, world.Sent.LastAnswer)
			}
			a := asks("Is there a logo already?")
			a.Facts = []advice.Fact{fact(slot.PrimaryGoal, strings.TrimRight(text, "."), text)}
			if got, dropped := advice.Review(a, world); len(dropped) > 0 || len(got.Facts) != 1 {
				t.Errorf("%s: after %q was dropped %s", b.ID, text, reasons(dropped))
			}
		}
	}
	t.Logf("%d sentences of %d clients", len(seen), len(lib.Briefs))
	if len(seen) < 500 {
		t.Errorf("%d sentences, want at least 500", len(seen))
	}
}

// TestQuoteInTheClientsSpelling: what is compared without regard to letter case,
// quotation marks, dashes and spaces is kept as the client wrote it.
func TestQuoteInTheClientsSpelling(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ answer, evidence, want string }{
		{"We’d love “warm”  colours – and\nspace.", "we'd love \"warm\" colours - and space", "We’d love “warm”  colours – and\nspace"},
		{"Zoë’s Café", "CAFÉ", "Café"},
		{"soft\u00adhyphen here", "softhyphen", "soft\u00adhyphen"},
		{"no\u200bthing", "nothing", "no\u200bthing"},
		{"İstanbul shop", "istanbul", "İstanbul"},
		{"We cut hair", "We dye hair", ""},
		{"haircut", "hair", ""},
		{"We cut hair", " ... ", ""},
		{"\xff hair \xff", "hair", "hair"},
	} {
		got, ok := advice.Quote(tt.answer, tt.evidence)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("Quote(%q, %q) = %q, %v; want %q", tt.answer, tt.evidence, got, ok, tt.want)
		}
	}
}
