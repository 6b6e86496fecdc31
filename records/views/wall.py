"""The manager's wall: every figure, its one definition, and the cases behind it (STA-01, STA-04, STA-05, STA-11).

A figure is a named statement of `records/sql/figures/wall.sql` that gives one row for each thing it counts, and says of each
whether it hit. The page, the files and the list behind a number all run that statement, so they cannot disagree.
Figures count what the reader may read and nothing else. The definitions in words stand in docs/figures.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.codes import Department, Role
from domain.deadline_table import TABLE
from domain.roles import Asker, Reach, head_of, reach_of
from records.db import Connection
from records.sql import statements

#: pieces that are put together here, apart from the statements that stand alone
SQL = statements("figures/wall")

ZONE = "Asia/Shanghai"
#: whole days of age at which the next bucket begins; the last is open
AGES = (("0", 0, 3), ("1", 4, 7), ("2", 8, 15), ("3", 16, 30), ("4", 31, 90), ("5", 91, None))
#: what is asked for where a complaint has no such thing yet
NONE = "-"

Kind = Literal["now", "flow", "share"]
_EVERYTHING = (
    Role.CS_DIRECTOR,
    Role.MARKETING_MANAGER,
    Role.TOP_LEADER,
    Role.DUTY_LEADER,
    Role.AUDITOR,
)
#: reminders of appointments, which are no deadlines
_APPOINTMENTS = [rule.name for rule in TABLE if rule.quiet]


@dataclass(frozen=True)
class Figure:
    """kind: of open cases `now`, of the `flow` of a period, or a `share` in percent. up: whether more is better."""

    name: str
    kind: Kind
    up: bool = False


FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure("open_now", "now"),
        Figure("breached_now", "now"),
        Figure("nearly_due", "now"),
        Figure("received", "flow"),
        Figure("closed", "flow", up=True),
        Figure("promises_kept", "share", up=True),
        Figure("first_response", "share", up=True),
        Figure("handled_in_time", "share", up=True),
        Figure("second_handling", "share"),
        Figure("follow_up", "share", up=True),
    )
}


@dataclass(frozen=True)
class Scope:
    """What a page of figures is about. begins (included) and ends (not): aware; the rest are codes, None for all."""

    begins: datetime
    ends: datetime
    project: str | None = None
    type: str | None = None
    cause: str | None = None
    severity: str | None = None
    desk: str | None = None
    channel: str | None = None
    stage: str | None = None
    #: a deadline of this name has run out
    ran_out: str | None = None
    #: the complaints chosen one by one, where the list is `SELECTED`
    numbers: tuple[str, ...] = ()

    @property
    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        given = asdict(self)
        return {name: given[name] for name in FILTERS if given[name] is not None}


#: the list of complaints chosen one by one, which is no figure
SELECTED = "selected"
FILTERS = ("project", "type", "cause", "severity", "desk", "channel", "stage", "ran_out")


@dataclass(frozen=True)
class Rows:
    """Which rows of a figure a list shows. hit: those that did, or did not; who: of this person; age: bucket.

    held: those that stand still instead, which the figure does not count.
    """

    hit: bool | None = None
    who: str | None = None
    age: str | None = None
    held: bool = False


@dataclass(frozen=True)
class Reader:
    """Who looks, and at which departments' cases at most (None: at those of all)."""

    reach: Reach
    desks: tuple[Department, ...] | None


def reader_of(asker: Asker) -> Reader | None:
    """How this person reads the wall; None for who has no business there.

    The command of the company, customer service's director and auditors read all they may read; the head of a
    department reads its own cases. Customer service is headed by its director here: specialists have their queues.
    """
    reach = reach_of(asker)
    if asker.holds(*_EVERYTHING):
        return Reader(reach, None)
    heads = [
        one for one in Department if one is not Department.CUSTOMER_SERVICE and asker.holds(head_of(one))
    ]
    return Reader(reach, tuple(heads)) if heads else None


class Tally(BaseModel):
    """How many things a figure counts, how many of them hit, and how many stand still and are not counted yet."""

    model_config = ConfigDict(frozen=True)

    total: int = 0
    hits: int = 0
    held: int = 0

    @property
    def share(self) -> float | None:
        """The part that hit, from 0 to 1; None where there was nothing to hit."""
        return self.hits / self.total if self.total else None


class Day(BaseModel):
    """What came in and what ended on one day of the zone's calendar."""

    model_config = ConfigDict(frozen=True)

    day: date
    received: int = 0
    closed: int = 0


class Line(BaseModel):
    """One thing a figure counts, with its case. at: what it is sorted by; who: the owner, or who promised.

    hit: None where it stands still.
    """

    model_config = ConfigDict(frozen=True)

    number: str
    item: str
    hit: bool | None
    at: datetime | None
    who: str | None
    stage: str
    type: str | None
    cause: str | None
    severity: str | None
    desk: str
    project: str | None
    channel: str
    owner: str | None
    owner_name: str | None
    #: nobody owns it yet; the first contact is shown instead
    ownerless: bool
    round: int
    flags: list[str]
    breached: list[str]
    received_at: datetime
    ended_at: datetime | None
    #: the deadline that asks for something first, open or run out (`late`), as the lists of the desk have it
    due_at: datetime | None
    due_name: str | None
    due_start: datetime | None
    late: bool


@dataclass(frozen=True)
class Counted:
    """All figures of a page. parts: (figure, part) → code → tally; part is a dimension, or "all" with code "-"."""

    parts: Mapping[tuple[str, str], Mapping[str, Tally]] = field(default_factory=dict)

    def of(self, figure: str, part: str = "all") -> Mapping[str, Tally]:
        """The tallies of a figure by a dimension; empty where nothing was counted."""
        return self.parts.get((figure, part), {})

    def whole(self, figure: str) -> Tally:
        """The figure as a whole."""
        return self.of(figure).get(NONE, Tally())


async def count(connection: Connection, reader: Reader, scope: Scope, now: datetime) -> Counted:
    """Every figure, whole and by each dimension, in one statement. now: business time, aware."""
    rows = await connection.fetch(_statement("count", *FIGURES), *_asked(reader, scope, now))
    parts: dict[tuple[str, str], dict[str, Tally]] = {}
    for row in rows:
        part = parts.setdefault((row["figure"], row["part"]), {})
        part[row["code"]] = Tally(total=row["total"], hits=row["hits"], held=row["held"])
    return Counted(parts)


async def ran_out(connection: Connection, reader: Reader, scope: Scope, now: datetime) -> dict[str, int]:
    """Why open complaints are late: in how many of them a deadline of each name ran out, the most first."""
    rows = await connection.fetch(_statement("ran_out", "breached_now"), *_asked(reader, scope, now))
    return {row["code"]: row["total"] for row in rows}


async def by_day(connection: Connection, reader: Reader, scope: Scope, now: datetime) -> list[Day]:
    """What came in and ended on the days of the period on which anything did."""
    rows = await connection.fetch(_statement("by_day", "received", "closed"), *_asked(reader, scope, now))
    return [Day.model_validate(dict(row)) for row in rows]


async def lines(
    connection: Connection,
    figure: str,
    reader: Reader,
    scope: Scope,
    now: datetime,
    chosen: Rows,
    *,
    after: tuple[datetime, str, str] | None = None,
    limit: int,
) -> list[Line]:
    """The cases behind a figure, by the instant it goes by, after a place in the list (its `place_of`)."""
    rows = await connection.fetch(
        _list_statement(figure),
        *_asked(reader, scope, now),
        chosen.hit,
        chosen.who,
        chosen.age,
        *(after or (None, None, None)),
        limit,
        chosen.held,
    )
    return [Line.model_validate({**dict(row), "at": _finite(row["at"])}) for row in rows]


def place_of(line: Line) -> tuple[datetime, str, str]:
    """Where a line stands in its list."""
    return (line.at or _NEVER, line.number, line.item)


async def names(connection: Connection, people: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Names of these people, and of all projects, by id and code."""
    row = await connection.fetchrow(SQL["names"], list(people))
    return row["people"], row["projects"]


def _asked(reader: Reader, scope: Scope, now: datetime) -> list[Any]:
    reach = reader.reach
    return [
        {"everything": reach.everything, "person": reach.person, "desks": reader.desks},
        {**scope.filters, "numbers": scope.numbers},
        scope.begins,
        scope.ends,
        now,
        _APPOINTMENTS,
        ZONE,
        list(reach.places),
    ]


@cache
def _statement(name: str, *figures: str) -> str:
    """A statement over some figures: each is put in by its own statement, under its name."""
    parts = [
        SQL["one_figure"].replace("/*name*/", figure).replace("/*figure*/", SQL[figure]) for figure in figures
    ]
    return _scoped(name).replace("/*figures*/", "\nUNION ALL\n".join(parts))


@cache
def _list_statement(figure: str) -> str:
    return _scoped("list").replace("/*figure*/", SQL[figure])


def _scoped(name: str) -> str:
    return SQL[name].replace("/*scope*/", SQL["scope"].replace("/*reach*/", SQL["reach"]))


#: how PostgreSQL's infinity comes out of asyncpg
_NEVER = datetime.max.replace(tzinfo=UTC)


def _finite(at: datetime) -> datetime | None:
    return None if at.year >= _NEVER.year else at
