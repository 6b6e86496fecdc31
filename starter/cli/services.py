"""The verbs that run Redress: all of it here, one worker, and what prepares and examines servers."""

from typing import TYPE_CHECKING, Annotated

import typer

from starter.cli import paper
from starter.cli.here import Here, run
from starter.cli.options import Json

if TYPE_CHECKING:
    from embedded.findings import Finding


def up(
    context: typer.Context,
    demo: Annotated[
        bool, typer.Option("--demo", help="Also open the sample complaints, received in the last hours.")
    ] = False,
) -> None:
    """Run everything here: PostgreSQL, Temporal with its UI, workers. Ctrl-C ends it in good order."""
    from starter.cli.up import run_all

    run(run_all(context.obj, demo=demo))


def worker(
    context: typer.Context,
    queues: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUEUE]…", help="Task queues: complaints, notices, reviews; all."),
    ] = None,
) -> None:
    """Take work from task queues until told to stop. Ports: REDRESS_HEALTH_PORT, REDRESS_METRICS_PORT."""
    from starter.logs import configure
    from workers.service import serve

    here: Here = context.obj
    here = here.with_database(here.database_url())
    settings = here.settings
    configure(settings.log_level)
    run(serve(settings, queues or (), here.temporal_environ()))


def console(context: typer.Context) -> None:
    """Serve the staff console, the HTTP API and the customer pages. Ports and address: REDRESS_CONSOLE_PORT, REDRESS_PUBLIC_URL."""
    from console.service import serve
    from starter.logs import configure

    here: Here = context.obj
    here = here.with_database(here.database_url())
    configure(here.settings.log_level)
    run(serve(here.settings, here.temporal_environ()))


def migrate(context: typer.Context, json: Json = False) -> None:
    """Bring the database to the newest schema; safe to repeat, and to run twice at once."""
    here: Here = context.obj
    applied = run(_migrate(here))
    if json:
        paper.put_json({"applied": applied})
    else:
        for name in applied:
            paper.put(f"+ {name}")
        paper.put(f"{len(applied)} migrations applied." if applied else "The schema is the newest already.")


async def _migrate(here: Here) -> list[str]:
    from records.db import migrate as bring_forward
    from records.db import reaching

    with reaching():
        return await bring_forward(here.database_url())


def bootstrap(context: typer.Context, json: Json = False) -> None:
    """Make servers ready: namespaces, search attributes, schedules, versions of policy and calendar.

    Locally also a person for every role. Writes only what differs and prints it; safe to repeat.
    """
    from starter.cli.preparing import prepare

    changes = run(prepare(context.obj))
    if json:
        paper.put_json([str(change) for change in changes])
    else:
        for change in changes:
            paper.put(str(change))
        paper.put(f"{len(changes)} changes." if changes else "Everything is as declared already.")


def doctor(context: typer.Context, json: Json = False) -> None:
    """Examine every part: found where, which version, well, or what to do. Changes nothing."""
    from dataclasses import asdict

    findings = run(_examine(context.obj))
    if json:
        paper.put_json([asdict(finding) for finding in findings])
    else:
        _put_findings(findings)
    raise typer.Exit(4 if any(finding.state == "ill" for finding in findings) else 0)


async def _examine(here: Here) -> "list[Finding]":
    from embedded.doctor import examine

    settings = here.settings
    return await examine(settings.home, environ=here.environ, master_key=settings.master_key)


def _put_findings(findings: "list[Finding]") -> None:
    from rich.text import Text

    colours = {"well": "green", "idle": "yellow", "ill": "red"}
    paper.put_table(
        ("!Part", "!State", "Found", "Version", "What to do"),
        [
            (one.part, Text(one.state, colours[one.state]), one.found, one.version, one.advice or " ")
            for one in findings
        ],
    )
