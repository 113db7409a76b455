package catalog_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
)

func builtIn(tb testing.TB) string {
	tb.Helper()
	data, err := os.ReadFile("catalog.json")
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// lineOf is the line of the first occurrence of text after the first of start.
func lineOf(tb testing.TB, doc, start, text string) int {
	tb.Helper()
	i := strings.Index(doc, start)
	j := strings.Index(doc[max(i, 0):], text)
	if i < 0 || j < 0 {
		tb.Fatalf("%q after %q is not in the file", text, start)
	}
	return 1 + strings.Count(doc[:i+j], "\n")
}

// Each row edits the built-in file in one place and expects one problem there.
func TestParseFindsOneMistake(t *testing.T) {
	t.Parallel()
	doc := builtIn(t)
	tests := []struct {
		name             string
		start, old, edit string // the first old after start is replaced
		path, says       string
	}{
		{"an unknown field", `"id": "sms_notifications"`, `"priceCents"`, `"price": 3, "priceCents"`, "features[18].price", "unknown field; known are id, name"},
		{"an unknown nested field", `"id": "payment_processing"`, `"regulation"`, `"law": {"a": [1, {}]}, "regulation"`, "features[17].compliance.law", "known are regulation, priority"},
		{"a wrongly cased field", `"id": "responsive"`, `"name"`, `"Name": "x", "name"`, "packages[0].inclusions[0].Name", "unknown field"},
		{"a repeated field", `"id": "sms_notifications"`, `"priceCents"`, `"priceCents": 2, "priceCents"`, "features[18].priceCents", "given twice"},
		{"a missing field", `"id": "sms_notifications"`, `"priceCents": 30000,`, ``, "features[18].priceCents", "missing"},
		{"text for a number", `"id": "sms_notifications"`, `30000`, `"300"`, "features[18].priceCents", "must be a whole number"},
		{"a fraction of a cent", `"id": "sms_notifications"`, `30000`, `300.5`, "features[18].priceCents", "must be a whole number"},
		{"a number for text", `"id": "sms_notifications"`, `"SMS Notifications"`, `7`, "features[18].name", `must be text in quotes ""`},
		{"null for text", `"id": "sms_notifications"`, `"SMS Notifications"`, `null`, "features[18].name", `must be text in quotes ""`},
		{"text for a list", `"id": "sms_notifications"`, `["appointment_scheduling", "booking_system"]`, `"booking_system"`, "features[18].pairsWith", "must be a list [ ]"},
		{"a list for an object", `"id": "payment_processing"`, `{"regulation": "PCI-DSS", "priority": "essential"}`, `[{"x": 1}]`, "features[17].compliance", "must be an object { }"},
		{"text for true", `"id": "api_integration"`, `true`, `"yes"`, "features[2].each", "must be true or false"},
		{"a negative price", `"id": "sms_notifications"`, `30000`, `-1`, "features[18].priceCents", "must be cents from 0 to"},
		{"a price beyond reason", `"id": "sms_notifications"`, `30000`, `100000001`, "features[18].priceCents", "must be cents from 0 to"},
		{"a feature id used twice", `"id": "multilingual"`, `multilingual`, `event_calendar`, "features[15].id", `already the id of features[11]`},
		{"an id with a blank", `"id": "maps"`, `"maps"`, `"the maps"`, "packages[1].inclusions[6].id", "is no id"},
		{"a feature named like an inclusion", `"id": "maps"`, `"maps"`, `"live_chat"`, "features[13].id", "already the id of packages[1].inclusions[6]"},
		{"an empty text", `"id": "live_chat"`, `"Live Chat Integration"`, `" "`, "features[13].name", "must not be empty"},
		{"an unknown complexity", `"id": "live_chat"`, `"simple"`, `"easy"`, "features[13].complexity", `"easy" is none of`},
		{"a time that ends before it starts", `"id": "live_chat"`, `"maxDays": 3`, `"maxDays": 1`, "features[13].maxDays", "must not be less than minDays"},
		{"no time at all", `"id": "live_chat"`, `"minDays": 2`, `"minDays": 0`, "features[13].minDays", "1 to 365 working days"},
		{"an empty note", `"id": "live_chat"`, `"Needs an account with a chat service and someone to answer."`, `""`, "features[13].notes[0]", "must not be empty"},
		{"a one-sided conflict", `"id": "booking_system"`, `"conflicts": ["appointment_scheduling"],`, ``, "features[3].conflicts[0]", "both sides must"},
		{"a conflict with nothing", `"id": "booking_system"`, `"conflicts": ["appointment_scheduling"]`, `"conflicts": ["appointment_scheduling", "zeppelin"]`, "features[5].conflicts[1]", `no feature "zeppelin"`},
		{"a conflict with itself", `"id": "booking_system"`, `"conflicts": ["appointment_scheduling"]`, `"conflicts": ["appointment_scheduling", "booking_system"]`, "features[5].conflicts[1]", "cannot refer to itself"},
		{"a second conflict that is one-sided", `"id": "booking_system"`, `"conflicts": ["appointment_scheduling"]`, `"conflicts": ["appointment_scheduling", "event_calendar"]`, "features[5].conflicts[1]", "both sides must"},
		{"a pairing with nothing", `"id": "newsletter"`, `["blog_system"]`, `["log_system"]`, "features[16].pairsWith[0]", `no feature "log_system"`},
		{"an automatic feature that does not exist", `"id": "ecommerce_basic"`, `"feature": "payment_processing"`, `"feature": "payment"`, "features[8].autoAdds[0].feature", `no feature "payment"`},
		{"an automatic feature that is excluded", `"id": "membership_portal"`, `"feature": "payment_processing"`, `"feature": "customer_portal"`, "features[14].autoAdds", "exclude each other"},
		{"an unknown requirement", `"id": "blog_system"`, `[["cms"]]`, `[["sms"]]`, "features[4].requires[0][0]", `neither a feature nor an inclusion "sms"`},
		{"a requirement of itself", `"id": "blog_system"`, `[["cms"]]`, `[["cms", "blog_system"]]`, "features[4].requires[0][1]", "cannot require itself"},
		{"an empty requirement", `"id": "blog_system"`, `[["cms"]]`, `[["cms"], []]`, "features[4].requires[1]", "can never be fulfilled"},
		{"an upgrade of nothing", `"id": "blog_system"`, `"upgrades": "blog"`, `"upgrades": "log"`, "features[4].upgrades", `no package contains "log"`},
		{"an unknown regulation", `"id": "secure_forms"`, `"HIPAA"`, `"HIPPA"`, "features[21].compliance.regulation", `"HIPPA" is none of`},
		{"an unknown priority", `"id": "secure_forms"`, `"essential"`, `"urgent"`, "features[21].compliance.priority", `"urgent" is neither`},
		{"a package without its hosting", `"id": "starter"`, `"hosting": "basic"`, `"hosting": "cheap"`, "packages[0].hosting", `no hosting tier "cheap"`},
		{"a large package cheaper than a small one", `"id": "professional"`, `450000`, `240000`, "packages[1].priceCents", "cheaper than the one before"},
		{"two most popular packages", `"id": "custom"`, `"hosting": "premium"`, `"hosting": "premium", "popular": true`, "packages[2].popular", "only one package"},
		{"negative pages", `"id": "custom"`, `"pages": 0`, `"pages": -1`, "packages[2].pages", "must not be negative"},
		{"a package the rules need is gone", `"id": "starter"`, `starter`, `small`, "packages", `there must be a package "starter"`},
		{"an empty inclusion text", `"id": "maps"`, `"Google Maps"`, `""`, "packages[1].inclusions[6].name", "must not be empty"},
		{"an empty inclusion description", `"id": "maps"`, `"A map with your address and directions."`, `""`, "packages[1].inclusions[6].description", "must not be empty"},
		{"a package for nobody", `"id": "starter"`, `"Simple business sites, portfolios and landing pages"`, `" "`, "packages[0].idealFor", "must not be empty"},
		{"a package below nothing", `"id": "starter"`, `250000`, `-1`, "packages[0].priceCents", "must be cents from 0"},
		{"a feature without a description", `"id": "live_chat"`, `"A chat window on the site, answered by staff, with messages outside working hours."`, `""`, "features[13].description", "must not be empty"},
		{"a feature without a benefit", `"id": "live_chat"`, `"Questions are answered while the visitor is still deciding, which turns more visits into orders."`, `""`, "features[13].benefit", "must not be empty"},
		{"a feature without a category", `"id": "live_chat"`, `"communication"`, `""`, "features[13].category", "must not be empty"},
		{"hosting below nothing", `"id": "standard"`, `15000`, `-15000`, "hosting[1].monthlyCents", "must be cents from 0"},
		{"two bundles of one id", `"id": "service_provider"`, `"service_provider"`, `"ecommerce_starter"`, "bundles[1].id", "already"},
		{"hosting tiers out of order", `"id": "standard"`, `50000`, `10000`, "hosting[1].visitors", "no more visitors than the one before"},
		{"an unlimited tier before another", `"id": "standard"`, `50000`, `0`, "hosting[2].visitors", "no more visitors than the one before"},
		{"a bundle with an unknown member", `"id": "marketing_suite"`, `"analytics_dashboard"]`, `"analytics_dashboard", "zeppelin"]`, "bundles[5].members[4]", `no feature "zeppelin"`},
		{"a bundle with a member twice", `"id": "marketing_suite"`, `"analytics_dashboard"]`, `"analytics_dashboard", "seo_package"]`, "bundles[5].members[4]", "listed twice"},
		{"a bundle of one", `"id": "service_provider"`, `["appointment_scheduling", "payment_processing", "sms_notifications"]`, `["sms_notifications"]`, "bundles[0].members", "two members at least"},
		{"a discount above the list price", `"id": "service_provider"`, `10000`, `160001`, "bundles[0].discountCents", "at most the price of the members, 160000 cents"},
		{"a discount of nothing", `"id": "service_provider"`, `10000`, `0`, "bundles[0].discountCents", "more than 0"},
		{"a bundle of enemies", `"id": "service_provider"`, `"payment_processing", `, `"booking_system", `, "bundles[0].members", "never applies"},
		{"a bundle with a member that is free anyway", `"id": "ecommerce_starter"`, `"newsletter"]`, `"newsletter", "payment_processing"]`, "bundles[1].members[4]", "free together with another member"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := strings.Index(doc, tt.start)
			if at < 0 || !strings.Contains(doc[at:], tt.old) {
				t.Fatalf("the file has no %q after %q", tt.old, tt.start)
			}
			edited := doc[:at] + strings.Replace(doc[at:], tt.old, tt.edit, 1)
			_, err := catalog.Parse([]byte(edited))
			problems, ok := errors.AsType[catalog.Problems](err)
			if !ok || len(problems) != 1 {
				t.Fatalf("Parse err = %v, want one problem", err)
			}
			if p := problems[0]; p.Path != tt.path || !strings.Contains(p.Text, tt.says) {
				t.Errorf("Parse problem = %q at %s, want %q at %s", p.Text, p.Path, tt.says, tt.path)
			}
			if want := fmt.Sprintf("line %d: %s: ", problems[0].Line, tt.path); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("Parse err = %q, want it to start with %q", err, want)
			}
		})
	}
}

// What lies exactly on a bound is right.
func TestParseAcceptsBounds(t *testing.T) {
	t.Parallel()
	doc := builtIn(t)
	tests := []struct{ name, start, old, edit string }{
		{"a discount of the whole list price", `"id": "service_provider"`, `10000`, `160000`},
		{"a discount of one cent", `"id": "service_provider"`, `10000`, `1`},
		{"a price of nothing", `"id": "live_chat"`, `50000`, `0`},
		{"a price of a million dollars", `"id": "live_chat"`, `50000`, `100000000`},
		{"a feature of a day", `"id": "live_chat"`, `"minDays": 2`, `"minDays": 1`},
		{"a feature of a year", `"id": "live_chat"`, `"maxDays": 3`, `"maxDays": 365`},
		{"packages of one price", `"id": "professional"`, `450000`, `250000`},
		{"a feature that goes with the first of the list", `"id": "blog_system"`, `["newsletter"]`, `["newsletter", "analytics_dashboard"]`},
		{"a feature that needs the first of the list", `"id": "blog_system"`, `[["cms"]]`, `[["cms", "analytics_dashboard"]]`},
		{"blanks and line ends", `{`, `{`, "\n\t { \r\n"},
	}
	for _, tt := range tests {
		at := strings.Index(doc, tt.start)
		edited := doc[:at] + strings.Replace(doc[at:], tt.old, tt.edit, 1)
		if _, err := catalog.Parse([]byte(edited)); err != nil || edited == doc {
			t.Errorf("%s: Parse err = %v, want none", tt.name, err)
		}
	}
}

func TestParseNamesTheLine(t *testing.T) {
	t.Parallel()
	doc := builtIn(t)
	edit := func(start, old, with string) {
		t.Helper()
		i := strings.Index(doc, start)
		doc = doc[:i] + strings.Replace(doc[i:], old, with, 1)
	}
	edit(`"id": "sms_notifications"`, `30000`, `-3`)
	edit(`"id": "event_calendar"`, `"bestFor"`, `"bestOf"`)
	edit(`"id": "premium"`, `"uptime": "99.99%",`, ``)
	edit(`"id": "starter"`, `250000`, `"250000"`)
	_, err := catalog.Parse([]byte(doc))
	problems, _ := errors.AsType[catalog.Problems](err)
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.Path))
	}
	want := []string{
		fmt.Sprintf("%d packages[0].priceCents", lineOf(t, doc, `"id": "starter"`, `"priceCents"`)),
		fmt.Sprintf("%d hosting[2].uptime", lineOf(t, doc, `"id": "basic"`, `"id": "premium"`)-1),
		fmt.Sprintf("%d features[11].bestFor", lineOf(t, doc, `"id": "event_calendar"`, `"id"`)-1),
		fmt.Sprintf("%d features[11].bestOf", lineOf(t, doc, `"id": "event_calendar"`, `"bestOf"`)),
		fmt.Sprintf("%d features[18].priceCents", lineOf(t, doc, `"id": "sms_notifications"`, `-3`)),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("Parse problems =\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestParseNoJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		line     int
		says     string
	}{
		{"an empty file", "", 1, "not valid JSON"},
		{"a missing comma", "{\n\"packages\": []\n\"hosting\": []\n}", 3, "not valid JSON"},
		{"a file cut short", "{\n\"packages\": [\n", 3, "not valid JSON"},
		{"text after the end", "{}\n{}", 2, "not valid JSON"},
		{"a list instead of an object", "[1]", 1, "must be an object"},
		{"a mere null", "null", 1, "must be an object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := catalog.Parse([]byte(tt.in))
			problems, ok := errors.AsType[catalog.Problems](err)
			if !ok || problems[0].Line != tt.line || !strings.Contains(problems[0].Text, tt.says) {
				t.Errorf("Parse(%q) err = %v, want line %d: ... %s", tt.in, err, tt.line, tt.says)
			}
		})
	}
}

func TestParseTooManyBundles(t *testing.T) {
	t.Parallel()
	var c catalog.Catalog
	if err := json.Unmarshal([]byte(builtIn(t)), &c); err != nil {
		t.Fatal(err)
	}
	for len(c.Bundles) < 20 {
		b := c.Bundles[0]
		b.ID = catalog.BundleID("copy_" + string('a'+rune(len(c.Bundles))))
		c.Bundles = append(c.Bundles, b)
	}
	parse := func() error {
		data, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = catalog.Parse(data)
		return err
	}
	if err := parse(); err != nil {
		t.Errorf("Parse(20 bundles) err = %v, want none", err)
	}
	b := c.Bundles[0]
	b.ID = "one_more"
	c.Bundles = append(c.Bundles, b)
	if err := parse(); err == nil || !strings.Contains(err.Error(), "20 bundles at most") {
		t.Errorf("Parse(21 bundles) err = %v, want a refusal", err)
	}
}

// A parsed catalog written out again is the same catalog, and whatever Parse
// accepts can be priced without a panic.
func FuzzParse(f *testing.F) {
	f.Add([]byte(builtIn(f)))
	f.Add([]byte(`{"packages":[{"id":"starter","inclusions":[null,{"id":3}]}],"features":[{"requires":[[1],["x"]],"compliance":null}],"x":{"y":[[]]}}`))
	f.Add([]byte(`{"packages": null, "packages": [], "hosting": {}, "bundles": [[]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := catalog.Parse(data)
		if err != nil {
			problems, ok := errors.AsType[catalog.Problems](err)
			if !ok || len(problems) == 0 || c != nil {
				t.Fatalf("Parse = %v, %v, want problems and no catalog", c, err)
			}
			for _, p := range problems {
				if p.Line < 1 || p.Line > 1+strings.Count(string(data), "\n") {
					t.Errorf("problem %v is outside the file", p)
				}
			}
			return
		}
		var all []catalog.FeatureID
		for _, feature := range c.Features {
			all = append(all, feature.ID)
			_, _ = c.Price(catalog.Selection{Package: catalog.Starter, Features: all[len(all)-1:]})
		}
		_, _ = c.Price(catalog.Selection{Package: catalog.Custom, Features: all})
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := catalog.Parse(again); err != nil {
			t.Errorf("Parse of a written catalog err = %v", err)
		}
	})
}
