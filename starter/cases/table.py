"""Reports for a terminal and for a program: a table, and JSON."""

import json
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from starter.cases.report import CaseReport


def render(reports: Sequence[CaseReport], title: str | None = None) -> Table:
    """One row a case: where it ended, what ran out, what was refused, and every difference as a sentence."""
    good = sum(report.as_expected for report in reports)
    table = Table(title=title, caption=f"{good} of {len(reports)} as expected", caption_justify="left")
    table.add_column("Case", no_wrap=True)
    table.add_column("Number", no_wrap=True)
    table.add_column("Stage")
    table.add_column("Result")
    table.add_column("Rounds", justify="right")
    table.add_column("Ran out")
    table.add_column("As expected", overflow="fold")
    for report in reports:
        table.add_row(*_cells(report))
    return table


def _cells(report: CaseReport) -> tuple[Text, ...]:
    verdict = Text("yes", "green") if report.as_expected else Text("no", "red")
    for said in report.differences:
        verdict.append(f"\n{printable(said)}", "default")
    return (
        Text(printable(report.id)),
        Text(report.number or ""),
        Text("refused" if report.stage is None else report.stage),
        Text(report.result or ""),
        Text(" + ".join(map(str, report.negotiation_rounds))),
        Text(", ".join(fired.name for fired in report.fired)),
        verdict,
    )


def as_json(reports: Sequence[CaseReport]) -> str:
    """The JSON list of commands.md §5; instants in RFC 3339."""
    return json.dumps([report.model_dump(mode="json") for report in reports], ensure_ascii=False, indent=2)


def printable(text: str) -> str:
    """The text with what a terminal would obey, or hide, shown instead: controls, direction marks, zero width."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)
