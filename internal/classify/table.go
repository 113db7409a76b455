package classify

import "applicreations.com/introspect/internal/slot"

// The points of DOMAIN 3.2.
const (
	strongPoints  = 5
	wordPoints    = 2
	patternPoints = 3
	painPoints    = 4
	metricPoints  = 5
)

// reservations is the pseudo model under which SubtypeOf's words are looked
// up, so that they have exceptions of their own.
const reservations Model = "reservation"

// nobody is the pseudo model of pages that earn nothing.
const nobody Model = "nobody"

// indicator is one entry of DOMAIN 3.2.
type indicator struct {
	model   Model
	points  int
	pattern pattern
}

// indicators is the table of DOMAIN 3.2. An entry matches at word beginnings; "=" asks for the
// whole word or its plural, "a b" for adjacent words with an article allowed
// between, "?" for one word that may stand between, "|" for a choice of words
// and "/" for a choice of spellings.
var indicators = compile([]group{
	{Service, strongPoints, "appointment, consult, salon, =spa, barber, clinic, therap, dentist, photograph, tutor, coach, trainer, lawyer, attorney, restaurant, hotel, reservation, rental, venue"},
	{Service, wordPoints, "booking, session, schedul, client, practice, service, professional, lesson, patient, stylist, availability, calendar"},
	{Service, patternPoints, "book appointment|session|consultation, schedul meeting|appointment|session|client|patient, client meeting|session|appointment, provid|offer service"},
	{Service, painPoints, "no show/noshow, double book, schedul conflict, phone tag, availability management"},

	{Product, strongPoints, "inventory, boutique, e commerce/ecommerce, online store|shop, =sku, wholesale, shopping cart"},
	{Product, wordPoints, "catalog, shipping, product, sell, store, shop, retail, manufactur, supplier, stock, warehouse, fulfil, =order"},
	{Product, patternPoints, "sell ? product|item|goods, online store|shop, manag inventory, product catalog"},
	{Product, painPoints, "inventory tracking, order management|fulfil, shipping cost, =returns, stock management, stock out/stockout"},

	{Content, strongPoints, "blogger, blogging, magazine, podcast, newsroom, editorial, publisher, content creator"},
	{Content, wordPoints, "blog, article, publish, media, news, writer, journalist, audience, subscriber, reader, viewer, newsletter"},
	{Content, patternPoints, "publish content|article|post, content creator, media company|outlet"},
	{Content, painPoints, "content organi, =seo, audience growth, engagement"},

	{Membership, strongPoints, "membership, subscription, association, member only/members only, paywall"},
	{Membership, wordPoints, "member, tier, exclusive, community|communities, =access, recurring, premium, club"},
	{Membership, patternPoints, "member site|platform|community, subscription service|model, exclusive content|access, recurring revenue|payment"},
	{Membership, painPoints, "member management, content gating, retention, billing"},
})

// metrics lists the figures whose presence speaks for a model. DOMAIN 3.2
// also names monthlyPageViews, which is no slot; monthlyVisitors is not its
// stand-in, because every shop has visitors.
var metrics = []struct {
	model Model
	key   slot.Key
}{
	{Service, slot.AppointmentsPerWeek},
	{Service, slot.HourlyRate},
	{Service, slot.AverageAppointmentValue},
	{Service, slot.CurrentNoShowRate},
	{Product, slot.ProductsToSell},
	{Product, slot.AverageOrderValue},
	{Product, slot.MonthlyOrders},
	{Content, slot.PostsPerWeek},
	{Content, slot.SubscriberCount},
	{Membership, slot.MemberCount},
	{Membership, slot.ChurnRate},
	{Membership, slot.MemberFee},
}
