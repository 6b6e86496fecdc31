"""The address of a list read into what it asks for: filters, order, where a page begins; and written back.

An address holds codes, user ids, dates and digests. A telephone number or a unit never stands in it: what is typed into
the search field becomes a digest first (console/lists/searching.py).
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import TypeAdapter

from console.words import Words
from console.words.times import ZONE
from domain.codes import Cause, Channel, ComplaintType, Department, Flag, Severity, Stage
from domain.texts import When
from records.views.queue import SORTS, Place, Wanted

Pairs = list[tuple[str, str]]
#: an instant of a cursor, within the bounds of the records
_INSTANT: TypeAdapter[datetime] = TypeAdapter(When)


def _(message: str) -> str:
    """Marks a message id for extraction; it is translated where it is used."""
    return message


@dataclass(frozen=True)
class Filter:
    """One filter of an address. field: of `Wanted`; kind: how its value is read; names: of codes, for `Words.name`."""

    field: str
    kind: str
    label: str
    many: bool = False
    codes: tuple[str, ...] = ()
    names: str = ""


def _codes(field: str, label: str, codes: Iterable[str], names: str) -> Filter:
    return Filter(field, "code", label, True, tuple(map(str, codes)), names)


FILTERS: Mapping[str, Filter] = {
    "stage": _codes("stages", _("Stage"), Stage, "stage"),
    "type": _codes("types", _("Type"), ComplaintType, "type"),
    "cause": _codes("causes", _("Cause"), Cause, "cause"),
    "severity": _codes("severities", _("Severity"), Severity, "severity"),
    "flag": _codes("flags", _("Flag"), Flag, "flag"),
    "desk": _codes("desks", _("Department"), Department, "department"),
    "channel": _codes("channels", _("Channel"), Channel, "channel"),
    "owner": Filter("owner", "person", _("Owner")),
    "lead": Filter("lead", "person", _("Lead")),
    "project": Filter("projects", "plain", _("Project"), True),
    "tag": Filter("tags", "tag", _("Tag"), True),
    "round": Filter("again", "yes", _("Second handling")),
    "breached": Filter("breached", "yes", _("Overdue")),
    "due_after": Filter("due_after", "from", _("Due from")),
    "due_before": Filter("due_before", "to", _("Due until")),
    "received_from": Filter("received_from", "from", _("Received from")),
    "received_to": Filter("received_to", "to", _("Received until")),
    "ended": Filter("ended", "ended", _("Ended complaints")),
    "q": Filter("number", "number", _("Number")),
    "mark": Filter("marks", "mark", _("Found by"), True),
}
_MOST_VALUES, _LONGEST = 20, 200
_USER = re.compile(r"(feed:)?[a-z0-9][a-z0-9_.\-]{0,63}", re.ASCII)
_NUMBER = re.compile(r"\d{4}-\d{6,}|\d{2,10}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{32}", re.ASCII)
_TAG = re.compile(r"[a-z0-9][a-z0-9-]{0,29}", re.ASCII)


@dataclass(frozen=True)
class Chip:
    """A filter that is set, in words, and the query of the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True)
class Asked:
    """What an address asks for. given: its filters that were understood; problems: sentences about the others."""

    wanted: Wanted
    sort: str
    given: Sequence[tuple[str, str]]
    after: Place | None
    saved: int | None
    problems: Sequence[str]

    def query(self, **changes: str | int | None) -> str:
        """The filters and the order as a query, "?" first or empty. changes: fields to set, or None to leave out."""
        usual = "newest" if self.wanted.ended == "only" else "due"
        fields: dict[str, Any] = {"sort": None if self.sort == usual else self.sort, "saved": self.saved}
        fields |= changes
        pairs = [*self.given, *((name, str(value)) for name, value in fields.items() if value is not None)]
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def filters(self) -> str:
        """The filters alone, as they are kept with a list of one's own."""
        return urlencode(self.given)

    def value(self, name: str) -> str:
        """What a filter with one value is set to."""
        return next((value for given, value in self.given if given == name), "")

    def has(self, name: str, value: str) -> bool:
        """Whether a filter is set to this value, among others."""
        return (name, value) in self.given


def read_asked(params: Iterable[tuple[str, str]], words: Words, me: str) -> Asked:
    """What these parameters ask for; me: the reader's user id, whom `me` means.

    What is not understood is left out and told in `problems`; nothing here raises.
    """
    pairs = [(name, value.strip()) for name, value in params if value.strip()]
    problems: list[str] = []
    fields: dict[str, Any] = {}
    given: Pairs = []
    for name, value in pairs:
        known = FILTERS.get(name)
        if known is None or (name, value) in given:
            continue
        read = _READERS[known.kind](value, known, me)
        if read is None or len(value) > _LONGEST or len(given) >= _MOST_VALUES:
            problem = words.gettext("The filter “{name}” has no value “{value}”; it was left out.")
            problems.append(problem.format(name=words.gettext(known.label), value=value[:40]))
            continue
        given.append((name, value))
        fields[known.field] = [*fields.get(known.field, ()), read] if known.many else read
    if fields.keys() & {"number", "marks"}:
        fields.setdefault("ended", "any")
    rest = dict(pairs)
    usual = "newest" if fields.get("ended") == "only" else "due"
    sort = rest.get("sort", usual)
    if sort not in SORTS:
        problems.append(words.gettext("There is no such order; the usual one is shown."))
        sort = usual
    after = read_cursor(rest["after"], sort) if "after" in rest else None
    if "after" in rest and after is None:
        problems.append(words.gettext("The list could not be continued from there; it begins anew."))
    saved = int(rest["saved"]) if re.fullmatch(r"[0-9]{1,9}", rest.get("saved", "")) else None
    return Asked(Wanted(**fields), sort, given, after, saved, problems)


def write_cursor(place: Place, sort: str) -> str:
    """Where the next page begins, for an address; nobody else needs to understand it."""
    at = place.at.astimezone(UTC).isoformat() if place.at else ""
    told = f"{sort}|{at}|{place.priority}|{place.number}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read_cursor(written: str, sort: str) -> Place | None:
    """The place again; None for what `write_cursor` did not write for this order."""
    try:
        padded = written + "=" * (-len(written) % 4)
        order, at, priority, number = base64.urlsafe_b64decode(padded.encode("ascii")).decode().split("|")
        place = Place(_INSTANT.validate_python(at) if at else None, int(priority), number)
    except (ValueError, UnicodeError, binascii.Error):  # ValidationError is a ValueError
        return None
    fits = order == sort and 0 <= place.priority < 100
    return place if fits and re.fullmatch(r"\d{4}-\d{6,}", number, re.ASCII) else None


def chips(asked: Asked, words: Words, names: Mapping[str, str]) -> list[Chip]:
    """The filters that are set, each with the address without it. names: of people, projects and tags, by code."""
    found = []
    for pair in asked.given:
        name, value = pair
        without = [other for other in asked.given if other != pair]
        rest = Asked(asked.wanted, asked.sort, without, None, None, ())
        known = FILTERS[name]
        told = _told(known, value, words, names)
        found.append(Chip(words.gettext(known.label), told, rest.query()))
    return found


def _told(known: Filter, value: str, words: Words, names: Mapping[str, str]) -> str:
    match known.kind:
        case "code":
            return words.name(known.names, value)
        case "person":
            return words.gettext("me") if value == "me" else names.get(value, value)
        case "yes":
            return words.gettext("yes") if value == "yes" else words.gettext("no")
        case "ended":
            return words.gettext("only these") if value == "only" else words.gettext("these too")
        case "mark":
            return words.gettext("telephone, e-mail or unit")
        case _:
            return names.get(value, value)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def _day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2999 else None


def _from(value: str, known: Filter, me: str) -> datetime | None:
    day = _day(value)
    return _midnight(day) if day else None


def _to(value: str, known: Filter, me: str) -> datetime | None:
    """The day itself belongs to it."""
    day = _day(value)
    return _midnight(day + timedelta(days=1)) if day else None


def _person(value: str, known: Filter, me: str) -> str | None:
    return me if value == "me" else value if _USER.fullmatch(value) else None


def _matching(pattern: re.Pattern[str]) -> Callable[[str, Filter, str], str | None]:
    return lambda value, known, me: value if pattern.fullmatch(value) else None


_READERS: Mapping[str, Callable[[str, Filter, str], Any]] = {
    "code": lambda value, known, me: value if value in known.codes else None,
    "person": _person,
    "plain": lambda value, known, me: value if value.isprintable() else None,
    "tag": _matching(_TAG),
    "yes": lambda value, known, me: {"yes": True, "no": False}.get(value),
    "from": _from,
    "to": _to,
    "ended": lambda value, known, me: value if value in ("only", "any") else None,
    "number": _matching(_NUMBER),
    "mark": lambda value, known, me: bytes.fromhex(value) if _DIGEST.fullmatch(value) else None,
}
