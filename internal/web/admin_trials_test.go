package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
	"applicreations.com/introspect/internal/trial"
)

func newTest(change ...string) url.Values {
	v := url.Values{
		"name": {"hero"}, "place": {"landing.headline"}, "text": {"A scope <in> ten minutes"}, "share": {"50"}, "metric": {"completion_rate"}, "least": {"100"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

// TestAVisitSeesOneVariant begins a test and opens the landing page in many
// browsers: each sees the same words again and again, both variants occur, the
// words are escaped, and what was seen is counted with the visit.
func TestAVisitSeesOneVariant(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	if a := o.post("/admin/trials", newTest()); a.status != http.StatusSeeOther {
		t.Fatalf("begin = %d", a.status)
	}
	if page := o.get("/admin/trials").body; !strings.Contains(page, `<td class="num">0</td><td class="num">0</td><td class="num">–</td>`) {
		t.Error("a variant that nobody saw has a rate")
	}
	admin := o.browser
	seen := map[bool]int{}
	for range 24 {
		o.newBrowser()
		first := strings.Contains(o.get("/").body, "A scope &lt;in&gt; ten minutes")
		for range 2 {
			if again := strings.Contains(o.get("/").body, "A scope &lt;in&gt; ten minutes"); again != first {
				t.Fatal("one visit saw both variants")
			}
		}
		seen[first]++
	}
	if seen[true] == 0 || seen[false] == 0 {
		t.Errorf("seen %v, want both variants", seen)
	}
	o.browser = admin
	page := o.get("/admin/trials").body
	for variant, n := range map[string]int{"control": seen[false], "treatment": seen[true]} {
		if want := fmt.Sprintf(`<th scope="row">%s</th><td class="num">%d</td><td class="num">0</td>`, variant, n); !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if !strings.Contains(page, "No verdict yet") {
		t.Error("a verdict on 24 visits")
	}
	o.post("/admin/trials/hero", url.Values{"do": {"stop"}})
	o.newBrowser()
	if strings.Contains(o.get("/").body, "ten minutes</h1>") {
		t.Error("a stopped test still changes the page")
	}
}

// TestAVerdictOnEnough counts 400 visits a variant, of which many more finish
// with the words tried.
func TestAVerdictOnEnough(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	o.post("/admin/trials", newTest())
	test := trial.Test{Name: "hero", Share: 50}
	var batch []store.Incoming
	count := map[trial.Variant]int{}
	for i := 0; count[trial.Control] < 400 || count[trial.Treatment] < 400; i++ {
		id := event.SessionID(fmt.Sprintf("visit-%d", i))
		v := test.Variant(id)
		if count[v] == 400 {
			continue
		}
		count[v]++
		batch = append(batch, storetest.Outside(event.New(id, 1, o.now, event.LandingView{Trials: []string{test.Tag(v)}}))...)
		if v == trial.Control && count[v]%8 == 0 || v == trial.Treatment && count[v]%3 == 0 {
			batch = append(batch, storetest.Outside(event.New(id, 2, o.now, event.NewSessionComplete(20, 10*time.Minute, 90)))...)
		}
	}
	if _, err := o.store.Record(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	page := o.get("/admin/trials").body
	for _, want := range []string{"The text tried is better by", "Decided", `<td class="num">400</td><td class="num">50</td>`, `<td class="num">400</td><td class="num">133</td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	storetest.NoDrift(t, o.store)
}

func TestTrialsRefused(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	for name, form := range map[string]url.Values{
		"a rule of the interview": newTest("place", "interview.limit"), "no name": newTest("name", ""), "nobody": newTest("share", "0"),
		"few": newTest("least", "20"), "no words": newTest("text", "  "), "words for a number": newTest("share", "half"),
	} {
		if a := o.post("/admin/trials", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Nothing was begun") {
			t.Errorf("%s = %d, want 422 with a reason", name, a.status)
		}
	}
	o.post("/admin/trials", newTest())
	if a := o.post("/admin/trials", newTest()); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "already") {
		t.Errorf("the same name again = %d", a.status)
	}
	if a := o.post("/admin/trials", newTest("name", "second")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "another test of this text is running") {
		t.Errorf("a second test of the same text = %d", a.status)
	}
	if a := o.post("/admin/trials/hero", url.Values{"do": {"remove"}}); a.status != http.StatusBadRequest {
		t.Errorf("removing a running test = %d, want 400", a.status)
	}
	for _, do := range []string{"stop", "remove"} {
		if a := o.post("/admin/trials/hero", url.Values{"do": {do}}); a.status != http.StatusSeeOther {
			t.Errorf("%s = %d", do, a.status)
		}
	}
	if page := o.get("/admin/trials").body; !strings.Contains(page, "Nothing is being tried") {
		t.Error("the removed test is still there")
	}
}
