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

-- The places of a complaint that it may be read from, out of the state of those written before the column was there;
-- `domain.roles.places_in` says the same, and a test over many complaints holds the two together.
CREATE FUNCTION reading_places(state JSONB) RETURNS TEXT[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH asked AS (
        SELECT value ->> 'owner' AS code FROM jsonb_each(state -> 'tasks')
        UNION SELECT value ->> 'owner' FROM jsonb_each(state -> 'items')
        UNION SELECT value ->> 'approver_due' FROM jsonb_each(state -> 'solutions')
        UNION SELECT 'FINANCE' FROM jsonb_each(state -> 'solutions') WHERE value ->> 'compensation' IS NOT NULL
    ), seats AS (
        SELECT 'desk:' || coalesce(state #>> '{handover,department}', 'customer_service') AS seat
        UNION ALL SELECT 'lead:' || (state #>> '{handover,lead}')
        UNION ALL SELECT 'asked:' || code FROM asked
        UNION ALL SELECT 'legal:'
        WHERE state ->> 'stage' IN ('MEDIATING', 'ARBITRATING', 'LITIGATING')
           OR state ->> 'mediation' IS NOT NULL
           OR state ->> 'negotiation_failed' = 'true'
           OR jsonb_path_exists(state, '$.proceedings[*]')
           OR jsonb_path_exists(state, '$.feedback[*] ? (@.satisfied == false)')
    ), places AS (
        SELECT seat AS place FROM seats
        UNION ALL SELECT seat || '@' || (state ->> 'project') FROM seats
        UNION ALL SELECT 'project:' || (state ->> 'project')
        UNION ALL SELECT 'person:' || (state ->> 'first_contact')
        UNION ALL SELECT 'person:' || (state ->> 'owner')
        UNION ALL SELECT 'person:' || (state #>> '{handover,person}')
    )
    SELECT coalesce(array_agg(DISTINCT place ORDER BY place), '{}') FROM places WHERE place IS NOT NULL
$$;

-- The present state of each complaint: `state` is the whole of it, the other columns are for lists and filters.
-- `head` is the hash of the last turn. `clock_offset` is real time minus business time (0 but in rehearsal).
-- due_at, due_name: the deadline that asks for something first: the earliest that is open, or ran out (`late`) and is
-- not settled. waiting_for: whom the complaint waits for. priority: see records.projection.priority. approvers: codes
-- of the seats whose decision is waited for, `barred` the people who may not be the ones to take it. places: from where
-- it may be read (`domain.roles.places_in`), about_person: who may not.
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
    heard_at          TIMESTAMPTZ NOT NULL,
    places            TEXT[] NOT NULL DEFAULT '{}',
    about_person      TEXT,
    lead              TEXT,
    waiting_for       TEXT,
    held_until        TIMESTAMPTZ,
    due_at            TIMESTAMPTZ,
    due_name          TEXT,
    late              BOOLEAN NOT NULL DEFAULT FALSE,
    priority          SMALLINT NOT NULL DEFAULT 14,
    reopened          SMALLINT NOT NULL DEFAULT 0,
    approvers         TEXT[] NOT NULL DEFAULT '{}',
    barred            TEXT[] NOT NULL DEFAULT '{}',
    promise_due       TIMESTAMPTZ,
    limitation_due    TIMESTAMPTZ,
    topic             TEXT GENERATED ALWAYS AS (state #>> '{classification,topic}') STORED
);
CREATE INDEX complaints_open ON complaints (stage, next_deadline) WHERE ended_at IS NULL;
CREATE INDEX complaints_received ON complaints (received_at, number);
CREATE INDEX complaints_next_deadline ON complaints (next_deadline) WHERE next_deadline IS NOT NULL;
CREATE INDEX complaints_owner ON complaints (owner) WHERE ended_at IS NULL;
CREATE INDEX complaints_desk ON complaints (desk) WHERE ended_at IS NULL;
CREATE INDEX complaints_project ON complaints (project, received_at);
CREATE INDEX complaints_places ON complaints USING gin (places);
CREATE INDEX complaints_by_due ON complaints ((coalesce(due_at, 'infinity')), number) WHERE ended_at IS NULL;
CREATE INDEX complaints_by_priority ON complaints (priority, (coalesce(due_at, 'infinity')), number)
    WHERE ended_at IS NULL;
CREATE INDEX complaints_by_received ON complaints (received_at, number) WHERE ended_at IS NULL;
CREATE INDEX complaints_places_open ON complaints USING gin (places) WHERE ended_at IS NULL;
CREATE INDEX complaints_promise_due ON complaints (promise_due) WHERE ended_at IS NULL AND promise_due IS NOT NULL;
CREATE INDEX complaints_approvers ON complaints ((coalesce(due_at, 'infinity')), number)
    WHERE ended_at IS NULL AND approvers <> '{}';
CREATE INDEX complaints_lead_person ON complaints (lead_person) WHERE ended_at IS NULL;
CREATE INDEX complaints_first_contact ON complaints (first_contact) WHERE ended_at IS NULL;
CREATE INDEX complaints_tail ON complaints (reverse(number) text_pattern_ops);
CREATE INDEX complaints_topic ON complaints (project, topic, received_at) WHERE ended_at IS NULL AND topic IS NOT NULL;
CREATE INDEX complaints_settled ON complaints (type, cause, ended_at) WHERE result = 'BOTH_SATISFIED';
CREATE INDEX complaints_settled_topic ON complaints (type, topic, ended_at)
    WHERE result = 'BOTH_SATISFIED' AND topic IS NOT NULL;

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

-- Photos and papers of complaints, and what the intake desk is writing before a complaint has a number.

-- One file. Its bytes lie in the store under `id`, encrypted with a key of their own; `locked` is that key, locked with
-- `data_key`, so that erasing the complaint kills its files too. `owner` is a complaint number, or the draft of an
-- intake form. `sha256` is of the original bytes. `turn` is the accepted turn that names the file; what none names is
-- swept. `gone_at`: it cannot be read any more; `cleared_at`: the store has forgotten its bytes. There is no foreign
-- key to `data_keys`: the key of an abandoned draft is swept by itself.
CREATE TABLE files (
    id          TEXT PRIMARY KEY,
    owner       TEXT NOT NULL,
    data_key    TEXT NOT NULL,
    locked      BYTEA,
    name_text   TEXT NOT NULL,
    sha256      BYTEA,
    size        BIGINT NOT NULL,
    media       TEXT NOT NULL,
    subkind     TEXT NOT NULL,
    thumbnail   BOOLEAN NOT NULL,
    added_by    TEXT NOT NULL,
    added_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    turn        INTEGER,
    gone_at     TIMESTAMPTZ,
    cleared_at  TIMESTAMPTZ,
    CONSTRAINT files_gone CHECK ((locked IS NULL) = (gone_at IS NOT NULL))
);
CREATE UNIQUE INDEX files_content ON files (owner, sha256) WHERE gone_at IS NULL;
CREATE INDEX files_unnamed ON files (added_at) WHERE turn IS NULL AND gone_at IS NULL;
CREATE INDEX files_to_clear ON files (gone_at) WHERE gone_at IS NOT NULL AND cleared_at IS NULL;

-- What somebody has typed into the intake form so far: `key` is the form's own, `owner` the draft whose key locks the
-- words and the files.
CREATE TABLE intake_drafts (
    person    TEXT NOT NULL REFERENCES people (user_id),
    key       TEXT NOT NULL,
    owner     TEXT NOT NULL UNIQUE,
    words     TEXT,
    saved_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (person, key)
);
CREATE INDEX intake_drafts_saved ON intake_drafts (saved_at);

-- What people keep about lists.

-- Up to which turn a person has read a complaint.
CREATE TABLE read_marks (
    person  TEXT NOT NULL REFERENCES people (user_id),
    number  TEXT NOT NULL REFERENCES complaints (number),
    turn    INTEGER NOT NULL,
    PRIMARY KEY (person, number)
);

-- Lists of customers that were shown: whose names a reader saw by their first character, and whose whole (CUS-09).
-- One row a page; `text_reads` has those who opened one complaint.
CREATE TABLE list_reads (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    reader   TEXT NOT NULL,
    numbers  TEXT[] NOT NULL,
    whole    TEXT[] NOT NULL
);
CREATE INDEX list_reads_reader ON list_reads (reader, at);
CREATE TRIGGER list_reads_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON list_reads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A list a person has made their own. `query` is its filters as in the address, `columns` what it shows.
CREATE TABLE saved_views (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person      TEXT NOT NULL REFERENCES people (user_id),
    name        TEXT NOT NULL,
    view        TEXT NOT NULL,
    query       TEXT NOT NULL,
    columns     TEXT[] NOT NULL,
    sort        TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (person, name)
);

-- Which columns a person wants in a list of ours.
CREATE TABLE view_columns (
    person   TEXT NOT NULL REFERENCES people (user_id),
    view     TEXT NOT NULL,
    columns  TEXT[] NOT NULL,
    PRIMARY KEY (person, view)
);

-- The words complaints may be marked with. A managed list: nobody writes a customer's name into it.
CREATE TABLE tags (
    code      TEXT PRIMARY KEY CHECK (code ~ '^[a-z0-9][a-z0-9-]{0,29}$'),
    zh        TEXT NOT NULL,
    en        TEXT NOT NULL,
    added_by  TEXT NOT NULL,
    added_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    ended_at  TIMESTAMPTZ
);
INSERT INTO tags (code, zh, en, added_by) VALUES
    ('vip', '重点客户', 'Key customer', 'system'),
    ('elderly', '老人', 'Elderly', 'system'),
    ('infant', '婴幼儿', 'Small child', 'system'),
    ('repeat', '多次投诉', 'Complains again', 'system'),
    ('media-risk', '舆情风险', 'May reach the media', 'system'),
    ('leak', '渗漏', 'Water leak', 'system'),
    ('noise', '噪音', 'Noise', 'system'),
    ('handover', '交付问题', 'Handover', 'system'),
    ('refund', '退款', 'Refund', 'system'),
    ('call-back', '待回电', 'Call back', 'system');

CREATE TABLE case_tags (
    number    TEXT NOT NULL REFERENCES complaints (number),
    tag       TEXT NOT NULL REFERENCES tags (code),
    added_by  TEXT NOT NULL,
    added_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (number, tag)
);
CREATE INDEX case_tags_tag ON case_tags (tag, number);

-- Marks that were taken off complaints, by whom and when: a mark sorts work, so its going is remembered as its coming is.
CREATE TABLE case_tags_gone (
    number      TEXT NOT NULL REFERENCES complaints (number),
    tag         TEXT NOT NULL REFERENCES tags (code),
    added_by    TEXT NOT NULL,
    added_at    TIMESTAMPTZ NOT NULL,
    removed_by  TEXT NOT NULL,
    removed_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX case_tags_gone_number ON case_tags_gone (number);

-- Whether a complaint is one a person may read: the WHERE of every list (ORG-08). The arguments are the fields of
-- `domain.roles.Reach`, to be given as parameters. One expression without a subquery, so the planner sees through it:
-- where `everything` is true it folds to a comparison of one column; for everybody else `places && reach` can use the
-- GIN index, which for the few hundred cases of a department beats a walk along the index of a list's own order, and
-- the planner chooses between the two by its statistics of `places`.
CREATE FUNCTION may_read(complaint complaints, everything BOOLEAN, person TEXT, reach TEXT[])
RETURNS BOOLEAN LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT complaint.about_person IS DISTINCT FROM person AND (everything OR complaint.places && reach)
$$;

-- The acting person as the rules know them at an instant: own roles, department, the projects all of their seats are
-- bound to (none: everywhere), and each absent person they stand in for with the same. No row for who is not there.
CREATE FUNCTION acting_person(who TEXT, at TIMESTAMPTZ)
RETURNS TABLE (name TEXT, language TEXT, department TEXT, roles TEXT[], projects TEXT[], absent JSONB)
LANGUAGE sql STABLE AS $$
    WITH present AS (
        SELECT p.user_id AS person, p.roles, FALSE AS away FROM people AS p
        WHERE p.user_id = who AND p.active_from <= at AND at < p.active_to
        UNION
        SELECT p.user_id, p.roles, TRUE FROM absences AS a
        JOIN people AS p ON p.user_id = a.person AND p.active_from <= at AND at < p.active_to
        WHERE a.substitute = who AND a.starts <= at AND at < a.ends
    ), seated AS (
        SELECT present.person, s.role, s.project FROM present JOIN seats AS s ON s.person = present.person
        WHERE s.starts <= at AND at < s.ends
        UNION ALL
        SELECT present.person, d.role, d.project FROM present JOIN duty_roster AS d ON d.person = present.person
        WHERE d.starts <= at AND at < d.ends
    ), held AS (
        SELECT present.person, present.away,
               ARRAY(SELECT unnest(present.roles) UNION SELECT role FROM seated WHERE person = present.person
                     ORDER BY 1) AS roles,
               CASE WHEN (SELECT bool_and(project IS NOT NULL) FROM seated WHERE person = present.person)
                    THEN ARRAY(SELECT DISTINCT project FROM seated WHERE person = present.person ORDER BY 1)
                    ELSE '{}' END AS projects
        FROM present
    )
    SELECT p.name, p.language, p.department, held.roles, held.projects,
           coalesce((SELECT jsonb_agg(jsonb_build_object('person', other.person, 'roles', other.roles,
                                                         'projects', other.projects) ORDER BY other.person)
                     FROM held AS other WHERE other.away), '[]')
    FROM held JOIN people AS p ON p.user_id = held.person
    WHERE NOT held.away
$$;

-- What a person needs to come in, beside their entry in `people`. `password`: argon2id with its parameters.
CREATE TABLE accounts (
    person           TEXT PRIMARY KEY REFERENCES people (user_id),
    password         TEXT,
    password_set_at  TIMESTAMPTZ,
    theme            TEXT NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark'))
);

-- Who is in. `digest` is the SHA-256 of the secret in the cookie, which is kept nowhere.
CREATE TABLE sessions (
    digest      BYTEA PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    person      TEXT NOT NULL REFERENCES people (user_id),
    way         TEXT NOT NULL CHECK (way IN ('password', 'oidc')),
    started_at  TIMESTAMPTZ NOT NULL,
    seen_at     TIMESTAMPTZ NOT NULL,
    ends_at     TIMESTAMPTZ NOT NULL,
    address     TEXT NOT NULL,
    agent       TEXT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_ends ON sessions (ends_at);

-- Keys for programs that act as a person. `digest` as above; `last_used_at` to the minute.
CREATE TABLE api_tokens (
    digest        BYTEA PRIMARY KEY,
    id            TEXT NOT NULL UNIQUE,
    person        TEXT NOT NULL REFERENCES people (user_id),
    name          TEXT NOT NULL,
    scopes        TEXT[] NOT NULL,
    made_at       TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    last_used_at  TIMESTAMPTZ,
    revoked_at    TIMESTAMPTZ,
    CONSTRAINT api_tokens_period CHECK (made_at < expires_at)
);
CREATE INDEX api_tokens_person ON api_tokens (person);

-- Who a person is for an identity provider.
CREATE TABLE identities (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    person     TEXT NOT NULL REFERENCES people (user_id),
    linked_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_person ON identities (person);
CREATE UNIQUE INDEX identities_one ON identities (issuer, person);

-- A sign-in that is under way at an identity provider; each is used once. `digest`: SHA-256 of the `state` sent along.
CREATE TABLE sign_in_errands (
    digest    BYTEA PRIMARY KEY,
    nonce     TEXT NOT NULL,
    verifier  TEXT NOT NULL,
    back_to   TEXT NOT NULL,
    ends_at   TIMESTAMPTZ NOT NULL
);

-- Failed sign-ins in a row, by account and by address; until `free_at` the next one is not even looked at.
-- `digest`: SHA-256 of what was typed or where it came from, so that a mistyped password is not kept as a name.
CREATE TABLE sign_in_failures (
    digest    BYTEA PRIMARY KEY,
    failures  INTEGER NOT NULL,
    last_at   TIMESTAMPTZ NOT NULL,
    free_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_in_failures_last ON sign_in_failures (last_at);

-- Every coming and going. `person` is empty where nobody of that name is known.
CREATE TABLE sign_ins (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       TIMESTAMPTZ NOT NULL,
    person   TEXT,
    event    TEXT NOT NULL,
    way      TEXT NOT NULL,
    address  TEXT NOT NULL
);
CREATE INDEX sign_ins_person ON sign_ins (person, at);
CREATE INDEX sign_ins_at ON sign_ins (at);
CREATE TRIGGER sign_ins_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sign_ins
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a person keeps beside a case: words not yet said, cases they watch, and being named in a note.

-- What somebody is writing, encrypted under the complaint's own key. Goes when it is said, thrown away or swept.
CREATE TABLE drafts (
    person    TEXT NOT NULL REFERENCES people (user_id),
    number    TEXT NOT NULL REFERENCES complaints (number),
    mode      TEXT NOT NULL CHECK (mode IN ('public', 'internal')),
    text      TEXT NOT NULL REFERENCES texts (id) ON DELETE CASCADE,
    saved_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (person, number, mode)
);
CREATE UNIQUE INDEX drafts_text ON drafts (text);
CREATE INDEX drafts_number ON drafts (number);

-- Who wants to hear of a case. `seen` is the turn up to which they have looked.
CREATE TABLE watchers (
    person  TEXT NOT NULL REFERENCES people (user_id),
    number  TEXT NOT NULL REFERENCES complaints (number),
    seen    INTEGER NOT NULL,
    since   TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (person, number)
);
CREATE INDEX watchers_number ON watchers (number);

-- A person named with @ in a turn of a case, until they have read it.
CREATE TABLE mentions (
    person   TEXT NOT NULL REFERENCES people (user_id),
    number   TEXT NOT NULL REFERENCES complaints (number),
    turn     INTEGER NOT NULL,
    by       TEXT NOT NULL,
    at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    read_at  TIMESTAMPTZ,
    PRIMARY KEY (person, number, turn)
);
CREATE INDEX mentions_unread ON mentions (person, at) WHERE read_at IS NULL;

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

-- Whoever has a page open hears of what moved, and of who else is there.

-- Tells of new turns as "number:turn". A load of many at once is told as "*": look again at everything.
CREATE FUNCTION tell_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM fresh LIMIT 101) AS few) > 100 THEN
        PERFORM pg_notify('redress_turns', '*');
    ELSE
        PERFORM pg_notify('redress_turns', f.number || ':' || f.turn) FROM fresh AS f;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER turns_tell AFTER INSERT ON turns REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tell_turns();

-- Tells that something beside the turns has changed on a complaint, as "number:".
CREATE FUNCTION tell_beside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('redress_turns', NEW.number || ':');
    RETURN NULL;
END
$$;
CREATE TRIGGER outbox_tell AFTER UPDATE OF state ON outbox FOR EACH ROW
    WHEN (NEW.state IN ('sent', 'failed') AND OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_beside();

-- Who has which case open, as their pages said last; what is not said again within two minutes is void.
CREATE UNLOGGED TABLE presence (
    number      TEXT NOT NULL,
    person      TEXT NOT NULL,
    seen_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    writing_at  TIMESTAMPTZ,
    PRIMARY KEY (number, person)
);

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
