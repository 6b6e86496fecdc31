"""`import`: complaints, running complaints at a cut-over, units and customers, from CSV files of other systems."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from starter.cli import given, paper
from starter.cli.here import Here, run
from starter.cli.options import AsUser, Json

if TYPE_CHECKING:
    from starter.cli.sheetfiles import Row
    from starter.complaints import FrontDoor


class Kind(StrEnum):
    """What the rows of a file are."""

    COMPLAINTS = "complaints"
    UNITS = "units"
    CUSTOMERS = "customers"


def import_(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE.csv", help="One row each, the first names the columns; - reads stdin."),
    ],
    kind: Annotated[Kind, typer.Option("--of", help="What the rows are.")] = Kind.COMPLAINTS,
    open_at: Annotated[
        bool,
        typer.Option(
            "--open-at",
            help="Complaints that run already: opened at their present stage, past deadlines as past, nobody notified.",
        ),
    ] = False,
    user: AsUser = None,
    json: Json = False,
) -> None:
    """Take in a CSV file. It is judged whole first; imported again, it changes nothing."""
    here: Here = context.obj
    if kind is not Kind.COMPLAINTS and open_at:
        raise given.BadInput("--open-at: is for complaints; units and customers have no stage.")
    by = given.acting(user, here.settings.production)
    data = given.bytes_of(file)
    source = "standard input" if file == "-" else Path(file).name
    if kind is Kind.COMPLAINTS:
        raise typer.Exit(run(_complaints(here, data, source, by, open_at, json)))
    done = run(_master_data(here, kind, data, source))
    if json:
        paper.put_json(done)
    else:
        paper.put(
            f"{done['rows']} rows: {done['added']} new, {done['changed']} changed, {done['same']} as they were."
        )


async def _complaints(here: Here, data: bytes, source: str, by: str, running: bool, json: bool) -> int:
    from domain.facts import Refused
    from records.opening import OtherContent
    from starter.cli.cases import require_known
    from starter.cli.sheetfiles import read_rows

    rows = read_rows(data, source, datetime.now(UTC), running=running)
    told: list[dict[str, Any]] = []
    refused = 0
    async with here.front_door() as door:
        await require_known(door, by)
        for row in rows:
            try:
                told.append(await _open(door, row, by))
            except (OtherContent, Refused) as refusal:
                refused += 1
                paper.complain(f"{source}:{row.line}: {refusal}")
                continue
            if not json:
                paper.put(
                    "{number}  {what} · {stage} · {id}".format(**told[-1], what=_what(told[-1]["created"]))
                )
    if json:
        paper.put_json(told)
    else:
        paper.put(f"{sum(one['created'] for one in told)} opened, {refused} refused, of {len(rows)} rows.")
    return 2 if refused else 0


async def _open(door: "FrontDoor", row: "Row", by: str) -> dict[str, Any]:
    key = f"import-{door.office.texts.fingerprint(row.content).hex()}"
    incoming = replace(row.handed.incoming(request_key=key), present=row.present)
    opened = await door.open(incoming, by)
    return {
        "line": row.line,
        "id": row.handed.name,
        "number": opened.number,
        "created": opened.created,
        "stage": str(opened.sheet.stage),
    }


def _what(created: bool) -> str:
    return "opened" if created else "was there already"


async def _master_data(here: Here, kind: Kind, data: bytes, source: str) -> dict[str, int]:
    from records.master import import_customers, import_units

    async with here.office() as office, office.pool.acquire() as connection:
        if kind is Kind.UNITS:
            done = await import_units(connection, data, source)
        else:
            done = await import_customers(connection, office.texts, data, source)
    return {**asdict(done), "same": done.same}
