-- owners_found --
-- Complaints and customers that are found by any of these digests, of contacts or of units.
SELECT DISTINCT owner FROM contact_index WHERE digest = ANY ($1::BYTEA[]) AND owner NOT LIKE 'draft\_%'

-- known_customers --
-- Customers of the master data with their units; `name_text` is the id of the encrypted name.
SELECT c.id, c.name_text, c.preferred, c.language,
       coalesce((SELECT jsonb_agg(jsonb_build_object('project', p.code, 'project_name', p.name, 'unit', u.unit,
                                                     'relation', u.relation) ORDER BY p.name, u.unit)
                 FROM customer_units AS u JOIN projects AS p ON p.code = u.project
                 WHERE u.customer = c.id), '[]') AS units
FROM customers AS c
WHERE c.id = ANY ($1::TEXT[])
ORDER BY c.id LIMIT 20

-- cases_found --
-- The complaints of these numbers that are open or came in since an instant, newest first.
SELECT c.number, c.state, c.stage, c.type, c.project, c.received_at, c.ended_at, c.breached
FROM complaints AS c
WHERE c.number = ANY ($1::TEXT[]) AND (c.ended_at IS NULL OR c.received_at > $2)
ORDER BY c.ended_at IS NOT NULL, c.received_at DESC LIMIT 50

-- project_names --
-- The projects there are, for choosing one.
SELECT code, name, line FROM projects ORDER BY name LIMIT 500

-- units_like --
-- Units of a project whose name begins as typed, however its spaces are written.
SELECT u.name FROM units AS u JOIN projects AS p ON p.code = u.project
WHERE (p.code = $1 OR p.name = $1) AND starts_with(replace(u.name, ' ', ''), replace($2, ' ', ''))
ORDER BY u.name LIMIT 50

-- place_of --
-- A project by its code or name, and a unit of it, as the master data write them.
SELECT p.code, u.name AS unit FROM projects AS p
LEFT JOIN units AS u ON u.project = p.code AND replace(u.name, ' ', '') = replace($2, ' ', '')
WHERE p.code = $1 OR p.name = $1
ORDER BY p.code <> $1, u.name LIMIT 1
