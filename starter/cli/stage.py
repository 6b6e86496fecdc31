"""Servers of a rehearsal's own: PostgreSQL, a Temporal server that may skip time, a worker; gone when it is over.

Nothing of an installation is touched: no setting of the environment names these servers, and their data are in a
directory of the system's temporary place.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from embedded.bootstrap import bootstrap
from embedded.parts import Program, answers_http, until_well
from embedded.postgres import THROWAWAY, PostgresServer
from embedded.processes import free_port, spawn
from embedded.temporal import TemporalServer
from records.db import migrate
from starter.cli.here import Here, own_temporal
from starter.cli.preparing import prepare_records
from starter.cli.working import worker_command
from workflows import names

#: A rehearsal ends when its cases have ended; nothing of value is under way then.
_WORKER_GRACE = 10.0


@asynccontextmanager
async def rehearsal(environ: Mapping[str, str], say: Callable[[str], None]) -> AsyncIterator[Here]:
    """The place of a rehearsal, ready to be played in. say: told what is being started.

    Raises PartError where a server cannot be had.
    """
    directory = _passable_directory()
    try:
        say("starting PostgreSQL")
        async with PostgresServer(directory / "postgres", settings=THROWAWAY, port=0, environ={}) as postgres:
            say("starting Temporal")
            server = TemporalServer(
                directory / "temporal", rehearsal=True, port=0, ui_port=None, environ=_programs(environ)
            )
            async with server:
                say("preparing the records")
                url = await postgres.ensure_database()
                await migrate(url)
                here = Here(_environment(environ, directory, url, server.address))
                await prepare_records(here)
                await bootstrap(server.address, namespaces=(names.REHEARSAL,), scheduled=())
                say("starting a worker")
                async with _working(here, directory):
                    yield here
    finally:
        shutil.rmtree(directory)


def _passable_directory() -> Path:
    """A new directory that PostgreSQL's unprivileged user may pass through, where we are root."""
    directory = Path(tempfile.mkdtemp(prefix="redress-demo-"))
    directory.chmod(0o711)
    return directory


def _programs(environ: Mapping[str, str]) -> dict[str, str]:
    """Of the settings only those by which programs are found."""
    return {
        name: value for name, value in environ.items() if name in ("PATH", "HOME", "REDRESS_TEMPORAL_BIN")
    }


def _environment(environ: Mapping[str, str], directory: Path, url: str, address: str) -> dict[str, str]:
    system = {
        name: value for name, value in environ.items() if not name.startswith(("REDRESS_", "TEMPORAL_"))
    }
    own = {"REDRESS_HOME": str(directory), "REDRESS_DATABASE_URL": url, "TEMPORAL_NAMESPACE": names.REHEARSAL}
    return {**own_temporal(system, address), **own}


@asynccontextmanager
async def _working(here: Here, directory: Path) -> AsyncIterator[None]:
    """A worker of the rehearsal while the block runs; it ends with this program, however that ends."""
    port = free_port(None)
    readiness = f"http://127.0.0.1:{port}/readyz"
    command = worker_command(
        {**here.environ, "REDRESS_HEALTH_PORT": str(port), "REDRESS_LOG": "warning"},
        directory / "logs" / "worker.log",
        _WORKER_GRACE,
    )
    process = spawn(command, leash=True)
    try:
        process.open_gate()
        await until_well(Program("worker", command, answers_http(readiness)), process)
        yield
    finally:
        await process.end()
