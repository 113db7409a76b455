package intake_test

import (
	"slices"
	"strings"
	"testing"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/slot"
)

// TestNobodyIsAskedAboutWhatTheyLeftOut: a bakery that takes no shop hears no
// more of checkout and delivery, and one that does or wants it later still may.
func TestNobodyIsAskedAboutWhatTheyLeftOut(t *testing.T) {
	t.Parallel()
	details := []slot.Key{slot.ProductDetails, slot.CheckoutDetails, slot.DeliveryOptions}
	var assumed slot.Values
	bakery := func(shop bool) (asked bool, points string) {
		i := begin(t, newEngine(t), ada())
		i.run(func(a intake.Action) intake.Answer {
			switch {
			case a.Kind == intake.RecommendFeatures && shop:
				return intake.Answer{Package: "professional", Features: []catalog.FeatureID{"ecommerce_basic"}}
			case a.Kind == intake.RecommendFeatures:
				return intake.Answer{Package: "starter"}
			case asks(a, slot.BusinessDescription):
				return intake.Answer{Text: "Gina's Bakery in Leeds sells bread and cakes. There is no website yet."}
			case asks(a, slot.VisitorActions):
				return intake.Answer{Values: prefixed(a, slot.VisitorActions, "learn", "contact")}
			case a.Kind == intake.AskQuestion && (asks(a, slot.TrainingNeeds) || asks(a, slot.ContentOwner) || asks(a, slot.LegalPages)):
				return intake.Answer{Text: "Nothing comes to mind."}
			case a.Kind == intake.ValidateUnderstanding:
				points += strings.Join(a.Validation.Points, "\n") + "\n"
			case a.Kind == intake.AskQuestion && i.s.Features != nil:
				asked = asked || slices.ContainsFunc(details, func(k slot.Key) bool { return asks(a, k) })
			}
			return salon(a)
		})
		assumed = i.s.Values()
		return asked, points
	}
	if asked, points := bakery(false); asked || !strings.Contains(points, "Business model: Products") {
		t.Errorf("without a shop: asked about its details = %v; understood:\n%s", asked, points)
	}
	if got := assumed[slot.LegalPages]; got != "privacy,cookies" {
		t.Errorf("legal pages without a shop = %q, want no terms and no returns", got)
	}
	if who, training := assumed[slot.ContentOwner], assumed[slot.TrainingNeeds]; who != "" || training != "none" {
		t.Errorf("without an editor for pages content is kept by %q after a training of %q, want nothing and none", who, training)
	}
	if asked, _ := bakery(true); !asked {
		t.Error("with a shop nobody is asked about it, so the other case shows nothing")
	}
	if got := assumed[slot.LegalPages]; !strings.Contains(got, "returns") || assumed[slot.ContentOwner] != "client" {
		t.Errorf("legal pages with a shop = %q, content kept by %q; want returns, and the client", got, assumed[slot.ContentOwner])
	}
	s := &intake.Session{Features: &intake.FeatureChoice{Answered: true}}
	for _, k := range details {
		if s.Features.Phased = nil; !s.LeftOut(k) {
			t.Errorf("%s counts although no shop was chosen", k)
		}
		if s.Features.Phased = []catalog.FeatureID{"ecommerce_basic"}; s.LeftOut(k) {
			t.Errorf("%s does not count although the shop comes later", k)
		}
	}
	if s.LeftOut(slot.LogoStatus) || (&intake.Session{}).LeftOut(slot.ProductDetails) {
		t.Error("a slot that no feature bears, or before the choice, counts as left out")
	}
}

// prefixed are values of a slot as a question names them.
func prefixed(a intake.Action, k slot.Key, values ...string) []string {
	var out []string
	for _, o := range a.Question.Question.Options {
		_, value, grouped := strings.Cut(o.Value, ".")
		if slices.Contains(values, o.Value) || grouped && o.Group == string(k) && slices.Contains(values, value) {
			out = append(out, o.Value)
		}
	}
	return out
}
