"""A company at work on real servers: records, front door, workers, and the means to let time pass.

Shared by the tests of the conversation, of replay and of chaos.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowContinuedAsNewError, WorkflowHandle, WorkflowHistory
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from channels.spool import Spool
from domain import commands
from domain.codes import Channel
from domain.complaint import Complaint as State
from domain.complaint import Deadline
from domain.turns import Decision
from embedded.bootstrap import bootstrap
from records.db import connect, migrate
from records.office import Office, open_office
from records.opening import Incoming
from records.organisation import seed_local_people
from records.policies import seed_versions
from starter.complaints import FrontDoor
from starter.plugin import redress_plugin
from workers.registry import desks, workers_for
from workers.running import at_work
from workflows import names

#: first names of events, such as TIMER_STARTED
Counts = Counter[str]
PATIENCE = timedelta(seconds=20)


def with_database(url: str, database: str) -> str:
    """The same server and user, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


async def make_template(postgres_url: str) -> str:
    """A migrated database with the people and versions of the local profile; returns its name."""
    name = f"house_template_{secrets.token_hex(4)}"
    await _administer(postgres_url, f"CREATE DATABASE {name}")
    url = with_database(postgres_url, name)
    await migrate(url)
    connection = await connect(url)
    await seed_versions(connection)
    await seed_local_people(connection, production=False)
    await connection.close()
    return name


async def drop_database(postgres_url: str, name: str) -> None:
    await _administer(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def a_database(postgres_url: str, template: str) -> AsyncIterator[str]:
    """The url of a database of its own, whose complaint numbers no other test's database gives."""
    name = f"house_{secrets.token_hex(6)}"
    await _administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    url = with_database(postgres_url, name)
    await _administer(
        url,
        "INSERT INTO number_years (year, last) "
        f"SELECT year, {1000 * (1 + secrets.randbelow(900_000))} FROM generate_series(2020, 2040) AS year",
    )
    yield url
    await drop_database(postgres_url, name)


@dataclass(frozen=True)
class House:
    """One company: its database, its keys, its client whose workflows may have time skipped."""

    url: str
    office: Office
    skipper: TimeSkipper
    master_key: bytes
    ring: dict[str, bytes] | None
    spool: Path
    build: str = "build-1"

    @property
    def client(self) -> Client:
        return self.skipper.client

    @cached_property
    def door(self) -> FrontDoor:
        return FrontDoor(self.client, self.office)

    def handle(self, number: str) -> WorkflowHandle[Any, Any]:
        """The complaint's workflow, whichever run is the present one."""
        return self.client.get_workflow_handle(names.workflow_id(number))

    @asynccontextmanager
    async def at_work(self, *, cached: int = 1000) -> AsyncIterator[None]:
        """Workers of both queues, in this process, as they carry them in real use.

        They have a client of their own: the SDK lets one client carry a queue once only, until that worker has ended.
        """
        client = await _client(
            self.client.service_client.config.target_host, self.client.namespace, self.ring
        )
        carried = desks(client, self.office, Spool(self.spool))
        async with at_work(workers_for(client, carried, cached=cached), within=PATIENCE):
            yield

    async def open(self, by: str = "cs_specialist-1", **changes: Any) -> str:
        """A new complaint whose workflow listens; returns its number."""
        number = (await self.door.open(incoming(**changes), by)).number
        await self.rest(number)
        return number

    async def say(self, number: str, kind: str, by: str, key: str | None = None, **fields: Any) -> Decision:
        """A command through the front door."""
        return await self.door.submit(number, commands.said(kind, by, fields), key)

    async def do(self, number: str, kind: str, by: str, key: str | None = None, **fields: Any) -> Decision:
        """A command that must be accepted."""
        decision = await self.say(number, kind, by, key, **fields)
        assert decision.accepted, (kind, decision.reason, decision.rule)
        return decision

    async def state(self, number: str) -> State:
        return await self.office.ledger.complaint(number)

    async def deadline(self, number: str, name: str) -> Deadline:
        """The latest opening of a deadline."""
        state = await self.state(number)
        return [deadline for deadline in state.deadlines.values() if deadline.name == name][-1]

    async def time(self, number: str) -> datetime:
        """What time it is for this complaint, UTC."""
        return await self.skipper.get_current_time(self.handle(number))

    async def skip_to(self, number: str, instant: datetime) -> None:
        """Let this complaint's time pass until an instant, and everything in it come to rest."""
        left = instant - await self.time(number)
        assert left > timedelta(), f"{instant} is over"
        async with asyncio.timeout(PATIENCE.total_seconds()):
            assert await self.skipper.fast_forward(self.handle(number), left)
        await self.until(number, lambda seen: not _under_way(seen) and not _ringing(seen, instant))

    async def rest(self, number: str) -> None:
        """Wait until no turn is running or waiting."""
        await self.until(number, lambda history: not _under_way(history))

    async def new_chapter(self, number: str) -> str:
        """Have the conversation continue as new; returns the id of the new run, which listens."""
        run_id = await self.run_id(number)
        old = self.client.get_workflow_handle(names.workflow_id(number), run_id=run_id)
        await self.door.checkpoint(number)
        with pytest.raises(WorkflowContinuedAsNewError) as ended:
            await old.result(follow_runs=False, rpc_timeout=PATIENCE)
        await self.rest(number)
        return ended.value.new_execution_run_id

    async def until(
        self, number: str, holds: Callable[[Sequence[HistoryEvent]], bool], run_id: str | None = None
    ) -> Sequence[HistoryEvent]:
        """Wait, by long poll, until the history of the present run is as wanted; returns it."""
        handle = self.client.get_workflow_handle(names.workflow_id(number), run_id=run_id)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not holds(seen := (await handle.fetch_history()).events):
                known = len(seen)
                async for _ in handle.fetch_history_events(wait_new_event=True):
                    if (known := known - 1) < 0:
                        break
            return seen

    async def history(self, number: str, run_id: str | None = None) -> WorkflowHistory:
        return await self.client.get_workflow_handle(names.workflow_id(number), run_id=run_id).fetch_history()

    async def run_id(self, number: str) -> str:
        """The id of the present run."""
        run_id = (await self.handle(number).describe()).run_id
        assert run_id is not None
        return run_id

    async def counts(self, number: str, run_id: str | None = None) -> Counts:
        """How many events of each type a run's history has, the present run's by default."""
        return Counter(kind_of(event) for event in (await self.history(number, run_id)).events)

    async def turns(self, number: str) -> list[asyncpg.Record]:
        """The ledger's turns of a complaint, in order."""
        rows: list[asyncpg.Record] = await self.office.pool.fetch(
            "SELECT turn, command_id, kind, accepted, rule, heard_at, noticed_at FROM turns "
            "WHERE number = $1 ORDER BY turn",
            number,
        )
        return rows


_TASKS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
_OPEN_WORK = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: 1,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: -1,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: -1,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: -1,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: 1,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: -1,
}


def _under_way(history: Sequence[HistoryEvent]) -> bool:
    """Whether a task, an activity or an update has begun and not ended; timers may run.

    A workflow task that failed or timed out has not ended: its second try stands in the history only once it is done.
    """
    tasks = [event.event_type for event in history if event.event_type in _TASKS]
    if not tasks or tasks[-1] != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
        return True
    return sum(_OPEN_WORK.get(event.event_type, 0) for event in history) > 0


def _ringing(history: Sequence[HistoryEvent], now: datetime) -> bool:
    """Whether a timer's time has come and it has not rung yet: the server writes that down a moment after the skip."""
    due: dict[int, datetime] = {}
    for event in history:
        if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
            runs = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
            due[event.event_id] = event.event_time.ToDatetime(UTC) + runs
        elif event.event_type == EventType.EVENT_TYPE_TIMER_FIRED:
            due.pop(event.timer_fired_event_attributes.started_event_id)
        elif event.event_type == EventType.EVENT_TYPE_TIMER_CANCELED:
            due.pop(event.timer_canceled_event_attributes.started_event_id)
    return any(instant <= now for instant in due.values())


def kind_of(event: HistoryEvent) -> str:
    """TIMER_STARTED and the like."""
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")


def incoming(**changes: Any) -> Incoming:
    """A complaint as it comes in by telephone, now."""
    given: dict[str, Any] = {
        "channel": Channel.TELEPHONE,
        "received_at": datetime.now(UTC),
        "name": "林女士",
        "contact": "000-0000-0001",
        "text": "厨房漏水,修了三次。",
        "project": "示例·锦澜苑",
    }
    return Incoming(**{**given, **changes})


async def _client(address: str, namespace: str, ring: dict[str, bytes] | None) -> Client:
    return await Client.connect(address, namespace=namespace, plugins=[redress_plugin(ring)])


@asynccontextmanager
async def a_house(
    url: str,
    address: str,
    *,
    master_key: bytes | None = None,
    ring: dict[str, bytes] | None = None,
    build: str = "build-1",
    namespace: str | None = None,
) -> AsyncIterator[House]:
    """The company of a database; workers are not at work yet. ring: None leaves payloads in the clear.

    namespace: one of its own, when left out. Workers of two companies in one namespace take each other's tasks,
    which the wrong one cannot decrypt.
    """
    key = master_key or secrets.token_bytes(32)
    namespace = namespace or f"house-{secrets.token_hex(6)}"
    await bootstrap(address, namespaces=[namespace], scheduled=())
    client = await _client(address, namespace, ring)
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    async with open_office(url, key, build=build, may_create_key=True) as office:
        with TemporaryDirectory(prefix="redress-spool-") as spool:
            yield House(url, office, skipper, key, ring, Path(spool), build)


@asynccontextmanager
async def another_build(house: House, build: str, url: str | None = None) -> AsyncIterator[House]:
    """The same company with other software, or by another way to its database."""
    async with open_office(url or house.url, house.master_key, build=build, may_create_key=False) as office:
        yield replace(house, office=office, build=build, url=url or house.url)
