"""The private Temporal server: real program, kill -9, time skipping where it is allowed and nowhere else."""

import asyncio
import socket
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client, Schedule, ScheduleUpdate, ScheduleUpdateInput, WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from embedded.bootstrap import Change, bootstrap, describe, schedules
from embedded.processes import PartError
from embedded.supervisor import Supervisor
from embedded.temporal import TemporalServer
from embedded.temporal_program import find_or_download, find_program
from workflows import names


def private(home: Path, rehearsal: bool = False, port: int = 0, codec: str | None = None) -> TemporalServer:
    return TemporalServer(
        home / "temporal", rehearsal=rehearsal, port=port, ui_port=0, codec_endpoint=codec, environ={}
    )


async def test_workflows_outlive_kill_9_of_the_server_at_the_same_address(
    home: Path, kill: Callable[[int | None], Awaitable[None]]
) -> None:
    async with private(home) as server:
        address = server.address
        client = await Client.connect(address)
        await client.start_workflow("Waiting", id="kept", task_queue="nobody")
        await kill(server.pid)
        await server.stop()
        await server.start()
        assert server.address == address
        client = await Client.connect(address)
        assert (await client.get_workflow_handle("kept").describe()).status is WorkflowExecutionStatus.RUNNING


async def test_declaring_waits_for_a_server_that_comes_back(
    home: Path, kill: Callable[[int | None], Awaitable[None]]
) -> None:
    async with private(home) as server:
        client = await Client.connect(server.address)
        await kill(server.pid)
        declared = asyncio.create_task(bootstrap(client, namespaces=["again"], scheduled=()))
        await server.stop()
        await server.start()
        assert (
            Change("again", "namespace", "again", None, "keeps closed workflows for 30 days")
            in await declared
        )


@workflow.defn(sandboxed=False)
class Year:
    """Sleeps for a year; answers when it woke."""

    @workflow.run
    async def run(self) -> datetime:
        await workflow.sleep(timedelta(days=365))
        return workflow.now()


async def test_a_rehearsal_server_lets_a_year_be_skipped(temporal_address: str) -> None:
    client = await Client.connect(temporal_address)
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    queue = f"year-{uuid.uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[Year]):
        handle = await skipper.client.start_workflow(Year.run, id=queue, task_queue=queue)
        assert await skipper.fast_forward(handle, timedelta(days=364))
        await skipper.fast_forward(handle, timedelta(days=2))
        woke = await handle.result()
    assert woke > datetime.now(UTC) + timedelta(days=364)


async def test_the_real_server_refuses_to_skip_time(home: Path) -> None:
    async with private(home) as server:
        skipper = TimeSkipper(await Client.connect(server.address), config=TimeSkippingConfig(enabled=False))
        with pytest.raises(RPCError, match="Time-Skipping feature is not enabled"):
            await skipper.client.start_workflow("Waiting", id="skips", task_queue="nobody")


async def test_a_rehearsal_never_uses_the_server_in_the_environment(home: Path) -> None:
    environ = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
    assert TemporalServer(home, environ=environ).external
    assert not TemporalServer(home, rehearsal=True, environ=environ).external


async def test_the_server_in_the_environment_is_used_and_nothing_is_started(
    home: Path, temporal_address: str
) -> None:
    async with TemporalServer(home / "temporal", environ={"TEMPORAL_ADDRESS": temporal_address}) as server:
        assert (server.address, server.pid, server.ui) == (temporal_address, None, None)
    assert not (home / "temporal").exists()


async def test_an_unreachable_server_in_the_environment_is_one_sentence(home: Path) -> None:
    server = TemporalServer(home / "temporal", environ={"TEMPORAL_ADDRESS": "127.0.0.1:1"})
    with pytest.raises(PartError, match="used from elsewhere and cannot be reached"):
        await server.start()


async def test_takes_other_ports_when_the_wanted_ones_are_taken(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        async with private(home, port=taken) as server:
            assert server.address != f"127.0.0.1:{taken}"
            assert server.ui is not None
            assert server.addresses() == {"temporal": server.address, "temporal-ui": server.ui}


async def test_gives_way_when_its_port_is_taken_after_it_was_chosen(home: Path) -> None:
    server = private(home)
    await server.prepare()
    chosen = server.address
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(chosen.partition(":")[2])))
        other.listen()
        assert "does not answer as a Temporal server" in (await server.trouble() or "")
        async with Supervisor(home) as supervisor:
            await supervisor.start(server)
            assert server.address != chosen
            assert supervisor.addresses()["temporal"] == server.address


async def test_starts_again_when_it_falls_over_a_port_it_chose_itself(home: Path) -> None:
    """Its inner services listen on ports of its own choice, which another program can take first."""
    real = await find_or_download(home / "programs", {})
    unlucky = home / "temporal"
    unlucky.write_text(
        f"""#!/bin/sh
if [ "$1" = server ] && mkdir {home}/fallen 2>/dev/null; then
    echo 'Failed to start gRPC listener: listen tcp 127.0.0.1:40017: bind: address already in use'
    echo 'panic: runtime error: invalid memory address or nil pointer dereference'
    exit 2
fi
exec {real.path} "$@"
"""
    )
    unlucky.chmod(0o755)
    settings = {"REDRESS_TEMPORAL_BIN": str(unlucky)}
    server = TemporalServer(home / "its", port=0, ui_port=None, environ=settings)
    async with Supervisor(home) as supervisor:
        await supervisor.start(server)
        assert (home / "fallen").exists()
        assert await server.trouble() is None


async def test_the_answer_of_another_server_at_the_chosen_port_is_not_its_own(home: Path) -> None:
    """Two starts at one moment choose the same port; the slower one must not live on the quicker one's server."""
    slower = private(home / "slower")
    await slower.prepare()
    chosen = slower.address
    async with private(home / "quicker", port=int(chosen.partition(":")[2])) as quicker:
        assert quicker.address == chosen
        assert await slower.trouble() is None, "the other one answers for it"
        async with slower:
            assert slower.address != chosen


def test_a_named_program_that_is_none_is_refused(home: Path) -> None:
    with pytest.raises(PartError, match=r"REDRESS_TEMPORAL_BIN names .* which is no Temporal CLI"):
        find_program({"REDRESS_TEMPORAL_BIN": sys.executable})
    old = home / "temporal"
    old.write_text("#!/bin/sh\necho 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)'\n")
    old.chmod(0o755)
    with pytest.raises(PartError, match=r"which is version 1\.5\.1; Redress needs `temporal` 1\.9"):
        find_program({"REDRESS_TEMPORAL_BIN": str(old)})
    found = find_program({"PATH": str(home)})
    assert found is None or found.path != old


async def test_bootstrap_writes_what_is_missing_and_then_nothing(home: Path) -> None:
    async with private(home) as server:
        first = await bootstrap(server.address)
        assert {
            (change.namespace, change.kind, change.name)
            for change in first
            if change.kind != "search attribute"
        } == {
            ("redress", "namespace", "redress"),
            ("redress", "schedule", "outbox"),
            ("redress", "schedule", "reconcile"),
            ("rehearsal", "namespace", "rehearsal"),
        }
        for namespace in ("redress", "rehearsal"):
            attributes = {
                c.name: c.after for c in first if (c.namespace, c.kind) == (namespace, "search attribute")
            }
            assert attributes == dict(names.SEARCH_ATTRIBUTES)
        assert all(str(change).startswith("+ ") for change in first)
        assert await bootstrap(server.address) == []


async def test_bootstrap_shows_and_mends_differences_and_leaves_a_pause_alone(home: Path) -> None:
    async with private(home) as server:
        await bootstrap(server.address, namespaces=["redress"])
        client = await Client.connect(server.address, namespace="redress")
        handle = client.get_schedule_handle("outbox")
        await handle.pause(note="the mail server moves")

        def lose_the_times(current: ScheduleUpdateInput) -> ScheduleUpdate:
            changed: Schedule = current.description.schedule
            changed.spec.intervals = []
            changed.spec.calendars = schedules()["reconcile"].spec.calendars
            return ScheduleUpdate(changed)

        await handle.update(lose_the_times)
        changes = await bootstrap(server.address, namespaces=["redress"], retention=timedelta(days=7))
        assert [(change.kind, change.name) for change in changes] == [
            ("namespace", "redress"),
            ("schedule", "outbox"),
        ]
        assert changes[0] == Change(
            "redress", "namespace", "redress",
            "keeps closed workflows for 30 days", "keeps closed workflows for 7 days",
        )  # fmt: skip
        mended = (await handle.describe()).schedule
        assert describe(mended) == describe(schedules()["outbox"]) == changes[1].after
        assert (mended.state.paused, mended.state.note) == (True, "the mail server moves")
        assert await bootstrap(server.address, namespaces=["redress"], retention=timedelta(days=7)) == []


async def test_bootstrap_of_a_server_out_of_reach_is_one_sentence() -> None:
    with pytest.raises(PartError, match=r"127\.0\.0\.1:1 cannot be reached"):
        await bootstrap("127.0.0.1:1")
