-- +goose Up
-- What visitors said when they were asked whether the steps of their visit may
-- also go to an analytics service (docs/adr/0030). No row: nobody asked, or no
-- answer, which is a no.
CREATE TABLE analytics_choices (
    session_id TEXT    NOT NULL PRIMARY KEY, -- of the visit, or of the session that grew from it
    allowed    INTEGER NOT NULL,             -- 1 yes, 0 no
    at         INTEGER NOT NULL              -- since when, unix milliseconds
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE analytics_choices;
