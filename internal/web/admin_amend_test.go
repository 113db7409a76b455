package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/store"
)

var (
	formInput    = regexp.MustCompile(`<input [^>]*name="([^"]+)"[^>]*value="([^"]*)"[^>]*>`)
	formTextarea = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
	formSelect   = regexp.MustCompile(`(?s)<select [^>]*name="([^"]+)">(.*?)</select>`)
	formChosen   = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// formOf reads what a browser would send of a form.
func formOf(page string) url.Values {
	out := url.Values{}
	for _, m := range formInput.FindAllStringSubmatch(page, -1) {
		if strings.Contains(m[0], `type="radio"`) || strings.Contains(m[0], `type="checkbox"`) {
			if !strings.Contains(m[0], " checked") {
				continue
			}
		}
		out.Add(m[1], unescapeHTML(m[2]))
	}
	for _, m := range formTextarea.FindAllStringSubmatch(page, -1) {
		out.Add(m[1], unescapeHTML(m[2]))
	}
	for _, m := range formSelect.FindAllStringSubmatch(page, -1) {
		chosen := ""
		if c := formChosen.FindStringSubmatch(m[2]); c != nil {
			chosen = c[1]
		}
		out.Add(m[1], unescapeHTML(chosen))
	}
	return out
}

func unescapeHTML(text string) string {
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&lt;", "<", "&gt;", ">", "&#43;", "+", "&amp;", "&").Replace(text)
}

// TestAmend: held documents are put right by a person, written again, and go
// out after the release, exactly once.
func TestAmend(t *testing.T) {
	t.Parallel()
	o := withLogin(t)
	id := o.lead(ana())
	page := "/admin/sessions/" + string(id)
	if a := o.get(page + "/amend"); a.status != http.StatusConflict {
		t.Fatalf("editing what the client has = %d, want 409", a.status)
	}
	o.hold(id, "The score is 84.")
	before, err := o.store.Document(t.Context(), id, store.DocumentScope)
	if err != nil {
		t.Fatal(err)
	}
	o.get(page).holds(t, "Edit facts, price and texts", before.Snapshot)
	form := formOf(o.get(page + "/amend").body)
	o.follow(o.post(page+"/amend", form)).holds(t, "Nothing was different")

	form.Set("slot.primaryGoal", "Fill the quiet <mornings> & keep regulars")
	form.Set("rebate", "$150.50")
	form.Set("rebateFor", "Returning client")
	form.Set("coverNote", "Dear Ana, we looked at this ourselves.")
	bad := url.Values{}
	for k, v := range form {
		bad[k] = v
	}
	bad.Set("rebate", "99999999")
	if a := o.post(page+"/amend", bad); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "cannot be taken off") || !strings.Contains(a.body, "Fill the quiet") {
		t.Errorf("a rebate above the total = %d, want 422 with the reason and what was typed", a.status)
	}
	for _, amount := range []string{"a lot", "NaN", "-Inf", "-5"} {
		bad.Set("rebate", amount)
		if a := o.post(page+"/amend", bad); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "was not understood: &#34;"+amount) || !strings.Contains(a.body, `href="#rebate"`) {
			t.Errorf("a rebate of %q = %d, want 422 and the way to the field", amount, a.status)
		}
	}
	if doc, err := o.store.Document(t.Context(), id, store.DocumentScope); err != nil || doc.Snapshot != before.Snapshot {
		t.Errorf("a refused edit wrote documents: %v", err)
	}
	o.follow(o.post(page+"/amend", form)).holds(t, "Saved. The documents are being written again", "Put right by the team", "David Moore", "Primary goal", "Waits for you")
	if !o.audited("session_amended") {
		t.Error("the edit is not in the audit log")
	}
	if a := o.post(page+"/release", url.Values{"sure": {"1"}}); a.status != http.StatusConflict {
		t.Errorf("releasing the old documents = %d, want 409", a.status)
	}
	if a := o.post(page+"/amend", form); a.status != http.StatusConflict || !strings.Contains(a.body, "Somebody changed") {
		t.Errorf("an edit on top of an older state = %d, want 409", a.status)
	}
	o.work()
	after, err := o.store.Document(t.Context(), id, store.DocumentScope)
	if err != nil || after.Snapshot == before.Snapshot {
		t.Fatalf("snapshot %s, %v, want another one than before", after.Snapshot, err)
	}
	for _, want := range []string{"amended, by the agency on", "Rebate: Returning client | 1 | -$150.50", "Dear Ana, we looked at this ourselves", "changed the selection on review"} {
		if !strings.Contains(string(after.Data), want) {
			t.Errorf("SCOPE.md lacks %q", want)
		}
	}
	if strings.Contains(string(after.Data), "<mornings>") {
		t.Error("the edit became HTML in SCOPE.md")
	}
	if d, err := o.store.Delivery(t.Context(), id); err != nil || d.State != store.DeliveryHeld {
		t.Errorf("delivery %v, %v: it went out without a person", d.State, err)
	}
	mails := func() (n int) {
		list, err := o.store.Mails(t.Context(), store.MailFilter{Session: id})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if m.Kind == "client" {
				n++
			}
		}
		return n
	}
	had := mails()
	o.follow(o.post(page+"/release", url.Values{"sure": {"1"}})).holds(t, "The documents are released")
	o.work()
	if got := mails(); got != had+1 {
		t.Errorf("%d mails to the client, want one more than %d", got, had)
	}
	o.get(o.deliver.ProposalPath(id)).holds(t, "Dear Ana, we looked at this ourselves.", "Rebate: Returning client", "please confirm them", "Fill the quiet &lt;mornings&gt; &amp; keep regulars")
	if a := o.post(page+"/amend", form); a.status != http.StatusConflict {
		t.Errorf("editing after the release = %d, want 409", a.status)
	}
}
