-- account --
-- What a sign-in is checked against: the person, if they may act now, and their password, and what they are called.
SELECT p.user_id, p.name, a.password
FROM people AS p LEFT JOIN accounts AS a ON a.person = p.user_id
WHERE p.user_id = $1 AND p.active_from <= $2 AND $2 < p.active_to

-- set_password --
-- A person's password from now on.
INSERT INTO accounts AS a (person, password, password_set_at) VALUES ($1, $2, $3)
ON CONFLICT (person) DO UPDATE SET password = excluded.password, password_set_at = excluded.password_set_at

-- has_password --
-- Whether a person can come in by a password.
SELECT password IS NOT NULL FROM accounts WHERE person = $1

-- rehash_password --
-- The same password, kept by newer parameters; not if it was changed meanwhile.
UPDATE accounts SET password = $3 WHERE person = $1 AND password = $2

-- seed_passwords --
-- One password for all sample people that have none yet.
INSERT INTO accounts (person, password, password_set_at)
SELECT user_id, $1, $3 FROM people WHERE email = user_id || $2
ON CONFLICT (person) DO UPDATE SET password = excluded.password, password_set_at = excluded.password_set_at

-- set_language --
-- The language a person reads in, on the desk and in notices.
UPDATE people SET language = $2 WHERE user_id = $1

-- set_theme --
-- How a person likes the desk.
INSERT INTO accounts (person, theme) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET theme = excluded.theme

-- count_attempt --
-- Counts an attempt as failed before it is looked at, unless it has to wait: then nothing is counted and no row comes
-- back. Attempts at the same time are counted one after the other.
INSERT INTO sign_in_failures AS f (digest, failures, last_at, free_at) VALUES ($1, 1, $2, $2)
ON CONFLICT (digest) DO UPDATE SET
    failures = CASE WHEN f.last_at < $2 - $4::INTERVAL THEN 1 ELSE f.failures + 1 END,
    last_at = $2,
    free_at = CASE
        WHEN f.last_at < $2 - $4::INTERVAL OR f.failures + 1 < $3 THEN $2
        ELSE $2 + least($5::INTERVAL, interval '1 second' * power(2, least(f.failures + 2 - $3, 20)))
    END
WHERE f.free_at <= $2
RETURNING f.failures

-- free_at --
-- From when on the next attempt is looked at.
SELECT max(free_at) FROM sign_in_failures WHERE digest = ANY ($1::BYTEA[])

-- forgive --
-- A sign-in succeeded: what failed before it is forgotten.
DELETE FROM sign_in_failures WHERE digest = $1

-- take_back_attempt --
-- A sign-in succeeded: it was no failure of this address.
UPDATE sign_in_failures SET failures = greatest(failures - 1, 0), free_at = least(free_at, $2) WHERE digest = $1

-- sweep_attempts --
-- Counts, errands and sessions that no longer matter.
WITH errands AS (
    DELETE FROM sign_in_errands WHERE ends_at < $1
), over AS (
    DELETE FROM sessions WHERE ends_at < $1
)
DELETE FROM sign_in_failures WHERE last_at < $1 - interval '1 day' AND free_at < $1

-- note_sign_in --
-- One line of the record of comings and goings.
INSERT INTO sign_ins (at, person, event, way, address) VALUES ($1, $2, $3, $4, $5)

-- sign_ins_of --
-- A person's own comings and goings, newest first.
SELECT at, event, way, address FROM sign_ins WHERE person = $1 ORDER BY id DESC LIMIT $2

-- find_identity --
-- The person an identity provider means, if they may act now.
SELECT p.user_id FROM identities AS i JOIN people AS p ON p.user_id = i.person
WHERE i.issuer = $1 AND i.subject = $2 AND p.active_from <= $3 AND $3 < p.active_to

-- link_identity --
-- The first coming of an identity: the one person with this mail address, who may act now and has no other identity
-- there. Nobody is ever made.
INSERT INTO identities (issuer, subject, person, linked_at)
SELECT $1, $2, min(p.user_id), $4 FROM people AS p
WHERE lower(p.email) = lower($3) AND p.active_from <= $4 AND $4 < p.active_to
HAVING count(*) = 1
ON CONFLICT DO NOTHING
RETURNING person

-- put_errand --
-- A sign-in leaves for an identity provider.
INSERT INTO sign_in_errands (digest, nonce, verifier, back_to, ends_at) VALUES ($1, $2, $3, $4, $5)

-- take_errand --
-- It has come back, once.
DELETE FROM sign_in_errands WHERE digest = $1 AND ends_at > $2 RETURNING nonce, verifier, back_to
