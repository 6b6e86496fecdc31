"""`audit verify`: whether the ledger is still what was written."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from starter.cli import given, paper
from starter.cli.here import Here, run
from starter.cli.options import Json

if TYPE_CHECKING:
    from records.audit import Looked

app = typer.Typer(help="Whether the ledger is still what was written.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Whether the ledger is still what was written."""


@app.command()
def verify(
    context: typer.Context,
    number: Annotated[
        str | None,
        typer.Argument(metavar="[NUMBER]", help="One complaint; by default all.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Check hash chains, replay every ledger, compare what follows from it. Exit 1 if anything was altered."""
    looked = run(_verify(context.obj, given.complaint_number(number) if number else None))
    findings = [finding for one in looked for finding in one.findings]
    if json:
        told = {
            "complaints": len(looked),
            "turns": sum(one.turns for one in looked),
            "findings": [asdict(finding) for finding in findings],
        }
        paper.put_json(told)
    else:
        for finding in findings:
            paper.put(str(finding))
        turns = sum(one.turns for one in looked)
        paper.put(f"{len(looked)} complaints with {turns} turns looked at, {len(findings)} findings.")
    raise typer.Exit(1 if findings else 0)


async def _verify(here: Here, number: str | None) -> "list[Looked]":
    from records.audit import verify as look

    async with here.office() as office:
        if number is not None:
            await office.ledger.load_sheet(number)
        return [one async for one in look(office.pool, number)]
