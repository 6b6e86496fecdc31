"""Who works: the product's workers and the bare one, in one process, as a worker of a real installation runs them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench import turns
from bench.bare_records import BareRecords
from channels.spool import Spool
from records.office import Office, open_office
from starter.complaints import FrontDoor
from starter.plugin import redress_plugin
from workers.registry import desks, workers_for
from workers.running import at_work
from workflows import names


@dataclass(frozen=True)
class Keys:
    """The keys of one run: of payloads and of words, 32 bytes each."""

    codec: bytes
    master: bytes


@dataclass(frozen=True)
class Desk:
    """The front door and the records behind it, with the bare workflow's beside them."""

    door: FrontDoor
    office: Office
    bare: Client
    bare_records: BareRecords


@asynccontextmanager
async def sitting(
    address: str,
    url: str,
    keys: Keys,
    *,
    namespace: str = names.NAMESPACE,
    sandbox: bool = True,
    connections: int = 10,
) -> AsyncIterator[Desk]:
    """Clients and records, nobody working yet. sandbox: False has workflow code run without it, to see what it costs."""
    plugin = redress_plugin({"k1": keys.codec})
    if not sandbox:
        plugin.workflow_runner = UnsandboxedWorkflowRunner()
    client = await Client.connect(address, namespace=namespace, plugins=[plugin])
    bare = await Client.connect(address, namespace=namespace)
    async with open_office(
        url, keys.master, build="bench", may_create_key=True, max_size=connections
    ) as office:
        yield Desk(FrontDoor(client, office), office, bare, BareRecords(office.pool))


@asynccontextmanager
async def working(desk: Desk, spool: Path, cached: int = 5000) -> AsyncIterator[None]:
    """Have the workers of every queue work. cached: complaints kept in memory."""
    async with at_work(_workers(desk, spool, cached), within=timedelta(seconds=20)):
        yield


def _workers(desk: Desk, spool: Path, cached: int) -> Sequence[Worker]:
    client = desk.door.client
    return [
        *workers_for(client, desks(client, desk.office, Spool(spool)), cached=cached),
        Worker(
            desk.bare,
            task_queue=turns.QUEUE,
            workflows=[turns.BareTurns],
            activities=[_recording(desk.bare_records)],
            max_cached_workflows=cached,
        ),
    ]


def _recording(records: BareRecords) -> Any:
    @activity.defn(name=turns.RECORD)
    async def record(number: str, command: dict[str, Any], heard_at: str) -> int:
        return await records.record(number, command, datetime.fromisoformat(heard_at))

    return record


async def rest(client: Client, number: str) -> int:
    """Wait until nothing is under way in a complaint's workflow; answers the length of its history in events."""
    handle = client.get_workflow_handle(names.workflow_id(number))
    while True:
        seen = (await handle.describe()).raw_description
        if not seen.pending_activities and not seen.HasField("pending_workflow_task"):
            return int(seen.workflow_execution_info.history_length)
        await asyncio.sleep(0.02)
