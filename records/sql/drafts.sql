-- put_draft --
-- What somebody is writing now, in place of what they had before; the words before it are no longer needed.
WITH old AS (
    SELECT text FROM drafts WHERE person = $1 AND number = $2 AND mode = $3
), kept AS (
    INSERT INTO drafts (person, number, mode, text) VALUES ($1, $2, $3, $4)
    ON CONFLICT (person, number, mode) DO UPDATE SET text = excluded.text, saved_at = now()
)
SELECT text FROM old

-- drop_draft --
-- It was said or thrown away.
DELETE FROM drafts WHERE person = $1 AND number = $2 AND mode = $3 RETURNING text

-- drop_words --
-- Words of a draft that is no more. Words that a turn has taken on stay.
DELETE FROM texts WHERE id = ANY ($1::TEXT[]) AND claimed IS NULL

-- beside --
-- What a person keeps beside a case they open: whether they watch it, and their drafts by mode; and the marks of the case.
-- What they see, up to turn $3, is looked at by that: no longer unread in lists, mentions read, the news seen.
WITH looked AS (
    UPDATE watchers SET seen = $3 WHERE person = $1 AND number = $2 AND seen < $3
), marked AS (
    INSERT INTO read_marks (person, number, turn) SELECT $1, $2, $3 WHERE $3 > 0
    ON CONFLICT (person, number) DO UPDATE SET turn = excluded.turn WHERE read_marks.turn < excluded.turn
), named AS (
    UPDATE mentions SET read_at = now() WHERE person = $1 AND number = $2 AND turn <= $3 AND read_at IS NULL
)
SELECT EXISTS (SELECT 1 FROM watchers AS w WHERE w.person = $1 AND w.number = $2) AS watching,
       coalesce((SELECT jsonb_object_agg(d.mode, d.text) FROM drafts AS d
                 WHERE d.person = $1 AND d.number = $2), '{}') AS drafts,
       coalesce((SELECT jsonb_agg(jsonb_build_array(t.zh, t.en) ORDER BY t.code)
                 FROM case_tags AS g JOIN tags AS t ON t.code = g.tag WHERE g.number = $2), '[]') AS tags

-- watch --
-- Somebody wants to hear of a case from its present turn on.
INSERT INTO watchers (person, number, seen)
SELECT p.user_id, c.number, c.turn FROM complaints AS c JOIN people AS p ON p.user_id = ANY ($1::TEXT[])
WHERE c.number = $2
ON CONFLICT (person, number) DO NOTHING

-- unwatch --
-- They no longer do.
DELETE FROM watchers WHERE person = $1 AND number = $2

-- mention --
-- People named in a turn.
INSERT INTO mentions (person, number, turn, by)
SELECT user_id, $2, $3, $4 FROM people WHERE user_id = ANY ($1::TEXT[])
ON CONFLICT (person, number, turn) DO NOTHING

-- mentions_of --
-- Where a person was named, unread first, then the newest. $2 may read everything, $3 else these places
-- (domain.roles.Reach): a case that is no longer theirs to read is not told of.
SELECT m.number, m.turn, m.by, p.name AS by_name, m.at, m.read_at, c.stage, c.turn AS now_at
FROM mentions AS m JOIN complaints AS c ON c.number = m.number LEFT JOIN people AS p ON p.user_id = m.by
WHERE m.person = $1 AND may_read(c, $2, $1, $3)
ORDER BY m.read_at IS NOT NULL, m.at DESC, m.number LIMIT $4

-- watched_by --
-- The cases a person watches, those with turns of others since they looked first. `news` counts these turns.
-- $2 and $3 as in mentions_of.
SELECT w.number, c.stage, w.seen, c.turn AS now_at, coalesce(n.news, 0) AS news, n.kind, n.said_by, n.heard_at,
       p.name AS by_name
FROM watchers AS w JOIN complaints AS c ON c.number = w.number
LEFT JOIN LATERAL (
    SELECT count(*) OVER () AS news, t.kind, t.said_by, t.heard_at
    FROM turns AS t
    WHERE t.number = w.number AND t.turn > w.seen AND t.said_by NOT IN (w.person, 'feed:outbox') AND t.accepted
    ORDER BY t.turn DESC LIMIT 1
) AS n ON TRUE
LEFT JOIN people AS p ON p.user_id = n.said_by
WHERE w.person = $1 AND may_read(c, $2, $1, $3)
ORDER BY n.news IS NULL, n.heard_at DESC, w.number LIMIT $4

-- waiting --
-- How many lines of a person's inbox they have not looked at. $2 and $3 as in mentions_of.
SELECT (SELECT count(*) FROM mentions AS m JOIN complaints AS c ON c.number = m.number
        WHERE m.person = $1 AND m.read_at IS NULL AND may_read(c, $2, $1, $3))
     + (SELECT count(*) FROM watchers AS w JOIN complaints AS c ON c.number = w.number
        WHERE w.person = $1 AND may_read(c, $2, $1, $3) AND EXISTS (
            SELECT 1 FROM turns AS t
            WHERE t.number = w.number AND t.turn > w.seen AND t.said_by NOT IN (w.person, 'feed:outbox') AND t.accepted)) AS waiting

-- turns_since --
-- What was said to a case after a turn, without the words.
SELECT t.turn, t.kind, t.said_by, p.name AS by_name, t.heard_at, t.accepted, t.reason
FROM turns AS t LEFT JOIN people AS p ON p.user_id = t.said_by
WHERE t.number = $1 AND t.turn > $2 ORDER BY t.turn LIMIT $3

-- present_people --
-- Everybody who acts at an instant, with the roles of their own and of their seats, for pickers.
SELECT p.user_id, p.name, p.department,
       (SELECT array_agg(DISTINCT role ORDER BY role) FROM (
            SELECT unnest(p.roles) AS role
            UNION SELECT s.role FROM seats AS s WHERE s.person = p.user_id AND s.starts <= $1 AND $1 < s.ends
        ) AS held) AS roles
FROM people AS p
WHERE p.active_from <= $1 AND $1 < p.active_to
ORDER BY p.name, p.user_id

-- open_counts --
-- How many complaints that have not ended lie with each person, as owner or as lead.
SELECT held.person, count(*) AS cases
FROM complaints AS c
CROSS JOIN LATERAL unnest(ARRAY[c.lead_person, c.owner]) AS held (person)
WHERE c.ended_at IS NULL AND held.person = ANY ($1::TEXT[]) AND (held.person = c.lead_person OR c.lead_person IS NULL)
GROUP BY held.person

-- possible_duplicates --
-- Complaints of the same customer (a contact in common), the newest first, with where they stand.
SELECT DISTINCT c.number, c.received_at, c.state
FROM contact_index AS mine
JOIN contact_index AS other ON other.digest = mine.digest AND other.owner <> mine.owner
JOIN complaints AS c ON c.number = other.owner
WHERE mine.owner = $1 AND c.stage NOT IN ('DUPLICATE', 'WITHDRAWN')
ORDER BY c.received_at DESC LIMIT 20

-- version_names --
-- The versions of policy and calendar there are.
SELECT (SELECT array_agg(version ORDER BY version) FROM policy_versions) AS policies,
       (SELECT array_agg(version ORDER BY version) FROM calendar_versions) AS calendars

-- addressed --
-- Whom a word on this case is written to: the id of their name, and their language.
SELECT words ->> 'name' AS name, language FROM receipts WHERE number = $1

-- find_people --
-- Whoever acts at an instant and is called so, by name or user id, as the rules know them.
SELECT p.user_id, p.name, a.department, a.roles, a.projects, a.absent
FROM people AS p CROSS JOIN LATERAL acting_person(p.user_id, $2) AS a
WHERE position($1 IN p.user_id) > 0 OR position($1 IN lower(p.name)) > 0
ORDER BY p.name, p.user_id LIMIT $3

-- acting_people --
-- Those of some people who act at an instant, as the rules know them.
SELECT p.user_id, p.name, a.department, a.roles, a.projects, a.absent
FROM people AS p CROSS JOIN LATERAL acting_person(p.user_id, $2) AS a
WHERE p.user_id = ANY ($1::TEXT[])
ORDER BY p.user_id

-- receipt_words --
-- The words a complaint came in with that are not erased.
SELECT w.key AS kind, w.value AS id
FROM receipts AS r CROSS JOIN LATERAL jsonb_each_text(r.words) AS w JOIN texts AS t ON t.id = w.value
    JOIN data_keys AS d ON d.id = t.data_key
WHERE r.number = $1 AND d.erased_at IS NULL AND t.ciphertext IS NOT NULL
