-- +goose Up
-- Alerts: what is known of every rule and set of labels, and who is told of it.
-- Times are unix milliseconds. Columns called body are JSON; sealed where a
-- person wrote them.
CREATE TABLE alert_states (
    fingerprint TEXT    NOT NULL PRIMARY KEY,
    rule        TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL,
    body        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Troubles, the past ones too.
CREATE TABLE alert_episodes (
    id          TEXT    NOT NULL PRIMARY KEY,
    rule        TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    from_at     INTEGER NOT NULL, -- since when the trouble was there
    told_at     INTEGER NOT NULL, -- when the rule fired
    to_at       INTEGER NOT NULL, -- 0: it is still there
    body        TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_episodes_rule ON alert_episodes (rule, told_at);
CREATE INDEX alert_episodes_time ON alert_episodes (told_at);

-- What channels are told. A notice is written with the state that made it, and
-- its receipt with the end of the job that sent it.
CREATE TABLE alert_notices (
    key       TEXT    NOT NULL PRIMARY KEY,
    episode   TEXT    NOT NULL,
    channel   TEXT    NOT NULL,
    kind      TEXT    NOT NULL, -- firing, reminder, escalated, resolved
    severity  TEXT    NOT NULL,
    made_at   INTEGER NOT NULL,
    parcel    TEXT    NOT NULL, -- key of the job that sends it; empty: it waits for company
    outcome   TEXT    NOT NULL, -- empty, accepted, dead
    known_at  INTEGER NOT NULL, -- when the outcome was known
    received  INTEGER NOT NULL, -- 1: its state knows the outcome
    body      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_notices_open ON alert_notices (made_at) WHERE received = 0;
CREATE INDEX alert_notices_parcel ON alert_notices (parcel) WHERE outcome = '';
CREATE INDEX alert_notices_episode ON alert_notices (episode, made_at);

-- Every edit of a rule; the highest version holds.
CREATE TABLE alert_rules (
    rule    TEXT    NOT NULL,
    version INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    by      TEXT    NOT NULL, -- user id
    note    TEXT    NOT NULL, -- what was changed, for people
    body    TEXT    NOT NULL,
    PRIMARY KEY (rule, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_silences (
    id       TEXT    NOT NULL PRIMARY KEY,
    to_at    INTEGER NOT NULL,
    ended_at INTEGER NOT NULL, -- by hand; 0: not
    body     BLOB    NOT NULL  -- sealed
) STRICT, WITHOUT ROWID;

CREATE TABLE alert_acks (
    episode TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    until   INTEGER NOT NULL, -- of a snooze; 0: for the whole episode
    by      BLOB    NOT NULL, -- sealed
    PRIMARY KEY (episode, at)
) STRICT, WITHOUT ROWID;

-- Weekly windows in which alerts are kept back.
CREATE TABLE alert_windows (
    id   TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE alert_windows;
DROP TABLE alert_acks;
DROP TABLE alert_silences;
DROP TABLE alert_rules;
DROP TABLE alert_notices;
DROP TABLE alert_episodes;
DROP TABLE alert_states;
