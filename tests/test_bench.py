"""What a complaint costs, where it can be counted: the gates of `make bench` that no neighbour on the machine can move."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bench import counts, life, pages
from bench.desk import Desk, Keys, sitting, working
from bench.stand import furnish
from embedded.bootstrap import bootstrap
from records.db import connect
from records.views import queue

#: enough to show that a late turn costs what an early one does
LATE = 15


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(
    postgres_url: str, temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A desk at work, on a database and in a namespace of its own."""
    name = f"bench_{secrets.token_hex(4)}"
    connection = await connect(postgres_url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = postgres_url.rpartition("/")[0] + f"/{name}"
    await furnish(url)
    await bootstrap(temporal_address, namespaces=[name], scheduled=())
    keys = Keys(secrets.token_bytes(32), secrets.token_bytes(32))
    spool: Path = tmp_path_factory.mktemp("spool")
    async with sitting(temporal_address, url, keys, namespace=name) as opened, working(opened, spool):
        yield opened


async def test_a_quiet_turn_costs_the_same_late_as_early(desk: Desk) -> None:
    early, late = await counts.quiet_turns(desk, LATE)
    assert (early.turn, late.turn) == (counts.EARLY, LATE)
    assert early.events == late.events <= counts.MOST_EVENTS_PER_TURN
    assert early.statements == late.statements <= counts.MOST_STATEMENTS
    assert early.commits == late.commits == counts.COMMITS


async def test_a_life_stays_small_however_much_is_written(desk: Desk) -> None:
    short = await counts.live(desk, life.reference())
    long = await counts.live(desk, life.reference(life.LONG), life.LONG)
    assert short.commands == 12
    assert short.history.events == long.history.events <= counts.MOST_EVENTS_PER_LIFE
    assert short.history.timeless_bytes == long.history.timeless_bytes
    assert short.history.payload == long.history.payload <= counts.MOST_PAYLOAD


@pytest.mark.slow
async def test_a_page_asks_as_often_with_many_rows_as_with_few(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No statement per row: ten rows and two hundred cost the same, and none more than six."""
    name = f"bench_pages_{secrets.token_hex(4)}"
    connection = await connect(postgres_url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    url = postgres_url.rpartition("/")[0] + f"/{name}"
    await furnish(url)
    keys = Keys(secrets.token_bytes(32), secrets.token_bytes(32))
    async with (
        pages.crowded(url, keys, (2000, 5000)) as crowd,
        pages.signed_in(crowd, pages.CLERK) as client,
    ):
        counted: dict[int, set[int]] = {}
        for rows in (10, 200):
            monkeypatch.setattr(queue, "PAGE", rows)
            for address in ("/queue/all", "/queue/team", "/queue/all?ended=only&sort=oldest"):
                page = await client.get(address)
                assert page.text.count('name="number"') == rows
                asked = await pages.statements(crowd.office.pool, client, address)
                counted.setdefault(rows, set()).add(asked)
    assert counted[10] == counted[200]
    assert max(counted[200]) <= pages.MOST_STATEMENTS
