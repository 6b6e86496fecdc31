-- live_link --
-- The live link of a complaint for a purpose; made now where there is none. $4: the id a new one gets.
WITH made AS (
    INSERT INTO customer_links (id, number, purpose, round) VALUES ($4, $1, $2, $3)
    ON CONFLICT (number, purpose, round) WHERE revoked_at IS NULL DO NOTHING
    RETURNING id
)
SELECT id FROM made
UNION ALL
SELECT id FROM customer_links
WHERE number = $1 AND purpose = $2 AND round = $3 AND revoked_at IS NULL
LIMIT 1

-- open_link --
-- A link that still opens: neither revoked nor of a complaint that ended before $2.
SELECT l.id, l.number, l.purpose, l.round
FROM customer_links AS l JOIN complaints AS c USING (number)
WHERE l.id = $1 AND l.revoked_at IS NULL AND (c.ended_at IS NULL OR c.ended_at > $2)

-- revoke_links --
-- All live links of a complaint end.
UPDATE customer_links SET revoked_at = now(), revoked_by = $2 WHERE number = $1 AND revoked_at IS NULL

-- was_said --
-- Whether a command under this key was taken by the complaint, whatever its words.
SELECT EXISTS (SELECT FROM turns WHERE number = $1 AND accepted AND command_id = $2)

-- count_one --
-- One more within the window that ends at $2; how many that makes.
INSERT INTO rate_counters (subject, window_ends, count) VALUES ($1, $2, 1)
ON CONFLICT (subject, window_ends) DO UPDATE SET count = rate_counters.count + 1
RETURNING count

-- sweep_counters --
-- Counters whose window is over.
DELETE FROM rate_counters WHERE window_ends < $1
