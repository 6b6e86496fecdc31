"""Options that several verbs share, each with its environment variable where there is one."""

from pathlib import Path
from typing import Annotated

import typer

AsUser = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="USER",
        envvar="REDRESS_USER",
        help="The acting person (locally cs_specialist-1 by default).",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The complaint's number, such as 2026-000123.")]
CasesFile = Annotated[
    Path | None,
    typer.Option(
        "--cases", metavar="FILE", help="A cases file; by default the 24 samples.", show_default=False
    ),
]
