"""Complaints in a CSV file, one a row: new ones, or running ones taken over from another system in their stage.

The first row names the columns. A file is judged whole before anything is opened, and every mistake is told as
`file:line, column: what is wrong; what is accepted`.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from domain.commands import sentence
from domain.cutover import Present
from records.db import to_json
from records.master import ImportRefused, decode_csv
from starter.cli.submissions import Handed
from starter.submission import Customer, NotAccepted, Place, Submission, read_submission

#: Column → the part of a submission it belongs to.
_PARTS = {
    **dict.fromkeys(Customer.model_fields, "customer"),
    **dict.fromkeys(Place.model_fields, "place"),
}
_COLUMNS = (
    "external_id", "channel", "received_at", "line", "name", "contact", "preferred", "language", "project", "unit",
    "text", "desired",
)  # fmt: skip
_REQUIRED = ("channel", "received_at", "name", "contact", "project", "text")
_PRESENT = tuple(Present.model_fields)
_PRESENT_REQUIRED = tuple(name for name, field in Present.model_fields.items() if field.is_required())


@dataclass(frozen=True)
class Row:
    """One row: its line in the file, the complaint, and where it stands if it runs already."""

    line: int
    handed: Handed
    present: Present | None
    #: the row in one comparable piece, to know it again when the file is imported once more
    content: bytes


def read_rows(data: bytes, source: str, now: datetime, *, running: bool) -> list[Row]:
    """The rows of a CSV file in UTF-8 or GB18030. running: with the columns of `domain.cutover.Present`.

    Raises ImportRefused with every mistake of every row.
    """
    reader = csv.DictReader(io.StringIO(decode_csv(data, source), newline=""), strict=True)
    rows: list[Row] = []
    problems: list[str] = []
    try:
        _require_columns(list(reader.fieldnames or []), source, running)
        for raw in reader:
            line = reader.line_num
            if None in raw or None in raw.values():
                problems.append(f"{source}:{line}: has another number of columns than the first line")
                continue
            cells = {name: cell.strip() for name, cell in raw.items() if cell.strip()}
            try:
                rows.append(_row(cells, line, now, running))
            except (NotAccepted, ValidationError) as error:
                problems += [f"{source}:{line}, {said}" for said in _said(error)]
    except csv.Error as error:
        problems.append(f"{source}:{reader.line_num}: {error}")
    if not rows and not problems:
        problems.append(f"{source}:1: the file has no row below the names of its columns")
    if problems:
        raise ImportRefused(problems)
    return rows


def _require_columns(columns: list[str], source: str, running: bool) -> None:
    accepted = [*_COLUMNS, *(_PRESENT if running else ())]
    needed = [*_REQUIRED, *(_PRESENT_REQUIRED if running else ())]
    missing = [f"column {name} is missing" for name in needed if name not in columns]
    unknown = [f"column {name!r} is unknown" for name in columns if name not in accepted]
    if missing or unknown:
        raise ImportRefused([f"{source}:1: {', '.join(missing + unknown)}; accepted: {', '.join(accepted)}"])


def _row(cells: Mapping[str, str], line: int, now: datetime, running: bool) -> Row:
    given: dict[str, Any] = {"customer": {}, "place": {}}
    for name in _COLUMNS:
        if name in cells:
            (given[_PARTS[name]] if name in _PARTS else given)[name] = cells[name]
    submission: Submission = read_submission(given, now)
    present = None
    if running:
        present = Present.model_validate({name: cells[name] for name in _PRESENT if name in cells})
    return Row(
        line,
        Handed(cells.get("external_id", f"line {line}"), submission),
        present,
        to_json(dict(cells)).encode(),
    )


def _said(error: NotAccepted | ValidationError) -> Iterator[str]:
    """Each mistake with the column's own name: `contact: …`, where the submission says `customer.contact: …`."""
    told = str(error) if isinstance(error, NotAccepted) else sentence(error)
    for part in ("customer.", "place."):
        told = told.removeprefix(part)
    yield told
