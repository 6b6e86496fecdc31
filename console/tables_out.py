"""Tables as files that office programs open: CSV and XLSX, written row by row, with nothing a cell could run.

A cell that a spreadsheet would take for a formula is led in by an apostrophe, whoever wrote it.
"""

import csv
import io
import re
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Literal
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from starlette.concurrency import run_in_threadpool

Cell = str | int | float | Decimal | date | datetime | None
Row = Sequence[Cell]
Form = Literal["csv", "xlsx"]

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: what makes a spreadsheet calculate, or begin a new cell; the wide forms are typed by Chinese input methods
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: what spreadsheets trim from the front when they import
_BLANK = " \u00a0\u3000"
#: what XML, and so XLSX, cannot hold, and programs drop on their way
_UNHELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: the longest text an XLSX cell takes
_LONGEST = 32_767
_BOM = "\ufeff"
_IN_MEMORY = 4 * 1024 * 1024
_PIECE = 64 * 1024
#: narrowest and widest column, in characters
_WIDTHS = (16, 48)


@dataclass(frozen=True)
class Table:
    """What goes out. heads: the names of the columns; zone: the one its instants are told in."""

    title: str
    heads: Sequence[str]
    zone: ZoneInfo


def safe(text: str) -> str:
    """The text as a cell that is read and never calculated: one that could be a formula is led in by an apostrophe.

    Signs that no cell can hold go first: whatever a program drops from a text must not bring a formula to its front.

    Leading spaces do not hide one, since spreadsheets trim them when they import.
    """
    held = _UNHELD.sub("", text)
    return f"'{held}" if held.startswith(_RUNS) or held.lstrip(_BLANK).startswith(_RUNS) else held


async def csv_pieces(table: Table, rows: AsyncIterable[Row]) -> AsyncIterator[bytes]:
    """The table as CSV (RFC 4180) in UTF-8 with a byte order mark, which Excel needs to read Chinese."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_BOM)
    writer.writerow([safe(head) for head in table.heads])
    async for row in rows:
        writer.writerow([_plain(cell, table.zone) for cell in row])
        if buffer.tell() >= _PIECE:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return piece


def _plain(cell: Cell, zone: ZoneInfo) -> str | int | float | Decimal:
    match cell:
        case None:
            return ""
        case datetime():
            return cell.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case str():
            return safe(cell)
        case _:
            return cell


async def xlsx_pieces(table: Table, rows: AsyncIterable[Row]) -> AsyncIterator[bytes]:
    """The same as a workbook of one sheet: the head frozen, every column with a filter, instants as real dates."""
    workbook = Workbook(write_only=True)
    sheet: Any = workbook.create_sheet(_sheet_name(table.title))
    for place, head in enumerate(table.heads, 1):
        width = min(max(_WIDTHS[0], 2 * len(head) + 2), _WIDTHS[1])
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    if table.heads:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.heads))}1"
    sheet.append([_bold(sheet, safe(head)) for head in table.heads])
    batch: list[list[Cell]] = []
    async for row in rows:
        batch.append([_of_workbook(cell, table.zone) for cell in row])
        if len(batch) >= 500:
            await run_in_threadpool(_append, sheet, batch)
            batch = []
    _append(sheet, batch)
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        await run_in_threadpool(workbook.save, file)
        for piece in _pieces(file):
            yield piece


def _append(sheet: WriteOnlyWorksheet, rows: Iterable[list[Cell]]) -> None:
    for row in rows:
        sheet.append(row)


def _bold(sheet: WriteOnlyWorksheet, text: str) -> SheetCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _pieces(file: IO[bytes]) -> Iterable[bytes]:
    file.seek(0)
    return iter(lambda: file.read(_PIECE), b"")


def _of_workbook(cell: Cell, zone: ZoneInfo) -> Cell:
    """XLSX knows no zones and takes so much in a cell."""
    match cell:
        case datetime():
            return cell.astimezone(zone).replace(tzinfo=None, microsecond=0)
        case str():
            shown = safe(cell)
            return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
        case _:
            return cell


def _sheet_name(title: str) -> str:
    """Sheet names are short and take no signs of paths and ranges."""
    return "".join(sign for sign in title if sign not in "[]:*?/\\'").strip()[:31] or "Redress"
