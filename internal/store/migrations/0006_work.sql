-- +goose Up
-- Durable work. Times are unix milliseconds. A job that runs holds a lease; when
-- that ends before the job does, another worker takes it (docs/adr/0018).
CREATE TABLE jobs (
    id           TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
    kind         TEXT    NOT NULL,
    key          TEXT,                         -- what it is about: there is no second job of a key
    session_id   TEXT    NOT NULL,             -- empty for work of no session
    payload      BLOB    NOT NULL,             -- sealed JSON
    state        TEXT    NOT NULL,             -- waiting, running, done, dead
    stage        TEXT    NOT NULL,             -- how far it is, for people
    attempts     INTEGER NOT NULL,
    interrupted  INTEGER NOT NULL DEFAULT 0,   -- how often the process died with it
    due_at       INTEGER NOT NULL,             -- of a running job: the end of its lease
    lease        TEXT    NOT NULL,
    error        TEXT    NOT NULL,             -- of the last attempt, without personal data
    result       BLOB    NOT NULL,             -- sealed, what came of it
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL;
CREATE INDEX jobs_due ON jobs (state, due_at);
CREATE INDEX jobs_session ON jobs (session_id, id);

-- The newest document of each kind.
CREATE TABLE documents (
    session_id TEXT    NOT NULL,
    kind       TEXT    NOT NULL, -- scope, proposal
    name       TEXT    NOT NULL, -- of the file
    media_type TEXT    NOT NULL,
    snapshot   TEXT    NOT NULL, -- of the session that it was made of
    score      INTEGER NOT NULL, -- completeness, 0-100
    created_at INTEGER NOT NULL,
    data       BLOB    NOT NULL, -- sealed
    PRIMARY KEY (session_id, kind)
) STRICT, WITHOUT ROWID;

-- Who may have the documents (DOMAIN 7.4).
CREATE TABLE deliveries (
    session_id TEXT    NOT NULL PRIMARY KEY,
    state      TEXT    NOT NULL, -- held, released, sent
    score      INTEGER NOT NULL,
    reasons    TEXT    NOT NULL, -- JSON array: why a person should look
    critical   INTEGER NOT NULL,
    decided_by TEXT    NOT NULL, -- user id of who released it
    decided_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every mail, from the moment it is wanted.
CREATE TABLE mails (
    id          TEXT    NOT NULL PRIMARY KEY, -- of the job that sends it
    session_id  TEXT    NOT NULL,
    kind        TEXT    NOT NULL, -- team, client, magic_link, reminder, accepted, question, notice
    state       TEXT    NOT NULL, -- pending, sent, delivered, bounced, complained, failed
    provider    TEXT    NOT NULL, -- resend, smtp, outbox
    provider_id TEXT    NOT NULL,
    error       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    message     BLOB    NOT NULL -- sealed, empty until it was composed
) STRICT, WITHOUT ROWID;

CREATE INDEX mails_session ON mails (session_id, id);
CREATE INDEX mails_provider ON mails (provider_id) WHERE provider_id <> '';

-- What clients did with their proposals.
CREATE TABLE decisions (
    id         TEXT    NOT NULL PRIMARY KEY,
    session_id TEXT    NOT NULL,
    kind       TEXT    NOT NULL, -- accepted, question
    at         INTEGER NOT NULL,
    text       BLOB    NOT NULL  -- sealed
) STRICT, WITHOUT ROWID;

CREATE INDEX decisions_session ON decisions (session_id, id);

-- Addresses of others that are told what happens.
CREATE TABLE webhooks (
    id         TEXT    NOT NULL PRIMARY KEY,
    url        TEXT    NOT NULL,
    events     TEXT    NOT NULL, -- JSON array of event types; empty: all
    active     INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    secret     BLOB    NOT NULL  -- sealed
) STRICT, WITHOUT ROWID;

-- Links that bring a client back. One at a time per session (DOMAIN 8.4).
CREATE TABLE magic_links (
    session_id TEXT    NOT NULL PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions by their client's address, without telling it: an HMAC of it.
CREATE TABLE session_addresses (
    session_id TEXT NOT NULL PRIMARY KEY,
    address    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_addresses_address ON session_addresses (address);

-- Text that a client typed and has not sent yet.
CREATE TABLE drafts (
    session_id TEXT    NOT NULL PRIMARY KEY,
    action_id  TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    text       BLOB    NOT NULL -- sealed
) STRICT, WITHOUT ROWID;

-- Who agreed to be reminded, once.
CREATE TABLE reminders (
    session_id   TEXT    NOT NULL PRIMARY KEY,
    consented_at INTEGER NOT NULL, -- 0: not, or taken back
    sent_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE reminders;
DROP TABLE drafts;
DROP TABLE session_addresses;
DROP TABLE magic_links;
DROP TABLE webhooks;
DROP TABLE decisions;
DROP TABLE mails;
DROP TABLE deliveries;
DROP TABLE documents;
DROP TABLE jobs;
