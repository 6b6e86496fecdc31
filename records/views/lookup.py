"""Who calls, and what of theirs is open: the look-up of the intake desk. (INT-12, CUS-07)

Contacts and units are found by keyed digests; names are read for a named person and stand in the access log.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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
    """A customer of the master data. name: whole or masked; None where it was erased. units: none where it is masked."""

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
    whole: bool = False,
) -> Found:
    """The customers known by a contact, and the complaints of that contact, of the place, or of their units.

    place: (project, unit) as written. whole: whether the reader may see names whole. now: aware. Only complaints the
    reader may read are told of; of others, that there are some. At most six statements.
    """
    wanted = [contact] if contact.strip() else []
    by_contact = await _owners(connection, texts, wanted)
    customers = await _customers(connection, texts, by_contact, asker.id, whole=whole)
    units = [(unit.project, unit.unit) for customer in customers for unit in customer.units]
    if place is not None:
        units.append(await _as_written(connection, *place))
    by_unit = await _owners(connection, texts, [unit_mark(*unit) for unit in units])
    cases, hidden = await _cases(connection, asker, now, by_contact, by_unit)
    told = customers if whole else tuple(replace(customer, units=()) for customer in customers)
    return Found(told, cases, hidden)


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


async def _customers(
    connection: Connection, texts: Texts, owners: set[str], reader: str, *, whole: bool
) -> tuple[KnownCustomer, ...]:
    ids = sorted(owner for owner in owners if owner.startswith("cus_"))
    if not ids:
        return ()
    rows = await connection.fetch(SQL["known_customers"], ids)
    ids = [row["name_text"] for row in rows]
    customers = [row["id"] for row in rows]
    names = await texts.read(connection, ids, reader, of=customers, masked=() if whole else ("name",))
    return tuple(
        KnownCustomer(
            row["id"],
            names.get(row["name_text"]) if whole else mask_name(names.get(row["name_text"])),
            row["preferred"],
            row["language"],
            tuple(KnownUnit(**unit) for unit in row["units"]),
        )
        for row in rows
    )


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
