-- add_texts --
-- Encrypted words on their way to a turn; unclaimed until one uses them.
INSERT INTO texts (id, data_key, kind, ciphertext)
SELECT new.id, $1, new.kind, new.ciphertext
FROM unnest($2::TEXT[], $3::TEXT[], $4::BYTEA[]) AS new (id, kind, ciphertext)

-- read_texts --
-- Words of these owners with the key they are locked with, and the note that they were read, in one statement; those
-- written in a field of $3 are shown by their ends only, which the note says.
WITH found AS (
    SELECT t.id, t.kind, t.ciphertext, d.id AS data_key, d.owner, d.master_key, d.locked
    FROM texts AS t JOIN data_keys AS d ON d.id = t.data_key
    WHERE t.id = ANY ($1::TEXT[]) AND d.owner = ANY ($4::TEXT[])
), noted AS (
    INSERT INTO text_reads (reader, owner, text_id)
    SELECT CASE WHEN substring(found.kind FROM '[^.]*$') = ANY ($3::TEXT[]) THEN 'masked:' || $2 ELSE $2 END,
           found.owner, found.id
    FROM found WHERE found.locked IS NOT NULL
)
SELECT id, kind, ciphertext, data_key, owner, master_key, locked FROM found

-- texts_not_of --
-- Those of these words that are not this owner's.
SELECT t.id FROM texts AS t JOIN data_keys AS d ON d.id = t.data_key
WHERE t.id = ANY ($1::TEXT[]) AND d.owner <> $2

-- list_texts --
-- The words of a list with their keys, and one line that it was shown: whose words by their ends, and whose whole.
WITH noted AS (
    INSERT INTO list_reads (reader, numbers, whole) VALUES ($2, $3, $4)
)
SELECT t.id, t.kind, t.ciphertext, d.id AS data_key, d.owner, d.master_key, d.locked
FROM texts AS t JOIN data_keys AS d ON d.id = t.data_key
WHERE t.id = ANY ($1::TEXT[]) AND d.owner = ANY ($3::TEXT[])

-- list_reads_of --
-- Who saw a complaint's customer in a list, oldest first.
SELECT at, reader, $1 = ANY (whole) AS whole FROM list_reads WHERE $1 = ANY (numbers) ORDER BY id

-- blank_texts --
-- After the keys are gone the unreadable words need no room either.
UPDATE texts SET ciphertext = NULL WHERE data_key = ANY ($1::TEXT[])

-- sweep_texts --
-- Words no accepted turn uses: refused before the first instant, or stored before the second and never used at all.
DELETE FROM texts
WHERE claimed IS NULL AND (refused_at < $1 OR (refused_at IS NULL AND created_at < $2))

-- sweep_data_keys --
-- Keys of drafts that were never opened, once their words are swept.
DELETE FROM data_keys AS d
WHERE d.owner LIKE 'draft\_%' AND d.created_at < $1
  AND NOT EXISTS (SELECT 1 FROM texts AS t WHERE t.data_key = d.id)

-- sweep_contacts --
-- Look-up digests of drafts that are gone.
DELETE FROM contact_index AS c
WHERE c.owner LIKE 'draft\_%' AND NOT EXISTS (SELECT 1 FROM data_keys AS d WHERE d.owner = c.owner)

-- reads_of --
-- The access log of a complaint or customer, oldest first.
SELECT at, reader, text_id FROM text_reads WHERE owner = $1 ORDER BY id

-- add_contacts --
-- Digests by which the same customer is found again.
INSERT INTO contact_index (owner, digest)
SELECT $1, digest FROM unnest($2::BYTEA[]) AS digest
ON CONFLICT (digest, owner) DO NOTHING

-- find_contact --
-- Complaints and customers that gave this contact.
SELECT owner FROM contact_index WHERE digest = $1 AND owner NOT LIKE 'draft\_%' ORDER BY owner

-- forget_drafts --
-- Erasure takes with it what people were still writing.
DELETE FROM drafts WHERE number = $1

-- forget_contacts --
-- Erasure takes the digests with it.
DELETE FROM contact_index WHERE owner = $1
