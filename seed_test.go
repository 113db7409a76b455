package introspect_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// seedRow is one line of docs/seed.md.
type seedRow struct{ number, demand, state, where, proof string }

func seedRows(t *testing.T) []seedRow {
	t.Helper()
	var rows []seedRow
	for _, m := range regexp.MustCompile(`(?m)^\| S(\d+) \| (.+?) \| (\w+) \| (.+?) \| (.+?) \|$`).FindAllStringSubmatch(read(t, "docs/seed.md"), -1) {
		rows = append(rows, seedRow{m[1], m[2], m[3], m[4], m[5]})
	}
	return rows
}

// Every demand of the seed has a row, in order, and what a row names exists:
// files, pages and tests.
func TestSeed(t *testing.T) {
	t.Parallel()
	rows := seedRows(t)
	const demands = 152
	if len(rows) != demands {
		t.Fatalf("docs/seed.md has %d rows, want %d", len(rows), demands)
	}
	pages := read(t, "internal/web/admin_routes.go") + read(t, "internal/web/admin_alerts.go")
	for i, r := range rows {
		if r.number != strconv.Itoa(i+1) {
			t.Errorf("row %d is S%s", i+1, r.number)
		}
		if !slices.Contains([]string{"met", "otherwise", "partly", "open"}, r.state) {
			t.Errorf("S%s is %q, which is no state", r.number, r.state)
		}
		named := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(r.proof, -1)
		if len(named) == 0 && r.state != "open" {
			t.Errorf("S%s is %s and names no test", r.number, r.state)
		}
		for _, n := range named {
			if why := missingTest(t, n[1]); why != "" {
				t.Errorf("S%s: %s", r.number, why)
			}
		}
		for _, n := range regexp.MustCompile("`([a-zA-Z/_.-]+\\.[a-z]+)`").FindAllStringSubmatch(r.where, -1) {
			if _, err := os.Stat(n[1]); err != nil && n[1] != "client.Client" {
				t.Errorf("S%s: %v", r.number, err)
			}
		}
		for _, n := range regexp.MustCompile(`/admin/[a-z]+`).FindAllString(r.where, -1) {
			if !strings.Contains(pages, `"GET `+n+`"`) {
				t.Errorf("S%s: there is no page %s", r.number, n)
			}
		}
	}
}

// missingTest says why a test such as internal/web.TestQueue is not there; one
// without a folder is of this package.
func missingTest(t *testing.T, name string) string {
	t.Helper()
	dir, test := ".", name
	if at := strings.LastIndex(name, "."); at >= 0 {
		dir, test = name[:at], name[at+1:]
	}
	files, err := filepath.Glob(dir + "/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(read(t, f), "\nfunc "+test+"(t *testing.T) {") {
			return ""
		}
	}
	return "there is no test " + name
}

// A test that is not there must be found missing, or the table proves nothing.
func TestSeedNoticesWhatIsGone(t *testing.T) {
	t.Parallel()
	if missingTest(t, "internal/web.TestQueue") != "" || missingTest(t, "TestSeed") != "" {
		t.Error("a test that is there is said to be missing")
	}
	for _, name := range []string{"internal/web.TestQueu", "internal/nowhere.TestQueue", "TestNothing"} {
		if missingTest(t, name) == "" {
			t.Errorf("%s is said to be there", name)
		}
	}
}

// The runbook has every part of the seed's (S84, S127, S146), in its order.
func TestRunbookIsWhole(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/OPERATIONS_RUNBOOK.md")
	at := 0
	for _, part := range []string{
		"## System overview", "| Version | 3.2.0", "| Infrastructure | Render", "| Database |", "| Model vendor | Anthropic", "| Monitoring |",
		"## Daily operations", "### Morning check, 9:00", "### Metrics to watch",
		"## Emergency procedures", "### The site does not answer", "### Requests fail", "### The model does not answer", "### The database",
		"## Monitoring alerts", "| critical | at once", "| warning | within an hour", "| info | in the mail of the morning",
		"## Performance tuning", "### Database", "### Program",
		"## Security procedures", "### Daily", "### Weekly", "### Incident response",
		"1. **Isolate**", "2. **Preserve logs**", "3. **Notify**", "4. **Document the timeline**", "5. **Fix**", "6. **Post-mortem review**",
		"## Backup and recovery", "every 6 hours", "### Database recovery", "### Application recovery", "### Session recovery", "48 hours",
		"## Maintenance windows", "Sunday, 2 to 4 o'clock Pacific time, announced 48 hours ahead",
		"1. Enable maintenance mode", "2. Perform the updates", "3. Health checks", "4. Disable maintenance mode", "### Emergency", "2 hours at most",
		"## Contacts", "on-call engineer, then the lead developer, then the CTO", "## Success metrics", "| daily | sessions started", "| weekly | funnel", "| monthly | projects",
		"## Checklists", "**Last update:** ", "**Version:** 3.2.0", "**Next review:** ",
	} {
		found := strings.Index(text[at:], part)
		if found < 0 {
			t.Errorf("the runbook lacks %q, or it stands too early", part)
			continue
		}
		at += found
	}
	if !strings.Contains(read(t, "cmd/introspect/main.go"), `var version = "3.2.0"`) {
		t.Error("the runbook is of another version than the program")
	}
}

// The three lists of the seed (S147-S149) stand in their parts of the document.
func TestDeploymentChecklists(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/deployment.md")
	for part, wants := range map[string][]string{
		"Before": {"Everything passes", "variables of the service", "migrations are ready", "Monitoring is configured", "way back is prepared", "./scripts/test --strict", "introspect deploy --dry-run"},
		"During": {"tagged in Git", "host deployed it", "health check passes", "smoke tests pass", "Monitoring is active", "Alerts are configured"},
		"After":  {"dashboard can be reached", "Metrics flow", "error rate is normal", "Performance is acceptable", "way of a client works", "documents are up to date"},
	} {
		_, list, _ := strings.Cut(text, "\n## "+part+"\n")
		list, _, _ = strings.Cut(list, "\n## ")
		for _, want := range wants {
			if !strings.Contains(list, want) {
				t.Errorf("the part %s lacks %q", part, want)
			}
		}
		if n := strings.Count(list, "- [ ] "); n < 6 {
			t.Errorf("the part %s has %d boxes to tick, want 6 or more", part, n)
		}
	}
}

// Every success criterion has evidence and a way to see it again (S150).
func TestHandover(t *testing.T) {
	t.Parallel()
	text := read(t, "docs/handover.md")
	_, list, _ := strings.Cut(text, "## Success criteria")
	list, _, _ = strings.Cut(list, "\n## ")
	rows := regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`).FindAllStringSubmatch(list, -1)
	const criteria = 10
	if len(rows) != 1+criteria {
		t.Fatalf("%d rows, want a head and the %d criteria", len(rows), criteria)
	}
	for _, r := range rows[1:] {
		if len(r[2]) < 20 || !strings.Contains(r[3], "`") && r[3] != "this page" {
			t.Errorf("the criterion %q has the evidence %q and %q", r[1], r[2], r[3])
		}
	}
	for _, part := range []string{"## Where things are", "## Training", "## The day of the handover"} {
		if !strings.Contains(text, part) {
			t.Errorf("the handover lacks %q", part)
		}
	}
}

// A link with an anchor leads to a section of the document that it names.
func TestDocumentAnchors(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([\w./-]*\.md)?#([\w-]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.+)$`)
	strip := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, doc := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, doc), -1) {
			target := doc
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(doc), m[1])
			}
			text := read(t, target)
			ok := strings.Contains(text, `<a id="`+m[2]+`"></a>`)
			for _, h := range heading.FindAllStringSubmatch(text, -1) {
				ok = ok || strings.ReplaceAll(strip.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-") == m[2]
			}
			if !ok {
				t.Errorf("%s links to %s#%s, which is no section", doc, target, m[2])
			}
		}
	}
}
