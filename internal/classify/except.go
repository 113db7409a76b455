package classify

import (
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

// block marks the words inside exceptions, and customers named as such.
func (t words) block() {
	for _, x := range exceptions {
		for i, n := range t.all(x.pattern) {
			for at := i; at < i+n; at++ {
				t.blocked[at] = append(t.blocked[at], x.model)
			}
		}
	}
	for i := range t.list {
		if t.customer(i) {
			t.blocked[i] = append(t.blocked[i], Service)
		}
	}
}

// customer reports whether the word names a trade in the plural that is sold
// to: "software for dentists", "linen to hotels and local restaurants".
func (t words) customer(i int) bool {
	if !trade.matches(t.list[i].text) {
		return false
	}
	for i--; i >= 0; i-- {
		switch s := t.list[i].text; s {
		case "for", "to", "supply", "supplies", "supplying":
			return true
		case "and", "or", "independent", "local", "small":
		default:
			if !trade.matches(s) {
				return false
			}
		}
	}
	return false
}

// trade lists the trades that buy from others, in the plural only: a singular
// after "to" is a place to go ("come to the salon").
var trade = parseElement("salons|=barbers|clinics|therapists|dentists|photographers|tutors|coaches|trainers|lawyers|attorneys|restaurants|hotels|venues|consultants|spas")

// reserved lists the words of DOMAIN 3.3 that make a reservation business.
var reserved = []pattern{
	parse("=restaurant"), parse("=hotel"), parse("=venue"), parse("=rental"),
	parse("=tour"), parse("=table"), parse("=room"), parse("=equipment"),
}
