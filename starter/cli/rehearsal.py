"""`simulate` and `demo`: cases lived on the rules alone, and on real servers."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from starter.cli import paper
from starter.cli.options import CasesFile, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starter.cases.report import CaseReport


def simulate(cases: CasesFile = None, json: Json = False) -> None:
    """Live the cases of a file on the rules alone, with the dates as written. Exit 0 only if all end as expected."""
    from starter.cases.playing import play
    from starter.cases.reading import SAMPLES, load_cases

    file = load_cases(cases or SAMPLES)
    _tell_ignored(file.ignored)
    raise typer.Exit(_put_reports(play(file, now=datetime.now(UTC)), "Lived on the rules alone", json))


def _tell_ignored(ignored: dict[str, tuple[str, ...]]) -> None:
    for case, keys in ignored.items():
        paper.complain(f"{case}: nobody reads {', '.join(keys)}.")


def _put_reports(reports: "Sequence[CaseReport]", title: str, json: bool) -> int:
    from starter.cases.table import as_json, render

    if json:
        print(as_json(reports))
    else:
        paper.console().print(render(reports, title))
    return 0 if all(report.as_expected for report in reports) else 1
