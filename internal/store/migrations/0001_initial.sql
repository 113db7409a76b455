-- +goose Up
-- Times are integers: unix milliseconds, except in events and session_facts,
-- where they are unix microseconds because order inside a session matters.
-- Columns called person, state, text and data are sealed (package seal).

CREATE TABLE sessions (
    id                        TEXT    NOT NULL PRIMARY KEY,
    status                    TEXT    NOT NULL,
    version                   INTEGER NOT NULL,
    created_at                INTEGER NOT NULL,
    updated_at                INTEGER NOT NULL,
    last_activity             INTEGER NOT NULL,
    question_count            INTEGER NOT NULL,
    business_model            TEXT,
    business_model_confidence INTEGER,
    features_selected         TEXT    NOT NULL, -- JSON array of feature ids
    package                   TEXT    NOT NULL,
    total_cents               INTEGER NOT NULL,
    website_type              TEXT    NOT NULL,
    percent                   INTEGER NOT NULL,
    token_hash                BLOB    NOT NULL,
    person                    BLOB    NOT NULL,
    state                     BLOB    NOT NULL
) STRICT;

CREATE INDEX sessions_created ON sessions (created_at, id);

CREATE TABLE messages (
    session_id  TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    n           INTEGER NOT NULL,
    role        TEXT    NOT NULL,
    question_id TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    text        BLOB    NOT NULL,
    PRIMARY KEY (session_id, n)
) STRICT, WITHOUT ROWID;

-- An event is known by its id within its session and origin. The origin is
-- part of it because ids of our own events can be computed by anybody who knows
-- the session and must not be taken by an outside event; the session comes
-- first so that one tree serves dedupe, timelines and refolding, and the
-- sessions of the moment share few pages.
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
    PRIMARY KEY (session_id, id, outside)
) STRICT, WITHOUT ROWID;

CREATE TABLE session_facts (
    session_id TEXT    NOT NULL PRIMARY KEY,
    entry      INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    started    INTEGER NOT NULL,
    completed  INTEGER NOT NULL,
    external   INTEGER NOT NULL, -- not conducted by this server
    state      BLOB    NOT NULL
) STRICT;

CREATE INDEX session_facts_last_seen ON session_facts (last_seen);

-- The bucket comes before the dimension, so that one range of days is one
-- stretch of the tree and today's rows share their pages.
CREATE TABLE rollups (
    tier      INTEGER NOT NULL,
    metric    TEXT    NOT NULL,
    bucket    INTEGER NOT NULL,
    dimension TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    vector    BLOB    NOT NULL,
    PRIMARY KEY (tier, metric, bucket, dimension, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    hash       BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE admin_sessions (
    token  TEXT    NOT NULL PRIMARY KEY,
    data   BLOB    NOT NULL,
    expiry INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id     TEXT    NOT NULL PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    action TEXT    NOT NULL,
    object TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_at ON audit (at);

-- +goose Down
DROP TABLE audit;
DROP TABLE settings;
DROP TABLE admin_sessions;
DROP TABLE tokens;
DROP TABLE users;
DROP TABLE rollups;
DROP TABLE session_facts;
DROP TABLE events;
DROP TABLE messages;
DROP TABLE sessions;
