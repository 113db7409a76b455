package ingest

import (
	"bytes"
	"context"
)

// Batch takes one plain request body; see Take.
func (s *Service) Batch(ctx context.Context, body []byte, contentType string) (Report, error) {
	return s.Take(ctx, Request{Body: bytes.NewReader(body), Length: int64(len(body)), ContentType: contentType})
}
