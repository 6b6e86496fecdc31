-- policy_texts --
-- These versions of the policy, as they were checked in.
SELECT version, content FROM policy_versions WHERE version = ANY ($1::TEXT[])

-- calendar_texts --
-- These versions of the calendar, as they were checked in.
SELECT version, content FROM calendar_versions WHERE version = ANY ($1::TEXT[])

-- add_policy --
-- A new version; one that is there already stays as it is.
INSERT INTO policy_versions (version, in_force_from, content, added_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (version) DO NOTHING
RETURNING version

-- add_calendar --
-- A new version; one that is there already stays as it is.
INSERT INTO calendar_versions (version, content, added_by) VALUES ($1, $2, $3)
ON CONFLICT (version) DO NOTHING
RETURNING version

-- current_policy --
-- The policy for complaints received on a day: the one that came into force last.
SELECT version, content ->> 'calendar' AS calendar FROM policy_versions
WHERE in_force_from <= $1 ORDER BY in_force_from DESC, version DESC LIMIT 1

-- first_policy --
-- The oldest policy, for complaints received before any was in force.
SELECT version, content ->> 'calendar' AS calendar FROM policy_versions ORDER BY in_force_from, version LIMIT 1

-- versions --
-- All versions of the policy, oldest first.
SELECT version, in_force_from, added_at, added_by FROM policy_versions ORDER BY in_force_from, version

-- named_policy --
-- A policy and the calendar that goes with it.
SELECT version, content ->> 'calendar' AS calendar FROM policy_versions WHERE version = $1
