package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"applicreations.com/introspect/internal/doctor"
	"applicreations.com/introspect/internal/health"
	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// exitCode ends the program with a code of its own; what happened was told.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Exit codes of introspect doctor, beside 0 for all well, 1 for a doctor that
// could not look and 2 for wrong usage.
const (
	exitFailed  exitCode = 3 // something failed
	exitWarning exitCode = 4 // with --strict: something is to be looked at
)

type doctorFlags struct {
	json, refresh, strict bool
	keyCopy               string
}

// doctorCommand examines this installation: doctor [--json] [--strict]
// [--refresh] [--key-copy FILE].
func doctorCommand(ctx context.Context, env environment, args []string) error {
	var d doctorFlags
	cfg, rest, err := load(env, "doctor", args, func(f *flag.FlagSet) {
		f.BoolVar(&d.json, "json", false, "one JSON object instead of text")
		f.BoolVar(&d.strict, "strict", false, "end with 4 when something is to be looked at")
		f.BoolVar(&d.refresh, "refresh", false, "make the statistics of the database again first")
		f.StringVar(&d.keyCopy, "key-copy", "", "file with the copy of ENCRYPTION_KEY that is kept elsewhere; it is compared")
	})
	if errors.Is(err, flag.ErrHelp) || errors.Is(err, errUsage) {
		return err
	}
	if len(rest) > 0 {
		fmt.Fprintln(env.err, "usage: introspect doctor [--json] [--strict] [--refresh] [--key-copy FILE]")
		return errUsage
	}
	e := &examination{env: env, cfg: cfg, flags: d, log: slog.New(slog.DiscardHandler)}
	e.report.At, e.report.Version = time.Now(), version
	e.settings(err)
	if err == nil {
		if err := e.database(ctx); err != nil {
			return err
		}
	}
	e.files()
	return e.tell()
}

// examination is one run of the doctor.
type examination struct {
	env    environment
	cfg    config
	flags  doctorFlags
	log    *slog.Logger
	report doctor.Report
}

func (e *examination) add(area, name string, grade health.Grade, detail, remedy string) {
	e.report.Add(doctor.Finding{Area: area, Name: name, Grade: grade, Detail: detail, Remedy: remedy})
}

// settings judges what load said, and the files that the settings name.
func (e *examination) settings(loading error) {
	const area = "settings"
	if loading != nil {
		for line := range strings.Lines(loading.Error()) {
			e.add(area, "settings", health.Fail, strings.TrimSpace(line), "Set it as the line says; docs/config.md explains every setting. The rest is looked at afterwards.")
		}
		return
	}
	e.add(area, "settings", health.Pass, fmt.Sprintf("All settings can be read; this is %s with data in %s.", e.cfg.environment, e.cfg.dataDir), "")
	if _, _, err := loadEngine(e.cfg.configDir, e.log); err != nil {
		e.add(area, "questions", health.Fail, err.Error(), "Mend the file in CONFIG_DIR: the server does not start with it.")
	}
	if _, err := e.cfg.readRules(); err != nil {
		e.add(area, "alert_rules", health.Fail, err.Error(), "Mend the file of ALERT_RULES: the server does not start with it.")
	}
	missing := func(set bool, name, detail, remedy string) {
		if !set && e.cfg.production() {
			e.add(area, name, health.Warn, detail, remedy)
		}
	}
	missing(e.cfg.appURL != "", "app_url", "APP_URL is not set, so links in mails follow the address of the request.", "Set APP_URL to the public address.")
	missing(e.cfg.resendKey != "" || e.cfg.smtpURL != "", "mail", "Neither RESEND_API_KEY nor SMTP_URL is set: mails, also those of alerts, are only kept.", "Set one of them.")
	missing(e.cfg.contacts.onCall != "", "on_call", "CONTACT_ON_CALL is not set, so the runbook names nobody to call first.", "Set CONTACT_ON_CALL to a name and how to reach them.")
}

// keys opens the keyring and judges where the key is kept. It makes no key.
func (e *examination) keys() *seal.Keyring {
	k := doctor.Key{Production: e.cfg.production(), Near: []string{e.cfg.dataDir}}
	if dir := e.backupDir(); dir != "" {
		k.Near = append(k.Near, dir)
	}
	if len(e.cfg.secrets) > 0 {
		k.Secret = e.cfg.secrets[0]
	} else if !e.cfg.production() {
		k.File = filepath.Join(e.cfg.dataDir, "encryption.key")
		data, err := os.ReadFile(k.File)
		if err != nil {
			e.add("key", "key", health.Warn, "There is no key yet; development makes one at the first start.", "Set ENCRYPTION_KEY before real clients come: openssl rand -base64 32")
			return nil
		}
		k.Secret = strings.TrimSpace(string(data))
	}
	ring, err := e.cfg.keyring(e.log)
	if err != nil {
		e.add("key", "key", health.Fail, err.Error(), "Bring back the key that was in use; without it no personal data can be read.")
		return nil
	}
	k.Fingerprint = ring.ID()
	if e.flags.keyCopy != "" {
		k.Copy = fingerprintOf(e.flags.keyCopy)
	}
	e.report.Add(doctor.Escrow(k)...)
	return ring
}

// fingerprintOf is the fingerprint of the key in a file, or why there is none.
func fingerprintOf(path string) string {
	data, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
	if err != nil {
		return "(none: " + err.Error() + ")"
	}
	ring, err := seal.NewKeyring(strings.TrimSpace(string(data)))
	if err != nil {
		return "(none: " + err.Error() + ")"
	}
	return ring.ID()
}

// database looks at the database, when this program may open it: another one
// could be upgraded by opening, which no look may do.
func (e *examination) database(ctx context.Context) error {
	ring := e.keys()
	file := e.cfg.database()
	at, err := store.Peek(ctx, file)
	want, errSchema := store.Schema()
	switch {
	case errSchema != nil:
		return errSchema
	case errors.Is(err, store.ErrNotFound):
		e.add("database", "database_file", health.Warn, "There is no database at "+store.Name(file)+" yet.", "Start the server once, or set DATA_DIR or DATABASE_URL to where the data are.")
		return nil
	case err != nil:
		e.add("database", "database_file", health.Fail, err.Error(), e.unreadable(err))
		return nil
	case at < want:
		e.add("database", "schema", health.Warn, fmt.Sprintf("The database is at migration %d, this program knows %d.", at, want), "The next start of this program migrates it; make a backup before: introspect backup create")
		return nil
	case at > want:
		e.add("database", "schema", health.Fail, fmt.Sprintf("The database is at migration %d, this program knows only %d.", at, want), "Use the newer Introspect that wrote it.")
		return nil
	case ring == nil:
		return nil
	}
	return e.opened(ctx, ring)
}

// unreadable is what to do about a database that cannot be looked at. Only a
// damaged one is to be replaced: whoever restored because the way to a database
// was barred would lose everything since the backup.
func (e *examination) unreadable(err error) string {
	switch {
	case errors.Is(err, store.ErrDamaged):
		return "Stop the server and restore the newest backup: introspect restore --in-place --confirm " + e.cfg.confirmed()
	case e.cfg.databaseURL != "":
		return "See that Postgres runs (pg_isready) and that DATABASE_URL names it with the right user, password and database. Restore nothing because of this: nobody has seen the data."
	case errors.Is(err, store.ErrBusy):
		return "Another program holds the file; try again when it is done. Restore nothing because of this."
	}
	return "Do what the sentence says, as the user of the server and with its settings. Restore nothing because of this: nobody has seen that the data are damaged."
}

// opened looks at what needs the open database.
func (e *examination) opened(ctx context.Context, ring *seal.Keyring) error {
	st, err := store.Open(ctx, store.Config{Path: e.cfg.database(), Keys: ring, Zone: e.cfg.zone, Log: e.log, Look: true})
	if err != nil {
		e.add("database", "database_file", health.Fail, err.Error(), e.unreadable(err))
		return nil
	}
	e.cfg.zone = st.Zone()
	a := &app{cfg: e.cfg, log: e.log, store: st, closers: []func() error{st.Close}}
	defer a.close()
	if e.flags.refresh {
		if err := st.RefreshStatistics(ctx); err != nil {
			return err
		}
	}
	if err := e.integrity(ctx, st); err != nil {
		return err
	}
	if err := e.checks(ctx, a, ring); err != nil {
		return err
	}
	measured, err := savedStatements(ctx, st)
	if err != nil {
		return err
	}
	return e.report.Statements(ctx, st, measured)
}

func (e *examination) integrity(ctx context.Context, st *store.Store) error {
	const area = "database"
	engine, err := st.Engine(ctx)
	if err != nil {
		return err
	}
	e.add(area, "database_version", health.Pass, fmt.Sprintf("%s %s, migration %d, %.1f MB, %.1f MB of them free inside.", engine.Name, engine.Version, engine.Schema, float64(engine.Bytes)/1e6, float64(engine.Free)/1e6), "")
	if err := st.CheckIntegrity(ctx); err != nil {
		e.add(area, "integrity", health.Fail, err.Error(), "Stop the server and restore the newest backup: introspect restore --in-place --confirm "+e.cfg.confirmed())
		return nil
	}
	sound := "Every page, index and reference fits."
	if engine.Name == "Postgres" { // it is asked what it found, and reads every row for each backup
		sound = "Postgres has noticed no damage."
	}
	e.add(area, "integrity", health.Pass, sound, "")
	e.add(area, "program", health.Pass, fmt.Sprintf("Introspect %s, commit %s, %s.", version, cmp.Or(e.cfg.commit, "unknown"), runtime.Version()), "")
	holder := "No server runs on this database."
	if by, held := store.HeldBy(ctx, e.cfg.database()); held {
		holder = fmt.Sprintf("%s runs on it, process %d on %s since %s.", by.What, by.PID, by.Host, by.Since.UTC().Format(time.RFC3339))
	}
	e.add(area, "server", health.Pass, holder, "")
	return nil
}

// checks makes the checks of the server from here.
func (e *examination) checks(ctx context.Context, a *app, ring *seal.Keyring) error {
	checker, err := a.examiner(ring, e.newestBackup)
	if err != nil {
		return err
	}
	for _, f := range doctor.Health(checker.Examine(ctx)) {
		if f.Name == "rollup_drift" {
			continue // the server audits; this process has audited nothing
		}
		if f.Name == "backup" && f.Grade == health.Fail && !e.cfg.production() {
			f.Grade = health.Warn // nobody's data are lost
		}
		e.report.Add(f)
	}
	if !strings.HasPrefix(e.cfg.appURL, "https://") {
		e.add("certificate", "certificate", health.Pass, "APP_URL is no https address, so there is no certificate to look at.", "")
	}
	if e.cfg.appURL == "" {
		e.add("clock", "clock", health.Pass, "APP_URL is not set, so there is no clock to compare with.", "")
	}
	return nil
}

// newestBackup is when the newest good backup was made.
func (e *examination) newestBackup(ctx context.Context) (health.Backup, error) {
	k, err := newKeeper(e.env, e.cfg, nil)
	if err != nil {
		return health.Backup{}, err
	}
	all, err := k.List(ctx)
	for _, b := range all { // the newest first
		if b.Err == nil {
			return health.Backup{At: b.At}, err
		}
	}
	return health.Backup{}, err
}

// backupDir is the folder of backups; empty when they go to a bucket.
func (e *examination) backupDir() string {
	if strings.TrimSpace(e.env.get("BACKUP_S3_BUCKET")) != "" {
		return ""
	}
	return cmp.Or(strings.TrimSpace(e.env.get("BACKUP_DIR")), filepath.Join(e.cfg.dataDir, "backups"))
}

// files judges permissions.
func (e *examination) files() {
	e.report.Add(doctor.Files("The data folder "+e.cfg.dataDir, e.cfg.dataDir)...)
	dir := e.backupDir()
	if inside, err := filepath.Rel(e.cfg.dataDir, dir); dir != "" && (err != nil || strings.HasPrefix(inside, "..")) {
		e.report.Add(doctor.Files("The folder of backups "+dir, dir)...)
	} else if dir != "" && e.cfg.production() {
		e.add("backup", "backup_place", health.Warn, "Backups lie in the data folder, so they are lost with its disk.", "Set BACKUP_DIR to another disk, or BACKUP_S3_BUCKET.")
	}
}

// tell prints the report and ends with its code.
func (e *examination) tell() error {
	if e.flags.json {
		out := json.NewEncoder(e.env.out)
		out.SetIndent("", "  ")
		if err := out.Encode(e.report); err != nil {
			return err
		}
	} else if err := e.report.Print(e.env.out); err != nil {
		return err
	}
	switch worst := e.report.Worst(); {
	case worst == health.Fail:
		return exitFailed
	case worst == health.Warn && e.flags.strict:
		return exitWarning
	}
	return nil
}

// How often a server writes down what its statements took, and the setting that
// holds it.
const (
	statementsSetting = "statement_times"
	statementsEvery   = 10 * time.Minute
)

// savedStatements is what the server wrote down last; nothing is no error.
func savedStatements(ctx context.Context, st *store.Store) (m doctor.Measured, err error) {
	text, err := st.Setting(ctx, statementsSetting)
	if errors.Is(err, store.ErrNotFound) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &m)
	}
	return m, err
}

// keepStatements writes down what the statements took: soon after the start,
// now and then, and at the end.
func (a *app) keepStatements(ctx context.Context) {
	began := time.Now()
	for wait := time.Minute; ; wait = statementsEvery {
		ended := false
		select {
		case <-ctx.Done():
			ended = true
		case <-time.After(wait):
		}
		m := doctor.Measured{Since: began, Until: time.Now(), Statements: a.store.Statements()}
		text, err := json.Marshal(m)
		if err == nil {
			err = a.store.SetSetting(context.WithoutCancel(ctx), statementsSetting, string(text))
		}
		if err != nil {
			a.log.WarnContext(ctx, "the times of statements were not written down for introspect doctor", "error", err)
		}
		if ended {
			return
		}
	}
}
