-- take_complaint --
-- Locks a complaint for its turn: where it stands, what this command id was answered before, and which of its
-- deadlines are set aside, by the build that could not rule on them.
SELECT c.turn, c.schema_version, c.state, c.head, c.clock_offset,
       t.body_hash AS prior_body, t.answer AS prior_answer,
       (SELECT jsonb_object_agg(s.deadline, s.build) FROM set_aside AS s
        WHERE s.number = c.number AND s.ruled_at IS NULL AND s.deadline IS NOT NULL) AS aside
FROM complaints AS c
LEFT JOIN turns AS t ON t.number = c.number AND t.command_id = $2
WHERE c.number = $1
FOR UPDATE OF c

-- prior_answer --
-- What a command id was answered, asked again where another turn came in between.
SELECT body_hash AS prior_body, answer AS prior_answer FROM turns WHERE number = $1 AND command_id = $2

-- read_complaint --
-- Where a complaint stands, without a lock.
SELECT c.turn, c.schema_version, c.state, c.head, c.clock_offset,
       (SELECT jsonb_object_agg(s.deadline, s.build) FROM set_aside AS s
        WHERE s.number = c.number AND s.ruled_at IS NULL AND s.deadline IS NOT NULL) AS aside
FROM complaints AS c
WHERE c.number = $1

-- record_turn --
-- The turn with its facts. Words an accepted turn uses are kept from now on; those of a refusal are to be swept.
WITH new_turn AS (
    INSERT INTO turns (number, turn, command_id, body_hash, kind, command, said_by, standing_in, heard_at, noticed_at,
                       accepted, reason, rule, answer, patch, previous, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
), used AS (
    UPDATE texts SET claimed = CASE WHEN $11 THEN $2 END,
                     refused_at = CASE WHEN NOT $11 THEN coalesce(refused_at, now()) END
    WHERE id = ANY ($19::TEXT[]) AND claimed IS NULL AND data_key IN (SELECT id FROM data_keys WHERE owner = $1)
)
INSERT INTO facts (number, turn, place, kind, subject, at, said_by, data, released)
SELECT $1, $2, f.place, f.kind, f.subject, f.at, f.by, f.data, f.released
FROM jsonb_to_recordset($18) AS f (
    place INTEGER, kind TEXT, subject TEXT, at TIMESTAMPTZ, by TEXT, data JSONB, released BOOLEAN
)

-- project --
-- The complaint as it stands after the turn, and those of its deadlines, promises and tasks that changed.
WITH changed_deadlines AS (
    INSERT INTO deadlines (number, id, name, base, round, state, start, due, wake, fired_at, late_by, levels, receivers,
                           acknowledged_at, settled_at)
    SELECT $1, d.id, d.name, d.base, d.round, d.state, d.start, d.due, d.wake, d.fired_at, d.late_by, d.levels,
           d.receivers, d.acknowledged_at, d.settled_at
    FROM jsonb_to_recordset($5) AS d (
        id TEXT, name TEXT, base TEXT, round INTEGER, state TEXT, start TIMESTAMPTZ, due TIMESTAMPTZ, wake TIMESTAMPTZ,
        fired_at TIMESTAMPTZ, late_by INTEGER, levels INTEGER, receivers TEXT[], acknowledged_at TIMESTAMPTZ,
        settled_at TIMESTAMPTZ
    )
    ON CONFLICT (number, id) DO UPDATE SET
        round = excluded.round, state = excluded.state, start = excluded.start, due = excluded.due,
        wake = excluded.wake, fired_at = excluded.fired_at, late_by = excluded.late_by, levels = excluded.levels,
        receivers = excluded.receivers, acknowledged_at = excluded.acknowledged_at, settled_at = excluded.settled_at
), changed_promises AS (
    INSERT INTO promises (number, id, state, made_at, made_by, due, version, settled_at)
    SELECT $1, p.id, p.state, p.made_at, p.made_by, p.due, p.version, p.settled_at
    FROM jsonb_to_recordset($6) AS p (
        id TEXT, state TEXT, made_at TIMESTAMPTZ, made_by TEXT, due TIMESTAMPTZ, version INTEGER,
        settled_at TIMESTAMPTZ
    )
    ON CONFLICT (number, id) DO UPDATE SET
        state = excluded.state, made_at = excluded.made_at, made_by = excluded.made_by, due = excluded.due,
        version = excluded.version, settled_at = excluded.settled_at
), changed_tasks AS (
    INSERT INTO tasks (number, kind, id, owner, asked_by, asked_at, due, state, done_at)
    SELECT $1, t.kind, t.id, t.owner, t.asked_by, t.asked_at, t.due, t.state, t.done_at
    FROM jsonb_to_recordset($7) AS t (
        kind TEXT, id TEXT, owner TEXT, asked_by TEXT, asked_at TIMESTAMPTZ, due TIMESTAMPTZ, state TEXT,
        done_at TIMESTAMPTZ
    )
    ON CONFLICT (number, kind, id) DO UPDATE SET
        owner = excluded.owner, asked_by = excluded.asked_by, asked_at = excluded.asked_at, due = excluded.due,
        state = excluded.state, done_at = excluded.done_at
)
INSERT INTO complaints AS c (
    number, state, head, clock_offset, turn, schema_version, stage, entered_at, type, cause, severity, flags, owner,
    first_contact, desk, lead_person, line, project, channel, round, result, policy_version, calendar_version,
    duplicate_of, case_group, received_at, registered_at, ended_at, next_deadline, breached, heard_at,
    lead, waiting_for, held_until, due_at, due_name, late, priority, reopened, approvers, barred, promise_due,
    limitation_due, places, about_person
)
SELECT $1, $2, $3, $8, n.turn, n.schema_version, n.stage, n.entered_at, n.type, n.cause, n.severity, n.flags, n.owner,
       n.first_contact, n.desk, n.lead_person, n.line, n.project, n.channel, n.round, n.result, n.policy_version,
       n.calendar_version, n.duplicate_of, n.case_group, n.received_at, n.registered_at, n.ended_at, n.next_deadline,
       n.breached, n.heard_at, n.lead, n.waiting_for, n.held_until, n.due_at, n.due_name, n.late, n.priority, n.reopened,
       n.approvers, n.barred, n.promise_due, n.limitation_due, n.places, n.about_person
FROM jsonb_to_record($4) AS n (
    turn INTEGER, schema_version INTEGER, stage TEXT, entered_at TIMESTAMPTZ, type TEXT, cause TEXT, severity TEXT,
    flags TEXT[], owner TEXT, first_contact TEXT, desk TEXT, lead_person TEXT, line TEXT, project TEXT, channel TEXT,
    round INTEGER, result TEXT, policy_version TEXT, calendar_version TEXT, duplicate_of TEXT, case_group TEXT,
    received_at TIMESTAMPTZ, registered_at TIMESTAMPTZ, ended_at TIMESTAMPTZ, next_deadline TIMESTAMPTZ,
    breached TEXT[], heard_at TIMESTAMPTZ, lead TEXT, waiting_for TEXT, held_until TIMESTAMPTZ, due_at TIMESTAMPTZ,
    due_name TEXT, late BOOLEAN, priority SMALLINT, reopened SMALLINT, approvers TEXT[], barred TEXT[],
    promise_due TIMESTAMPTZ, limitation_due TIMESTAMPTZ, places TEXT[], about_person TEXT
)
ON CONFLICT (number) DO UPDATE SET
    state = excluded.state, head = excluded.head, turn = excluded.turn, schema_version = excluded.schema_version,
    stage = excluded.stage, entered_at = excluded.entered_at, type = excluded.type, cause = excluded.cause,
    severity = excluded.severity, flags = excluded.flags, owner = excluded.owner,
    first_contact = excluded.first_contact, desk = excluded.desk, lead_person = excluded.lead_person,
    line = excluded.line, project = excluded.project, channel = excluded.channel, round = excluded.round,
    result = excluded.result, policy_version = excluded.policy_version,
    calendar_version = excluded.calendar_version, duplicate_of = excluded.duplicate_of,
    case_group = excluded.case_group, received_at = excluded.received_at, registered_at = excluded.registered_at,
    ended_at = excluded.ended_at, next_deadline = excluded.next_deadline, breached = excluded.breached,
    heard_at = excluded.heard_at, lead = excluded.lead, waiting_for = excluded.waiting_for,
    held_until = excluded.held_until, due_at = excluded.due_at, due_name = excluded.due_name, late = excluded.late,
    priority = excluded.priority, reopened = excluded.reopened, approvers = excluded.approvers,
    barred = excluded.barred, promise_due = excluded.promise_due, limitation_due = excluded.limitation_due,
    places = excluded.places, about_person = excluded.about_person
WHERE c.turn = excluded.turn - 1

-- plan_notices --
-- Messages the ruling wants sent, and the end of planned warnings of deadlines that were settled or moved.
WITH withdrawn AS (
    UPDATE outbox SET state = 'cancelled', settled_at = now()
    WHERE number = $1 AND state = 'planned' AND deadline = ANY ($4::TEXT[]) AND not_before > $3
      AND key <> ALL ($5::TEXT[])
)
INSERT INTO outbox (key, number, turn, receiver, template, params, deadline, not_before, due_at)
SELECT n.key, $1, $2, n.to, n.template, n.params, n.deadline, coalesce(n.not_before, $3),
       coalesce(n.not_before, $3) + $7::INTERVAL
FROM jsonb_to_recordset($6) AS n (
    key TEXT, "to" TEXT, template TEXT, params JSONB, deadline TEXT, not_before TIMESTAMPTZ
)
ON CONFLICT (key) DO UPDATE SET
    state = 'planned', turn = excluded.turn, params = excluded.params, not_before = excluded.not_before,
    due_at = excluded.due_at, settled_at = NULL
WHERE outbox.state IN ('cancelled', 'planned')

-- next_number --
-- The next complaint number of a year of receipt; whoever asks at the same time waits for this opening to end.
INSERT INTO number_years (year, last) VALUES ($1, 1)
ON CONFLICT (year) DO UPDATE SET last = number_years.last + 1
RETURNING last

-- find_receipt --
-- The complaint that came in under the same id of its channel (same_id), or by the same request.
SELECT number, content, coalesce(channel = $1 AND external_id = $2, FALSE) AS same_id FROM receipts
WHERE (channel = $1 AND external_id = $2) OR request_key = $3
ORDER BY number LIMIT 1

-- lock_receipt --
-- Openings of the same id or request wait for each other until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0))

-- add_receipt --
-- How a complaint came in, with the ids of the customer's words.
INSERT INTO receipts (number, channel, external_id, request_key, content, words, preferred, language,
                      opened_by, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- set_aside --
-- A command an error of ours kept from being ruled on; a deadline set aside again waits for a newer build still.
INSERT INTO set_aside (number, command_id, body_hash, kind, deadline, command, heard_at, fault, build, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (number, command_id) DO UPDATE SET
    fault = excluded.fault, build = excluded.build, attempts = set_aside.attempts + excluded.attempts, at = now()

-- ruled_after_all --
-- Deadlines that had been set aside and have passed now.
UPDATE set_aside SET ruled_at = now() WHERE number = $1 AND deadline = ANY ($2::TEXT[]) AND ruled_at IS NULL

-- waiting_aside --
-- Commands that wait for a newer build, or for an operator.
SELECT number, command_id, kind, deadline, fault, build, attempts, at FROM set_aside
WHERE ruled_at IS NULL ORDER BY at, number, command_id
