"""How things are put on the terminal: tables, JSON, instants. Colours only where somebody looks."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from starter.cases.table import printable

#: People read instants in the company's zone; JSON carries UTC.
ZONE = ZoneInfo("Asia/Shanghai")
#: Columns where nobody's terminal sets a width: wide enough that scripts and logs see whole lines.
_PIPE_WIDTH = 200

_STAGE_COLOURS = {"ARCHIVED": "dim", "WITHDRAWN": "dim", "DUPLICATE": "dim"}
_STATE_COLOURS = {
    "fired": "red",
    "open": "yellow",
    "met": "green",
    "met_late_entry": "green",
    "paused": "cyan",
}


def console() -> Console:
    """Standard output as it is now."""
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False, soft_wrap=False)


def complain(sentence: str) -> None:
    """One sentence on standard error."""
    print("\n".join(printable(line) for line in sentence.splitlines()), file=sys.stderr)


def put(text: str) -> None:
    """A line of plain text."""
    print(printable(text), flush=True)


def put_json(data: Any) -> None:
    """Data for a program: instants in RFC 3339, models as their fields."""
    print(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value)


def put_table(
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str | None = None,
    note: str | None = None,
) -> None:
    """A table; a header that begins with `!` names a column that is kept whole, one with `>` a number's."""
    table = Table(title=title, title_justify="left", caption=note, caption_justify="left")
    for header in headers:
        table.add_column(
            header.lstrip("!>"),
            no_wrap=header.startswith("!"),
            justify="right" if header.startswith(">") else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console().print(table)


def _cell(value: object) -> Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, datetime):
        return Text(local(value))
    if value is None or value == "":
        return Text("–", "dim")
    text = str(value)
    return Text(
        "\n".join(printable(line) for line in text.splitlines()),
        _STATE_COLOURS.get(text) or _STAGE_COLOURS.get(text) or "",
    )


def local(instant: datetime | None) -> str:
    """An instant as people read it, in the company's zone; a dash for none."""
    return "–" if instant is None else f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


def localised(data: Any) -> Any:
    """Text with an RFC 3339 instant in it, for a cell: the instant as people read it."""
    try:
        return local(datetime.fromisoformat(data)) if isinstance(data, str) and "T" in data else data
    except ValueError:
        return data


def this_year() -> int:
    """The year in the company's zone, as complaint numbers carry it."""
    return datetime.now(ZONE).year
