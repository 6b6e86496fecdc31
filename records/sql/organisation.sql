-- add_unit --
-- A unit of the company, or its new name.
INSERT INTO org_units (code, name, kind, parent) VALUES ($1, $2, $3, $4)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, parent = excluded.parent

-- put_person --
-- A person as the directory has them now; their absences, seats and past stay.
INSERT INTO people (user_id, name, roles, department, email, language, active_from, active_to)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (user_id) DO UPDATE SET
    name = excluded.name, roles = excluded.roles, department = excluded.department, email = excluded.email,
    language = excluded.language, active_from = excluded.active_from, active_to = excluded.active_to

-- seed_person --
-- A person of the local profile; one who is there already is left as they are.
INSERT INTO people (user_id, name, roles, department, email) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (user_id) DO NOTHING

-- people --
-- The directory, by user id.
SELECT user_id, name, roles, department, email, language, active_from, active_to FROM people ORDER BY user_id

-- end_person --
-- The last instant at which a person acts and is told anything.
UPDATE people SET active_to = $2 WHERE user_id = $1 RETURNING user_id

-- end_seats --
-- A leaver's seats end with them.
DELETE FROM seats WHERE person = $1 AND starts >= $2

-- shorten_seats --
-- Seats that run on past the leaver's last day.
UPDATE seats SET ends = $2 WHERE person = $1 AND ends > $2 AND starts < $2

-- end_duties --
-- Duties the leaver would have had afterwards.
DELETE FROM duty_roster WHERE person = $1 AND starts >= $2

-- shorten_duties --
-- The duty that runs on past the leaver's last day.
UPDATE duty_roster SET ends = $2 WHERE person = $1 AND ends > $2 AND starts < $2

-- add_seat --
-- A role for one department or project, or everywhere.
INSERT INTO seats (role, department, project, person, starts, ends) VALUES ($1, $2, $3, $4, $5, $6)

-- add_duty --
-- One entry of the duty roster.
INSERT INTO duty_roster (role, project, person, starts, ends) VALUES ($1, $2, $3, $4, $5)

-- add_absence --
-- A time in which somebody else acts.
INSERT INTO absences (person, substitute, starts, ends) VALUES ($1, $2, $3, $4)

-- asker --
-- Everything the rules ask about an acting person: own roles, seats, duties, and the seats they stand in for.
SELECT department, roles, projects, absent FROM acting_person($1, $2)

-- holders --
-- Who may answer for a role, best first: on duty, then seated for the project, the department, everywhere, then
-- everybody who has the role.
SELECT c.rank, p.user_id
FROM (
    SELECT 0 AS rank, d.person FROM duty_roster AS d
    WHERE d.role = $1 AND (d.project IS NULL OR d.project = $3) AND d.starts <= $4 AND $4 < d.ends
    UNION ALL
    SELECT CASE WHEN s.project IS NOT NULL THEN 1 WHEN s.department IS NOT NULL THEN 2 ELSE 3 END, s.person
    FROM seats AS s
    WHERE s.role = $1 AND (s.project IS NULL OR s.project = $3) AND (s.department IS NULL OR s.department = $2)
      AND s.starts <= $4 AND $4 < s.ends
    UNION ALL
    SELECT CASE WHEN q.department = $2 THEN 4 ELSE 5 END, q.user_id FROM people AS q WHERE $1 = ANY (q.roles)
) AS c (rank, person)
JOIN people AS p ON p.user_id = c.person
WHERE p.active_from <= $4 AND $4 < p.active_to
ORDER BY c.rank, p.user_id

-- absent_now --
-- Everybody who is away at an instant, and who acts meanwhile.
SELECT a.person, a.substitute
FROM absences AS a
LEFT JOIN people AS p ON p.user_id = a.substitute AND p.active_from <= $1 AND $1 < p.active_to
WHERE a.starts <= $1 AND $1 < a.ends
ORDER BY a.person, p.user_id IS NULL, a.id

-- persons --
-- Contact data of people who are to be told something.
SELECT user_id, name, email, language FROM people
WHERE user_id = ANY ($1::TEXT[]) AND active_from <= $2 AND $2 < active_to

-- person_known --
-- Whether somebody of that name may act now.
SELECT EXISTS (SELECT 1 FROM people WHERE user_id = $1 AND active_from <= $2 AND $2 < active_to)
