-- The whole schema as the migrations leave it, for reading. `tests/records/test_migrations.py` holds the two equal;
-- a change is a new file in `migrations/` and the same change here.

CREATE TABLE schema_migrations (
    number      INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    checksum    TEXT NOT NULL,
    applied_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- People's words, encrypted, and the keys they are locked with.

-- The master keys this database has met. They live in a file outside; the check value recognises the right one.
CREATE TABLE master_keys (
    id           TEXT PRIMARY KEY,
    check_value  BYTEA NOT NULL,
    first_seen   TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- One AES-256 key per complaint (or customer, or draft), locked with a master key. Erasure destroys `locked`.
CREATE TABLE data_keys (
    id          TEXT PRIMARY KEY,
    owner       TEXT NOT NULL,
    master_key  TEXT NOT NULL REFERENCES master_keys (id),
    locked      BYTEA,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    erased_at   TIMESTAMPTZ,
    erased_by   TEXT,
    CONSTRAINT data_keys_erased CHECK ((locked IS NULL) = (erased_at IS NOT NULL))
);
CREATE UNIQUE INDEX data_keys_open ON data_keys (owner) WHERE erased_at IS NULL;
CREATE INDEX data_keys_owner ON data_keys (owner);
CREATE INDEX data_keys_master_key ON data_keys (master_key) WHERE erased_at IS NULL;

-- Every string a person typed. `claimed` is the accepted turn that uses it; `refused_at` (real time) is when a command
-- with it was first refused. What is not claimed is swept: a day after it was refused, or a month after it was stored.
CREATE TABLE texts (
    id          TEXT PRIMARY KEY,
    data_key    TEXT NOT NULL REFERENCES data_keys (id),
    kind        TEXT NOT NULL,
    ciphertext  BYTEA,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    claimed     INTEGER,
    refused_at  TIMESTAMPTZ
);
CREATE INDEX texts_data_key ON texts (data_key);
CREATE INDEX texts_unclaimed ON texts (created_at) WHERE claimed IS NULL;

-- Who read which words (CUS-09). Kept as long as the complaint, erased or not.
CREATE TABLE text_reads (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    reader   TEXT NOT NULL,
    owner    TEXT NOT NULL,
    text_id  TEXT NOT NULL
);
CREATE INDEX text_reads_owner ON text_reads (owner, at);
CREATE INDEX text_reads_reader ON text_reads (reader, at);

-- Keyed digests of contacts, so that the same customer is found without a word being readable (INT-12).
CREATE TABLE contact_index (
    owner   TEXT NOT NULL,
    digest  BYTEA NOT NULL,
    PRIMARY KEY (digest, owner)
);
CREATE INDEX contact_index_owner ON contact_index (owner);

-- What must never be changed or taken back: the trigger of every append-only table.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER text_reads_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON text_reads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who there is: units, people, the seats they hold, who is on duty and who stands in for whom (ORG-01…ORG-08).

-- The company's units; a department's code is the one complaints carry (`domain.codes.Department`).
CREATE TABLE org_units (
    code    TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    kind    TEXT NOT NULL CHECK (kind IN ('company', 'department', 'store', 'group')),
    parent  TEXT REFERENCES org_units (code)
);

-- Employees, and outside people who may act (a mediator). `roles` are codes of `domain.codes.Role`.
CREATE TABLE people (
    user_id      TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    roles        TEXT[] NOT NULL DEFAULT '{}',
    department   TEXT REFERENCES org_units (code),
    email        TEXT,
    language     TEXT NOT NULL DEFAULT 'zh-CN',
    active_from  TIMESTAMPTZ NOT NULL DEFAULT '1900-01-01T00:00:00Z',
    active_to    TIMESTAMPTZ NOT NULL DEFAULT '9999-12-31T00:00:00Z',
    CONSTRAINT people_period CHECK (active_from <= active_to)
);
CREATE INDEX people_roles ON people USING gin (roles);

-- A role held for one department or project (or everywhere, where both are empty), for a time.
CREATE TABLE seats (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role        TEXT NOT NULL,
    department  TEXT REFERENCES org_units (code),
    project     TEXT,
    person      TEXT NOT NULL REFERENCES people (user_id),
    starts      TIMESTAMPTZ NOT NULL DEFAULT '1900-01-01T00:00:00Z',
    ends        TIMESTAMPTZ NOT NULL DEFAULT '9999-12-31T00:00:00Z',
    CONSTRAINT seats_period CHECK (starts < ends)
);
CREATE INDEX seats_role ON seats (role);
CREATE INDEX seats_person ON seats (person);

-- Who answers for a role at this hour, so that every escalation has a receiver (ORG-05).
CREATE TABLE duty_roster (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role     TEXT NOT NULL,
    project  TEXT,
    person   TEXT NOT NULL REFERENCES people (user_id),
    starts   TIMESTAMPTZ NOT NULL,
    ends     TIMESTAMPTZ NOT NULL,
    CONSTRAINT duty_roster_period CHECK (starts < ends)
);
CREATE INDEX duty_roster_role ON duty_roster (role, ends);

-- Leave and illness, with the person who acts meanwhile; both names are recorded when they do.
CREATE TABLE absences (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person      TEXT NOT NULL REFERENCES people (user_id),
    substitute  TEXT REFERENCES people (user_id),
    starts      TIMESTAMPTZ NOT NULL,
    ends        TIMESTAMPTZ NOT NULL,
    CONSTRAINT absences_period CHECK (starts < ends),
    CONSTRAINT absences_somebody_else CHECK (person <> substitute)
);
CREATE INDEX absences_person ON absences (person, ends);
CREATE INDEX absences_substitute ON absences (substitute, ends);

-- What there is: projects, buildings, units with their dates, and customers with encrypted personal fields.

CREATE TABLE projects (
    code  TEXT PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    line  TEXT NOT NULL CHECK (line IN ('sales', 'brokerage', 'property'))
);

CREATE TABLE buildings (
    project  TEXT NOT NULL REFERENCES projects (code),
    name     TEXT NOT NULL,
    PRIMARY KEY (project, name)
);

-- A flat, shop or parking space. `name` is how people write it; handover and warranty are dates of the contract.
CREATE TABLE units (
    project         TEXT NOT NULL,
    name            TEXT NOT NULL,
    building        TEXT,
    handed_over_on  DATE,
    warranty_until  DATE,
    PRIMARY KEY (project, name),
    FOREIGN KEY (project) REFERENCES projects (code),
    FOREIGN KEY (project, building) REFERENCES buildings (project, name),
    CONSTRAINT units_warranty CHECK (warranty_until >= handed_over_on)
);

-- Customers: personal fields are ids of encrypted texts under the customer's own key (CUS-01, CUS-07).
CREATE TABLE customers (
    id            TEXT PRIMARY KEY,
    reference     TEXT NOT NULL UNIQUE,
    name_text     TEXT NOT NULL REFERENCES texts (id),
    contact_text  TEXT NOT NULL REFERENCES texts (id),
    preferred     TEXT,
    language      TEXT NOT NULL DEFAULT 'zh-CN',
    content       BYTEA NOT NULL,
    changed_at    TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE customer_units (
    customer  TEXT NOT NULL REFERENCES customers (id),
    project   TEXT NOT NULL,
    unit      TEXT NOT NULL,
    relation  TEXT NOT NULL CHECK (relation IN ('owner', 'tenant', 'buyer', 'landlord')),
    PRIMARY KEY (customer, project, unit),
    FOREIGN KEY (project, unit) REFERENCES units (project, name)
);
CREATE INDEX customer_units_unit ON customer_units (project, unit);

-- The numbers in force: every version of policy and calendar that a complaint may be pinned to. Never changed.

CREATE TABLE policy_versions (
    version        TEXT PRIMARY KEY,
    in_force_from  DATE NOT NULL,
    content        JSONB NOT NULL,
    added_at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    added_by       TEXT NOT NULL
);

CREATE TABLE calendar_versions (
    version   TEXT PRIMARY KEY,
    content   JSONB NOT NULL,
    added_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    added_by  TEXT NOT NULL
);

CREATE TRIGGER policy_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER calendar_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_versions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

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
    settled_at   TIMESTAMPTZ,
    reported_at  TIMESTAMPTZ
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN ('planned', 'sending');
CREATE INDEX outbox_number ON outbox (number, state);
CREATE INDEX outbox_deadline ON outbox (number, deadline) WHERE state = 'planned';
CREATE INDEX outbox_unreported ON outbox (settled_at) WHERE state = 'failed' AND reported_at IS NULL;
CREATE INDEX outbox_reminders ON outbox (receiver, not_before) WHERE template = 'reminder';

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
    text        TEXT,
    PRIMARY KEY (key, person, way)
);
CREATE INDEX deliveries_person ON deliveries (person, at);
