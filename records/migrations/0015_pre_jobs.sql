-- Work on many complaints at once, what was taken out of the system as a file, and the indexes of the manager's wall.

-- One command said to many complaints, worked through in the background with the rights of `asked_by`. `fields` holds
-- codes; words stand in `words` as field → id of a text. A process holds a job until `lease_until` (real time).
CREATE TABLE jobs (
    id            TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    fields        JSONB NOT NULL,
    words         JSONB NOT NULL,
    asked_by      TEXT NOT NULL,
    asked_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    held_by       TEXT,
    lease_until   TIMESTAMPTZ,
    cancelled_at  TIMESTAMPTZ,
    finished_at   TIMESTAMPTZ
);
CREATE INDEX jobs_unfinished ON jobs (asked_at) WHERE finished_at IS NULL;
CREATE INDEX jobs_asked_by ON jobs (asked_by, asked_at);

-- One complaint of a job. `say` counts the deliberate new tries, each a command of its own; an attempt with the answer
-- lost is repeated under the same one. `reason` is the sentence of a refusal, `rule` its requirement.
CREATE TABLE job_items (
    job         TEXT NOT NULL REFERENCES jobs (id),
    place       INTEGER NOT NULL,
    number      TEXT NOT NULL REFERENCES complaints (number),
    state       TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'done', 'refused', 'failed', 'cancelled')),
    say         INTEGER NOT NULL DEFAULT 1,
    attempts    INTEGER NOT NULL DEFAULT 0,
    not_before  TIMESTAMPTZ NOT NULL DEFAULT now(),
    reason      TEXT,
    rule        TEXT,
    settled_at  TIMESTAMPTZ,
    PRIMARY KEY (job, place),
    UNIQUE (job, number)
);
CREATE INDEX job_items_waiting ON job_items (job, place) WHERE state = 'waiting';

-- Who took which list out as a file (CUS-09). `filter` holds codes and numbers of the address, no search words.
CREATE TABLE exports (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    by      TEXT NOT NULL,
    list    TEXT NOT NULL,
    filter  JSONB NOT NULL,
    format  TEXT NOT NULL CHECK (format IN ('csv', 'xlsx')),
    rows    INTEGER NOT NULL,
    capped  BOOLEAN NOT NULL
);
CREATE INDEX exports_by ON exports (by, at);
CREATE TRIGGER exports_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON exports
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the figures of a period ask for.
CREATE INDEX complaints_ended ON complaints (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX promises_by_due ON promises (due) WHERE due IS NOT NULL;
CREATE INDEX deadlines_counted ON deadlines (base, due)
    WHERE base IN ('first_response_hours', 'handling_days', 'follow_up_days');
