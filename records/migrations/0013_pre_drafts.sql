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
