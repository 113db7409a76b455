package classify_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"applicreations.com/introspect/internal/classify"
	"applicreations.com/introspect/internal/slot"
)

func TestScoresFollowTheTable(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		known      slot.Values
		want       map[classify.Model]int
	}{
		{name: "a strong word gives five points", text: "restaurant", want: scores("service", 5)},
		{name: "a word gives two points", text: "the catalogue", want: scores("product", 2)},
		{name: "the same word twice counts once", text: "A blog. Another blog.", want: scores("content", 2)},
		{name: "words match at their beginnings", text: "photographers", want: scores("service", 5)},
		{name: "nothing matches inside a word", text: "remembering a bestseller and a notebook", want: scores()},
		{name: "spa is a whole word", text: "Spanish sparkling spaces", want: scores()},
		{name: "sku is no skull", text: "skulls", want: scores()},
		{name: "a pattern adds three points to its words", text: "schedule a meeting", want: scores("service", 2+3)},
		{name: "an article may stand inside a pattern", text: "book an appointment", want: scores("service", 5+3)},
		{name: "another word breaks a pattern", text: "book the next appointment", want: scores("service", 5)},
		{name: "one word may stand between sell and product", text: "selling fine goods", want: scores("product", 2+3)},
		{name: "two words may not", text: "selling very fine goods", want: scores("product", 2)},
		{name: "a pattern never crosses a comma", text: "sold, books, sell, goods", want: scores("product", 2)},
		{name: "a pain point gives four points, with or without hyphen", text: "no-shows", want: scores("service", 4)},
		{name: "no shows without hyphen", text: "too many no shows", want: scores("service", 4)},
		{name: "e-commerce and ecommerce are one word", text: "e-commerce, ecommerce", want: scores("product", 5)},
		{name: "membership site counts as strong, word and pattern", text: "membership site", want: scores("membership", 5+2+3)},
		{name: "a known figure gives five points", text: "", known: slot.Values{slot.MemberFee: "2500"}, want: scores("membership", 5)},
		{name: "two known figures give ten", text: "", known: slot.Values{slot.AppointmentsPerWeek: "50", slot.CurrentNoShowRate: "0.18"}, want: scores("service", 10)},
		{name: "a trade outside the table is strong", text: "plumbers", want: scores("service", 5)},
		{name: "schedul with an object that is not listed", text: "schedule a delivery", want: scores("service", 2)},
		{name: "client meeting", text: "client meetings", want: scores("service", 2+3)},
		{name: "providing services", text: "providing a service", want: scores("service", 2+3)},
		{name: "double-booking is a pain", text: "double-booked rooms", want: scores("service", 4)},
		{name: "scheduling conflicts count as word and pain", text: "scheduling conflicts", want: scores("service", 2+4)},
		{name: "phone tag", text: "phone tag", want: scores("service", 4)},
		{name: "online store is strong, word and pattern", text: "online stores", want: scores("product", 5+2+3)},
		{name: "shopping cart is strong and begins with shop", text: "shopping cart", want: scores("product", 5+2)},
		{name: "managing inventory", text: "manage the inventory", want: scores("product", 5+3)},
		{name: "a product catalogue", text: "product catalogue", want: scores("product", 2+2+3)},
		{name: "shipping costs", text: "shipping costs", want: scores("product", 2+4)},
		{name: "stock-outs with hyphen or without", text: "stock-outs, stockouts", want: scores("product", 2+4)},
		{name: "orders in the plural are orders", text: "orders", want: scores("product", 2)},
		{name: "ordering is not", text: "ordering", want: scores()},
		{name: "a blogger counts as strong and word", text: "blogger", want: scores("content", 5+2)},
		{name: "content creator is strong and pattern", text: "content creator", want: scores("content", 5+3)},
		{name: "publishing articles", text: "publish articles", want: scores("content", 2+2+3)},
		{name: "a media company", text: "media company", want: scores("content", 2+3)},
		{name: "seo is a pain of content", text: "SEO", want: scores("content", 4)},
		{name: "seoul is not", text: "Seoul", want: scores()},
		{name: "members-only is strong", text: "members-only", want: scores("membership", 5+2)},
		{name: "exclusive access", text: "exclusive access", want: scores("membership", 2+2+3)},
		{name: "recurring payments", text: "recurring payments", want: scores("membership", 2+3)},
		{name: "accessible is no access", text: "accessible", want: scores()},
		{name: "communities", text: "communities", want: scores("membership", 2)},
		{name: "a subscription model", text: "subscription model", want: scores("membership", 5+3)},
		{name: "retention and billing", text: "retention, billing", want: scores("membership", 4+4)},
		{name: "monthly visitors say nothing about the model", text: "", known: slot.Values{slot.MonthlyVisitors: "9000"}, want: scores()},
		{name: "figures of each model", text: "", known: slot.Values{slot.HourlyRate: "1", slot.MonthlyOrders: "1", slot.SubscriberCount: "1", slot.ChurnRate: "1"}, want: scores("service", 5, "product", 5, "content", 5, "membership", 5)},
		{name: "a number of products counts beyond the word", text: "120 products", want: scores("product", 2+3)},
		{name: "products without a number do not", text: "fine products", want: scores("product", 2)},
		{name: "empty text has no score", text: "", want: scores()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := classify.Classify(tc.text, tc.known).Scores
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("Classify(%q).Scores (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestModelAndConfidence(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		known      slot.Values
		model      classify.Model
		confidence int
		secondary  []classify.Model
	}{
		{name: "four points are not enough", text: "shop, retail", model: ""},
		{name: "five points classify with half confidence", text: "restaurant", model: classify.Service, confidence: 50},
		{name: "confidence stops at 95", text: "salon, spa, clinic", model: classify.Service, confidence: 95},
		{name: "eight points are accepted confidence", text: "book an appointment", model: classify.Service, confidence: 80},
		{name: "a draw at the floor goes to service and stays single", text: "hotel, inventory", model: classify.Service, confidence: 50},
		{name: "a draw above the floor is a hybrid led by service", text: "hotel guests session, inventory, catalog, stock", model: classify.Hybrid, confidence: 90, secondary: []classify.Model{classify.Service, classify.Product}},
		{name: "a strong hit with three tenths of the best joins", text: "salon, clinic, lawyer, boutique", model: classify.Hybrid, confidence: 95, secondary: []classify.Model{classify.Service, classify.Product}},
		{name: "a strong hit with less does not join", text: "salon, clinic, lawyer, hotel, boutique", model: classify.Service, confidence: 95},
		{name: "weak words below seven tenths do not join", text: "salon, catalog", model: classify.Service, confidence: 50},
		{name: "weak words at seven tenths join", text: "salon, lesson, catalog, stock, retail", model: classify.Hybrid, confidence: 70, secondary: []classify.Model{classify.Service, classify.Product}},
		{name: "a figure alone carries no strong hit", text: "salon, clinic, lawyer", known: slot.Values{slot.ProductsToSell: "40"}, model: classify.Service, confidence: 95},
		{name: "three models may mix, strongest first", text: "salon, boutique, wholesale, podcast, sponsors", model: classify.Hybrid, confidence: 95, secondary: []classify.Model{classify.Product, classify.Content, classify.Service}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := classify.Classify(tc.text, tc.known)
			if got.Model != tc.model || got.Confidence != tc.confidence {
				t.Errorf("Classify(%q) = %q %d, want %q %d (scores %v)", tc.text, got.Model, got.Confidence, tc.model, tc.confidence, got.Scores)
			}
			if diff := cmp.Diff(tc.secondary, got.Secondary); diff != "" {
				t.Errorf("Classify(%q).Secondary (-want +got):\n%s", tc.text, diff)
			}
			if got.Classified() != (tc.model != "") || got.Accepted() != (tc.confidence >= 80) {
				t.Errorf("Classify(%q) classified %v accepted %v, want %v %v", tc.text, got.Classified(), got.Accepted(), tc.model != "", tc.confidence >= 80)
			}
		})
	}
}

func TestIndicatorsAreTheClientsWords(t *testing.T) {
	t.Parallel()
	got := classify.Classify("We run a Salon and book an appointment by phone. Blog.", slot.Values{slot.HourlyRate: "2500"})
	want := []string{"appointment", "salon", "book an appointment", "hourlyRate"}
	if diff := cmp.Diff(want, got.Indicators); diff != "" {
		t.Errorf("Indicators (-want +got):\n%s", diff)
	}
}

func TestNegation(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		model      classify.Model
		points     int
	}{
		{"what is not sold does not count", "We don't sell products online.", classify.Product, 0},
		{"nor with a typographic apostrophe", "We don’t sell products online.", classify.Product, 0},
		{"nor without any apostrophe", "We dont sell products online.", classify.Product, 0},
		{"no inventory is no inventory", "There is no inventory.", classify.Product, 0},
		{"not a membership site", "This is not a membership site.", classify.Membership, 0},
		{"without a store", "We manage without a store.", classify.Product, 0},
		{"never appointments", "We never take appointments.", classify.Service, 0},
		{"thinking not is negating", "I don't think we need a podcast.", classify.Content, 0},
		{"instead of a podcast", "I want something instead of a podcast.", classify.Content, 0},
		{"negation ends with its clause", "We don't sell online, we run a salon.", classify.Service, 5},
		{"negation ends at but", "We do not take walk-ins but appointments.", classify.Service, 5},
		{"negation ends at and we", "We don't publish and we run a salon.", classify.Service, 5},
		{"what is missing yet still counts", "We don't have inventory yet.", classify.Product, 5},
		{"not only affirms", "Not only a salon.", classify.Service, 5},
		{"no way to is a need", "There is no way to book an appointment.", classify.Service, 8},
		{"nobody doubts it", "No doubt we are a salon.", classify.Service, 5},
		{"no-shows are not denied", "We have no-shows.", classify.Service, 4},
		{"rather than a salon", "A place to talk rather than a salon.", classify.Service, 0},
		{"neither nor", "Neither a salon nor a clinic.", classify.Service, 0},
		{"we isn't", "It isn't a restaurant.", classify.Service, 0},
		{"why not a podcast", "Why not a podcast?", classify.Content, 5},
		{"we don't know is no denial", "We don't know how many appointments.", classify.Service, 5},
		{"the denial reaches five words", "We don't sell one two three four inventory.", classify.Product, 5},
		{"negation ends at because", "We do not advertise because our salon is full.", classify.Service, 5},
		{"negation ends at just", "We don't take bookings just appointments.", classify.Service, 5},
		{"one affirmed place is enough", "We have no salon in town. The salon is mobile.", classify.Service, 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := classify.Classify(tc.text, nil).Scores[tc.model]; got != tc.points {
				t.Errorf("Classify(%q) gives %s %d points, want %d", tc.text, tc.model, got, tc.points)
			}
		})
	}
}

func TestMisleadingWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		model      classify.Model
		points     int
	}{
		{"a book publisher books nothing", "We are a book publisher.", classify.Service, 0},
		{"a book publisher publishes", "We are a book publisher.", classify.Content, 5 + 2},
		{"a content marketing agency serves", "We're a content marketing agency.", classify.Service, 5 + 2},
		{"a content marketing agency publishes nothing", "We're a content marketing agency.", classify.Content, 0},
		{"members of our team are staff", "Members of our team are friendly.", classify.Membership, 0},
		{"team members are staff", "Our team members are friendly.", classify.Membership, 0},
		{"staff members are staff", "Two staff members answer.", classify.Membership, 0},
		{"members elsewhere still count", "Our team members help the members.", classify.Membership, 2},
		{"what the future has in store for us", "What the future has in store for us.", classify.Product, 0},
		{"we store boxes", "We store boxes.", classify.Product, 0},
		{"the store sells", "Our store in town.", classify.Product, 2},
		{"a table in a notebook is booked by nobody", "I keep a notebook and book a table.", classify.Service, 0},
		{"production is no product", "Film production.", classify.Product, 0},
		{"in order to orders nothing", "In order to grow.", classify.Product, 0},
		{"tax returns are not goods sent back", "Tax returns.", classify.Product, 0},
		{"stock photos are no stock", "Nice stock photos.", classify.Product, 0},
		{"social media is no media outlet", "We are on social media.", classify.Content, 0},
		{"mediation is no media", "Mediation for couples.", classify.Content, 0},
		{"engagement rings are no engagement", "Engagement rings.", classify.Content, 0},
		{"tutorials are not tutoring", "Tutorials.", classify.Service, 0},
		{"customers in the plural are not the trade", "Software for dentists and lawyers.", classify.Service, 0},
		{"being the trade counts", "We are dentists.", classify.Service, 5},
		{"a boutique hotel is no boutique", "A boutique hotel.", classify.Product, 0},
		{"exclusively is not exclusive", "We work exclusively for you.", classify.Membership, 0},
		{"practice without reservation", "Without reservation.", classify.Service, 0},
		{"best practices", "Best practices.", classify.Service, 0},
		{"customer service", "Great customer service.", classify.Service, 0},
		{"salon products are goods", "Salon products.", classify.Service, 0},
		{"product photographs are pictures", "Product photographs.", classify.Service, 0},
		{"trainers are shoes beside sneakers", "Trainers and sneakers.", classify.Service, 0},
		{"Stockholm has no stock", "Stockholm.", classify.Product, 0},
		{"the app store", "In the app store.", classify.Product, 0},
		{"one-stop shop", "Your one-stop shop.", classify.Product, 0},
		{"selling your home", "We sell your home.", classify.Product, 0},
		{"good news", "Good news.", classify.Content, 0},
		{"featured in a magazine", "Featured in Elle magazine.", classify.Content, 0},
		{"articles of incorporation", "Articles of incorporation.", classify.Content, 0},
		{"a target audience", "The target audience.", classify.Content, 0},
		{"wheelchair access", "Wheelchair access.", classify.Membership, 0},
		{"insurance premiums", "Insurance premiums.", classify.Membership, 0},
		{"in association with", "In association with the city.", classify.Membership, 0},
		{"board members", "Board members.", classify.Membership, 0},
		{"staff retention", "Staff retention.", classify.Membership, 0},
		{"customers joined by and", "Linen for hotels and restaurants.", classify.Service, 0},
		{"customers with an adjective", "Supplies to hotels or independent restaurants.", classify.Service, 0},
		{"a shop for barbers' customers is no shop", "My barber shop.", classify.Product, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := classify.Classify(tc.text, nil).Scores[tc.model]; got != tc.points {
				t.Errorf("Classify(%q) gives %s %d points, want %d", tc.text, tc.model, got, tc.points)
			}
		})
	}
}

func TestSubtypeOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want classify.Subtype
	}{
		{"A restaurant with 40 seats", classify.Reservation},
		{"Guided tours of the old town", classify.Reservation},
		{"We rent equipment and rooms", classify.Reservation},
		{"Hair salon, appointments by phone", classify.Appointment},
		{"The waiting room of our clinic is old", classify.Appointment},
		{"A timetable on a tablet for tourists", classify.Appointment},
		{"Vacation rentals by the sea", classify.Reservation},
		{"A venue for weddings", classify.Reservation},
		{"Please book a table", classify.Reservation},
		{"a small hotel", classify.Reservation},
		{"Massage in our treatment room", classify.Appointment},
		{"there is room for improvement", classify.Appointment},
		{"not a restaurant but a clinic", classify.Appointment},
		{"tablets and roomy tours de force", classify.Reservation},
		{"", classify.Appointment},
	} {
		if got := classify.SubtypeOf(tc.text); got != tc.want {
			t.Errorf("SubtypeOf(%q) = %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestFromChoice(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]classify.Model{
		"service": classify.Service, "products": classify.Product, "publishing": classify.Content,
		"memberships": classify.Membership, "mix": classify.Hybrid, " Mix ": classify.Hybrid,
	} {
		got, ok := classify.FromChoice(option)
		if !ok || got.Model != want || got.Confidence != 95 || !got.Accepted() {
			t.Errorf("FromChoice(%q) = %q %d %v, want %q 95 true", option, got.Model, got.Confidence, ok, want)
		}
	}
	if got, ok := classify.FromChoice("something else"); ok || got.Classified() {
		t.Errorf("FromChoice(something else) = %q %v, want nothing", got.Model, ok)
	}
}

// FuzzClassify holds what is true of any text: a model needs five points, its
// confidence follows from the points of the model that leads, down to 75 where
// the client is still asked, and a hybrid has parts that all have points.
func FuzzClassify(f *testing.F) {
	for _, seed := range []string{
		"We run a salon, not a store.", "'", "no-show's", "\xff\xfe a", "don’t sell", "book a",
		"Salon, boutique, we only sell, podcast", "Gym with classes at the till", "a charity, donations",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := classify.Classify(text, nil)
		best := 0
		for _, p := range r.Scores {
			best = max(best, p)
		}
		if r.Classified() != (best >= 5) {
			t.Fatalf("Classify(%q) = %q with best score %d", text, r.Model, best)
		}
		if !r.Classified() {
			if r.Confidence != 0 || len(r.Secondary) > 0 || len(r.Indicators) > 0 {
				t.Errorf("Classify(%q) found nothing, but says %+v", text, r)
			}
			return
		}
		lead := r.Model
		if r.Model == classify.Hybrid {
			if len(r.Secondary) < 2 {
				t.Fatalf("Classify(%q) is a hybrid of %v", text, r.Secondary)
			}
			lead = r.Secondary[0]
		} else if slices.Contains(r.Secondary, r.Model) {
			t.Errorf("Classify(%q) = %q with itself beside it", text, r.Model)
		}
		if sure := min(95, 10*r.Scores[lead]); r.Confidence != sure && r.Confidence != min(sure, 75) {
			t.Errorf("Classify(%q) = %q %d with %d points", text, r.Model, r.Confidence, r.Scores[lead])
		}
		for i, m := range r.Secondary {
			if r.Scores[m] == 0 || slices.Contains(r.Secondary[:i], m) {
				t.Errorf("Classify(%q) lists %v with the scores %v", text, r.Secondary, r.Scores)
			}
		}
		if slices.Contains(r.Indicators, "") {
			t.Errorf("Classify(%q) has an empty indicator", text)
		}
		if again := classify.Classify(text, nil); !cmp.Equal(r, again) {
			t.Errorf("Classify(%q) twice: %+v, then %+v", text, r, again)
		}
		classify.SubtypeOf(text)
	})
}

// scores builds a score map from pairs.
func scores(pairs ...any) map[classify.Model]int {
	out := map[classify.Model]int{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m, isName := pairs[i].(string)
		n, isNumber := pairs[i+1].(int)
		if isName && isNumber {
			out[classify.Model(m)] = n
		}
	}
	return out
}
