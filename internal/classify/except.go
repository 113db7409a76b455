package classify

import (
	"slices"
	"strings"
)

// exception is a phrase whose words do not mean what the table of DOMAIN 3.2
// takes them for.
type exception struct {
	model   Model // the model that may not count them
	pattern pattern
}

// exceptions lists accidents of word beginnings first, then phrases. In the
// notation of indicators every word is whole unless it ends in "*".
var exceptions = compileExceptions([]struct {
	model   Model
	phrases string
}{
	{Service, "tutorial*, patiently, coachella"},
	{Service, "without reservation, reservations about, in consultation with, lessons learned, lesson learned, best practice|practices, in practice"},
	{Service, "customer service, self service, terms of service, content|editorial|publishing calendar, running trainers, trainers and sneakers, sneakers and trainers, leather trainers"},
	{Service, "salon|spa|hotel|restaurant|clinic|dental quality|products|supplies|equipment|linen|uniforms|furniture|software"},
	{Service, "product|our|some|few|more|stock photographs"},
	{Product, "make|makes sure, producti*, stockholm, stockbroker*, storey*, stored, fulfilling, newsagent"},
	{Product, "in store for, app|play store, we|i|you|they|to|can|will|must|securely|safely|that store|stores, shop around, stop shop, boutique agency|firm|studio|hotel|law|consultancy"},
	{Product, "in order, law and order, court order, tax|annual|vat returns, returns to|every|each, stock photo|photos|images|market|photography|exchange"},
	{Product, "shop|store front|floor, barber|body|repair|tattoo|print shop, coffee|machine shop, buyer|buyers and seller|sellers"},
	{Product, "sell your|their|his|her home|homes|house|houses|property|properties|car|business"},
	{Content, "median, mediat*, mediae*, social media, mixed media, target audience, good|bad|great news, viewer discretion"},
	{Content, "engagement ring|rings|photo|photos|session|sessions|shoot|shoots|party|parties|letter, employee|staff engagement, engagement and wedding, wedding and engagement"},
	{Content, "articles of clothing|association|incorporation, featured in ? magazine|magazines, read|seen in ? magazine|magazines, card|e reader|readers, magazine ready, sign writer|writers, news to"},
	{Membership, "team|staff|family|board|crew|committee|faculty|band|cast|household member|members, members of our|the|my team|staff|family|crew|public|board"},
	{Membership, "member of our|the|my team|staff|family|crew|public|board, membership of the|a professional|trade body, in association with, exclusively, mutually exclusive"},
	{Membership, "wheelchair|easy|step|internet|road|rear access, access control|road, club soda|sandwich, golf clubs, insurance premium|premiums, health club"},
	{Membership, "staff|employee|water|data retention, the local|whole|wider community, billing by the hour"},
	{Service, "{serve} ? ? ? ? and sell|sells|ship|ships them|it, {trade}|hotel|restaurant|salon|clinic association|society|federation|union|guild|league|network, {body} of|for ? hotel*|restaurant*|clinic*|salon*, each|every|per practice|clinic|salon|restaurant|hotel|dentist|chair, restaurant*|hotel*|spa reviews, audio|video|online|paced course*, write|writes|writing|blog about|on ? {trade}, stock photo*, coach*|tutor*|therap* community, rate|review|reviews|compare|test ? ? hotels|restaurants|cafes|spas|salons|clinics, nursery with plants|trees, commission for|on ? booking*, {trade} join, by ? volunteers"},
	{Product, "custom|bespoke software, {serve} ? ? {goods}, {goods} repair*|cleaning|hire|rental*|restoration|installation|lessons|tuning|fitting|tours|service|trainer*|instructor*, about ? {goods}, review|reviews|reviewing ? ? {goods}"},
	{Content, "on commission, into|in the|your news|press|papers|magazines, news|press|papers and magazines"},
	{Membership, "night|strip club*, gym|fitness equipment|clothes|clothing|wear|bags|machines, monthly retainer|rent|magazine|newsletter|paper|issue|visit|visits|market"},
	{reservations, "waiting|treatment|consulting|exam|changing|living|dining|chat|mail room|rooms, room for|to improve|improvement|grow, on the table, salon|gym|our|own|camera equipment, table tennis"},
})

func compileExceptions(rows []struct {
	model   Model
	phrases string
},
) []exception {
	var out []exception
	for _, row := range rows {
		for phrase := range strings.SplitSeq(row.phrases, ",") {
			p := parse(strings.TrimSpace(phrase))
			wholeWords(p)
			out = append(out, exception{row.model, p})
		}
	}
	return out
}

// wholeWords turns the notation of indicators round: a word is whole unless
// it ends in a star.
func wholeWords(p pattern) {
	for _, seq := range p {
		for _, e := range seq {
			for i, a := range e.alts {
				text, begins := strings.CutSuffix(a.text, "*")
				e.alts[i] = alternative{text: text, whole: !begins}
			}
		}
	}
}

// misleading indexes the exceptions.
var misleading = func() table {
	var p []pattern
	for _, x := range exceptions {
		p = append(p, x.pattern)
	}
	return newTable(p)
}()

// bit is the place of a model in word.blocked.
func bit(m Model) uint8 {
	return 1 << slices.Index(blockable, m)
}

var blockable = []Model{Service, Product, Content, Membership, reservations, nobody}

// block marks the words inside exceptions, and customers named as such.
func (t words) block() {
	t.scan(misleading, func(row, at, end int) {
		for i := at; i < end; i++ {
			t.list[i].blocked |= bit(exceptions[row].model)
		}
	})
	for i := range t.list {
		if t.customer(i) || t.topic(i) {
			t.list[i].blocked |= bit(Service)
		}
	}
}

// customer reports whether the word names a trade in the plural that is sold
// to or joined by: "software for dentists", "linen to hotels and local
// restaurants", "society of beekeepers".
func (t words) customer(i int) bool {
	if !t.plural(i) {
		return false
	}
	if i+1 < len(t.list) && (t.list[i+1].classes&bodies != 0 || paying.matches(t.list[i+1])) {
		return true
	}
	for i--; i >= 0; i-- {
		switch s := t.list[i].text; s {
		case "for", "to", "supply", "supplies", "supplying":
			return true
		case "of":
			return i > 0 && t.list[i-1].classes&bodies != 0
		case "and", "or", "independent", "local", "small", "young", "freelance":
		default:
			if !strings.HasSuffix(s, "s") {
				return false
			}
		}
	}
	return false
}

// topic reports whether the word is what somebody publishes about: "a blog
// about interior design", "our magazine reports on hospitals and doctors". It
// looks back over the clause for the medium and the word that joins them.
func (t words) topic(i int) bool {
	joined := false
	for n := i - 1; n >= 0 && t.list[n].clause == t.list[i].clause; n-- {
		switch w := t.list[n]; {
		case w.text == "about" || w.text == "on" || w.text == "covering" || w.text == "for" || w.text == "of":
			joined = true
		case w.text == "we" || w.text == "i" || w.text == "my" || w.text == "our":
			return false
		case w.classes&press != 0:
			return joined
		}
	}
	return false
}

// plural reports whether the word names several people of a trade.
func (t words) plural(i int) bool {
	w := t.list[i]
	return buyers.matches(w) || strings.HasSuffix(w.text, "s") && w.classes&tradesmen != 0
}

var (
	bodies    = classBit("body")
	tradesmen = classBit("trade")
	press     = classBit("press")
)

// paying lists what customers do, and no trade does to earn.
var paying = parseElement("=pay|=buy|=order|=join|=subscribe|=advertise")

// buyers lists the trades of DOMAIN 3.2 that buy from others, in the plural only: a singular
// after "to" is a place to go ("come to the salon").
var buyers = parseElement("salons|=barbers|clinics|therapists|dentists|photographers|tutors|coaches|trainers|lawyers|attorneys|restaurants|hotels|venues|consultants|spas")

// reserved lists the words of DOMAIN 3.3 that make a reservation business.
var reserved = newTable([]pattern{
	parse("=restaurant"), parse("=hotel"), parse("=venue"), parse("=rental"),
	parse("=tour"), parse("=table"), parse("=room"), parse("=equipment"),
})

// rows are all indicators, the table of DOMAIN 3.2 first; counted indexes them.
var (
	rows    = slices.Concat(indicators, trades, causes)
	counted = func() table {
		var p []pattern
		for _, in := range rows {
			p = append(p, in.pattern)
		}
		return newTable(p)
	}()
)
