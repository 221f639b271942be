-- Times are whole seconds since 1970 (UTC) unless the column ends in _ms; never is the zero time of Go, -62135596800.

-- +goose Up
CREATE TABLE users (
    id           TEXT    NOT NULL PRIMARY KEY,
    username     TEXT    NOT NULL UNIQUE,
    display_name TEXT    NOT NULL,
    avatar_url   TEXT    NOT NULL,
    lang_tag     TEXT    NOT NULL,
    location     TEXT    NOT NULL,
    timezone     TEXT    NOT NULL,
    metadata     TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    disabled     INTEGER NOT NULL
) STRICT;

-- An identity is stored before its user, so that the error of a taken identity comes first: the reference is checked
-- when the transaction commits.
CREATE TABLE identities (
    seq     INTEGER PRIMARY KEY, -- the order in which a user's devices are listed
    kind    TEXT NOT NULL,
    id      TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    secret  BLOB,
    UNIQUE (kind, id)
) STRICT;

CREATE INDEX identities_user ON identities (user_id);

CREATE TABLE revocations (
    user_id  TEXT    NOT NULL,
    family   TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, family)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
    name   TEXT NOT NULL PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE signing_keys;
DROP TABLE revocations;
DROP TABLE identities;
DROP TABLE users;
