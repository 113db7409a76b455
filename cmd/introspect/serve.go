package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"applicreations.com/introspect/internal/account"
	"applicreations.com/introspect/internal/advisor"
	"applicreations.com/introspect/internal/backup"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/claude"
	"applicreations.com/introspect/internal/forward"
	"applicreations.com/introspect/internal/gauge"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/intake"
	"applicreations.com/introspect/internal/interview"
	"applicreations.com/introspect/internal/job"
	"applicreations.com/introspect/internal/privacy"
	"applicreations.com/introspect/internal/redis"
	"applicreations.com/introspect/internal/resend"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/sentry"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/telemetry"
	"applicreations.com/introspect/internal/veil"
	"applicreations.com/introspect/internal/watch"
	"applicreations.com/introspect/internal/web"
)

// flushEvery is how often observed request latencies reach the database; a
// crash loses at most this much of them.
const flushEvery = 10 * time.Second

// app is everything that runs, wired together.
type app struct {
	cfg      config
	log      *slog.Logger
	store    *store.Store
	account  *account.Service
	health   *health.Checker
	requests traffic
	faults   func() []store.Fault                    // since the last call
	keep     func(context.Context, <-chan time.Time) // the copy of the status page
	pulse    gauge.Requests
	signs    signs
	watch    *watch.Service
	handler  http.Handler
	jobs     *job.Runner
	keeper   *backup.Keeper // nil: no backups, as in a demo
	redis    *redis.Client  // nil: one machine needs none
	advisor  *advisor.Service
	talk     *interview.Service
	privacy  *privacy.Service
	sentry   *sentry.Client    // nil: off
	traces   *telemetry.Tracer // nil: off
	forward  *forward.Service
	local    atomic.Pointer[string] // address of the listener

	leading     atomic.Bool // this server does the work of which one at a time is enough
	stopStreams func()
	closers     []func() error
}

// serve starts the product and runs until ctx ends; then it answers what is in
// flight and closes the database.
func serve(ctx context.Context, env environment, args []string) error {
	cfg, _, err := load(env, "serve", args)
	if err != nil {
		return err
	}
	log := logger(cfg, env)
	cat, engine, err := loadEngine(cfg.configDir, log) // before anything is written
	if err != nil {
		return err
	}
	keys, err := cfg.keyring(log)
	if err != nil {
		return err
	}
	release, err := hold(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer release()
	synced, following, err := follow(ctx, env, cfg, keys, log)
	if err != nil {
		return err
	}
	defer following()
	cfg.synced = synced
	cfg.keeps = func(st *store.Store) (*backup.Keeper, error) { return newKeeper(env, cfg, st) }
	a, err := construct(ctx, cfg, log, keys, cat, engine)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.compareSettings(ctx, keys); err != nil {
		log.WarnContext(ctx, "the settings are not compared with those of the deployment", "error", err)
	}
	a.recallBackups(ctx)
	return a.listen(ctx, env)
}

// hold takes the lock of the database before anything of it is opened: a second
// server must not migrate below the first one, nor write into its replica, nor
// open what a restore is replacing. It is given back last.
func hold(ctx context.Context, cfg config, log *slog.Logger) (release func(), err error) {
	if cfg.databaseURL != "" {
		return func() {}, nil // several servers share one; they agree on who leads
	}
	file := cfg.databasePath()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil { // #nosec G703 -- the operator names the folder
		return nil, fmt.Errorf("make data directory: %w; set DATA_DIR to a folder that this user may write to", err)
	}
	lock, err := store.Acquire(ctx, file, "introspect serve", time.Now())
	if err != nil {
		return nil, unwritable(err)
	}
	if err := errors.Join(backup.ClearInterrupted(file), store.RescueLog(ctx, file, log)); err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	return func() { _ = lock.Release() }, nil // it goes with the process anyway
}

// unwritable adds what to do about a data folder that takes no file.
func unwritable(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return fmt.Errorf("%w; set DATA_DIR to a folder that this user may write to, or make that disk writable", err)
	}
	return err
}

// heapGrowth is by how many percent the heap of a server grows before it is
// collected, unless GOGC says otherwise: ingest becomes 4 % faster by it and
// takes 15 MB more under full load (docs/performance.md). It holds once the
// program has started, whose memory would otherwise stay.
const heapGrowth = 140

// listen serves on the configured address until ctx ends.
func (a *app) listen(ctx context.Context, env environment) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(a.cfg.host, a.cfg.port))
	if err != nil {
		if !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, syscall.EACCES) {
			return fmt.Errorf("listen: %w; HOST is %q: set it to an address of this machine, or leave it out for all", err, a.cfg.host)
		}
		return fmt.Errorf("listen on port %s: %w; choose another one with PORT or --port", a.cfg.port, err)
	}
	if err := a.announce(ctx, env, ln.Addr()); err != nil {
		_ = ln.Close()
		return err
	}
	if env.get("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	return a.run(ctx, ln)
}

func logger(cfg config, env environment) *slog.Logger {
	opts := &slog.HandlerOptions{Level: cfg.logLevel}
	if cfg.logText {
		return slog.New(veil.New(slog.NewTextHandler(env.err, opts)))
	}
	return slog.New(veil.New(slog.NewJSONHandler(env.err, opts)))
}

// assemble is construct with what the configuration names.
func assemble(ctx context.Context, cfg config, log *slog.Logger) (*app, error) {
	cat, engine, err := loadEngine(cfg.configDir, log)
	if err != nil {
		return nil, err
	}
	keys, err := cfg.keyring(log)
	if err != nil {
		return nil, err
	}
	return construct(ctx, cfg, log, keys, cat, engine)
}

// construct opens the store and builds every service over it.
func construct(ctx context.Context, cfg config, log *slog.Logger, keys *seal.Keyring, cat *catalog.Catalog, engine *intake.Engine) (*app, error) {
	st, err := store.Open(ctx, store.Config{Path: cfg.database(), Keys: keys, Zone: cfg.zone, Log: log, Queue: cfg.limits.queue, HotMB: cfg.limits.hot})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", unopened(cfg, err))
	}
	a := &app{cfg: cfg, log: log, store: st, closers: []func() error{st.Close}}
	err = a.reach()
	if err == nil {
		err = a.openOutside(ctx)
	}
	if err == nil {
		err = a.wire(keys, cat, engine)
	}
	if err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// reach opens what lies outside and other parts stand on.
func (a *app) reach() (err error) {
	if a.cfg.keeps != nil {
		if a.keeper, err = a.cfg.keeps(a.store); err != nil {
			return err
		}
	}
	if a.cfg.redisURL != "" {
		if a.redis, err = redis.Open(a.cfg.redisURL); err != nil {
			return fmt.Errorf("REDIS_URL: %w", err)
		}
		a.closers = append(a.closers, a.redis.Close)
	}
	return nil
}

func (a *app) wire(keys *seal.Keyring, cat *catalog.Catalog, engine *intake.Engine) error {
	deliveries, err := a.deliveries(keys, cat, engine)
	if err != nil {
		return err
	}
	a.newSigns()
	a.health = a.checks(keys)
	if a.watch, err = a.watcher(keys); err != nil {
		return err
	}
	a.jobs = a.runner(workKinds(deliveries, a.watch))
	if a.advisor, err = a.advise(engine); err != nil {
		return err
	}
	c := interview.Config{
		Store: a.store, Engine: engine, Agency: a.agencies().Scope, Finished: deliveries.Finished, Abandoned: deliveries.Abandoned,
		Remind: deliveries.Remind, Link: deliveries.Link, SoftDeadline: a.cfg.advisor.soft,
	}
	if a.advisor.HasModel() {
		c.Advisor = a.advisor
	}
	a.talk = interview.New(c)
	a.privacy = privacy.New(privacy.Config{Store: a.store, Erased: a.noteErasures, Forget: a.talk.Forget})
	a.account = account.New(account.Config{Store: a.store, BootstrapToken: a.cfg.adminToken})
	shown := a.exposition()
	limits := a.cfg.limits
	srv, err := web.New(web.Config{
		Ingest: ingest.New(ingest.Config{Store: a.store, MaxPending: limits.memory << 20}),
		Limits: web.Limits{BatchPerMinute: limits.address, NetworkPerMinute: limits.network, SessionPerMinute: limits.session},
		Agency: a.cfg.agency, Interview: a.talk, Deliver: deliveries, Account: a.account, Health: a.health, Watch: a.watch, Backups: a.keeper,
		Store: a.store, Catalog: cat, Engine: engine, Keys: keys, Observe: a.observe, Collect: a.cfg.collect,
		Production: a.cfg.production(), AppURL: a.cfg.appURL, TrustedProxy: a.cfg.trusted, Version: version, Zone: a.cfg.zone, Log: a.log, Contacts: a.cfg.contactList(),
		Banner: a.cfg.banner, MailEvent: a.mailEvents(), Metrics: shown, MetricsToken: a.cfg.status.metricsToken, Seen: shown.Request, Taken: a.taken(shown),
		Called: a.called, Failed: a.failed,
		StatusExport: a.cfg.status.statusExport, Report: a.report(), Trace: a.trace(), Outgoing: a.outgoing, Analytics: a.cfg.outside.analytics(),
		AskAnalytics: a.cfg.outside.consent == consentAsk, Privacy: a.privacy, Keep: a.cfg.keep,
		Advisor: a.advisor.HasModel(), AskFirst: a.cfg.advisor.ask, Desk: a.advisor,
	})
	if err != nil {
		return err
	}
	a.handler, a.stopStreams, a.faults, a.keep = srv.Handler(), srv.Stop, srv.TakeFaults, srv.KeepStatus
	return nil
}

// checks makes the checks of a server.
func (a *app) checks(keys *seal.Keyring) *health.Checker {
	c := a.peers(keys)
	c.Heartbeat = a.evaluated
	if a.keeper != nil {
		c.Backup = func(context.Context) (health.Backup, error) { return backupState(a.keeper.Status()), nil }
		c.Drill = func(context.Context) (health.Drill, error) { return drillState(a.keeper.Status().Drill), nil }
	}
	return health.New(c)
}

// examiner makes the checks of a command that looks from outside.
func (a *app) examiner(keys *seal.Keyring, backups func(context.Context) (health.Backup, error)) (*health.Checker, error) {
	if err := a.reach(); err != nil {
		return nil, err
	}
	c := a.peers(keys)
	c.Backup = backups
	c.Drill = func(ctx context.Context) (health.Drill, error) {
		d, err := backup.LastDrill(ctx, a.store)
		return drillState(d), err
	}
	return health.New(c), nil
}

// peers picks the peers that are configured.
func (a *app) peers(keys *seal.Keyring) health.Config {
	c := health.Config{
		Store: a.store, Version: version, Commit: a.cfg.commit, Environment: a.cfg.environment, Zone: a.cfg.zone, DataDir: a.cfg.dataDir, AppURL: strings.TrimRight(a.cfg.appURL, "/"), Keys: keys,
	}
	if a.cfg.claudeKey != "" {
		c.Claude = a.answering(claude.Client{BaseURL: a.cfg.claudeURL, Key: a.cfg.claudeKey}.Check)
	}
	if a.cfg.resendKey != "" {
		c.Email = resend.Client{BaseURL: a.cfg.resendURL, Key: a.cfg.resendKey}.Check
	}
	if a.redis != nil {
		c.Redis = a.redis.Check
	}
	return c
}

// announce prints where the product is, and on the very first start the link
// that creates the first admin.
func (a *app) announce(ctx context.Context, env environment, addr net.Addr) error {
	_, port, _ := net.SplitHostPort(addr.String())
	local := "http://localhost:" + port
	a.local.Store(&local)
	base := a.address()
	fmt.Fprintf(env.out, "Introspect %s is running.\n  Intake:     %s/\n  Dashboard:  %s/admin/dashboard\n", version, base, base)
	token, needed, err := a.account.SetupLink(ctx)
	if err != nil {
		return fmt.Errorf("prepare the first admin: %w", err)
	}
	if needed {
		fmt.Fprintf(env.out, "\nNobody owns this installation yet. Open this link once to create the first admin:\n  %s/admin/setup?token=%s\n", base, token)
	}
	return nil
}

// run serves until ctx ends or the listener fails, then drains.
func (a *app) run(ctx context.Context, ln net.Listener) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var wg sync.WaitGroup
	if a.cfg.databaseURL != "" {
		a.log.InfoContext(ctx, "work that was interrupted goes on when its leases end, because another server may be doing it")
	} else if err := a.store.RecoverJobs(ctx); err != nil {
		a.log.WarnContext(ctx, "work that was interrupted goes on when its leases end", "error", err)
	}
	wg.Go(func() { a.health.Run(background) })
	wg.Go(func() { a.jobs.Run(background) })
	wg.Go(func() { a.flushRequests(background) })
	wg.Go(func() { a.advisor.Run(background) })
	wg.Go(func() { a.keep(background, nil) })
	wg.Go(func() { a.lead(background) })
	if err := a.store.NoteRelease(ctx, store.Release{Version: version, Commit: a.cfg.commit, At: time.Now().UTC()}); err != nil {
		a.log.WarnContext(ctx, "the deployment is not marked on the dashboard", "error", err)
	}
	srv := &http.Server{
		Handler: a.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	srv.RegisterOnShutdown(a.stopStreams)
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		a.log.InfoContext(ctx, "stopping: answering what is in flight")
		a.health.Drain()
		limit, cancel := context.WithTimeout(background, a.cfg.shutdown)
		err = srv.Shutdown(limit)
		cancel()
	}
	a.talk.Close() // before the advisor writes down its last calls
	stop()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// pruneDaily deletes what is older than it is to be kept, soon after the start
// and then once a day.
func (a *app) pruneDaily(ctx context.Context) {
	for wait := time.Minute; ; wait = 24 * time.Hour {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		a.signs.work.Did(taskPrune, time.Now())
		a.prune(ctx, time.Now())
	}
}

// prune is the work of one day. What it deleted of people is noted in the audit
// log (DOMAIN 8.9).
func (a *app) prune(ctx context.Context, now time.Time) {
	if a.cfg.keepEvents > 0 {
		n, err := a.store.Prune(ctx, now.Add(-a.cfg.keepEvents))
		if err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "old events were not deleted; they will be tomorrow", "error", err)
		} else if n > 0 {
			a.log.InfoContext(ctx, "events of old sessions deleted; their figures stay", "sessions", n)
		}
	}
	if n, err := a.talk.RemoveCanary(ctx, ""); err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "what smoke tests left behind was not removed; it will be tomorrow", "error", err)
	} else if n > 0 {
		a.log.InfoContext(ctx, "interviews of smoke tests that were cut off are removed", "interviews", n)
	}
	gone, err := a.store.Expire(ctx, a.cfg.keep)
	if gone.Any() {
		a.log.InfoContext(ctx, "old personal data deleted; its figures stay", "deleted", gone.String())
		err = errors.Join(err, a.store.Audit(ctx, store.AuditEntry{At: now, Actor: "system", Action: "retention_run", Object: gone.String()}))
	}
	if err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "old personal data was not deleted; it will be tomorrow", "error", err)
	}
}

// flushRequests moves observed latencies into the rollups, and once more at
// the end.
func (a *app) flushRequests(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.flush(ctx)
		case <-ctx.Done():
			a.flush(context.WithoutCancel(ctx))
			return
		}
	}
}

func (a *app) flush(ctx context.Context) {
	a.signs.work.Did(taskFlush, time.Now())
	if err := a.store.AddFaults(ctx, a.faults()); err != nil {
		a.log.ErrorContext(ctx, "errors by route were not counted", slog.Any("error", err))
	}
	d := a.requests.Delta(time.Now())
	if len(d) == 0 {
		return
	}
	if err := a.store.AddRollups(ctx, d); err != nil {
		a.log.ErrorContext(ctx, "request latencies were not kept", slog.Any("error", err))
	}
}

// close releases what assemble opened, last first.
func (a *app) close() {
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i](); err != nil {
			a.log.Error("close", slog.Any("error", err))
		}
	}
}
