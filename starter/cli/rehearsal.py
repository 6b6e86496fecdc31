"""`simulate` and `demo`: cases lived on the rules alone, and on real servers."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.cli import paper
from starter.cli.here import Here, run
from starter.cli.options import CasesFile, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    if all(report.as_expected for report in reports):
        return 0
    return 1 if any(report.number for report in reports) else 2  # 2: nothing of the file got in


def demo(
    context: typer.Context,
    cases: CasesFile = None,
    home: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help="A new directory in which data, notices and logs stay."),
    ] = None,
    parallel: Annotated[
        int | None,
        typer.Option("--parallel", min=1, max=200, help="Lives led at a time.", show_default="5 a processor"),
    ] = None,
    json: Json = False,
) -> None:
    """Live the cases of a file on real servers of their own, time skipped. Exit 0 only if all end as expected."""
    from embedded.rehearsal import PARALLEL, Interrupted, run_demo
    from starter.cases.reading import SAMPLES, load_cases

    here: Here = context.obj
    file = load_cases(cases or SAMPLES)
    _tell_ignored(file.ignored)
    lives = parallel or PARALLEL * (os.cpu_count() or 1)
    try:
        with _progress(len(file.items)) as (say, step):
            reports = run(
                run_demo(file, home=home, say=say, progress=step, parallel=lives, environ=here.environ)
            )
    except Interrupted as interrupted:
        paper.complain(str(interrupted))
        raise typer.Exit(128 + interrupted.signal) from None
    raise typer.Exit(_put_reports(reports, "Lived on Temporal and PostgreSQL", json))


@contextmanager
def _progress(cases: int) -> "Iterator[tuple[Callable[[str], None], Callable[[str, int, int], None]]]":
    """A bar on standard error where somebody looks at it: what is being done, and how much of each life is said.

    In a log there is no bar: there, what is being done stands line by line.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True
    ) as bar:
        task = bar.add_task("", total=float(cases))
        lived: dict[str, float] = {}

        def say(what: str) -> None:
            bar.update(task, description=what)
            if bar.disable:
                paper.complain(what)

        def step(case: str, said: int, steps: int) -> None:
            lived[case] = said / steps if steps else 1.0
            bar.update(task, completed=sum(lived.values()))

        yield say, step
