package classify

import "strings"

// classes names sets of words that patterns refer to in braces, so that a
// sentence such as "we make oak tables" is read by its shape: who does what to
// which kind of thing. Words are whole, in singular or plural, unless they end
// in "*". They are ordered by branch of trade, not by frequency.
var classes = map[string][]alternative{
	"we": class("we we're i i'm he she who agency firm company studio workshop"),

	// What is done for a customer, or to a thing of theirs.
	"serve": class(`
		retouch~ test~ wrap~ check~ coat~ polish~ mount~ hang~ pack~ carry accompan* cast~ tutor~ drill~ scout~
		 clear~ organise~ organize~ arrange prepare~ scan~ archive~ photograph~ photograf calculate~ measure~ lay sort~ analyse~ analyze~
		diagnose~ operate~ perform~ entertain~ accompan* vet~ supervise~ monitor~ protect~ recover~ convert~ upgrade~
		service~ sand~ varnish~ grind~ galvanise~ galvanize~ disassemble~ tow~ haul~ transport~ move~ 
		cut cuts cutting braid~ shave~ cook cooking serve~ feed~ train~ care manage~ consult~ counsel~ guide~
		 draft~ edit~ certify certif* accredit~ register~ broker~ insure~ appraise~ sue~ defend~ 
		 rewire~ plumb~ construct~ renovate~ dredge~ fumigate~ shred~ dispose~ recycle~ empty empties
		fix~ repair~ install~ instal clean~ paint~ decorate~ wallpaper~ renovate~ refurbish~ restore~ mend~ maintain~ inspect~
		teach~ train tutor~ coach~ treat advise~ cater~ translate~ interpret~ proofread~ edit~
		walk wash~ groom~ trim drive unblock~ unclog~ plaster~ rewire~ weld~ mow~ prune~
		dig~ excavate~ demolish~ remove~ remodel~ survey~ recruit~ guide~
		rent~ hire~ chauffeur~ mediate~ massage~ tattoo~ shear~ sharpen~ upholster~ tailor~
		calibrate~ alter bind fold engrave~ dismantle~ transcribe~ typeset~ assess~ babysit~ waterproof~ insulate~ 
		valet~ shave~ embroider~ laminate~ digitise~ digitize~ moderate~ officiate~ represent~ negotiate~
		tiling fencing roofing leasing`),
	// Goods that people take home or companies put on a shelf.
	"goods": class(`
		goggles gowns clocks whisky whiskies uniforms figurines sheds signs signage boardgames games mugs records vinyl snacks sauces modules boards perennials grasses
		furniture table bench chair desk sofa bed mattress shelf shelves cabinet lamp lighting rug carpet curtain cushion pillow blanket quilt towel linen* tile flooring
		fitting tap valve pump pipe bolt screw fastener bearing sensor motor engine battery panel cable component parts machine machinery tractor generator
		tool toolkit drill knife knives knifes blade scissors axe locks paint varnish adhesive timber lumber plywood brick stone gravel paver window door gates fence
		cloth* fabric* textile* shirt tshirt tee hoodie sweater jumper scarf scarves hat cap sock glove coat jacket dress dresses skirt jeans trousers suit swimwear lingerie uniform shoe boot sneaker
		bag handbag backpack wallet purse belt leather jewel* ring earring necklace bracelet watches sunglasses eyewear frames umbrella
		candle soap shampoo cream serum lotion perfume fragrance cosmetic* makeup skincare toiletries oil balm sponge brush brushes diaper nappies
		egg honey jam marmalade sauce spice* seasoning olive* cheese* milk butter yoghurt yogurt meat sausage ham fish seafood bread cake cookie biscuit chocolate* candy sweets pastry pastries
		coffee tea wine beer cider gin whisky whiskey vodka rum mead juice kombucha water snack nut granola cereal pasta noodle rice flour vegetable fruit apple berry mushroom herb hamper food treats supplement* vitamin* protein
		plants seed bulb pots compost fertiliser fertilizer flower bouquet wreath
		bike bicycle scooter motorbike motorcycle car van tyre tire wheel helmet boat kayak surfboard skateboard snowboard ski skis wetsuit tent racket balls yarn wool thread button bead needle
		toy doll puzzle game jigsaw lego card cards sticker stationery notebook pen pens pencil envelope diary poster print prints painting sculpture* pottery bowl mug plate vase ceramic* glassware cutlery pans cookware kettle
		books records lp cd vinyl dvd comic novel ebook font* preset template* texture* patterns pdf plugin* icon*
		phone laptop computer* printer* cartridge camera lens drone headphone speaker gadget electronic* appliance fridge oven vacuum tv chips semiconductor* cabling
		guitar violin piano drum amp accordion instrument amplifier pedal
		medicine* drugs bandage prosthetic* wheelchair stethoscope syringe reagent*
		gift souvenir antique* collectible* coins stamps sword armour armor costume mask balloon firework* ornament decoration basket trophy trophies medal flag
		pellet firewood log charcoal coal fuel boiler radiator stove heater turbine
		leash collar cage hay saddle* horseshoe
		cylinder seal gasket hose nozzle gear lever worktop cupboard sink bath toilet shower faucet kitchenware apron nappy stroller cot highchair pram pushchair
		planner invitation greeting album canvas magnet keyring keychain beads charm brooch tiara veil tuber rhizome seedling sapling mulch turf sod collar lead harness bridle rein kibble litter
		ebook audiobook licence license beat beats clipart wallpaper svg mockup clock barometer binocular* telescope microscope rifle ammunition bow arrow rod bait lure
		driftwood dart rope chain hook hinge bracket saw hammer wrench ladder barrel cask cork jug teapot grinder spoon fork ladle
		sourdough croissant bagel donut doughnut tart pie pesto hummus tofu tempeh mustard ketchup vinegar syrup truffle caviar salmon oyster jerky popcorn crisps chips muesli porridge oat lentil bean
		wig shed caravan glasses salts feed extension trailer hut pavilion gazebo greenhouse treadmill dumbbell racquet cue
		maps device tub kit signs tackle strap mirror bin tarpaulin
		dryer clipper mixer blender toaster cooker freezer scanner trimmer planter strimmer mower hanger holder opener drawer dispenser locker carrier lighter stapler charger adapter tripod castle
		flute clarinet trumpet saxophone cello harp sail sailcloth mast dinghy dummy doorbell washer frame crystal sledge sled pillowcase fan thermostat thermometer scale handle tray skate
		textbook workwear bookend rack stool towel bathrobe awning extractor forklift hive miniature doll carving watercolour
		paper sheet roll implant crown glass sign nameplate microphone robot transformer antenna router keyboard aquarium terrarium tobacco cigar vape
		gelato fudge nougat marzipan liqueur vermouth lemonade kefir kimchi sauerkraut pickle curry pizza pretzel waffle
		felt lace ribbon zip leather feather duvet blind shutter awning cufflink tie bra underwear pyjama bikini clog slipper sandal heels insole luggage suitcase rucksack
		teddy puppet marionette kite globe compass chandelier lampshade kiln loom coffin urn gravestone headstone trampoline swing beehive birdhouse trellis christmas
		equipment merch merchandise supplies accessories packaging bottle can keg crate pallet container resin filament steel alloy rubber plastic* chemical* wax`),
	// Trades by which people name themselves, and the places where they work.
	"trade": class(`
		architect* surveyor* engineer* draughts* draftsman electrician* plumber* builder* bricklayer* mason stonemason roofer* glazier* carpenter* joiner* cabinetmaker* plasterer* tiler* scaffolder* welder* locksmith* decorator* handyman handymen gardener* landscaper* arborist* blacksmith* farrier* thatcher* upholsterer*
		accountant* accountancy bookkeep* auditor* actuary actuaries notary notaries solicitor* barrister* conveyanc* paralegal* mediator* arbitrator* mortgage* realtor* valuer* adviser* advisor* headhunter* recruiter* recruitment*
		translator* interpreter* copywriter* proofreader* ghostwriter* transcriber transcription illustrator* animator* videographer* videographie* cameraman retoucher* typesetter* programmer* developer*
		vet vets veterinar* groomer* kennels cattery farriery osteopath* chiropract* physio* podiatr* chiropod* acupunct* homeopath* naturopath* reflexolog* midwife midwives midwifery doula* nurse nurses nursing paramedic* optician* optometr* audiolog* orthodont* dermatolog* cardiolog* radiolog* gynaecolog* gynecolog* pediatric* paediatric* surgeon* psycholog* psychiatr* counsell* counselor* counseling nutritionist* dietitian* dietician* masseu* hypnotherap* physiotherap* hospice* caregiver* carer carers doctor
		hairdress* beautician* manicur* pedicur* nails eyelash* lashes eyebrow* waxing tattoo* piercer* barbershop* 
		nanny nannies childmind* daycare creche kindergarten* nursery babysitt* tutoring instructor* 
		caterer* catering chef chefs bartender* barista sommelier* butler* bistro* trattoria* pizzeria* osteria* brasserie* steakhouse* taverna* gastropub* cafe café cafeteria* tearoom* teahouse diner eatery canteen takeaway* foodtruck pub
		hostel* motel* guesthouse* b&b bnb inn campground* campsite* glamping chalet* lodge homestay* aparthotel* cottages farmstay
		taxi* chauffeur* limousin* courier* haulage haulier* trucking freight* removals movers towing ferry charter
		undertaker* mortuary funeral* crematori* celebrant* officiant*  magician* clown* deejay* dj djs karaoke
		theatre* theater* cinema museum zoo planetarium bowling paintball karting playground
		laundrette* laundromat laundry launderette seamstress* tailoring cobbler*
		auctioneer* caretaker* janitor* concierge typist* stenograph* calligraph* storytell* saddlefit* skipper* sherpa* restorer* conservator* hypnotist* sweep sweeps tuner tuners cleaners fitters
		marina airfield ballroom minigolf ranch arcade planetari*
		detective* investigator* bodyguard* exterminator* fumigat* lifeguard* diver divers piloting skydiv* paraglid* rafting
		telemarket* outsourc* bpo logistics warehousing mechanic bodyshop garage mot`),
	// What a firm of services calls its line of business.
	"line": class(`
		cleaning removal moving security consulting consultancy engineering architecture accounting tax law legal audit insurance mortgage estate lettings letting property recruitment staffing hr payroll translation
		marketing advertising pr branding design web digital creative seo it cyber* hosting data ai  survey surveying inspection testing lab laboratory analytics
		building construction joinery carpentry roofing plumbing heating cooling electrical drainage paving scaffolding demolition plastering painting decorating landscaping gardening tree fencing pest chimney window solar pool pump
		event events wedding party catering entertainment travel tour tours tourism transport haulage courier taxi logistics freight minibus coach limousine
		care nursing therapy physio dental medical veterinary health wellness beauty childcare tutoring training teaching coaching driving flying sailing diving riding ski surf dance music language cooking art swimming
		repair maintenance installation restoration upholstery laundry tailoring alterations photography video film animation voice sound recording funeral detective piercing tattoo nail lash tanning rental hire leasing storage parking environmental`),
	"firm": class("firm agency company business consultancy bureau contractor practice practise office service services specialist expert centre center school studio workshop provider broker technician team academy"),
	// What a maker or a merchant calls the house.
	"house": class("shop store brand label maker manufacturer merchant importer exporter wholesaler retailer supplier supply dealer trader seller factory company business outlet roaster roastery brewer mill farm startup mart publisher"),
	"make":  class("assemble assembles assembling make makes making sell sells selling sold import imports importing export exports produce produces producing manufactur* supply supplies supplying craft crafts crafting roast roasts distribut* build builds brew brews bake bakes grow grows knit knits sew sews weave weaves carve carves forge forges bottle bottles design designs print prints ship ships stock stocks trade trades retail deliver delivers offer"),
	// What a business that sells time calls the thing it does or the place
	// where it happens, as the head of a phrase: "skip hire", "sushi bar".
	"deed": class(`
		flight flights centre center camp camps dialysis sightseeing treatment treatments
		hire rental rentals clearance recovery advice replacement conversion relocation installation fitting repair repairs restoration removal removals disposal valet hypnosis therapy surgery
		lesson lessons class classes course courses workshops tuition coaching tutoring mentoring 
		laboratory lab clinic surgery practise bar hall park arena rink court courts track stables retreat lodge cabins cottage apartments villa villas hotel hostel
		guard guards escort tour tours trip trips excursion excursions cruise cruises safari ride rides transfer transfers 
		survey surveys inspection inspections audit audits valuation valuations testing calibration analysis diagnostics
		orchestra quartet entertainment entertainer performances 
		restaurant grill bbq catering buffet tapas
		storage warehousing parking hosting printing engraving embroidery alterations tailoring welding machining galvanising fabrication
		 consulting consultancy planning management accounting translation interpreting editing proofreading
		massage facials manicures haircuts waxing makeup tattoos piercings
		cleaning laundry ironing gardening landscaping roofing plumbing plastering painting decorating joinery tiling paving fencing carpentry scaffolding demolition drainage glazing
		grooming boarding sitting walking breeding livery daycare childcare nursing
		photography videography filming recording voiceover animation illustration
		insurance brokerage mediation representation litigation conveyancing immigration notary bookkeeping payroll
		transport haulage courier towing chauffeuring shipping moving assembly design search preparation care assistance supervision exam exams tests
		 studio venue barn marquee spa sauna solarium`),
	// Verbs of serve that are hardly ever nouns, so that "and" may lead them.
	"plain": class("teach teaches repair repairs fix fixes install installs clean cleans maintain inspect translate edit restore renovate advise coach train rent out rents organise organize arrange prepare"),
	"press": class("magazine blog vlog podcast journal zine newspaper newsletter channel column reviews articles essays documentary documentaries"),
	"sport": class("tennis golf rowing sailing football soccer rugby cricket cycling running hockey chess judo karate boxing swimming climbing riding ski bowls squash badminton athletics yacht gun shooting archery fencing fishing angling gliding flying diving motor car book wine supper country social sports youth bridge kayak canoe basketball volleyball handball triathlon hiking walking dining garden gardening camera padel pickleball curling bouldering wrestling snooker darts petanque bowling weightlifting gymnastics fitness ramblers"),
	"month": class("month monthly year yearly annually annual quarter quarterly week weekly"),
	"ads":   class("ads ad adverts advert advertising advertise* advertisement* affiliate* banner sponsor* commission* adsense"),
	"earn":  class("pay pays paid paying live lives living earn earns earned earning fund funds funded funding financ* income revenue money run with from by cover covers between through monetis* monetiz* supported carries show"),
	"media": class("magazine blog vlog podcast journal zine newspaper newsletter channel radio column digest documentary documentaries webzine news portal website site youtube forum articles essays videos"),
	"club":  class("club association society institute union guild federation circle league chamber cooperative coop community fellowship fraternity sorority confederation gym"),
	"title": class("blog channel fanzine journal magazine zine newspaper newsletter podcast vlog gazette encyclopaedia encyclopedia webzine bulletin"),
	// Who buys from others or pays them, in the plural: "bookkeeping for shops".
	"account": class(`
		shops stores retailers wholesalers suppliers manufacturers makers producers importers exporters distributors dealers sellers merchants brands factories warehouses boutiques bakeries butchers grocers breweries wineries distilleries florists supermarkets pharmacies farms
		publishers magazines newspapers newsrooms blogs bloggers journalists editors writers authors podcasters influencers broadcasters outlets
		associations clubs societies federations chambers cooperatives unions guilds gyms museums charities foundations churches parishes schools universities kindergartens hospitals practices laboratories airports municipalities households homes stations broadcasters
		agencies firms companies businesses startups offices councils landlords`),
	// What people come for who pay to belong: see visits.
	"inside": class(`
		coach coaches coaching trainer trainers train trains training lesson lessons class classes course courses session sessions venue seminar seminars workshop workshops event events meeting meetings
		studio school academy hall court courts pool sauna professional service services practice client clients calendar schedule schedules timetable booking bookings availability
		teacher teachers teach teaches teaching instructor instructors pupil pupils visitor visitors pilates ballet ticket tickets host hosts hosting organise organises organize organizes arrange arranges represent represents negotiate negotiates insure advise advises certify accredit exams retreat retreats
		with plus and also they which advice legal support help insurance discount discounts instructors dance dancing music language languages cooking art drawing singing guitar piano fitness yoga boxing tutoring wellness sewing pottery driving surf swim photography groups of up to people # do does offer offers provide provides give gives our all`),
	// Where people read, watch and learn who pay for access: see visits.
	"software": class("software app apps saas platform crm database system"),
	"digital":  class("cloud app apps online platform portal software database library site website video videos streaming digital"),
	"body":     class("cooperative association society institute union guild federation college network body league chamber alliance council order confederation op"),
}

// class reads a list of words.
func class(list string) []alternative {
	var out []alternative
	for w := range strings.FieldsSeq(list) {
		stem, isVerb := strings.CutSuffix(w, "~")
		text, begins := strings.CutSuffix(stem, "*")
		out = append(out, alternative{text: text, whole: !begins})
		if isVerb {
			out = append(out, alternative{text: strings.TrimSuffix(stem, "e") + "ing", whole: true})
		}
	}
	return out
}
