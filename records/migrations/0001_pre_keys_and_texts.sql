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
