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

-- Every string a person typed. `claimed` is the turn that uses it; what no turn claims within a day is swept.
CREATE TABLE texts (
    id          TEXT PRIMARY KEY,
    data_key    TEXT NOT NULL REFERENCES data_keys (id),
    kind        TEXT NOT NULL,
    ciphertext  BYTEA,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    claimed     INTEGER
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
