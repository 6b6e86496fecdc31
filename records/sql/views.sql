-- list_cases --
-- Complaints as a list shows them: those whose next deadline is nearest first, the ended and the timeless last.
SELECT c.number, c.stage, c.type, c.cause, c.severity, c.flags, c.owner, c.desk, c.lead_person, c.project, c.channel,
       c.round, c.result, c.policy_version, c.received_at, c.registered_at, c.ended_at, c.next_deadline,
       (SELECT d.name FROM deadlines AS d WHERE d.number = c.number AND d.state = 'open' ORDER BY d.due, d.id LIMIT 1)
           AS next_deadline_name,
       c.breached, c.turn
FROM complaints AS c
WHERE ($1 OR c.ended_at IS NULL)
  AND (cardinality($2::TEXT[]) = 0 OR c.stage = ANY ($2))
  AND ($3::TEXT IS NULL OR c.desk = $3)
  AND ($4::TEXT IS NULL OR c.owner = $4)
  AND ($5::TEXT IS NULL OR c.type = $5)
  AND ($6::TEXT IS NULL OR c.project = $6)
  AND (NOT $7 OR cardinality(c.breached) > 0)
ORDER BY c.ended_at IS NOT NULL, c.next_deadline NULLS LAST, c.number
LIMIT $8

-- case_counts --
-- How many complaints there are, and how many of them have not ended.
SELECT count(*) AS total, count(*) FILTER (WHERE ended_at IS NULL) AS running,
       count(*) FILTER (WHERE cardinality(breached) > 0) AS overdue
FROM complaints

-- receipt --
-- How a complaint came in, with the ids of the customer's words.
SELECT channel, external_id, words, preferred, language, opened_by, opened_at FROM receipts WHERE number = $1

-- newer_contact --
-- The id of the contact a customer gave last after the opening, if any.
SELECT command ->> 'contact' FROM turns
WHERE number = $1 AND kind = 'change_contact' AND accepted ORDER BY turn DESC LIMIT 1

-- turns --
-- The ledger of a complaint, refused turns too, each with its facts in order.
SELECT t.turn, t.kind, t.command, t.said_by, t.standing_in, t.heard_at, t.noticed_at, t.accepted, t.reason, t.rule,
       coalesce((SELECT jsonb_agg(jsonb_build_object('kind', f.kind, 'subject', f.subject, 'at', f.at, 'by', f.said_by,
                                                     'data', f.data, 'released', f.released) ORDER BY f.place)
                 FROM facts AS f WHERE f.number = t.number AND f.turn = t.turn), '[]') AS facts
FROM turns AS t
WHERE t.number = $1
ORDER BY t.turn

-- cases_of --
-- Open complaints that lie with a person: as owner, as first contact before there is one, or as leading person.
SELECT number FROM complaints
WHERE ended_at IS NULL AND (owner = $1 OR lead_person = $1 OR (owner IS NULL AND first_contact = $1))
ORDER BY number
