-- +goose Up
-- The events of a session that one commit brought are one row, in the order of
-- their arrival (docs/adr/0017). Each is a JSON array, see the view: bits (1
-- outside, 2 counted, 4 clocked), microseconds, id, name, properties, and where
-- one of them says something running number, user id and reasons for looking
-- automated.
CREATE TABLE event_chunks (
    session_id  TEXT    NOT NULL,
    n           INTEGER NOT NULL, -- from 1, growing
    received_at INTEGER NOT NULL, -- unix microseconds, the same for all
    events      TEXT    NOT NULL,
    PRIMARY KEY (session_id, n)
) STRICT, WITHOUT ROWID;

INSERT INTO event_chunks (session_id, n, received_at, events)
SELECT session_id, row_number() OVER (PARTITION BY session_id ORDER BY received_at), received_at,
    json_group_array(json_array(outside + 2 * counted + 4 * clocked, at, id, name,
        CASE WHEN json_valid(properties) THEN json(properties) ELSE properties END, seq, user_id, bot))
FROM events GROUP BY session_id, received_at;

DROP TABLE events;

-- One tree instead of a table and an index over its key.
ALTER TABLE session_facts RENAME TO session_facts_old;
DROP INDEX session_facts_last_seen;
CREATE TABLE session_facts (
    session_id TEXT    NOT NULL PRIMARY KEY,
    entry      INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    started    INTEGER NOT NULL,
    completed  INTEGER NOT NULL,
    external   INTEGER NOT NULL, -- not conducted by this server
    state      BLOB    NOT NULL,
    pruned     INTEGER NOT NULL DEFAULT 0 -- its events were deleted by age, and the facts stay as they were
) STRICT, WITHOUT ROWID;
INSERT INTO session_facts (session_id, entry, last_seen, started, completed, external, state) SELECT session_id, entry, last_seen, started, completed, external, state FROM session_facts_old;
DROP TABLE session_facts_old;
CREATE INDEX session_facts_last_seen ON session_facts (last_seen);

-- For people and their queries; the program reads the chunks.
CREATE VIEW events AS
SELECT c.session_id, e.value ->> 2 AS id, e.value ->> 3 AS name, e.value ->> 1 AS at, c.received_at,
    (e.value ->> 0) & 1 AS outside, ((e.value ->> 0) & 2) / 2 AS counted, ((e.value ->> 0) & 4) / 4 AS clocked,
    e.value -> 4 AS properties, coalesce(e.value ->> 5, 0) AS seq, coalesce(e.value ->> 6, '') AS user_id,
    coalesce(e.value ->> 7, '') AS bot
FROM event_chunks c, json_each(c.events) e;

-- +goose Down
ALTER TABLE event_chunks RENAME TO event_chunks_old;
DROP VIEW events;
CREATE TABLE events (
    session_id  TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    outside     INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    counted     INTEGER NOT NULL,
    user_id     TEXT    NOT NULL,
    properties  TEXT    NOT NULL,
    seq         INTEGER NOT NULL DEFAULT 0,
    clocked     INTEGER NOT NULL DEFAULT 0,
    bot         TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (session_id, id, outside)
) STRICT, WITHOUT ROWID;

INSERT INTO events (session_id, id, outside, name, at, received_at, counted, user_id, properties, seq, clocked, bot)
SELECT c.session_id, e.value ->> 2, (e.value ->> 0) & 1, e.value ->> 3, e.value ->> 1, c.received_at,
    ((e.value ->> 0) & 2) / 2, coalesce(e.value ->> 6, ''), e.value ->> 4, coalesce(e.value ->> 5, 0),
    ((e.value ->> 0) & 4) / 4, coalesce(e.value ->> 7, '')
FROM event_chunks_old c, json_each(c.events) e;

DROP TABLE event_chunks_old;
