-- forget_offer --
-- A message that was not handed over after all.
DELETE FROM deliveries WHERE key = $1 AND person = $2 AND way = $3 AND outcome <> 'accepted'

-- business_now --
-- The present instant in a complaint's own time: real time, minus the rehearsal's offset.
SELECT now() - clock_offset FROM complaints WHERE number = $1

-- unreported_failures --
-- Messages that were given up and of which the complaint has not been told, oldest first.
SELECT o.number, o.key, c.clock_offset
FROM outbox AS o JOIN complaints AS c ON c.number = o.number
WHERE o.state = 'failed' AND o.reported_at IS NULL
ORDER BY o.settled_at, o.key LIMIT $1

-- failures_reported --
-- The complaints have been told of these.
UPDATE outbox SET reported_at = now() WHERE key = ANY ($1::TEXT[]) AND state = 'failed' AND reported_at IS NULL

-- still_overdue --
-- Those of some openings that are still fired, unsettled and not taken note of.
SELECT d.number, d.id
FROM unnest($1::TEXT[], $2::TEXT[]) AS asked (number, id)
JOIN deadlines AS d ON d.number = asked.number AND d.id = asked.id
WHERE d.state = 'fired' AND d.settled_at IS NULL AND d.acknowledged_at IS NULL

-- complaints_at_work --
-- Complaints whose workflow must be running, in order of their numbers: those not ended, and those where a deadline
-- still has to wake somebody.
SELECT c.number, c.clock_offset,
       EXISTS (SELECT 1 FROM set_aside AS s
               WHERE s.number = c.number AND s.ruled_at IS NULL AND s.deadline IS NOT NULL) AS aside
FROM complaints AS c
WHERE c.number > $1
  AND (c.ended_at IS NULL
       OR EXISTS (SELECT 1 FROM deadlines AS d WHERE d.number = c.number AND d.wake IS NOT NULL))
ORDER BY c.number LIMIT $2

-- has_copy --
-- Whether what a person was sent is kept.
SELECT text IS NOT NULL FROM deliveries WHERE key = $1 AND person = $2 AND way = $3

-- keep_copy --
-- What a person was sent belongs to the delivery and is not swept.
WITH claimed AS (
    UPDATE texts SET claimed = (SELECT turn FROM outbox WHERE key = $1) WHERE id = $4
)
UPDATE deliveries SET text = $4 WHERE key = $1 AND person = $2 AND way = $3

-- find_copy --
-- The text of what a person was sent about a complaint.
SELECT d.text FROM deliveries AS d JOIN outbox AS o ON o.key = d.key
WHERE o.number = $1 AND d.key = $2 AND d.person = $3 AND d.way = $4
