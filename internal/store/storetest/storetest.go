// Package storetest opens stores for tests and holds the suite that every
// database of package store has to pass. A second dialect runs the same suite
// with its own Open, so the two cannot drift apart.
//
// It fakes nothing: New gives a real, empty, durable store, which opens in
// milliseconds. Start with New; Run is for package store itself.
package storetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"applicreations.com/introspect/internal/seal"
	"applicreations.com/introspect/internal/store"
)

// Secret is the encryption secret of New, and FormerSecret another one.
const (
	Secret       = "storetest secret, good for tests only"
	FormerSecret = "storetest secret of the year before"
)

// Keys makes a keyring, of Secret when no other secrets are given.
func Keys(tb testing.TB, secrets ...string) *seal.Keyring {
	tb.Helper()
	if len(secrets) == 0 {
		secrets = []string{Secret}
	}
	k, err := seal.NewKeyring(secrets...)
	if err != nil {
		tb.Fatalf("NewKeyring: %v", err)
	}
	return k
}

// New opens an empty store with a fixed key and the zone UTC in a directory of
// the test, and closes it when the test ends.
func New(tb testing.TB) *store.Store {
	tb.Helper()
	return Any(tb, store.Config{})
}

// DialectVariable is the environment variable that makes New and Any open stores
// on Postgres when it is "postgres": whole packages can be tested on either.
const DialectVariable = "INTROSPECT_TEST_DIALECT"

// Any opens a store as SQLite does, on the database that DialectVariable names.
func Any(tb testing.TB, cfg store.Config) *store.Store {
	tb.Helper()
	if os.Getenv(DialectVariable) == "postgres" {
		return Postgres(tb, cfg)
	}
	return SQLite(tb, cfg)
}

// SQLite opens a store on SQLite and closes it when the test ends. What the
// configuration leaves out is as in New; the store may be closed earlier.
func SQLite(tb testing.TB, cfg store.Config) *store.Store {
	tb.Helper()
	if cfg.Path == "" {
		cfg.Path = tb.TempDir()
	}
	return open(tb, cfg)
}

func open(tb testing.TB, cfg store.Config) *store.Store {
	tb.Helper()
	if cfg.Keys == nil {
		cfg.Keys = Keys(tb)
	}
	s, err := store.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("Close: %v", err)
		}
	})
	return s
}

// Open opens a store of one dialect, as SQLite does. The same Path means the
// same data; an empty one means new data.
type Open func(tb testing.TB, cfg store.Config) *store.Store

// suiteCase is one case of the suite.
type suiteCase struct {
	name string
	test func(t *testing.T, open Open)
}

// Run runs the suite on the stores that open makes.
func Run(t *testing.T, open Open) {
	t.Helper()
	recovery(t, open)
	cases := []suiteCase{
		{"a session comes back as it was stored", sessionRoundTrip},
		{"alerts are kept, with their notices, rules and people", alertSuite},
		{"an unknown session is not found and a known id is taken", sessionErrors},
		{"a turn needs the version that was read", turnConflict},
		{"a refused turn leaves nothing behind", turnAtomic},
		{"messages keep their order over turns", messagesInOrder},
		{"the token changes without disturbing a turn", tokenChanges},
		{"the list shows the newest sessions in pages", listPages},
		{"the list finds clients by what is sealed", listSearches},
		{"the figures of today follow every turn", figuresOfToday},
		{"turns of fifty sessions at once lose nothing", manyTurnsAtOnce},
		{"one version is taken once, whoever tries", oneWinnerPerVersion},

		{"each event gets its verdict", verdicts},
		{"server-only events count by who conducts the session", serverOnly},
		{"a batch may touch any number of sessions", manySessionsInOneBatch},
		{"what came before the session was conducted stops counting", disowned},
		{"an event is known by id, session and origin", idsPerOrigin},
		{"stored events come back as they were counted", eventsRoundTrip},
		{"sessions are active until they end or fall silent", activeSessions},

		{"the smallest skew corrects a session", smallestSkew},
		{"a clock that is no clock does little harm", absurdSkew},
		{"clocks may be learned in any order", clocksInAnyOrder},
		{"running numbers order what times cannot", runningNumbers},
		{"marked sessions count apart until the server conducts them", marksOfBots},
		{"so many names are taken and no more", boundedNames},
		{"a day keeps its salt until it is too old", dailySalts},

		{"rollups do not depend on order, batches or repeats", orderDoesNotMatter},
		{"concurrent senders of the same events count once", concurrentSenders},
		{"per-call metrics add up and survive a rebuild", perCallMetrics},
		{"another zone moves the days when the store opens", zoneMoves},
		{"days of 23 and 25 hours hold their sessions", daylightSaving},

		{"calls of the advisor add up and count nowhere", advisorCalls},
		{"the newest advice is cached", cachedAdvice},
		{"what a visitor said about analytics holds until they say otherwise", analyticsChoices},
		{"a database that is written anew holds what it held", settled},

		{"users are unique by address", users},
		{"tokens are found by hash until deleted", tokens},
		{"settings keep the last value", settings},
		{"the audit log grows and shows the newest first", auditLog},
		{"logins keep the contract of scs", adminSessions},

		{"a context that has ended writes nothing", endedContext},
		{"a closed store refuses", closedStore},
		{"former keys stay readable and can be retired", keyRotation},
		{"a new store is healthy", healthy},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open)
		})
	}
}

// Start is the moment at which samples begin, a Wednesday at noon UTC.
func Start() time.Time { return time.Date(2026, time.November, 18, 12, 0, 0, 0, time.UTC) }

// PostgresVariable names the environment variable with the address of a Postgres
// server on which tests may make schemas, and remove them again.
const PostgresVariable = "INTROSPECT_TEST_POSTGRES"

// Postgres opens a store on a schema of its own of the server that
// PostgresVariable names, and removes it when the test ends. A Path that an
// earlier call was given means the same data.
func Postgres(tb testing.TB, cfg store.Config) *store.Store {
	tb.Helper()
	if !strings.HasPrefix(cfg.Path, "postgres") {
		cfg.Path = Schema(tb, cfg.Path)
	}
	return open(tb, cfg)
}

// Schema makes an empty schema for a test, which stands for a folder, and
// returns its address. Without a server the test is skipped, which scripts/test
// with --strict does not let pass.
func Schema(tb testing.TB, folder string) string {
	tb.Helper()
	server := os.Getenv(PostgresVariable)
	if server == "" {
		tb.Skipf("%s names no Postgres server", PostgresVariable)
	}
	if folder == "" {
		folder = tb.TempDir()
	}
	name := fmt.Sprintf("t%x", sha256.Sum224([]byte(folder)))
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("%s: %v", PostgresVariable, err)
	}
	onServer(tb, server, `CREATE SCHEMA IF NOT EXISTS `+name)
	tb.Cleanup(func() { onServer(tb, server, `DROP SCHEMA IF EXISTS `+name+` CASCADE`) })
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// onServer runs a statement on a connection of its own.
func onServer(tb testing.TB, server, statement string) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context()) // a test cleans up after its context has ended
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		tb.Fatalf("connect to Postgres: %v", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is open on it
	if _, err := conn.Exec(ctx, statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// Until repeats what another process or goroutine brings about, until the test is
// over.
func Until[T any](tb testing.TB, try func() (T, error)) T {
	tb.Helper()
	for {
		out, err := try()
		if err == nil {
			return out
		}
		select {
		case <-tb.Context().Done():
			tb.Fatal(err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
