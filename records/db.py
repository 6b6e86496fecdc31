"""The connection to PostgreSQL and the migrations of its schema.

`open_pool` makes the pool that every process holds one of; `migrate` brings a database forward. Both take a
`postgresql://` url. This module knows nothing of complaints.
"""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

import asyncpg

from records.sql import statements

SQL = statements("schema")

#: The oldest server this schema is tested with, as `server_version_num` counts.
OLDEST_SERVER = 150000
#: The advisory lock of migrators: the first eight bytes of SHA-256("redress migrations") as a signed integer.
_MIGRATION_LOCK = int.from_bytes(hashlib.sha256(b"redress migrations").digest()[:8], "big", signed=True)
#: Compiling a statement takes longer than running any of ours: the overview's, hundreds of milliseconds each time.
_SESSION = {"application_name": "redress", "timezone": "UTC", "jit": "off"}
_FILE_NAME = re.compile(r"(?P<number>\d{4})_(?:pre|post)_[a-z0-9_]+\.sql")

#: A connection of the pool or one of its own; asyncpg publishes no types.
Connection: TypeAlias = asyncpg.Connection
Pool: TypeAlias = asyncpg.Pool


class RecordsError(Exception):
    """The records cannot do what was asked; the text is one sentence a person can act on."""


class MigrationError(RecordsError):
    """The database and the migrations of this program do not fit together."""


class SchemaTooNew(MigrationError):
    """The database was brought forward by a newer program than this one; a newer worker must do the work."""


class RecordsUnreachable(RecordsError):
    """PostgreSQL cannot be reached now; the work waits and is asked for again."""


#: errors after which the same work may simply be tried again
_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


@dataclass(frozen=True)
class Migration:
    """One file of `records/migrations`, in the order of its number."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text, hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


async def open_pool(url: str, *, min_size: int = 1, max_size: int = 10) -> Pool:
    """A pool of connections to `url`, with `jsonb` as Python values.

    A connection goes back without a statement being sent: asyncpg's four reset statements per release would double
    what a short transaction costs. A transaction left open is still rolled back (asyncpg does so before `reset`).
    Raises OSError or asyncpg.PostgresError when the server cannot be reached or refuses.
    """
    return await asyncpg.create_pool(
        url,
        min_size=min_size,
        max_size=max_size,
        init=_prepare,
        reset=_nothing_to_reset,
        server_settings=_SESSION,
    )


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool in one transaction: committed at the end, rolled back by any error.

    Raises RecordsUnreachable where the server is away, starting, stopping, full or lets nobody in: then nothing was
    written, or it is not known whether it was, and the same work may be asked for again.
    """
    with reaching():
        connection = await _let_in(pool)
        try:
            async with connection.transaction():
                yield connection
        finally:
            await pool.release(connection)


async def _let_in(pool: Pool) -> Connection:
    """A connection; a database closed for maintenance, renamed or with another password is away, and no fault of ours."""
    try:
        return await pool.acquire()
    except asyncpg.PostgresError as refused:
        raise RecordsUnreachable(f"The records let nobody in: {refused}") from refused


@contextmanager
def reaching() -> Iterator[None]:
    """Turn every error that means "the server cannot be reached now" into RecordsUnreachable."""
    try:
        yield
    except _AWAY as error:
        raise RecordsUnreachable(f"The records cannot be reached: {error or type(error).__name__}") from error


async def connect(url: str) -> Connection:
    """One connection outside any pool, set up like those of `open_pool`. The caller closes it."""
    connection = await asyncpg.connect(url, server_settings=_SESSION)
    await _prepare(connection)
    return connection


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=to_json, decoder=json.loads)


async def _nothing_to_reset(connection: Connection) -> None:
    """The program sets no session state, so there is none to take back."""


def to_json(value: Any) -> str:
    """`value` as compact JSON with sorted keys: the same value is the same text, which hash chains rely on."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations of this program, by number from 1 without a gap. Raises MigrationError for a misnamed file."""
    found: list[Migration] = []
    folder = resources.files("records").joinpath("migrations")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        named = _FILE_NAME.fullmatch(file.name)
        if named is None or int(named["number"]) != len(found) + 1:
            raise MigrationError(
                f"records/migrations/{file.name}: expected a name like {len(found) + 1:04d}_pre_what_it_does.sql"
            )
        found.append(Migration(len(found) + 1, file.name, file.read_text(encoding="utf-8")))
    return tuple(found)


async def migrate(url: str, known: Sequence[Migration] | None = None) -> list[str]:
    """Bring the database at `url` forward to the newest schema; returns the names of the files applied now.

    Each file runs in one transaction of its own, together with the row that remembers it; migrators wait for each
    other on an advisory lock, so starting two at once is harmless. There is no way back: a later file corrects.
    Raises MigrationError when an applied file was changed since, when a file fails (nothing of it is kept), or when
    the server is older than PostgreSQL 15; SchemaTooNew when the database knows migrations that this program lacks.
    """
    files = migrations() if known is None else known
    connection = await connect(url)
    try:
        _refuse_old_server(connection)
        await connection.fetchval(SQL["take_migration_lock"], _MIGRATION_LOCK)
        await connection.execute(SQL["create_migrations"])
        pending = _pending(await connection.fetch(SQL["applied_migrations"]), files)
        for migration in pending:
            await _apply(connection, migration)
        await connection.fetchval(SQL["release_migration_lock"], _MIGRATION_LOCK)
        return [migration.name for migration in pending]
    finally:
        await connection.close()


def _refuse_old_server(connection: Connection) -> None:
    version = connection.get_server_version()
    if version.major * 10000 < OLDEST_SERVER:
        raise MigrationError(f"PostgreSQL {version.major} is too old: version 15 or newer is needed.")


def _pending(applied: Sequence[asyncpg.Record], files: Sequence[Migration]) -> list[Migration]:
    """The files not applied yet; raises for a past that is not this program's."""
    by_number = {migration.number: migration for migration in files}
    for row in applied:
        migration = by_number.pop(row["number"], None)
        if migration is None:
            raise SchemaTooNew(
                f"The database has migration {row['name']}, which this program does not know: it was brought "
                "forward by a newer version. Run that version."
            )
        if migration.checksum != row["checksum"]:
            raise MigrationError(
                f"records/migrations/{migration.name} was changed after it was applied to this database "
                f"(as {row['name']}). Restore the file and put the change into a new migration."
            )
    return [by_number[number] for number in sorted(by_number)]


async def _apply(connection: Connection, migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                SQL["record_migration"], migration.number, migration.name, migration.checksum
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"records/migrations/{migration.name} failed and was undone: {error}") from error


async def schema_version(connection: Connection) -> int:
    """The number of the last migration this database has been through; 0 for a database never migrated."""
    if not await connection.fetchval(SQL["migrations_exist"]):
        return 0
    version: int = await connection.fetchval(SQL["schema_version"])
    return version


async def require_schema(connection: Connection) -> None:
    """Raise MigrationError if the database is older than this program, SchemaTooNew if it is newer."""
    version, needed = await schema_version(connection), len(migrations())
    if version < needed:
        raise MigrationError(
            f"The database is at schema {version}, {needed} is needed: run `redress migrate`."
        )
    if version > needed:
        raise SchemaTooNew(
            f"The database is at schema {version}, this program knows {needed}: run the newer version."
        )
