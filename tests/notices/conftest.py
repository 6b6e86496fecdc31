"""A company whose notices go to a real mail server, on a database of its own for every test."""

import secrets
from collections.abc import AsyncIterator

import pytest

from records.db import Connection, Pool, connect, migrate, open_pool
from records.ledger import Ledger
from records.office import Office
from records.organisation import seed_local_people
from records.policies import Library, seed_versions
from records.texts import open_texts
from tests.notices.company import Company
from tests.notices.mailbox import Mailbox, mail_server
from tests.records.conftest import create_database, drop_database


@pytest.fixture(scope="session")
async def company_template(postgres_url: str) -> AsyncIterator[str]:
    """A migrated database with the local profile's people and the versions that come with the software."""
    name = f"notices_template_{secrets.token_hex(4)}"
    url = await create_database(postgres_url, name)
    await migrate(url)
    connection = await connect(url)
    await seed_local_people(connection, production=False)
    await seed_versions(connection)
    await connection.close()
    yield name
    await drop_database(postgres_url, name)


@pytest.fixture
async def pool(postgres_url: str, company_template: str) -> AsyncIterator[Pool]:
    name = f"notices_{secrets.token_hex(6)}"
    pool = await open_pool(await create_database(postgres_url, name, company_template), max_size=8)
    yield pool
    await pool.close()
    await drop_database(postgres_url, name)


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as connection:
        yield connection


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
async def company(pool: Pool, connection: Connection, mailbox: Mailbox) -> Company:
    texts, library = await open_texts(connection, secrets.token_bytes(32)), Library()
    return Company(Office(pool, texts, Ledger(pool, texts, library, build="build-1"), library), mailbox)


@pytest.fixture
async def number(company: Company) -> str:
    """A complaint with nothing to send."""
    number = await company.open()
    await company.silence(number)
    return number
