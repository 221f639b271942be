-- +goose Up
CREATE TABLE notifications (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT, -- clients hold it in cursors: a number is never given twice
    id      TEXT    NOT NULL UNIQUE,
    user_id TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    content TEXT    NOT NULL,
    code    INTEGER NOT NULL,
    sender  TEXT    NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE INDEX notifications_user ON notifications (user_id, seq);

-- +goose Down
DROP TABLE notifications;
