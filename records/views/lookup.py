"""Who calls, and what of theirs is open: the look-up of the intake desk. (INT-12, CUS-07)

Contacts and units are found by keyed digests; names are read for a named person and stand in the access log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.codes import Role
from domain.complaint import Complaint
from domain.roles import Asker, may_read
from records.db import Connection
from records.opening import unit_mark
from records.sql import statements
from records.texts import Texts
from records.views.cases import mask_name

SQL = statements("lookup")

#: an ended complaint is shown for so long after it came in
RECENT = timedelta(days=90)


@dataclass(frozen=True)
class KnownUnit:
    """A unit of a customer. relation: owner, tenant, buyer or landlord."""

    project: str
    project_name: str
    unit: str
    relation: str


@dataclass(frozen=True)
class KnownCustomer:
    """A customer of the master data. name: whole or masked; None where it was erased. units: those the
    reader may know of; none where the name is masked."""

    id: str
    name: str | None
    preferred: str | None
    language: str
    units: tuple[KnownUnit, ...]


@dataclass(frozen=True)
class FoundCase:
    """A complaint of the same contact or of the same unit (`same_contact`). Instants aware, UTC."""

    number: str
    stage: str
    type: str | None
    project: str | None
    received_at: datetime
    ended_at: datetime | None
    breached: bool
    same_contact: bool


@dataclass(frozen=True)
class Found:
    """What a look-up found. hidden: how many open complaints there are that are not this reader's to see; never one
    about the reader (INV-03)."""

    customers: tuple[KnownCustomer, ...] = ()
    cases: tuple[FoundCase, ...] = ()
    hidden: int = 0


@dataclass(frozen=True)
class Project:
    """A project to choose from."""

    code: str
    name: str
    line: str


async def look_up(
    connection: Connection,
    texts: Texts,
    asker: Asker,
    now: datetime,
    *,
    contact: str = "",
    place: tuple[str, str] | None = None,
    whole_for: Sequence[Role] = (),
) -> Found:
    """The customers known by a contact, and the complaints of that contact, of the place, or of their units.

    place: (project, unit) as written. whole_for: the seats that see names whole, and units: of customers with a unit in
    a project the reader holds such a seat in, and of that project only; of all customers where the seat is bound to
    none. now: aware. Only complaints the reader may read are told of; of others, that there are some. At most seven
    statements.
    """
    wanted = [contact] if contact.strip() else []
    by_contact = await _owners(connection, texts, wanted)
    customers = await _customers(connection, by_contact)
    units = [(unit.project, unit.unit) for customer in customers for unit in customer.units]
    if place is not None:
        units.append(await _as_written(connection, *place))
    by_unit = await _owners(connection, texts, [unit_mark(*unit) for unit in units])
    cases, hidden = await _cases(connection, asker, now, by_contact, by_unit)
    return Found(await _named(connection, texts, customers, asker, whole_for), cases, hidden)


async def project_names(connection: Connection) -> list[Project]:
    """The projects of the master data, by name."""
    return [
        Project(row["code"], row["name"], row["line"]) for row in await connection.fetch(SQL["project_names"])
    ]


async def units_like(connection: Connection, project: str, typed: str) -> list[str]:
    """Units of a project (code or name) that begin as typed, at most fifty."""
    return [row["name"] for row in await connection.fetch(SQL["units_like"], project, typed)]


async def _as_written(connection: Connection, project: str, unit: str) -> tuple[str, str]:
    """The place as the master data write it, by which its complaints were filed; else as it is."""
    row = await connection.fetchrow(SQL["place_of"], project, unit)
    return (row["code"], row["unit"] or unit) if row else (project, unit)


async def _owners(connection: Connection, texts: Texts, marks: Iterable[str]) -> set[str]:
    digests = [texts.contact_digest(mark) for mark in marks]
    if not digests:
        return set()
    return {row["owner"] for row in await connection.fetch(SQL["owners_found"], digests)}


async def _customers(connection: Connection, owners: set[str]) -> list[KnownCustomer]:
    """The customers among these owners, with the id of their name in its place and all of their units."""
    ids = sorted(owner for owner in owners if owner.startswith("cus_"))
    if not ids:
        return []
    return [
        KnownCustomer(
            row["id"],
            row["name_text"],
            row["preferred"],
            row["language"],
            tuple(KnownUnit(**unit) for unit in row["units"]),
        )
        for row in await connection.fetch(SQL["known_customers"], ids)
    ]


async def _named(
    connection: Connection,
    texts: Texts,
    customers: list[KnownCustomer],
    asker: Asker,
    whole_for: Sequence[Role],
) -> tuple[KnownCustomer, ...]:
    """The customers by name, as far as this reader may know them."""
    everywhere = asker.within(None).holds(*whole_for)
    told: list[KnownCustomer] = []
    for whole in (True, False):
        some = [
            replace(one, units=units)
            for one in customers
            if bool((units := _theirs(one, asker, whole_for)) or everywhere) is whole
        ]
        names = await texts.read(
            connection,
            [one.name for one in some if one.name],
            asker.id,
            of=[one.id for one in some],
            masked=() if whole else ("name",),
        )
        for one in some:
            name = names.get(one.name or "")
            told.append(replace(one, name=name if whole else mask_name(name)))
    return tuple(sorted(told, key=lambda one: one.id))


def _theirs(customer: KnownCustomer, asker: Asker, whole_for: Sequence[Role]) -> tuple[KnownUnit, ...]:
    """The units of a customer in projects where the reader holds one of these seats."""
    return tuple(unit for unit in customer.units if asker.within(unit.project).holds(*whole_for))


async def _cases(
    connection: Connection, asker: Asker, now: datetime, by_contact: set[str], by_unit: set[str]
) -> tuple[tuple[FoundCase, ...], int]:
    numbers = sorted(owner for owner in by_contact | by_unit if not owner.startswith("cus_"))
    if not numbers:
        return (), 0
    rows = await connection.fetch(SQL["cases_found"], numbers, now - RECENT)
    seen, hidden = [], 0
    for row in rows:
        complaint = Complaint.model_validate(row["state"])
        if may_read(complaint, asker):
            seen.append(
                FoundCase(
                    row["number"],
                    row["stage"],
                    row["type"],
                    row["project"],
                    row["received_at"],
                    row["ended_at"],
                    bool(row["breached"]),
                    row["number"] in by_contact,
                )
            )
        elif row["ended_at"] is None and complaint.about_person != asker.id:
            hidden += 1
    return tuple(seen), hidden
