package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// minPostgres is the oldest Postgres that its makers still mend.
const minPostgres = 140000

// lockPatience is how long a write waits for that of another process, as
// busy_timeout in SQLite.
const lockPatience = 5 * time.Second

// connectWithin is how long a server may take to answer the first time.
const connectWithin = 5 * time.Second

// postgres is a Postgres database, which lives on a server of its own.
type postgres struct {
	config *pgx.ConnConfig
	// patient is config for statements that may rightly say nothing for long. A server
	// that is gone is noticed by the network.
	patient *pgx.ConnConfig
	who     string // this writer, to tell its own commits from those of others
}

// parsePostgres reads an address such as postgres://user:password@host/database.
func parsePostgres(address string) (*postgres, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the address of the database cannot be read: %w", err) // pgx leaves the password out
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > connectWithin {
		config.ConnectTimeout = connectWithin
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "introspect"
	}
	patient := config.Copy()
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &impatient{Conn: conn}, nil
	}
	return &postgres{config: config, patient: patient, who: uuid.NewString()}, nil
}

// String is the address without a password.
func (p *postgres) String() string {
	u := url.URL{Scheme: "postgres", User: url.User(p.config.User), Host: net.JoinHostPort(p.config.Host, strconv.Itoa(int(p.config.Port))), Path: "/" + p.config.Database}
	if strings.HasPrefix(p.config.Host, "/") { // a folder of sockets
		u.Host, u.RawQuery = "", "host="+p.config.Host
	}
	return u.String()
}

// connector makes connections that begin with some settings. A server that loses
// sight of us notices within half a minute, and frees what we held.
func (p *postgres) connector(settings ...string) driver.Connector {
	settings = append(settings, "tcp_keepalives_idle", "10", "tcp_keepalives_interval", "5", "tcp_keepalives_count", "3")
	var calls []string
	args := []any{pgx.QueryExecModeSimpleProtocol}
	for i := 0; i+1 < len(settings); i += 2 {
		calls = append(calls, fmt.Sprintf("set_config($%d, $%d, false)", i+1, i+2))
		args = append(args, settings[i], settings[i+1])
	}
	return stdlib.GetConnector(*p.config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SELECT "+strings.Join(calls, ", "), args...)
		return err
	}))
}

// pools: the writer waits until a commit is on the disk, whatever the server's
// default is. Readers see one state of the data within a transaction, as in
// SQLite, and cannot write.
func (p *postgres) pools(m *meter, scratch bool) (write, read *sql.DB, err error) {
	durable := "on"
	if scratch {
		durable = "off"
	}
	patience := strconv.FormatInt(lockPatience.Milliseconds(), 10)
	write = m.open(plain{p.connector("synchronous_commit", durable, "lock_timeout", patience), false})
	read = m.open(plain{p.connector("default_transaction_read_only", "on", "default_transaction_isolation", "repeatable read"), true})
	return write, read, nil
}

func (p *postgres) accept(ctx context.Context, db *sql.DB) error {
	if err := p.unpooled(ctx); err != nil {
		return err
	}
	var version int
	var name, encoding, schema string
	err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_version'),
		current_setting('server_encoding'), coalesce(current_schema(), '')`).Scan(&version, &name, &encoding, &schema)
	if err != nil {
		return fmt.Errorf("ask Postgres for its version: %w", err)
	}
	switch {
	case version < minPostgres:
		return fmt.Errorf("this is Postgres %s, which its makers no longer mend; Introspect needs %d or newer", name, minPostgres/10000)
	case encoding != "UTF8":
		return fmt.Errorf("the database is encoded in %s; Introspect needs one in UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", encoding)
	case schema == "":
		return errors.New("the schema that search_path names does not exist; create it first: CREATE SCHEMA …")
	}
	return nil
}

// errPooled is the refusal of a pooler that hands one connection of the server to
// several clients in turn.
var errPooled = errors.New("this address leads to a pooler in transaction mode, over which neither locks nor settings hold; use that of the database itself or of a pooler in session mode (often port 5432 instead of 6543)")

// unpooled refuses such a pooler. Of two connections to one, the later speaks for
// both.
func (p *postgres) unpooled(ctx context.Context) error {
	said := []string{"first", "second"}
	var got []byte
	var conns []*pgconn.PgConn
	for _, word := range said {
		conn, err := pgconn.ConnectConfig(ctx, &p.config.Config)
		if err != nil {
			return err
		}
		defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is open on it
		if _, err := conn.Exec(ctx, `SELECT set_config('introspect.session', '`+word+`', false)`).ReadAll(); err != nil {
			return err
		}
		conns = append(conns, conn)
	}
	res, err := conns[0].Exec(ctx, `SELECT current_setting('introspect.session', true)`).ReadAll()
	if err != nil {
		return err
	}
	if len(res) == 1 && len(res[0].Rows) == 1 {
		got = res[0].Rows[0][0]
	}
	if string(got) != said[0] {
		return errPooled
	}
	return nil
}

// migrate has connections of its own, because goose gives values as Postgres
// takes them. Of several processes one migrates, and the others wait for it.
func (p *postgres) migrate(ctx context.Context, _ *sql.DB, log *slog.Logger) (err error) {
	files, err := postgresMigrations()
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	db := sql.OpenDB(stdlib.GetConnector(*p.patient))
	defer func() { err = errors.Join(err, db.Close()) }()
	turn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer turn.Close() //nolint:errcheck // the lock goes with the connection
	if _, err := turn.ExecContext(ctx, `SELECT pg_advisory_lock(`+lockKey+`)`, "migrate"); err != nil {
		return err
	}
	defer turn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(`+lockKey+`)`, "migrate") //nolint:errcheck // as above
	return migrate(ctx, db, goose.DialectPostgres, files, log)
}

// lockKey is the number of a lock of this schema with a name.
const lockKey = `hashtextextended(current_schema() || ' ' || $1, 0)`

func (*postgres) begin() string { return "BEGIN" }

func (*postgres) text(param string) string { return param }
func (*postgres) textOf(b []byte) any      { return string(b) } // which its connection cleans

// foreign takes the turn to write, which one row stands for: whoever has it
// locked writes, and finds there who wrote before.
func (p *postgres) foreign(t *tx) (bool, error) {
	var who string
	if err := t.one(`SELECT who FROM write_turn FOR UPDATE`, nil, &who); err != nil {
		return false, fmt.Errorf("take the turn to write: %w", err)
	}
	if who == p.who {
		return false, nil
	}
	return true, t.run(`UPDATE write_turn SET who = $1`, p.who)
}

// followEvery is how often a server asks whether others wrote.
const followEvery = time.Second

// follow tells those who watch for commits of the events that other servers
// took, so that pages which update themselves do so behind any of them.
func (p *postgres) follow(ctx context.Context, s *Store) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	var known int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var who string
		var newest int64
		err := s.read.QueryRowContext(ctx, `SELECT w.who, coalesce((SELECT max(received_at) FROM event_chunks), 0) FROM write_turn w`).Scan(&who, &newest)
		if err == nil && newest > known {
			if known > 0 && who != p.who {
				s.w.watchers.tell()
			}
			known = newest
		}
	}
}

func (*postgres) mends() bool { return true }

func (*postgres) checkpoint() string { return "" }

// Classes and codes of SQLSTATE that decide something here.
const (
	stateNoDisk     = "53100"
	stateNoLock     = "55P03"
	stateReadOnly   = "25006"
	stateTwice      = "42P05" // a prepared statement of another client
	stateNowhere    = "26000" // ours is gone
	stateNoDatabase = "3D000"
	stateNoRight    = "42501"
	classLogin      = "28"
	classBroken     = "08" // connection
	classShutdown   = "57P"
	classNoRoom     = "53" // memory, connections
	classRepeat     = "40" // deadlock
)

// What to do when Postgres lets nobody in, or lets nothing be done.
var (
	errLogin = errors.New("this program is not let in by Postgres; correct user, password and database in DATABASE_URL, or make them")
	errRight = errors.New("the user of DATABASE_URL may not do this in Postgres; make it the owner of the database, or grant it all rights on its schema")
)

// explainPostgres adds what an error of Postgres means.
func explainPostgres(code string, err error) error {
	switch {
	case code == stateNoDisk:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case code == "XX001" || code == "XX002":
		return fmt.Errorf("%w; restore it from a backup: %w", ErrDamaged, err)
	case code == stateTwice || code == stateNowhere:
		return fmt.Errorf("%w: %w", errPooled, err)
	case code == stateNoDatabase, strings.HasPrefix(code, classLogin):
		return fmt.Errorf("%w: %w", errLogin, err)
	case code == stateNoRight:
		return fmt.Errorf("%w: %w", errRight, err)
	case code == stateNoLock:
		return fmt.Errorf("%w: another process is writing: %w", ErrBusy, err)
	case code == stateReadOnly, strings.HasPrefix(code, classBroken), strings.HasPrefix(code, classShutdown), strings.HasPrefix(code, classNoRoom), strings.HasPrefix(code, classRepeat):
		return fmt.Errorf("%w: Postgres cannot serve it now: %w", ErrBusy, err)
	}
	return err
}

// isLost reports whether an error means that a connection to Postgres is gone or
// could not be made.
func isLost(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return strings.HasPrefix(refused.Code, classBroken) || strings.HasPrefix(refused.Code, classShutdown)
	}
	var dial *pgconn.ConnectError
	var network net.Error
	var lost *lostError
	return errors.As(err, &lost) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.As(err, &dial) || errors.As(err, &network)
}

// isStatement reports whether Postgres refused a statement, which ends the
// transaction up to the last savepoint.
func isStatement(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused)
}

func (p *postgres) engine(ctx context.Context, s *Store) (Engine, error) {
	e := Engine{Name: "Postgres"}
	err := s.read.QueryRowContext(ctx, `SELECT current_setting('server_version'),
		(SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace),
		EXISTS (SELECT 1 FROM pg_stats WHERE schemaname = current_schema())`).Scan(&e.Version, &e.Bytes, &e.Analyzed)
	return e, err
}

func (*postgres) names(ctx context.Context, s *Store) ([]string, error) {
	return s.texts(ctx, `SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1`)
}

func (*postgres) indexes(ctx context.Context, s *Store) (all []Index, err error) {
	err = s.each(ctx, `SELECT i.relname::text, t.relname::text FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
		WHERE i.relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid)
		ORDER BY 1`, nil, func(r scanner) error {
		var i Index
		err := r.Scan(&i.Name, &i.Table)
		all = append(all, i)
		return err
	})
	return all, err
}

var (
	postgresScans = regexp.MustCompile(`Seq Scan on (\w+)`)
	postgresIndex = regexp.MustCompile(`(?:Index(?: Only)? Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)`)
)

// plan asks for the plan of any values, and forbids reading whole tables where
// there is another way: a small table is read whole for good reasons, which say
// nothing about the day when it is large.
func (p *postgres) plan(ctx context.Context, s *Store, query string, args int) (out Plan, err error) {
	tables, err := p.names(ctx, s)
	if err != nil {
		return Plan{}, err
	}
	view, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return Plan{}, err
	}
	defer view.Rollback() //nolint:errcheck // nothing was written
	// A name of its own: a statement that could not be explained stays with its connection.
	name := "looked_at_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	for _, set := range []string{"SET LOCAL enable_seqscan = off", "SET LOCAL plan_cache_mode = force_generic_plan", "PREPARE " + name + " AS " + query} {
		if _, err := view.ExecContext(ctx, set); err != nil {
			return Plan{}, err
		}
	}
	defer view.ExecContext(ctx, "DEALLOCATE "+name) //nolint:errcheck // fails when the explaining did
	out.SQL = query
	values := ""
	if args > 0 {
		values = "(NULL" + strings.Repeat(", NULL", args-1) + ")"
	}
	err = each(ctx, view, "EXPLAIN EXECUTE "+name+values, nil, func(r scanner) error {
		var step string
		err := r.Scan(&step)
		out.Steps = append(out.Steps, strings.TrimSpace(step))
		if m := postgresScans.FindStringSubmatch(step); m != nil && slices.Contains(tables, m[1]) && !slices.Contains(out.Scans, m[1]) {
			out.Scans = append(out.Scans, m[1])
		}
		if m := postgresIndex.FindStringSubmatch(step); m != nil && !strings.HasSuffix(m[1], "_pkey") && !slices.Contains(out.Indexes, m[1]) {
			out.Indexes = append(out.Indexes, m[1])
		}
		return err
	})
	return out, err
}

func (*postgres) analyze(t *tx) error { return t.run(`ANALYZE`) }

// integrity asks what Postgres noticed by itself, with checksums where they are
// on. Every row is read by the snapshot that follows.
func (*postgres) integrity(ctx context.Context, s *Store) error {
	found, err := s.texts(ctx, `SELECT 'index ' || i.relname || ' of ' || t.relname || ' is not valid' FROM pg_index x
			JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
			WHERE NOT x.indisvalid AND i.relnamespace = current_schema()::regnamespace
		UNION ALL SELECT 'Postgres counted ' || checksum_failures || ' damaged pages' FROM pg_stat_database
			WHERE datname = current_database() AND checksum_failures > 0`)
	if err != nil {
		return err
	}
	return damage(found)
}

func (p *postgres) size(ctx context.Context, s *Store) (int64, error) {
	e, err := p.engine(ctx, s)
	return e.Bytes, err
}

// giveBack has nothing to do: autovacuum uses the room again.
func (*postgres) giveBack(context.Context, *Store) error { return nil }

// scrub takes the deleted rows out of their pages. What the write-ahead log and
// its archive still hold goes with their age (docs/adr/0033).
func (p *postgres) scrub(ctx context.Context, s *Store) error { return p.vacuum(ctx, s, "VACUUM ") }

// settle writes every table and its indexes into new files.
func (p *postgres) settle(ctx context.Context, s *Store) error {
	return p.vacuum(ctx, s, "VACUUM (FULL) ")
}

// vacuum runs a kind of VACUUM on each table, outside of transactions.
func (p *postgres) vacuum(ctx context.Context, s *Store, kind string) error {
	conn, err := pgx.ConnectConfig(ctx, p.patient)
	if err != nil {
		return explain(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is open on it
	names, err := p.names(ctx, s)
	for _, name := range names {
		if err == nil {
			_, err = conn.Exec(ctx, kind+pgx.Identifier{name}.Sanitize())
		}
	}
	return explain(err)
}

// peekPostgres reads at which migration a Postgres database is.
func peekPostgres(ctx context.Context, address string) (schema int64, err error) {
	p, err := parsePostgres(address)
	if err != nil {
		return 0, err
	}
	conn, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", p, explain(err))
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is open on it
	var there bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'goose_db_version')`).Scan(&there)
	if err == nil && !there {
		err = ErrNotFound
	}
	if err == nil {
		err = conn.QueryRow(ctx, schemaVersion).Scan(&schema)
	}
	if err != nil {
		return 0, fmt.Errorf("look at %s: %w", p, explain(err))
	}
	return schema, nil
}
