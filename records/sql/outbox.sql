-- claim_notices --
-- Messages that may go out now, leased to one sender: by real time, or those of one complaint by its business time.
WITH due AS (
    SELECT key FROM outbox
    WHERE (state = 'planned' OR (state = 'sending' AND lease_until < now()))
      AND CASE WHEN $1::TEXT IS NULL THEN due_at <= now() ELSE number = $1 AND not_before <= $2 END
    ORDER BY due_at, key LIMIT $3
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE outbox AS o SET state = 'sending', attempts = o.attempts + 1, lease_until = now() + $4::INTERVAL
    FROM due WHERE o.key = due.key
    RETURNING o.key, o.number, o.turn, o.receiver, o.template, o.params, o.deadline, o.not_before, o.due_at, o.attempts
)
SELECT n.key, n.number, n.turn, n.receiver, n.template, n.params, n.deadline, n.not_before, n.attempts,
       c.state AS complaint, c.clock_offset, r.words, r.preferred, r.language,
       (SELECT f.data ->> 'contact' FROM facts AS f
        WHERE f.number = n.number AND f.kind = 'contact_changed' ORDER BY f.turn DESC LIMIT 1) AS new_contact,
       (SELECT jsonb_agg(jsonb_build_object('person', d.person, 'way', d.way, 'outcome', d.outcome))
        FROM deliveries AS d WHERE d.key = n.key) AS deliveries
FROM claimed AS n
JOIN complaints AS c ON c.number = n.number
JOIN receipts AS r ON r.number = n.number
ORDER BY n.due_at, n.key

-- note_delivery --
-- What became of one message to one person by one way; a later try of the same replaces it unless it was accepted.
INSERT INTO deliveries (key, person, way, instead_of, outcome, reply) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (key, person, way) DO UPDATE SET
    outcome = excluded.outcome, reply = excluded.reply, instead_of = excluded.instead_of, at = now()
WHERE deliveries.outcome <> 'accepted'

-- settle_notice --
-- The end of a message: sent, failed for good, or cancelled; says whether it was still under way. Whom it did not reach
-- is put on record; where others have it, each of these is a failure of its own, which its complaint is told of.
WITH settled AS (
    UPDATE outbox SET state = $2, trouble = $3, settled_at = now(), lease_until = NULL
    WHERE key = $1 AND state = 'sending'
    RETURNING key, number, turn, template, params, deadline, not_before, due_at, state, attempts, settled_at
), unreached AS (
    SELECT u.person, u.way, u.instead_of, u.why
    FROM unnest($4::TEXT[], $5::TEXT[], $6::TEXT[], $7::TEXT[]) AS u (person, way, instead_of, why)
), noted AS (
    INSERT INTO deliveries (key, person, way, instead_of, outcome, reply)
    SELECT s.key, u.person, u.way, u.instead_of, 'refused', u.why FROM settled AS s, unreached AS u
    ON CONFLICT (key, person, way) DO NOTHING
), given_up AS (
    INSERT INTO outbox (key, number, turn, receiver, template, params, deadline, not_before, due_at, state, attempts,
                        trouble, settled_at)
    SELECT s.key || '/' || u.person, s.number, s.turn, 'person:' || u.person, s.template, s.params, s.deadline,
           s.not_before, s.due_at, 'failed', s.attempts, u.why, s.settled_at
    FROM settled AS s, unreached AS u WHERE s.state = 'sent'
    ON CONFLICT (key) DO NOTHING
)
SELECT key FROM settled

-- return_notice --
-- Back among the planned ones, for a later try or until quiet hours end.
UPDATE outbox SET state = 'planned', trouble = $2, due_at = $3::TIMESTAMPTZ, not_before = $3::TIMESTAMPTZ - $4::INTERVAL, lease_until = NULL,
       attempts = attempts - CASE WHEN $5 THEN 0 ELSE 1 END
WHERE key = $1 AND state = 'sending'

-- plan_notice --
-- A message outside a turn, such as a reminder; once per business key.
INSERT INTO outbox (key, number, turn, receiver, template, params, deadline, not_before, due_at)
SELECT $2, c.number, c.turn, $3, $4, $5, $6, $7::TIMESTAMPTZ, $7::TIMESTAMPTZ + c.clock_offset FROM complaints AS c WHERE c.number = $1
ON CONFLICT (key) DO NOTHING
RETURNING key

-- overdue --
-- Deadlines that fired, are not settled and were not taken note of, with those who were told last.
SELECT d.number, d.id, d.name, d.due, d.fired_at, d.receivers, c.state AS complaint, c.clock_offset
FROM deadlines AS d JOIN complaints AS c ON c.number = d.number
WHERE d.state = 'fired' AND d.settled_at IS NULL AND d.acknowledged_at IS NULL AND (d.number, d.id) > ($1, $2)
ORDER BY d.number, d.id LIMIT $3

-- reminders_planned --
-- How many messages of a template one receiver has for a span of business time, to keep within the limit.
SELECT count(*) FROM outbox
WHERE receiver = $1 AND template = $2 AND not_before >= $3 AND not_before < $4 AND state <> 'cancelled'

-- outbox_counts --
-- How many messages are in each state, and the age in seconds of the oldest that should be out by now.
SELECT state, count(*) AS messages,
       coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now())), 0)::FLOAT AS oldest_s
FROM outbox GROUP BY state ORDER BY state

-- notice_states --
-- The messages of a complaint and what became of them, oldest first.
SELECT key, turn, receiver, template, deadline, state, not_before, attempts, trouble, settled_at FROM outbox
WHERE number = $1 ORDER BY not_before, key
