-- audited_numbers --
-- Complaints to look at, by number.
SELECT number FROM complaints WHERE number > $1 AND ($2::TEXT IS NULL OR number = $2) ORDER BY number LIMIT $3

-- audited_turns --
-- All turns of a complaint with what the chain says of them.
SELECT number, turn, command_id, body_hash, kind, command, said_by, standing_in, heard_at, noticed_at, accepted,
       reason, rule, answer, patch, previous, hash
FROM turns WHERE number = $1 ORDER BY turn

-- audited_facts --
-- All facts of a complaint.
SELECT turn, place, kind, subject, at, said_by AS by, data, released FROM facts WHERE number = $1 ORDER BY turn, place

-- audited_complaint --
-- What the columns say.
SELECT state, head, turn, schema_version, stage, entered_at, type, cause, severity, flags, owner, first_contact, desk,
       lead_person, line, project, channel, round, result, policy_version, calendar_version, duplicate_of, case_group,
       received_at, registered_at, ended_at, next_deadline, breached, heard_at, lead, waiting_for, held_until, due_at, due_name,
       late, priority, reopened, approvers, barred, promise_due, limitation_due, places,
       about_person
FROM complaints WHERE number = $1

-- audited_deadlines --
-- What the projection says of a complaint's deadlines.
SELECT id, name, base, round, state, start, due, wake, fired_at, late_by, levels, receivers, acknowledged_at,
       settled_at
FROM deadlines WHERE number = $1

-- audited_promises --
-- What the projection says of a complaint's promises.
SELECT id, state, made_at, made_by, due, version, settled_at FROM promises WHERE number = $1

-- audited_tasks --
-- What the projection says of a complaint's tasks and items.
SELECT kind, id, owner, asked_by, asked_at, due, state, done_at FROM tasks WHERE number = $1
