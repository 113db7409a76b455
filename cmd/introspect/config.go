package main

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the reporting zone works on machines without a zone database

	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/letter"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/web"
)

// config is every setting of the program (docs/config.md). Flags win over the
// environment, and the environment over the defaults.
type config struct {
	banner      string // on top of every page
	host, port  string
	dataDir     string
	databaseURL string // of Postgres; empty: the embedded database
	configDir   string // folder of questions.json and catalog.json; empty: the built-in ones
	environment string // development or production
	secrets     []string
	appURL      string
	adminToken  string
	zone        *time.Location
	zoneNamed   bool // by INTROSPECT_ZONE or --zone, and not only that of the machine
	trusted     bool
	collect     web.Collect
	limits      ingestLimits
	agency      web.Agency
	logLevel    slog.Level
	logText     bool
	shutdown    time.Duration
	keepEvents  time.Duration // 0: for ever
	keep        store.Retention
	keeps       func(*store.Store) (*backup.Keeper, error) // who makes backups, as only serve does; nil: nobody
	synced      func() time.Time                           // when the replica last held everything; nil: there is none
	given       map[string]string                          // the settings that were read from the environment

	claudeKey, claudeURL string
	advisor              advisorConfig
	resendKey, resendURL string
	redisURL             string

	smtpURL         string
	mailFrom        letter.Address // who the mails come from
	mailTeam        letter.Address // who hears of leads
	privateWebhooks bool           // endpoints may lie in private networks
	resendSecret    string         // signs what Resend reports of mails
	accent          string
	about           string // the agency, in its own words

	status   statusConfig
	watching watching
	contacts contacts
	outside  outside
	commit   string // of this program
}

// ingestLimits bound what comes from outside, and what waits; see docs/config.md.
type ingestLimits struct {
	address, network int // requests a minute
	session          int // events a minute
	queue            int // writes that wait
	hot              int // MB of what was committed last, decoded
	memory           int // MB of all bodies in work
}

// read reads the limits, each a positive number.
func (l *ingestLimits) read(get func(...string) string) error {
	var err error
	take := func(into *int, name, value string, standard int) {
		*into = standard
		if value == "" {
			return
		}
		n, e := strconv.Atoi(value)
		if e != nil || n < 1 || n > 1_000_000 {
			err = errors.Join(err, fmt.Errorf("%s is %q; set it to a whole number from 1 to 1000000, or leave it out for %d", name, value, standard))
			return
		}
		*into = n
	}
	take(&l.address, "INGEST_PER_MINUTE", get("INGEST_PER_MINUTE"), 60)
	take(&l.network, "INGEST_NETWORK_PER_MINUTE", get("INGEST_NETWORK_PER_MINUTE"), 600)
	take(&l.session, "INGEST_SESSION_PER_MINUTE", get("INGEST_SESSION_PER_MINUTE"), 3000)
	take(&l.memory, "INGEST_MEMORY_MB", get("INGEST_MEMORY_MB"), 64)
	take(&l.queue, "WRITE_QUEUE", get("WRITE_QUEUE"), 1024)
	take(&l.hot, "HOT_MEMORY_MB", get("HOT_MEMORY_MB"), 32)
	return err
}

func (c config) production() bool { return c.environment == "production" }

// databasePath is the file of the embedded database. With Postgres it is only the
// place beside which copies are made.
func (c config) databasePath() string { return filepath.Join(c.dataDir, store.FileName) }

// database is the path of the embedded database, or the address of Postgres.
func (c config) database() string { return cmp.Or(c.databaseURL, c.databasePath()) }

// load reads flags and environment. Errors name the setting, what is wrong and
// what to set.
func load(env environment, name string, args []string, more ...func(*flag.FlagSet)) (config, []string, error) {
	var c config
	c.given = map[string]string{}
	get := func(names ...string) string {
		for _, n := range names {
			if v := strings.TrimSpace(env.get(n)); v != "" {
				c.given[n] = v
				return v
			}
		}
		return ""
	}
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(env.err)
	f.StringVar(&c.host, "host", get("HOST"), "address to listen on; empty: all (HOST)")
	f.StringVar(&c.port, "port", cmp.Or(get("PORT"), "8080"), "port to listen on (PORT)")
	f.StringVar(&c.dataDir, "data-dir", cmp.Or(get("DATA_DIR"), "data"), "folder of the embedded database (DATA_DIR)")
	f.StringVar(&c.databaseURL, "database-url", "", "postgres:// address of the database; empty: embedded, in the data folder (DATABASE_URL)") // help would print a password
	f.StringVar(&c.configDir, "config-dir", get("CONFIG_DIR"), "folder of questions.json and catalog.json; empty: the built-in ones (CONFIG_DIR)")
	f.StringVar(&c.environment, "env", cmp.Or(get("INTROSPECT_ENV"), "development"), "development or production (INTROSPECT_ENV)")
	f.StringVar(&c.appURL, "app-url", get("APP_URL", "NEXT_PUBLIC_APP_URL"), "public address (APP_URL)")
	zone := f.String("zone", cmp.Or(get("INTROSPECT_ZONE"), localZone(get("TZ"))), "reporting time zone, e.g. Europe/Berlin (INTROSPECT_ZONE)")
	for _, add := range more {
		add(f)
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return c, nil, err
		}
		return c, nil, errUsage
	}
	_, c.zoneNamed = c.given["INTROSPECT_ZONE"]
	f.Visit(func(v *flag.Flag) { c.zoneNamed = c.zoneNamed || v.Name == "zone" })
	c.appURL = strings.TrimSuffix(c.appURL, "/") // as it stands in the address bar
	c.databaseURL = cmp.Or(c.databaseURL, get("DATABASE_URL"))
	c.adminToken = get("INTROSPECT_ADMIN_TOKEN")
	c.resendKey, c.resendURL = get("RESEND_API_KEY"), cmp.Or(get("RESEND_BASE_URL"), "https://api.resend.com")
	c.redisURL = get("REDIS_URL")
	c.commit = builtFrom(env.get)
	c.agency = web.Agency{
		Name: cmp.Or(get("AGENCY_NAME"), "Applicreations"), Email: cmp.Or(get("AGENCY_EMAIL"), "david@applicreations.com"),
		Phone: get("AGENCY_PHONE"), URL: get("AGENCY_URL"), Calendar: get("AGENCY_CALENDAR_URL"), Colour: get("AGENCY_COLOR"),
	}
	return c, f.Args(), errors.Join(c.check(*zone), c.readLogo(get("AGENCY_LOGO")), c.readRest(get), c.readMail(get), c.status.read(get),
		c.readWatching(get), c.readOutside(get), c.readAdvisor(get), c.readContacts(get), c.limits.read(get), c.checkForms(get))
}

// localZone names this machine's zone. The counters of the dashboard are kept
// by days of a named zone, so that a change of zone is noticed; a machine that
// does not tell its name counts in UTC.
func localZone(tz string) string {
	if tz != "" {
		return strings.TrimPrefix(tz, ":")
	}
	if link, err := os.Readlink("/etc/localtime"); err == nil {
		if _, name, ok := strings.Cut(link, "zoneinfo/"); ok {
			return name
		}
	}
	return "UTC"
}

// check judges the settings that have a form.
func (c *config) check(zone string) error {
	var err error
	if n, e := strconv.Atoi(c.port); e != nil || n < 0 || n > 65535 {
		err = fmt.Errorf("PORT is %q, but a port is a number from 0 to 65535", c.port)
	}
	if c.databaseURL != "" && !store.IsURL(c.databaseURL) {
		err = errors.Join(err, errors.New("DATABASE_URL is no postgres:// address; correct it, or leave it out for the embedded database")) // it may hold a password
	}
	if c.environment != "development" && c.environment != "production" {
		err = errors.Join(err, fmt.Errorf("INTROSPECT_ENV is %q; set it to development or production", c.environment))
	}
	loc, e := time.LoadLocation(zone)
	if e != nil {
		err = errors.Join(err, fmt.Errorf("INTROSPECT_ZONE is %q, which is no IANA time zone; set it to a name such as Europe/Berlin", zone))
	}
	c.zone = loc
	return err
}

func (c *config) readLogo(path string) error {
	if path == "" {
		return nil
	}
	logo, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
	if err != nil {
		return fmt.Errorf("AGENCY_LOGO: %w; set it to an SVG, PNG, JPEG or WebP file", err)
	}
	c.agency.Logo = logo
	return nil
}

// readRest reads the settings that only the environment holds.
func (c *config) readRest(get func(...string) string) error {
	var err error
	c.trusted = get("TRUSTED_PROXY") == "1" || get("TRUSTED_PROXY") == "true"
	c.collect.Open = !c.production()
	switch v := get("INGEST"); v {
	case "":
	case "open", "closed":
		c.collect.Open = v == "open"
	default:
		err = fmt.Errorf("INGEST is %q; set it to open or closed", v)
	}
	c.collect.Origins, c.collect.Keys = list(get("INGEST_ORIGINS")), list(get("INGEST_KEYS"))
	if e := c.logLevel.UnmarshalText([]byte(cmp.Or(get("LOG_LEVEL"), "info"))); e != nil {
		err = errors.Join(err, errors.New("LOG_LEVEL must be debug, info, warn or error"))
	}
	c.logText = cmp.Or(get("LOG_FORMAT"), map[bool]string{true: "json"}[c.production()], "text") == "text"
	c.shutdown = 20 * time.Second
	if v := get("SHUTDOWN_TIMEOUT"); v != "" {
		d, e := time.ParseDuration(v)
		if e != nil || d <= 0 {
			err = errors.Join(err, fmt.Errorf("SHUTDOWN_TIMEOUT is %q; set it to a duration such as 20s", v))
		}
		c.shutdown = d
	}
	days, e := strconv.Atoi(cmp.Or(get("EVENT_RETENTION_DAYS"), "90"))
	if e != nil || days < 0 || days > 0 && days < 8 {
		err = errors.Join(err, fmt.Errorf("EVENT_RETENTION_DAYS is %q; set it to at least 8 days, because events may arrive seven days late, or to 0 to keep events for ever", get("EVENT_RETENTION_DAYS")))
	}
	c.keepEvents = time.Duration(days) * 24 * time.Hour
	err = errors.Join(err, c.readKeep(get))
	if v := get("ENCRYPTION_KEY"); v != "" {
		c.secrets = append([]string{v}, list(get("ENCRYPTION_KEYS_OLD"))...)
	}
	return err
}

// readKeep reads how long personal data is kept (DOMAIN 8.8, 8.9).
func (c *config) readKeep(get func(...string) string) error {
	var err error
	age := func(name, text string) time.Duration {
		days, e := strconv.Atoi(text)
		if e != nil || days < 0 || days > 36500 {
			err = errors.Join(err, fmt.Errorf("%s is %q, so nobody knows when to delete personal data; set it to a number of days, or to 0 to keep it for ever", name, text))
		}
		return time.Duration(days) * 24 * time.Hour
	}
	c.keep = store.Retention{
		Sessions:  age("SESSION_RETENTION_DAYS", cmp.Or(get("SESSION_RETENTION_DAYS"), "730")),
		Abandoned: age("ABANDONED_RETENTION_DAYS", cmp.Or(get("ABANDONED_RETENTION_DAYS"), "180")),
		Mails:     age("MAIL_RETENTION_DAYS", cmp.Or(get("MAIL_RETENTION_DAYS"), "730")),
		Advisor:   age("ADVISOR_RETENTION_DAYS", cmp.Or(get("ADVISOR_RETENTION_DAYS"), "730")),
		Audit:     age("AUDIT_RETENTION_DAYS", cmp.Or(get("AUDIT_RETENTION_DAYS"), "730")),
	}
	return err
}

// readMail reads who writes to whom, and through what.
func (c *config) readMail(get func(...string) string) error {
	var err error
	address := func(name, text string) letter.Address {
		a, e := mail.ParseAddress(text)
		if e != nil {
			err = errors.Join(err, fmt.Errorf("%s is %q; set it to an address such as Introspect <introspect@example.com>", name, text))
			return letter.Address{}
		}
		return letter.Address{Name: a.Name, Email: a.Address}
	}
	c.mailFrom = address("MAIL_FROM", cmp.Or(get("MAIL_FROM"), "Introspect <introspect@applicreations.com>"))
	c.mailTeam = address("TEAM_EMAIL", cmp.Or(get("TEAM_EMAIL"), c.agency.Email))
	c.smtpURL, c.resendSecret = get("SMTP_URL"), get("RESEND_WEBHOOK_SECRET")
	c.about, c.accent = get("AGENCY_ABOUT"), get("AGENCY_ACCENT")
	c.privateWebhooks = reachesPrivate(get)
	return err
}

// reachesPrivate reads whether messages may go into private networks.
func reachesPrivate(get func(...string) string) bool {
	text := get("WEBHOOKS_PRIVATE")
	return text == "1" || text == "true"
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// keyring opens the key that seals personal data. Without ENCRYPTION_KEY,
// development makes a key file; production refuses, because a key that lies
// beside the data protects nothing and vanishes with a redeployed disk.
func (c config) keyring(log *slog.Logger) (*seal.Keyring, error) {
	if len(c.secrets) > 0 {
		if _, err := seal.NewKeyring(c.secrets[0]); err != nil {
			return nil, fmt.Errorf("ENCRYPTION_KEY: %w; set it to 32 random bytes in base64, for example from: openssl rand -base64 32", err)
		}
		ring, err := seal.NewKeyring(c.secrets...)
		if err != nil {
			return nil, fmt.Errorf("ENCRYPTION_KEYS_OLD: %w (the present one is number 1); set it to former keys, separated by commas, or leave it out", err)
		}
		return ring, nil
	}
	if c.databaseURL != "" {
		return nil, errors.New("ENCRYPTION_KEY is not set; with DATABASE_URL it has to be, because a key file on this machine would be lost with it while the data live on: " +
			"set it to 32 random bytes in base64, for example from: openssl rand -base64 32")
	}
	if c.production() {
		return nil, errors.New("ENCRYPTION_KEY is not set, so personal data could not be sealed in production; " +
			"set it to 32 random bytes in base64, for example from: openssl rand -base64 32")
	}
	path := filepath.Join(c.dataDir, "encryption.key")
	secret, err := os.ReadFile(path) // #nosec G304 -- a file of our own data folder
	if errors.Is(err, fs.ErrNotExist) {
		if secret, err = newKeyFile(path); err != nil {
			return nil, fmt.Errorf("make a key file in the data folder: %w; set DATA_DIR to a folder that this user may write to", err)
		}
		log.Warn("made a key file; set ENCRYPTION_KEY before real clients use this", slog.String("file", path))
	}
	if err != nil {
		return nil, fmt.Errorf("read key file: %w; set DATA_DIR to a folder that this user may read, or set ENCRYPTION_KEY", err)
	}
	return seal.NewKeyring(strings.TrimSpace(string(secret)))
}

// newKeyFile writes a fresh key that only its owner may read.
func newKeyFile(path string) ([]byte, error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	secret := []byte(base64.StdEncoding.EncodeToString(raw) + "\n")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- as above
	if err != nil {
		return nil, err
	}
	_, err = f.Write(secret)
	return secret, errors.Join(err, f.Sync(), f.Close())
}
