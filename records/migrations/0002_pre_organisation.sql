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
