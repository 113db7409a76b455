package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate applies the migrations that are missing. One that fails is undone as a
// whole, and the ones before it stay. A database that is newer than this program
// is refused: writing into tables one does not know loses data silently.
func migrate(ctx context.Context, db *sql.DB, kind goose.Dialect, files fs.FS, log *slog.Logger) error {
	p, err := goose.NewProvider(kind, db, files, goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read migration version: %w", err)
	}
	if have > want {
		return fmt.Errorf("the database is at migration %d, this program knows %d: use the newer Introspect that wrote it", have, want)
	}
	if have == want {
		return nil
	}
	for from := have; ; {
		_, err := p.Up(ctx)
		if err == nil {
			break
		}
		// Another process may have applied the same migration first. Then the
		// database has moved on, and the rest is tried again.
		now, _, readErr := p.GetVersions(ctx)
		if readErr != nil || now <= from {
			return fmt.Errorf("migrate from %d to %d: %w; nothing of the migration that failed was kept, so the Introspect that ran before can go on with this database", from, want, err)
		}
		if from = now; from >= want {
			break
		}
	}
	log.InfoContext(ctx, "database migrated", "from", have, "to", want)
	return nil
}

// latestMigration is the number of the newest embedded migration.
func latestMigration() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("list migrations: found %d, %w", len(names), err)
	}
	last := strings.TrimPrefix(names[len(names)-1], "migrations/") // Glob sorts
	number, _, _ := strings.Cut(last, "_")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("number of migration %s: %w", last, err)
	}
	return n, nil
}
