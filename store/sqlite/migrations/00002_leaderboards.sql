-- +goose Up
CREATE TABLE boards (
    id            TEXT    NOT NULL PRIMARY KEY,
    authoritative INTEGER NOT NULL,
    sort          INTEGER NOT NULL,
    operator      INTEGER NOT NULL,
    metadata      TEXT    NOT NULL,
    created       INTEGER NOT NULL
) STRICT;

CREATE TABLE records (
    board     TEXT    NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    period    INTEGER NOT NULL,
    owner     TEXT    NOT NULL,
    username  TEXT    NOT NULL,
    score     INTEGER NOT NULL,
    subscore  INTEGER NOT NULL,
    num_score INTEGER NOT NULL,
    metadata  TEXT    NOT NULL,
    created   INTEGER NOT NULL,
    updated   INTEGER NOT NULL,
    PRIMARY KEY (board, period, owner)
) STRICT, WITHOUT ROWID;

CREATE INDEX records_owner ON records (owner);

-- +goose Down
DROP TABLE records;
DROP TABLE boards;
