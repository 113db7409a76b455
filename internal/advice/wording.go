package advice

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/redact"
	"applicreations.com/introspect/internal/slot"
)

// maxWording is the longest question in letters (references/intake.md 4.7).
const maxWording = 220

// lint says why a model's question may not be shown, or nothing. The template
// wording then stands, so a false alarm costs a nicer sentence and no more.
func lint(w string, s Snapshot, q Question, facts []Fact) string {
	if strings.Count(w, "?") != 1 || !strings.HasSuffix(strings.TrimRight(w, "')’"), "?") {
		return ReasonForm
	}
	if s.Lang != "" && s.Lang != "en" {
		return ReasonWords // the vocabulary is English
	}
	if reason := lintSentence(w, s, q, facts); reason != "" {
		return reason
	}
	trusted := trustedText(s, q, facts)
	return structure(strings.ReplaceAll(w, redact.Client, "they"), trusted, clientText(s), q)
}

// clientText is the answer, unless it gives orders: then its words, numbers
// and topics open nothing.
func clientText(s Snapshot) string {
	if isOrder(s.LastAnswer) {
		return ""
	}
	return s.LastAnswer
}

// lintSentence checks everything but the question mark. facts are those that
// the review has just accepted.
func lintSentence(w string, s Snapshot, q Question, facts []Fact) string {
	trusted := trustedText(s, q, facts)
	state := trusted + "\n" + clientText(s)
	bare := strings.ReplaceAll(w, redact.Client, "client") // the only placeholder it may hold
	low := plain(bare)
	switch {
	case strings.TrimSpace(w) != w, utf8.RuneCountInString(w) > maxWording, utf8.RuneCountInString(strip(low)) < 8:
		return ReasonLength
	case strings.Contains(bare, "{{") || strings.Contains(bare, "}}"):
		return ReasonMask
	case !letters(bare, plain(state)):
		return ReasonLetters
	case isLink(low):
		return ReasonLink
	case strings.ContainsAny(bare, "\"“”„!*_#<>|~`[]{}\\=^@"), strings.Contains(bare, "--"):
		return ReasonForm
	case leakWords(low):
		return ReasonLeak
	case lures.MatchString(low):
		return ReasonLure
	case claims.MatchString(low):
		return ReasonClaim
	case isPrice(low) && !knownNumbers(bare, trusted, s.Facts):
		return ReasonPrice
	case gifts.MatchString(low), money.MatchString(low) && spelled.MatchString(low):
		return ReasonPrice
	case !knownNumbers(bare, state, s.Facts):
		return ReasonNumber
	case strays(low, plain(state)):
		return ReasonOffTopic
	}
	return ""
}

// trustedText is what the rules wrote or have found to be true. The answer as a
// whole is not part of it: a stranger may type any price.
func trustedText(s Snapshot, q Question, facts []Fact) string {
	parts := []string{s.LastQuestion.Text, q.Text}
	defs := slot.ByKey()
	for _, k := range sortedKeys(s.Facts) {
		// The canonical text of money is cents: "450000" is not $450,000.
		if t := defs[k].Type; t != slot.Money && t != slot.Percent {
			parts = append(parts, s.Facts[k])
		}
	}
	for _, f := range facts {
		parts = append(parts, f.Evidence)
	}
	return strings.Join(parts, "\n")
}

// letters reports whether a text is of plain Latin letters, ASCII digits and
// common punctuation. Look-alikes from other alphabets, full-width and
// mathematical letters would hide words from the other checks. A word in
// another alphabet passes when the client used it.
func letters(text, state string) bool {
	for _, r := range text {
		switch {
		case r < 0x80 && (r >= ' ' && r != 0x7f), strings.ContainsRune("‘’“”–…€£¥₹×°", r):
		case unicode.Is(unicode.Latin, r) && (r < 0x250 || r >= 0x1e00 && r < 0x1f00):
		case unicode.IsLetter(r) || unicode.IsMark(r):
			if !foreignWordOf(text, state, r) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// foreignWordOf reports whether every word of text that holds r stands in the
// state too.
func foreignWordOf(text, state string, r rune) bool {
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) }) {
		if !strings.ContainsRune(word, r) {
			continue
		}
		if strings.ContainsFunc(word, func(c rune) bool { return c < 0x250 && unicode.IsLetter(c) }) || !quoted(state, word) {
			return false
		}
	}
	return true
}

// knownNumbers reports whether every number of the text is one of the state.
func knownNumbers(text, state string, facts slot.Values) bool {
	known := map[string]bool{}
	for _, n := range numbers(state) {
		known[n] = true
	}
	defs := slot.ByKey()
	for k, v := range facts {
		n, err := strconv.ParseFloat(v, 64)
		switch {
		case err != nil:
		case defs[k].Type == slot.Money:
			known[trimZeros(fmt.Sprintf("%.2f", n/100))] = true
		case defs[k].Type == slot.Percent:
			known[trimZeros(fmt.Sprintf("%.2f", n*100))] = true
		}
	}
	for _, n := range numbers(text) {
		if !known[n] {
			return false
		}
	}
	return true
}

var number = regexp.MustCompile(`\d[\d.,]*(?:\s?[kK]\b)?`)

// numbers lists the numbers of a text in one spelling: "4,000", "4k" and
// "4000.00" are one.
func numbers(text string) (out []string) {
	for _, m := range number.FindAllString(text, -1) {
		n := strings.TrimRight(m, ".,")
		thousand := strings.HasSuffix(strings.ToLower(n), "k")
		n = strings.TrimSpace(strings.TrimRight(n, "kK"))
		if i := strings.LastIndexAny(n, ".,"); i >= 0 && len(n)-i == 4 && strings.Trim(n[:i], "0,.") != "" {
			n = strings.NewReplacer(",", "", ".", "").Replace(n) // groups of three
		} else {
			n = strings.ReplaceAll(n, ",", "")
		}
		if f, err := strconv.ParseFloat(n, 64); thousand && err == nil {
			n = fmt.Sprintf("%.2f", f*1000)
		}
		out = append(out, trimZeros(n))
	}
	return out
}

func trimZeros(n string) string {
	if strings.Contains(n, ".") {
		n = strings.TrimRight(strings.TrimRight(n, "0"), ".")
	}
	if n = strings.TrimLeft(n, "0"); n == "" || n[0] == '.' {
		n = "0" + n
	}
	return n
}

// isLink finds addresses, also spelled out. Names such as "Next.js" are none.
func isLink(low string) bool {
	if links.MatchString(low) {
		return true
	}
	return slices.ContainsFunc(domain.FindAllString(low, -1), func(d string) bool { return !strings.HasSuffix(d, ".js") })
}

// isPrice finds amounts of money and shares. Currencies alone are no price: "in
// dollars or in euros".
func isPrice(low string) bool {
	return strings.ContainsAny(low, "0123456789") && (money.MatchString(low) || strings.Contains(low, "%"))
}

// strays finds topics that are no website's, unless the client brought them up.
func strays(low, state string) bool {
	return slices.ContainsFunc(offTopic.FindAllString(low, -1), func(m string) bool { return !quoted(state, m) })
}

func leakWords(low string) bool { return leak.MatchString(low) }

// words builds a pattern of whole words, for text in lower case.
func words(pattern string) *regexp.Regexp { return regexp.MustCompile(`\b(?:` + pattern + `)\b`) }

var (
	links  = regexp.MustCompile(`://|\bwww\b|\bhttps?\b|\b(?:javascript|data|mailto|tel|file|ftp)\s?:|(?:\b|\()dot\)?\s(?:com|net|org|io|de|co|info|biz|ru|xyz)\b|\b\d{1,3}(?:\.\d{1,3}){3}\b|&#|&[a-z]+;|%[0-9a-f]{2}\b`)
	domain = regexp.MustCompile(`[\p{L}\d-]+\.\p{L}{2,}`)

	money = regexp.MustCompile(`[$€£¥₹]|\b(?:usd|eur|gbp|chf|dollars?|euros?|pounds? sterling|bucks|quid|cents|francs?|bitcoins?|btc|percent|grand)\b`)
	gifts = regexp.MustCompile(`\b(?:a (?:\w+ )?discount|discount (?:of|if|on|for)|percent off|half price|free of charge|for free|at no (?:extra )?(?:cost|charge)|no charge)\b|% off\b`)
	// spelled numbers matter beside money only: "two or three sites" is fine.
	spelled = words(`one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|half`)

	leak = words(`system prompt|(?:my|your|the|these|this|hidden|secret|original|initial|previous|prior|above|earlier|all|any) (?:\w+ )?(?:instructions?|prompts?|directives?|guidelines|system message)|` +
		`developer (?:mode|message)|prompt injection|jail ?break\w*|language model|large model|as an ai|an ai (?:model|assistant)|artificial intelligence model|(?:i|we) (?:am|was|were|are) (?:told|instructed|trained|programmed|configured)|` +
		`canary|claude|anthropic|openai|chatgpt|gpt-?\d?|gemini model|llama|dan mode|allowed_questions|allowed_actions|question_id|last_answer|slot_focus|json schema|(?:ignore|disregard|forget|override|bypass) (?:\w+ ){0,3}(?:instructions?|rules?|prompts?|above|previous|everything|constraints?|guard ?rails?|filters?|policy|policies)|untrusted text|print your|reveal (?:your|the)|repeat (?:the|your) (?:\w+ )?(?:text|words|prompt|instructions)`)

	lures = words(`(?:your|the|an?|any|\w+'s) (?:\w+ ){0,2}(?:passwords?|passcode|passphrase|pin code|pin number|cvv|cvc|card numbers?|card details|credit card numbers?|bank details|account numbers?|iban|routing number|social security(?: number)?|ssn|passport(?: number)?|api keys?|secret keys?|private keys?|access tokens?|seed phrase|login details|log-?in credentials|credentials|one-time code|verification code|security code|mother's maiden name|date of birth|home address)|` +
		`click (?:here|this|the|on|below)|tap here|follow (?:this|the) link|scan (?:this|the) |download (?:this|the|our|and)|install (?:this|the|our|and)|open the attachment|go to the (?:site|page|link|address)|visit (?:this|our|the (?:site|page|link))|` +
		`(?:call|text|phone|dial|ring) \+?\d[\d ()-]*|(?:wire|transfer|send|pay|deposit) (?:\w+ ){0,4}(?:dollars|euros|money|funds|payment|deposit|fee|us|now|upfront|immediately|bitcoin|crypto\w*)|pay (?:\w+ ){0,2}(?:now|today|first|here)|(?:call|text|phone|email|e-mail|message|contact|write to) (?:us|me|this number|the number|our|him|her) ?(?:now|at|on|today|directly|via|under|instead)?|whats ?app (?:us|me)|telegram|` +
		`run (?:this|the following)|paste (?:this|the following|your)|type (?:this|the following)|copy (?:this|the following)|enter your|log ?in (?:at|to|with)|sign in (?:at|to|with)|confirm your (?:identity|account|payment|order|purchase)`)

	claims = words(`i|i'm|i'll|i've|i'd|me|we (?:will|can|shall|offer|guarantee|promise|charge|give|include|deliver|recommend|already|have|are|accept|agreed?|waive|build|never|always|just|also|refund)|we'll|we've|we're|` +
		`our (?:\w+ )?(?:agency|company|team|prices?|fees?|rates?|offer|studio|developers?|designers?|guarantee|boss|policy|lawyers?|competitors?|service|services)|the agency (?:will|has|can|offers?|guarantees?|promises?|is|agreed)|` +
		`you(?:'ll| will| are going to) (?:\w+ )?(?:get|receive|pay|save|owe|earn|be charged|have to pay|win|lose)|you (?:owe|won|have won|must pay|agreed|signed|are (?:legally|now|hereby|obliged|obligated))|` +
		`(?:it|this|that|everything|the (?:site|website|project|price|cost|total|quote|fee|package|shop|store|feature|deposit|budget|offer)) (?:(?:will|would|can) (?:only |just |not )?(?:cost|be free|be done|be ready|be finished|be live|go live)|(?:only |just )?costs|is free)|` +
		`(?:the|a|final|total|fixed|special|agreed|estimated) (?:\w+ )?(?:price|cost|total|quote|fee|discount)s? (?:is|are|of|will|would|has|was|drops?|goes)|price (?:is|of)|guaranteed?|warrant(?:y|ies)|legally binding|contract is|money back|promise|best (?:agency|price|deal)|` +
		`(?:everything|(?:the|your|this) (?:\w+ )?(?:order|payment|price|deposit|fee|contract|account|request|discount|refund|budget|offer)) (?:is|are|was|were|has been|will be) (?:\w+ )?(?:confirmed|approved|granted|waived|accepted|agreed|signed|booked|included|done|settled|paid)|` +
		`sold (?:for|to)|approved|accepted your|confirmed your|booked you|as agreed|special offer|limited offer|deal ends|last chance|act now|hurry|congratulations`)

	offTopic = words(`vote[ds]? for|political|politics|election|president|your (?:religion|faith|race|ethnicity|sexuality|sexual\w*|gender|salary|income|marriage|wife|husband|medical history|diagnosis|weight|age)|are you (?:married|single|gay|pregnant|religious|depressed|jewish|muslim|christian)|` +
		`suicide|kill\w*|weapons?|bombs?|explosives?|drugs?|cocaine|porn\w*|sex|nude\w*|stupid|idiots?|morons?|dumb|ugly|hate you|shut up|fuck\w*|shit\w*|bitch\w*|scam\w*|fraud\w*|crooks?|liars?|poems?|limerick|haiku|joke|recipe|lottery|horoscope|weather today|capital of|stock tips?|crypto tips?|invest in|diagnos\w+|prescri\w+|lawsuit|sue them|hack\w*|malware|phish\w*|exploit\w*`)
)
