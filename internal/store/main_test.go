package store_test

import (
	"os"
	"testing"

	"github.com/alexedwards/scs/v2"
	"go.uber.org/goleak"

	"applicreations.com/introspect/internal/store"
	"applicreations.com/introspect/internal/store/storetest"
)

var _ scs.CtxStore = (*store.AdminSessions)(nil)

// TestMain turns the test binary into the victim of TestKill or the holder
// of a lock when it is started that way, and otherwise checks that no goroutine outlives its store.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == victimArg {
		runVictim(os.Args[2], os.Args[3])
		return
	}
	if len(os.Args) == 4 && os.Args[1] == holderArg {
		runHolder(os.Args[2])
		return
	}
	if len(os.Args) == 4 && os.Args[1] == migratorArg {
		runMigrator(os.Args[2])
		return
	}
	goleak.VerifyTestMain(m)
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.SQLite)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Postgres)
}
