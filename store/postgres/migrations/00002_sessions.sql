-- +goose Up
CREATE TABLE revocations (
    user_id TEXT COLLATE "C" NOT NULL,
    family  TEXT COLLATE "C" NOT NULL, -- '' is all of the user's
    at      TIMESTAMPTZ NOT NULL,
    until   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, family)
);

-- Refresh tokens that were exchanged.
CREATE TABLE rotations (
    family     TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    successor  BYTEA NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    until      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (family, generation)
);

CREATE INDEX rotations_until ON rotations (until);

CREATE TABLE signing_keys (
    name   TEXT COLLATE "C" PRIMARY KEY,
    secret BYTEA NOT NULL
);

-- +goose Down
DROP TABLE signing_keys;
DROP TABLE rotations;
DROP TABLE revocations;
