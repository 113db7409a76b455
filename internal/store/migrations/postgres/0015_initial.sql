-- +goose Up
-- The tables of SQLite after its migration 15, in the words of Postgres. What the
-- columns mean is written there. Later migrations are translated, unless there is
-- a file of the same name here.

-- Whoever writes holds the only row of it, and finds there who wrote before.
CREATE TABLE write_turn (
    one BOOLEAN NOT NULL PRIMARY KEY CHECK (one),
    who TEXT    NOT NULL
);
INSERT INTO write_turn (one, who) VALUES (TRUE, '');

CREATE TABLE sessions (
    id                        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    status                    TEXT COLLATE "C" NOT NULL,
    version                   BIGINT NOT NULL,
    created_at                BIGINT NOT NULL,
    updated_at                BIGINT NOT NULL,
    last_activity             BIGINT NOT NULL,
    question_count            BIGINT NOT NULL,
    business_model            TEXT COLLATE "C",
    business_model_confidence BIGINT,
    features_selected         TEXT COLLATE "C" NOT NULL, -- JSON array of feature ids
    package                   TEXT COLLATE "C" NOT NULL,
    total_cents               BIGINT NOT NULL,
    website_type              TEXT COLLATE "C" NOT NULL,
    percent                   BIGINT NOT NULL,
    token_hash                BYTEA NOT NULL,
    person                    BYTEA NOT NULL,
    state                     BYTEA NOT NULL
);

CREATE TABLE messages (
    session_id  TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    n           BIGINT NOT NULL,
    role        TEXT COLLATE "C" NOT NULL,
    question_id TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    text        BYTEA NOT NULL,
    PRIMARY KEY (session_id, n)
);

CREATE TABLE rollups (
    tier      BIGINT NOT NULL,
    metric    TEXT COLLATE "C" NOT NULL,
    bucket    BIGINT NOT NULL,
    dimension TEXT COLLATE "C" NOT NULL,
    value     TEXT COLLATE "C" NOT NULL,
    vector    BYTEA NOT NULL,
    PRIMARY KEY (tier, metric, bucket, dimension, value)
);

CREATE TABLE users (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    email         TEXT COLLATE "C" NOT NULL UNIQUE,
    name          TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE TABLE tokens (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE admin_sessions (
    token  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    data   BYTEA NOT NULL,
    expiry BIGINT NOT NULL
);

CREATE TABLE settings (
    key   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE audit (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    actor  TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    object TEXT COLLATE "C" NOT NULL
);

CREATE TABLE clocks (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    skew       BIGINT NOT NULL,
    moved      BIGINT NOT NULL
);

CREATE TABLE event_names (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

CREATE TABLE annotations (
    id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at   BIGINT NOT NULL, -- unix milliseconds
    kind TEXT COLLATE "C" NOT NULL, -- deployment, incident, note
    text TEXT COLLATE "C" NOT NULL
);

CREATE TABLE simulated (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

CREATE TABLE session_facts (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    entry      BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    started    BIGINT NOT NULL,
    completed  BIGINT NOT NULL,
    external   BIGINT NOT NULL, -- not conducted by this server
    state      BYTEA NOT NULL,
    pruned     BIGINT NOT NULL DEFAULT 0 -- its events were deleted by age, and the facts stay as they were
, maker BIGINT NOT NULL DEFAULT 0);

CREATE TABLE jobs (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7
    kind         TEXT COLLATE "C" NOT NULL,
    key          TEXT COLLATE "C",                         -- what it is about: there is no second job of a key
    session_id   TEXT COLLATE "C" NOT NULL,             -- empty for work of no session
    payload      BYTEA NOT NULL,             -- sealed JSON
    state        TEXT COLLATE "C" NOT NULL,             -- waiting, running, done, dead
    stage        TEXT COLLATE "C" NOT NULL,             -- how far it is, for people
    attempts     BIGINT NOT NULL,
    interrupted  BIGINT NOT NULL DEFAULT 0,   -- how often the process died with it
    due_at       BIGINT NOT NULL,             -- of a running job: the end of its lease
    lease        TEXT COLLATE "C" NOT NULL,
    error        TEXT COLLATE "C" NOT NULL,             -- of the last attempt, without personal data
    result       BYTEA NOT NULL,             -- sealed, what came of it
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);

CREATE TABLE documents (
    session_id TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL, -- scope, proposal
    name       TEXT COLLATE "C" NOT NULL, -- of the file
    media_type TEXT COLLATE "C" NOT NULL,
    snapshot   TEXT COLLATE "C" NOT NULL, -- of the session that it was made of
    score      BIGINT NOT NULL, -- completeness, 0-100
    created_at BIGINT NOT NULL,
    data       BYTEA NOT NULL, -- sealed
    PRIMARY KEY (session_id, kind)
);

CREATE TABLE deliveries (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state      TEXT COLLATE "C" NOT NULL, -- held, released, sent
    score      BIGINT NOT NULL,
    reasons    TEXT COLLATE "C" NOT NULL, -- JSON array: why a person should look
    critical   BIGINT NOT NULL,
    decided_by TEXT COLLATE "C" NOT NULL, -- user id of who released it
    decided_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE mails (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- of the job that sends it
    session_id  TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL, -- team, client, magic_link, reminder, accepted, question, notice
    state       TEXT COLLATE "C" NOT NULL, -- pending, sent, delivered, bounced, complained, failed
    provider    TEXT COLLATE "C" NOT NULL, -- resend, smtp, outbox
    provider_id TEXT COLLATE "C" NOT NULL,
    error       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    message     BYTEA NOT NULL -- sealed, empty until it was composed
);

CREATE TABLE decisions (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    session_id TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL, -- accepted, question
    at         BIGINT NOT NULL,
    text       BYTEA NOT NULL  -- sealed
);

CREATE TABLE webhooks (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    url        TEXT COLLATE "C" NOT NULL,
    events     TEXT COLLATE "C" NOT NULL, -- JSON array of event types; empty: all
    active     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    secret     BYTEA NOT NULL  -- sealed
);

CREATE TABLE magic_links (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    hash       BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE session_addresses (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    address    BYTEA NOT NULL
);

CREATE TABLE drafts (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    action_id  TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL,
    text       BYTEA NOT NULL -- sealed
);

CREATE TABLE reminders (
    session_id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    consented_at BIGINT NOT NULL, -- 0: not, or taken back
    sent_at      BIGINT NOT NULL
);

CREATE TABLE probes (
    component TEXT COLLATE "C" NOT NULL,
    tier      TEXT COLLATE "C" NOT NULL, -- quarter, day
    bucket    BIGINT NOT NULL,
    good      BIGINT NOT NULL,
    bad       BIGINT NOT NULL,
    PRIMARY KEY (component, tier, bucket)
);

CREATE TABLE incidents (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7
    title        TEXT COLLATE "C" NOT NULL,
    body         TEXT COLLATE "C" NOT NULL, -- what the draft says, for people of the agency
    cause        TEXT COLLATE "C" NOT NULL, -- what drafted it, such as an alert; empty: a person
    impact       TEXT COLLATE "C" NOT NULL, -- none, minor, major, critical
    components   TEXT COLLATE "C" NOT NULL, -- JSON array
    created_at   BIGINT NOT NULL,
    published_at BIGINT NOT NULL, -- 0: a draft
    resolved_at  BIGINT NOT NULL, -- 0: open
    discarded_at BIGINT NOT NULL, -- 0: not; a published incident never is
    postmortem   TEXT COLLATE "C" NOT NULL,
    mark         TEXT COLLATE "C" NOT NULL  -- its annotation
);

CREATE TABLE incident_updates (
    incident_id TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL, -- UUIDv7
    at          BIGINT NOT NULL,
    phase       TEXT COLLATE "C" NOT NULL, -- investigating, identified, monitoring, resolved
    text        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (incident_id, id)
);

CREATE TABLE maintenances (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7
    title        TEXT COLLATE "C" NOT NULL,
    text         TEXT COLLATE "C" NOT NULL,
    components   TEXT COLLATE "C" NOT NULL, -- JSON array
    emergency    BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    starts_at    BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    cancelled_at BIGINT NOT NULL, -- 0: not
    mark         TEXT COLLATE "C" NOT NULL  -- its annotation
);

CREATE TABLE faults (
    day   BIGINT NOT NULL,
    kind  TEXT COLLATE "C" NOT NULL, -- error, limit
    what  TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (day, kind, what)
);

CREATE TABLE alert_states (
    fingerprint TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    rule        TEXT COLLATE "C" NOT NULL,
    updated_at  BIGINT NOT NULL,
    body        TEXT COLLATE "C" NOT NULL
);

CREATE TABLE alert_episodes (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    rule        TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    severity    TEXT COLLATE "C" NOT NULL,
    from_at     BIGINT NOT NULL, -- since when the trouble was there
    told_at     BIGINT NOT NULL, -- when the rule fired
    to_at       BIGINT NOT NULL, -- 0: it is still there
    body        TEXT COLLATE "C" NOT NULL
);

CREATE TABLE alert_notices (
    key       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    episode   TEXT COLLATE "C" NOT NULL,
    channel   TEXT COLLATE "C" NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL, -- firing, reminder, escalated, resolved
    severity  TEXT COLLATE "C" NOT NULL,
    made_at   BIGINT NOT NULL,
    parcel    TEXT COLLATE "C" NOT NULL, -- key of the job that sends it; empty: it waits for company
    outcome   TEXT COLLATE "C" NOT NULL, -- empty, accepted, dead
    known_at  BIGINT NOT NULL, -- when the outcome was known
    received  BIGINT NOT NULL, -- 1: its state knows the outcome
    body      TEXT COLLATE "C" NOT NULL
);

CREATE TABLE alert_rules (
    rule    TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    by      TEXT COLLATE "C" NOT NULL, -- user id
    note    TEXT COLLATE "C" NOT NULL, -- what was changed, for people
    body    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (rule, version)
);

CREATE TABLE alert_silences (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    to_at    BIGINT NOT NULL,
    ended_at BIGINT NOT NULL, -- by hand; 0: not
    body     BYTEA NOT NULL  -- sealed
);

CREATE TABLE alert_acks (
    episode TEXT COLLATE "C" NOT NULL,
    at      BIGINT NOT NULL,
    until   BIGINT NOT NULL, -- of a snooze; 0: for the whole episode
    by      BYTEA NOT NULL, -- sealed
    PRIMARY KEY (episode, at)
);

CREATE TABLE alert_windows (
    id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    body TEXT COLLATE "C" NOT NULL
);

CREATE TABLE advisor_calls (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- UUIDv7
    session_id  TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    question    TEXT COLLATE "C" NOT NULL, -- id of the prompt whose answer it was about
    outcome     TEXT COLLATE "C" NOT NULL, -- ok, cached, skipped, or the class of what went wrong
    cause       TEXT COLLATE "C" NOT NULL, -- of a skipped or paused call
    model       TEXT COLLATE "C" NOT NULL,
    prompt      TEXT COLLATE "C" NOT NULL, -- version
    input       BIGINT NOT NULL, -- tokens
    output      BIGINT NOT NULL,
    cache_read  BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    micro_usd   BIGINT,
    latency_ms  BIGINT NOT NULL,
    first_ms    BIGINT,          -- time to the first token, where it is known
    tries       BIGINT NOT NULL,
    dropped     BIGINT NOT NULL  -- parts that the review refused
);

CREATE TABLE advisor_cache (
    hash    TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- of model, schema and redacted turn
    used_at BIGINT NOT NULL,
    answer  BYTEA NOT NULL
);

CREATE TABLE canaries (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at         BIGINT NOT NULL
);

CREATE TABLE erasures (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- SHA-256 of the session id, hexadecimal
    at   BIGINT NOT NULL,             -- unix milliseconds
    by   TEXT COLLATE "C" NOT NULL              -- client, admin:<user id>, operator
);

CREATE TABLE error_kinds (
    hash     TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- of the route, the kind and the error without its figures
    what     TEXT COLLATE "C" NOT NULL,             -- for people, without personal data
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    count    BIGINT NOT NULL
);

CREATE TABLE event_chunks (
    session_id  TEXT COLLATE "C" NOT NULL,
    n           BIGINT NOT NULL, -- from 1, growing
    received_at BIGINT NOT NULL, -- unix microseconds, the same for all
    events      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (session_id, n)
);

CREATE INDEX sessions_created ON sessions (created_at, id);

CREATE INDEX audit_at ON audit (at);

CREATE INDEX annotations_at ON annotations (at);

CREATE INDEX sessions_activity ON sessions (last_activity, id);

CREATE INDEX session_facts_last_seen ON session_facts (last_seen);

CREATE UNIQUE INDEX jobs_key ON jobs (key) WHERE key IS NOT NULL;

CREATE INDEX jobs_due ON jobs (state, due_at);

CREATE INDEX jobs_session ON jobs (session_id, id);

CREATE INDEX mails_session ON mails (session_id, id);

CREATE INDEX mails_provider ON mails (provider_id) WHERE provider_id <> '';

CREATE INDEX decisions_session ON decisions (session_id, id);

CREATE INDEX session_addresses_address ON session_addresses (address);

CREATE INDEX incidents_open ON incidents (resolved_at, discarded_at);

CREATE INDEX maintenances_end ON maintenances (ends_at);

CREATE INDEX sessions_status ON sessions (status, last_activity);

CREATE INDEX alert_episodes_rule ON alert_episodes (rule, told_at);

CREATE INDEX alert_episodes_time ON alert_episodes (told_at);

CREATE INDEX alert_notices_open ON alert_notices (made_at) WHERE received = 0;

CREATE INDEX alert_notices_parcel ON alert_notices (parcel) WHERE outcome = '';

CREATE INDEX alert_notices_episode ON alert_notices (episode, made_at);

CREATE INDEX advisor_calls_at ON advisor_calls (at);

CREATE INDEX advisor_calls_session ON advisor_calls (session_id);

CREATE INDEX advisor_cache_used ON advisor_cache (used_at);

CREATE INDEX error_kinds_first ON error_kinds (first_at);

CREATE INDEX session_facts_maker ON session_facts (last_seen, session_id) WHERE maker <> 0;

CREATE INDEX event_chunks_received ON event_chunks (received_at, session_id, n);

-- For people and their queries; the program reads the chunks.
CREATE VIEW events AS
SELECT c.session_id, e.value ->> 2 AS id, e.value ->> 3 AS name, (e.value ->> 1)::BIGINT AS at, c.received_at,
    (e.value ->> 0)::BIGINT & 1 AS outside, ((e.value ->> 0)::BIGINT & 2) / 2 AS counted, ((e.value ->> 0)::BIGINT & 4) / 4 AS clocked,
    e.value -> 4 AS properties, coalesce((e.value ->> 5)::BIGINT, 0) AS seq, coalesce(e.value ->> 6, '') AS user_id,
    coalesce(e.value ->> 7, '') AS bot
FROM event_chunks c, json_array_elements(c.events::JSON) e;

-- +goose Down
DROP VIEW events;
DROP TABLE event_chunks;
DROP TABLE error_kinds;
DROP TABLE erasures;
DROP TABLE canaries;
DROP TABLE advisor_cache;
DROP TABLE advisor_calls;
DROP TABLE alert_windows;
DROP TABLE alert_acks;
DROP TABLE alert_silences;
DROP TABLE alert_rules;
DROP TABLE alert_notices;
DROP TABLE alert_episodes;
DROP TABLE alert_states;
DROP TABLE faults;
DROP TABLE maintenances;
DROP TABLE incident_updates;
DROP TABLE incidents;
DROP TABLE probes;
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
DROP TABLE session_facts;
DROP TABLE simulated;
DROP TABLE annotations;
DROP TABLE event_names;
DROP TABLE clocks;
DROP TABLE audit;
DROP TABLE settings;
DROP TABLE admin_sessions;
DROP TABLE tokens;
DROP TABLE users;
DROP TABLE rollups;
DROP TABLE messages;
DROP TABLE sessions;
DROP TABLE write_turn;
