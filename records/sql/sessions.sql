-- start_session --
-- A person is in from now on.
INSERT INTO sessions (digest, id, person, way, started_at, seen_at, ends_at, address, agent)
VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)

-- who_is --
-- Who holds this session, with everything the rules and the pages ask about them; that they were seen, once a minute,
-- where it is they who ask ($4) and not an open page by itself.
-- No row for a session that is over, idle too long, or of somebody who has left. All in one statement, for every page
-- asks it.
WITH mine AS (
    SELECT s.id, s.person, s.digest, s.seen_at FROM sessions AS s
    WHERE s.digest = $1 AND s.ends_at > $2 AND s.seen_at > $2 - $3::INTERVAL
), seen AS (
    UPDATE sessions AS s SET seen_at = $2 FROM mine
    WHERE $4 AND s.digest = mine.digest AND mine.seen_at <= $2 - interval '1 minute'
)
SELECT mine.id, mine.person, coalesce(a.theme, 'auto') AS theme, p.*
FROM mine
CROSS JOIN LATERAL acting_person(mine.person, $2) AS p
LEFT JOIN accounts AS a ON a.person = mine.person

-- who_holds --
-- Who this token acts for, and with which scopes; that it was used, once a minute.
WITH mine AS (
    SELECT t.digest, t.person, t.scopes, t.last_used_at FROM api_tokens AS t
    WHERE t.digest = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND t.made_at <= $2
), used AS (
    UPDATE api_tokens AS t SET last_used_at = date_trunc('minute', $2::TIMESTAMPTZ) FROM mine
    WHERE t.digest = mine.digest
      AND (mine.last_used_at IS NULL OR mine.last_used_at < date_trunc('minute', $2::TIMESTAMPTZ))
)
SELECT mine.person, mine.scopes, coalesce(a.theme, 'auto') AS theme, p.*
FROM mine
CROSS JOIN LATERAL acting_person(mine.person, $2) AS p
LEFT JOIN accounts AS a ON a.person = mine.person

-- end_session --
-- Whoever holds this cookie is out; whose session it was.
DELETE FROM sessions WHERE digest = $1 RETURNING person

-- end_own_session --
-- A person ends one of their sessions, by its id.
DELETE FROM sessions WHERE person = $1 AND id = $2 RETURNING id

-- end_other_sessions --
-- A person is out everywhere but where they say so.
DELETE FROM sessions WHERE person = $1 AND id <> $2 RETURNING id

-- end_sessions --
-- All of a person's sessions end.
DELETE FROM sessions WHERE person = $1 RETURNING id

-- sessions_of --
-- Where a person is signed in.
SELECT id, way, started_at, seen_at, ends_at, address, agent FROM sessions
WHERE person = $1 AND ends_at > $2 AND seen_at > $2 - $3::INTERVAL ORDER BY seen_at DESC, id

-- add_token --
-- A key for a program, for a person who may act now.
INSERT INTO api_tokens (digest, id, person, name, scopes, made_at, expires_at)
SELECT $1, $2, user_id, $4, $5, $6, $7 FROM people WHERE user_id = $3 AND active_from <= $6 AND $6 < active_to
RETURNING id

-- tokens_of --
-- A person's tokens, newest first, those that have ended too.
SELECT id, name, scopes, made_at, expires_at, last_used_at, revoked_at FROM api_tokens
WHERE person = $1 ORDER BY made_at DESC, id

-- revoke_token --
-- A token ends now.
UPDATE api_tokens SET revoked_at = $3 WHERE person = $1 AND id = $2 AND revoked_at IS NULL RETURNING id

-- revoke_tokens --
-- All tokens of a person end now.
UPDATE api_tokens SET revoked_at = $2 WHERE person = $1 AND revoked_at IS NULL RETURNING id
