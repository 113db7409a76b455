-- +goose Up
-- seq is the sender's running number within the session, 0 without one. The
-- time of a clocked event is that of its sender's clock; the session's skew is
-- added whenever it is read (docs/adr/0012). bot holds the reasons why the
-- sender looked automated, joined by commas.
ALTER TABLE events ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN clocked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN bot TEXT NOT NULL DEFAULT '';

-- The skew of a session is the smallest difference, in microseconds, between
-- the arrival of a request and its sender's clock; moved counts how often a
-- smaller one came.
CREATE TABLE clocks (
    session_id TEXT    NOT NULL PRIMARY KEY,
    skew       INTEGER NOT NULL,
    moved      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The names of outside events that are not ours, of which a bounded number is
-- taken.
CREATE TABLE event_names (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE event_names;
DROP TABLE clocks;
ALTER TABLE events DROP COLUMN bot;
ALTER TABLE events DROP COLUMN clocked;
ALTER TABLE events DROP COLUMN seq;
