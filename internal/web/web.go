// Package web is the door for browsers and programs: the client's pages, the
// JSON API, the static files and (in the files named admin) the pages of the
// agency. It parses and limits what comes in, calls one method of interview,
// ingest, account or health, and renders what comes out; it decides nothing
// about an interview and writes nothing to the store by itself.
//
// Every page is a plain form that works without scripts. Start with routes.go,
// which lists every path, then errors.go, which maps every error to a status.
package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/deliver"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/slot"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/watch"
)

// Config is everything a Server needs. Fields without a remark are required.
type Config struct {
	Agency    Agency
	Interview *interview.Service
	Deliver   *deliver.Service
	Ingest    *ingest.Service
	Account   *account.Service
	Health    *health.Checker
	Watch     *watch.Service   // nil: there are no pages about alerts
	Backups   *backup.Keeper   // nil: none are kept
	Store     *store.Store     // read only
	Privacy   *privacy.Service // nil: one that tells nobody of erasures
	Keep      store.Retention  // how long personal data is kept, for the privacy page
	Catalog   *catalog.Catalog
	Engine    *intake.Engine
	Keys      *seal.Keyring                                        // seals the draft of the foundation form
	Observe   func(took time.Duration, status int)                 // told of each application request; nil: nobody
	Called    func(network string)                                 // told of each request of the public, by its network; nil: nobody
	Failed    func(Failure)                                        // told of each fault of our own; nil: nobody
	Collect   Collect                                              // who may send events from outside
	MailEvent MailEventReader                                      // reads what the mail service reports; nil: nobody reports
	Seen      func(pattern string, status int, took time.Duration) // told of every answer, by route pattern; nil: nobody
	Taken     func(ingest.Report)                                  // told of every batch of events; nil: nobody
	Limits    Limits                                               // zero fields take the defaults of DOMAIN 8.5

	// Report is told of every panic and every other answer of 500 and above, as a
	// *Fault; it must not wait. nil: nobody.
	Report func(ctx context.Context, err error)
	// Trace begins the trace of a request, and the func it returns is called with
	// the status at its end; nil: no traces.
	Trace func(ctx context.Context, method, route string, h http.Header) (context.Context, func(status int))

	Analytics []string // services that get the steps of visits, for the privacy page
	// AskAnalytics asks each visitor before anything goes to these services;
	// otherwise the agency has everybody's consent.
	AskAnalytics bool
	Outgoing     func() []Outgoing // what goes to services of others; nil: nothing

	Metrics      http.Handler // what GET /metrics shows; nil: there is none
	MetricsToken string       // needed to read the metrics; empty: in production, private networks only
	StatusExport string       // folder that gets a copy of the status page at every change; empty: none

	Production   bool             // rate limits apply to the loopback address too
	Banner       string           // a sentence on top of every page, such as that of the demo; empty: none
	AppURL       string           // public origin, e.g. https://introspect.example.com; empty: taken from the request
	TrustedProxy bool             // X-Forwarded-For and -Proto come from our own proxy
	Advisor      bool             // a language model may word the questions: the pages say so
	AskFirst     bool             // clients have to say yes before a model sees their answers
	Desk         *advisor.Service // holds the door and the switch of fallback mode; nil: neither
	Version      string           // shown in /openapi.json
	Contacts     []Contact        // whom to call, in order; shown with the runbook
	Zone         *time.Location   // zone of dates on pages; nil: UTC
	Log          *slog.Logger     // nil: discarded
	Now          func() time.Time
}

// Failure is a fault of our own that a request met.
type Failure struct {
	Route   string // pattern
	Kind    string // last part of the problem's type
	Text    string // of the error; of a panic with its stack
	Network string // hash of the day
	Session string // of the client; empty: none
}

// Agency is who runs this installation, as shown on every page.
type Agency struct {
	Name     string // required
	Email    string // required, where clients write to
	Phone    string
	URL      string // the agency's own site
	Calendar string // a page where a client books a call
	Colour   string // main colour as #rrggbb; empty: the colour of DOMAIN 10.3
	Logo     []byte // SVG, PNG, JPEG or WebP file; empty: the name in letters
}

// Collect says who may send event batches (ARCHITECTURE 4). Our own pages
// always may.
type Collect struct {
	Open    bool     // anybody may, unless Keys ask for more
	Origins []string // browser origins that may, e.g. https://www.example.com
	Keys    []string // write keys; when there are any, every foreign origin has to send one
}

// Limits are the rate limits per client address (DOMAIN 8.5).
type Limits struct {
	PerMinute        int    // conversation and documents; 0: 20
	PerHour          int    // conversation and documents; 0: 100
	RelaxedPerMinute int    // form steps, price updates and the like, each in a bucket of its own; 0: 60
	BatchPerMinute   int    // event batches of one address; 0: RelaxedPerMinute
	NetworkPerMinute int    // event batches of one network, /24 or /48; 0: 600
	SessionPerMinute int    // events of one session; 0: 3000
	Bypass           string // value of X-Introspect-Bypass that is never limited; empty: nobody
}

// Server answers HTTP requests. It is safe for concurrent use.
type Server struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	assets  *assets
	pages   map[string]pageTemplate
	runbook runbook
	slots   map[slot.Key]slot.Def
	limits  map[bucket]*limiter
	perSess *limiter // events by session
	asks    *limiter // mails and questions that one client asks for
	origins *http.CrossOriginProtection
	admin   *admin
	handler http.Handler
	faults  faults
	answers sync.Pool // of *[]byte, for answers to batches

	switchboard switchboard
	status      statusCache
	standing    standings

	stopping chan struct{} // closed when the process ends: streams give way
	stop     sync.Once
}

// Stop ends the streams of changes, which would otherwise hold up the end of
// the process. Everything else goes on until the listener is closed.
func (s *Server) Stop() { s.stop.Do(func() { close(s.stopping) }) }

// New checks the configuration, parses the templates and builds the routes.
// Every fault is one that the operator or the programmer made.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Privacy == nil {
		cfg.Privacy = privacy.New(privacy.Config{Store: cfg.Store, Now: cfg.Now})
	}
	s := &Server{cfg: cfg.withDefaults(), slots: make(map[slot.Key]slot.Def), stopping: make(chan struct{})}
	s.status.changed = make(chan struct{}, 1)
	s.log, s.now = s.cfg.Log, s.cfg.Now
	for _, d := range slot.Defs() {
		s.slots[d.Key] = d
	}
	var err error
	if s.assets, err = newAssets(s.cfg.Agency); err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	if s.runbook, err = runbookOf(); err != nil {
		return nil, err
	}
	if s.pages, err = parsePages(s.funcs()); err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	s.limits, s.perSess, s.asks = s.newLimiters(), s.newSessionLimiter(), newAskLimiter()
	s.origins = http.NewCrossOriginProtection()
	if s.cfg.AppURL != "" {
		if err := s.origins.AddTrustedOrigin(s.cfg.AppURL); err != nil {
			return nil, fmt.Errorf("read public address %q: %w", s.cfg.AppURL, err)
		}
	}
	if s.admin, err = newAdmin(s.cfg); err != nil {
		return nil, fmt.Errorf("open admin pages: %w", err)
	}
	s.handler = s.wrap(s.mux())
	return s, nil
}

// Handler serves every path.
func (s *Server) Handler() http.Handler { return s.handler }

func (c Config) check() error {
	var missing []error
	for _, part := range []struct {
		name  string
		given bool
	}{
		{"agency name", c.Agency.Name != ""},
		{"agency e-mail", c.Agency.Email != ""},
		{"interview", c.Interview != nil},
		{"delivery", c.Deliver != nil},
		{"ingest", c.Ingest != nil},
		{"account", c.Account != nil},
		{"health", c.Health != nil},
		{"store", c.Store != nil},
		{"catalog", c.Catalog != nil},
		{"engine", c.Engine != nil},
		{"keys", c.Keys != nil},
	} {
		if !part.given {
			missing = append(missing, errors.New("web needs "+part.name))
		}
	}
	if c.AppURL != "" {
		if u, err := url.Parse(c.AppURL); err != nil || u.Host == "" || u.Path != "" {
			missing = append(missing, fmt.Errorf("public address %q is not an origin such as https://example.com", c.AppURL))
		}
	}
	return errors.Join(missing...)
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	for _, d := range []struct {
		limit    *int
		standard int
	}{{&c.Limits.PerMinute, 20}, {&c.Limits.PerHour, 100}, {&c.Limits.RelaxedPerMinute, 60}, {&c.Limits.BatchPerMinute, cmp.Or(c.Limits.RelaxedPerMinute, 60)}, {&c.Limits.NetworkPerMinute, 600}, {&c.Limits.SessionPerMinute, 3000}} {
		if *d.limit <= 0 {
			*d.limit = d.standard
		}
	}
	return c
}
