-- take_migration_lock --
-- One migrator at a time per database; the lock ends with the connection at the latest.
SELECT pg_advisory_lock($1)

-- release_migration_lock --
-- Gives the lock back before the connection is closed.
SELECT pg_advisory_unlock($1)

-- create_migrations --
-- The table that remembers which files were applied; the one thing that is made outside a migration.
CREATE TABLE IF NOT EXISTS schema_migrations (
    number      INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    checksum    TEXT NOT NULL,
    applied_at  TIMESTAMPTZ NOT NULL DEFAULT now()
)

-- applied_migrations --
-- What this database has been through, in order.
SELECT number, name, checksum FROM schema_migrations ORDER BY number

-- record_migration --
-- Notes a file in the same transaction that ran it.
INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)

-- migrations_exist --
-- Whether any migrator has ever been here.
SELECT to_regclass('schema_migrations') IS NOT NULL

-- schema_version --
-- The highest migration this database has been through; 0 for none.
SELECT coalesce(max(number), 0) FROM schema_migrations
