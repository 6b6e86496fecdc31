-- What was said and ruled, and the complaint that came of it.

-- The last complaint number given out in each year of receipt.
CREATE TABLE number_years (
    year  INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL
);

-- How each complaint came in. The same id of the same channel, or the same request, is the same complaint;
-- `content` is a keyed digest that tells a repetition from another content.
CREATE TABLE receipts (
    number       TEXT PRIMARY KEY,
    channel      TEXT NOT NULL,
    external_id  TEXT,
    request_key  TEXT,
    content      BYTEA NOT NULL,
    words        JSONB NOT NULL,
    preferred    TEXT,
    language     TEXT NOT NULL DEFAULT 'zh-CN',
    opened_by    TEXT NOT NULL,
    opened_at    TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX receipts_external ON receipts (channel, external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX receipts_request ON receipts (request_key) WHERE request_key IS NOT NULL;

-- The present state of each complaint: `state` is the whole of it, the other columns are for lists and filters.
-- `head` is the hash of the last turn. `clock_offset` is real time minus business time (0 but in rehearsal).
CREATE TABLE complaints (
    number            TEXT PRIMARY KEY REFERENCES receipts (number),
    turn              INTEGER NOT NULL,
    schema_version    INTEGER NOT NULL,
    state             JSONB NOT NULL,
    head              BYTEA NOT NULL,
    clock_offset      INTERVAL NOT NULL DEFAULT '0',
    stage             TEXT NOT NULL,
    entered_at        TIMESTAMPTZ NOT NULL,
    type              TEXT,
    cause             TEXT,
    severity          TEXT,
    flags             TEXT[] NOT NULL,
    owner             TEXT,
    first_contact     TEXT NOT NULL,
    desk              TEXT NOT NULL,
    lead_person       TEXT,
    line              TEXT NOT NULL,
    project           TEXT,
    channel           TEXT NOT NULL,
    round             INTEGER NOT NULL,
    result            TEXT,
    policy_version    TEXT NOT NULL,
    calendar_version  TEXT NOT NULL,
    duplicate_of      TEXT,
    case_group        TEXT,
    received_at       TIMESTAMPTZ NOT NULL,
    registered_at     TIMESTAMPTZ,
    ended_at          TIMESTAMPTZ,
    next_deadline     TIMESTAMPTZ,
    breached          TEXT[] NOT NULL,
    heard_at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX complaints_open ON complaints (stage, next_deadline) WHERE ended_at IS NULL;
CREATE INDEX complaints_received ON complaints (received_at, number);
CREATE INDEX complaints_next_deadline ON complaints (next_deadline) WHERE next_deadline IS NOT NULL;
CREATE INDEX complaints_owner ON complaints (owner) WHERE ended_at IS NULL;
CREATE INDEX complaints_desk ON complaints (desk) WHERE ended_at IS NULL;
CREATE INDEX complaints_project ON complaints (project, received_at);

-- Every turn that was taken, refused ones too. `patch` (RFC 7396) turns the state before into the state after;
-- `hash` covers the turn with its facts and the hash of the turn before it.
CREATE TABLE turns (
    number       TEXT NOT NULL REFERENCES complaints (number),
    turn         INTEGER NOT NULL,
    command_id   TEXT NOT NULL,
    body_hash    TEXT NOT NULL,
    kind         TEXT NOT NULL,
    command      JSONB NOT NULL,
    said_by      TEXT NOT NULL,
    standing_in  JSONB,
    heard_at     TIMESTAMPTZ NOT NULL,
    noticed_at   TIMESTAMPTZ NOT NULL,
    accepted     BOOLEAN NOT NULL,
    reason       TEXT,
    rule         TEXT,
    answer       JSONB NOT NULL,
    patch        JSONB NOT NULL,
    previous     BYTEA NOT NULL,
    hash         BYTEA NOT NULL,
    PRIMARY KEY (number, turn)
);
CREATE UNIQUE INDEX turns_command ON turns (number, command_id);
CREATE INDEX turns_said_by ON turns (said_by, heard_at);

-- What happened, in order, one row a thing.
CREATE TABLE facts (
    number    TEXT NOT NULL,
    turn      INTEGER NOT NULL,
    place     INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    subject   TEXT,
    at        TIMESTAMPTZ NOT NULL,
    said_by   TEXT NOT NULL,
    data      JSONB NOT NULL,
    released  BOOLEAN NOT NULL,
    PRIMARY KEY (number, turn, place),
    FOREIGN KEY (number, turn) REFERENCES turns (number, turn)
);
CREATE INDEX facts_kind ON facts (kind, at);

CREATE TRIGGER turns_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON turns
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER facts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON facts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Deadlines across complaints; one row an opening. `receivers` are those told by the last level that fired.
CREATE TABLE deadlines (
    number           TEXT NOT NULL REFERENCES complaints (number),
    id               TEXT NOT NULL,
    name             TEXT NOT NULL,
    base             TEXT NOT NULL,
    round            INTEGER NOT NULL,
    state            TEXT NOT NULL,
    start            TIMESTAMPTZ NOT NULL,
    due              TIMESTAMPTZ NOT NULL,
    wake             TIMESTAMPTZ,
    fired_at         TIMESTAMPTZ,
    late_by          INTEGER,
    levels           INTEGER NOT NULL,
    receivers        TEXT[] NOT NULL,
    acknowledged_at  TIMESTAMPTZ,
    settled_at       TIMESTAMPTZ,
    PRIMARY KEY (number, id)
);
CREATE INDEX deadlines_open ON deadlines (due) WHERE state = 'open';
CREATE INDEX deadlines_overdue ON deadlines (fired_at)
    WHERE state = 'fired' AND settled_at IS NULL AND acknowledged_at IS NULL;
CREATE INDEX deadlines_fired ON deadlines (base, fired_at) WHERE fired_at IS NOT NULL;

-- Promises across complaints (SLA-10).
CREATE TABLE promises (
    number      TEXT NOT NULL REFERENCES complaints (number),
    id          TEXT NOT NULL,
    state       TEXT NOT NULL,
    made_at     TIMESTAMPTZ NOT NULL,
    made_by     TEXT NOT NULL,
    due         TIMESTAMPTZ,
    version     INTEGER NOT NULL,
    settled_at  TIMESTAMPTZ,
    PRIMARY KEY (number, id)
);
CREATE INDEX promises_due ON promises (due) WHERE state = 'OPEN';

-- What one person owes another, and the items of agreements, across complaints. `owner` is a role or a user id.
CREATE TABLE tasks (
    number    TEXT NOT NULL REFERENCES complaints (number),
    kind      TEXT NOT NULL,
    id        TEXT NOT NULL,
    owner     TEXT NOT NULL,
    asked_by  TEXT,
    asked_at  TIMESTAMPTZ,
    due       TIMESTAMPTZ,
    state     TEXT NOT NULL,
    done_at   TIMESTAMPTZ,
    PRIMARY KEY (number, kind, id)
);
CREATE INDEX tasks_owner ON tasks (owner, due) WHERE state = 'OPEN';

-- A command that an error of ours kept from being ruled on; the conversation went on without it.
CREATE TABLE set_aside (
    number      TEXT NOT NULL REFERENCES complaints (number),
    command_id  TEXT NOT NULL,
    body_hash   TEXT NOT NULL,
    kind        TEXT NOT NULL,
    deadline    TEXT,
    command     JSONB NOT NULL,
    heard_at    TIMESTAMPTZ NOT NULL,
    fault       TEXT NOT NULL,
    build       TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    ruled_at    TIMESTAMPTZ,
    PRIMARY KEY (number, command_id)
);
CREATE INDEX set_aside_waiting ON set_aside (number) WHERE ruled_at IS NULL;
