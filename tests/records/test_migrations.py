"""The schema: migrations and schema.sql say the same, and a database is only ever brought forward, once."""

import asyncio
import dataclasses
from pathlib import Path

import asyncpg
import pytest

import records
from records.db import (
    Connection,
    Migration,
    MigrationError,
    Pool,
    SchemaTooNew,
    connect,
    migrate,
    migrations,
    open_pool,
    require_schema,
    schema_version,
)
from records.sql import files, statements

SCHEMA = Path(records.__file__).parent / "schema.sql"

CATALOG = {
    "columns": """
        SELECT c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attidentity::TEXT, a.attgenerated::TEXT, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S') AND a.attnum > 0
        ORDER BY 1, 3""",
    "constraints": """
        SELECT conrelid::regclass::TEXT, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    "triggers": """
        SELECT tgrelid::regclass::TEXT, tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal ORDER BY 1, 2""",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
    "extensions": "SELECT extname FROM pg_extension ORDER BY 1",
}


async def catalog(url: str) -> dict[str, list[tuple[object, ...]]]:
    connection = await connect(url)
    found = {what: [tuple(row) for row in await connection.fetch(query)] for what, query in CATALOG.items()}
    await connection.close()
    return found


async def test_migrations_and_schema_are_the_same(empty_url: str, database_url: str) -> None:
    connection = await connect(empty_url)
    await connection.execute(SCHEMA.read_text(encoding="utf-8"))
    await connection.close()
    by_hand, migrated = await catalog(empty_url), await catalog(database_url)
    for what in CATALOG:
        assert by_hand[what] == migrated[what], what


async def test_no_extension_is_needed(database_url: str) -> None:
    assert (await catalog(database_url))["extensions"] == [("plpgsql",)]


async def test_two_migrators_at_once_share_the_work(empty_url: str) -> None:
    applied = await asyncio.gather(migrate(empty_url), migrate(empty_url), migrate(empty_url))
    assert [migration.name for migration in migrations()] == sorted(
        name for names in applied for name in names
    )
    assert await migrate(empty_url) == []


async def test_a_changed_old_file_is_refused(database_url: str) -> None:
    changed = [dataclasses.replace(m, sql=m.sql + "\n-- afterthought") for m in migrations()]
    with pytest.raises(MigrationError, match=r"0001_pre_keys_and_texts.sql was changed after it was applied"):
        await migrate(database_url, changed)


async def test_a_database_of_a_newer_program_is_refused(database_url: str, connection: Connection) -> None:
    newer = Migration(
        len(migrations()) + 1, "9999_pre_from_the_future.sql", "CREATE TABLE future (id INTEGER)"
    )
    await migrate(database_url, [*migrations(), newer])
    with pytest.raises(SchemaTooNew, match="9999_pre_from_the_future"):
        await migrate(database_url)
    with pytest.raises(SchemaTooNew):
        await require_schema(connection)


async def test_a_failing_file_leaves_nothing(database_url: str, connection: Connection) -> None:
    number = len(migrations()) + 1
    broken = Migration(
        number, "9999_pre_broken.sql", "CREATE TABLE half (id INTEGER); SELECT no_such_function();"
    )
    with pytest.raises(
        MigrationError, match=r"9999_pre_broken.sql failed and was undone: .*no_such_function"
    ):
        await migrate(database_url, [*migrations(), broken])
    assert await connection.fetchval("SELECT to_regclass('half')") is None
    assert await schema_version(connection) == number - 1


async def test_a_database_never_migrated_says_what_to_do(empty_url: str) -> None:
    connection = await connect(empty_url)
    assert await schema_version(connection) == 0
    with pytest.raises(MigrationError, match="redress migrate"):
        await require_schema(connection)
    await connection.close()


async def test_the_schema_is_as_required(connection: Connection) -> None:
    await require_schema(connection)


@pytest.mark.parametrize("file", files())
async def test_every_statement_prepares(connection: Connection, file: str) -> None:
    for name, query in statements(file).items():
        try:
            await connection.prepare(query)
        except asyncpg.PostgresError as error:
            pytest.fail(f"records/sql/{file}.sql: {name}: {error}")


def test_every_statement_is_used() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SCHEMA.parent.rglob("*.py"))
    unused = [name for file in files() for name in statements(file) if f'"{name}"]' not in code]
    assert unused == []


async def test_a_release_sends_no_statement(pool: Pool, database_url: str) -> None:
    """asyncpg's own reset would send four statements at every release."""
    sent: list[str] = []
    async with pool.acquire() as connection:
        connection.add_query_logger(lambda query: sent.append(query.query))
        assert await connection.fetchval("SELECT 1") == 1
    assert sent == ["SELECT 1"]


async def test_a_transaction_left_open_does_not_reach_the_next_user(database_url: str) -> None:
    pool = await open_pool(database_url, max_size=1)
    loop = asyncio.get_running_loop()
    complaints: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    try:
        async with pool.acquire() as connection:
            await connection.execute("BEGIN; CREATE TABLE half (id INTEGER)")
        async with pool.acquire() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("SELECT to_regclass('half')") is None
    finally:
        loop.set_exception_handler(None)
        await pool.close()
    assert len(complaints) == 1
