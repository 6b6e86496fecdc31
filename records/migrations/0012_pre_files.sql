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
