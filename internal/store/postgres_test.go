package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"applicreations.com/introspect/internal/event"
	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

// Both databases have the same tables, columns and indexes, whatever migrations
// made them.
func TestSchemasAreEqual(t *testing.T) {
	t.Parallel()
	lite, schema := storetest.SQLite(t, store.Config{}), storetest.Schema(t, "")
	pg := storetest.Postgres(t, store.Config{Path: schema})
	db, err := sql.Open("sqlite", lite.File())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want := make(map[string]string) // table.column: type and whether it may be empty
	rows, err := db.QueryContext(t.Context(), `SELECT m.name || '.' || c.name, c.type, c."notnull" FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{"TEXT": "text C", "INTEGER": "bigint", "BLOB": "bytea"}
	defer rows.Close()
	for rows.Next() {
		var name, kind string
		var full bool
		if err := rows.Scan(&name, &kind, &full); err != nil {
			t.Fatal(err)
		}
		want[name] = fmt.Sprintf("%s not null=%t", types[kind], full)
	}
	if err := rows.Err(); err != nil || len(want) < 100 {
		t.Fatalf("%d columns, %v", len(want), err)
	}
	got := make(map[string]string)
	conn := connect(t, schema)
	found, err := conn.Query(t.Context(), `SELECT table_name || '.' || column_name, data_type || coalesce(' ' || collation_name, ''), is_nullable = 'NO'
		FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT IN ('goose_db_version', 'write_turn', 'events')`)
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		var name, kind string
		var full bool
		if err := found.Scan(&name, &kind, &full); err != nil {
			t.Fatal(err)
		}
		got[name] = fmt.Sprintf("%s not null=%t", kind, full)
	}
	if found.Err() != nil {
		t.Fatal(found.Err())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns of Postgres (-SQLite +Postgres):\n%s", diff)
	}
	a, errA := lite.Indexes(t.Context())
	b, errB := pg.Indexes(t.Context())
	if err := errors.Join(errA, errB); err != nil || len(a) == 0 {
		t.Fatalf("%d indexes, %v", len(a), err)
	}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("indexes of Postgres (-SQLite +Postgres):\n%s", diff)
	}
}

// connect opens a connection that knows nothing of the store.
func connect(tb testing.TB, address string) *pgx.Conn {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close(context.WithoutCancel(tb.Context())) })
	return conn
}

// The view is for people who look at events with their own tools.
func TestEventsViewOnPostgres(t *testing.T) {
	t.Parallel()
	schema := storetest.Schema(t, "")
	s := storetest.Postgres(t, store.Config{Path: schema})
	e := event.New("visit", 1, storetest.Start(), event.LandingView{Source: "ads", Device: "phone"})
	if _, err := s.Record(t.Context(), storetest.Outside(e)); err != nil {
		t.Fatal(err)
	}
	var session, id, name, source string
	var at, outside, counted int64
	err := connect(t, schema).QueryRow(t.Context(), `SELECT session_id, id, name, at, outside, counted, properties ->> 'source' FROM events`).
		Scan(&session, &id, &name, &at, &outside, &counted, &source)
	if err != nil || session != "visit" || id != string(e.ID) || name != "landing_view" || at != e.At.UnixMicro() || outside != 1 || counted != 1 || source != "ads" {
		t.Errorf("events = %s %s %s %d %d %d %s, %v; want those of %+v", session, id, name, at, outside, counted, source, err, e)
	}
}

// line is a network between the store and its server that can fail.
type line struct {
	net.Listener
	server string

	mu    sync.Mutex
	conns []net.Conn
	mute  bool       // what the server says does not arrive
	down  bool       // nobody is let in
	life  func() int // how many answers pass until all connections break; nil: any number
	left  int        // how many of them are left
	cuts  int        // how often that happened
	ends  sync.WaitGroup
}

// through puts a line before the server of an address.
func through(t *testing.T, address string) (*line, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{Listener: ln, server: u.Host}
	if host := u.Query().Get("host"); strings.HasPrefix(host, "/") {
		l.server = filepath.Join(host, ".s.PGSQL."+u.Query().Get("port"))
	}
	l.ends.Go(l.serve)
	t.Cleanup(func() {
		_ = ln.Close()
		l.cut(true)
		l.ends.Wait()
	})
	q := u.Query()
	q.Del("host")
	q.Del("port")
	u.Host, u.RawQuery = ln.Addr().String(), q.Encode()
	return l, u.String()
}

func (l *line) serve() {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		network := "tcp"
		if strings.HasPrefix(l.server, "/") {
			network = "unix"
		}
		l.mu.Lock()
		server, err := net.Dial(network, l.server)
		if err != nil || l.down {
			if err == nil {
				_ = server.Close()
			}
			_ = client.Close()
			l.mu.Unlock()
			continue
		}
		l.conns = append(l.conns, client, server)
		l.mu.Unlock()
		l.ends.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
		l.ends.Go(func() { l.back(client, server) })
	}
}

// back carries the answers, unless the line is mute.
func (l *line) back(client, server net.Conn) {
	defer client.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if n > 0 && !l.swallows() {
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// swallows reports whether the next answer is lost, be it that the line is mute or
// that it breaks here.
func (l *line) swallows() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.life == nil {
		return l.mute
	}
	if l.left--; l.left > 0 {
		return false
	}
	l.left = l.life()
	l.cuts++
	l.breakAll()
	return true
}

// wear lets the connections break by themselves, each time after as many answers as
// life says. nil ends that.
func (l *line) wear(life func() int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.life = life
	if life != nil {
		l.left = life()
	}
}

// cut breaks all connections; down lets no new ones in.
func (l *line) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	l.breakAll()
}

func (l *line) breakAll() {
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

func (l *line) silence(mute bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute = mute
}

// A server that goes away costs errors while it is away, and nothing that was
// acknowledged; writes succeed by themselves when it is back.
func TestPostgresGoesAndComesBack(t *testing.T) {
	t.Parallel()
	schema := storetest.Schema(t, "")
	l, address := through(t, schema)
	s := storetest.Postgres(t, store.Config{Path: address})
	create(t, s, "s1")
	if err := s.SetSetting(t.Context(), "before", "kept"); err != nil {
		t.Fatal(err)
	}
	l.cut(true)
	for range 3 {
		err := s.SetSetting(t.Context(), "meanwhile", "x")
		if !errors.Is(err, store.ErrBusy) && !errors.Is(err, store.ErrUnknown) {
			t.Errorf("a write without a server err = %v, want ErrBusy or ErrUnknown", err)
		}
		if _, err := s.Setting(t.Context(), "before"); !errors.Is(err, store.ErrBusy) {
			t.Errorf("a reading without a server err = %v, want ErrBusy", err)
		}
	}
	if got := s.Troubles(); got.Server < 6 || got.Storage != 0 || got.Waits != 0 {
		t.Errorf("Troubles = %+v, want a connection that was refused for each of six tries, and nothing else", got)
	}
	l.cut(false)
	if err := s.SetSetting(t.Context(), "after", "kept"); err != nil {
		t.Errorf("the first write with the server back: %v", err)
	}
	for _, key := range []string{"before", "after"} {
		if got, err := s.Setting(t.Context(), key); err != nil || got != "kept" {
			t.Errorf("%s = %q, %v", key, got, err)
		}
	}
	if _, err := s.Setting(t.Context(), "meanwhile"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a refused write was kept: %v", err)
	}
	storetest.NoDrift(t, s)
}

// Connections break at any moment under load: what was acknowledged is there
// once, what was refused may be sent again. They break after a number of answers
// instead of a time, so that a slow machine gets on as well as a fast one.
func TestPostgresUnderBreakingConnections(t *testing.T) {
	t.Parallel()
	l, address := through(t, storetest.Schema(t, ""))
	s := storetest.Postgres(t, store.Config{Path: address})
	chance := rand.New(rand.NewPCG(1, 2))
	l.wear(func() int { return 1 + chance.IntN(200) })
	var refused, unknown atomic.Int64
	var wg sync.WaitGroup
	const writers, batches = 4, 60
	for writer := range writers {
		wg.Go(func() {
			for k := range batches {
				for {
					_, err := s.Record(t.Context(), storetest.Outside(batch("line", writer, k)...))
					if err == nil {
						break
					}
					switch {
					case errors.Is(err, store.ErrUnknown):
						unknown.Add(1)
					case errors.Is(err, store.ErrBusy):
						refused.Add(1)
					default:
						t.Errorf("Record err = %v, want ErrBusy or ErrUnknown", err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	l.wear(nil)
	var all []event.Event
	for writer := range writers {
		for k := range batches {
			all = append(all, batch("line", writer, k)...)
		}
	}
	storetest.Exact(t, s, all, time.UTC)
	t.Logf("%d cuts, %d writes refused, %d of unknown outcome", l.cuts, refused.Load(), unknown.Load())
	if l.cuts < 10 || refused.Load() == 0 {
		t.Errorf("the line was cut %d times and %d writes were refused, so little was tried", l.cuts, refused.Load())
	}
}

// A connection breaks at each answer of one write in turn, that of the commit
// included, whose outcome nobody knows then. Sent again, the events are there once.
func TestPostgresBreaksAtEachAnswer(t *testing.T) {
	t.Parallel()
	l, address := through(t, storetest.Schema(t, ""))
	s := storetest.Postgres(t, store.Config{Path: address})
	var all []event.Event
	unknown := 0
	for at := 1; ; at++ {
		evs := batch("each", 0, at)
		l.wear(func() int { return at })
		before := l.cuts
		_, err := s.Record(t.Context(), storetest.Outside(evs...))
		l.wear(nil)
		if errors.Is(err, store.ErrUnknown) {
			unknown++
		} else if err != nil && !errors.Is(err, store.ErrBusy) {
			t.Errorf("broken at answer %d: err = %v, want ErrBusy or ErrUnknown", at, err)
		}
		if err == nil && l.cuts == before {
			break
		}
		if _, err := s.Record(t.Context(), storetest.Outside(evs...)); err != nil {
			t.Fatalf("sent again after the break at answer %d: %v", at, err)
		}
		all = append(all, evs...)
	}
	all = append(all, batch("each", 0, len(all)/perBatch+1)...)
	storetest.Exact(t, s, all, time.UTC)
	if len(all)/perBatch < 10 || unknown == 0 {
		t.Errorf("%d breaks were tried, %d of them at a commit", len(all)/perBatch-1, unknown)
	}
	t.Logf("%d answers, %d of them of a commit", len(all)/perBatch-1, unknown)
}

// A server that hangs in the middle of a commit is given up, and the outcome is
// called unknown.
func TestPostgresHangs(t *testing.T) { //nolint:paralleltest // the patience is that of the whole process
	l, address := through(t, storetest.Schema(t, ""))
	s := storetest.Postgres(t, store.Config{Path: address})
	if err := s.SetSetting(t.Context(), "a", "1"); err != nil {
		t.Fatal(err)
	}
	patient := store.SetSilence(t, 200*time.Millisecond)
	l.silence(true)
	if err := s.SetSetting(t.Context(), "a", "2"); !errors.Is(err, store.ErrBusy) && !errors.Is(err, store.ErrUnknown) {
		t.Errorf("a write to a server that hangs err = %v, want ErrBusy or ErrUnknown", err)
	}
	l.silence(false)
	patient()
	if err := s.SetSetting(t.Context(), "a", "3"); err != nil {
		t.Errorf("the first write after that: %v", err)
	}
	if got, err := s.Setting(t.Context(), "a"); err != nil || got != "3" {
		t.Errorf("a = %q, %v", got, err)
	}
}

// A server that is about to migrate waits for another one that does, however long:
// what says nothing for good reasons is no server that hangs.
func TestPostgresWaitsForAMigration(t *testing.T) { //nolint:paralleltest // the patience is that of the whole process
	schema := storetest.Schema(t, "")
	other := connect(t, schema)
	const lock = `(hashtextextended(current_schema() || ' migrate', 0))`
	if _, err := other.Exec(t.Context(), `SELECT pg_advisory_lock`+lock); err != nil {
		t.Fatal(err)
	}
	const limit = 2 * time.Second
	patient := store.SetSilence(t, limit)
	opened := make(chan error, 1)
	go func() {
		s, err := store.Open(context.WithoutCancel(t.Context()), store.Config{Path: schema, Keys: storetest.Keys(t)})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	waiting := func() (pids string) {
		if err := other.QueryRow(t.Context(), `SELECT coalesce(string_agg(pid::text, ' ' ORDER BY pid), '') FROM pg_locks WHERE locktype = 'advisory'
			AND NOT granted AND (classid::bigint << 32 | objid::bigint) = `+lock).Scan(&pids); err != nil {
			t.Fatal(err)
		}
		return pids
	}
	first := ""
	for ; first == ""; first = waiting() {
		select {
		case err := <-opened:
			t.Fatalf("Open did not wait: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	select {
	case err := <-opened:
		t.Errorf("Open gave up while another server migrates: %v", err)
	case <-time.After(limit + time.Second):
	}
	if now := waiting(); now != first {
		t.Errorf("connections %s wait, want %s alone and no second attempt", now, first)
	}
	patient()
	if _, err := other.Exec(t.Context(), `SELECT pg_advisory_unlock`+lock); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Errorf("Open after the migration of another server: %v", err)
	}
}

// A statement that fails where nobody expects it takes its group with it:
// Postgres would answer the commit of such a transaction with a success.
func TestPostgresNeverCommitsHalfATransaction(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t, store.Config{})
	errs := make([]error, 2)
	block, begun := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // holds the writer up, so that the two others share a group
		_ = s.Do(t.Context(), func(func(string, ...any) error) error { close(begun); <-block; return errors.New("not kept") })
	})
	<-begun
	wg.Go(func() { errs[0] = s.SetSetting(t.Context(), "a", "1") })
	for s.Waiting() < 1 {
		time.Sleep(time.Millisecond) //nolint:forbidigo // it only lets the other go first
	}
	wg.Go(func() { errs[1] = s.Fail(t.Context()) })
	for s.Waiting() < 2 {
		time.Sleep(time.Millisecond) //nolint:forbidigo // as above
	}
	close(block)
	wg.Wait()
	_, err := s.Setting(t.Context(), "a")
	if errs[1] == nil || (errs[0] == nil) != (err == nil) {
		t.Errorf("the write said %v, the failing one %v, and reading it back %v", errs[0], errs[1], err)
	}
	if err := s.SetSetting(t.Context(), "a", "2"); err != nil {
		t.Errorf("the next write: %v", err)
	}
}

// What Postgres cannot keep in a text is replaced, and found again under the
// same name.
func TestPostgresTakesAnyText(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t, store.Config{})
	for _, text := range []string{"a\x00b", "a\xffb", "\u2028", "'; DROP TABLE settings; --", "$1", strings.Repeat("x", 1<<20)} {
		if err := s.SetSetting(t.Context(), "key "+text[:1], text); err != nil {
			t.Errorf("keep %.20q: %v", text, err)
		}
	}
	e := event.New("visit\x00one", 1, storetest.Start(), event.LandingView{Source: "a\x00b"})
	for _, want := range []string{store.ResultOK, store.ResultDuplicate} {
		v, err := s.Record(t.Context(), storetest.Outside(e))
		if err != nil || v[0].Result != want {
			t.Errorf("Record = %+v, %v, want %s", v, err, want)
		}
	}
}

// Of two servers on one database the second is told who the first one is.
func TestPostgresLock(t *testing.T) {
	t.Parallel()
	schema := storetest.Schema(t, "")
	l, address := through(t, schema)
	first, err := store.Acquire(t.Context(), address, "introspect serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var held *store.HeldError
	if _, err = store.Acquire(t.Context(), schema, "introspect restore", time.Now()); !errors.As(err, &held) {
		t.Fatalf("a second Acquire err = %v, want a HeldError", err)
	}
	if held.By.What != "introspect serve" || held.By.PID != os.Getpid() || time.Since(held.By.Since).Abs() > time.Hour {
		t.Errorf("the holder is called %+v", held.By)
	}
	if by, ok := store.HeldBy(t.Context(), schema); !ok || by.PID != os.Getpid() {
		t.Errorf("HeldBy = %+v, %t", by, ok)
	}
	other, err := store.Acquire(t.Context(), storetest.Schema(t, ""), "introspect serve", time.Now())
	if err != nil {
		t.Fatalf("Acquire in another schema: %v", err)
	}
	if err := errors.Join(other.Release(), first.Release()); err != nil {
		t.Fatal(err)
	}
	if by, ok := store.HeldBy(t.Context(), schema); ok {
		t.Errorf("after Release it is held by %+v", by)
	}

	// The connection breaks: the lock comes back unless somebody was faster.
	store.HurryLocks(t)
	third, err := store.Acquire(t.Context(), address, "introspect serve", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l.cut(true)
	fourth := storetest.Until(t, func() (*store.Lock, error) {
		return store.Acquire(t.Context(), schema, "introspect restore", time.Now())
	})
	l.cut(false)
	<-third.Lost()
	if err := errors.Join(third.Release(), fourth.Release()); err != nil {
		t.Fatal(err)
	}
}

// A snapshot of Postgres is a database file with the same content, and loading
// it gives the same database again.
func TestPostgresToFileAndBack(t *testing.T) {
	t.Parallel()
	schema := storetest.Schema(t, "")
	s := storetest.Postgres(t, store.Config{Path: schema})
	filled(t, s)
	want := rowsOf(t, schema)
	if len(want) < 10 {
		t.Fatalf("only %d tables hold anything", len(want))
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Snapshot(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	lite := storetest.SQLite(t, store.Config{Path: file})
	storetest.NoDrift(t, lite)
	if err := lite.CheckIntegrity(t.Context()); err != nil {
		t.Error(err)
	}
	a, errA := s.Counts(t.Context())
	b, errB := lite.Counts(t.Context())
	if a != b || errors.Join(errA, errB) != nil {
		t.Errorf("the copy counts %+v, %v; the original %+v, %v", b, errB, a, errA)
	}
	if err := lite.Close(); err != nil {
		t.Fatal(err)
	}
	again := storetest.Schema(t, "")
	for range 2 { // the second time over what is there
		if err := store.Load(t.Context(), again, file); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, rowsOf(t, again)); diff != "" {
			t.Fatalf("after loading (-want +got):\n%.2000s", diff)
		}
	}
	exported := filepath.Join(t.TempDir(), "exported.db")
	if err := store.Export(t.Context(), again, exported); err != nil {
		t.Fatal(err)
	}
	if err := store.Export(t.Context(), storetest.Schema(t, ""), exported+"2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Export of nothing err = %v, want ErrNotFound", err)
	}
	loaded := storetest.Postgres(t, store.Config{Path: again})
	storetest.NoDrift(t, loaded)
	rec, err := loaded.Session(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	if err := loaded.CommitTurn(t.Context(), rec, storetest.NextTurn(rec.Session, "on it goes", storetest.Start().Add(time.Hour))); err != nil {
		t.Errorf("a turn after loading: %v", err)
	}
}

// A server that goes on while its database is loaded notices: nothing that it
// remembered is written into what was loaded.
func TestLoadBesideAServer(t *testing.T) {
	t.Parallel()
	schema := storetest.Schema(t, "")
	s := storetest.Postgres(t, store.Config{Path: schema})
	file := filepath.Join(t.TempDir(), "copy.db")
	early := batch("load", 1, 0)
	if _, err := s.Record(t.Context(), storetest.Outside(early[:3]...)); err != nil {
		t.Fatal(err)
	}
	if err := s.Snapshot(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), storetest.Outside(early...)); err != nil {
		t.Fatal(err)
	}
	if err := store.Load(t.Context(), schema, file); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), storetest.Outside(early...)); err != nil {
		t.Fatal(err)
	}
	storetest.Exact(t, s, early, time.UTC)
}

// filled puts something into many tables.
func filled(t *testing.T, s *store.Store) {
	t.Helper()
	create(t, s, "s1")
	create(t, s, "s2")
	if _, err := s.Record(t.Context(), storetest.Outside(storetest.Stream(7, 30, storetest.Start())...)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		s.SetSetting(t.Context(), "k", "v"),
		s.Audit(t.Context(), store.AuditEntry{At: storetest.Start(), Actor: "system", Action: "tried"}),
		s.AddFaults(t.Context(), []store.Fault{{Day: 1, Kind: store.FaultError, What: "GET /", Count: 2}}),
		s.Erase(t.Context(), "s2", "operator"),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SaveDraft(t.Context(), store.Draft{Session: "s1", Action: "a1", Text: "half a sent", At: storetest.Start()}); err != nil {
		t.Fatal(err)
	}
}

// create stores a session.
func create(t *testing.T, s *store.Store, id event.SessionID) {
	t.Helper()
	sess := storetest.Session(id, storetest.Start())
	if err := s.CreateSession(t.Context(), sess, []byte("hash of "+id), storetest.FirstTurn(sess)); err != nil {
		t.Fatal(err)
	}
}

// rowsOf reads every row of every table of a schema, as texts.
func rowsOf(t *testing.T, address string) map[string][]string {
	t.Helper()
	conn := connect(t, address)
	names, err := conn.Query(t.Context(), `SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT IN ('goose_db_version', 'write_turn')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(names, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]string)
	for _, name := range tables {
		rows, err := conn.Query(t.Context(), `SELECT x::text FROM `+name+` x ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 {
			out[name] = list
		}
	}
	if len(out) == 0 {
		t.Fatalf("no rows in %v", slices.Sorted(maps.Keys(out)))
	}
	return out
}

// Databases that do not do are refused with a sentence that says what to do.
func TestPostgresRefusals(t *testing.T) {
	t.Parallel()
	schema := storetest.Schema(t, "")
	nowhere := strings.Replace(schema, "search_path=", "search_path=no_such_schema_", 1)
	for _, tt := range []struct{ name, address, want string }{
		{"no such schema", nowhere, "CREATE SCHEMA"},
		{"nobody of that name", strings.Replace(schema, "//introspect", "//no_such_user", 1), "correct user, password and database in DATABASE_URL"},
		{"no such database", strings.Replace(schema, "/postgres", "/no_such_database", 1), "correct user, password and database in DATABASE_URL"},
		{"nobody listens", "postgres://introspect:secretpassword@127.0.0.1:1/x", "the connection to Postgres is lost"},
		{"not an address", "postgres://introspect:secretpassword@[::1/x", "cannot be read"},
	} {
		_, err := store.Open(t.Context(), store.Config{Path: tt.address, Keys: storetest.Keys(t)})
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secretpassword") {
			t.Errorf("%s: err = %v, want one with %q and without the password", tt.name, err, tt.want)
		}
	}
	if _, err := store.Peek(t.Context(), schema); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Peek of an empty schema err = %v, want ErrNotFound", err)
	}
	s := storetest.Postgres(t, store.Config{Path: schema})
	if at, err := store.Peek(t.Context(), schema); err != nil || at == 0 {
		t.Errorf("Peek = %d, %v", at, err)
	}
	if strings.Contains(s.File(), "search_path") || !strings.HasPrefix(s.File(), "postgres://") {
		t.Errorf("it is called %s", s.File())
	}
}

// A pooler that gives each transaction another connection is refused: over it
// neither locks nor settings hold.
func TestPostgresRefusesAPoolerOfTransactions(t *testing.T) {
	t.Parallel()
	address := os.Getenv("INTROSPECT_TEST_POOLER")
	if address == "" && os.Getenv("INTROSPECT_NO_SKIP") == "1" {
		t.Fatal("INTROSPECT_TEST_POOLER names no pooler; scripts/test starts one")
	} else if address == "" {
		t.Skip("INTROSPECT_TEST_POOLER names no pooler")
	}
	_, err := store.Open(t.Context(), store.Config{Path: address, Keys: storetest.Keys(t)})
	if err == nil || !strings.Contains(err.Error(), "a pooler in transaction mode") {
		t.Errorf("Open through a pooler err = %v", err)
	}
}
