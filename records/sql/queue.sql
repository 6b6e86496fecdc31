-- queue_counts --
-- How many open complaints each list of a reader holds, with the lists and columns the reader has made their own.
-- $1 may read everything, $2 else these places (domain.roles.Reach), $3 user id, $4 the seats held, as codes,
-- $5 departments, $6 now, $7 the end of the local day, $8 the list whose columns are wanted, $9 codes of projects whose
-- names are wanted.
WITH asked AS MATERIALIZED (
    SELECT DISTINCT t.number FROM tasks AS t WHERE t.state = 'OPEN' AND t.owner = ANY ($4::TEXT[])
), counted AS (
    SELECT
        count(*) FILTER (WHERE c.owner = $3 OR c.lead_person = $3 OR (c.owner IS NULL AND c.first_contact = $3)
                            OR c.number IN (SELECT number FROM asked)) AS mine,
        count(*) FILTER (WHERE c.desk = ANY ($5::TEXT[])) AS team,
        count(*) FILTER (WHERE c.lead IS NULL OR c.stage IN ('REGISTERED', 'CLASSIFIED')) AS unassigned,
        count(*) FILTER (WHERE NOT c.late AND c.due_at < $7::TIMESTAMPTZ) AS today,
        count(*) FILTER (WHERE c.priority < 10) AS overdue,
        count(*) FILTER (WHERE c.waiting_for = 'customer') AS waiting,
        count(*) FILTER (WHERE c.round > 1 OR c.stage = 'FEEDBACK' AND c.waiting_for IS NULL) AS second,
        count(*) FILTER (WHERE c.promise_due < $6::TIMESTAMPTZ + interval '3 days') AS promises,
        count(*) FILTER (WHERE c.approvers <> '{}' AND c.approvers && $4 AND NOT $3 = ANY (c.barred)) AS approvals,
        count(*) FILTER (WHERE c.stage IN ('MEDIATING', 'ARBITRATING', 'LITIGATING') OR c.limitation_due IS NOT NULL)
            AS proceedings,
        count(*) FILTER (WHERE c.flags <> '{}' AND c.flags && '{GROUP,MAJOR}'::TEXT[]) AS crisis,
        count(*) AS all
    FROM complaints AS c
    WHERE c.ended_at IS NULL AND may_read(c, $1, $3, $2)
)
SELECT to_jsonb(counted) || jsonb_build_object('watched', (
           SELECT count(*) FROM watchers AS w JOIN complaints AS c ON c.number = w.number
           WHERE w.person = $3 AND may_read(c, $1, $3, $2))) AS counts,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name, 'view', s.view, 'query', s.query,
                                                     'columns', s.columns, 'sort', s.sort) ORDER BY s.name), '[]')
        FROM saved_views AS s WHERE s.person = $3) AS saved,
       (SELECT v.columns FROM view_columns AS v WHERE v.person = $3 AND v.view = $8) AS columns,
       (SELECT coalesce(jsonb_object_agg(p.code, p.name), '{}') FROM projects AS p WHERE p.code = ANY ($9::TEXT[])) AS projects
FROM counted

-- queue_lines --
-- One page of a list. $1 to $7 as in queue_counts; $8 the list, $9 the order, $10 how many; $11 to $13 the last row of
-- the page before (due or received, priority, number); from $14 on the filters, NULL where they do not matter. Lists
-- and orders stand in CASE, which the planner folds, so that each of them walks the index made for it.
WITH page AS (
    SELECT c.number, c.turn, c.stage, c.type, c.cause, c.severity, c.flags, c.owner, c.first_contact, c.desk, c.lead,
           c.lead_person, c.project, c.channel, c.round, c.reopened, c.result, c.received_at, c.ended_at, c.due_at,
           c.due_name, c.late, c.held_until, c.waiting_for, c.priority, c.breached, c.next_deadline, c.case_group, c.places
    FROM complaints AS c
    WHERE may_read(c, $1, $3, $2)
      AND CASE $31::TEXT WHEN 'only' THEN c.ended_at IS NOT NULL WHEN 'any' THEN TRUE ELSE c.ended_at IS NULL END
      AND CASE $8::TEXT
          WHEN 'mine' THEN c.owner = $3 OR c.lead_person = $3 OR (c.owner IS NULL AND c.first_contact = $3)
                           OR c.number = ANY (ARRAY(SELECT t.number FROM tasks AS t
                                                    WHERE t.state = 'OPEN' AND t.owner = ANY ($4::TEXT[])))
          WHEN 'team' THEN c.desk = ANY ($5::TEXT[])
          WHEN 'unassigned' THEN c.lead IS NULL OR c.stage IN ('REGISTERED', 'CLASSIFIED')
          WHEN 'today' THEN NOT c.late AND c.due_at < $7::TIMESTAMPTZ
          WHEN 'overdue' THEN c.priority < 10
          WHEN 'waiting' THEN c.waiting_for = 'customer'
          WHEN 'second' THEN c.round > 1 OR c.stage = 'FEEDBACK' AND c.waiting_for IS NULL
          WHEN 'promises' THEN c.promise_due < $6::TIMESTAMPTZ + interval '3 days'
          WHEN 'approvals' THEN c.approvers <> '{}' AND c.approvers && $4 AND NOT $3 = ANY (c.barred)
          WHEN 'proceedings' THEN c.stage IN ('MEDIATING', 'ARBITRATING', 'LITIGATING') OR c.limitation_due IS NOT NULL
          WHEN 'crisis' THEN c.flags && '{GROUP,MAJOR}'::TEXT[]
          WHEN 'watched' THEN c.number IN (SELECT w.number FROM watchers AS w WHERE w.person = $3)
          ELSE TRUE END
      AND ($13::TEXT IS NULL OR CASE $9::TEXT
          WHEN 'priority' THEN (c.priority, coalesce(c.due_at, 'infinity'), c.number) > ($12::SMALLINT, coalesce($11::TIMESTAMPTZ, 'infinity'), $13)
          WHEN 'newest' THEN (c.received_at, c.number) < ($11, $13)
          WHEN 'oldest' THEN (c.received_at, c.number) > ($11, $13)
          ELSE (coalesce(c.due_at, 'infinity'), c.number) > (coalesce($11, 'infinity'), $13) END)
      AND ($14::TEXT[] IS NULL OR c.stage = ANY ($14))
      AND ($15::TEXT[] IS NULL OR c.type = ANY ($15))
      AND ($16::TEXT[] IS NULL OR c.cause = ANY ($16))
      AND ($17::TEXT[] IS NULL OR c.severity = ANY ($17))
      AND ($18::TEXT[] IS NULL OR c.flags && $18)
      AND ($19::TEXT[] IS NULL OR c.desk = ANY ($19))
      AND ($20::TEXT IS NULL OR c.owner = $20 OR (c.owner IS NULL AND c.first_contact = $20))
      AND ($21::TEXT IS NULL OR c.lead_person = $21)
      AND ($22::TEXT[] IS NULL OR c.project = ANY ($22))
      AND ($23::TEXT[] IS NULL OR c.channel = ANY ($23))
      AND ($24::BOOLEAN IS NULL OR (c.round > 1) = $24)
      AND ($25::BOOLEAN IS NULL OR (c.priority < 10) = $25)
      AND ($26::TIMESTAMPTZ IS NULL OR c.due_at >= $26)
      AND ($27::TIMESTAMPTZ IS NULL OR c.due_at < $27)
      AND ($28::TIMESTAMPTZ IS NULL OR c.received_at >= $28)
      AND ($29::TIMESTAMPTZ IS NULL OR c.received_at < $29)
      AND ($30::TEXT[] IS NULL OR c.number IN (SELECT g.number FROM case_tags AS g WHERE g.tag = ANY ($30)))
      AND ($32::TEXT IS NULL OR reverse(c.number) LIKE reverse($32) || '%')
      AND ($33::BYTEA[] IS NULL OR c.number IN (SELECT x.owner FROM contact_index AS x WHERE x.digest = ANY ($33)))
    ORDER BY CASE WHEN $9 = 'priority' THEN c.priority END,
             CASE WHEN $9 IN ('due', 'priority') THEN coalesce(c.due_at, 'infinity') END,
             CASE WHEN $9 = 'oldest' THEN c.received_at END,
             CASE WHEN $9 = 'newest' THEN c.received_at END DESC,
             CASE WHEN $9 = 'newest' THEN c.number END DESC,
             CASE WHEN $9 <> 'newest' THEN c.number END
    LIMIT $10
)
SELECT c.*, (SELECT d.start FROM deadlines AS d
        WHERE d.number = c.number AND d.due = c.due_at AND d.name = c.due_name AND d.state IN ('open', 'fired')
          AND d.settled_at IS NULL LIMIT 1) AS due_start,
       r.words, o.name AS owner_name, l.name AS lead_name,
       coalesce(j.name, c.project) AS project_name, coalesce(m.turn, 0) AS seen,
       EXISTS (SELECT 1 FROM watchers AS w WHERE w.person = $3 AND w.number = c.number) AS watching,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(t.code, t.zh, t.en) ORDER BY t.code), '[]')
        FROM case_tags AS g JOIN tags AS t ON t.code = g.tag WHERE g.number = c.number) AS tags,
       ARRAY(SELECT t.owner FROM tasks AS t
             WHERE t.number = c.number AND t.kind = 'item' AND t.state <> 'DONE') AS owing
FROM page AS c
JOIN receipts AS r ON r.number = c.number
LEFT JOIN people AS o ON o.user_id = coalesce(c.owner, c.first_contact)
LEFT JOIN people AS l ON l.user_id = c.lead_person
LEFT JOIN projects AS j ON j.code = c.project
LEFT JOIN read_marks AS m ON m.person = $3 AND m.number = c.number
ORDER BY CASE WHEN $9 = 'priority' THEN c.priority END,
         CASE WHEN $9 IN ('due', 'priority') THEN coalesce(c.due_at, 'infinity') END,
         CASE WHEN $9 = 'oldest' THEN c.received_at END,
         CASE WHEN $9 = 'newest' THEN c.received_at END DESC,
         CASE WHEN $9 = 'newest' THEN c.number END DESC,
         CASE WHEN $9 <> 'newest' THEN c.number END

-- queue_choices --
-- What a list can be filtered by beside the fixed codes: people who act now, projects of the master data, tags in use.
SELECT (SELECT coalesce(jsonb_agg(jsonb_build_array(p.user_id, p.name) ORDER BY p.name, p.user_id), '[]')
        FROM people AS p WHERE p.active_from <= $1 AND $1 < p.active_to) AS people,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(p.code, p.name) ORDER BY p.name, p.code), '[]')
        FROM projects AS p) AS projects,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(t.code, t.zh, t.en) ORDER BY t.code), '[]')
        FROM tags AS t WHERE t.ended_at IS NULL) AS tags

-- queue_marks --
-- Which of these digests of a contact or a unit a complaint is found by that the reader may read.
SELECT DISTINCT x.digest FROM contact_index AS x JOIN complaints AS c ON c.number = x.owner
WHERE x.digest = ANY ($1::BYTEA[]) AND may_read(c, $2, $3, $4)

-- queue_written --
-- Whether the reader may read a complaint whose project stands as written, unknown to the master data.
SELECT EXISTS (SELECT 1 FROM complaints AS c WHERE c.project = $1 AND may_read(c, $2, $3, $4))
