-- lock_files --
-- Whoever adds a file to an owner waits for the others who do, so that counting and adding are one.
SELECT pg_advisory_xact_lock(hashtextextended('files ' || $1, 0))

-- bury_erased --
-- Files of an owner whose key was destroyed by an erasure cannot be read any more, and stand in nobody's way.
UPDATE files AS f SET gone_at = now(), locked = NULL, sha256 = NULL
WHERE f.owner = $1 AND f.gone_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM data_keys AS d WHERE d.id = f.data_key AND d.erased_at IS NULL)

-- same_file --
-- How many files an owner has, and the one with these very bytes.
SELECT count(*) AS files, max(id) FILTER (WHERE sha256 = $2) AS same FROM files WHERE owner = $1 AND gone_at IS NULL

-- add_file --
-- A file whose bytes the store has.
INSERT INTO files (id, owner, data_key, locked, name_text, sha256, size, media, subkind, thumbnail, added_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- read_file --
-- One file that can be read, with the key it is locked with.
SELECT f.id, f.owner, f.data_key, f.locked, f.name_text, f.sha256, f.size, f.media, f.subkind, f.thumbnail, f.added_by,
       f.added_at, f.turn, d.master_key, d.locked AS key_locked
FROM files AS f JOIN data_keys AS d ON d.id = f.data_key
WHERE f.id = $1 AND f.gone_at IS NULL AND d.erased_at IS NULL

-- files_of --
-- The files of a complaint that can be read, oldest first; those no turn names only while they are being added.
SELECT f.id, f.owner, f.data_key, f.locked, f.name_text, f.sha256, f.size, f.media, f.subkind, f.thumbnail, f.added_by,
       f.added_at, f.turn, d.master_key, d.locked AS key_locked
FROM files AS f JOIN data_keys AS d ON d.id = f.data_key
WHERE f.owner = $1 AND f.gone_at IS NULL AND d.erased_at IS NULL
ORDER BY f.added_at, f.id

-- claim_file --
-- A turn names the file: it belongs to the complaint from now on, and so does its name.
WITH named AS (
    UPDATE files SET turn = $2 WHERE id = $1 AND turn IS NULL RETURNING name_text
)
UPDATE texts SET claimed = $2 WHERE id IN (SELECT name_text FROM named) AND claimed IS NULL

-- move_file --
-- A file of an intake form becomes the complaint's: its key locked anew, its name kept with the complaint's words.
UPDATE files SET owner = $2, data_key = $3, locked = $4, name_text = $5 WHERE id = $1 AND gone_at IS NULL

-- drop_file --
-- A file that no turn names is given up: without its key nobody can read it again.
UPDATE files SET gone_at = now(), locked = NULL, sha256 = NULL WHERE id = $1 AND turn IS NULL AND gone_at IS NULL

-- note_reading --
-- Somebody looked at a file; it stands in the same log as the words (CUS-09).
INSERT INTO text_reads (reader, owner, text_id) VALUES ($1, $2, $3)

-- claim_named --
-- Files that an accepted turn names after all, although whoever added them did not hear of it.
WITH named AS (
    UPDATE files AS f SET turn = t.turn
    FROM turns AS t
    WHERE f.turn IS NULL AND f.gone_at IS NULL AND f.added_at < $1
      AND t.number = f.owner AND t.kind = 'add_evidence' AND t.accepted AND t.command ->> 'document' = f.id
    RETURNING f.name_text, t.turn
)
UPDATE texts SET claimed = named.turn FROM named WHERE texts.id = named.name_text AND texts.claimed IS NULL

-- bury_unnamed --
-- Files of complaints that no turn names by the first instant, and of intake forms given up by the second.
UPDATE files SET gone_at = now(), locked = NULL, sha256 = NULL
WHERE turn IS NULL AND gone_at IS NULL
  AND CASE WHEN owner LIKE 'draft\_%' THEN added_at < $2 ELSE added_at < $1 END

-- bury_all_erased --
-- Files whose key was destroyed by an erasure, whoever owns them.
UPDATE files AS f SET gone_at = now(), locked = NULL, sha256 = NULL
FROM data_keys AS d
WHERE d.id = f.data_key AND d.erased_at IS NOT NULL AND f.gone_at IS NULL

-- files_to_clear --
-- Files that are gone and whose bytes the store still has.
SELECT id FROM files WHERE gone_at IS NOT NULL AND cleared_at IS NULL ORDER BY gone_at LIMIT $1

-- files_cleared --
-- The store has forgotten these.
UPDATE files SET cleared_at = now() WHERE id = ANY ($1::TEXT[])

-- save_intake --
-- What is typed into a form so far; not for a form that became a complaint meanwhile.
INSERT INTO intake_drafts (person, key, owner, words)
SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM receipts WHERE request_key = $5)
ON CONFLICT (person, key) DO UPDATE SET words = coalesce(excluded.words, intake_drafts.words), saved_at = now()

-- read_intake --
-- A form of a person by its key.
SELECT key, owner, words, saved_at FROM intake_drafts WHERE person = $1 AND key = $2

-- last_intake --
-- The form a person typed into last.
SELECT key, owner, words, saved_at FROM intake_drafts
WHERE person = $1 AND words IS NOT NULL AND saved_at > $2 ORDER BY saved_at DESC LIMIT 1

-- drop_intake --
-- A form that was sent or thrown away.
DELETE FROM intake_drafts WHERE person = $1 AND key = $2 RETURNING owner, words

-- drop_intake_words --
-- What was typed before the last time.
DELETE FROM texts WHERE id = $1 AND claimed IS NULL

-- sweep_intakes --
-- Forms nobody came back to.
DELETE FROM intake_drafts WHERE saved_at < $1

-- note_upload --
-- What was sent under a key of this caller first.
INSERT INTO upload_keys AS u (number, caller, key, content) VALUES ($1, $2, $3, $4)
ON CONFLICT (number, caller, key) DO UPDATE SET key = u.key
RETURNING content

-- sweep_uploads --
-- Keys nobody repeats any more.
DELETE FROM upload_keys WHERE noted_at < $1
