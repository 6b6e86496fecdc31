"""`redress up`: PostgreSQL, Temporal and a worker under one supervisor, made ready and kept running.

What a second terminal needs to find them stands in the supervisor's run file in the data directory.
"""

import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from embedded.parts import Program, answers_http
from embedded.postgres import PostgresServer
from embedded.processes import free_port
from embedded.supervisor import Supervisor
from embedded.temporal import TemporalServer
from records.db import migrate
from records.views import Filters, list_cases
from starter.cli import paper
from starter.cli.here import Here, own_temporal
from starter.cli.preparing import prepare
from starter.cli.working import worker_command
from starter.settings import Settings, home_directory
from workflows import names

HEALTH_PORT, METRICS_PORT = 8081, 9090
#: Seconds a worker may take to finish what it has begun; longer than its own grace.
_WORKER_GRACE = 40.0


@dataclass(frozen=True)
class Ports:
    """Where the worker listens on loopback."""

    health: int
    metrics: int

    @property
    def readiness(self) -> str:
        """The address that answers 2xx once the worker takes work."""
        return f"http://127.0.0.1:{self.health}/readyz"


async def run_all(here: Here, *, demo: bool) -> None:
    """Run until a stop signal. Raises PartError for a part that cannot be had, MigrationError, VersionChanged."""
    settings = here.settings
    ports = Ports(
        free_port(settings.health_port or HEALTH_PORT), free_port(settings.metrics_port or METRICS_PORT)
    )
    async with Supervisor(settings.home, say=paper.put) as supervisor:
        paper.put(f"Redress starts on {settings.home}")
        postgres = PostgresServer(settings.home / "postgres", environ=here.environ)
        await supervisor.start(postgres)
        temporal = TemporalServer(
            settings.home / "temporal",
            codec_endpoint=f"http://127.0.0.1:{ports.health}/codec",
            environ=here.environ,
        )
        await supervisor.start(temporal)
        url = await postgres.ensure_database()
        inside = _inside(here, url, temporal)
        await migrate(url)
        if changes := await prepare(inside):
            paper.put(f"made ready: {len(changes)} settings of Temporal and the records")
        await supervisor.start(worker_part(inside.environ, ports, supervisor.log_of("worker")))
        if demo:
            from starter.cli.sampling import open_samples

            for line in await open_samples(inside):
                paper.put(f"  {line}")
        put_addresses(settings, supervisor.addresses(), temporal.ui)
        put_next_steps(settings, await _one_to_look_at(inside))
        await supervisor.wait()
    paper.put("Redress has stopped.")


def _inside(here: Here, url: str, temporal: TemporalServer) -> Here:
    """The environment of what runs under the supervisor: every server named."""
    environ = here.with_database(url).environ
    return Here(dict(environ) if temporal.external else own_temporal(environ, temporal.address))


def worker_part(environ: Mapping[str, str], ports: Ports, log: Path) -> Program:
    """The worker for all queues, as the supervisor keeps it. It decodes payloads for the Temporal UI."""
    own = {
        "REDRESS_HEALTH_PORT": str(ports.health),
        "REDRESS_METRICS_PORT": str(ports.metrics),
        "REDRESS_HOST": "127.0.0.1",
        "REDRESS_CODEC_SERVER": "1",
    }
    command = worker_command({**environ, **own}, log, _WORKER_GRACE)
    reached_at = {"worker": ports.readiness, "metrics": f"http://127.0.0.1:{ports.metrics}/metrics"}
    return Program("worker", command, answers_http(ports.readiness), reached_at)


def put_addresses(settings: Settings, addresses: Mapping[str, str], ui: str | None) -> None:
    """Where everything is, and what to type next in a second terminal."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    if ui:
        table.add_row("Temporal UI", f"{ui}/namespaces/{names.NAMESPACE}/workflows")
    table.add_row("Temporal", addresses["temporal"])
    table.add_row("worker health", addresses["worker"])
    table.add_row("worker metrics", addresses["metrics"])
    table.add_row("database", addresses["postgres"])
    table.add_row("notices", "by mail" if settings.smtp_url else str(settings.spool))
    table.add_row("logs", str(settings.home / "logs"))
    out = paper.console()
    out.print(Text("Redress is up. Ctrl-C stops it.", "bold green"))
    out.print(table)


async def _one_to_look_at(here: Here) -> str | None:
    """The number of the open complaint whose deadline is nearest; None where there is none."""
    async with here.office() as office, office.pool.acquire() as connection:
        lines = await list_cases(connection, Filters(limit=1))
    return lines[0].number if lines else None


def put_next_steps(settings: Settings, number: str | None) -> None:
    """What to type next in a second terminal, as it works from this directory. number: a complaint that is there."""
    home = "" if settings.home == home_directory() else f" --home {shlex.quote(str(settings.home))}"
    sample = _near(Path(__file__).parent.parent / "samples" / "complaint.yaml")
    verbs = [f"open {sample} --received now"]
    if number is None:
        number = f"{paper.this_year()}-000001"
        verbs += [
            f"do {number} register",
            f"do {number} classify type=PRODUCT cause=ENGINEERING severity=simple",
        ]
    else:
        verbs.insert(0, "list")
    verbs += [f"show {number}", f"deadlines {number}"]
    print(
        "\n".join(["In a second terminal:", *(f"  {_program()}{home} {verb}" for verb in verbs)]), flush=True
    )


def _program() -> str:
    """How this program is called from here."""
    called = Path(sys.argv[0])
    if shutil.which(called.name) == str(called.absolute()):
        return called.name
    return _near(called) if called.name == "redress" else "redress"


def _near(path: Path) -> str:
    """The path as it is written in this directory."""
    try:
        return shlex.quote(str(path.absolute().relative_to(Path.cwd())))
    except ValueError:
        return shlex.quote(str(path.absolute()))
