-- meanwhile --
-- What was said to a case after a turn, without the words, the oldest first.
SELECT t.turn, t.kind, t.said_by, p.name AS by_name, t.heard_at, t.accepted
FROM turns AS t LEFT JOIN people AS p ON p.user_id = t.said_by
WHERE t.number = $1 AND t.turn > $2
ORDER BY t.turn LIMIT $3

-- turn_of_key --
-- The turn a person's key was answered with, accepted or not.
SELECT turn FROM turns WHERE number = $1 AND command_id = $2 AND said_by = $3
