package advice_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/advice"
	"applicreations.com/introspect/internal/redact"
	"applicreations.com/introspect/internal/slot"
)

var ann = redact.Person{Name: "Ann Ruiz", Email: "ann@bella.example", Phone: "555 123 4567"}

func TestRedactSnapshot(t *testing.T) {
	t.Parallel()
	s := salon("Ann here, call 555-123-4567. The shop is Ann's Hair.").Sent
	s.Facts[slot.DecisionMakers] = "Ann Ruiz and her sister"
	s.Facts[slot.ContactEmail] = "ann@bella.example"
	s.Facts["unheardOf"] = "x"
	s.Open = []slot.Key{slot.ContactPhone, slot.Video}
	s.LastQuestion.Text = "Ann, who decides?"
	s.AllowedQuestions[0].Text = "Ann Ruiz, is there a logo?"
	s.RecentAcks = []string{"Thank you, Ann."}
	before := string(s.JSON())

	safe, back := s.Redact(ann)
	wire := string(safe.JSON()) + string(safe.Untrusted())
	for _, secret := range []string{"Ann", "Ruiz", "555", "bella.example", "contactEmail", "contactPhone", "unheardOf"} {
		if strings.Contains(wire, secret) {
			t.Errorf("the redacted snapshot says %q: %s", secret, wire)
		}
	}
	if string(s.JSON()) != before {
		t.Error("Redact changed the snapshot that it was called on")
	}
	if got := back(safe.LastAnswer); got != s.LastAnswer {
		t.Errorf("back(%q) = %q, want %q", safe.LastAnswer, got, s.LastAnswer)
	}
	// The model quotes what it saw; the client's words come back after the review.
	a := advice.Advice{Facts: []advice.Fact{fact(slot.BusinessName, "{{client}}'s Hair", "The shop is {{client}}'s Hair")}}
	got, dropped := advice.Review(a, advice.ReviewContext{Sent: safe})
	want := []advice.Fact{fact(slot.BusinessName, "Ann's Hair", "The shop is Ann's Hair")}
	if diff := cmp.Diff(want, got.Map(back).Facts); diff != "" {
		t.Errorf("dropped %q (-want +got):\n%s", reasons(dropped), diff)
	}
}
