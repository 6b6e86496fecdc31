"""The people of the company: who holds which seat, who is on duty, who stands in for whom (ORG-01…ORG-08).

Answers two questions and keeps the directory they are answered from: what may this acting person claim to be
(`asker`), and which people answer for this role now (`resolve`). Whether they may do something is for `domain`.
Instants are aware; they are kept in UTC.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.askers import CUSTOMER, FEED, Absent, Asker, department_of, stand_ins
from domain.codes import Department, Role
from records.db import Connection, RecordsError
from records.sql import statements

SQL = statements("organisation")

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
#: how many substitutes of substitutes are followed
_CHAIN = 5


@dataclass(frozen=True)
class Person:
    """An entry of the directory. active_from/active_to: aware instants between which the person acts."""

    user_id: str
    name: str
    roles: tuple[Role, ...] = ()
    department: Department | None = None
    email: str | None = None
    language: str = "zh-CN"
    active_from: datetime = EARLIEST
    active_to: datetime = LATEST


@dataclass(frozen=True)
class Receiver:
    """Somebody who is to be told something. `instead_of` is the absent person they stand in for (both are recorded)."""

    user_id: str
    name: str
    email: str | None
    language: str
    instead_of: str | None = None


async def put_person(connection: Connection, person: Person) -> None:
    """Enter a person, or change their entry. Raises asyncpg.ForeignKeyViolationError for an unknown department."""
    await connection.execute(
        SQL["put_person"],
        person.user_id,
        person.name,
        list(person.roles),
        person.department,
        person.email,
        person.language,
        person.active_from,
        person.active_to,
    )


async def people(connection: Connection) -> list[Person]:
    """The whole directory by user id, those who left included."""
    return [
        Person(
            row["user_id"],
            row["name"],
            tuple(Role(role) for role in row["roles"]),
            Department(row["department"]) if row["department"] else None,
            row["email"],
            row["language"],
            row["active_from"],
            row["active_to"],
        )
        for row in await connection.fetch(SQL["people"])
    ]


async def put_seat(
    connection: Connection,
    role: Role,
    person: str,
    *,
    department: Department | None = None,
    project: str | None = None,
    starts: datetime = EARLIEST,
    ends: datetime = LATEST,
) -> None:
    """Seat a person in a role for a department or a project (both empty: everywhere) from `starts` until `ends`."""
    await connection.execute(SQL["add_seat"], role, department, project, person, starts, ends)


async def put_duty(
    connection: Connection,
    role: Role,
    person: str,
    starts: datetime,
    ends: datetime,
    project: str | None = None,
) -> None:
    """Enter into the duty roster who answers for a role from `starts` until `ends` (ORG-05)."""
    await connection.execute(SQL["add_duty"], role, project, person, starts, ends)


async def put_absence(
    connection: Connection, person: str, starts: datetime, ends: datetime, substitute: str | None = None
) -> None:
    """A person is away from `starts` until `ends`; `substitute` acts in their seats meanwhile."""
    await connection.execute(SQL["add_absence"], person, substitute, starts, ends)


async def leave(connection: Connection, user_id: str, at: datetime) -> None:
    """A person leaves the company at that instant: seats and duties end too. Their cases are handed over apart
    (`records.views.cases_of` lists them, and each is reassigned by a command). Raises RecordsError if unknown."""
    async with connection.transaction():
        if await connection.fetchval(SQL["end_person"], user_id, at) is None:
            raise RecordsError(f"There is no person {user_id}.")
        for name in (SQL["end_seats"], SQL["shorten_seats"], SQL["end_duties"], SQL["shorten_duties"]):
            await connection.execute(name, user_id, at)


async def asker(connection: Connection, user_id: str, at: datetime) -> Asker:
    """The acting person as the rules know them at that instant: roles, department, whose seats they stand in for, and
    the projects these are bound to, where every seat and duty of theirs is bound to one (ORG-08).

    The customer by link, connected systems (`feed:…`) and our own services hold no roles; neither does somebody
    unknown or gone, whom the rules will refuse.
    """
    if user_id == CUSTOMER or user_id.startswith(FEED):
        return Asker(id=user_id)
    row = await connection.fetchrow(SQL["asker"], user_id, at)
    return Asker(id=user_id) if row is None else asker_of(user_id, row)


def asker_of(user_id: str, row: Mapping[str, Any]) -> Asker:
    """The acting person out of a row of the SQL function `acting_person`."""
    own = tuple(Role(role) for role in row["roles"])
    absent = tuple(Absent.model_validate(one) for one in row["absent"])
    return Asker(
        id=user_id,
        roles=own,
        department=Department(row["department"]) if row["department"] else None,
        standing_in=stand_ins(own, absent),
        projects=tuple(row["projects"]),
        absent=absent,
    )


async def resolve(
    connection: Connection,
    role: Role,
    at: datetime,
    *,
    department: Department | None = None,
    project: str | None = None,
) -> list[Receiver]:
    """The people who answer for a role at that instant, best known first (ORG-05).

    On duty beats seated for the project, then for the department, then everywhere, then everybody with the role;
    only the best of these that has anybody present answers. The absent are answered for by their substitutes.
    Empty when nobody at all can be found: then the case has an organisational hole that a person must fill.
    """
    ranked = await connection.fetch(SQL["holders"], role, department, project, at)
    away = await _absent(connection, at)
    for rank in sorted({row["rank"] for row in ranked}):
        found = [_present(row["user_id"], away) for row in ranked if row["rank"] == rank]
        if receivers := await _receivers(connection, [pair for pair in found if pair], at):
            return receivers
    return []


async def resolve_person(connection: Connection, user_id: str, at: datetime) -> list[Receiver]:
    """That person, or whoever stands in for them at that instant; empty when they are gone or nobody does."""
    found = _present(user_id, await _absent(connection, at))
    return await _receivers(connection, [found] if found else [], at)


async def is_known(connection: Connection, user_id: str, at: datetime) -> bool:
    """Whether a person of that id may act at that instant."""
    known: bool = await connection.fetchval(SQL["person_known"], user_id, at)
    return known


async def _absent(connection: Connection, at: datetime) -> dict[str, str | None]:
    away: dict[str, str | None] = {}
    for row in await connection.fetch(SQL["absent_now"], at):
        away.setdefault(row["person"], row["substitute"])
    return away


def _present(user_id: str, away: dict[str, str | None]) -> tuple[str, str | None] | None:
    """Who acts for this person, and for whom they stand in; None when the chain ends in an absence."""
    acting: str | None = user_id
    for _ in range(_CHAIN):
        if acting is None or acting not in away:
            break
        acting = away[acting]
    if acting is None or acting in away:
        return None
    return (acting, None) if acting == user_id else (acting, user_id)


async def _receivers(
    connection: Connection, acting: Sequence[tuple[str, str | None]], at: datetime
) -> list[Receiver]:
    instead: dict[str, str | None] = {}
    for user_id, absent in acting:
        if absent is None or user_id not in instead:
            instead[user_id] = absent
    rows = {row["user_id"]: row for row in await connection.fetch(SQL["persons"], list(instead), at)}
    return [
        Receiver(user_id, rows[user_id]["name"], rows[user_id]["email"], rows[user_id]["language"], absent)
        for user_id, absent in instead.items()
        if user_id in rows
    ]


_UNIT_NAMES = {
    Department.SALES: "销售部",
    Department.LEGAL: "法务部",
    Department.ENGINEERING: "工程部",
    Department.MAINTENANCE: "维修部",
    Department.PROPERTY: "物业管理部",
    Department.CUSTOMER_SERVICE: "客户服务中心",
    Department.FINANCE: "财务部",
    Department.CONTRACT: "合同部",
    Department.MARKETING: "市场部",
}


async def seed_units(connection: Connection) -> None:
    """The company and the departments that may handle a complaint (ORG-04). Safe to repeat."""
    await connection.execute(SQL["add_unit"], "company", "公司", "company", None)
    for department in Department:
        await connection.execute(
            SQL["add_unit"], department, _UNIT_NAMES[department], "department", "company"
        )


#: one family name for each role, and given names by place, so that sample people can be told apart
_FAMILY_NAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑"
_GIVEN_NAMES = ("敏", "强", "静", "磊", "洋", "艳", "勇", "军")


def _sample_name(role: Role, place: int) -> str:
    family = _FAMILY_NAMES[list(Role).index(role) % len(_FAMILY_NAMES)]
    return family + _GIVEN_NAMES[(place - 1) % len(_GIVEN_NAMES)]


async def seed_local_people(
    connection: Connection, *, production: bool, each: int = 2, roles: Iterable[Role] = tuple(Role)
) -> list[str]:
    """`<role>-1` … `<role>-<each>` for every role, such as `cs_specialist-1` (commands.md §6); returns their ids.

    Safe to repeat: whoever is there already is left as they are. Raises RecordsError in a production profile,
    where people come from the company's own directory.
    """
    if production:
        raise RecordsError(
            "The sample people belong to the local profile; enter the company's own people instead."
        )
    await seed_units(connection)
    rows = [
        (user_id, _sample_name(role, place), [role], department_of(role), f"{user_id}@example.com")
        for role in roles
        for place in range(1, each + 1)
        if (user_id := f"{role.lower()}-{place}")
    ]
    await connection.executemany(SQL["seed_person"], rows)
    return [row[0] for row in rows]
