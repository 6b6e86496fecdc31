-- put_project --
-- A project as the master data have it now; says whether anything changed.
INSERT INTO projects (code, name, line) VALUES ($1, $2, $3)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, line = excluded.line
WHERE (projects.name, projects.line) IS DISTINCT FROM (excluded.name, excluded.line)
RETURNING code

-- put_building --
-- A building of a project.
INSERT INTO buildings (project, name) VALUES ($1, $2) ON CONFLICT (project, name) DO NOTHING

-- put_unit --
-- A unit with its dates; says whether it was added or changed.
INSERT INTO units (project, name, building, handed_over_on, warranty_until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (project, name) DO UPDATE SET building = excluded.building,
    handed_over_on = excluded.handed_over_on, warranty_until = excluded.warranty_until
WHERE (units.building, units.handed_over_on, units.warranty_until)
    IS DISTINCT FROM (excluded.building, excluded.handed_over_on, excluded.warranty_until)
RETURNING (xmax = 0) AS added

-- find_project --
-- A project by its code or its name.
SELECT code, name, line FROM projects WHERE code = $1 OR name = $1 ORDER BY code <> $1 LIMIT 1

-- find_unit --
-- A unit of a project, however its spaces are written.
SELECT project, name, building, handed_over_on, warranty_until FROM units
WHERE project = $1 AND replace(name, ' ', '') = replace($2, ' ', '') ORDER BY name <> $2, name LIMIT 1

-- find_customer --
-- A customer by the reference of the system they come from.
SELECT id, content, name_text, contact_text FROM customers WHERE reference = $1 FOR UPDATE

-- add_customer --
-- A new customer; the words are stored under the customer's own key.
INSERT INTO customers (id, reference, name_text, contact_text, preferred, language, content)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- change_customer --
-- A customer's new particulars.
UPDATE customers SET name_text = $2, contact_text = $3, preferred = $4, language = $5, content = $6, changed_at = now()
WHERE id = $1

-- claim_texts --
-- Words that belong to master data are no draft and are not swept.
UPDATE texts SET claimed = 0 WHERE id = ANY ($1::TEXT[])

-- drop_texts --
-- Particulars that were replaced are not kept.
DELETE FROM texts WHERE id = ANY ($1::TEXT[])

-- drop_contacts --
-- The look-up digests of particulars that were replaced.
DELETE FROM contact_index WHERE owner = $1

-- put_customer_unit --
-- What ties a customer to a unit; says whether it is new.
INSERT INTO customer_units (customer, project, unit, relation) VALUES ($1, $2, $3, $4)
ON CONFLICT (customer, project, unit) DO UPDATE SET relation = excluded.relation
WHERE customer_units.relation <> excluded.relation
RETURNING customer

-- customers_of_unit --
-- Who owns, rents or bought a unit.
SELECT customer, relation FROM customer_units WHERE project = $1 AND unit = $2 ORDER BY customer
