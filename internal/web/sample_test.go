package web_test

import (
	"time"

	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/recommend"
	"applicreations.com/introspect/internal/slot"
)

// at returns a session that stands at an action.
func at(id event.SessionID, a intake.Action) *intake.Session {
	a.ID = "a007"
	status := intake.InProgress
	if a.Kind == intake.Complete {
		status = intake.Completed
	}
	return &intake.Session{
		ID: id, Status: status, Client: intake.Client{Name: "Ada Lovelace", Email: "ada@example.com", WebsiteType: "business"},
		CreatedAt: opening, LastActivity: opening, Questions: 9, Turns: 6, Answered: "a006", Furthest: 29, Current: a,
	}
}

// talked is a conversation of three exchanges and a prompt that waits.
func talked() []intake.Message {
	say := func(role, text string, minute int) intake.Message {
		return intake.Message{Role: role, Text: text, Number: 5, At: opening.Add(time.Duration(minute) * time.Minute)}
	}
	return []intake.Message{
		say("assistant", "What is the business called?", 0), say("client", "Bella Vista <Salon> & Spa", 1),
		say("assistant", "What should the website achieve?", 1), say("client", "More bookings", 3),
		say("assistant", "Who should it reach?", 3), say("client", "Busy people", 4),
		say("assistant", "The prompt that waits", 4),
	}
}

// facts are one fact of each status and type.
func facts() []intake.Fact {
	fact := func(k slot.Key, value string, status intake.FactStatus) intake.Fact {
		return intake.Fact{Slot: k, Value: value, Status: status, Confidence: 90, Source: "client", Evidence: intake.Evidence{Question: 5, Quote: value}}
	}
	return []intake.Fact{
		fact(slot.BusinessName, "Bella Vista <Salon> & Spa", intake.Confirmed),
		fact(slot.BudgetMax, "450050", intake.Stated),
		fact(slot.CurrentNoShowRate, "0.18", intake.Stated),
		fact(slot.MustHaves, "appointment_scheduling,own_idea", intake.Inferred),
		fact(slot.LaunchDate, "2027-03-15", intake.Assumed),
		fact(slot.IsUrgent, "yes", intake.Inferred),
		fact(slot.AppointmentsPerWeek, "50", intake.Stated),
		{Slot: slot.DecisionMakers, Status: intake.Unknown, Source: "client"},
		{Slot: slot.LogoStatus, Value: "have", Status: intake.Stated, Source: "choice", Evidence: intake.Evidence{Quote: "There is one"}},
	}
}

func textQuestion() intake.Action {
	return intake.Action{Kind: intake.AskQuestion, Question: &intake.Ask{
		Question: intake.Question{
			ID: "audience", Category: "business", Text: "Who should the website reach?", Type: intake.TextArea,
			Validation: intake.Limits{Required: true, MaxLength: 5000}, HelpText: "Who, where, and what they need.",
			Examples: []string{"Women aged 25 to 55", "Owners of small workshops"}, ScopeSection: 4, Priority: "essential", Number: 9,
		},
		Slots: []slot.Key{slot.TargetAudience}, Why: "Words and look follow from it.", Clarifies: "A little more detail helps.",
	}}
}

func lineQuestion() intake.Action {
	return intake.Action{Kind: intake.AskQuestion, Question: &intake.Ask{
		Question: intake.Question{ID: "launch", Category: "parameters", Text: "By when should it be live?", Type: intake.TextLine},
	}}
}

func choiceQuestion(kind intake.QuestionType) intake.Action {
	return intake.Action{Kind: intake.AskQuestion, Question: &intake.Ask{Question: intake.Question{
		ID: "model", Category: "business", Text: "How does money come in?", Type: kind, Other: true, OtherLabel: "Something else",
		Options:    []intake.Option{{Value: "service", Label: "For services", Description: "Time & skill"}, {Value: "products", Label: "For products"}},
		Validation: intake.Limits{Required: true, MaxLength: 5000}, ScopeSection: 2, Priority: "essential", Number: 7,
	}}}
}

func bundleQuestion() intake.Action {
	return intake.Action{Kind: intake.AskQuestion, Question: &intake.Ask{Question: intake.Question{
		ID: "actions", Category: "technical", Text: "What should people be able to do?", Type: intake.MultiSelect, Other: true, OtherLabel: "Anything else",
		Groups: []intake.Group{{Key: "visitorActions", Label: "Visitors can"}, {Key: "pageCount", Label: "Pages", Single: true}},
		Options: []intake.Option{
			{Value: "visitorActions.book", Label: "Book", Group: "visitorActions"},
			{Value: "visitorActions.buy", Label: "Buy", Group: "visitorActions"},
			{Value: "pageCount.5", Label: "Up to 5", Group: "pageCount"},
			{Value: "pageCount.8", Label: "6 to 8", Group: "pageCount"},
		},
		Validation: intake.Limits{MaxLength: 5000}, ScopeSection: 7, Priority: "essential", Number: 10,
	}}}
}

func validationAction() intake.Action {
	return intake.Action{Kind: intake.ValidateUnderstanding, Validation: &intake.Validation{
		Loop: 1, Category: "Business Context & Goals", Summary: "This was understood.", Points: []string{"Name: Bella Vista", "Goal: more bookings", "Audience: busy people"},
		Implications: []string{"The website will take bookings."}, Question: "Is this right?",
		Options: []intake.Choice{{Value: "correct", Label: "Yes"}, {Value: "clarify", Label: "No"}},
	}}
}

func examplesAction() intake.Action {
	return intake.Action{Kind: intake.ExampleOptions, Examples: &intake.Examples{
		QuestionID: "goal", Context: "Which of these comes closest?", AllowCustom: true, CustomPrompt: "In own words",
		Options: []intake.Choice{{Value: "more_enquiries", Label: "More enquiries", Description: "Visitors get in touch."}, {Value: "save_time", Label: "Less work"}},
	}}
}

func conflictAction() intake.Action {
	return intake.Action{Kind: intake.ConflictResolution, Conflict: &intake.Conflict{
		Type: intake.BudgetVsFeatures, Title: "Budget and features", Description: "The total is above the budget.",
		Original: "Budget: $3,000", Conflicting: "Total: $6,000", Question: "How should this be settled?", HelpText: "Choose one.",
		Options: []intake.Choice{{Value: "raise_budget", Label: "Raise the budget", Description: "A new figure is asked."}, {Value: "phase_features", Label: "Build in phases"}},
		Key:     "budget/3000/6000", Number: 14,
	}}
}

// featuresAction is a feature screen by the built-in catalog's prices.
func featuresAction() intake.Action {
	included := []intake.InclusionCard{{ID: "ssl", Name: "SSL Certificate", Description: "Traffic is encrypted."}}
	more := append(append([]intake.InclusionCard{}, included...), intake.InclusionCard{ID: "cms", Name: "Content Management System", Description: "You change texts yourself."})
	return intake.Action{Kind: intake.RecommendFeatures, Features: &intake.Features{
		ContextSummary: "The website is for Bella Vista, a salon.", Package: catalog.Professional, PackageRationale: "Professional fits, because content changes often.",
		Minimum: catalog.Professional, BudgetNote: "The budget ends at $6,000.", Number: 12, Included: more, Selected: []string{},
		Packages: []intake.PackageCard{
			{ID: catalog.Starter, Name: "Starter", Price: 2500, HostingMonthly: 75, IdealFor: "Simple sites", Included: included},
			{ID: catalog.Professional, Name: "Professional", Price: 4500, HostingMonthly: 150, Popular: true, IdealFor: "Growing firms", Included: more},
			{ID: catalog.Custom, Name: "Custom", Price: 6000, HostingMonthly: 300, IdealFor: "Complex needs", Included: more},
		},
		Recommended: []intake.FeatureCard{
			{
				ID: "appointment_scheduling", Name: "Appointment Scheduling System", Description: "Clients book online.", Price: 800,
				Reasoning: "50 appointments a week are taken by phone.", Priority: recommend.Essential,
				ROI: &intake.ROICard{AnnualValue: 23400, Basis: "50 x 0.18 x $50 x 52", Payback: "paid back in 3 weeks"}, DependencyNote: "Works best with SMS.",
			},
			{ID: "payment_processing", Name: "Payment Processing Integration", Description: "Cards online.", Price: 500, Priority: recommend.HighlyRecommended, ROI: &intake.ROICard{Basis: "saves 5 hours a week"}},
			{ID: "sms_notifications", Name: "SMS Notifications", Description: "Reminders.", Price: 300, Reasoning: "18 % do not show up.", Priority: recommend.NiceToHave},
		},
		Additional: []intake.FeatureCard{{ID: "booking_system", Name: "Booking System", Description: "Rooms and tables.", Price: 800}},
	}}
}

func doneAction() intake.Action {
	return intake.Action{Kind: intake.Complete, Done: &intake.Done{
		Ready: true, Missing: []string{"Typography"}, Check: map[string]bool{}, Summary: "All known.", Package: catalog.Professional,
		SelectedFeatures: []catalog.FeatureID{"appointment_scheduling", "sms_notifications"}, TotalEstimate: 5600, MonthlyHosting: 150, Timeline: "5 to 7 weeks",
	}}
}

// choice is the answered feature screen of a finished session.
func choice() *intake.FeatureChoice {
	return &intake.FeatureChoice{
		PresentedAt: 12, Answered: true, Phased: []catalog.FeatureID{"live_chat"},
		Selection: catalog.Selection{Package: catalog.Professional, Features: []catalog.FeatureID{"appointment_scheduling", "sms_notifications"}},
		Estimate: catalog.Estimate{
			Total: 560000, HostingMonthly: 15000, Schedule: []catalog.Payment{{Milestone: "contract", Percent: 50, Amount: 280000}},
		},
	}
}
