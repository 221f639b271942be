-- Text is ordered and compared by its bytes, whatever the database's own order is. Never is the zero time of Go, the first
-- moment of the year 1.

-- +goose Up
CREATE TABLE users (
    id           TEXT COLLATE "C" PRIMARY KEY,
    username     TEXT COLLATE "C" NOT NULL CONSTRAINT users_username UNIQUE,
    display_name TEXT NOT NULL,
    avatar_url   TEXT NOT NULL,
    lang_tag     TEXT NOT NULL,
    location     TEXT NOT NULL,
    timezone     TEXT NOT NULL,
    metadata     TEXT NOT NULL,
    created      TIMESTAMPTZ NOT NULL,
    updated      TIMESTAMPTZ NOT NULL,
    disabled     TIMESTAMPTZ NOT NULL
);

-- An identity is stored before its user, so that the error of a taken identity comes first: the reference is checked
-- when the transaction commits.
CREATE TABLE identities (
    seq     BIGINT GENERATED ALWAYS AS IDENTITY, -- the order in which a user's devices are listed
    kind    TEXT COLLATE "C" NOT NULL,
    id      TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    secret  BYTEA,
    PRIMARY KEY (kind, id)
);

CREATE INDEX identities_user ON identities (user_id);

-- Accounts that are deleted and whose records, objects and notifications may still be there.
CREATE TABLE deletions (
    user_id TEXT COLLATE "C" PRIMARY KEY,
    at      TIMESTAMPTZ NOT NULL
);

-- +goose Down
DROP TABLE deletions;
DROP TABLE identities;
DROP TABLE users;
