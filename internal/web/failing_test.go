package web_test

import (
	"context"

	"applicreations.com/introspect/internal/ingest"
	"applicreations.com/introspect/internal/store"
)

// failing is a recorder that refuses everything, as a store under load does.
type failing struct{ err error }

func (f failing) Record(context.Context, []store.Incoming) ([]store.Verdict, error) {
	return nil, f.err
}

func failingIngest(err error) *ingest.Service { return ingest.New(ingest.Config{Store: failing{err}}) }

func (f failing) Salt(context.Context, string, string, []byte) ([]byte, error) { return nil, f.err }
