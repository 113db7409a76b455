package introspect_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "applicreations.com/introspect/"

// The floors by index, from the ground up.
const (
	words = iota
	wires
	work
	doors
	entrance
)

// floors lists every package, from the ground up. A package may import the
// floors below its own; sideways holds the imports allowed within a floor.
var floors = []struct {
	name     string
	packages []string
	sideways bool
}{
	words: {"words", []string{
		"docs",
		"internal/advice", "internal/alert", "internal/alert/condition", "internal/alert/speak", "internal/alert/trace", "internal/bank", "internal/catalog", "internal/chart", "internal/choose", "internal/classify", "internal/contradiction", "internal/effort", "internal/eval",
		"internal/event", "internal/extract", "internal/extract/lexicon", "internal/extract/scrub", "internal/extract/token", "internal/extract/when", "internal/intake", "internal/letter", "internal/lookout", "internal/metric", "internal/persona", "internal/proposal",
		"internal/recommend", "internal/redact", "internal/scope", "internal/seal", "internal/signature", "internal/slot", "internal/stat", "internal/status", "internal/strictjson", "internal/summary", "internal/trial", "internal/typeset",
	}, true},
	wires:    {"wires", []string{"internal/analytics4", "internal/bucket", "internal/claude", "internal/discord", "internal/pagerduty", "internal/pdf", "internal/posthog", "internal/prometheus", "internal/redis", "internal/render", "internal/replica", "internal/resend", "internal/sentry", "internal/slack", "internal/smtp", "internal/store", "internal/teams", "internal/telemetry", "internal/webhook"}, false},
	work:     {"work", []string{"internal/account", "internal/advisor", "internal/backup", "internal/deliver", "internal/deploy", "internal/doctor", "internal/forward", "internal/gauge", "internal/health", "internal/hindsight", "internal/ingest", "internal/interview", "internal/job", "internal/morning", "internal/outcome", "internal/privacy", "internal/simulate", "internal/smoke", "internal/veil", "internal/vitals", "internal/watch"}, true},
	doors:    {"doors", []string{"internal/web"}, false},
	entrance: {"main", []string{"cmd/introspect", "cmd/release"}, false},
}

// outside lists the packages that stand beside the house, for programs of
// others. They know the standard library only, and nothing in the house, so
// that nobody gets more with them than they say.
var outside = []string{"client"}

// impure lists what the ground floor may not touch: anything that reads the
// world, keeps time or shares state. A trailing slash covers a whole tree.
var impure = []string{
	"C", "context", "crypto/tls", "database/", "expvar", "io/ioutil", "log", "log/", "math/rand", "math/rand/", "net", "net/",
	"os", "os/", "plugin", "runtime/", "sync", "sync/", "syscall", "testing", "testing/", "unsafe",
}

// pureAnyway are packages below an impure tree that only compute.
var pureAnyway = []string{"net/mail", "net/netip", "net/url"}

// vendors names the one wire that may speak to each outside SDK.
var vendors = map[string]string{
	"codeberg.org/go-pdf/":         "internal/pdf",
	"github.com/anthropics/":       "internal/claude",
	"github.com/failsafe-go/":      "internal/claude",
	"github.com/benbjohnson/":      "internal/replica",
	"github.com/getsentry/":        "internal/sentry",
	"github.com/jackc/":            "internal/store",
	"github.com/klauspost/":        "internal/backup",
	"github.com/minio/":            "internal/bucket",
	"github.com/posthog/":          "internal/posthog",
	"github.com/pressly/goose":     "internal/store",
	"github.com/prometheus/":       "internal/prometheus",
	"github.com/redis/":            "internal/redis",
	"github.com/go-redis/":         "internal/redis",
	"github.com/resend/":           "internal/resend",
	"github.com/wneessen/":         "internal/smtp",
	"github.com/yuin/goldmark":     "internal/web",
	"go.opentelemetry.io/":         "internal/telemetry",
	"modernc.org/sqlite":           "internal/store",
	"github.com/chromedp/":         "", // test helpers only
	"github.com/google/go-cmp":     "", // tests only
	"github.com/rogpeppe/go-inter": "", // tests only
	"go.yaml.in/yaml":              "", // tests only
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestFloors(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		t.Fatal("go list found no package")
	}
	for _, fault := range faults(all) {
		t.Error(fault)
	}
}

// faults says what every package imports that its floor forbids.
func faults(all []pkg) []string {
	var out []string
	for _, p := range all {
		name, ok := strings.CutPrefix(p.ImportPath, module)
		switch {
		case !ok && len(p.Imports) > 0:
			out = append(out, "the front page imports something, but holds no code")
		case !ok || helper(name):
			continue
		case slices.Contains(outside, name):
			out = append(out, outsideFaults(name, p.Imports)...)
		case floorOf(name) < 0:
			out = append(out, name+" stands on no floor; add it to floors")
		default:
			for _, imp := range p.Imports {
				if why := fault(name, imp); why != "" {
					out = append(out, why)
				}
			}
		}
	}
	return out
}

// outsideFaults says what a package for others imports beyond the standard
// library.
func outsideFaults(name string, imports []string) (out []string) {
	for _, imp := range imports {
		if host, _, _ := strings.Cut(imp, "/"); strings.Contains(host, ".") {
			out = append(out, fmt.Sprintf("%s imports %s, but what others import knows only the standard library", name, imp))
		}
	}
	return out
}

// helper reports whether a package exists only for tests.
func helper(name string) bool {
	return strings.HasSuffix(name, "test") || name == "internal/story"
}

// fault says why the package name may not import imp, or nothing.
func fault(name, imp string) string {
	floor := floorOf(name)
	dep, ours := strings.CutPrefix(imp, module)
	if !ours {
		return foreignFault(name, floor, imp)
	}
	d := floorOf(dep)
	switch {
	case slices.Contains(outside, dep):
		return fmt.Sprintf("%s imports %s, which is for programs of others", name, dep)
	case helper(dep):
		return fmt.Sprintf("%s imports %s, but only tests may", name, dep)
	case d == entrance:
		return fmt.Sprintf("%s imports %s: main is imported by nobody", name, dep)
	case d > floor:
		return fmt.Sprintf("%s (%s) imports %s (%s): upwards", name, floors[floor].name, dep, floors[d].name)
	case d == floor && !floors[floor].sideways:
		return fmt.Sprintf("%s imports %s: sideways among %s", name, dep, floors[floor].name)
	case d == wires && floor > wires && floor < entrance && dep != "internal/store":
		return fmt.Sprintf("%s imports %s: only main picks wires (store excepted)", name, dep)
	}
	return ""
}

func foreignFault(name string, floor int, imp string) string {
	host, _, _ := strings.Cut(imp, "/")
	switch {
	case floor == words && strings.Contains(host, "."):
		return fmt.Sprintf("%s imports %s, but words know only the standard library", name, imp)
	case floor == words && within(imp, impure) && !slices.Contains(pureAnyway, imp):
		return fmt.Sprintf("%s imports %s, but words are pure", name, imp)
	}
	for prefix, home := range vendors {
		if strings.HasPrefix(imp, prefix) && name != home && floor != entrance {
			return fmt.Sprintf("%s imports %s, which belongs to %q", name, imp, home)
		}
	}
	return ""
}

func within(imp string, list []string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		return imp == s || strings.HasSuffix(s, "/") && strings.HasPrefix(imp, s)
	})
}

func floorOf(pkg string) int {
	for i, f := range floors {
		if slices.Contains(f.packages, pkg) {
			return i
		}
	}
	return -1
}

// A gate that never closes is no gate: every kind of violation must be caught,
// and what the house allows must pass.
func TestFloorsCatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, pkg, imp string
		want           []string
	}{
		{"words may use templates and embeds", "internal/scope", "text/template", nil},
		{"words may parse an address", "internal/intake", "net/mail", nil},
		{"words may use words", "internal/intake", module + "internal/catalog", nil},
		{"words keep no locks", "internal/metric", "sync", []string{"internal/metric imports sync, but words are pure"}},
		{"words read no files", "internal/seal", "os", []string{"internal/seal imports os, but words are pure"}},
		{"words speak no http", "internal/scope", "net/http", []string{"internal/scope imports net/http, but words are pure"}},
		{"words use the standard library only", "internal/extract", "github.com/nyaruka/phonenumbers", []string{
			"internal/extract imports github.com/nyaruka/phonenumbers, but words know only the standard library",
		}},
		{"words do not look up", "internal/event", module + "internal/store", []string{"internal/event (words) imports internal/store (wires): upwards"}},
		{"a wire knows no other wire", "internal/claude", module + "internal/store", []string{"internal/claude imports internal/store: sideways among wires"}},
		{"work may use store", "internal/ingest", module + "internal/store", nil},
		{"work may use work", "internal/health", module + "internal/interview", nil},
		{"work picks no vendor", "internal/interview", module + "internal/claude", []string{
			"internal/interview imports internal/claude: only main picks wires (store excepted)",
		}},
		{"doors pick no vendor", "internal/web", module + "internal/redis", []string{
			"internal/web imports internal/redis: only main picks wires (store excepted)",
		}},
		{"work opens no door", "internal/health", module + "internal/web", []string{"internal/health (work) imports internal/web (doors): upwards"}},
		{"nobody imports main", "internal/web", module + "cmd/introspect", []string{"internal/web imports cmd/introspect: main is imported by nobody"}},
		{"main picks everything", "cmd/introspect", module + "internal/claude", nil},
		{"an SDK has one home", "internal/web", "github.com/redis/go-redis/v9", []string{
			`internal/web imports github.com/redis/go-redis/v9, which belongs to "internal/redis"`,
		}},
		{"the program carries no test helper", "cmd/introspect", module + "internal/webtest", []string{"cmd/introspect imports internal/webtest, but only tests may"}},
		{"a helper may do anything", "internal/webtest", "github.com/chromedp/chromedp", nil},
		{"the client for others speaks http", "client", "net/http", nil},
		{"the client for others knows no word", "client", module + "internal/event", []string{
			"client imports " + module + "internal/event, but what others import knows only the standard library",
		}},
		{"the client for others brings no module along", "client", "github.com/google/uuid", []string{
			"client imports github.com/google/uuid, but what others import knows only the standard library",
		}},
		{"the house does not call itself", "internal/web", module + "client", []string{"internal/web imports client, which is for programs of others"}},
		{"a new package must be placed", "internal/util", "strings", []string{"internal/util stands on no floor; add it to floors"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := faults([]pkg{{ImportPath: module + tt.pkg, Imports: []string{tt.imp}}})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("faults(%s imports %s) (-want +got):\n%s", tt.pkg, tt.imp, diff)
			}
		})
	}
}
