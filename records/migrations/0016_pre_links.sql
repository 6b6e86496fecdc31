-- Links by which a customer sees how things stand and answers, without a login (CUS-08). A link's address is made of
-- its id and a keyed digest, so that nobody who reads this table can open one.
CREATE TABLE customer_links (
    id          TEXT PRIMARY KEY,
    number      TEXT NOT NULL REFERENCES complaints (number),
    purpose     TEXT NOT NULL CHECK (purpose IN ('status', 'feedback')),
    round       INTEGER NOT NULL DEFAULT 0,
    made_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    revoked_at  TIMESTAMPTZ,
    revoked_by  TEXT,
    CONSTRAINT customer_links_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE UNIQUE INDEX customer_links_live ON customer_links (number, purpose, round) WHERE revoked_at IS NULL;

-- How often something was done within a span of time, counted over all console processes.
CREATE TABLE rate_counters (
    subject      TEXT NOT NULL,
    window_ends  TIMESTAMPTZ NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (subject, window_ends)
);
CREATE INDEX rate_counters_over ON rate_counters (window_ends);
