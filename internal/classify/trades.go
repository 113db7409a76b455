package classify

// trades extends the table of DOMAIN 3.2 by words of the same kinds that it
// leaves out: the trades themselves, and the sentences in which people say what
// they do, sell or charge for. With the table alone four in ten realistic
// descriptions stay below the floor; docs/measured-classifier.md has the
// figures with them. The points are those of the table.
// "{name}" is a class of words, see lexicon.go.
var trades = compile([]group{
	// Who they are.
	{Service, strongPoints, "{trade}"},
	{Service, strongPoints, "{line} {firm}"},
	{Service, strongPoints, "landscap, =hvac, handyman, real estate broker|agent, financial advis|planner, virtual assistant, private chef, medical|dental|imaging|wellness center|centre|practice, hospital, guest house, bed and breakfast, dog walk|sit|train|board, pet sit, house sit, makeup artist|for, make up artist, =home care|health|help, food truck, tree surg, drone pilot|survey, reiki, breathwork, interior, =spa hotel, escape room, guided|walking|boat|city|bus|day|food tour|walk|trip|ride, tour guide|operator, print finish, estate|letting|travel agent, law office, home|house inspect, personal train"},
	// What they do.
	{Service, strongPoints, "{we} ? {serve}, =and|=also {plain}, =they|=which {serve}, quality control|assurance, pump ? septic|out|wells, carpet|kitchen|tyre|window =fitting, =we|=i|=who|=that build|builds|design|designs|develop|develops|make|makes|create ? website|websites|web|apps|logo|logos|extension|houses|homes, ghost|nature walk, you can hire|rent, =book|=books|=booking ? court|tasting|tour|lesson|class|slot|course|meeting, look|looks|looking after, host|hosts|hosting ? event|guests|weddings|tastings|parties|groups|meetings, collect|collects ? waste|rubbish|garbage|scrap|parcels, =do|=does|=doing|=offer|=offers|=provide|=give ? ? {deed}, =we|=i help ? ? with, write ? applications|copy|speeches|texts|code|letters, wedding|event|party|travel|trip|financial planner, agency|company|firm rents|hires, machine shop, by the hour|night|day|week, hearing|eye|driving test, =with|=plus ? {deed}|service|repairs, on commission, {line} class|lesson|course"},
	{Service, strongPoints, "night club, nightclub, roofs|gutters, renovat, pest control, chimney, tiling, =hvac, excavat, lawn care|mowing|service, tree service|removal, house|office|window|carpet|pool|oven|gutter clean, house paint|painter, car|auto|phone|computer|appliance|shoe|watch|bike|boat|instrument|violin|piano repair, car wash|detail, oil change, team building, interior design, payroll service, tanning, handl|outsourc ? payroll, i'm|am|as freelanc, custom|bespoke software, software development|house, private ? lesson, give|teach ? lesson|class|course, guided ? tour|walk|trip|ride|hike, babysit, dry clean, web design, it support|services, =rent out|a|an, =hire out, {sport} lesson|class|school|course"},
	{Service, patternPoints, "people|clients|customers|patients|guests|parents|companies|families call|phone|ring|ask for|us|me|in|to, for a slot|table|date, hourly rate, one to one, home visit, at their|your home|homes|place, drive to, first meeting, each|weekly|regular visit, reserve table|room|seat, handl for, free|an estimate|quote, estimate and, come out to|and, house call, walk ins, intake, =per hour|day, groups of, =up =to # people|guests|persons, retreat, call outs, same day"},
	{Service, wordPoints, "deposit, retainer, =guests, referral, =firm, =agency, inspection, repair, =brunch, invoice, =ticket, =quote, bespoke, emergency, ballet, pilates, teacher, pupil, visitor"},

	// Who makes and sells things.
	{Product, strongPoints, "bakery, bookshop, bookstore, butcher, florist, grocer, handmade, hand made, handcrafted, jewel, webshop, web shop, spare parts, made to order, dropship"},
	{Product, strongPoints, "{goods} {house}, {goods} start up"},
	{Product, strongPoints, "hardware|pet|gift|craft|sports|thrift|charity|antique|music|grocery|surf|farm|corner|delicatessen|deli store|shop, garden center|centre, nursery plants, winery, distillery, brewery, subscription box"},
	{Product, strongPoints, "{make} ? ? ? {goods}, maker|producer|grower|manufacturer|importer|supplier|wholesaler of, # dollars|euros|pounds each|apiece, showroom, brand of ? {goods}, stall, for sale, fan|museum|merch|gift shop|store, one =off payment|purchase, one|single purchase, pay|pays|paid|buy once, chocolate|candy|soap|energy|protein bars"},
	{Product, patternPoints, "{goods} =and|=or|=plus|=with ? {goods}, =we|=i|=and|=also sell|import|export|manufactur|distribut|roast|brew|supply, selling ? catalog|range|collection|line, sold|selling|sells at|in|on|through|online, buy online, people|customers|cafes|collectors|shops|pubs|they|fans buy|order"},
	{Product, strongPoints, "distributor, online pharmacy|retailer|seller|bakery|butcher"},
	{Product, patternPoints, "# product|item|model|article|title|design|bottle|piece|flavour|flavor|variet|part, own shop|store|line|brand, =a ? shop|store, sold out, =we|=i|startup|company grow|sew|knit|weave|bottle|carve|makes, huge|large|big|full|back catalog, trade prices, made to measure, delivered|shipped|posted in|to|by|within|across|every, # litres|liters|tonnes|tons|kilos|bottles, for|to download, shop with, license them|it"},
	{Product, wordPoints, "brand, printable, dealer, kickstarter, download, =jar, =kit, =size, =ship, shipped, =ships, etsy, =ebay, apparel, merch, hamper"},

	{Content, strongPoints, "newspaper, vlog, columnist, youtube, news|recipe|fan|review|comparison site|portal|website|blog|page, webcomic, job board, video channel, radio station|show|programme, {earn} ? ? {ads}, ad|ads|advertising|advertiser|sponsor|reader financed|funded|supported|free|revenue, get|gets|earn ? commission, reviews|rankings|tests of, daily|weekly|monthly email|mail|digest|briefing, show on web|tv|radio, readers|listeners|viewers|fans donate|support, =we|=i cover|report|rate|compare, =we|=i write|blog|report|post about|on, =we|=i|=and review ? ? {goods}|gear|books|films|restaurants|hotels|games|gadgets|albums, featured in ? weekly|mail|newsletter"},
	{Content, patternPoints, "run|write|host|start|keep|my ? blog|newsletter|column|podcast, =we|=i publish, sponsored post|article|content, page views, pageviews, display ads, paid|funded by ads|advertising, reviews and essays|interviews, essays, long read, read ? free, published every|weekly|daily|monthly, sponsors|ads pay, videos|articles|podcast and articles|videos|podcast, news and reviews, my|our blog, commentary on, free|weekly|daily|monthly|online|web|literary|regional|new ? {media}, sponsor|sponsors|advertisers|firms|companies pay|pays|advertise, {media} about|on|of, comes out, build|grow|reach ? audience, post ? thoughts|ideas|essays|stories, # subs|followers|listeners|people get|readers|subscribers, job ads, sponsored by, ads below|above|beside|around, comic strip, news for|from|about, satirical, interview ? =and"},
	{Content, wordPoints, "explainer, commentary, photojournalis, sponsor, listener, episode, archive, interview, adverts|advertising|advertiser|affiliate, tutorial, documentar, =journal, =editor, =radio, =zine"},

	{Membership, strongPoints, "coworking, co working, dues, cooperative, paid community, patreon, joining fee, chamber of commerce, =gym, crossfit, =saas, trade|student|credit union|body, {body} of|for, professional institute|body|network|association, alumni, =guild, federation, {sport} club, makerspace, hackerspace, unlimited classes|access|lessons|visits|yoga|downloads|training, price|rate|fee =a|=per|=each {month}, =per user|seat|employee|member|chair, medical|historical|professional|scientific|learned society, # =a|=per|=each month, {month} price|rate|pass|plan|contract|fee|membership|subscription|dues|share, tenants union|union of, streaming"},
	{Membership, strongPoints, "pay|pays|paying|billed|charged|costs ? ? monthly|yearly|annually, pay|pays|paying|billed|charged|cost|costs|fee|for|join|joining|subscribe|at|price|rate # ? =a|=per|=each|=every {month}, # euros|dollars|pounds|quid|bucks|eur|usd|euro|dollar =a|=per|=each|=every {month}, $ =a|=per|=each|=every {month}, pay|pays|paying|paid|support ? ? =each|=every|=per|=a month|year|quarter"},
	{Membership, patternPoints, "people|they|who|users subscribe, subscribe monthly|to, {month} contribution|direct, # =per month|year, renew, private|members club, supporters|members pay, member compan, join for|us|our|the, =you|=they|=who|people|can join, belong to, # members, directory of"},
})

// heads are the last words of a phrase with which people name what they are,
// such as "piano tuner for theatres", "skip hire" or "ceramic mugs".
var heads = []struct {
	class string
	model Model
}{{"trade", Service}, {"goods", Product}, {"deed", Service}, {"title", Content}, {"club", Membership}}

// causes are signs of a page that earns nothing; DOMAIN 3.1 has no model for
// it, so they count against every model.
var causes = compile([]group{
	{nobody, 3, "volunteer, donation|donate to, charity, charitable, parish, church|chapel|mosque|synagogue|temple, congregation, petition, committee, reunion, our wedding, my cv|resume, i study, student project, memorial, candidate, ngo|foundation, non commercial, nothing commercial, nonprofit|non profit, council wants|website, fundraising, nothing ? for sale, family tree"},
})
