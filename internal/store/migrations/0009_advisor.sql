-- +goose Up
-- Every question put to a language model, and what it took. Times are unix
-- milliseconds, money is whole micro-dollars; an unknown price is NULL, never 0
-- (docs/adr/0021).
CREATE TABLE advisor_calls (
    id          TEXT    NOT NULL PRIMARY KEY, -- UUIDv7
    session_id  TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    question    TEXT    NOT NULL, -- id of the prompt whose answer it was about
    outcome     TEXT    NOT NULL, -- ok, cached, skipped, or the class of what went wrong
    cause       TEXT    NOT NULL, -- of a skipped or paused call
    model       TEXT    NOT NULL,
    prompt      TEXT    NOT NULL, -- version
    input       INTEGER NOT NULL, -- tokens
    output      INTEGER NOT NULL,
    cache_read  INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    micro_usd   INTEGER,
    latency_ms  INTEGER NOT NULL,
    first_ms    INTEGER,          -- time to the first token, where it is known
    tries       INTEGER NOT NULL,
    dropped     INTEGER NOT NULL  -- parts that the review refused
) STRICT, WITHOUT ROWID;

CREATE INDEX advisor_calls_at ON advisor_calls (at);
CREATE INDEX advisor_calls_session ON advisor_calls (session_id);

-- Answers of the model to turns that were asked before, the oldest of
-- which go when there are too many. They may quote clients, so they are sealed.
CREATE TABLE advisor_cache (
    hash    TEXT    NOT NULL PRIMARY KEY, -- of model, schema and redacted turn
    used_at INTEGER NOT NULL,
    answer  BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX advisor_cache_used ON advisor_cache (used_at);

-- +goose Down
DROP TABLE advisor_cache;
DROP TABLE advisor_calls;
