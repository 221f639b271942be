-- Accounts that are deleted and whose records, objects and notifications may still be there; refresh tokens that were
-- exchanged.

-- +goose Up
CREATE TABLE deletions (
    user_id TEXT    NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rotations (
    family     TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    successor  BLOB    NOT NULL,
    at_ms      INTEGER NOT NULL,
    until_ms   INTEGER NOT NULL,
    PRIMARY KEY (family, generation)
) STRICT, WITHOUT ROWID;

CREATE INDEX rotations_until ON rotations (until_ms);

-- +goose Down
DROP TABLE rotations;
DROP TABLE deletions;
