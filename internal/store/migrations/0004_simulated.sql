-- +goose Up
-- Visits that introspect simulate made, so that one command can take them out
-- again without a trace (docs/adr/0016).
CREATE TABLE simulated (
    session_id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE simulated;
