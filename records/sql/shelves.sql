-- save_view --
-- A list of a person's own, or its new content under the same name; none beyond the most a person may keep.
INSERT INTO saved_views (person, name, view, query, columns, sort)
SELECT $1, $2, $3, $4, $5, $6
WHERE (SELECT count(*) FROM saved_views WHERE person = $1 AND name <> $2) < $7
ON CONFLICT (person, name) DO UPDATE SET
    view = excluded.view, query = excluded.query, columns = excluded.columns, sort = excluded.sort
RETURNING id

-- drop_view --
-- A list of a person's own is no longer wanted.
DELETE FROM saved_views WHERE person = $1 AND id = $2 RETURNING id

-- keep_columns --
-- What a person wants to see in a list of ours.
INSERT INTO view_columns (person, view, columns) VALUES ($1, $2, $3)
ON CONFLICT (person, view) DO UPDATE SET columns = excluded.columns

-- forget_columns --
-- Back to the columns everybody gets.
DELETE FROM view_columns WHERE person = $1 AND view = $2

-- tags --
-- The words complaints may be marked with, those no longer given too.
SELECT code, zh, en, ended_at IS NULL AS given FROM tags ORDER BY code

-- put_tag --
-- A word complaints may be marked with, or its new wording.
INSERT INTO tags (code, zh, en, added_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (code) DO UPDATE SET zh = excluded.zh, en = excluded.en, ended_at = NULL

-- end_tag --
-- No longer given to complaints; those that have it keep it.
UPDATE tags SET ended_at = now() WHERE code = $1 AND ended_at IS NULL RETURNING code

-- add_tag --
-- Mark complaints; answers those that were not marked before. A word that is not in the list marks none.
INSERT INTO case_tags (number, tag, added_by)
SELECT c.number, t.code, $3 FROM complaints AS c JOIN tags AS t ON t.code = $2 AND t.ended_at IS NULL
WHERE c.number = ANY ($1::TEXT[])
ON CONFLICT (number, tag) DO NOTHING
RETURNING number

-- remove_tag --
-- Take a mark off complaints, on record; answers those that had it.
WITH gone AS (
    DELETE FROM case_tags WHERE number = ANY ($1::TEXT[]) AND tag = $2 RETURNING number, tag, added_by, added_at
)
INSERT INTO case_tags_gone (number, tag, added_by, added_at, removed_by)
SELECT number, tag, added_by, added_at, $3 FROM gone RETURNING number

-- tags_of --
-- The marks a complaint has or had, by whom and when, those it has first.
SELECT t.code, t.zh, t.en, coalesce(p.name, g.added_by) AS added_by, g.added_at, NULL AS removed_by, NULL::TIMESTAMPTZ AS removed_at
FROM case_tags AS g JOIN tags AS t ON t.code = g.tag LEFT JOIN people AS p ON p.user_id = g.added_by
WHERE g.number = $1
UNION ALL
SELECT t.code, t.zh, t.en, coalesce(p.name, g.added_by), g.added_at, coalesce(q.name, g.removed_by), g.removed_at
FROM case_tags_gone AS g JOIN tags AS t ON t.code = g.tag
LEFT JOIN people AS p ON p.user_id = g.added_by LEFT JOIN people AS q ON q.user_id = g.removed_by
WHERE g.number = $1
ORDER BY removed_at DESC NULLS FIRST, code
