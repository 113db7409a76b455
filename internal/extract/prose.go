package extract

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"applicreations.com/introspect/internal/slot"
)

// maxProse is how much of a paragraph becomes the value of a text slot, in
// bytes; a brief says the rest in its own place.
const maxProse = 600

// cue sends a sentence to a text slot that nobody asked about. Cues are strong
// on purpose: a wrong fact is worse than none.
type cue struct {
	slot slot.Key
	says *regexp.Regexp
	not  *regexp.Regexp // nil when nothing speaks against it
	// hints are parts of words of which a sentence must have one, by commas:
	// most sentences have none, and looking for them is far cheaper than says.
	hints string
}

// mayFit reports whether a sentence in lower case has one of the hints.
func (c cue) mayFit(low string) bool {
	for hint := range strings.SplitSeq(c.hints, ",") {
		if strings.Contains(low, hint) {
			return true
		}
	}
	return false
}

func says(pattern string) *regexp.Regexp { return regexp.MustCompile(`(?i)\b(?:` + pattern + `)\b`) }

// cues and labels never change, like the lexicons.
var (
	cues = []cue{
		{slot.PrimaryGoal, says(`(?:our|the|my) (?:main |primary |first |biggest |number one )?(?:goal|aim|objective)s?(?: for (?:the|this) (?:new )?(?:web)?site)? (?:is|are|here is)|purpose of (?:the|this|our) (?:new )?(?:web)?site|(?:web)?site (?:should|must|needs to) (?:bring|help|get|generate|win|attract|sell|turn|lead|make)|we (?:hope|expect) (?:the|this|our|a) (?:new )?(?:web)?site|(?:we|i)(?:'d| would)? (?:want|need|like) (?:to (?:get|win|have|take|sell|make) )?(?:many |far |a lot |a few |some )?(?:more|fewer|less) (?:[\p{L}-]+ ){0,3}(?:appointments?|bookings?|calls?|clients?|commissions?|customers?|donations?|donors?|enquir(?:y|ies)|guests?|inquir(?:y|ies)|leads?|members?|no-shows?|orders?|patients?|readers?|reservations?|sales|students?|subscribers?|volunteers?)`), nil, "goal,aim,objective,purpose,site,hope,expect,want,need,like"},
		{slot.TargetAudience, says(`target (?:audience|group|market|customers?)|aimed at|(?:our|my|most|typical) (?:of our |of my )?(?:customers|clients|patients|readers|guests|members|visitors|buyers|donors|students|audience)(?: are| is| come from| tend to be|,? mostly| range)|(?:the )?(?:web)?site is for|we (?:mainly |mostly )?(?:serve|cater to|work with)|^\s*(?:mostly |mainly |above all )?(?:local |young |working |married )?(?:adults|buyers|clients|couples|customers|families|guests|homeowners|kids|men|parents|patients|people|professionals|seniors|students|teenagers|teens|women) (?:aged|between) (?:about |around )?\d+`), says(`competitors?|used to|work with .{0,40}(?:database|software|systems?|tools?|platform|crm|spreadsheets?|app)`), "target,aged,between,aimed,customers,clients,patients,readers,guests,members,visitors,buyers,donors,students,audience,site is for,serve,cater,work with"},
		{slot.UniqueValue, says(`sets? (?:us|me|it|them) apart|unlike (?:other|most|the)|(?:we are|we're|i am|i'm|it is|it's) the only|what makes (?:us|me|it) (?:different|special|unique)|(?:people|clients|customers|patients|guests|parents) (?:choose|come to|love|pick) us|our (?:strength|difference|speciality|specialty) is|(?:we are|we're|i am|i'm) (?:best )?known for`), nil, "apart,unlike,the only,what makes,choose,come to,love,pick,strength,difference,special,known for"},
		{slot.Competitors, says(`(?:our|my|main|biggest|direct|closest) competitors?(?: are| is| include|:)|compet(?:e|ing) with|compar(?:e|es|ed) (?:us|me|it|them) (?:with|to)|competitors? (?:are|include|like|such as)`), nil, "compet,compar"},
		{slot.Avoid, says(`(?:please )?avoid|(?:do not|don't|dont|never|must not|should not|shouldn't) (?:want|use|like|look|be|have|show|feel)|(?:we|i) (?:hate|dislike|can't stand)|please no|no (?:pop-?ups?|stock photos?|carousels?|sliders?|autoplay|animations?|music|clutter)`), says(`website (?:yet|today)|be (?:replaced|changed|touched|lost|deleted|moved)|have a (?:web)?site|have an? |(?:we|i|they|it) (?:do not|don't|dont) (?:have|use|show|feel|look)`), "avoid,not,n't,dont,never,hate,dislike,stand,no "},
		{slot.FuturePhases, says(`(?:in )?(?:a )?(?:later|second|future|next) (?:phase|stage|step)s?|phase (?:two|2|ii)|down the (?:road|line)|(?:later|eventually|one day|someday) (?:we|i) (?:want|would|may|might|plan|hope)`), nil, "phase,stage,step,down the,later,eventually,one day,someday"},
		{slot.HomepageFocus, says(`(?:first thing|see first|seen first|at the top of|above the fold|on the (?:home ?page|first (?:page|screen)))`), says(`today|currently|existing|old`), "first,top of,fold,home"},
		{slot.ServiceArea, says(`(?:we|i) (?:only |mainly |mostly |also )?(?:work|serve|deliver|operate|travel|cover|go|drive|do jobs) (?:only )?(?:in|across|throughout|all over|within|around|to|clients in|customers in)|no further than|based in|located in|serving`), nil, "work,serve,deliver,operate,travel,cover,go,drive,jobs,further,based,located,serving"},
		{slot.OpeningHours, says(`open (?:from |every day |daily )?(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*|opening hours(?: are|:)|open (?:until|till|from) \d`), nil, "open"},
	}
	labels = []struct {
		slot  slot.Key
		named *regexp.Regexp
	}{
		{slot.TargetAudience, says(`(?:target )?audience|target (?:group|market)|who (?:it|this|the site) is for|users|personas?|visitors`)},
		{slot.PrimaryGoal, says(`goals?|objectives?|aims?|purpose|main goal|project goals?`)},
		{slot.UniqueValue, says(`unique (?:value|selling point)|usp|what (?:sets us apart|makes us different)|differentiators?|our difference`)},
		{slot.Competitors, says(`competitors?|competition|similar (?:companies|businesses|organisations)`)},
		{slot.DesignReferences, says(`references?|inspiration|sites? (?:we|i) (?:like|love|admire)|examples?|websites? we like`)},
		{slot.Avoid, says(`avoid|what to avoid|dislikes?|no[- ]gos?|not wanted|please avoid|must not`)},
		{slot.FuturePhases, says(`(?:future|later) (?:phases?|ideas|plans)|phase (?:two|2)|nice to have(?: later)?|roadmap|out of scope for now`)},
		{slot.SuccessMetrics, says(`(?:success )?metrics|kpis?|success criteria|measures? of success|how we measure success`)},
		{slot.HomepageFocus, says(`home ?page|first screen|landing page`)},
		{slot.BusinessDescription, says(`about(?: us)?|background|company|introduction|overview|the (?:business|company|organisation|organization|project)|who we are`)},
		{slot.OpeningHours, says(`opening hours|hours|open`)},
		{slot.ServiceArea, says(`service area|area|location|where we work`)},
	}
	labelled = regexp.MustCompile(`^[\s#>*•·–-]*(?:\d+[.)]\s*)?[*_]*([A-Za-z][A-Za-z' /&-]{1,40}?)[*_]*\s*(?::|[–-]\s)[*_]*\s*(\S.*)?$`)
	heading  = regexp.MustCompile(`^\s*(?:#{1,6}\s+(.{2,60}?)\s*#*|(?:\d+[.)]\s*)?[*_]*([A-Z][A-Za-z' /&-]{2,40})[*_]*)\s*$`)
	mailbox  = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}`)
	phone    = regexp.MustCompile(`(?:\+|\(|\b)\d[\d ()./-]{7,17}\d\b`)
	sentence = regexp.MustCompile(`[^.!?;\n]+(?:[.!?]+[^\s.!?;][^.!?;\n]*)*[.!?]*`)
)

// passage is a part of a text that speaks of a slot.
type passage struct {
	slot slot.Key
	span
}

// passages finds the labelled paragraphs and telling sentences of a text.
func passages(text string) []passage {
	var out []passage
	note := func(k slot.Key, start, end int) { out = append(out, passage{k, span{start, end}}) }
	paragraphs(text, note)
	sentences(text, note)
	return out
}

// withProse adds what whole sentences and labelled paragraphs say about text
// slots, and how people get in touch, to what the patterns found.
func withProse(hits []Hit, text string, told []passage, c Context) []Hit {
	have := map[slot.Key]bool{}
	for _, h := range hits {
		have[h.Slot] = true
	}
	add := func(k slot.Key, start, end int) {
		for start < end && strings.IndexByte(" \t\r\n", text[start]) >= 0 {
			start++
		}
		end = start + len(strings.TrimRight(text[start:end], " \t\r\n"))
		if end-start > maxProse {
			end = start + len(cutAt(text[start:end], maxProse))
		}
		value := text[start:end]
		if have[k] || c.asked(k) || utf8.RuneCountInString(value) < 3 {
			return
		}
		have[k] = true
		hits = append(hits, Hit{Slot: k, Value: strings.Join(strings.Fields(value), " "), Quote: value, Start: start, End: end})
	}
	if len(text) > longText && !c.asked(slot.PrimaryGoal) {
		if s := goalOf(text); s.End > 0 {
			add(slot.PrimaryGoal, s.Start, s.End)
		}
	}
	for _, p := range told {
		add(p.slot, p.start, p.end)
	}
	contacts(text, have, &hits)
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Slot, b.Slot)) })
	return hits
}

// longText is the length in bytes from which a text is a brief: its headings
// and boilerplate say less than its best sentence.
const longText = 1500

// aiming finds sentences that tell what is wanted.
var aiming = says(`(?:we|i|they) (?:want|wanna|would like|need|hope|aim|plan|expect|wish|dream)|(?:we|i)'d (?:like|love)|goals?|aims?|objectives?|should|success|important(?: thing)? is`)

// goalOf finds the sentence of a brief that tells its goal best: a result that
// can be counted, in words of wanting. Its End is 0 when there is none.
func goalOf(text string) (best Span) {
	most := 1
	for _, s := range Sentences(text) {
		said := text[s.Start:s.End]
		if len(said) > 300 {
			continue
		}
		score := 2 * len(Facets(slot.PrimaryGoal, said))
		if score > 0 && aiming.MatchString(said) {
			score++
		}
		if score > most {
			most, best = score, s
		}
	}
	return best
}

// span is a part of a text, in bytes.
type span struct{ start, end int }

// wishes finds the parts of a text about goals and about other people: a
// figure or a date there says nothing about the client's own today.
func wishes(told []passage) []span {
	var out []span
	for _, p := range told {
		switch p.slot {
		case slot.PrimaryGoal, slot.SuccessMetrics, slot.TargetAudience, slot.Competitors, slot.FuturePhases:
			out = append(out, p.span)
		default:
		}
	}
	return out
}

// wished reports whether a slot holds a figure or a date, and its words stand
// where wishes are told.
func (f *finder) wished(k slot.Key, at int) bool {
	if len(f.wishes) == 0 || f.ctx.asked(k) {
		return false
	}
	switch types[k] {
	case slot.Number, slot.Money, slot.Percent, slot.Duration, slot.Date:
	default:
		if k != slot.LaunchText && k != slot.IsUrgent && k != slot.BudgetText {
			return false
		}
	}
	return slices.ContainsFunc(f.wishes, func(s span) bool { return at >= s.start && at < s.end })
}

// cutAt shortens text to at most n bytes at the end of a sentence or word.
func cutAt(text string, n int) string {
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	cut := text[:n]
	if i := strings.LastIndexAny(cut, ".!?\n"); i > n/3 {
		return cut[:i+1]
	}
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		return cut[:i]
	}
	return cut
}

// paragraphs reads "Label: text" lines, and headings with the text below them.
func paragraphs(text string, add func(k slot.Key, start, end int)) {
	r := brief{add: add, from: -1}
	at := 0
	for line := range strings.Lines(text) {
		r.line(strings.TrimRight(line, "\r\n"), at, at+len(line))
		at += len(line)
	}
	r.flush(len(text))
}

// brief remembers under which heading a text is read.
type brief struct {
	add   func(k slot.Key, start, end int)
	under slot.Key
	from  int // where the text under the heading begins; -1 when there is none
}

// line reads the line that begins at byte at; the next one begins at next.
func (r *brief) line(bare string, at, next int) {
	if m := labelled.FindStringSubmatchIndex(bare); m != nil {
		if k := labelOf(bare[m[2]:m[3]]); k != "" {
			r.flush(at)
			if m[4] >= 0 {
				r.add(k, at+m[4], at+untilLabel(bare, m[4], m[5]))
			} else {
				r.under, r.from = k, next
			}
			r.inline(bare, at)
			return
		}
	}
	if m := heading.FindStringSubmatch(bare); m != nil && len(strings.Fields(bare)) <= 7 {
		r.flush(at)
		if r.under = labelOf(m[1] + m[2]); r.under != "" {
			r.from = next
		}
	}
	r.inline(bare, at)
}

// inner finds a label that begins a sentence within a line: people paste a brief
// as one paragraph, too.
var inner = regexp.MustCompile(`[.!?;]\s+([A-Z][A-Za-z' /&-]{1,40}?):\s+`)

// inline reads the labelled sentences within a line.
func (r *brief) inline(bare string, at int) {
	for _, m := range inner.FindAllStringSubmatchIndex(bare, -1) {
		if k := labelOf(bare[m[2]:m[3]]); k != "" {
			end := untilLabel(bare, m[1], len(bare))
			if stop := fullStop.FindStringIndex(bare[m[1]:end]); stop != nil {
				end = m[1] + stop[0] + 1
			}
			r.add(k, at+m[1], at+end)
		}
	}
}

var fullStop = regexp.MustCompile(`[.!?]\s`)

// untilLabel is where a text that begins at from ends: before the next label.
func untilLabel(bare string, from, to int) int {
	if m := inner.FindStringIndex(bare[from:to]); m != nil {
		return from + m[0] + 1
	}
	return to
}

func (r *brief) flush(end int) {
	if r.under != "" && r.from >= 0 && r.from < end {
		r.add(r.under, r.from, end)
	}
	r.under, r.from = "", -1
}

// labelOf finds the slot that a label of at most a few words names.
func labelOf(label string) slot.Key {
	for _, l := range labels {
		if loc := l.named.FindStringIndex(label); loc != nil && loc[1]-loc[0] >= len(strings.TrimSpace(label))/2 {
			return l.slot
		}
	}
	return ""
}

// Span is a part of a text, in bytes.
type Span struct{ Start, End int }

// Sentences splits a text into sentences and lines, without the white space
// around them.
func Sentences(text string) []Span {
	var out []Span
	for _, loc := range sentence.FindAllStringIndex(text, -1) {
		s := text[loc[0]:loc[1]]
		from := loc[0] + len(s) - len(strings.TrimLeft(s, " \t\r"))
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, Span{from, from + len(s)})
		}
	}
	return out
}

// sentences reads whole sentences by their cues. Questions say nothing.
func sentences(text string, add func(k slot.Key, start, end int)) {
	for _, loc := range sentence.FindAllStringIndex(text, -1) {
		s := strings.TrimSpace(text[loc[0]:loc[1]])
		if strings.HasSuffix(s, "?") || len(s) < 12 {
			continue
		}
		low := strings.ToLower(s)
		for _, c := range cues {
			if c.mayFit(low) && c.says.MatchString(s) && (c.not == nil || !c.not.MatchString(s)) {
				add(c.slot, loc[0], loc[1])
			}
		}
	}
}

// contacts reads how people should get in touch: what stands beside a word
// that says so, not just any address.
func contacts(text string, have map[slot.Key]bool, hits *[]Hit) {
	file := func(k slot.Key, loc []int) {
		if loc != nil && !have[k] {
			have[k] = true
			q := text[loc[0]:loc[1]]
			*hits = append(*hits, Hit{Slot: k, Value: q, Quote: q, Start: loc[0], End: loc[1]})
		}
	}
	file(slot.ContactEmail, mailbox.FindStringIndex(text))
	for _, loc := range phone.FindAllStringIndex(text, -1) {
		digits := 0
		for _, r := range text[loc[0]:loc[1]] {
			if r >= '0' && r <= '9' {
				digits++
			}
		}
		if digits >= 9 && digits <= 15 {
			file(slot.ContactPhone, loc)
			break
		}
	}
}
