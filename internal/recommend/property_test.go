package recommend_test

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

var phrases = []string{
	"We lose clients to no-shows! Calendars are kept by hand, and nobody knows who comes when on Saturdays in the summer season.",
	"Sell yarn worldwide", "A b2b consultancy; documents and invoices go out by e-mail", "\"quoted\" words — and more… ünïcode 漢字漢字漢字漢字漢字",
	"We don't need a blog", "KPI reports for the board", "hair salon", "restaurant", "education", "healthcare", "European customers", "x", "!!!",
	strings.Repeat("verylongwordwithoutanyblank", 9), "%s %d 100%", "Local search near me decides. Instagram is active.",
}

var choices = map[slot.Key][]string{
	slot.BusinessModel:          {"service", "product", "content", "membership", "hybrid"},
	slot.ServiceSubtype:         {"appointment", "reservation"},
	slot.VisitorActions:         {"contact", "learn", "book", "buy", "schedule", "portfolio", "download", "newsletter", "apply", "reserve", "donate"},
	slot.ComplianceRequirements: {"HIPAA", "PCI-DSS", "GDPR", "ADA", "none"},
	slot.ComplianceStated:       {"HIPAA", "PCI-DSS", "GDPR", "ADA"},
	slot.UpdateFrequency:        {"daily", "weekly", "monthly", "almost_never"},
	slot.Integrations:           {"Xero", "HubSpot", "Slack", "payments"},
	slot.CurrentTools:           {"Xero", "PayPal", "Excel"},
	slot.SecurityNeeds:          {"two_factor", "encryption", "none"},
}

// anyone makes the facts of a random client.
func anyone(r *rand.Rand, cat *catalog.Catalog) slot.Values {
	v := slot.Values{}
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	density := r.IntN(5)
	for _, d := range slot.Defs() {
		if r.IntN(5) > density {
			continue
		}
		switch options := choices[d.Key]; {
		case len(options) > 0 && d.Type == slot.Multi:
			v[d.Key] = slot.Join([]string{pick(options), pick(options), pick(options)})
		case len(options) > 0:
			v[d.Key] = pick(options)
		case d.Key == slot.MustHaves:
			v[d.Key] = slot.Join([]string{string(cat.Features[r.IntN(len(cat.Features))].ID), pick(phrases), string(cat.Features[r.IntN(len(cat.Features))].ID)})
		case d.Type == slot.Bool:
			v[d.Key] = pick([]string{"yes", "no"})
		case d.Type == slot.Number:
			v[d.Key] = pick([]string{"0", "1", "5", "12", "16", "50", "51", "0.5", "1234", "-3", "NaN"})
		case d.Type == slot.Money:
			v[d.Key] = pick([]string{"0", "2500", "8500", "50000", "12000000", "-5", "99999999999999999"})
		case d.Type == slot.Percent:
			v[d.Key] = pick([]string{"0", "0.05", "0.12", "0.18", "0.4", "1", "18"})
		case d.Type == slot.Multi:
			v[d.Key] = slot.Join([]string{pick(phrases), pick(phrases)})
		default:
			v[d.Key] = pick(phrases)
		}
	}
	return v
}

var (
	figures   = regexp.MustCompile(`\d[\d,]*(?:\.\d+)?`)
	quoted    = regexp.MustCompile(`"([^"]*)"`)
	amount    = regexp.MustCompile(`\$[\d,]+`)
	ends      = regexp.MustCompile(`\.(?: |$)`)
	forbidden = regexp.MustCompile(`(?i)\b(I|me|my|we|our|us|great|amazing|said|mentioned)\b|!|%!`)
)

// checkScreen holds whatever must be true of every screen.
func checkScreen(t *testing.T, cat *catalog.Catalog, v slot.Values) {
	t.Helper()
	r := recommend.Recommend(cat, v)
	checkGroups(t, cat, v, r)
	for _, i := range slices.Concat(r.Recommended, r.Additional) {
		checkItem(t, cat, v, i)
	}
	own := quoted.ReplaceAllString(r.ContextSummary, `""`)
	own = strings.ReplaceAll(own, v[slot.BusinessName], "")
	n := len(ends.FindAllString(own, -1))
	if n < 2 || n > 4 || strings.Contains(r.ContextSummary, "!") {
		t.Errorf("summary %q has %d sentences", r.ContextSummary, n)
	}
	if r.PackageRationale == "" || len(r.Included) == 0 {
		t.Errorf("package %s has rationale %q and %d inclusions", r.Package, r.PackageRationale, len(r.Included))
	}
	if _, err := json.Marshal(r); err != nil {
		t.Errorf("Marshal err = %v", err)
	}
}

func checkGroups(t *testing.T, cat *catalog.Catalog, v slot.Values, r recommend.Recommendation) {
	t.Helper()
	limit := map[recommend.Priority]int{recommend.Essential: 3, recommend.HighlyRecommended: 5, recommend.NiceToHave: 5}
	order := []recommend.Priority{recommend.Essential, recommend.HighlyRecommended, recommend.NiceToHave}
	sel := catalog.Selection{Package: r.Package}
	count, last, relevant := 0, 0, recommend.Relevant(cat, v)
	for _, i := range r.Recommended {
		f, _ := cat.Feature(i.Feature)
		if n := slices.Index(order, i.Priority); n < last {
			t.Errorf("%s with %q stands after %q", i.Feature, i.Priority, order[last])
		} else {
			last = n
		}
		if f.Compliance == nil || slices.Contains(relevant, i.Feature) { // wished for, not called for by a regulation
			limit[i.Priority]--
			count++
		}
		sel.Features = append(sel.Features, i.Feature)
	}
	for p, left := range limit {
		if left < 0 {
			t.Errorf("group %q is %d over its cap", p, -left)
		}
	}
	if count < 3 || count > 13 {
		t.Errorf("%d features are recommended, want 3 to 13: %q", count, rows(r))
	}
	if _, err := cat.Price(sel); err != nil {
		t.Errorf("everything recommended has no price: %v\nfacts: %v", err, v)
	}
	if slices.Sort(sel.Features); len(slices.Compact(sel.Features)) != len(r.Recommended) {
		t.Errorf("a feature is recommended twice: %q", rows(r))
	}
	for _, i := range r.Additional {
		f, _ := cat.Feature(i.Feature)
		if slices.Contains(sel.Features, i.Feature) || i.Priority != "" || slices.ContainsFunc(f.Conflicts, func(o catalog.FeatureID) bool { return slices.Contains(sel.Features, o) }) {
			t.Errorf("additional %s is recommended, has a priority or conflicts with what is", i.Feature)
		}
	}
}

func checkItem(t *testing.T, cat *catalog.Catalog, v slot.Values, i recommend.Item) {
	t.Helper()
	own := i.Reasoning
	for _, k := range []slot.Key{slot.BusinessName, slot.Industry} {
		own = strings.ReplaceAll(own, plain(v[k]), "")
	}
	own = quoted.ReplaceAllString(own, "")
	if i.Reasoning == "" || !utf8.ValidString(i.Reasoning) || forbidden.MatchString(own) {
		t.Errorf("reasoning of %s = %q", i.Feature, i.Reasoning)
	}
	for _, q := range quoted.FindAllStringSubmatch(i.Reasoning, -1) {
		if utf8.RuneCountInString(q[1]) > 90 {
			t.Errorf("reasoning of %s quotes %d characters: %q", i.Feature, utf8.RuneCountInString(q[1]), q[1])
		}
	}
	// What nothing calls for says what it does, and names no reason.
	f, _ := cat.Feature(i.Feature)
	uncalled := i.Priority == "" && i.Reasoning == f.Benefit
	if len(v) > 0 && anchored(v) && !uncalled && !tied(v, i.Reasoning) {
		t.Errorf("reasoning of %s holds no fact of the client: %q\nfacts: %v", i.Feature, i.Reasoning, v)
	}
	if note := i.DependencyNote; note != "" && !strings.HasSuffix(note, ".") || strings.Contains(note, " .") || strings.Contains(note, "  ") {
		t.Errorf("note of %s = %q", i.Feature, note)
	}
	if i.ROI == nil {
		return
	}
	if i.ROI.Annual < 0 || i.ROI.Annual%100 != 0 || i.ROI.Annual == 0 && i.ROI.HoursPerYear <= 0 || i.ROI.Basis == "" {
		t.Errorf("return of %s = %+v", i.Feature, *i.ROI)
	}
	if i.ROI.Annual > 0 && (!amount.MatchString(i.Reasoning) || !strings.Contains(i.Reasoning, "annually") || i.ROI.Payback == "") {
		t.Errorf("reasoning of %s does not name its value: %q (%+v)", i.Feature, i.Reasoning, *i.ROI)
	}
	if revenue, ok := v.Cents(slot.AnnualRevenue); ok && revenue >= 0 && revenue < 1e14 && int64(i.ROI.Annual) > revenue {
		t.Errorf("return of %s = %v, more than the revenue of %d cents", i.Feature, i.ROI.Annual, revenue)
	}
}

// plain is what quoting makes of short text without quotation marks.
func plain(s string) string {
	return strings.TrimRight(strings.ReplaceAll(strings.ReplaceAll(s, "!", ""), `"`, "'"), " .")
}

// anchored reports whether there is anything to tie a text to.
func anchored(v slot.Values) bool {
	return plain(v[slot.BusinessName])+plain(v[slot.Industry])+plain(v[slot.PrimaryGoal])+plain(v[slot.TargetAudience]) != ""
}

// tied reports whether a text holds a figure, the name or field, or words of
// the client. The benefit sentences hold no figures but those of the SMS.
func tied(v slot.Values, text string) bool {
	fixed := strings.NewReplacer("24 hours and 2 hours", "", "25% to 30%", "", "WCAG 2.1", "").Replace(text)
	if figures.MatchString(fixed) || quoted.MatchString(text) {
		return true
	}
	for _, s := range append(v.List(slot.Integrations), plain(v[slot.BusinessName]), plain(v[slot.Industry])) {
		if s != "" && strings.Contains(text, string([]rune(s)[:min(40, len([]rune(s)))])) {
			return true
		}
	}
	return false
}

func TestEveryScreen(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	r := rand.New(rand.NewPCG(20, 26))
	for range 200 {
		checkScreen(t, cat, anyone(r, cat))
	}
	for _, p := range profiles() {
		checkScreen(t, cat, p.v)
	}
}

func FuzzRecommend(f *testing.F) {
	cat := defaultCatalog(f)
	f.Add(uint64(1), "hair salon", "no-show,double booking")
	f.Add(uint64(2), "\x00\xff\"'", "payment_processing,,, ,%s")
	f.Fuzz(func(t *testing.T, seed uint64, goal, wishes string) {
		v := anyone(rand.New(rand.NewPCG(seed, 7)), cat)
		v[slot.PrimaryGoal], v[slot.MustHaves] = strings.ToValidUTF8(goal, "?"), strings.ToValidUTF8(wishes, "?")
		v[slot.BusinessName] = "Studio 54"
		checkScreen(t, cat, v)
	})
}

// The same facts give the same screen.
func TestRecommendIsStable(t *testing.T) {
	t.Parallel()
	cat := defaultCatalog(t)
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		v := anyone(r, cat)
		if diff := cmp.Diff(recommend.Recommend(cat, v), recommend.Recommend(cat, v)); diff != "" {
			t.Fatalf("Recommend(%v) changes from call to call:\n%s", v, diff)
		}
	}
}

func BenchmarkRecommend(b *testing.B) {
	cat := defaultCatalog(b)
	v := salon()
	b.ReportAllocs()
	for b.Loop() {
		recommend.Recommend(cat, v)
	}
}
