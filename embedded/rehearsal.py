"""`redress demo`: the cases of a file live their whole lives on a PostgreSQL and a Temporal server of their own.

Both are started for the one run on a directory of their own, with a worker beside them, and stopped at its end
whatever happens. Real complaints are out of reach: servers and keys that the environment names are never used.
"""

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from signal import Signals

from temporalio.client import Client

from embedded.bootstrap import bootstrap
from embedded.parts import Program, answers_http
from embedded.ports import free_port
from embedded.postgres import THROWAWAY, URL_VARIABLE, PostgresServer
from embedded.processes import Command, PartError
from embedded.supervisor import Supervisor
from embedded.temporal import ADDRESS_VARIABLE, TemporalServer
from records.db import connect as connect_records
from records.db import migrate
from records.office import Office
from records.organisation import seed_local_people
from records.policies import seed_versions
from starter.cases.live import Progress, play_live
from starter.cases.reading import CasesFile
from starter.cases.report import CaseReport
from starter.connection import connect
from starter.settings import read_settings
from workers.service import office_of
from workflows import names

#: Lives led at a time for each processor: enough to keep it busy, few enough that each is heard within seconds.
PARALLEL = 5
#: What a rehearsal takes nothing from: settings that name servers, keys and ways out of real complaints.
_REAL = ("REDRESS_", "TEMPORAL_")
#: Seconds the worker may take to finish; nothing of value is under way when a rehearsal is over.
_GRACE = 10.0


class Interrupted(Exception):
    """The run was ended by a signal; everything has been stopped in good order."""

    def __init__(self, by: Signals) -> None:
        super().__init__(f"Ended by {by.name}.")
        self.signal = by


async def run_demo(
    file: CasesFile,
    *,
    home: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
    progress: Progress = lambda case, said, steps: None,
    parallel: int = PARALLEL * (os.cpu_count() or 1),
    environ: Mapping[str, str] = os.environ,
) -> list[CaseReport]:
    """The reports of all cases, in the order of the file, the same as `starter.cases.playing.play` gives.

    home: a new directory for data, notices and logs, which stays; None for a temporary one. say: told what starts
    and stops. progress: told how each life gets on. parallel: lives led at a time.
    Raises PartError, Interrupted, and what `starter.cases.live.play_live` raises.
    """
    with _directory(home) as directory:
        supervisor = Supervisor(directory, say=say, leashed=True)
        reports: list[CaseReport] = []
        async with supervisor, _stage(supervisor, environ) as (client, office):
            say(f"{len(file.items)} cases are being lived, {parallel} at a time")
            reports = await play_live(
                file,
                client=client,
                office=office,
                now=datetime.now(UTC),
                parallel=parallel,
                progress=progress,
            )
        if supervisor.stopped_by is not None:
            raise Interrupted(supervisor.stopped_by)
        return reports


@contextmanager
def _directory(home: Path | None) -> Iterator[Path]:
    """A directory nobody has used, passable for the user PostgreSQL runs as. Raises PartError for one that is not."""
    if home is None:
        with tempfile.TemporaryDirectory(prefix="redress-demo-") as made:
            Path(made).chmod(0o711)
            yield Path(made)
        return
    if home.exists() and any(home.iterdir()):
        raise PartError(f"{home} is not empty; a rehearsal begins with nothing. Name a new directory.")
    yield home


@asynccontextmanager
async def _stage(supervisor: Supervisor, environ: Mapping[str, str]) -> AsyncIterator[tuple[Client, Office]]:
    """Servers, records with people and policies, and a worker: everything a life needs."""
    home = supervisor.home
    own = {name: value for name, value in environ.items() if not name.startswith(_REAL)}
    postgres = PostgresServer(home / "postgres", settings=THROWAWAY, port=0, environ=own)
    temporal = TemporalServer(home / "temporal", rehearsal=True, port=0, ui_port=None, environ=environ)
    await supervisor.start(postgres)
    await supervisor.start(temporal)
    url = await postgres.ensure_database()
    await migrate(url)
    await _seed(url)
    await bootstrap(temporal.address, namespaces=[names.REHEARSAL], scheduled=[])
    own |= {"REDRESS_HOME": str(home), URL_VARIABLE: url, "REDRESS_LOG": "warning"}
    own |= {ADDRESS_VARIABLE: temporal.address, "TEMPORAL_NAMESPACE": names.REHEARSAL}
    settings = read_settings(own)
    client = await connect(settings, environ=own)
    async with office_of(settings) as office:  # made before the worker starts, as are the keys
        await supervisor.start(_worker(own, supervisor.log_of("worker")))
        yield client, office


def _worker(environ: Mapping[str, str], log: Path) -> Program:
    """A worker for all queues, in a process of its own."""
    port = free_port(0)
    command = Command(
        argv=(sys.executable, "-m", "workers"),
        log=log,
        environment={**environ, "REDRESS_HEALTH_PORT": str(port)},
        grace=_GRACE,
    )
    return Program("worker", command, answers_http(f"http://127.0.0.1:{port}/readyz"), listens_on=(port,))


async def _seed(url: str) -> None:
    """Policies, calendars and the sample people."""
    connection = await connect_records(url)
    try:
        await seed_versions(connection)
        await seed_local_people(connection, production=False)
    finally:
        await connection.close()
