-- Who may read what, who may come in, and who is in.

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

-- places: from where it may be read (`domain.roles.places_in`); about_person: who may not.
ALTER TABLE complaints
    ADD COLUMN places        TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN about_person  TEXT;
UPDATE complaints SET places = reading_places(state), about_person = state ->> 'about_person';
CREATE INDEX complaints_places ON complaints USING gin (places);

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
