-- reach --
-- What this reader may read (domain.roles.Reach), of the departments whose cases they are shown.
may_read(c, ($1::JSONB ->> 'everything')::BOOLEAN, $1::JSONB ->> 'person', $8::TEXT[])
      AND ($1::JSONB ->> 'desks' IS NULL OR $1::JSONB -> 'desks' ? c.desk)

-- scope --
-- The complaints a figure may count: those the reader may read, within the filters of the page (STA-11). What is not
-- set is asked for as '-'. Who had the first contact stands for an owner until there is one. Ages are counted in whole
-- days and put into the buckets of docs/figures.md.
asked AS (
    SELECT $1::JSONB AS reach, $2::JSONB AS filters, $3::TIMESTAMPTZ AS begins, $4::TIMESTAMPTZ AS ends,
           $5::TIMESTAMPTZ AS now, $6::TEXT[] AS appointments, $7::TEXT AS zone,
           $8::TEXT[] AS places
), scope AS NOT MATERIALIZED (
    SELECT c.number, c.stage, c.type, c.cause, c.severity, c.desk, c.project, c.channel,
           coalesce(c.owner, c.first_contact) AS owner, c.round, c.breached, c.due_at, c.received_at, c.ended_at,
           width_bucket((extract(epoch FROM $5::TIMESTAMPTZ - c.received_at) / 86400)::FLOAT8,
                        ARRAY[4, 8, 16, 31, 91]::FLOAT8[]) AS age
    FROM complaints AS c
    WHERE /*reach*/
      AND ($2::JSONB ->> 'project' IS NULL OR coalesce(c.project, '-') = $2::JSONB ->> 'project')
      AND ($2::JSONB ->> 'type' IS NULL OR coalesce(c.type, '-') = $2::JSONB ->> 'type')
      AND ($2::JSONB ->> 'cause' IS NULL OR coalesce(c.cause, '-') = $2::JSONB ->> 'cause')
      AND ($2::JSONB ->> 'severity' IS NULL OR coalesce(c.severity, '-') = $2::JSONB ->> 'severity')
      AND ($2::JSONB ->> 'desk' IS NULL OR c.desk = $2::JSONB ->> 'desk')
      AND ($2::JSONB ->> 'channel' IS NULL OR c.channel = $2::JSONB ->> 'channel')
      AND ($2::JSONB ->> 'stage' IS NULL OR c.stage = $2::JSONB ->> 'stage')
      AND ($2::JSONB ->> 'ran_out' IS NULL
           OR EXISTS (SELECT 1 FROM unnest(c.breached) AS b WHERE split_part(b, '/', 1) = $2::JSONB ->> 'ran_out'))
)

-- open_now --
-- Complaints that have not ended, at the instant of asking.
SELECT s.*, '' AS item, TRUE AS hit, coalesce(s.due_at, 'infinity') AS at, s.owner AS who
FROM scope AS s WHERE s.ended_at IS NULL

-- breached_now --
-- Open complaints with at least one deadline that fired and is not settled.
SELECT s.*, '' AS item, TRUE AS hit, coalesce(s.due_at, 'infinity') AS at, s.owner AS who
FROM scope AS s WHERE s.ended_at IS NULL AND cardinality(s.breached) > 0

-- nearly_due --
-- Open complaints with a running deadline of which at least four fifths have gone by, from its start to its present
-- due instant, pauses that ended being part of both. Appointments are no deadlines; what stands still is left out.
SELECT s.*, '' AS item, TRUE AS hit, coalesce(s.due_at, 'infinity') AS at, s.owner AS who
FROM scope AS s
WHERE s.ended_at IS NULL
  AND EXISTS (SELECT 1 FROM deadlines AS d
              WHERE d.number = s.number AND d.state = 'open' AND d.due > $5 AND d.base <> ALL ($6)
                AND d.start < d.due AND $5 >= d.start + (d.due - d.start) * 0.8)

-- received --
-- Complaints received in the period.
SELECT s.*, '' AS item, TRUE AS hit, s.received_at AS at, s.owner AS who
FROM scope AS s WHERE s.received_at >= $3 AND s.received_at < $4

-- closed --
-- Complaints that ended in the period, whichever way.
SELECT s.*, '' AS item, TRUE AS hit, s.ended_at AS at, s.owner AS who
FROM scope AS s WHERE s.ended_at >= $3 AND s.ended_at < $4

-- promises_kept --
-- Promises that fell due in the period, and of these the ones kept in time. Those moved in time, and those whose case
-- ended first, were not due; those still open after their instant are broken.
SELECT s.*, p.id AS item, p.state = 'KEPT' AS hit, p.due AS at, p.made_by AS who
FROM promises AS p JOIN scope AS s ON s.number = p.number
WHERE p.due >= $3 AND p.due < least($4, $5) AND p.state <> 'EXTENDED'
  AND NOT (p.state = 'OPEN' AND s.ended_at IS NOT NULL AND s.ended_at <= p.due)

-- first_response --
-- First-response deadlines that fell due in the period, and of these the ones met; what is unanswered counts as late.
SELECT s.*, d.id AS item, d.state IN ('met', 'met_late_entry') AS hit, d.due AS at, s.owner AS who
FROM deadlines AS d JOIN scope AS s ON s.number = d.number
WHERE d.base = 'first_response_hours' AND d.due >= $3 AND d.due < least($4, $5) AND d.state <> 'cancelled'

-- handled_in_time --
-- Handling periods, extensions included, that ran out in the period, and of these the ones met. One that stands still
-- has its old due instant until it goes on, and is neither met nor missed: `hit` is not known.
SELECT s.*, d.id AS item, CASE WHEN d.state <> 'paused' THEN d.state IN ('met', 'met_late_entry') END AS hit,
       d.due AS at, s.owner AS who
FROM deadlines AS d JOIN scope AS s ON s.number = d.number
WHERE d.base = 'handling_days' AND d.due >= $3 AND d.due < least($4, $5) AND d.state <> 'cancelled'

-- second_handling --
-- Cases reported finished for the first time in the period, and of these the ones handled again since (SEC-06).
SELECT s.*, '' AS item, s.round > 1 AS hit, f.at AS at, s.owner AS who
FROM facts AS f JOIN scope AS s ON s.number = f.number
WHERE f.kind = 'entered' AND f.subject = 'FEEDBACK' AND f.at >= $3 AND f.at < $4
  AND NOT EXISTS (SELECT 1 FROM facts AS e
                  WHERE e.number = f.number AND e.kind = 'entered' AND e.subject = 'FEEDBACK' AND e.turn < f.turn)

-- follow_up --
-- Follow-up visits that fell due in the period, and of these the ones made by then: the customer was spoken to.
SELECT s.*, d.id AS item,
       d.state IN ('met', 'met_late_entry')
       AND EXISTS (SELECT 1 FROM facts AS f
                   WHERE f.number = d.number AND f.kind = 'follow_up_recorded' AND f.at >= d.start AND f.at <= d.due)
           AS hit,
       d.due AS at, s.owner AS who
FROM deadlines AS d JOIN scope AS s ON s.number = d.number
WHERE d.base = 'follow_up_days' AND d.due >= $3 AND d.due < least($4, $5) AND d.state <> 'cancelled'

-- selected --
-- Complaints that were chosen one by one.
SELECT s.*, '' AS item, TRUE AS hit, coalesce(s.due_at, 'infinity') AS at, s.owner AS who
FROM scope AS s WHERE s.number IN (SELECT jsonb_array_elements_text($2::JSONB -> 'numbers'))

-- one_figure --
-- One figure among others, by its name.
SELECT '/*name*/' AS figure, f.* FROM (/*figure*/) AS f

-- count --
-- All figures, whole and by each dimension: how many, how many of them hit, and how many beside them stand still, of
-- which nobody can say yet whether they hit. `part` says by which dimension.
WITH /*scope*/, rows AS (/*figures*/)
SELECT figure,
       CASE WHEN grouping(type) = 0 THEN 'type' WHEN grouping(cause) = 0 THEN 'cause'
            WHEN grouping(channel) = 0 THEN 'channel' WHEN grouping(project) = 0 THEN 'project'
            WHEN grouping(desk) = 0 THEN 'desk' WHEN grouping(stage) = 0 THEN 'stage'
            WHEN grouping(age) = 0 THEN 'age' WHEN grouping(who) = 0 THEN 'who' ELSE 'all' END AS part,
       coalesce(type, cause, channel, project, desk, stage, age::TEXT, who, '-') AS code,
       count(hit) AS total, count(*) FILTER (WHERE hit) AS hits, count(*) - count(hit) AS held
FROM rows
GROUP BY GROUPING SETS ((figure), (figure, type), (figure, cause), (figure, channel), (figure, project),
                        (figure, desk), (figure, stage), (figure, age), (figure, who))

-- ran_out --
-- Which deadlines ran out in the open complaints that are late, and in how many of these each.
WITH /*scope*/, rows AS (/*figures*/)
SELECT split_part(b, '/', 1) AS code, count(DISTINCT number) AS total
FROM rows, unnest(breached) AS b GROUP BY code ORDER BY total DESC, code

-- by_day --
-- What came in and what ended on each day of the period, by the calendar of the zone.
WITH /*scope*/, rows AS (/*figures*/)
SELECT (at AT TIME ZONE $7)::DATE AS day, count(*) FILTER (WHERE figure = 'received') AS received,
       count(*) FILTER (WHERE figure = 'closed') AS closed
FROM rows GROUP BY day ORDER BY day

-- list --
-- The cases behind a figure, one line for each thing it counts, after a place in the list; or those that stand still.
-- Open cases are sorted as the lists of the desk are: by the deadline that asks first, open or run out.
WITH /*scope*/, rows AS (/*figure*/)
SELECT r.number, r.item, r.hit, r.at, r.who, r.stage, r.type, r.cause, r.severity, r.desk, r.project, r.channel,
       r.owner, c.owner IS NULL AS ownerless, r.round, r.breached, r.due_at,
       r.received_at, r.ended_at, c.flags, c.due_name, c.late,
       (SELECT d.start FROM deadlines AS d
        WHERE d.number = c.number AND d.due = c.due_at AND d.name = c.due_name AND d.state IN ('open', 'fired')
          AND d.settled_at IS NULL LIMIT 1) AS due_start,
       (SELECT p.name FROM people AS p WHERE p.user_id = r.owner) AS owner_name
FROM rows AS r JOIN complaints AS c ON c.number = r.number
WHERE (r.hit IS NULL) = $16::BOOLEAN
  AND ($9::BOOLEAN IS NULL OR r.hit = $9)
  AND ($10::TEXT IS NULL OR coalesce(r.who, '-') = $10)
  AND ($11::TEXT IS NULL OR r.age::TEXT = $11)
  AND ($12::TIMESTAMPTZ IS NULL OR (r.at, r.number, r.item) > ($12, $13::TEXT, $14::TEXT))
ORDER BY r.at, r.number, r.item LIMIT $15

-- names --
-- What the page calls people and projects by.
SELECT coalesce((SELECT jsonb_object_agg(user_id, name) FROM people WHERE user_id = ANY ($1::TEXT[])), '{}') AS people,
       coalesce((SELECT jsonb_object_agg(code, name) FROM projects), '{}') AS projects
