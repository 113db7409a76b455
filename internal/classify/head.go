package classify

import (
	"slices"
	"strings"
)

// headline returns the model of the phrase that opens the text, with the
// phrase, when it is a bare name for what the client is or offers: "Piano
// tuner, 25 years of experience", "I'm a thatcher", "Lamps out of driftwood".
func (t words) headline() (Model, string) {
	at, end := 0, 0
	for at < len(t.list) && lead.matches(t.list[at]) && t.list[at].clause == 0 {
		at++
	}
	if verbFollows(t.list[:at]) {
		return "", ""
	}
	for end = at; end < len(t.list) && t.list[end].clause == 0 && !turn.matches(t.list[end]); end++ {
		if t.list[end].classes&subjects != 0 {
			return "", ""
		}
	}
	if end == at || end-at > longest || t.list[end-1].negate {
		return "", ""
	}
	m := t.list[end-1].head()
	alone := end-at == 1 && (end == len(t.list) || t.list[end].clause > 0 && (m != Product))
	if m == "" || alone || !t.counts(end-1, end, m) {
		return "", ""
	}
	return m, t.phrase(at, end)
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
	turn = parseElement("=for|=of|=in|=on|=at|=with|=from|=out|=by|=to|=and|=or|=about|=near|=around|=across|=between|=without|=through|=since|=helping|=working|=specialising|=specializing|=based|=made|=open|=run|=who|=that|=which|=where|=offering|=doing|=selling|=serving|=illustrated|=delivered|=is|=are|=has")
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
	agentEndings = strings.Fields("er or ian ist smith wright")
	// noAgents end like an agent, but are none, or sell no time.
	noAgents = strings.Fields(`paper water river tower timer liver lover fiber cider buyer diner cover layer never under order other after later tiger cyber laser poker super upper lower color floor motor major minor error honor humor labor actor mayor bestseller
		artist painter sculptor singer songwriter musician guitarist pianist violinist drummer rapper author writer
		blogger youtuber streamer podcaster influencer journalist reporter columnist novelist cartoonist student teenager researcher scientist
		professor center theater power summer winter mother father brother sister daughter partner member customer number chapter newsletter
		dinner corner another better computer weather leader player character career matter answer volunteer fundraiser campaigner founder owner
		manager minister prayer dealer seller grower farmer roaster brewer distiller winemaker baker butcher weaver knitter jeweller jeweler
		potter goldsmith silversmith collector inventor director visitor sponsor senior junior senator investor editor politician christian
		retailer wholesaler importer exporter producer manufacturer publisher explorer traveler traveller beginner banner poster charter
		quarter letter folder server browser master border shelter soccer cancer gender starter remember whether together register`)
)
