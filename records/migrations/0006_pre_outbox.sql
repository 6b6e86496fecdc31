-- Messages that must go out once, and what became of them.

-- `key` is the business key made by the ruling. `not_before` is business time, `due_at` the same instant in real time.
CREATE TABLE outbox (
    key          TEXT PRIMARY KEY,
    number       TEXT NOT NULL REFERENCES complaints (number),
    turn         INTEGER NOT NULL,
    receiver     TEXT NOT NULL,
    template     TEXT NOT NULL,
    params       JSONB NOT NULL,
    deadline     TEXT,
    not_before   TIMESTAMPTZ NOT NULL,
    due_at       TIMESTAMPTZ NOT NULL,
    state        TEXT NOT NULL DEFAULT 'planned'
        CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'cancelled')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    lease_until  TIMESTAMPTZ,
    trouble      TEXT,
    settled_at   TIMESTAMPTZ
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN ('planned', 'sending');
CREATE INDEX outbox_number ON outbox (number, state);
CREATE INDEX outbox_deadline ON outbox (number, deadline) WHERE state = 'planned';

-- One message to one person by one way: accepted, refused for good, or handed over with the answer lost. What was
-- accepted is not sent again when another of the same notice fails.
CREATE TABLE deliveries (
    key         TEXT NOT NULL REFERENCES outbox (key),
    person      TEXT NOT NULL,
    way         TEXT NOT NULL,
    instead_of  TEXT,
    outcome     TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'lost')),
    reply       TEXT,
    at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (key, person, way)
);
CREATE INDEX deliveries_person ON deliveries (person, at);
