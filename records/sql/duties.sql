-- running_complaints --
-- Complaints that must have a running conversation, by number.
SELECT number, clock_offset FROM complaints WHERE ended_at IS NULL AND number > $1 ORDER BY number LIMIT $2

-- tasks_of --
-- What somebody owes: their own tasks and those of their roles, the most urgent first.
SELECT number, kind, id, owner, asked_by, asked_at, due, state FROM tasks
WHERE state = 'OPEN' AND owner = ANY ($1::TEXT[]) ORDER BY due NULLS LAST, number, kind, id LIMIT $2
