"""The desk with many complaints: how long a page takes at the server, what it asks of PostgreSQL, how big it is."""

import asyncio
import gzip
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2

from bench import crowd
from bench.desk import Keys
from bench.processes import cpu_seconds
from bench.statements import Statements
from console.app import make_app
from console.desk import Desk
from console.service import desk_for
from console.signing.sessions import let_in, session_cookie
from records.db import Pool, transaction
from records.links import link_token
from records.office import Office, open_office
from records.views.queue import VIEWS
from starter.complaints import FrontDoor
from starter.settings import read_settings

#: a page may ask PostgreSQL so often
MOST_STATEMENTS = 6
#: how many times the time of a list the page of a case may take
MOST_CASE_RATIO = 2.0
#: who looks: one of a thousand clerks, who read everything, one who reads what lies with a department, and the director
CLERK, ENGINEER, DIRECTOR = "clerk-0001", "project_manager-1", "cs_director-1"
#: what every page asks for by itself once it is there, and what a case page does
BESIDE, BESIDE_CASE = "/inbox/count", "/case/…/files"
_BARE = """
SELECT number, turn, stage, type, severity, flags, owner, project, round, due_at, due_name, received_at
FROM complaints WHERE ended_at IS NULL ORDER BY coalesce(due_at, 'infinity'), number LIMIT 50
"""
_SOME = "SELECT number FROM complaints WHERE ended_at IS NULL ORDER BY md5(number) LIMIT $1"


@dataclass(frozen=True)
class Page:
    """One page, asked for again and again. Milliseconds at the server; bytes before (size) and after gzip.

    cpu: milliseconds of CPU a page costs, of this process and of PostgreSQL, which a busy machine moves less.
    """

    name: str
    p50: float
    p95: float
    cpu: float
    statements: int
    size: int
    zipped: int
    rows: int


@dataclass(frozen=True)
class Pages:
    """What was found. bare: milliseconds of one SELECT of the same rows, median; ratio: the list by due over it."""

    opened: int
    ended: int
    pages: tuple[Page, ...]
    bare: float

    @property
    def ratio(self) -> float:
        """The page of all open complaints over the bare SELECT."""
        return self._p50("/queue/all") / self.bare

    @property
    def case_ratio(self) -> float:
        """The page of a case over the page of all open complaints: it must not grow with what has ended."""
        return self._p50("/case/…") / self._p50("/queue/all")

    def _p50(self, name: str) -> float:
        return next(page.p50 for page in self.pages if page.name == name)


@asynccontextmanager
async def crowded(url: str, keys: Keys, many: tuple[int, int]) -> AsyncIterator[Desk]:
    """A desk on a database with so many open and ended complaints. No Temporal: pages do not ask it."""
    async with open_office(url, keys.master, build="bench", may_create_key=True, max_size=4) as office:
        with tempfile.TemporaryDirectory() as home:
            desk = desk_for(_settings(Path(home)), FrontDoor(None, office))  # type: ignore[arg-type]
            await crowd.fill(office.pool, office.texts, office.ledger, keys.master, desk.now(), many)
            async with office.pool.acquire() as connection:
                await connection.execute("VACUUM ANALYZE")
            yield desk


def _settings(home: Path) -> Any:
    return read_settings({"REDRESS_HOME": str(home), "REDRESS_PUBLIC_URL": "http://127.0.0.1:8080"})


async def measure(desk: Desk, many: tuple[int, int], postgres: int, tries: int = 40) -> Pages:
    """Ask for every list and some cases. postgres: process id of the server that holds them."""
    found: list[Page] = []
    asked = partial(_asked, desk, postgres)
    async with AsyncExitStack() as stack:
        clerk = await stack.enter_async_context(signed_in(desk, CLERK))
        engineer = await stack.enter_async_context(signed_in(desk, ENGINEER))
        for view in VIEWS:
            found.append(await asked(clerk, [f"/queue/{view}"] * tries, f"/queue/{view}"))
        for query in ("?sort=priority", "?sort=newest", "?stage=FEEDBACK", "?ended=only", "?q=123456"):
            found.append(await asked(clerk, [f"/queue/all{query}"] * tries, f"/queue/all{query}"))
        for view in ("mine", "team", "all"):
            address = f"/queue/{view}"
            found.append(await asked(engineer, [address] * tries, f"{address} (one department)"))
        for address in ("/queue/counts", BESIDE):
            found.append(await asked(clerk, [address] * tries, address))
        cases = await _some_cases(desk, tries)
        found.append(await asked(clerk, cases, "/case/…"))
        found.append(await asked(clerk, [f"{case}/files" for case in cases], BESIDE_CASE))
        director = await stack.enter_async_context(signed_in(desk, DIRECTOR))
        for address in ("/wall", "/wall?days=365", "/wall/list/breached_now", "/wall/list/handled_in_time"):
            found.append(await asked(director, [address] * (tries // 4), address))
        customer = await stack.enter_async_context(signed_in(desk, None))
        found.append(await asked(customer, await _some_links(desk, cases), "/s/…"))
    bare = await _bare(desk.office, tries)
    return Pages(*many, tuple(found), bare)


@asynccontextmanager
async def signed_in(desk: Desk, user: str | None) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of this person, or of nobody, in the same process: what is measured is the server."""
    cookies = {}
    if user is not None:
        token = await let_in(desk, user, "password", address="127.0.0.1", agent="bench")
        cookies = {session_cookie(desk): token}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(make_app(desk)),
        base_url="http://127.0.0.1:8080",
        cookies=cookies,
        headers={"accept-encoding": "identity"},
    ) as client:
        yield client


async def _some_cases(desk: Desk, many: int) -> list[str]:
    async with desk.office.pool.acquire() as connection:
        return [f"/case/{row['number']}" for row in await connection.fetch(_SOME, many)]


async def _some_links(desk: Desk, cases: Sequence[str]) -> list[str]:
    """The customers' pages of these cases."""
    async with transaction(desk.office.pool) as connection:
        return [
            f"/s/{await link_token(connection, desk.office.texts, case.rpartition('/')[2], 'status')}"
            for case in cases
        ]


async def _asked(
    desk: Desk, postgres: int, client: httpx2.AsyncClient, addresses: Sequence[str], name: str
) -> Page:
    for address in addresses[:3]:
        await client.get(address)
    taken, largest, rows = [], b"", 0
    used = time.process_time() + cpu_seconds(postgres)
    for address in addresses:
        before = time.perf_counter()
        page = await client.get(address)
        taken.append((time.perf_counter() - before) * 1000)
        if page.status_code != HTTPStatus.OK:
            raise RuntimeError(f"{address} answered {page.status_code}")
        largest, rows = max(largest, page.content, key=len), max(rows, page.text.count('name="number"'))
    used = time.process_time() + cpu_seconds(postgres) - used
    counted = max([await statements(desk.office.pool, client, address) for address in addresses[:5]])
    taken.sort()
    p95 = taken[max(0, int(len(taken) * 0.95) - 1)]
    cpu = used * 1000 / len(addresses)
    zipped = len(gzip.compress(largest, 5))
    return Page(name, statistics.median(taken), p95, cpu, counted, len(largest), zipped, rows)


async def statements(pool: Pool, client: httpx2.AsyncClient, address: str) -> int:
    """How many statements a page sends. Nobody else may use the pool meanwhile."""
    heard = Statements()
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_max_size())]
        for connection in held:
            connection.add_query_logger(heard)
    try:
        await client.get(address)
        await asyncio.sleep(0)  # the driver tells its loggers a turn of the loop later
        return len(heard.sent)
    finally:
        async with AsyncExitStack() as stack:
            again = [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_max_size())]
            for connection in again:
                connection.remove_query_logger(heard)


async def _bare(office: Office, tries: int) -> float:
    taken = []
    async with office.pool.acquire() as connection:
        for _ in range(tries + 3):
            before = time.perf_counter()
            await connection.fetch(_BARE)
            taken.append((time.perf_counter() - before) * 1000)
    return statistics.median(taken[3:])
