"""`redress up`: PostgreSQL, Temporal, a worker and the console under one supervisor, made ready and kept running.

What a second terminal needs to find them stands in the supervisor's run file in the data directory.
"""

import os
import secrets
import shlex
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table
from rich.text import Text

from domain.codes import Role
from embedded.parts import Program, answers_http
from embedded.ports import hold_port, port_of
from embedded.postgres import PostgresServer
from embedded.processes import Command
from embedded.supervisor import Supervisor
from embedded.temporal import TemporalServer
from records.accounts import seed_demo_passwords
from records.db import migrate
from records.views import Filters, list_cases
from starter.cli import paper
from starter.cli.here import Here, own_temporal
from starter.cli.preparing import prepare
from starter.cli.working import worker_command
from starter.settings import Settings, home_directory
from workflows import names

HEALTH_PORT, METRICS_PORT = 8081, 9090
#: Seconds a part may take to finish what it has begun; longer than its own grace.
_WORKER_GRACE, _CONSOLE_GRACE = 40.0, 15.0
#: What the demonstration's password is made of: easily read out and typed.
_SYLLABLES = ("ba", "da", "fe", "gi", "ho", "ka", "lu", "mi", "no", "pe", "ra", "so", "ta", "vu", "wi", "za")


@dataclass(frozen=True)
class Ports:
    """Where the worker and the console listen on loopback."""

    health: int
    metrics: int
    console: int

    @property
    def readiness(self) -> str:
        """The address that answers 2xx once the worker takes work."""
        return f"http://127.0.0.1:{self.health}/readyz"


async def run_all(here: Here, *, demo: bool) -> None:
    """Run until a stop signal. Raises PartError for a part that cannot be had, MigrationError, VersionChanged."""
    settings = here.settings
    with (
        hold_port(settings.health_port or HEALTH_PORT) as health,
        hold_port(settings.metrics_port or METRICS_PORT) as metrics,
        hold_port(settings.console_port) as console,
    ):
        await _run_on(here, health, metrics, console, demo=demo)
    paper.put("Redress has stopped.")


async def _run_on(
    here: Here, health: socket.socket, metrics: socket.socket, console: socket.socket, *, demo: bool
) -> None:
    """The same on these ports, each held until the part it is for begins: another start may be under way here."""
    settings = here.settings
    ports = Ports(port_of(health), port_of(metrics), port_of(console))
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
        health.close()
        metrics.close()
        await supervisor.start(worker_part(inside.environ, ports, supervisor.log_of("worker")))
        console.close()
        await supervisor.start(console_part(inside.environ, ports, temporal.ui, supervisor.log_of("console")))
        if demo:
            from starter.cli.sampling import open_samples

            for line in await open_samples(inside):
                paper.put(f"  {line}")
        put_addresses(settings, supervisor.addresses(), temporal.ui)
        await put_demo_accounts(inside)
        put_next_steps(settings, await _one_to_look_at(inside))
        await supervisor.wait()


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
        "REDRESS_PUBLIC_URL": public_url(environ, ports),
    }
    command = worker_command({**environ, **own}, log, _WORKER_GRACE)
    reached_at = {"worker": ports.readiness, "metrics": f"http://127.0.0.1:{ports.metrics}/metrics"}
    return Program(
        "worker", command, answers_http(ports.readiness), reached_at, (ports.health, ports.metrics)
    )


def public_url(environ: Mapping[str, str], ports: Ports) -> str:
    """Where people reach the console: as they were told, else on this machine."""
    return environ.get("REDRESS_PUBLIC_URL") or f"http://localhost:{ports.console}"


def console_part(environ: Mapping[str, str], ports: Ports, ui: str | None, log: Path) -> Program:
    """The console, as the supervisor keeps it."""
    own = {
        "REDRESS_CONSOLE_PORT": str(ports.console),
        "REDRESS_HOST": "127.0.0.1",
        "REDRESS_PUBLIC_URL": public_url(environ, ports),
        **({"REDRESS_TEMPORAL_UI_URL": ui} if ui else {}),
    }
    command = Command(
        argv=(sys.executable, "-m", "console"),
        log=log,
        environment={**environ, **own},
        grace=_CONSOLE_GRACE,
    )
    return Program(
        "console",
        command,
        answers_http(f"http://127.0.0.1:{ports.console}/readyz"),
        {"console": own["REDRESS_PUBLIC_URL"]},
        (ports.console,),
    )


async def put_demo_accounts(here: Here) -> None:
    """The sample people, one for each seat, and the password they share. Local profile only."""
    if here.settings.production:
        return
    password = demo_password(here.settings.home)
    async with here.records() as connection:
        await seed_demo_passwords(connection, password, production=False, at=datetime.now(UTC))
    out = paper.console()
    out.print(
        Text("Sign in to the console as one of these; it is a demonstration on this machine only.", "bold")
    )
    out.print(f"  {', '.join(f'{role.lower()}-1' for role in Role)}")
    out.print(f"  password of them all: {password}   (a second one of each seat: …-2)")


def demo_password(home: Path) -> str:
    """The password of the sample people of this data directory, made at the first start (mode 0600)."""
    file = home / "demo_password"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as made:
            made.write("-".join(secrets.choice(_SYLLABLES) + secrets.choice(_SYLLABLES) for _ in range(4)))
    return file.read_text().strip()


def put_addresses(settings: Settings, addresses: Mapping[str, str], ui: str | None) -> None:
    """Where everything is, and what to type next in a second terminal."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("console", addresses["console"])
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
