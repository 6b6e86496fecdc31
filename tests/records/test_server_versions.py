"""The same schema, statements and life on every major version of PostgreSQL that is here (15 to 18)."""

from pathlib import Path

import pytest

from embedded.postgres import THROWAWAY, PostgresServer
from embedded.postgres_programs import Programs, all_programs
from records import audit
from records.db import migrate, open_pool
from records.ledger import Ledger
from records.organisation import seed_local_people
from records.policies import Library, seed_versions
from records.sql import files, statements
from records.texts import open_texts
from tests.records.office import Office

BY_MAJOR = {programs.major: programs for programs in reversed(all_programs())}


@pytest.mark.requirement("LIF-01")
@pytest.mark.parametrize("programs", BY_MAJOR.values(), ids=[f"PostgreSQL {major}" for major in BY_MAJOR])
async def test_a_life_on_this_version(server_directory: Path, programs: Programs, master_key: bytes) -> None:
    directory = server_directory / f"records-{programs.major}"
    async with PostgresServer(directory, settings=THROWAWAY, port=0, programs=programs, environ={}) as server:
        url = await server.ensure_database()
        await migrate(url)
        pool = await open_pool(url)
        async with pool.acquire() as connection:
            assert connection.get_server_version().major == programs.major
            for file in files():
                for statement in statements(file).values():
                    await connection.prepare(statement)
            texts = await open_texts(connection, master_key)
            await seed_local_people(connection, production=False)
            await seed_versions(connection)
        office = Office(pool, Ledger(pool, texts, Library(), build="build-1"), texts)
        number = await office.open()
        await office.live(number)
        assert [looked.findings async for looked in audit.verify(pool)] == [()]
        await pool.close()
