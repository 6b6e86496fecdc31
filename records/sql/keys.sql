-- known_master_keys --
-- Every master key this database has met, and whether words still depend on it.
SELECT m.id, m.check_value,
       EXISTS (SELECT 1 FROM data_keys AS d WHERE d.master_key = m.id AND d.erased_at IS NULL) AS in_use
FROM master_keys AS m

-- remember_master_key --
-- Notes a key at its first use; a second process doing the same is harmless.
INSERT INTO master_keys (id, check_value) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING

-- open_data_key --
-- The data key of an owner that new words are locked with.
SELECT id, owner, master_key, locked FROM data_keys WHERE owner = $1 AND erased_at IS NULL

-- add_data_key --
-- A first (or, after an erasure, a next) data key; nothing comes back if another process was faster.
INSERT INTO data_keys (id, owner, master_key, locked) VALUES ($1, $2, $3, $4)
ON CONFLICT (owner) WHERE erased_at IS NULL DO NOTHING
RETURNING id

-- move_data_key --
-- The key of a draft becomes the key of the complaint it was opened as; locked anew for its new owner.
UPDATE data_keys SET owner = $2, master_key = $3, locked = $4 WHERE id = $1 AND erased_at IS NULL

-- move_contacts --
-- The look-up digests of a draft follow it into the complaint.
UPDATE contact_index SET owner = $2 WHERE owner = $1

-- destroy_data_keys --
-- Erasure: what was locked with these keys cannot be read any more, in this database or in a later backup of it.
UPDATE data_keys SET locked = NULL, erased_at = now(), erased_by = $2
WHERE owner = $1 AND erased_at IS NULL
RETURNING id

-- keys_locked_otherwise --
-- A batch of data keys that a rotation has yet to lock with the current master key.
SELECT id, owner, master_key, locked FROM data_keys
WHERE master_key <> $1 AND erased_at IS NULL ORDER BY id LIMIT $2 FOR UPDATE

-- relock_data_key --
-- One data key under another master key; the words stay as they are.
UPDATE data_keys SET master_key = $2, locked = $3 WHERE id = $1
