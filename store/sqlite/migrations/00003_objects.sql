-- +goose Up
-- The rows keep their rowid: a value may be large, and would make the tree of the key deep.
CREATE TABLE objects (
    collection TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    owner      TEXT    NOT NULL, -- '' is the system
    value      TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    readers    INTEGER NOT NULL,
    writers    INTEGER NOT NULL,
    created_us INTEGER NOT NULL, -- microseconds since 1970 (UTC)
    updated_us INTEGER NOT NULL,
    PRIMARY KEY (collection, key, owner)
) STRICT;

-- A user's objects in the order of lists, and all of them when the account is deleted.
CREATE INDEX objects_owner ON objects (owner, collection, key);

-- What everybody may read, in the order of lists: without it a list would look at all that is private.
CREATE INDEX objects_public ON objects (collection, key, owner) WHERE readers = 2;

-- +goose Down
DROP TABLE objects;
