package store

import (
	"archive/zip"
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"path"
	"regexp"
)

// The tables of Postgres begin with those that SQLite had after so many
// migrations. Later ones are written once, for SQLite, and translated, unless
// the folder postgres holds one of the same name.
const postgresBegin = "0015_initial.sql"

//go:embed migrations/postgres/*.sql
var postgresFiles embed.FS

// translations turn the types of SQLite into those of Postgres. Texts compare by
// their bytes, as they do in SQLite, whatever the language of the server.
var translations = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`\)\s*STRICT(?:,\s*WITHOUT ROWID)?\s*;`), ");"},
	{regexp.MustCompile(`\bINTEGER\b`), "BIGINT"},
	{regexp.MustCompile(`\bBLOB\b`), "BYTEA"},
	{regexp.MustCompile(`\bTEXT\b`), `TEXT COLLATE "C"`},
}

// postgresMigrations are the migrations in the words of Postgres. An archive in
// memory is the file system that the standard library offers for them.
func postgresMigrations() (fs.FS, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, name := range append([]string{postgresBegin}, names...) {
		name = path.Base(name)
		if name[:4] <= postgresBegin[:4] && name != postgresBegin {
			continue
		}
		text, err := postgresMigration(name)
		if err != nil {
			return nil, err
		}
		f, err := w.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
}

// postgresMigration is one of them.
func postgresMigration(name string) ([]byte, error) {
	text, err := postgresFiles.ReadFile("migrations/postgres/" + name)
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	if text, err = migrations.ReadFile("migrations/" + name); err != nil {
		return nil, err
	}
	for _, t := range translations {
		text = t.from.ReplaceAll(text, []byte(t.to))
	}
	return text, nil
}
