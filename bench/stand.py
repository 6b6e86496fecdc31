"""What is measured on: real servers started for one run, furnished as for real work, thrown away after it."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench import bare_records
from embedded.bootstrap import bootstrap
from embedded.ports import free_port
from embedded.postgres import PostgresServer
from embedded.processes import Command, PartError
from embedded.temporal import TemporalServer
from records.db import connect, migrate
from records.organisation import seed_local_people
from records.policies import seed_versions


class MeasuredServer(TemporalServer):
    """The development server with its own metrics on a port."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, port=0, ui_port=None, environ={})
        self._metrics = free_port(0)

    @property
    def metrics(self) -> str:
        """Where the server tells its counters."""
        return f"http://127.0.0.1:{self._metrics}/metrics"

    async def prepare(self) -> Command | None:
        """See `TemporalServer.prepare`."""
        command = await super().prepare()
        return command and replace(command, argv=(*command.argv, "--metrics-port", str(self._metrics)))

    def give_way(self) -> bool:
        """See `Server.give_way`."""
        self._metrics = free_port(0)
        return super().give_way()


@dataclass(frozen=True)
class Stand:
    """The servers of one run. metrics: where the Temporal server tells its counters."""

    address: str
    url: str
    metrics: str
    temporal_pid: int
    postgres_pid: int
    directory: Path


@asynccontextmanager
async def standing() -> AsyncIterator[Stand]:
    """Start PostgreSQL (fsync on) and Temporal (its data in a file); both are gone afterwards. Raises PartError."""
    directory = _directory()
    try:
        async with AsyncExitStack() as stack:
            postgres = await stack.enter_async_context(
                PostgresServer(directory / "postgres", settings={"autovacuum": "off"}, port=0, environ={})
            )
            temporal = await stack.enter_async_context(MeasuredServer(directory / "temporal"))
            url = await postgres.ensure_database()
            await furnish(url)
            await bare_records.create(url)
            await bootstrap(temporal.address, scheduled=())
            if temporal.pid is None or postgres.pid is None:
                raise PartError("The servers of a measurement are its own; these run elsewhere.")
            yield Stand(temporal.address, url, temporal.metrics, temporal.pid, postgres.pid, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _directory() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    directory.chmod(0o711)  # as root, PostgreSQL runs as an unprivileged user, who must get in
    return directory


async def furnish(url: str) -> None:
    """Bring a database to where complaints can be opened: schema, policy and calendar, sample people."""
    await migrate(url)
    connection = await connect(url)
    try:
        await seed_versions(connection)
        await seed_local_people(connection, production=False)
    finally:
        await connection.close()
