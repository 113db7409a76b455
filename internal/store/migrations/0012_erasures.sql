-- +goose Up
-- Whom we were asked to forget. A restored backup is made to forget them again,
-- and nothing that arrives later brings them back (docs/adr/0026).
CREATE TABLE erasures (
    hash TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the session id, hexadecimal
    at   INTEGER NOT NULL,             -- unix milliseconds
    by   TEXT    NOT NULL              -- client, admin:<user id>, operator
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE erasures;
