package classify

import (
	"slices"
	"strings"
)

// headline returns the model of the phrase that opens the text, with the
// phrase, when it is a bare name for what the client is or offers: "Piano
// tuner, 25 years of experience", "I'm a thatcher", "Lamps out of driftwood".
func (t words) headline() (Model, string) {
	at, end := t.opener()
	if end <= at || end-at > longest || t.list[end-1].negate {
		return "", ""
	}
	clause := t.list[at].clause
	m := t.list[end-1].head()
	if m == "" {
		m = t.guess(at, end)
	}
	alone := end-at == 1 && (end == len(t.list) || t.list[end].clause > clause && (m != Product))
	if m == "" || alone || !t.counts(end-1, end, m) {
		return "", ""
	}
	return m, t.phrase(at, end)
}

// opener finds the words that open the text behind their lead; end is 0 when
// they are no name.
func (t words) opener() (at, end int) {
	for at < len(t.list) && t.list[at].asked && t.list[at].negate {
		at++ // "Rental? No: caravans."
	}
	for at > 0 && at < len(t.list) && t.list[at].text == "no" {
		at++
	}
	if at == len(t.list) {
		return at, 0
	}
	first, clause := at, t.list[at].clause
	for at < len(t.list) && lead.matches(t.list[at]) && t.list[at].clause == clause {
		at++
	}
	if verbFollows(t.list[first:at]) {
		return at, 0
	}
	for end = at; end < len(t.list) && t.list[end].clause == clause && !turn.matches(t.list[end]); end++ {
		if t.list[end].classes&subjects != 0 {
			return at, 0
		}
	}
	return at, end
}

// enough is how many kinds of goods make a list of what is sold.
const enough = 3

// wares returns Product when the text lists goods without saying what is done
// with them: "All for the stable: buckets, brushes, blankets".
func (t words) wares() (Model, string) {
	n := 0
	for i, w := range t.list {
		if w.classes&ware == 0 || !t.counts(i, i+1, Product) {
			continue
		}
		if n++; n == enough {
			return Product, w.text
		}
	}
	return "", ""
}

// verbFollows reports whether the lead ends in a subject, so that the next word
// is what they do and no name.
func verbFollows(lead []word) bool {
	if len(lead) == 0 {
		return false
	}
	s := lead[len(lead)-1].text
	return s == "we" || s == "i"
}

// longest is how many words a name may have.
const longest = 6

var (
	subjects = classBit("we")
	// lead lists what stands before a name, turn what ends one.
	lead = parseElement("=i|=i'm|=im|=am|=we|=we're|=are|=it's|=is|=a|=an|=the|=my|=our|=have|=run|=own|=small|=local|=as")
	made = parseElement("=for|=from|=out|=made|=with")
	turn = parseElement("=as|=for|=of|=in|=on|=at|=with|=from|=out|=by|=to|=and|=or|=about|=near|=around|=across|=between|=without|=through|=since|=helping|=working|=specialising|=specializing|=based|=made|=open|=run|=who|=that|=which|=where|=offering|=doing|=selling|=serving|=illustrated|=delivered|=is|=are|=has")
)

// head returns the model of a word that ends a name.
func (w word) head() Model {
	for _, h := range heads {
		if w.classes&classBit(h.class) != 0 {
			return h.model
		}
	}
	if agent(w.text) {
		return Service
	}
	return ""
}

// guess reads an unknown name by its ending alone. It must open the text, for
// after "I'm" or "our" the same endings are those of verbs.
func (t words) guess(at, end int) Model {
	s := t.list[end-1].text
	switch {
	case at > 0:
		return ""
	case deed(s) && end > 1:
		return Service
	case end > 1 && place(s):
		return Product
	case thing(s) && end < len(t.list) && made.matches(t.list[end]):
		return Product
	default:
		return ""
	}
}

// deed reports whether the word looks like something that is done: "clearing",
// "readings".
func deed(s string) bool {
	s = strings.TrimSuffix(s, "s")
	return len(s) >= len("baking") && strings.HasSuffix(s, "ing") && !slices.Contains(noDeeds, s)
}

// place reports whether the word names a place where things are sold, whatever
// stands before it: "vinyl record shop".
func place(s string) bool { return s == "shop" || s == "store" || s == "shops" || s == "emporium" }

// thing reports whether the word may be a plural of things, which is no more
// than a guess: "training dummies for first aid courses".
func thing(s string) bool {
	return len(s) > 4 && strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && !slices.Contains(noThings, s)
}

// agent reports whether the word looks like somebody who does something for
// others: "installer", "technician", "farrier".
func agent(s string) bool {
	s = strings.TrimSuffix(s, "s")
	if len(s) < 5 || slices.Contains(noAgents, s) {
		return false
	}
	return slices.ContainsFunc(agentEndings, func(end string) bool { return strings.HasSuffix(s, end) })
}

var (
	// noDeeds end like a deed, but are things, times or events.
	noDeeds = strings.Fields("string spring clothing lighting packaging flooring bedding shelving wedding building evening morning drawing painting carving covering coating stocking pudding dumpling duckling seedling sapling earring herring sterling thing something nothing everything anything meeting offspring happening feeling blessing")
	// noThings are plurals of what is no goods.
	noThings = strings.Fields(`ideas stories thoughts news people friends plans solutions things services events parties games photos pictures videos results notes minutes times hours days weeks years months memories poems letters songs animals pets
		students parents kids children families members neighbours neighbors residents volunteers fans followers readers girls boys women scouts drivers talks words questions values dreams goals projects works
		sports mathematics physics politics economics ethics athletics graphics analytics robotics logistics business always sometimes perhaps towards besides
		holidays vacations walks flights trips rides courses classes lessons sessions concerts shows performances festivals exhibitions interviews opinions reviews facts jobs offers deals rooms apartments houses horses stables churches`)
	agentEndings = strings.Fields("er or ian ist smith wright")
	// noAgents end like an agent, but are none, or sell no time.
	noAgents = strings.Fields(`paper water river tower timer liver lover fiber cider buyer diner cover layer never under order other after later tiger cyber laser poker super upper lower color floor motor major minor error honor humor labor actor mayor bestseller
		artist painter sculptor singer songwriter musician guitarist pianist violinist drummer rapper author writer
		blogger youtuber streamer podcaster influencer journalist reporter columnist novelist cartoonist student teenager researcher scientist
		professor center theater power summer winter mother father brother sister daughter partner member customer number chapter newsletter
		dinner corner another better computer weather leader player character career matter answer volunteer fundraiser campaigner founder owner
		manager minister prayer dealer seller supplier trader reseller importer grower farmer roaster brewer distiller winemaker baker butcher weaver knitter jeweller jeweler
		potter goldsmith silversmith collector inventor director visitor sponsor senior junior senator investor editor politician christian
		retailer wholesaler importer exporter producer manufacturer publisher explorer traveler traveller beginner banner poster charter
		quarter letter folder server browser master border shelter soccer cancer gender starter remember whether together register`)
)
