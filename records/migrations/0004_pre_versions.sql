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
