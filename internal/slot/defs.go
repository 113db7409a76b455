package slot

import "slices"

// The checklist items of DOMAIN 2.5, in its order.
const (
	BusinessName           Key = "businessName"
	BusinessModel          Key = "businessModel"
	Industry               Key = "industry"
	PrimaryGoal            Key = "primaryGoal"
	TargetAudience         Key = "targetAudience"
	UniqueValue            Key = "uniqueValue"
	Competitors            Key = "competitors"
	CurrentWebsite         Key = "currentWebsite"
	LogoStatus             Key = "logoStatus"
	BrandColors            Key = "brandColors"
	PhotoStatus            Key = "photoStatus"
	BrandTypography        Key = "brandTypography"
	StyleGuide             Key = "styleGuide"
	MarketingMaterials     Key = "marketingMaterials"
	ContentProvider        Key = "contentProvider"
	ContentReadiness       Key = "contentReadiness"
	PageReadiness          Key = "pageReadiness"
	Copywriting            Key = "copywriting"
	ContentReadyDate       Key = "contentReadyDate"
	ContentOwner           Key = "contentOwner"
	VisitorActions         Key = "visitorActions"
	MustHaves              Key = "mustHaves"
	CurrentTools           Key = "currentTools"
	Integrations           Key = "integrations"
	DataMigration          Key = "dataMigration"
	EstimatedTraffic       Key = "estimatedTraffic"
	BrowserPriorities      Key = "browserPriorities"
	MobileImportance       Key = "mobileImportance"
	AccessibilityLevel     Key = "accessibilityLevel"
	ComplianceRequirements Key = "complianceRequirements"
	SecurityNeeds          Key = "securityNeeds"
	Video                  Key = "video"
	Galleries              Key = "galleries"
	PhotoApproach          Key = "photoApproach"
	Animation              Key = "animation"
	Downloads              Key = "downloads"
	Audio                  Key = "audio"
	DesignStyle            Key = "designStyle"
	DesignReferences       Key = "designReferences"
	ColorPreferences       Key = "colorPreferences"
	LayoutStyle            Key = "layoutStyle"
	TypeFeel               Key = "typeFeel"
	Avoid                  Key = "avoid"
	UpdateFrequency        Key = "updateFrequency"
	Maintainer             Key = "maintainer"
	MaintenancePlan        Key = "maintenancePlan"
	TrainingNeeds          Key = "trainingNeeds"
	SupportLevel           Key = "supportLevel"
	FuturePhases           Key = "futurePhases"
	LaunchText             Key = "launchText"
	BudgetText             Key = "budgetText"
	DecisionMakers         Key = "decisionMakers"
	InternalResources      Key = "internalResources"
)

// Figures, flags and signals of DOMAIN 0.5 that no checklist item holds.
const (
	BusinessType            Key = "businessType"
	BusinessDescription     Key = "businessDescription"
	SuccessMetrics          Key = "successMetrics"
	AudienceAgeRange        Key = "audienceAgeRange"
	PainPoints              Key = "painPoints"
	ServiceSubtype          Key = "serviceSubtype"
	RequiresScheduling      Key = "requiresScheduling"
	HasInventory            Key = "hasInventory"
	AcceptsPayments         Key = "acceptsPayments"
	HasMembers              Key = "hasMembers"
	PublishesContent        Key = "publishesContent"
	AppointmentsPerWeek     Key = "appointmentsPerWeek"
	BookingsPerWeek         Key = "bookingsPerWeek"
	AverageAppointmentValue Key = "averageAppointmentValue"
	CurrentNoShowRate       Key = "currentNoShowRate"
	HoursPerWeekOnTask      Key = "hoursPerWeekOnTask"
	HourlyRate              Key = "hourlyRate"
	ProductsToSell          Key = "productsToSell"
	MonthlyOrders           Key = "monthlyOrders"
	AverageOrderValue       Key = "averageOrderValue"
	AnnualRevenue           Key = "annualRevenue"
	OnlineRevenue           Key = "onlineRevenue"
	CartAbandonmentRate     Key = "cartAbandonmentRate"
	LostSalesPerMonth       Key = "lostSalesPerMonth"
	MemberCount             Key = "memberCount"
	MemberFee               Key = "memberFee"
	ChurnRate               Key = "churnRate"
	CustomerBase            Key = "customerBase"
	AverageTransaction      Key = "averageTransaction"
	MonthlyAdSpend          Key = "monthlyAdSpend"
	LeadsPerMonth           Key = "leadsPerMonth"
	CustomerAcquisitionCost Key = "customerAcquisitionCost"
	PostsPerWeek            Key = "postsPerWeek"
	SubscriberCount         Key = "subscriberCount"
	MonthlyVisitors         Key = "monthlyVisitors"
	OtherLanguageShare      Key = "otherLanguageShare"
	PageCount               Key = "pageCount"
	ComplianceStated        Key = "complianceStated"
	BudgetMin               Key = "budgetMin"
	BudgetMax               Key = "budgetMax"
	LaunchDate              Key = "launchDate"
	LaunchWeeks             Key = "launchWeeks"
	IsUrgent                Key = "isUrgent"
	PriceConfirmed          Key = "priceConfirmed"
	SimpleSite              Key = "simpleSite"
	CompetitorsBookOnline   Key = "competitorsBookOnline"
	LosesSalesOffline       Key = "losesSalesOffline"
	WantsOnlineSales        Key = "wantsOnlineSales"
	TimezoneComplexity      Key = "timezoneComplexity"
	WantsRepeatCustomers    Key = "wantsRepeatCustomers"
	BuildsAudience          Key = "buildsAudience"
	SearchIsMainChannel     Key = "searchIsMainChannel"
	LiveSupportWanted       Key = "liveSupportWanted"
	ProductVariants         Key = "productVariants"
	ManualCalendar          Key = "manualCalendar"
	StockOuts               Key = "stockOuts"
	WantsReminders          Key = "wantsReminders"
	WantsSelfService        Key = "wantsSelfService"
	MultipleLanguages       Key = "multipleLanguages"
	RunsEvents              Key = "runsEvents"
	SocialActive            Key = "socialActive"
	ReportingNeed           Key = "reportingNeed"
	WebsiteType             Key = "websiteType" // of the foundation form, DOMAIN 1.2
	SecondaryModels         Key = "secondaryModels"
)

// Details that clients rarely say unasked: what a website must do, say and
// look like beyond the checklist (references/intake.md 2, consequence d).
const (
	SiteSections     Key = "siteSections"
	TrustSignals     Key = "trustSignals"
	Languages        Key = "languages"
	OpeningHours     Key = "openingHours"
	LegalPages       Key = "legalPages"
	Navigation       Key = "navigation"
	ContactWays      Key = "contactWays"
	VisitorAccounts  Key = "visitorAccounts"
	Notifications    Key = "notifications"
	StaffTasks       Key = "staffTasks"
	Sharing          Key = "sharing"
	BookingDetails   Key = "bookingDetails"
	ProductDetails   Key = "productDetails"
	CheckoutDetails  Key = "checkoutDetails"
	DeliveryOptions  Key = "deliveryOptions"
	ArticleDetails   Key = "articleDetails"
	MemberDetails    Key = "memberDetails"
	GivingDetails    Key = "givingDetails"
	PortfolioDetails Key = "portfolioDetails"
	EventDetails     Key = "eventDetails"
	ToolDetails      Key = "toolDetails"
	Notes            Key = "notes"
	HomepageFocus    Key = "homepageFocus"
	BackgroundTone   Key = "backgroundTone"
	AccentColor      Key = "accentColor"
	ImageryStyle     Key = "imageryStyle"
	ServiceArea      Key = "serviceArea"
	WebsiteURL       Key = "websiteUrl"
	ContactEmail     Key = "contactEmail"
	ContactPhone     Key = "contactPhone"
	PostalAddress    Key = "postalAddress"
)

// Defs lists every slot: first the 53 checklist items in the order of DOMAIN
// 2.5, then the details, then the figures and signals. The caller owns the
// slice.
func Defs() []Def { return slices.Concat(checklist(), details(), figures()) }

// ByKey indexes the definitions.
func ByKey() map[Key]Def {
	all := Defs()
	out := make(map[Key]Def, len(all))
	for _, d := range all {
		out[d.Key] = d
	}
	return out
}

// checklist is a table, so its length is no complexity.
func checklist() []Def {
	return []Def{
		{Key: BusinessName, Label: "Business or project name", Type: Text, Category: Business, Priority: Essential, Section: 3, Weight: 5},
		{Key: BusinessModel, Label: "Business model", Type: Enum, Category: Business, Priority: Essential, Section: 2, Weight: 5},
		{Key: Industry, Label: "Industry", Type: Text, Category: Business, Priority: Essential, Section: 2, Weight: 5},
		{Key: PrimaryGoal, Label: "Primary goal", Type: Text, Category: Business, Priority: Essential, Section: 4, Weight: 5, Facets: []string{"result", "measure"}, Enough: 1},
		{Key: TargetAudience, Label: "Target audience", Type: Text, Category: Business, Priority: Essential, Section: 4, Weight: 5, Facets: []string{"who", "where", "need"}, Enough: 2},
		{Key: UniqueValue, Label: "What sets it apart", Type: Text, Category: Business, Priority: Important, Section: 4, Weight: 4, Facets: []string{"difference", "proof"}, Enough: 1},
		{Key: Competitors, Label: "Competitors", Type: Text, Category: Business, Priority: NiceToHave, Section: 4, Weight: 2},
		{Key: CurrentWebsite, Label: "Current website", Type: Text, Category: Business, Priority: Important, Section: 2, Weight: 3},
		{Key: LogoStatus, Label: "Logo", Type: Enum, Category: Brand, Priority: Important, Section: 5, Weight: 4},
		{Key: BrandColors, Label: "Brand colours", Type: Text, Category: Brand, Priority: Important, Section: 5, Weight: 4},
		{Key: PhotoStatus, Label: "Photography", Type: Enum, Category: Brand, Priority: Important, Section: 5, Weight: 3},
		{Key: BrandTypography, Label: "Brand typography", Type: Enum, Category: Brand, Priority: NiceToHave, Section: 5, Weight: 2},
		{Key: StyleGuide, Label: "Style guide", Type: Bool, Category: Brand, Priority: NiceToHave, Section: 5, Weight: 1},
		{Key: MarketingMaterials, Label: "Marketing material", Type: Enum, Category: Brand, Priority: NiceToHave, Section: 5, Weight: 1},
		{Key: ContentProvider, Label: "Who provides content", Type: Enum, Category: Content, Priority: Essential, Section: 6, Weight: 5},
		{Key: ContentReadiness, Label: "State of the copy", Type: Enum, Category: Content, Priority: Essential, Section: 6, Weight: 5},
		{Key: PageReadiness, Label: "Pages that are ready", Type: Multi, Category: Content, Priority: Important, Section: 6, Weight: 2},
		{Key: Copywriting, Label: "Copywriting needed", Type: Enum, Category: Content, Priority: Important, Section: 6, Weight: 2},
		{Key: ContentReadyDate, Label: "Content delivery", Type: Text, Category: Content, Priority: Essential, Section: 6, Weight: 5},
		{Key: ContentOwner, Label: "Content upkeep after launch", Type: Enum, Category: Content, Priority: Important, Section: 6, Weight: 2},
		{Key: VisitorActions, Label: "What visitors do", Type: Multi, Category: Technical, Priority: Essential, Section: 7, Weight: 5},
		{Key: MustHaves, Label: "Must-have functions", Type: Multi, Category: Technical, Priority: Essential, Section: 7, Weight: 5},
		{Key: CurrentTools, Label: "Tools in use today", Type: Multi, Category: Technical, Priority: Important, Section: 7, Weight: 3},
		{Key: Integrations, Label: "Integrations", Type: Multi, Category: Technical, Priority: Important, Section: 7, Weight: 4},
		{Key: DataMigration, Label: "Data migration", Type: Enum, Category: Technical, Priority: Important, Section: 7, Weight: 4},
		{Key: EstimatedTraffic, Label: "Expected traffic", Type: Enum, Category: Technical, Priority: NiceToHave, Section: 7, Weight: 2},
		{Key: BrowserPriorities, Label: "Browsers", Type: Enum, Category: Technical, Priority: NiceToHave, Section: 7, Weight: 1},
		{Key: MobileImportance, Label: "Importance of mobile", Type: Enum, Category: Technical, Priority: NiceToHave, Section: 7, Weight: 2},
		{Key: AccessibilityLevel, Label: "Accessibility", Type: Enum, Category: Technical, Priority: Important, Section: 7, Weight: 3},
		{Key: ComplianceRequirements, Label: "Compliance", Type: Multi, Category: Technical, Priority: Essential, Section: 7, Weight: 5},
		{Key: SecurityNeeds, Label: "Security beyond the standard", Type: Multi, Category: Technical, Priority: Important, Section: 7, Weight: 3},
		{Key: Video, Label: "Video", Type: Enum, Category: Media, Priority: Important, Section: 8, Weight: 2},
		{Key: Galleries, Label: "Galleries", Type: Enum, Category: Media, Priority: Important, Section: 8, Weight: 2},
		{Key: PhotoApproach, Label: "Photo approach", Type: Enum, Category: Media, Priority: Important, Section: 8, Weight: 2},
		{Key: Animation, Label: "Animation", Type: Enum, Category: Media, Priority: NiceToHave, Section: 8, Weight: 2},
		{Key: Downloads, Label: "Downloads", Type: Multi, Category: Media, Priority: NiceToHave, Section: 8, Weight: 2},
		{Key: Audio, Label: "Audio", Type: Enum, Category: Media, Priority: NiceToHave, Section: 8, Weight: 1},
		{Key: DesignStyle, Label: "Design style", Type: Multi, Category: Design, Priority: Essential, Section: 9, Weight: 5},
		{Key: DesignReferences, Label: "Sites that are liked", Type: Text, Category: Design, Priority: Important, Section: 9, Weight: 4, Facets: []string{"site", "reason"}, Enough: 1},
		{Key: ColorPreferences, Label: "Colour preferences", Type: Text, Category: Design, Priority: Important, Section: 9, Weight: 2},
		{Key: LayoutStyle, Label: "Layout", Type: Enum, Category: Design, Priority: NiceToHave, Section: 9, Weight: 2},
		{Key: TypeFeel, Label: "Typographic feel", Type: Enum, Category: Design, Priority: NiceToHave, Section: 9, Weight: 2},
		{Key: Avoid, Label: "Things to avoid", Type: Text, Category: Design, Priority: Important, Section: 9, Weight: 4},
		{Key: UpdateFrequency, Label: "Update frequency", Type: Enum, Category: Support, Priority: Important, Section: 11, Weight: 4},
		{Key: Maintainer, Label: "Who updates the site", Type: Enum, Category: Support, Priority: Important, Section: 11, Weight: 4},
		{Key: MaintenancePlan, Label: "Maintenance scope", Type: Multi, Category: Support, Priority: Important, Section: 11, Weight: 3},
		{Key: TrainingNeeds, Label: "Training", Type: Enum, Category: Support, Priority: NiceToHave, Section: 11, Weight: 2},
		{Key: SupportLevel, Label: "Support level", Type: Enum, Category: Support, Priority: NiceToHave, Section: 11, Weight: 2},
		{Key: FuturePhases, Label: "Later phases", Type: Text, Category: Support, Priority: NiceToHave, Section: 11, Weight: 2},
		{Key: LaunchText, Label: "Launch wish", Type: Text, Category: Parameters, Priority: Essential, Section: 12, Weight: 5},
		{Key: BudgetText, Label: "Budget", Type: Text, Category: Parameters, Priority: Essential, Section: 13, Weight: 5},
		{Key: DecisionMakers, Label: "Decision makers", Type: Text, Category: Parameters, Priority: Important, Section: 3, Weight: 3},
		{Key: InternalResources, Label: "Own team", Type: Text, Category: Parameters, Priority: NiceToHave, Section: 12, Weight: 1},
	}
}

//nolint:funlen // a table: one row a slot
func figures() []Def {
	return []Def{
		{Key: BusinessType, Label: "Kind of business", Type: Text, Section: 2},
		{Key: BusinessDescription, Label: "Business in the client's words", Type: Text, Section: 4, Weight: 5, Facets: []string{"what", "whom"}, Enough: 1},
		{Key: SuccessMetrics, Label: "Signs of success", Type: Text, Section: 4, Weight: 3},
		{Key: AudienceAgeRange, Label: "Age range of the audience", Type: Text, Section: 4},
		{Key: PainPoints, Label: "Pain points", Type: Multi, Section: 4},
		{Key: ServiceSubtype, Label: "Appointments or reservations", Type: Enum, Section: 2},
		{Key: RequiresScheduling, Label: "Needs scheduling", Type: Bool, Section: 7},
		{Key: HasInventory, Label: "Keeps stock", Type: Bool, Section: 7},
		{Key: AcceptsPayments, Label: "Takes payments online", Type: Bool, Section: 7},
		{Key: HasMembers, Label: "Has members", Type: Bool, Section: 7},
		{Key: PublishesContent, Label: "Publishes content", Type: Bool, Section: 7},
		{Key: AppointmentsPerWeek, Label: "Appointments per week", Type: Number, Section: 4, Weight: 3, Priority: Important, RequiredIf: bookingAppt()},
		{Key: BookingsPerWeek, Label: "Bookings per week", Type: Number, Section: 4, Weight: 3, Priority: Important, RequiredIf: bookingRes()},
		{Key: AverageAppointmentValue, Label: "Value of an appointment or booking", Type: Money, Section: 4, Weight: 3, Priority: Important, RequiredIf: service()},
		{Key: CurrentNoShowRate, Label: "No-show rate", Type: Percent, Section: 4, Weight: 3, Priority: Important, RequiredIf: service()},
		{Key: HoursPerWeekOnTask, Label: "Hours per week on manual work", Type: Number, Section: 4, Weight: 2, Priority: Important},
		{Key: HourlyRate, Label: "Cost of an hour of work", Type: Money, Section: 4},
		{Key: ProductsToSell, Label: "Number of products", Type: Number, Section: 4, Weight: 4, Priority: Important, RequiredIf: shop()},
		{Key: MonthlyOrders, Label: "Orders per month", Type: Number, Section: 4, Weight: 3, Priority: Important, RequiredIf: shop()},
		{Key: AverageOrderValue, Label: "Value of an order", Type: Money, Section: 4, Weight: 3, Priority: Important, RequiredIf: shop()},
		{Key: AnnualRevenue, Label: "Annual revenue", Type: Money, Section: 4, Weight: 2, Priority: Important, RequiredIf: shop()},
		{Key: OnlineRevenue, Label: "Online revenue per year", Type: Money, Section: 4},
		{Key: CartAbandonmentRate, Label: "Abandoned checkouts", Type: Percent, Section: 4},
		{Key: LostSalesPerMonth, Label: "Sales lost to stock-outs per month", Type: Money, Section: 4},
		{Key: MemberCount, Label: "Members", Type: Number, Section: 4, Weight: 3, Priority: Important, RequiredIf: members()},
		{Key: MemberFee, Label: "Member fee per month", Type: Money, Section: 4, Weight: 3, Priority: Important, RequiredIf: members()},
		{Key: ChurnRate, Label: "Churn rate", Type: Percent, Section: 4, Weight: 2, Priority: Important, RequiredIf: members()},
		{Key: CustomerBase, Label: "Contacts on the list", Type: Number, Section: 4, Weight: 2},
		{Key: AverageTransaction, Label: "Average sale", Type: Money, Section: 4, Weight: 2},
		{Key: MonthlyAdSpend, Label: "Advertising per month", Type: Money, Section: 4},
		{Key: LeadsPerMonth, Label: "Leads per month from content", Type: Number, Section: 4, Weight: 2, Priority: Important, RequiredIf: publishes()},
		{Key: CustomerAcquisitionCost, Label: "Cost of a paid lead", Type: Money, Section: 4},
		{Key: PostsPerWeek, Label: "Posts per week", Type: Number, Section: 4, Weight: 3, Priority: Important, RequiredIf: publishes()},
		{Key: SubscriberCount, Label: "Subscribers", Type: Number, Section: 4, Weight: 3, Priority: Important, RequiredIf: publishes()},
		{Key: MonthlyVisitors, Label: "Visitors per month", Type: Number, Section: 7},
		{Key: OtherLanguageShare, Label: "Share of customers in another language", Type: Percent, Section: 4},
		{Key: PageCount, Label: "Number of pages", Type: Number, Section: 7, Weight: 2},
		{Key: ComplianceStated, Label: "Compliance named by the client", Type: Multi, Section: 7},
		{Key: BudgetMin, Label: "Lower budget bound", Type: Money, Section: 13},
		{Key: BudgetMax, Label: "Upper budget bound", Type: Money, Section: 13},
		{Key: LaunchDate, Label: "Launch date", Type: Date, Section: 12},
		{Key: LaunchWeeks, Label: "Weeks until launch", Type: Duration, Section: 12},
		{Key: IsUrgent, Label: "Urgent", Type: Bool, Section: 12},
		{Key: PriceConfirmed, Label: "Price confirmed by the client", Type: Bool, Section: 13},
		{Key: SimpleSite, Label: "Asked for a simple site", Type: Bool, Section: 2},
		{Key: CompetitorsBookOnline, Label: "Competitors offer online booking", Type: Bool, Section: 4},
		{Key: LosesSalesOffline, Label: "Loses sales without an online channel", Type: Bool, Section: 4},
		{Key: WantsOnlineSales, Label: "Wants to sell online", Type: Bool, Section: 4},
		{Key: TimezoneComplexity, Label: "Clients in several time zones", Type: Bool, Section: 4},
		{Key: WantsRepeatCustomers, Label: "Wants repeat customers", Type: Bool, Section: 4},
		{Key: BuildsAudience, Label: "Builds an audience", Type: Bool, Section: 4},
		{Key: SearchIsMainChannel, Label: "Search is the main channel", Type: Bool, Section: 4},
		{Key: LiveSupportWanted, Label: "Wants live support", Type: Bool, Section: 4},
		{Key: ProductVariants, Label: "Products have variants or wholesale", Type: Bool, Section: 7},
		{Key: ManualCalendar, Label: "Keeps the calendar by hand", Type: Bool, Section: 4},
		{Key: StockOuts, Label: "Has stock-outs today", Type: Bool, Section: 4},
		{Key: WantsReminders, Label: "Wants better reminders", Type: Bool, Section: 4},
		{Key: WantsSelfService, Label: "Clients ask for logins or self-service", Type: Bool, Section: 4},
		{Key: MultipleLanguages, Label: "Several languages served", Type: Bool, Section: 7},
		{Key: RunsEvents, Label: "Runs regular events", Type: Bool, Section: 4},
		{Key: SocialActive, Label: "Active on social media", Type: Bool, Section: 5},
		{Key: WebsiteType, Label: "Kind of website", Type: Enum, Section: 2},
		{Key: SecondaryModels, Label: "Models in the mix", Type: Multi, Section: 2},
		{Key: ServiceArea, Label: "Where it works", Type: Text, Section: 4},
		{Key: WebsiteURL, Label: "Address of the website", Type: URL, Section: 2},
		{Key: ContactEmail, Label: "Public e-mail address", Type: Text, Section: 3, Personal: true},
		{Key: ContactPhone, Label: "Public telephone number", Type: Text, Section: 3, Personal: true},
		{Key: PostalAddress, Label: "Public address", Type: Text, Section: 3, Personal: true},
		{Key: ReportingNeed, Label: "Needs KPI reporting", Type: Bool, Section: 7},
	}
}

// The kinds of project that details and figures belong to.

func books() []When {
	return append(service(), When{VisitorActions, []string{"book", "reserve"}}, When{MustHaves, []string{"appointment_scheduling", "booking_system"}})
}

func service() []When { return ofModel("service") }

func bookingAppt() []When { return []When{{ServiceSubtype, []string{"appointment"}}} }

func bookingRes() []When { return []When{{ServiceSubtype, []string{"reservation"}}} }

func shop() []When {
	return append(ofModel("product"), When{VisitorActions, []string{"buy"}}, When{MustHaves, []string{"ecommerce_basic", "ecommerce_advanced"}})
}

func publishes() []When {
	return append(ofModel("content"), When{MustHaves, []string{"blog_system"}}, When{PublishesContent, []string{"yes"}})
}

func members() []When {
	return append(ofModel("membership"), When{MustHaves, []string{"membership_portal"}}, When{HasMembers, []string{"yes"}})
}

func ofModel(m string) []When {
	return []When{{BusinessModel, []string{m}}, {SecondaryModels, []string{m}}}
}

// details is a table: one row a slot. Clients tick them from a list, because
// nobody thinks of them alone.
func details() []Def {
	return []Def{
		{Key: SiteSections, Label: "Pages and sections", Type: Multi, Priority: Important, Section: 6, Weight: 4},
		{Key: TrustSignals, Label: "What builds trust", Type: Multi, Priority: Important, Section: 6, Weight: 4},
		{Key: Languages, Label: "Languages", Type: Multi, Priority: Important, Section: 6, Weight: 2},
		{Key: OpeningHours, Label: "Opening hours", Type: Text, Section: 6, Weight: 0},
		{Key: LegalPages, Label: "Legal pages", Type: Multi, Priority: NiceToHave, Section: 6, Weight: 2},
		{Key: Navigation, Label: "How visitors find things", Type: Multi, Priority: Important, Section: 7, Weight: 4},
		{Key: ContactWays, Label: "Ways to get in touch", Type: Multi, Priority: Important, Section: 7, Weight: 3},
		{Key: VisitorAccounts, Label: "Visitor accounts", Type: Multi, Priority: Important, Section: 7, Weight: 3, RequiredIf: slices.Concat(
			shop(), members(), books(), []When{{VisitorActions, []string{"apply"}}, {MustHaves, []string{"customer_portal"}}, {WantsSelfService, []string{"yes"}}, {ToolDetails, nil}})},
		{Key: Notifications, Label: "Messages that go out", Type: Multi, Priority: Important, Section: 7, Weight: 4},
		{Key: StaffTasks, Label: "What the team does behind the scenes", Type: Multi, Priority: Important, Section: 7, Weight: 3},
		{Key: Sharing, Label: "Sharing and responses", Type: Multi, Priority: NiceToHave, Section: 8, Weight: 2},
		{Key: BookingDetails, Label: "How booking works", Type: Multi, Priority: Important, Section: 7, Weight: 4, Enough: 2, RequiredIf: books()},
		{Key: ProductDetails, Label: "What a product page shows", Type: Multi, Priority: Important, Section: 7, Weight: 4, Enough: 2, RequiredIf: shop()},
		{Key: CheckoutDetails, Label: "How checkout works", Type: Multi, Priority: Important, Section: 7, Weight: 4, Enough: 2, RequiredIf: shop()},
		{Key: DeliveryOptions, Label: "Delivery", Type: Multi, Priority: Important, Section: 7, Weight: 3, RequiredIf: shop()},
		{Key: ArticleDetails, Label: "What articles offer", Type: Multi, Priority: Important, Section: 7, Weight: 5, Enough: 2, RequiredIf: publishes()},
		{Key: MemberDetails, Label: "What members get", Type: Multi, Priority: Important, Section: 7, Weight: 4, Enough: 2, RequiredIf: members()},
		{Key: GivingDetails, Label: "How people give or help", Type: Multi, Priority: Important, Section: 7, Weight: 5, Enough: 2, RequiredIf: []When{
			{WebsiteType, []string{"nonprofit"}}, {VisitorActions, []string{"donate"}},
		}},
		{Key: PortfolioDetails, Label: "How work is shown", Type: Multi, Priority: Important, Section: 7, Weight: 4, Enough: 2, RequiredIf: []When{
			{WebsiteType, []string{"personal"}}, {VisitorActions, []string{"portfolio"}}, {Galleries, []string{"portfolio"}},
		}},
		{Key: EventDetails, Label: "What event pages offer", Type: Multi, Priority: Important, Section: 7, Weight: 4, Enough: 2, RequiredIf: []When{
			{WebsiteType, []string{"project"}}, {MustHaves, []string{"event_calendar"}}, {RunsEvents, []string{"yes"}},
		}},
		{Key: ToolDetails, Label: "What the web application does", Type: Multi, Priority: Important, Section: 7, Weight: 5, Enough: 2, RequiredIf: []When{
			{VisitorActions, []string{"use_tool"}}, {MustHaves, []string{"customer_portal", "analytics_dashboard", "custom_tool"}},
		}},
		{Key: Notes, Label: "Further wishes in the client's words", Type: Text, Section: 7},
		{Key: HomepageFocus, Label: "What is seen first", Type: Text, Priority: Important, Section: 9, Weight: 3},
		{Key: BackgroundTone, Label: "Background", Type: Enum, Priority: Important, Section: 9, Weight: 3},
		{Key: AccentColor, Label: "Accent colour", Type: Text, Priority: Important, Section: 9, Weight: 3},
		{Key: ImageryStyle, Label: "Kind of imagery", Type: Multi, Priority: NiceToHave, Section: 9, Weight: 2},
	}
}
