"""What somebody typed into a form, as the JSON a command is read from; what cannot even be that is said per field."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from console.forms.labels import N_
from console.forms.shape import Field, fields_of

ZONE = ZoneInfo("Asia/Shanghai")
#: how a browser writes a local time; seconds only where somebody set them
_LOCAL = re.compile(r"(\d{4,6})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,6})?)?", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_MONEY = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d{1,2})?", re.ASCII)
#: rows of one list that are looked at; the models allow fewer and say so
_MOST_ROWS = 200

BAD_TIME = N_("This is not a date and time. Write it like 2026-03-02 09:20.")
TWICE = N_("This entry stands here twice; only one of them can be right.")
BAD_MONEY = N_("An amount in CNY is wanted, such as 5000.00.")
BAD_NUMBER = N_("A whole number is wanted, such as 3.")
CHOOSE = N_("Please choose one of the offered values.")


class Posted(Protocol):
    """A posted form: several values under one name."""

    def getlist(self, key: str) -> Sequence[Any]: ...


@dataclass
class Typed:
    """A form as it was typed. raw: by field, to show it again; data: JSON; faults: message id by field.

    rows: of a list, the place on the form of each row that was filled in.
    """

    raw: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)

    def on_form(self, field_name: str) -> str:
        """Where a field stands on the form: "items.0.due", the first row that was filled in, may be the second there."""
        listed, _, rest = field_name.partition(".")
        place, _, column = rest.partition(".")
        if listed not in self.rows or not place.isdigit() or int(place) >= len(self.rows[listed]):
            return field_name
        return f"{listed}.{self.rows[listed][int(place)]}.{column}"


def read_form(kind: str, posted: Posted, prefix: str = "") -> Typed:
    """What was typed for a command. prefix: of the field names, where two commands share one form."""
    typed = Typed()
    for one in fields_of(kind):
        _read(one, posted, typed, prefix)
    return typed


def _read(one: Field, posted: Posted, typed: Typed, prefix: str) -> None:
    if one.widget in ("items", "pairs"):
        _read_rows(one, posted, typed, prefix)
        return
    given = _given(posted, f"{prefix}{one.name}")
    typed.raw[one.name] = given
    if one.widget in ("lines", "many"):
        typed.data[one.name] = [value for value in given if value.strip()]
        return
    value, fault = _READERS.get(one.widget, _text)(given[0] if given else "")
    if fault:
        typed.faults[one.name] = fault
    if value is not None:
        typed.data[one.name] = value


def _given(posted: Posted, name: str) -> list[str]:
    """The values of that name as text; a file in the place of a text counts as nothing."""
    values = [value for value in posted.getlist(name) if isinstance(value, str)]
    return [value.replace("\r\n", "\n").replace("\r", "\n") for value in values[:_MOST_ROWS]]


_Read = tuple[Any, str | None]


def _text(value: str) -> _Read:
    return (value, None) if value.strip() else (None, None)


def _tick(value: str) -> _Read:
    return value != "", None


def _yes_no(value: str) -> _Read:
    if not value:
        return None, None
    return (value == "yes", None) if value in ("yes", "no") else (None, CHOOSE)


def _number(value: str) -> _Read:
    plain = unicodedata.normalize("NFKC", value).strip()
    if not plain:
        return None, None
    return (int(plain), None) if _NUMBER.fullmatch(plain) else (None, BAD_NUMBER)


def _money(value: str) -> _Read:
    """Full-width digits, the currency sign and commas between thousands do not count. Whatever could be meant otherwise
    is refused: a comma before the fen, a third digit behind the point."""
    plain = unicodedata.normalize("NFKC", value).strip().removeprefix("¥").removesuffix("元").strip()
    if not plain:
        return None, None
    return (plain.replace(",", ""), None) if _MONEY.fullmatch(plain) else (None, BAD_MONEY)


def _when(value: str) -> _Read:
    return read_time(value) if value.strip() else (None, None)


def read_time(value: str) -> _Read:
    """A local time of Shanghai as RFC 3339, or why it is none."""
    found = _LOCAL.fullmatch(value.strip())
    if found is None:
        return None, BAD_TIME
    try:
        local = datetime(*(int(part or 0) for part in found.groups()), tzinfo=ZONE)  # type: ignore[misc,arg-type]
    except (ValueError, OverflowError):
        return None, BAD_TIME
    return local.isoformat(), None


def local_time(at: datetime) -> str:
    """An aware instant as a browser's field wants it."""
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


_READERS: Mapping[str, Callable[[str], _Read]] = {
    "tick": _tick,
    "yesno": _yes_no,
    "number": _number,
    "money": _money,
    "when": _when,
}


def _read_rows(one: Field, posted: Posted, typed: Typed, prefix: str) -> None:
    """Rows come as one list a column; a row in which nothing but its id stands was not filled in."""
    names = [column.name for column in one.columns] or ["name", "value"]
    columns = {name: _given(posted, f"{prefix}{one.name}-{name}") for name in names}
    for name, values in columns.items():
        typed.raw[f"{one.name}-{name}"] = values
    rows: list[dict[str, Any]] = []
    places = typed.rows[one.name] = []
    for place in range(max(map(len, columns.values()), default=0)):
        row = {name: values[place] if place < len(values) else "" for name, values in columns.items()}
        if any(value.strip() for name, value in row.items() if name not in ("id", "owner")):
            rows.append(_row(one, row, place, typed))
            places.append(place)
    typed.data[one.name] = _pairs(one, rows, typed) if one.widget == "pairs" else rows


def _pairs(one: Field, rows: list[dict[str, Any]], typed: Typed) -> dict[str, Any]:
    """Entries with their words. The same entry twice is a fault: nobody can say which one is meant."""
    pairs: dict[str, Any] = {}
    for row, place in zip(rows, typed.rows[one.name], strict=True):
        name = str(row["name"]).strip()
        if name in pairs:
            typed.faults[f"{one.name}.{place}.name"] = TWICE
        pairs[name] = row["value"]
    return pairs


def _row(one: Field, row: dict[str, str], place: int, typed: Typed) -> dict[str, Any]:
    if one.widget == "pairs":
        return dict(row)
    read: dict[str, Any] = {}
    for column in one.columns:
        value, fault = _READERS.get(column.widget, _text)(row[column.name])
        if fault:
            typed.faults[f"{one.name}.{place}.{column.name}"] = fault
        if value is not None:
            read[column.name] = value
    return read
