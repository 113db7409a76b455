-- +goose Up
-- What the alert rules read, so that a rule can be tried on the last month: one
-- row for each block of rounds and fingerprint, packed by internal/alert/trace.
-- The row without a rule holds the times of the rounds of its block. Blocks are
-- named by the unix milliseconds of their first round.
CREATE TABLE alert_readings (
    rule        TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    block       INTEGER NOT NULL,
    body        BLOB    NOT NULL,
    PRIMARY KEY (rule, block, fingerprint)
) STRICT; -- with row ids: bodies of some kilobytes would spill over in the tree of a key

-- What came of deployments and smoke tests, which run elsewhere and tell. The
-- text names steps and causes, and nobody.
CREATE TABLE operation_results (
    id          TEXT    NOT NULL PRIMARY KEY, -- made by who tells, so that telling twice is telling once
    kind        TEXT    NOT NULL,             -- deploy, rollback, smoke
    at          INTEGER NOT NULL,             -- unix milliseconds; when it ended
    received_at INTEGER NOT NULL,
    good        INTEGER NOT NULL,             -- 1: it worked
    version     TEXT    NOT NULL,
    step        TEXT    NOT NULL,             -- at which it failed
    detail      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX operation_results_time ON operation_results (at);

-- +goose Down
DROP TABLE operation_results;
DROP TABLE alert_readings;
