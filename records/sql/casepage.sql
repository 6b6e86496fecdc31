-- case_file --
-- All a case page shows beside the complaint's own state, in one row: how it came in, one page of its turns with their
-- facts, the messages that went out in that time, complaints of the same customer or topic, what settled others like
-- it, and the names of everybody concerned. A page of turns ends before turn $2 (with $3: begins after it). What is
-- looked for among all complaints is bounded, so that the page costs the same among many: of one contact the latest
-- 200, of the settled ones of the same topic and of the same cause the latest 60 each. Of these the page has the latest
-- that the reader may read: $10 everything, $11 user id, $12 places (domain.roles.Reach).
WITH own AS (
    SELECT number, state, clock_offset, type, cause, topic, project, received_at FROM complaints WHERE number = $1
), wanted AS (
    SELECT t.turn, t.kind, t.command, t.said_by, t.standing_in, t.heard_at, t.accepted, t.reason, t.rule
    FROM turns AS t
    WHERE t.number = $1
      AND ($2::INTEGER IS NULL OR CASE WHEN $3 THEN t.turn > $2 ELSE t.turn < $2 END)
      AND ($4::TEXT[] IS NULL OR t.kind = ANY ($4)
           OR ($5 AND EXISTS (SELECT FROM facts AS f WHERE f.number = $1 AND f.turn = t.turn AND f.kind = 'deadline_passed')))
      AND (t.accepted OR $6
           OR EXISTS (SELECT FROM facts AS f WHERE f.number = $1 AND f.turn = t.turn))
    ORDER BY CASE WHEN $3 THEN t.turn ELSE -t.turn END
    LIMIT $8 + 1
), page AS (
    SELECT * FROM wanted ORDER BY CASE WHEN $3 THEN turn ELSE -turn END LIMIT $8
), span AS (
    SELECT CASE WHEN $3 THEN $2 IS NULL ELSE (SELECT count(*) FROM wanted) <= $8 END AS first_page,
           CASE WHEN $3 THEN (SELECT count(*) FROM wanted) <= $8 ELSE $2 IS NULL END AS last_page,
           (SELECT min(heard_at) FROM page) AS oldest, (SELECT max(heard_at) FROM page) AS newest,
           (SELECT heard_at FROM turns WHERE number = $1 AND turn = $2) AS edge
), notices AS (
    SELECT o.key, o.turn, o.receiver, o.template, o.params, o.deadline, o.state, o.attempts, o.trouble,
           coalesce(o.settled_at - own.clock_offset, o.not_before) AS at
    FROM outbox AS o, own
    WHERE $7 AND o.number = $1 AND o.state IN ('sending', 'sent', 'failed')
), shown AS (
    SELECT n.* FROM notices AS n, span
    WHERE (span.first_page OR n.at >= CASE WHEN $3 THEN span.edge ELSE span.oldest END)
      AND (span.last_page OR n.at < CASE WHEN $3 THEN span.newest ELSE span.edge END)
), contacts AS (
    SELECT DISTINCT other.owner FROM contact_index AS mine
    CROSS JOIN LATERAL (SELECT o.owner FROM contact_index AS o WHERE o.digest = mine.digest AND o.owner <> mine.owner
                        ORDER BY o.owner DESC LIMIT 200) AS other
    WHERE mine.owner = $1
), related AS (
    (SELECT c.number, TRUE AS same_customer FROM complaints AS c JOIN contacts ON contacts.owner = c.number
     WHERE may_read(c, $10, $11, $12)
     ORDER BY c.received_at DESC LIMIT 20)
    UNION ALL
    (SELECT near.number, FALSE FROM own CROSS JOIN LATERAL (
         SELECT c.number FROM complaints AS c
         WHERE c.project = own.project AND c.topic = own.topic AND c.ended_at IS NULL AND c.number <> $1
           AND c.received_at > own.received_at - INTERVAL '90 days' AND c.received_at < own.received_at + INTERVAL '90 days'
           AND may_read(c, $10, $11, $12)
         ORDER BY c.received_at DESC LIMIT 20) AS near)
), alike AS (
    (SELECT c.number, c.ended_at, TRUE AS same_topic FROM own CROSS JOIN LATERAL (
         SELECT s.number, s.ended_at, may_read(s, $10, $11, $12) AS readable FROM complaints AS s
         WHERE s.result = 'BOTH_SATISFIED' AND s.type = own.type AND s.topic = own.topic AND s.number <> $1
           AND s.ended_at IS NOT NULL
         ORDER BY s.ended_at DESC LIMIT 60) AS c
     WHERE c.readable
     ORDER BY c.ended_at DESC LIMIT 10)
    UNION ALL
    (SELECT c.number, c.ended_at, FALSE FROM own CROSS JOIN LATERAL (
         SELECT s.number, s.ended_at, s.topic, may_read(s, $10, $11, $12) AS readable FROM complaints AS s
         WHERE s.result = 'BOTH_SATISFIED' AND s.type = own.type AND s.cause = own.cause AND s.number <> $1
           AND s.ended_at IS NOT NULL
         ORDER BY s.ended_at DESC LIMIT 60) AS c
     WHERE c.readable AND (own.topic IS NULL OR c.topic IS DISTINCT FROM own.topic)
     ORDER BY c.ended_at DESC LIMIT 10)
), settled AS (
    SELECT c.state, a.same_topic, a.ended_at FROM alike AS a JOIN complaints AS c ON c.number = a.number
    ORDER BY a.same_topic DESC, a.ended_at DESC LIMIT 10
)
SELECT r.channel, r.external_id, r.words, r.preferred, r.language, r.opened_by, r.opened_at,
       (SELECT f.data ->> 'contact' FROM facts AS f
        WHERE f.number = $1 AND f.kind = 'contact_changed' ORDER BY f.turn DESC LIMIT 1) AS new_contact,
       (SELECT count(*) FROM wanted) > $8 AS more,
       coalesce((SELECT jsonb_agg(to_jsonb(p) || jsonb_build_object('facts', coalesce(
                    (SELECT jsonb_agg(jsonb_build_object('kind', f.kind, 'subject', f.subject, 'at', f.at,
                                                         'by', f.said_by, 'data', f.data, 'released', f.released)
                                      ORDER BY f.place)
                     FROM facts AS f WHERE f.number = $1 AND f.turn = p.turn), '[]')) ORDER BY p.turn)
                 FROM page AS p), '[]') AS turns,
       coalesce((SELECT jsonb_agg(to_jsonb(s) || jsonb_build_object('deliveries', coalesce(
                    (SELECT jsonb_agg(jsonb_build_object('person', d.person, 'way', d.way, 'outcome', d.outcome,
                                                         'instead_of', d.instead_of, 'at', d.at) ORDER BY d.at)
                     FROM deliveries AS d WHERE d.key = s.key), '[]')) ORDER BY s.at, s.key)
                 FROM shown AS s), '[]') AS notices,
       (SELECT count(*) FROM outbox AS o
        WHERE o.number = $1 AND o.state = 'planned' AND o.receiver <> 'CUSTOMER') AS planned_notices,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('template', o.template, 'at', o.not_before) ORDER BY o.not_before), '[]')
        FROM outbox AS o WHERE o.number = $1 AND o.state = 'planned' AND o.receiver = 'CUSTOMER') AS to_customer,
       coalesce((SELECT jsonb_agg(jsonb_build_object('turn', f.subject::INTEGER, 'by', f.turn)) FROM facts AS f
                 WHERE f.number = $1 AND f.kind = 'corrected'), '[]') AS corrections,
       coalesce((SELECT jsonb_agg(jsonb_build_object('state', c.state, 'same_customer', x.same_customer)
                                  ORDER BY x.same_customer DESC, c.received_at DESC)
                 FROM (SELECT number, bool_or(same_customer) AS same_customer FROM related GROUP BY number) AS x
                 JOIN complaints AS c ON c.number = x.number), '[]') AS related,
       coalesce((SELECT jsonb_agg(jsonb_build_object('state', s.state, 'same_topic', s.same_topic)
                                  ORDER BY s.same_topic DESC, s.ended_at DESC)
                 FROM settled AS s), '[]') AS settled,
       coalesce((SELECT jsonb_agg(jsonb_build_object('reference', k.reference, 'preferred', k.preferred,
                    'units', (SELECT jsonb_agg(jsonb_build_object('relation', cu.relation, 'project', u.project,
                                  'name', u.name, 'building', u.building, 'handed_over_on', u.handed_over_on,
                                  'warranty_until', u.warranty_until) ORDER BY u.project, u.name)
                              FROM customer_units AS cu JOIN units AS u ON u.project = cu.project AND u.name = cu.unit
                              WHERE cu.customer = k.id)))
                 FROM customers AS k JOIN contacts ON contacts.owner = k.id), '[]') AS profiles,
       coalesce((SELECT jsonb_object_agg(f.id, f.name_text) FROM files AS f
                 WHERE f.owner = $1 AND f.gone_at IS NULL AND f.id IN (
                     SELECT d.data ->> 'document' FROM facts AS d JOIN page ON page.turn = d.turn WHERE d.number = $1)),
                '{}') AS papers,
       (SELECT p.name FROM projects AS p WHERE p.code = own.project) AS project_name,
       coalesce((SELECT jsonb_object_agg(p.user_id, p.name) FROM people AS p WHERE p.user_id IN (
                    SELECT page.said_by FROM page
                    UNION SELECT jsonb_path_query(own.state, 'strict $.** ? (@.type() == "string")') #>> '{}'
                    UNION SELECT v FROM page, jsonb_each_text(page.standing_in) AS s (k, v)
                    UNION SELECT f.subject FROM facts AS f JOIN page ON page.turn = f.turn WHERE f.number = $1
                    UNION SELECT f.data ->> 'person' FROM facts AS f JOIN page ON page.turn = f.turn WHERE f.number = $1
                    UNION SELECT d.person FROM deliveries AS d JOIN shown ON shown.key = d.key
                    UNION SELECT d.instead_of FROM deliveries AS d JOIN shown ON shown.key = d.key
                    UNION SELECT substr(shown.receiver, 8) FROM shown WHERE shown.receiver LIKE 'person:%'
                    UNION SELECT unnest($9::TEXT[]))), '{}') AS names
FROM receipts AS r, own
WHERE r.number = $1

-- case_unit --
-- The unit a customer named, as the master data have it, however its spaces are written.
SELECT u.project, u.name, u.building, u.handed_over_on, u.warranty_until
FROM units AS u JOIN projects AS p ON p.code = u.project
WHERE (p.code = $1 OR p.name = $1) AND replace(u.name, ' ', '') = replace($2, ' ', '')
ORDER BY u.name <> $2, u.name LIMIT 1

-- note_presence --
-- Pages that are open, said again now and then; tells the others where somebody has come. Void ones go.
WITH gone AS (
    DELETE FROM presence WHERE seen_at < now() - INTERVAL '2 minutes'
      AND (number, person) NOT IN (SELECT * FROM unnest($1::TEXT[], $2::TEXT[]))
    RETURNING number
), here AS (
    INSERT INTO presence AS p (number, person)
    SELECT DISTINCT * FROM unnest($1::TEXT[], $2::TEXT[])
    ON CONFLICT (number, person) DO UPDATE SET seen_at = now()
    RETURNING p.number, p.xmax = 0 AS new
)
SELECT pg_notify('redress_presence', number)
FROM (SELECT number FROM gone UNION SELECT number FROM here WHERE new) AS changed

-- note_writing --
-- Somebody is writing an answer on this case now; told when they had not been.
WITH before AS (
    SELECT writing_at > now() - INTERVAL '1 minute' AS writing FROM presence WHERE number = $1 AND person = $2
), here AS (
    INSERT INTO presence (number, person, writing_at) VALUES ($1, $2, now())
    ON CONFLICT (number, person) DO UPDATE SET seen_at = now(), writing_at = now()
)
SELECT pg_notify('redress_presence', $1) WHERE coalesce((SELECT writing FROM before), FALSE) IS FALSE

-- end_presence --
-- A page was closed.
WITH gone AS (DELETE FROM presence WHERE number = $1 AND person = $2 RETURNING number)
SELECT pg_notify('redress_presence', number) FROM gone

-- present --
-- Who else has a case open, and whether they are writing.
SELECT p.person, coalesce(k.name, p.person) AS name, coalesce(p.writing_at > now() - INTERVAL '1 minute', FALSE) AS writing
FROM presence AS p LEFT JOIN people AS k ON k.user_id = p.person
WHERE p.number = $1 AND p.person <> $2 AND p.seen_at > now() - INTERVAL '2 minutes'
ORDER BY k.name, p.person

-- last_turn --
-- The turn a complaint is at.
SELECT turn FROM complaints WHERE number = $1

-- names_of --
-- People by name.
SELECT user_id, name FROM people WHERE user_id = ANY ($1::TEXT[])
