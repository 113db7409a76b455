package scope

import (
	"fmt"
	"regexp"

	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// foreign finds the currencies in which clients tell sums, other than that of
// the catalog's prices. It never changes.
var foreign = []struct {
	name  string
	words *regexp.Regexp
}{
	{"pounds", regexp.MustCompile(`(?i)£|\b(?:pounds?|gbp|quid)\b`)},
	{"euros", regexp.MustCompile(`(?i)€|\b(?:euros?|eur)\b`)},
	{"Swiss francs", regexp.MustCompile(`(?i)\b(?:francs?|chf)\b`)},
	{"yen", regexp.MustCompile(`(?i)¥|\byen\b`)},
	{"Canadian dollars", regexp.MustCompile(`(?i)\b(?:cad|canadian dollars?)\b`)},
	{"Australian dollars", regexp.MustCompile(`(?i)\b(?:aud|australian dollars?)\b`)},
}

// Currency is the currency in which the client told a sum, in words, and the
// words it was told in, when it is not that of the prices. Such a sum stands in
// the documents with the same number: nobody knows the rate that will hold.
func (r *Reading) Currency() (name, said string) { return r.w.currency() }

func (w *sheet) currency() (name, said string) {
	for _, d := range w.defs {
		f, ok := w.known(d.Key)
		if !ok || d.Type != slot.Money && d.Key != slot.BudgetText || f.Status == intake.Assumed {
			continue
		}
		for _, c := range foreign {
			if c.words.MatchString(f.Evidence.Quote) {
				return c.name, f.Evidence.Quote
			}
		}
	}
	return "", ""
}

// counted makes an open point of sums in a currency that the prices are not in.
func (w *sheet) counted() {
	if name, said := w.currency(); name != "" {
		w.open("Currency", fmt.Sprintf("The client told sums in %s (%s), the prices are in US dollars. The numbers of the client were taken as they are, without a rate; agree on the currency, and compare the budget again.", name, quote(shorten(said, maxQuote))))
	}
}
