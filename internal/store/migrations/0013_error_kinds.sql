-- +goose Up
-- The kinds of our own errors that were ever seen, so that a new one is noticed.
-- One that did not come for ninety days is forgotten, and is new again when it
-- comes back. Times are unix milliseconds.
CREATE TABLE error_kinds (
    hash     TEXT    NOT NULL PRIMARY KEY, -- of the route, the kind and the error without its figures
    what     TEXT    NOT NULL,             -- for people, without personal data
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    count    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX error_kinds_first ON error_kinds (first_at);

-- +goose Down
DROP TABLE error_kinds;
