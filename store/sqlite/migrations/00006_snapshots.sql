-- +goose Up
CREATE TABLE snapshots (
    id    TEXT    NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    head  BLOB    NOT NULL,
    state BLOB    NOT NULL -- last: a page of heads does not read it
) STRICT;

-- +goose Down
DROP TABLE snapshots;
