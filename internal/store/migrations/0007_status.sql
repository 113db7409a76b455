-- +goose Up
-- Health over time, and what visitors are told of it. Times are unix
-- milliseconds, buckets are those of the rollups.
CREATE TABLE probes (
    component TEXT    NOT NULL,
    tier      TEXT    NOT NULL, -- quarter, day
    bucket    INTEGER NOT NULL,
    good      INTEGER NOT NULL,
    bad       INTEGER NOT NULL,
    PRIMARY KEY (component, tier, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE incidents (
    id           TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
    title        TEXT    NOT NULL,
    body         TEXT    NOT NULL, -- what the draft says, for people of the agency
    cause        TEXT    NOT NULL, -- what drafted it, such as an alert; empty: a person
    impact       TEXT    NOT NULL, -- none, minor, major, critical
    components   TEXT    NOT NULL, -- JSON array
    created_at   INTEGER NOT NULL,
    published_at INTEGER NOT NULL, -- 0: a draft
    resolved_at  INTEGER NOT NULL, -- 0: open
    discarded_at INTEGER NOT NULL, -- 0: not; a published incident never is
    postmortem   TEXT    NOT NULL,
    mark         TEXT    NOT NULL  -- its annotation
) STRICT, WITHOUT ROWID;

CREATE INDEX incidents_open ON incidents (resolved_at, discarded_at);

CREATE TABLE incident_updates (
    incident_id TEXT    NOT NULL,
    id          TEXT    NOT NULL, -- UUIDv7
    at          INTEGER NOT NULL,
    phase       TEXT    NOT NULL, -- investigating, identified, monitoring, resolved
    text        TEXT    NOT NULL,
    PRIMARY KEY (incident_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE maintenances (
    id           TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
    title        TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    components   TEXT    NOT NULL, -- JSON array
    emergency    INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    starts_at    INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    cancelled_at INTEGER NOT NULL, -- 0: not
    mark         TEXT    NOT NULL  -- its annotation
) STRICT, WITHOUT ROWID;

CREATE INDEX maintenances_end ON maintenances (ends_at);

-- What an operator looks for every morning: our own faults by route, and who was
-- refused for asking too often by a hash of the network, which changes daily.
CREATE TABLE faults (
    day   INTEGER NOT NULL,
    kind  TEXT    NOT NULL, -- error, limit
    what  TEXT    NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (day, kind, what)
) STRICT, WITHOUT ROWID;

-- Counts by status, and who has been silent, without reading whole sessions.
CREATE INDEX sessions_status ON sessions (status, last_activity);

-- +goose Down
DROP INDEX sessions_status;
DROP TABLE faults;
DROP TABLE maintenances;
DROP TABLE incident_updates;
DROP TABLE incidents;
DROP TABLE probes;
