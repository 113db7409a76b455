-- +goose Up
-- Chunks are rows of a kilobyte and more. In a tree that is ordered by its key a
-- cell may take a quarter of a page; the rest of a longer one fills a page of its
-- own, so that two thirds of the file were empty. A table with row ids takes
-- whole rows, and new ones go to its end.
DROP VIEW events;
DROP INDEX event_chunks_received;
ALTER TABLE event_chunks RENAME TO event_chunks_old;
CREATE TABLE event_chunks (
    session_id  TEXT    NOT NULL,
    n           INTEGER NOT NULL, -- from 1, growing
    received_at INTEGER NOT NULL, -- unix microseconds, the same for all
    events      TEXT    NOT NULL,
    PRIMARY KEY (session_id, n)
) STRICT;
INSERT INTO event_chunks (session_id, n, received_at, events)
SELECT session_id, n, received_at, events FROM event_chunks_old ORDER BY received_at;
DROP TABLE event_chunks_old;
CREATE INDEX event_chunks_received ON event_chunks (received_at, session_id, n);

CREATE VIEW events AS
SELECT c.session_id, e.value ->> 2 AS id, e.value ->> 3 AS name, e.value ->> 1 AS at, c.received_at,
    (e.value ->> 0) & 1 AS outside, ((e.value ->> 0) & 2) / 2 AS counted, ((e.value ->> 0) & 4) / 4 AS clocked,
    e.value -> 4 AS properties, coalesce(e.value ->> 5, 0) AS seq, coalesce(e.value ->> 6, '') AS user_id,
    coalesce(e.value ->> 7, '') AS bot
FROM event_chunks c, json_each(c.events) e;

-- +goose Down
DROP VIEW events;
DROP INDEX event_chunks_received;
ALTER TABLE event_chunks RENAME TO event_chunks_new;
CREATE TABLE event_chunks (
    session_id  TEXT    NOT NULL,
    n           INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    events      TEXT    NOT NULL,
    PRIMARY KEY (session_id, n)
) STRICT, WITHOUT ROWID;
INSERT INTO event_chunks (session_id, n, received_at, events)
SELECT session_id, n, received_at, events FROM event_chunks_new;
DROP TABLE event_chunks_new;
CREATE INDEX event_chunks_received ON event_chunks (received_at, session_id, n);
CREATE VIEW events AS
SELECT c.session_id, e.value ->> 2 AS id, e.value ->> 3 AS name, e.value ->> 1 AS at, c.received_at,
    (e.value ->> 0) & 1 AS outside, ((e.value ->> 0) & 2) / 2 AS counted, ((e.value ->> 0) & 4) / 4 AS clocked,
    e.value -> 4 AS properties, coalesce(e.value ->> 5, 0) AS seq, coalesce(e.value ->> 6, '') AS user_id,
    coalesce(e.value ->> 7, '') AS bot
FROM event_chunks c, json_each(c.events) e;
