package advice

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"applicreations.com/introspect/internal/extract"
	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/redact"
	"applicreations.com/introspect/internal/slot"
)

// plain normalises a text for comparing: one letter case, straight quotes,
// single spaces, nothing invisible.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.Map(plainRune, text)), " ")
}

// plainRune is a letter or sign as it is compared; below zero it is left out.
func plainRune(r rune) rune {
	switch r {
	case '‘', '’', '‚', '´', '`':
		return '\''
	case '“', '”', '„', '«', '»':
		return '"'
	case '–', '—', '‑', '−':
		return '-'
	case '…':
		return '.'
	}
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return unicode.ToLower(r)
}

// quoted reports whether the words of part stand in whole, which is plain, in
// one piece and not cut out of a longer word.
func quoted(whole, part string) bool {
	_, _, ok := find(whole, part)
	return ok
}

// find is where in whole, which is plain, the words of part stand.
func find(whole, part string) (from, to int, ok bool) {
	part = strings.Trim(plain(part), " \"'.,;:!?")
	if part == "" {
		return 0, 0, false
	}
	for at := 0; ; {
		i := strings.Index(whole[at:], part)
		if i < 0 {
			return 0, 0, false
		}
		i += at
		if edge(whole[:i], part, true) && edge(whole[i+len(part):], part, false) {
			return i, i + len(part), true
		}
		at = i + 1
	}
}

// Quote finds the words of evidence in an answer, compared as Review compares
// them, and returns them as the client wrote them.
func Quote(answer, evidence string) (string, bool) {
	low, at := plainAt(answer)
	from, to, ok := find(low, evidence)
	if !ok {
		return "", false
	}
	return answer[at[from].start:at[to-1].end], true
}

// source is where a byte of a plain text comes from.
type source struct{ start, end int }

// plainAt is plain, with the place in the text that each byte comes from.
func plainAt(text string) (string, []source) {
	var b strings.Builder
	var at []source
	space := false
	for i, r := range text {
		mapped := plainRune(r)
		switch {
		case mapped < 0:
			continue
		case unicode.IsSpace(mapped):
			space = b.Len() > 0
			continue
		}
		here := source{i, i + max(1, utf8.RuneLen(r))}
		if space {
			b.WriteByte(' ')
			at = append(at, here)
			space = false
		}
		n, _ := b.WriteRune(mapped) // a builder never fails
		for range n {
			at = append(at, here)
		}
	}
	return b.String(), at
}

// edge reports whether a word may end between outside and part.
func edge(outside, part string, before bool) bool {
	a, b := []rune(outside), []rune(part)
	if len(a) == 0 {
		return true
	}
	out, in := a[0], b[len(b)-1]
	if before {
		out, in = a[len(a)-1], b[0]
	}
	wordy := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return !wordy(out) || !wordy(in)
}

// said reports whether the evidence is a quote of the answer that says
// something. Words such as "the" prove nothing unless they are all there is.
func said(answer, evidence string) bool {
	if !quoted(answer, evidence) {
		return false
	}
	words := strings.Fields(strip(plain(evidence)))
	if len(words) == 0 {
		return false
	}
	empty := func(w string) bool { return slices.Contains(strings.Fields(emptyWords), w) }
	return len(words) == len(strings.Fields(strip(answer))) || slices.ContainsFunc(words, func(w string) bool { return !empty(w) })
}

const emptyWords = "a an the and or but so of to in on at by for from with as is are was were be been it its this that these those there " +
	"i we you he she they my our your their me us them have has had do does did will would can could should just very also really"

// strip leaves letters, digits and single spaces.
func strip(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// isOrder reports words that give a language model orders.
func isOrder(text string) bool {
	clean, _ := extract.WithoutOrders(text)
	return clean != text || leakWords(plain(text))
}

// value reports whether the fact's value is of the slot's type and says what
// the evidence says. Figures are read by our own rules: a model only chooses
// which slot they belong to.
func (r *review) value(d slot.Def, f Fact) bool {
	v := f.Value
	if v == "" || strings.TrimSpace(v) != v || len(v) > maxAnswer {
		return false
	}
	switch d.Type {
	case slot.Text:
		return quoted(r.answer, v)
	case slot.Enum:
		return slices.Contains(r.c.Options[d.Key], v)
	case slot.Multi:
		return r.entries(d.Key, f)
	case slot.Bool:
		return v == "yes" || v == "no"
	case slot.URL:
		return isURL(v) && quoted(r.answer, v)
	case slot.Money:
		n, err := strconv.ParseInt(v, 10, 64)
		return err == nil && n > 0 && figure(f.Evidence, func(g token.Figure, n float64) bool { return !g.Percent && n*100 == mustFloat(v) })
	case slot.Percent:
		return within(v, 1) && figure(f.Evidence, func(g token.Figure, n float64) bool { return g.Percent && near(n/100, mustFloat(v)) })
	case slot.Number:
		return within(v, 1e12) && figure(f.Evidence, func(g token.Figure, n float64) bool { return !g.Percent && n == mustFloat(v) })
	case slot.Duration:
		weeks, ok := extract.Duration(f.Evidence)
		return ok && within(v, 1000) && near(weeks, mustFloat(v))
	case slot.Date:
		day, _, ok := extract.Date(f.Evidence, r.c.Now)
		return ok && day.Format(time.DateOnly) == v
	default:
		return false
	}
}

// proven reports whether the value itself stands in the evidence. A choice that
// a model made for the client does not, however good its quote is.
func proven(d slot.Def, f Fact) bool {
	switch d.Type {
	case slot.Bool:
		return false
	case slot.Enum, slot.Multi:
		for part := range strings.SplitSeq(f.Value, ",") {
			if !quoted(plain(f.Evidence), strings.ReplaceAll(part, "_", " ")) {
				return false
			}
		}
	default:
	}
	return true
}

// entries checks a list: every entry is an offered id or the client's words.
func (r *review) entries(k slot.Key, f Fact) bool {
	if f.Value == "none" {
		return denies(plain(f.Evidence))
	}
	list := strings.Split(f.Value, ",")
	seen := map[string]bool{}
	for _, e := range list {
		if strings.TrimSpace(e) != e || seen[e] || e == "none" || !slices.Contains(r.c.Options[k], e) && !quoted(r.answer, e) {
			return false
		}
		seen[e] = true
	}
	return len(list) <= maxFacts
}

func denies(text string) bool {
	for w := range strings.FieldsSeq(strip(strings.ReplaceAll(text, "n't", " not"))) {
		if slices.Contains([]string{"no", "none", "not", "nothing", "never", "without", "nope", "nobody"}, w) {
			return true
		}
	}
	return false
}

// figure reports whether one bound of a figure in the text fits.
func figure(text string, fits func(f token.Figure, n float64) bool) bool {
	return slices.ContainsFunc(token.Read(text).Figures, func(f token.Figure) bool { return fits(f, f.Lo) || fits(f, f.Hi) })
}

// within reports a plain decimal number from 0 to limit.
func within(v string, limit float64) bool {
	if strings.Trim(v, "0123456789.") != "" {
		return false // no sign, exponent, infinity or hexadecimal
	}
	n, err := strconv.ParseFloat(v, 64)
	return err == nil && n >= 0 && n <= limit
}

// mustFloat is for texts that within or ParseInt accepted.
func mustFloat(v string) float64 {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return -1
	}
	return n
}

func near(a, b float64) bool {
	return a-b < 0.05 && b-a < 0.05 && (a >= 0.05 || b-a < 0.001 && a-b < 0.001)
}

func isURL(v string) bool {
	if !strings.Contains(v, "://") {
		v = "https://" + v
	}
	u, err := url.Parse(v)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.User == nil && strings.Contains(u.Hostname(), ".")
}

// leaks reports the canary anywhere in the advice, in whatever disguise.
func leaks(a Advice, canary string) bool {
	texts := []string{string(a.Quality), string(a.Action), a.QuestionID, string(a.SlotFocus), a.Wording, a.Why}
	for _, f := range a.Facts {
		texts = append(texts, f.Evidence, string(f.Slot), f.Value, string(f.Certainty))
	}
	for _, c := range a.Conflicts {
		texts = append(texts, string(c.SlotA), string(c.SlotB), c.Explanation)
	}
	return redact.Holds(canary, texts...)
}
