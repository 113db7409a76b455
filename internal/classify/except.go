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
	{Service, "with ? ? advice|support|delivery|shipping|warranty"},
	{Product, "event|wedding|funeral|corporate florist|florists"},
	{Membership, "service|maintenance|repair|cleaning|inspection|care subscription|subscriptions|plan|contract"},
	{Product, "build|builds|set|sets|develop|develops|design|designs|create|creates|maintain|manage|audit|optimise ? ? ? ? stores|store|shop|shops|webshop|webshops|commerce|catalogues|catalogs|catalogue, people's|customers'|clients' goods|stock"},
	{Content, "{serve}|print|prints|build|builds|set|design|designs|produce|produces|promote|promotes|make|makes ? ? ? ? podcasts for|magazines for|blogs for|newsletters for, podcast|podcasts|magazine|newspaper|blog|newsletter|media|content editing|editor|production|management|hosting|printing|printer|printers|design|designer|translation|strategy|training, content ? writer|strategist|consultant|marketer, print|printing ? ? ? ? magazine|magazines|newspapers"},
	{Membership, "{serve} ? ? membership|memberships|member|members|dues|subscriptions and|areas|sites|for|administration, {serve} ? ? ? ? dues|memberships|subscriptions for"},
	{Service, "photograph*|{trade}|{line}|{sport}|consult*|coach*|therap* ? {club}, interview|interviews|stories|talks with|about|from|by ? {trade}, publish|publishes|write|writes|post|posts ? ? guides|guide|repairs|designs|test|tests|checks, sell|sells ? ? guides|guide, in|from my|our|the|a|his|her garage"},
	{Product, "=that|=which|=who|=jointly|=together buys|buy ? ? ? {goods}"},
	{Content, "{goods} publisher|publishers"},
	{Product, "print|frame|bind|press|store|mill|grind|smoke your ? ? {goods}, shops|shop|stores built|designed|developed|made for, {goods} for hire|rent, {goods} for ? weekend|evening|night|day"},
	{Membership, "gym|club design|designer|designers|planner|architect"},
	{Service, "{goods} for ? ? care|courses|lessons|classes|training|weddings|parties|events|hospitals|surgery|therapy|catering|gardening|cleaning|photography|veterinary|medical|dental"},
	{Content, "podcast|radio|video|film|magazine|news studio|studios|booth|equipment"},
	{Service, "by courier|post, theatre|museum|opera|zoo|library|hospital|orchestra friends|supporters|patrons, {goods} for ? schools|clubs, =i test ? ? {goods}, guide|guides to ? ? ? {trade}|{deed}|hotels|restaurants, with ? {deed}|{line} tips|ideas|news|stories|recipes|links, vacuum|air|pressure cleaner|cleaners|washers, the|pay|share|split rent, by our|my ? {trade}, {goods} by ? {trade}, made|built|produced|printed|sewn|baked in|at|by ? ? {trade}, video|audio|recorded lessons|lesson|classes|training, tutorial*, patiently, coachella"},
	{Service, "{line}|{deed} supplies|equipment|disposables|materials, wholesale|wholesaler|importer|supplier|manufacturer|maker of ? {line}|{deed}, with|of|from photographs, wall calendars"},
	{Content, "publisher|publishers selling|sells"},
	{Product, "makers|makers'|manufacturers'|shops'|brands'|machine makers ads|adverts|adverts|money, {goods}|brands|companies|firms brands|firms|makers ? sponsor|advertise|pay|read, print paper"},
	{Service, "{trade}|photographers|venues and {trade}|photographers|venues buy|pay|advertise, {trade}|photographers|venues buy|pay|advertise, subscription ? ? service"},
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
		switch {
		case t.customer(i):
			t.list[i].blocked |= bit(Service)
			if t.list[i].classes&accounts != 0 {
				t.buyer(i)
			}
		case t.topic(i):
			t.list[i].blocked |= bit(Service)
		case t.maker(i):
			t.list[i].blocked |= bit(Service) | bit(Product) | bit(Membership)
		case t.modifier(i):
			t.list[i].blocked |= bit(Service) | bit(Content) | bit(Membership)
		}
		if i+1 < len(t.list) && t.list[i+1].clause == t.list[i].clause && t.list[i+1].classes&software != 0 && !tailored.matches(t.list[i]) {
			t.list[i].blocked |= bit(Service) | bit(Product) | bit(Content)
		}
	}
}

// customer reports whether the word names people of a trade, or other firms,
// that the client sells to, works for or is joined by: "software for dentists",
// "linen to hotels and online shops", "society of beekeepers".
func (t words) customer(i int) bool {
	if !t.plural(i) {
		return false
	}
	if i+1 < len(t.list) && (t.list[i+1].classes&bodies != 0 || paying.matches(t.list[i+1])) {
		return true
	}
	modifiers := maxModifiers
	for i--; i >= 0; i-- {
		switch s := t.list[i].text; s {
		case "for", "to", "supply", "supplies", "supplying", "between", "among", "in", "at", "through", "via":
			return true
		case "of":
			return i > 0 && t.list[i-1].classes&bodies != 0
		case "with":
			return i > 0 && strings.HasPrefix(t.list[i-1].text, "work")
		case "by":
			return i > 0 && backed.matches(t.list[i-1])
		case "and", "or":
			modifiers = maxModifiers
		case "independent", "local", "small", "young", "freelance":
		default:
			if strings.HasSuffix(s, "s") {
				modifiers = maxModifiers
			} else if modifiers--; modifiers < 0 || !plain(t.list[i]) {
				return false
			}
		}
	}
	return false
}

// buyer marks the name of other firms with the word that describes them: "for
// online shops".
func (t words) buyer(i int) {
	t.list[i].buyer = true
	if i > 0 && t.list[i-1].clause == t.list[i].clause && !connects(t.list[i-1].text) {
		t.list[i-1].buyer = true
	}
}

// maker reports whether the word names somebody who does something for the
// client: "sewn by a cooperative", "paid by a seed company".
func (t words) maker(i int) bool {
	for n := i - 1; n > 0 && n >= i-reach && t.list[n].clause == t.list[i].clause; n-- {
		if t.list[n].text == "by" {
			return done.matches(t.list[n-1])
		}
		if t.list[n].classes&subjects != 0 || t.list[n].text == "and" {
			return false
		}
	}
	return false
}

// modifier reports whether the word only tells what kind of goods the next one
// names: "hospital beds", "magazine racks". What is done to goods, or hired, is
// no such word.
func (t words) modifier(i int) bool {
	if i+1 == len(t.list) || t.list[i+1].clause != t.list[i].clause || t.list[i+1].classes&ware == 0 {
		return false
	}
	w := t.list[i]
	return (w.classes&nouns != 0 || places.matches(w)) && w.classes&serving == 0 && !strings.HasSuffix(w.text, "s") && !hired.matches(w) && !action.matches(t.list[i+1])
}

func connects(s string) bool {
	switch s {
	case "for", "to", "supply", "supplies", "supplying", "between", "among", "in", "at", "through", "via", "of", "with", "by", "and", "or":
		return true
	default:
		return false
	}
}

// maxModifiers is how many words may describe each noun of a list of customers:
// "sworn court interpreters".
const maxModifiers = 2

// plain reports whether the word may describe a noun that follows.
func plain(w word) bool {
	return w.classes&subjects == 0 && !article(w.text) && !owner.matches(w)
}

// topic reports whether the word is what somebody publishes about or meets for:
// "a blog about interior design", "our magazine reports on hospitals and
// doctors", "a network for women in law". It looks back over the clause for the
// medium or body and the word that joins them.
func (t words) topic(i int) bool {
	joined := t.plural(i) // "a podcast with lawyers", "our newsletter tells salons"
	for n := i - 1; n >= 0 && t.list[n].clause == t.list[i].clause; n-- {
		switch w := t.list[n]; {
		case w.text == "about" || w.text == "on" || w.text == "covering" || w.text == "for" || w.text == "of":
			joined = true
		case w.text == "we" || w.text == "i" || w.text == "my" || w.text == "our":
			return false
		case w.classes&(press|bodies|clubs) != 0:
			return joined
		}
	}
	return false
}

// plural reports whether the word names several people of a trade.
func (t words) plural(i int) bool {
	w := t.list[i]
	return buyers.matches(w) || w.classes&accounts != 0 || strings.HasSuffix(w.text, "s") && w.classes&tradesmen != 0
}

var (
	bodies    = classBit("body")
	tradesmen = classBit("trade")
	press     = classBit("press")
	clubs     = classBit("club")
	accounts  = classBit("account")
)

var (
	ware, serving, software = classBit("goods"), classBit("serve"), classBit("software")
	// nouns and places are what describes goods: "massage oils", "salon chairs".
	nouns  = classBit("trade") | classBit("deed") | classBit("line") | classBit("sport") | classBit("title")
	places = parseElement("salon|clinic|hotel|restaurant|=spa|therap|dentist|photograph|magazine|podcast|editorial|hospital|lesson|practice|=club|gym|association|society")
	hired  = parseElement("=hire|=rental|=rent")
	// action lists goods whose names mean something else as well.
	action   = parseElement("=phone|=ring|=can|=lead|=print|=fan|=handle|=sign|=roll|=bow|=frame|=seal|=swing|=stamp|=mask|=feed|=planner|fitting|=tv|=paper|=card|=machine|=food|=extension|=plant")
	tailored = parseElement("=custom|=bespoke|=individual|=own")
	// done lists what others do for the client.
	done = parseElement("sewn|cooked|made|baked|built|printed|paid|financed|backed|funded|sponsored|supported|delivered|designed|woven|assembled|fitted|installed|brewed|roasted|bottled|carved|packed")
	// backed lists what is done by those who pay for media.
	backed = parseElement("sponsored|financed|funded|paid|backed|supported|carried")
	// owner lists words that make the noun after them the client's own.
	owner = parseElement("=my|=its|=their|=this|=that|=on|=from|=have|=has|=own|=run|=is|=are|=be|=open|=two|=three|=four|=five|=#")
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
