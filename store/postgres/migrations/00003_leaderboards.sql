-- +goose Up
CREATE TABLE boards (
    id            TEXT COLLATE "C" PRIMARY KEY,
    authoritative BOOLEAN NOT NULL,
    sort          SMALLINT NOT NULL,
    operator      SMALLINT NOT NULL,
    allowed       SMALLINT NOT NULL,
    no_ranks      BOOLEAN NOT NULL,
    reset         TEXT NOT NULL,
    keep          BIGINT NOT NULL,
    metadata      TEXT NOT NULL,
    created       TIMESTAMPTZ NOT NULL,
    title         TEXT NOT NULL,
    description   TEXT NOT NULL,
    category      BIGINT NOT NULL,
    start         TIMESTAMPTZ NOT NULL,
    "end"         TIMESTAMPTZ NOT NULL,
    duration      BIGINT NOT NULL, -- seconds
    max_size      BIGINT NOT NULL,
    max_num_score INTEGER NOT NULL,
    join_required BOOLEAN NOT NULL,
    handled       TIMESTAMPTZ NOT NULL DEFAULT '0001-01-01 00:00:00Z'
);

CREATE TABLE records (
    board         TEXT COLLATE "C" NOT NULL REFERENCES boards (id) ON DELETE CASCADE,
    period        TIMESTAMPTZ NOT NULL,
    owner         TEXT COLLATE "C" NOT NULL,
    username      TEXT NOT NULL,
    score         BIGINT NOT NULL,
    subscore      BIGINT NOT NULL,
    num_score     INTEGER NOT NULL,
    max_num_score INTEGER NOT NULL,
    metadata      TEXT NOT NULL,
    created       TIMESTAMPTZ NOT NULL,
    updated       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (board, period, owner)
);

CREATE INDEX records_order ON records (board, period, score, subscore, owner);
CREATE INDEX records_owner ON records (owner);

-- +goose Down
DROP TABLE records;
DROP TABLE boards;
