package extract

import (
	"slices"
	"strings"

	"applicreations.com/introspect/internal/extract/token"
	"applicreations.com/introspect/internal/slot"
)

// links files the addresses in the text: as the client's own website, or as
// sites that are liked.
func (f *finder) links() {
	liked, first, last := []string{}, -1, -1
	for i, t := range f.Tokens {
		if t.Kind != token.Link {
			continue
		}
		raw := f.Text[t.Start:t.End]
		switch f.linkSlot(i) {
		case slot.CurrentWebsite:
			f.add(slot.WebsiteURL, raw, i, i)
			f.addRanked(slot.CurrentWebsite, raw, i, i, justExists)
		case slot.DesignReferences:
			if first < 0 {
				first = i
			}
			last = i
			if !slices.Contains(liked, raw) {
				liked = append(liked, raw)
			}
		default:
		}
	}
	if first >= 0 {
		f.add(slot.DesignReferences, strings.Join(liked, ", "), first, last)
	}
}

// justExists ranks an address below words about the state of the website.
const justExists = -2

// platforms sell or show the offers of many: an address there is no website of
// the client's own.
var platforms = [...]string{
	"booking.com", "airbnb.", "tripadvisor.", "etsy.com", "ebay.", "amazon.", "facebook.com", "instagram.com", "linkedin.com", "youtube.com", "tiktok.com",
	"yelp.", "opentable.", "treatwell.", "fresha.com", "doctolib.", "ubereats.com", "deliveroo.", "doordash.com", "google.", "monday.com", "calendly.com",
}

// ofAPlatform reports whether the link names a platform, not a page of it that
// might be all that the client has.
func ofAPlatform(link string) bool {
	host := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(link), "https://"), "http://"), "www.")
	host, page, _ := strings.Cut(host, "/")
	return page == "" && slices.ContainsFunc(platforms[:], func(p string) bool { return strings.HasPrefix(host, p) })
}

// linkSlot decides what a link is, by the words around it and the question.
func (f *finder) linkSlot(i int) slot.Key {
	if t := f.Tokens[i]; ofAPlatform(f.Text[t.Start:t.End]) {
		return ""
	}
	from, to := f.Sentence(i)
	own, other, liked := false, false, false
	for _, t := range f.Tokens[from:to] {
		switch t.Low {
		case "our", "my", "we", "currently", "current", "existing":
			own = true
		case "competitor", "competitors", "competition", "rival", "rivals":
			other = true
		case "like", "love", "inspired", "inspiration", "admire", "similar", "example", "examples", "style", "favourite", "favorite", "beautiful", "likes":
			liked = true
		}
	}
	switch {
	case other:
		return ""
	case liked || f.ctx.asked(slot.DesignReferences) && !f.ctx.asked(slot.CurrentWebsite):
		return slot.DesignReferences
	case f.ctx.asked(slot.CurrentWebsite) || own:
		return slot.CurrentWebsite
	default:
		return ""
	}
}

// colours reads hex values and colour names when colours were asked or the
// sentence speaks of the brand's.
func (f *finder) colours() {
	for _, k := range []slot.Key{slot.BrandColors, slot.ColorPreferences} {
		f.coloursFor(k)
	}
}

func (f *finder) coloursFor(k slot.Key) {
	var values []string
	first, last := -1, -1
	for i := range f.Tokens {
		if !f.coloured(i) {
			continue
		}
		if !f.ctx.asked(k) && !f.meantBy(k, i) {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		if v := f.shade(i); !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	if first < 0 {
		return
	}
	if first > 0 && f.Tokens[first].Gap < token.GapComma && (toned(f.Next(first, -1)) || f.likened(first-1)) {
		first--
	}
	f.add(k, strings.Join(values, ", "), first, last)
}

// coloured reports whether a word names a colour: "white space" does not.
func (f *finder) coloured(i int) bool {
	t := f.Tokens[i]
	if toned(t.Low) && i+1 < len(f.Tokens) && f.Tokens[i+1].Gap < token.GapComma && colour(f.Tokens[i+1].Low) {
		return false // "sage green" is one colour
	}
	for n := i - 1; n >= 0 && n > i-4 && f.Tokens[n].Sentence == t.Sentence; n-- {
		switch f.Tokens[n].Low {
		case "hate", "hates", "dislike", "except", "despise", "loathe":
			return false
		}
	}
	return (t.Kind == token.Hex || colour(t.Low)) && t.Denied == token.Affirmed && (t.Low != "white" || f.Next(i, 1) != "space")
}

// shade is the colour with a word such as "dark" before it.
func (f *finder) shade(i int) string {
	t := f.Tokens[i]
	if word := f.Next(i, -1); i > 0 && t.Kind == token.Word && t.Gap < token.GapComma && (f.likened(i-1) || toned(word)) {
		return word + " " + t.Low
	}
	return t.Low
}

func toned(low string) bool {
	_, ok := tone(low)
	return ok
}

// likened reports whether a word before a colour says which: "flour white",
// "leaf green", "blood red".
func (f *finder) likened(i int) bool {
	t := f.Tokens[i]
	if t.Kind != token.Word || colour(t.Low) || len(t.Low) < 3 {
		return false
	}
	switch t.Low {
	case "and", "the", "our", "with", "are", "was", "were", "but", "not", "for", "use", "used", "love", "loves", "like", "likes", "want", "wants", "prefer",
		"plus", "mostly", "mainly", "some", "more", "less", "much", "only", "just", "very", "from", "into", "have", "has", "brand", "color", "colour", "colors", "colours",
		"also", "maybe", "all", "any", "too", "than", "then", "that", "this", "these", "those", "avoid", "hate", "bit", "lots", "is", "of", "on", "or", "little", "yes", "logo", "main", "please", "except", "without":
		return false
	}
	return true
}

func tone(low string) (string, bool) {
	switch low {
	case "dark", "light", "deep", "bright", "pale", "soft", "warm", "cool", "royal", "sky", "forest", "hot", "pastel", "off", "navy", "dusty", "burnt", "sage", "olive", "mint",
		"lime", "emerald", "rose", "salmon", "turquoise", "mustard", "coral", "bottle", "electric", "midnight":
		return low, true
	default:
		return low, false
	}
}

func colour(low string) bool {
	switch low {
	case "red", "blue", "green", "yellow", "orange", "purple", "pink", "black", "white", "grey", "gray", "brown", "navy", "teal",
		"turquoise", "gold", "golden", "silver", "beige", "cream", "ivory", "maroon", "burgundy", "crimson", "coral", "peach",
		"salmon", "lavender", "lilac", "violet", "magenta", "indigo", "cyan", "mint", "olive", "sage", "emerald", "lime",
		"charcoal", "copper", "bronze", "rust", "terracotta", "mustard", "tan", "khaki", "aqua", "rose", "blush", "plum", "sand":
		return true
	default:
		return false
	}
}

// meantBy reports whether a colour that was not asked for belongs to the slot:
// to the brand where the sentence speaks of it, else to the look.
func (f *finder) meantBy(k slot.Key, i int) bool {
	if f.brandSentence(i) {
		return k == slot.BrandColors
	}
	return k == slot.ColorPreferences && !f.ctx.asked(slot.BrandColors) && f.lookSentence(i)
}

// lookSentence reports whether the sentence speaks of how the website is to
// look, so that a colour in it is a wish.
func (f *finder) lookSentence(i int) bool {
	from, to := f.Sentence(i)
	for _, t := range f.Tokens[from:to] {
		switch t.Low {
		case "look", "looks", "feel", "palette", "colours", "colors", "colour", "color", "tones", "shades", "aesthetic":
			return !f.sentenceHas(from, "rival")
		}
	}
	return false
}

// brandSentence reports whether the sentence speaks of the brand's colours.
func (f *finder) brandSentence(i int) bool {
	from, to := f.Sentence(i)
	for n := from; n < to; n++ {
		switch f.Tokens[n].Low {
		case "label", "labels", "packaging", "van", "vans", "sign", "uniform", "uniforms", "stationery", "livery":
			switch f.Next(n, -1) {
			case "our", "my", "the":
				return true
			}
		case "colors", "colours", "color", "colour", "palette":
			switch f.Next(n, -1) {
			case "brand", "our", "logo", "company", "main", "primary", "corporate", "my":
				return true
			}
			if f.Tokens[n].Low == "palette" {
				return true
			}
		}
	}
	return false
}
