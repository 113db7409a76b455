-- +goose Up
-- Who made a visit, and who says so: 0 a person, 1 a program by its marks, 2 a
-- person and 3 a program as somebody of the agency said. It follows from the
-- facts; those of a database from before are made again when it is opened.
ALTER TABLE session_facts ADD COLUMN maker INTEGER NOT NULL DEFAULT 0;
CREATE INDEX session_facts_maker ON session_facts (last_seen, session_id) WHERE maker <> 0;

-- +goose Down
DROP INDEX session_facts_maker;
ALTER TABLE session_facts DROP COLUMN maker;
