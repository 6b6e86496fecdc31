"""A migrated PostgreSQL database of its own for every test: a copy of a template that is migrated once a session."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from records.db import Connection, Pool, connect, migrate, open_pool
from records.ledger import Ledger
from records.organisation import seed_local_people
from records.policies import Library, seed_versions
from records.texts import Texts, open_texts
from tests.records.office import Office


def with_database(url: str, database: str) -> str:
    """The same server and user, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


async def drop_database(url: str, database: str) -> None:
    admin = await asyncpg.connect(url)
    await admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    await admin.close()


async def create_database(url: str, database: str, template: str = "template0") -> str:
    admin = await asyncpg.connect(url)
    await admin.execute(f"CREATE DATABASE {database} TEMPLATE {template}")
    await admin.close()
    return with_database(url, database)


@pytest.fixture(scope="session")
async def template_database(postgres_url: str) -> AsyncIterator[str]:
    name = f"records_template_{secrets.token_hex(4)}"
    await migrate(await create_database(postgres_url, name))
    yield name
    await drop_database(postgres_url, name)


@pytest.fixture
async def database_url(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """The url of a fresh, migrated database."""
    name = f"records_{secrets.token_hex(6)}"
    yield await create_database(postgres_url, name, template_database)
    await drop_database(postgres_url, name)


@pytest.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    """The url of a database without any table."""
    name = f"records_empty_{secrets.token_hex(6)}"
    yield await create_database(postgres_url, name)
    await drop_database(postgres_url, name)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, max_size=8)
    yield pool
    await pool.close()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    connection = await connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def master_key() -> bytes:
    return secrets.token_bytes(32)


@pytest.fixture
async def texts(connection: Connection, master_key: bytes) -> Texts:
    """The words of the test's database under `master_key`."""
    return await open_texts(connection, master_key)


@pytest.fixture
async def office(pool: Pool, connection: Connection, texts: Texts) -> Office:
    """The company of the local profile with the versions of the software, at work."""
    await seed_local_people(connection, production=False)
    await seed_versions(connection)
    return Office(pool, Ledger(pool, texts, Library(), build="build-1"), texts)
