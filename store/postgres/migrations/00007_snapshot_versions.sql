-- +goose Up
ALTER TABLE snapshots ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- +goose Down
ALTER TABLE snapshots DROP COLUMN version;
