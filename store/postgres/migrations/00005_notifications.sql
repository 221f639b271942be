-- +goose Up
CREATE TABLE notifications (
    seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- clients hold it in cursors: a number is never given twice
    id      TEXT COLLATE "C" NOT NULL UNIQUE,
    user_id TEXT COLLATE "C" NOT NULL,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    code    BIGINT NOT NULL,
    sender  TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL
);

CREATE INDEX notifications_user ON notifications (user_id, seq);

-- +goose Down
DROP TABLE notifications;
