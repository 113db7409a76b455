package metric

import (
	"time"

	"applicreations.com/introspect/internal/event"
)

// The targets that the dashboard shows beside its figures (DOMAIN 9.4).
const (
	targetQuestions  = 22
	warnQuestions    = 25 // above
	badQuestions     = 28 // above
	targetAdoption   = 60
	targetOnTime     = 95
	targetCompletion = 35
	targetHelpful    = 70
)

// Dashboard is the seed's DashboardMetrics (S71) with further keys. Lists are
// never null, numbers are always finite, and a share of nothing is 0. All of
// it covers the period, except where a field says otherwise. Sessions that
// look automated are left out.
type Dashboard struct {
	ActiveSessions   int `json:"activeSessions"`
	SessionsToday    int `json:"sessionsToday"`    // interviews begun on the local day
	CompletionsToday int `json:"completionsToday"` // those of them that are complete

	FunnelMetrics      []FunnelStage       `json:"funnelMetrics"`
	BusinessModels     []ModelShare        `json:"businessModels"`
	FeatureAdoption    []FeatureAdoption   `json:"featureAdoption"`
	QuestionEfficiency []QuestionDay       `json:"questionEfficiency"`
	ValidationStats    []ValidationFigures `json:"validationStats"`
	Performance        Performance         `json:"performance"`

	GeneratedAt      time.Time `json:"generatedAt"`
	Period           Period    `json:"period"`
	Totals           Totals    `json:"totals"`
	AverageQuestions Questions `json:"averageQuestions"`
	ClassifiedOnTime Rate      `json:"classifiedOnTime"` // of sessions whose model is known or overdue
	Adoption         Rate      `json:"adoption"`         // features selected of those offered
	Completion       Rate      `json:"completion"`       // sessions completed of those started
}

// FunnelStage is one stage of the funnel, in order. Rate is the percentage of
// the stage before, 100 at most and 100 for a first stage that was reached.
type FunnelStage struct {
	Stage       event.Name `json:"stage"`
	Count       int64      `json:"count"` // distinct sessions that entered in the period
	Rate        float64    `json:"rate"`
	Target      float64    `json:"target,omitempty"` // percent, absent at the first stage
	MeetsTarget bool       `json:"meetsTarget"`      // decided before rounding
}

// ModelShare is one business model, the most frequent first. The percentages
// add up to exactly 100.
type ModelShare struct {
	Model      string  `json:"model"`
	Count      int64   `json:"count"`
	Percentage float64 `json:"percentage"`
}

// FeatureAdoption is one feature, the best adopted first.
type FeatureAdoption struct {
	Feature         string  `json:"feature"` // id
	Name            string  `json:"name"`
	AdoptionRate    float64 `json:"adoptionRate"` // percent of the sessions that were offered it
	Revenue         float64 `json:"revenue"`      // dollars: selections at the catalog price
	Selections      int64   `json:"selections"`
	Recommendations int64   `json:"recommendations"`
}

// QuestionDay is the mean question count of the sessions begun on one local
// day: of the completed ones, or as long as there is none of those under way.
// Days without either are left out.
type QuestionDay struct {
	Date     string  `json:"date"` // YYYY-MM-DD
	Average  float64 `json:"average"`
	Target   float64 `json:"target"`
	Sessions int64   `json:"sessions"`
	Basis    string  `json:"basis"` // completed or open
}

// ValidationFigures is one loop by number. The rates add up to 100.
type ValidationFigures struct {
	LoopNumber        int     `json:"loopNumber"`
	CorrectRate       float64 `json:"correctRate"` // percent of first responses
	ClarificationRate float64 `json:"clarificationRate"`
	Responses         int64   `json:"responses"`
}

// Performance is how the service did: latency and errors over 24 hours,
// uptime over the period.
type Performance struct {
	APILatencyP95 float64 `json:"apiLatencyP95"` // milliseconds, within 1 %
	ErrorRate     float64 `json:"errorRate"`     // percent of requests answered with 5xx
	Uptime        float64 `json:"uptime"`        // percent of health probes, two decimals
	Requests      int64   `json:"requests"`
	Probes        int64   `json:"probes"`
	Errors        int64   `json:"errors"` // of the requests, those answered with 5xx; exact, unlike the rate
}

// Period is the local days that the figures cover, both ends included.
type Period struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Days     int    `json:"days"`
	TimeZone string `json:"timeZone"`
}

// Totals are sums over the sessions begun in the period.
type Totals struct {
	Sessions          int64   `json:"sessions"`
	Completions       int64   `json:"completions"`
	Documents         int64   `json:"documents"`
	Conflicts         int64   `json:"conflicts"`
	InjectionAttempts int64   `json:"injectionAttempts"`
	Revenue           float64 `json:"revenue"`           // dollars: project totals of the completed
	AverageDuration   float64 `json:"averageDuration"`   // seconds, of the completed
	AverageConfidence float64 `json:"averageConfidence"` // 0-100, of the completed
}

// Questions is the mean question count of the period and its rating: good up
// to 25, warning above, critical above 28, none without sessions.
type Questions struct {
	Average float64 `json:"average"`
	Target  float64 `json:"target"`
	Basis   string  `json:"basis,omitempty"` // completed or open
	Band    string  `json:"band"`
}

// Rate is a share in percent with its target.
type Rate struct {
	Rate   float64 `json:"rate"`
	Count  int64   `json:"count"`
	Of     int64   `json:"of"`
	Target float64 `json:"target"`
}

// Live is what the rollups cannot know.
type Live struct {
	ActiveSessions int
	Now            time.Time
	Zone           *time.Location // of the rollups; nil UTC
}

// NewDashboard computes the dashboard from the rows that Needed lists; others
// are passed over. feature gives the name of a feature and its price in
// cents; for an unknown id it returns "" and 0.
func NewDashboard(rows []Row, live Live, feature func(id string) (name string, price int64)) Dashboard {
	if live.Zone == nil {
		live.Zone = time.UTC
	}
	return newDashboard(Last(periodDays, live.Now, live.Zone), collect(rows, Needed(live.Now, live.Zone)), live, feature)
}

// Of computes the panels of a dashboard for another view, from the rows that
// the view needs. It knows nothing of the service itself: latency, errors and
// uptime belong to no session.
func Of(v View, rows []Row, live Live, feature func(id string) (name string, price int64)) Dashboard {
	if live.Zone == nil {
		live.Zone = time.UTC
	}
	return newDashboard(v, collect(rows, v.Needed()), live, feature)
}

func newDashboard(v View, b board, live Live, feature func(id string) (name string, price int64)) Dashboard {
	today := DayBucket(live.Now, live.Zone)
	all, day := b.period(), b[Sessions][date(today)]
	features, adoption := b.adoption(feature)
	return Dashboard{
		ActiveSessions:   live.ActiveSessions,
		SessionsToday:    int(day[sumStarted]),
		CompletionsToday: int(day[sumCompleted]),

		FunnelMetrics:      b.funnel(),
		BusinessModels:     b.modelShares(),
		FeatureAdoption:    features,
		QuestionEfficiency: b.questionDays(),
		ValidationStats:    b.validation(),
		Performance:        b.performance(),

		GeneratedAt:      live.Now.UTC(),
		Period:           Period{From: date(v.From), To: date(v.To), Days: v.Days(), TimeZone: live.Zone.String()},
		Totals:           totals(all),
		AverageQuestions: averageQuestions(all),
		ClassifiedOnTime: rate(all[sumOnTime], all[sumDue], targetOnTime),
		Adoption:         adoption,
		Completion:       rate(all[sumCompleted], all[sumStarted], targetCompletion),
	}
}
