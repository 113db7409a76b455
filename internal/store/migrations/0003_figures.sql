-- +goose Up
-- Marks on the time axis of the dashboard: deployments, incidents, and what
-- people note by hand. They hold no personal data.
CREATE TABLE annotations (
    id   TEXT    NOT NULL PRIMARY KEY,
    at   INTEGER NOT NULL, -- unix milliseconds
    kind TEXT    NOT NULL, -- deployment, incident, note
    text TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX annotations_at ON annotations (at);

-- The live board asks for those who did something lately.
CREATE INDEX sessions_activity ON sessions (last_activity, id);

-- +goose Down
DROP INDEX sessions_activity;
DROP TABLE annotations;
