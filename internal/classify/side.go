package classify

import "strings"

// Two models make a hybrid only when each is a business of its own. This file
// tells what is merely mentioned beside the business: what is made little of,
// what comes with something else, media that bring no money, and what a club
// does for those who pay to belong. All this keeps its points, so it can still
// be the best guess, but it joins no other model.

// asides lists the phrases of such mentions, with the models that they make
// small. A membership that grants something is not made small by it.
var asides = []struct {
	models  uint8
	phrases table
}{
	{bit(Service) | bit(Product) | bit(Content) | bit(Membership), phrases(
		// Where things lie that are sold to people who came for something else.
		"gift card|cards|voucher|vouchers, at|by|near|behind|beside till|counter|reception|front|checkout|door|desk, small|little|tiny|=one shelf|rack|corner|cabinet|fridge|selection|shop|bar|kiosk|blog|newsletter, shelf with|of",
		// How much or how often.
		"=few|=handful|=bit, =couple of, one or two, =now =and then, from time to time, once in ? while, occasional, sometimes, on side, sideline, =side line|project|business, =some ? ? customers|clients|people|patients|guests|members|readers|owners|users|buyers|landlords|families|parents|couples|students|pupils|companies|firms|hotels|shops, if needed|wanted|asked|required|requested|necessary, on request, partner|another|other ? firm|company|business|workshop, those|anyone|whoever who ? ask|asks|asked|want|wants|need|needs, not ? main, =who|=also|=and writes|write|keeps|keep|runs|run ? blog|newsletter|diary|vlog",
		// Not now.
		"used to, started =as|out, got us started, years ago, one|=some day, perhaps, maybe, formerly, =later")},
	{bit(Service) | bit(Product) | bit(Content), phrases(
		// What the price of something else includes.
		"included, includes, inclusive, thrown in, complimentary, courtesy, =as ? extra|bonus|thank, free =of charge, without|no ? charge|cost, =for free, free ? {deed}|workshop|demo|sample|trial, under|within ? warranty|guarantee, =with every|each|any ? order|purchase|package|room|booking|ticket|machine, gift wrap",
		// What is published so that people come.
		"so ? people|customers|clients|they|google ? ? find|remember|know|trust|come, =to attract|show|explain|promote|inform, for our customers|clients|patients|guests, with ideas|tips|advice|news, keep ? ? informed|posted|updated|touch",
		// What those get who pay to belong.
		"members|subscribers|supporters|patrons ? book|rent|use|see|buy|meet|play|cook|train|learn, members|they|people|subscribers|supporters|patrons|families|everyone|everybody|customers|users ? get|gets|receive|receives|borrow|borrows|share|shares|use|watch|learn, pay|pays ? ? =and get|gets|receive|receives, for|to ? members|subscribers, =at cost, exchange|swap")},
	{bit(Service), phrases("deliver =and install|fit|assemble|connect|mount|set, measure ? ? ? ? ? deliver|fit")},
	{bit(Service), phrases("{body}|club with")},
}

// income lists the signs that media are paid for by somebody.
var income = phrases("{ads}, sponsor, advert, affiliate, commission, monetis|monetiz, of its|their own, companies|brands|firms|hotels ? pay|pays|paying, readers|listeners|viewers|fans ? donate|support, pay|pays|paid|paying to ? =be|post|advertise|appear, paywall, =business =of")

// exclusive lists the phrases that leave one model only; what speaks for the
// other one is mentioned to say so.
var exclusive = []struct {
	other   Model
	phrases table
}{
	{Service, phrases("only|just|purely|exclusively sell|sells|selling|make|makes|supply|supplies")},
	{Product, phrases("only|just|purely|exclusively {plain}|serve|serves|rent|rents|repairs|rentals")},
}

// visits are the words in which a club, a gym or an online school describes
// what those who pay by the month come for. Alone they charge nothing by use.
var visits = classBit("inside") | classBit("sport") | classBit("we") | classBit("firm")

var digital = classBit("digital")

// apart is how many points of other words make a service beside a membership.
const apart = 3

func phrases(groups ...string) table {
	var p []pattern
	for entry := range strings.SplitSeq(strings.Join(groups, ","), ",") {
		p = append(p, parse(entry))
	}
	return newTable(p)
}

// belittle marks the words that the text mentions beside its business.
func (t words) belittle() {
	for _, a := range asides {
		t.scan(a.phrases, func(_, at, end int) {
			from, to := t.mention(at, end)
			for i := from; i < to; i++ {
				t.list[i].side |= a.models
			}
		})
	}
}

// mention widens a phrase to the thought that it belongs to: back to the word
// that joins it to the rest, on to the end of the clause. In the first clause
// it needs such a word, for there people say what they are.
func (t words) mention(at, end int) (from, to int) {
	clause := t.list[at].clause
	for from = at; from > 0 && t.list[from-1].clause == clause && (from == at || !joiner(t.list[from].text)); from-- {
		continue
	}
	if clause == 0 && !joiner(t.list[from].text) {
		from = at
	}
	for to = end; to < len(t.list) && t.list[to].clause == clause && !breaks(t.list, to); to++ {
		continue
	}
	return from, to
}

func joiner(s string) bool {
	switch s {
	case "and", "with", "plus", "also", "but", "where", "which", "while", "though":
		return true
	default:
		return false
	}
}

// only reports whether all words from at up to end are of the classes.
func (t words) only(at, end int, classes uint32) bool {
	for _, w := range t.list[at:end] {
		if w.classes&classes == 0 && !article(w.text) {
			return false
		}
	}
	return true
}

// online reports whether what stands from at up to end is what an app or a site
// is about: "tutoring library", "an app with coaching plans".
func (t words) online(at, end int) bool {
	if end < len(t.list) && t.list[end].clause == t.list[at].clause && t.list[end].classes&digital != 0 {
		return true
	}
	for i := at; i >= 0 && t.list[i].sentence == t.list[at].sentence; i-- {
		switch w := t.list[i]; {
		case w.classes&subjects != 0:
			return false
		case w.classes&software != 0, w.classes&digital != 0 && w.clause == t.list[at].clause:
			return true
		}
	}
	return false
}

// aside reports whether a word from at up to end is a side matter of the model.
func (t words) aside(at, end int, m Model) bool {
	for _, w := range t.list[at:end] {
		if w.side&bit(m) != 0 {
			return true
		}
	}
	return false
}

// earns reports whether somebody pays for the media of the text.
func (t words) earns() bool {
	found := false
	t.scan(income, func(_, at, end int) { found = found || t.counts(at, end, Content) })
	return found
}

// settle takes from every model what is no business of its own.
func (t words) settle(scores map[Model]tally) {
	for _, x := range exclusive {
		t.scan(x.phrases, func(_, at, end int) {
			if t.counts(at, end, nobody) {
				demote(scores, x.other)
			}
		})
	}
	content, member := scores[Content], scores[Membership]
	if content.own > 0 && !t.earns() && (member.ownStrong || !content.leads(scores)) {
		demote(scores, Content)
	}
	for _, m := range []Model{Service, Product} {
		if s := scores[m]; member.ownStrong && 2*member.own >= s.own && s.apart < apart {
			demote(scores, m)
		}
	}
}

// demote makes a model a side matter, with a doubt that is worth a question.
func demote(scores map[Model]tally, m Model) {
	if s, ok := scores[m]; ok {
		s.own, s.ownStrong, s.doubted = 0, false, s.own > 0
		scores[m] = s
	}
}

// leads reports whether the model is named before every other one.
func (s tally) leads(scores map[Model]tally) bool {
	for _, other := range scores {
		if other.points > 0 && other.first < s.first {
			return false
		}
	}
	return true
}
