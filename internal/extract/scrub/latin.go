package scrub

import "strings"

// Latin writes common Latin letters in ASCII.
func Latin() *strings.Replacer {
	groups := []struct{ ascii, letters string }{
		{"a", "àáâãāăą"},
		{"A", "ÀÁÂÃĀĂĄ"},
		{"ae", "äæ"},
		{"Ae", "ÄÆ"},
		{"aa", "å"},
		{"Aa", "Å"},
		{"c", "çćč"},
		{"C", "ÇĆČ"},
		{"d", "ďđð"},
		{"D", "ĎĐÐ"},
		{"e", "èéêëēęě"},
		{"E", "ÈÉÊËĒĘĚ"},
		{"g", "ğģ"},
		{"G", "ĞĢ"},
		{"i", "ìíîïīı"},
		{"I", "ÌÍÎÏĪİ"},
		{"l", "łľļ"},
		{"L", "ŁĽĻ"},
		{"n", "ñńňņ"},
		{"N", "ÑŃŇŅ"},
		{"o", "òóôõōő"},
		{"O", "ÒÓÔÕŌŐ"},
		{"oe", "öøœ"},
		{"Oe", "ÖØŒ"},
		{"r", "řŕ"},
		{"R", "ŘŔ"},
		{"s", "śšşș"},
		{"S", "ŚŠŞȘ"},
		{"ss", "ß"},
		{"SS", "ẞ"},
		{"t", "ťţț"},
		{"T", "ŤŢȚ"},
		{"th", "þ"},
		{"Th", "Þ"},
		{"u", "ùúûūůű"},
		{"U", "ÙÚÛŪŮŰ"},
		{"ue", "ü"},
		{"Ue", "Ü"},
		{"y", "ýÿ"},
		{"Y", "Ý"},
		{"z", "źżž"},
		{"Z", "ŹŻŽ"},
		{" and ", "&"},
	}
	var pairs []string
	for _, g := range groups {
		for _, r := range g.letters {
			pairs = append(pairs, string(r), g.ascii)
		}
	}
	return strings.NewReplacer(pairs...)
}
