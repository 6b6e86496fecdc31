"""Workers at work: what was begun is finished, a failed one is told of, one the SDK never lets end is given up."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.bridge.worker import Worker as BridgeWorker
from temporalio.client import Client
from temporalio.worker import Worker

from workers.running import at_work

SOON = timedelta(seconds=20)


@activity.defn
async def nothing() -> None: ...


@pytest.fixture
async def worker(temporal_address: str) -> Callable[[], Worker]:
    """Makes workers of one queue, each with a client of its own."""
    queue = f"running-{secrets.token_hex(4)}"
    clients = [await Client.connect(temporal_address) for _ in range(2)]
    return lambda: Worker(clients.pop(), task_queue=queue, activities=[nothing])


async def test_workers_run_until_the_block_is_left_and_have_ended_then(worker: Callable[[], Worker]) -> None:
    workers = [worker(), worker()]
    async with at_work(workers, within=SOON) as running:
        await asyncio.sleep(0)
        assert not any(run.done() for run in running)
    assert [each.is_shutdown for each in workers] == [True, True]
    assert all(run.done() and run.exception() is None for run in running)


async def test_a_worker_that_fails_ends_its_run_and_is_told_of_in_the_end(
    worker: Callable[[], Worker], temporal_address: str
) -> None:
    well = worker()
    nowhere = await Client.connect(temporal_address, namespace="nowhere")

    async def work() -> None:
        async with at_work(
            [well, Worker(nowhere, task_queue="any", activities=[nothing])], within=SOON
        ) as running:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED, timeout=20)

    with pytest.raises(RuntimeError, match="nowhere"):
        await work()
    assert well.is_shutdown


async def test_a_worker_whose_end_is_never_told_is_given_up_with_a_warning(
    worker: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def never(_: BridgeWorker) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(BridgeWorker, "finalize_shutdown", never)
    stuck = worker()
    with caplog.at_level(logging.WARNING, "workers.running"):
        async with at_work([stuck], within=timedelta(seconds=1)) as running:
            pass
    assert running[0].done()
    (warning,) = caplog.records
    assert warning.message == "a worker did not end and is given up"
    assert warning.__dict__["queue"] == stuck.task_queue
    assert "wait" in warning.__dict__["at"]
