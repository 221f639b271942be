-- +goose Up
CREATE TABLE snapshots (
    id    TEXT COLLATE "C" PRIMARY KEY,
    epoch BIGINT NOT NULL,
    head  BYTEA NOT NULL,
    state BYTEA NOT NULL
);

-- +goose Down
DROP TABLE snapshots;
