"""The address of the wall read into what it asks for, and written back: period, filters and rows of a list."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from console.words import Words
from domain.codes import Cause, Channel, ComplaintType, Department, Severity, Stage
from domain.deadline_table import TABLE
from records.views.wall import AGES, FILTERS, NONE, ZONE, Rows, Scope

#: the periods offered, in days that end today, and the one shown first
PERIODS = (7, 30, 90)
_USUAL = 30
#: the longest period that may be asked for
MOST_DAYS = 366
_CODES: Mapping[str, frozenset[str]] = {
    "type": frozenset({*ComplaintType, NONE}),
    "cause": frozenset({*Cause, NONE}),
    "severity": frozenset({*Severity, NONE}),
    "desk": frozenset(Department),
    "channel": frozenset(Channel),
    "stage": frozenset(Stage),
    "ran_out": frozenset(rule.name for rule in TABLE),
}
#: the years in which a period may lie; the calendar of Python and PostgreSQL ends, and neither end is meant
_EARLIEST, _LATEST = 1900, 2199
_LONGEST_CODE = 1_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Asked:
    """What an address asks for. days: of the period, None where it is typed in.

    errors: field → sentence. typed: the first and last day as they were typed, understood or not.
    """

    scope: Scope
    rows: Rows
    days: int | None
    first: date
    last: date
    errors: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, str]:
        """The address's fields, without those that are as usual."""
        period: dict[str, str] = (
            {"from": self.first.isoformat(), "to": self.last.isoformat()}
            if self.days is None
            else {}
            if self.days == _USUAL
            else {"days": str(self.days)}
        )
        rows = {"hit": _result(self.rows), "who": self.rows.who, "age": self.rows.age}
        return {**period, **self.scope.filters, **{name: code for name, code in rows.items() if code}}

    def query(self, **changes: str | int | None) -> str:
        """The address's query with some fields changed; None takes one away. Begins with "?" or is empty.

        A first day typed in takes the place of a number of days, and the other way round.
        """
        fields = {**self.given, **changes}
        if "from" in changes:
            fields["days"] = None
        elif "days" in changes:
            fields["from"] = fields["to"] = None
        written = urlencode({name: value for name, value in fields.items() if value is not None})
        return f"?{written}" if written else ""


def read_query(given: Mapping[str, str], now: datetime, words: Words) -> Asked:
    """What this address asks for. now: business time. What cannot be understood is left out and named in `errors`."""
    errors: dict[str, str] = {}
    today = now.astimezone(ZoneInfo(ZONE)).date()
    days, first, last = _period(given, today, words, errors)
    codes: dict[str, Any] = {name: _code(name, given, words, errors) for name in FILTERS}
    scope = Scope(_midnight(first), _midnight(last + timedelta(days=1)), **codes)
    hit = {"yes": True, "no": False}.get(given.get("hit", ""))
    age = given.get("age")
    rows = Rows(
        hit=hit,
        who=_plain(given.get("who")),
        age=age if age in [code for code, _, _ in AGES] else None,
        held=given.get("hit") == "held",
    )
    typed = {name: _plain(given.get(name)) or "" for name in ("from", "to")}
    return Asked(scope, rows, days, first, last, errors, typed)


def _period(
    given: Mapping[str, str], today: date, words: Words, errors: dict[str, str]
) -> tuple[int | None, date, date]:
    if given.get("from") or given.get("to"):
        try:
            first, last = date.fromisoformat(given.get("from", "")), date.fromisoformat(given.get("to", ""))
            if not (first.year >= _EARLIEST and last.year <= _LATEST):
                sentence = words.gettext("Enter dates between %(first)d and %(last)d.")
                errors["from"] = sentence % {"first": _EARLIEST, "last": _LATEST}
            elif timedelta() <= last - first < timedelta(days=MOST_DAYS):
                return None, first, last
        except ValueError:
            pass
        errors.setdefault("from", words.gettext("Give a first and a last day, at most one year apart."))
    wanted = given.get("days", "")
    days = int(wanted) if wanted in [str(one) for one in PERIODS] else _USUAL
    return days, today - timedelta(days=days - 1), today


def _code(name: str, given: Mapping[str, str], words: Words, errors: dict[str, str]) -> str | None:
    code = _plain(given.get(name))
    if code is None or name not in _CODES or code in _CODES[name]:
        return code
    errors[name] = words.gettext("This filter is not known and was left out.")
    return None


def _plain(code: str | None) -> str | None:
    """The code, unless it is empty, too long, or holds control characters. Projects are as people wrote them."""
    return code if code and len(code) <= _LONGEST_CODE and not _CONTROL.search(code) else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(ZONE)).astimezone(UTC)


def _result(rows: Rows) -> str | None:
    return "held" if rows.held else None if rows.hit is None else "yes" if rows.hit else "no"
