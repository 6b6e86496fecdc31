"""The lists of the desk: which complaints, in which order, how many. Only what the reader may read (ORG-08).

Two statements make a page: the counts of all lists with what the reader has made their own, and the rows. Names of
customers come from `Texts.read_list`, which is the third.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from domain.codes import Receiver, Role, Stage
from domain.roles import READS_ALL, SEES_MASKED, Asker, in_leading_group, reach_of
from records.db import Connection
from records.sql import statements
from records.texts import Texts
from records.views.cases import mask_name

SQL = statements("queue")

#: the lists, as they stand on the left
VIEWS = (
    "mine",
    "team",
    "unassigned",
    "today",
    "overdue",
    "waiting",
    "second",
    "promises",
    "approvals",
    "proceedings",
    "crisis",
    "watched",
    "all",
)
SORTS = ("due", "priority", "newest", "oldest")
#: rows of a page, and the most a caller may ask for
PAGE, MOST = 50, 1000

Ended = Literal["no", "only", "any"]


@dataclass(frozen=True)
class Reader:
    """Who looks, and when. now: aware; day_end: the end of the local day."""

    asker: Asker
    now: datetime
    day_end: datetime

    def parameters(self) -> tuple[Any, ...]:
        """$1 to $7 of the statements."""
        reach = reach_of(self.asker)
        departments = [str(one) for one in self.asker.departments]
        places = list(reach.places)
        return reach.everything, places, self.asker.id, self.seats(), departments, self.now, self.day_end

    def seats(self) -> list[str]:
        """The codes under which something may be asked of this person."""
        codes = {self.asker.id, *map(str, (*self.asker.roles, *self.asker.standing_in))}
        if in_leading_group(self.asker):
            codes.add(Receiver.LEADING_GROUP)
        return sorted(codes)


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list; what is empty or None does not matter. Instants aware; `…_before` and `…_to` exclusive.

    number: the whole number or its last digits. marks: digests of a contact or a unit, of which one must fit.
    """

    stages: Sequence[str] = ()
    types: Sequence[str] = ()
    causes: Sequence[str] = ()
    severities: Sequence[str] = ()
    flags: Sequence[str] = ()
    desks: Sequence[str] = ()
    owner: str | None = None
    lead: str | None = None
    projects: Sequence[str] = ()
    channels: Sequence[str] = ()
    again: bool | None = None
    breached: bool | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    tags: Sequence[str] = ()
    ended: Ended = "no"
    number: str | None = None
    marks: Sequence[bytes] = ()

    def parameters(self) -> tuple[Any, ...]:
        """$14 to $33 of `queue_lines`."""
        many = (self.stages, self.types, self.causes, self.severities, self.flags, self.desks)
        return (
            *(list(map(str, one)) or None for one in many),
            self.owner,
            self.lead,
            list(self.projects) or None,
            list(self.channels) or None,
            self.again,
            self.breached,
            self.due_after,
            self.due_before,
            self.received_from,
            self.received_to,
            list(self.tags) or None,
            self.ended,
            self.number,
            list(self.marks) or None,
        )


@dataclass(frozen=True)
class Place:
    """Where a page ended: the sort value of its last row (due or received; None for no due), priority and number."""

    at: datetime | None
    priority: int
    number: str


@dataclass(frozen=True)
class Line:
    """A complaint in a list. Instants aware, UTC.

    customer, unit: masked unless `whole`; None where nothing was written or the words were erased.
    due_at, due_name: the deadline that asks for something first, `late` if it ran out. unread: there are turns the
    reader has not seen.
    """

    number: str
    turn: int
    stage: str
    type: str | None
    cause: str | None
    severity: str | None
    flags: list[str]
    #: code, Chinese, English
    tags: list[tuple[str, str, str]]
    owner: str | None
    owner_name: str | None
    #: nobody owns it yet; the first contact is shown instead
    ownerless: bool
    desk: str
    lead: str | None
    lead_person: str | None
    lead_name: str | None
    #: its code, or as written where the master data do not know it
    project: str | None
    project_name: str | None
    channel: str
    round: int
    reopened: int
    result: str | None
    received_at: datetime
    ended_at: datetime | None
    due_at: datetime | None
    due_name: str | None
    #: when the clock of that deadline began
    due_start: datetime | None
    late: bool
    held_until: datetime | None
    waiting_for: str | None
    priority: int
    breached: list[str]
    next_deadline: datetime | None
    group: str | None
    unread: bool
    watching: bool
    customer: str | None
    unit: str | None
    whole: bool

    @property
    def unhappy(self) -> bool:
        """Whether the customer said that it is not settled, and nobody has decided yet how it goes on (CLO-03)."""
        return self.stage == Stage.FEEDBACK and self.waiting_for is None

    def place(self, sort: str) -> Place:
        """Where the list goes on after this row."""
        return Place(
            self.received_at if sort in ("newest", "oldest") else self.due_at, self.priority, self.number
        )


@dataclass(frozen=True)
class SavedView:
    """A list of the reader's own."""

    id: int
    name: str
    view: str
    query: str
    columns: list[str]
    sort: str


@dataclass(frozen=True)
class Frame:
    """What stands around a list: how many rows each list has, the reader's own lists, the columns they chose.

    projects: names of the projects that were asked for, by code.
    """

    counts: Mapping[str, int]
    saved: list[SavedView]
    columns: list[str] | None
    projects: Mapping[str, str]


@dataclass(frozen=True)
class Choices:
    """What can be chosen beside the fixed codes. people: user id and name; projects: code and name; tags: code, Chinese, English."""

    people: list[tuple[str, str]]
    projects: list[tuple[str, str]]
    tags: list[tuple[str, str, str]]


async def frame(connection: Connection, reader: Reader, view: str, projects: Sequence[str] = ()) -> Frame:
    """The counts of all lists, in one statement; filters of a page do not matter to them."""
    row = await connection.fetchrow(SQL["queue_counts"], *reader.parameters(), view, list(projects))
    saved = [SavedView(**one) for one in row["saved"]]
    return Frame(row["counts"], saved, row["columns"], row["projects"])


async def lines(
    connection: Connection,
    texts: Texts,
    reader: Reader,
    view: str,
    sort: str,
    wanted: Wanted,
    *,
    after: Place | None = None,
    limit: int = PAGE,
) -> tuple[list[Line], Place | None]:
    """A page of a list and where the next begins; None at its end. Two statements, however many rows."""
    at, priority, number = (after.at, after.priority, after.number) if after else (None, None, None)
    rows = await connection.fetch(
        SQL["queue_lines"],
        *reader.parameters(),
        view,
        sort,
        min(limit, MOST) + 1,
        at,
        priority,
        number,
        *wanted.parameters(),
    )
    shown = rows[: min(limit, MOST)]
    whole = {row["number"]: may_see_whole(row, reader.asker) for row in shown}
    words: dict[str, str | None] = {}
    if shown:
        ids = [row["words"][kind] for row in shown for kind in ("name", "unit") if kind in row["words"]]
        hidden = [name for name, seen in whole.items() if not seen]
        words = await texts.read_list(
            connection, ids, reader.asker.id, hidden, [name for name, seen in whole.items() if seen]
        )
    found = [_line(row, words, whole[row["number"]]) for row in shown]
    return found, found[-1].place(sort) if len(rows) > len(shown) else None


def may_see_whole(row: Mapping[str, Any], asker: Asker) -> bool:
    """`domain.roles.may_see_whole` by the columns of a complaint that the reader may read (CUS-07)."""
    here = asker.within(row["project"])
    if here.holds(*(role for role in READS_ALL if role not in SEES_MASKED)):
        return True
    if here.id in (row["first_contact"], row["owner"], row["lead_person"]):
        return True
    if row["lead"] and (here.holds(Role(row["lead"])) or row["desk"] in here.departments):
        return True
    if any(here.holds(Role(owner)) for owner in row["owing"]):
        return True
    return here.holds(Role.LEGAL) and "legal:" in row["places"]


async def choices(connection: Connection, now: datetime) -> Choices:
    """What the filters offer."""
    row = await connection.fetchrow(SQL["queue_choices"], now)
    people = [(user, name) for user, name in row["people"]]
    projects = [(code, name) for code, name in row["projects"]]
    return Choices(people, projects, [(code, zh, en) for code, zh, en in row["tags"]])


async def known_marks(connection: Connection, asker: Asker, digests: Sequence[bytes]) -> list[bytes]:
    """Those of the digests by which a complaint is found that this person may read."""
    reach = reach_of(asker)
    rows = await connection.fetch(
        SQL["queue_marks"], list(digests), reach.everything, asker.id, list(reach.places)
    )
    return [row["digest"] for row in rows]


async def project_written(connection: Connection, asker: Asker, project: str) -> bool:
    """Whether this person may read a complaint with a project written like this."""
    if not project.isprintable():
        return False
    reach = reach_of(asker)
    return bool(
        await connection.fetchval(
            SQL["queue_written"], project, reach.everything, asker.id, list(reach.places)
        )
    )


def end_of_day(now: datetime, zone: Any) -> datetime:
    """The midnight that ends the local day of `now`."""
    local = now.astimezone(zone)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _line(row: Mapping[str, Any], words: Mapping[str, str | None], whole: bool) -> Line:
    given = row["words"]
    customer, unit = words.get(given.get("name", "")), words.get(given.get("unit", ""))
    same = {name: row[name] for name in _AS_THEY_ARE}
    return Line(
        **same,
        owner=row["owner"] or row["first_contact"],
        ownerless=row["owner"] is None,
        tags=[(code, zh, en) for code, zh, en in row["tags"]],
        group=row["case_group"],
        unread=row["turn"] > row["seen"],
        customer=customer if whole else mask_name(customer),
        unit=unit if whole else mask_name(unit),
        whole=whole,
    )


_AS_THEY_ARE = (
    *("number", "turn", "stage", "type", "cause", "severity", "flags", "owner_name", "desk", "lead"),
    *(
        "lead_person",
        "lead_name",
        "project",
        "project_name",
        "channel",
        "round",
        "reopened",
        "result",
        "received_at",
        "ended_at",
    ),
    *("due_at", "due_name", "due_start", "late", "held_until", "waiting_for", "priority", "breached"),
    *("next_deadline", "watching"),
)
