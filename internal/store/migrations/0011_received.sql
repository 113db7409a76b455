-- +goose Up
-- Who passes events on reads them in the order of their arrival. The index only
-- grows at its end, so it costs a commit next to nothing.
CREATE INDEX event_chunks_received ON event_chunks (received_at, session_id, n);

-- +goose Down
DROP INDEX event_chunks_received;
