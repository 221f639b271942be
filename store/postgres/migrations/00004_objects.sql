-- +goose Up
CREATE TABLE objects (
    collection TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL, -- '' is the system
    value      TEXT NOT NULL,
    version    TEXT NOT NULL,
    readers    SMALLINT NOT NULL,
    writers    SMALLINT NOT NULL,
    created    TIMESTAMPTZ NOT NULL,
    updated    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (collection, key, owner)
);

-- A user's objects in the order of lists, and all of them when the account is deleted.
CREATE INDEX objects_owner ON objects (owner, collection, key);

-- What everybody may read, in the order of lists: without it a list would look at all that is private.
CREATE INDEX objects_public ON objects (collection, key, owner) WHERE readers = 2;

-- +goose Down
DROP TABLE objects;
