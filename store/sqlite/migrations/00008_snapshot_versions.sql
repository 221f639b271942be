-- +goose Up
CREATE TABLE versioned (
    id      TEXT    NOT NULL PRIMARY KEY,
    epoch   INTEGER NOT NULL,
    version INTEGER NOT NULL,
    head    BLOB    NOT NULL,
    state   BLOB    NOT NULL -- last: a page of heads does not read it
) STRICT;
INSERT INTO versioned SELECT id, epoch, 1, head, state FROM snapshots;
DROP TABLE snapshots;
ALTER TABLE versioned RENAME TO snapshots;

-- +goose Down
ALTER TABLE snapshots DROP COLUMN version;
