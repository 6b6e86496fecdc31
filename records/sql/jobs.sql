-- add_job --
-- A job with its complaints in the order they were chosen; nothing where a job of this id is there already.
WITH added AS (
    INSERT INTO jobs (id, kind, fields, words, asked_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO NOTHING RETURNING id
), items AS (
    INSERT INTO job_items (job, place, number)
    SELECT added.id, chosen.place, chosen.number
    FROM added CROSS JOIN unnest($6::TEXT[]) WITH ORDINALITY AS chosen (number, place)
)
SELECT id FROM added

-- job_drafts --
-- The draft that a job's words were stored as.
SELECT DISTINCT d.owner FROM texts AS t JOIN data_keys AS d ON d.id = t.data_key
WHERE t.id = ANY ($1::TEXT[]) AND d.owner LIKE 'draft\_%'

-- find_job --
-- A job with the count of its complaints in each state.
SELECT j.id, j.kind, j.fields, j.words, j.asked_by, j.asked_at, j.cancelled_at, j.finished_at,
       coalesce((SELECT jsonb_object_agg(s.state, s.n)
                 FROM (SELECT state, count(*) AS n FROM job_items WHERE job = j.id GROUP BY state) AS s),
                '{}') AS counts
FROM jobs AS j WHERE j.id = $1

-- jobs_of --
-- A person's latest jobs, the newest first.
SELECT j.id, j.kind, j.fields, j.words, j.asked_by, j.asked_at, j.cancelled_at, j.finished_at,
       coalesce((SELECT jsonb_object_agg(s.state, s.n)
                 FROM (SELECT state, count(*) AS n FROM job_items WHERE job = j.id GROUP BY state) AS s),
                '{}') AS counts
FROM jobs AS j WHERE j.asked_by = $1 ORDER BY j.asked_at DESC LIMIT $2

-- job_items --
-- What became of each complaint of a job, in the order they were chosen.
SELECT number, state, attempts, reason, rule, settled_at FROM job_items WHERE job = $1 ORDER BY place

-- take_job --
-- The oldest job that nobody holds and where something may be done now; held from now on, so that no second process
-- works on it. Rows another process is just taking are passed over.
UPDATE jobs SET held_by = $1, lease_until = now() + $2::INTERVAL
WHERE id = (SELECT j.id FROM jobs AS j
            WHERE j.finished_at IS NULL AND (j.lease_until IS NULL OR j.lease_until < now())
              AND EXISTS (SELECT 1 FROM job_items AS i
                          WHERE i.job = j.id AND i.state = 'waiting' AND i.not_before <= now())
            ORDER BY j.asked_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, kind, fields, words, asked_by

-- hold_job --
-- Hold a job for longer; nothing where it was taken over meanwhile.
UPDATE jobs SET lease_until = now() + $3::INTERVAL WHERE id = $1 AND held_by = $2 RETURNING id

-- let_go_job --
-- The holder is done with it for now; it is finished where nothing waits any more.
UPDATE jobs SET held_by = NULL, lease_until = NULL,
    finished_at = CASE WHEN EXISTS (SELECT 1 FROM job_items WHERE job = $1 AND state = 'waiting')
                       THEN NULL ELSE now() END
WHERE id = $1 AND held_by = $2

-- next_item --
-- The next complaint of a job that may be worked on now.
SELECT number, say, attempts FROM job_items
WHERE job = $1 AND state = 'waiting' AND not_before <= now() ORDER BY attempts, place LIMIT 1

-- settle_item --
-- What became of one complaint.
UPDATE job_items SET state = $3, reason = $4, rule = $5, attempts = attempts + 1, settled_at = now()
WHERE job = $1 AND number = $2 AND state = 'waiting'

-- postpone_item --
-- No answer came; the same is tried again after a while.
UPDATE job_items SET attempts = attempts + 1, reason = $3, not_before = now() + $4::INTERVAL
WHERE job = $1 AND number = $2 AND state = 'waiting'

-- cancel_job --
-- What has not been done is left undone. A case being worked on at this moment may still be answered.
WITH cancelled AS (
    UPDATE jobs SET cancelled_at = now(), finished_at = coalesce(finished_at, now())
    WHERE id = $1 AND finished_at IS NULL RETURNING id
)
UPDATE job_items AS i SET state = 'cancelled', settled_at = now()
FROM cancelled WHERE i.job = cancelled.id AND i.state = 'waiting'

-- retry_items --
-- Try again what did not succeed. A refusal was an answer, so the new try is a command of its own; a try without an
-- answer is repeated as it was, and done only once.
WITH again AS (
    UPDATE job_items SET state = 'waiting', say = say + (state = 'refused')::INTEGER, attempts = 0,
        not_before = now(), reason = NULL, rule = NULL, settled_at = NULL
    WHERE job = $1 AND state IN ('failed', 'refused') RETURNING job
)
UPDATE jobs SET finished_at = NULL, cancelled_at = NULL WHERE id = $1 AND EXISTS (SELECT 1 FROM again)

-- states_of --
-- The whole state of some complaints.
SELECT number, state FROM complaints WHERE number = ANY ($1::TEXT[])

-- add_export --
-- That a list was taken out as a file.
INSERT INTO exports (by, list, filter, format, rows, capped) VALUES ($1, $2, $3, $4, $5, $6)

-- readable --
-- Which of some complaints a person may read (domain.roles.Reach).
SELECT c.number FROM complaints AS c
WHERE c.number = ANY ($1::TEXT[]) AND may_read(c, $2::BOOLEAN, $3::TEXT, $4::TEXT[])

-- add_tag --
-- Mark a complaint with a tag that is in use; nothing where it is so marked already.
INSERT INTO case_tags (number, tag, added_by)
SELECT $1, t.code, $3 FROM tags AS t WHERE t.code = $2 AND t.ended_at IS NULL
ON CONFLICT (number, tag) DO NOTHING

-- has_tag --
-- Whether a complaint is marked so.
SELECT EXISTS (SELECT 1 FROM case_tags WHERE number = $1 AND tag = $2)

-- take_tag --
-- Take a tag away from a complaint, on record.
WITH gone AS (
    DELETE FROM case_tags WHERE number = $1 AND tag = $2 RETURNING number, tag, added_by, added_at
)
INSERT INTO case_tags_gone (number, tag, added_by, added_at, removed_by)
SELECT number, tag, added_by, added_at, $3 FROM gone

-- bulk_choices --
-- The people who act now and the tags in use, by what they are called.
SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(p.user_id, p.name) ORDER BY p.name, p.user_id), '[]')
        FROM people AS p WHERE p.active_from <= $1 AND $1 < p.active_to) AS people,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(t.code, t.zh, t.en) ORDER BY t.code), '[]')
        FROM tags AS t WHERE t.ended_at IS NULL) AS tags
