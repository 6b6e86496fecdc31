"""A worker as a process of its own: it waits for what is not there, tells so at its doors, and stops when told."""

import asyncio
import json
import secrets
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from embedded.bootstrap import bootstrap
from embedded.ports import free_port
from records.db import connect, migrate
from tests.cli.conftest import PATIENCE, clean_environment


class Worker:
    """`python -m workers` with these settings."""

    def __init__(self, home: Path, *queues: str, **settings: str) -> None:
        self.port = free_port(None)
        self.log = home / "worker.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "workers", *queues],
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=clean_environment(REDRESS_HOME=str(home), REDRESS_HEALTH_PORT=str(self.port), **settings),
            )

    def ask(self, door: str) -> tuple[int, str]:
        """What a door answers; code 0 while nobody listens."""
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://127.0.0.1:{self.port}{door}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    async def until(self, door: str, code: int) -> str:
        """Wait until a door answers with this code."""
        async with asyncio.timeout(PATIENCE):
            while (answer := await asyncio.to_thread(self.ask, door))[0] != code:
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.05)
        return answer[1]

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, PATIENCE)


@pytest.fixture
async def empty_database(postgres_url: str) -> AsyncIterator[str]:
    """The url of a database without a table."""
    name = f"cli_{secrets.token_hex(6)}"
    admin = await connect(postgres_url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_a_worker_waits_for_what_is_not_there_yet(
    tmp_path: Path, empty_database: str, temporal_address: str
) -> None:
    namespace = f"cli-{tmp_path.name.lower().replace('_', '-')}"
    settings = {
        "REDRESS_DATABASE_URL": empty_database,
        "TEMPORAL_ADDRESS": temporal_address,
        "TEMPORAL_NAMESPACE": namespace,
    }
    worker = Worker(tmp_path, **settings)
    try:
        assert await worker.until("/healthz", 200) == "ok"
        troubles = json.loads(await worker.until("/readyz", 503))
        assert troubles == {
            "temporal": "not reached yet",
            "records": "not reached yet",
            "workers": "not polling yet",
        }
        await migrate(empty_database)
        await bootstrap(temporal_address, namespaces=(namespace,), scheduled=())
        ready = json.loads(await worker.until("/readyz", 200))
        assert set(ready.values()) == {"ok"}
        assert "# TYPE" in await worker.until("/metrics", 200)
    finally:
        code = await worker.stop()
    assert code == 0
    events = [json.loads(line) for line in worker.log.read_text().splitlines()]
    told = [event["event"] for event in events if event["logger"] == "workers.service"]
    assert told[-2:] == ["working", "stopping"]
    assert any("redress bootstrap" in event["event"] for event in events)


async def test_a_worker_that_waits_stops_at_once_and_one_without_a_database_does_not_start(
    tmp_path: Path,
) -> None:
    worker = Worker(
        tmp_path, "reviews", TEMPORAL_ADDRESS="127.0.0.1:1", REDRESS_DATABASE_URL="postgresql://127.0.0.1:1/x"
    )
    await worker.until("/readyz", 503)
    assert await worker.stop() == 0
    for wrong in ({"REDRESS_LOG": "loud"}, {"REDRESS_METRICS_PORT": str(70_000)}):
        failing = Worker(tmp_path, **wrong)
        assert await asyncio.to_thread(failing.process.wait, PATIENCE) == 2
        assert next(iter(wrong)) in failing.log.read_text()
