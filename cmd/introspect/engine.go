package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"applicreations.com/introspect/internal/bank"
	"applicreations.com/introspect/internal/catalog"
	"applicreations.com/introspect/internal/intake"
)

// The files of the configuration folder.
const (
	questionsFile = "questions.json"
	catalogFile   = "catalog.json"
)

// loadEngine makes the interviewer from the files of dir. A file that is not
// there, or all of them without dir, is replaced by the built-in one. The
// error names each file with mistakes and all of them by line.
func loadEngine(dir string, log *slog.Logger) (*catalog.Catalog, *intake.Engine, error) {
	if dir != "" {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, nil, fmt.Errorf("CONFIG_DIR is %q, which is no folder; set it to one that may hold %s and %s", dir, questionsFile, catalogFile)
		}
	}
	cat, catErr := own(dir, catalogFile, log, catalog.Parse, catalog.Default)
	questions, err := own(dir, questionsFile, log, bank.Parse, bank.Default)
	if err = errors.Join(err, catErr); err != nil {
		return nil, nil, err
	}
	engine, err := intake.NewEngine(cat, questions)
	return cat, engine, err
}

// own reads the agency's own file, or the built-in one when there is none.
func own[T any](dir, name string, log *slog.Logger, parse func([]byte) (*T, error), builtIn func() (*T, error)) (*T, error) {
	if dir == "" {
		return builtIn()
	}
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path) // #nosec G304 -- the operator names the folder
	if errors.Is(err, fs.ErrNotExist) {
		return builtIn()
	}
	if err != nil {
		return nil, fmt.Errorf("CONFIG_DIR: %w", err)
	}
	out, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s has mistakes:\n%w", path, err)
	}
	log.Info("read the agency's own file", slog.String("file", path))
	return out, nil
}
