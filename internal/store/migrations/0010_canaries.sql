-- +goose Up
-- Interviews that introspect smoke held to try a deployment. They are kept
-- like others until they are removed, but nothing counts them (docs/adr/0023).
CREATE TABLE canaries (
    session_id TEXT    NOT NULL PRIMARY KEY,
    at         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE canaries;
