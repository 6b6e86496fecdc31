-- What was sent under an Idempotency-Key with a file, so that the same key with another one is told apart. `content` is
-- a digest of the bytes and of what they show.
CREATE TABLE upload_keys (
    number    TEXT NOT NULL REFERENCES complaints (number),
    caller    TEXT NOT NULL,
    key       TEXT NOT NULL,
    content   BYTEA NOT NULL,
    noted_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (number, caller, key)
);
CREATE INDEX upload_keys_over ON upload_keys (noted_at);
