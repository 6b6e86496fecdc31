-- What lists of complaints show and sort by, and what people keep about lists.

-- due_at, due_name: the deadline that asks for something first: the earliest that is open, or ran out (`late`) and is
-- not settled. waiting_for: whom the complaint waits for. priority: see records.projection.priority. approvers: codes
-- of the seats whose decision is waited for, `barred` the people who may not be the ones to take it.
ALTER TABLE complaints
    ADD COLUMN lead            TEXT,
    ADD COLUMN waiting_for     TEXT,
    ADD COLUMN held_until      TIMESTAMPTZ,
    ADD COLUMN due_at          TIMESTAMPTZ,
    ADD COLUMN due_name        TEXT,
    ADD COLUMN late            BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN priority        SMALLINT NOT NULL DEFAULT 14,
    ADD COLUMN reopened        SMALLINT NOT NULL DEFAULT 0,
    ADD COLUMN approvers       TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN barred          TEXT[] NOT NULL DEFAULT '{}',
    ADD COLUMN promise_due     TIMESTAMPTZ,
    ADD COLUMN limitation_due  TIMESTAMPTZ;

-- Lists read every open row for their counts; the state, of some kilobytes, is none of their business.
ALTER TABLE complaints SET (toast_tuple_target = 512);

UPDATE complaints AS c SET
    lead = c.state #>> '{handover,lead}',
    held_until = (hold.last ->> 'until')::TIMESTAMPTZ,
    waiting_for = CASE
        WHEN c.ended_at IS NOT NULL THEN NULL
        WHEN hold.last IS NOT NULL THEN hold.last ->> 'waiting_for'
        WHEN c.state #>> '{rounds,-1,reply}' = 'pending'
             AND (c.state #>> '{rounds,-1,handling_round}')::INTEGER = c.round
             AND c.stage IN ('SOLUTION_DRAFTED', 'NEGOTIATING') THEN 'customer'
        WHEN c.stage = 'FEEDBACK' AND NOT EXISTS (
            SELECT 1 FROM jsonb_array_elements(c.state -> 'feedback') AS f
            WHERE (f ->> 'round')::INTEGER = c.round AND (f ->> 'answered')::BOOLEAN) THEN 'customer'
    END,
    due_at = due.due, due_name = due.name, late = coalesce(due.state = 'fired', FALSE),
    priority = CASE WHEN cardinality(c.breached) > 0 THEN 0 ELSE 10 END + CASE
        WHEN 'HAZARD' = ANY (c.flags) THEN 0 WHEN 'MAJOR' = ANY (c.flags) THEN 1 WHEN 'GROUP' = ANY (c.flags) THEN 2
        WHEN c.severity = 'complex' THEN 3 ELSE 4 END,
    reopened = (SELECT count(*) FROM jsonb_array_elements_text(c.state -> 'route') AS r WHERE r = 'ARCHIVED')
               - CASE WHEN c.stage = 'ARCHIVED' THEN 1 ELSE 0 END,
    approvers = ARRAY(
        SELECT unnest(ARRAY['CS_DIRECTOR', 'MARKETING_MANAGER']) WHERE c.stage = 'CLOSING_REVIEW'
        UNION SELECT s.value ->> 'approver_due' FROM jsonb_each(c.state -> 'solutions') AS s
        WHERE c.ended_at IS NULL AND s.value ->> 'approval' = 'due' AND s.value ->> 'approver_due' IS NOT NULL
          AND (s.value ->> 'round')::INTEGER = c.round
        ORDER BY 1),
    barred = ARRAY(
        SELECT c.state #>> '{reviews,-1,submitted_by}' WHERE c.stage = 'CLOSING_REVIEW'
        UNION SELECT r ->> 'decided_by' FROM jsonb_array_elements(c.state -> 'reviews') AS r
        WHERE c.stage = 'CLOSING_REVIEW' AND c.round > 1 AND (r ->> 'round')::INTEGER = 1
          AND r ->> 'decided_by' IS NOT NULL
        UNION SELECT s.value ->> 'by' FROM jsonb_each(c.state -> 'solutions') AS s
        WHERE c.ended_at IS NULL AND s.value ->> 'approval' = 'due' AND s.value ->> 'approver_due' IS NOT NULL
          AND (s.value ->> 'round')::INTEGER = c.round
        ORDER BY 1),
    promise_due = (SELECT min(d.due) FROM deadlines AS d WHERE d.number = c.number AND d.base = 'promise_due'
                   AND d.state IN ('open', 'fired') AND d.settled_at IS NULL),
    limitation_due = (SELECT min(d.due) FROM deadlines AS d WHERE d.number = c.number AND d.base = 'limitation'
                      AND d.state IN ('open', 'fired') AND d.settled_at IS NULL)
FROM complaints AS same
LEFT JOIN LATERAL (SELECT same.state #> '{holds,-1}' AS last WHERE same.state #> '{holds,-1}' IS NOT NULL
                   AND same.state #> '{holds,-1,end}' IS NULL) AS hold ON TRUE
LEFT JOIN LATERAL (
    SELECT d.due, d.name, d.state FROM deadlines AS d
    WHERE d.number = same.number AND d.state IN ('open', 'fired') AND d.settled_at IS NULL
    ORDER BY d.due, d.id LIMIT 1
) AS due ON TRUE
WHERE same.number = c.number;

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
