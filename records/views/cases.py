"""What people look at: lists of complaints, one complaint's sheet, its history. Reads only; screens never ask Temporal.

Words come out of here only for a named reader, and every reading is in the access log (CUS-09); name, contact
and unit are masked unless the caller may see them whole (CUS-07).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.codes import Stage
from domain.complaint import Complaint, Deadline, Promise
from records.db import Connection
from records.sql import statements
from records.texts import Texts, Word

SQL = statements("views")

#: Lines of a list nobody asked to be longer.
MOST_LINES = 200


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True)
class Filters:
    """Which complaints a list shows; what is empty or None does not matter. Ended ones only where asked for."""

    stages: Sequence[Stage] = ()
    desk: str | None = None
    owner: str | None = None
    type: str | None = None
    project: str | None = None
    overdue: bool = False
    ended: bool = False
    limit: int = field(default=MOST_LINES)


class CaseLine(_Shown):
    """A complaint in a list. Instants aware, UTC; `breached` names deadlines that ran out and are not settled."""

    number: str
    stage: Stage
    type: str | None
    cause: str | None
    severity: str | None
    flags: list[str]
    owner: str | None
    desk: str
    lead_person: str | None
    project: str | None
    channel: str
    round: int
    result: str | None
    policy_version: str
    received_at: datetime
    registered_at: datetime | None
    ended_at: datetime | None
    next_deadline: datetime | None
    next_deadline_name: str | None
    breached: list[str]
    turn: int


class Customer(_Shown):
    """Who complains. `name` and `contact` masked or whole; None where the words were erased."""

    name: str | None
    contact: str | None
    preferred: str | None
    language: str


class CaseSheet(_Shown):
    """One complaint as its sheet shows it (design.md §3). Instants aware, UTC."""

    number: str
    turn: int
    stage: Stage
    type: str | None
    cause: str | None
    flags: list[str]
    severity: str | None
    owner: str | None
    desk: str
    lead: str | None
    lead_person: str | None
    project: str | None
    unit: str | None
    channel: str
    line: str
    policy_version: str
    calendar_version: str
    round: int
    result: str | None
    received_at: datetime
    registered_at: datetime | None
    ended_at: datetime | None
    next_deadline: datetime | None
    on_hold_until: datetime | None
    group: str | None
    duplicate_of: str | None
    route: list[Stage]
    breached: list[str]
    deadlines: list[Deadline]
    promises: list[Promise]
    external_id: str | None
    opened_by: str
    customer: Customer
    text: str | None
    desired: str | None


class TurnLine(_Shown):
    """One turn of the ledger: what was said by whom, what was ruled, and the facts that came of it."""

    turn: int
    kind: str
    command: dict[str, Any]
    said_by: str
    standing_in: dict[str, str] | None
    heard_at: datetime
    noticed_at: datetime
    accepted: bool
    reason: str | None
    rule: str | None
    facts: list[dict[str, Any]]


class Counts(_Shown):
    """How many complaints there are in all, not ended, and with a deadline that ran out."""

    total: int
    running: int
    overdue: int


async def list_cases(connection: Connection, filters: Filters) -> list[CaseLine]:
    """The complaints a list shows, by next deadline."""
    ended = filters.ended or any(stage in _ENDS for stage in filters.stages)
    rows = await connection.fetch(
        SQL["list_cases"],
        ended,
        list(filters.stages),
        filters.desk,
        filters.owner,
        filters.type,
        filters.project,
        filters.overdue,
        filters.limit,
    )
    return [CaseLine.model_validate(dict(row)) for row in rows]


_ENDS = (Stage.ARCHIVED, Stage.WITHDRAWN, Stage.DUPLICATE)


async def case_counts(connection: Connection) -> Counts:
    """How many complaints there are."""
    return Counts.model_validate(dict(await connection.fetchrow(SQL["case_counts"])))


async def case_sheet(
    connection: Connection, texts: Texts, complaint: Complaint, reader: str, *, masked: bool = True
) -> CaseSheet:
    """The sheet of a complaint with the customer's words, read by `reader` (a user id, kept in the access log).

    masked: show name, contact and unit by their ends only.
    """
    receipt = await connection.fetchrow(SQL["receipt"], complaint.number)
    ids: dict[str, str] = dict(receipt["words"])
    if newer := await connection.fetchval(SQL["newer_contact"], complaint.number):
        ids["contact"] = newer
    hidden = MASKS if masked else ()
    words = await texts.read(connection, ids.values(), reader, of=complaint.number, masked=hidden)
    told = {kind: words.get(text_id) for kind, text_id in ids.items()}
    customer = Customer(
        name=mask_name(told.get("name")) if masked else told.get("name"),
        contact=mask_contact(told.get("contact")) if masked else told.get("contact"),
        preferred=receipt["preferred"],
        language=receipt["language"],
    )
    kind, handover = complaint.classification, complaint.handover
    return CaseSheet(
        **complaint.model_dump(include=_AS_THEY_ARE),
        type=kind.type if kind else None,
        cause=kind.cause if kind else None,
        severity=kind.severity if kind else None,
        flags=sorted(complaint.flags),
        desk=complaint.desk,
        lead=handover.lead if handover else None,
        lead_person=handover.person if handover else None,
        next_deadline=complaint.next_deadline,
        on_hold_until=complaint.hold.until if complaint.hold else None,
        breached=complaint.breached,
        deadlines=sorted(complaint.deadlines.values(), key=lambda one: (one.due, one.id)),
        promises=list(complaint.promises.values()),
        external_id=receipt["external_id"],
        opened_by=receipt["opened_by"],
        customer=customer,
        unit=mask_name(told.get("unit")) if masked else told.get("unit"),
        text=told.get("text"),
        desired=told.get("desired"),
    )


_AS_THEY_ARE = {
    "number",
    "turn",
    "stage",
    "owner",
    "project",
    "channel",
    "line",
    "policy_version",
    "calendar_version",
    "round",
    "result",
    "received_at",
    "registered_at",
    "ended_at",
    "group",
    "duplicate_of",
    "route",
}


async def turns_of(connection: Connection, number: str) -> list[TurnLine]:
    """The ledger of a complaint from its opening on; empty for a number that is not there."""
    rows = await connection.fetch(SQL["turns"], number)
    return [TurnLine.model_validate(dict(row)) for row in rows]


async def cases_of(connection: Connection, user_id: str) -> list[str]:
    """Numbers of the open complaints that lie with a person, to be handed over when they leave."""
    return [row["number"] for row in await connection.fetch(SQL["cases_of"], user_id)]


def mask_name(name: str | None) -> str | None:
    """A name by its first character alone: 林女士 → 林**."""
    return None if name is None else name[:1] + "**"


def mask_contact(contact: str | None) -> str | None:
    """A telephone number, address or account by its ends: 13812340001 → 138****01, lin@example.com → li****om."""
    if contact is None:
        return None
    if len(contact) < 6:
        return "****"
    shown = 3 if len(contact) >= 9 and contact[:3].isdigit() else 2
    return f"{contact[:shown]}****{contact[-2:]}"


#: the customer's own words that are shown by their ends, wherever they stand (CUS-07) → how
MASKS: Mapping[str, Callable[[str | None], str | None]] = {
    "name": mask_name,
    "contact": mask_contact,
    "unit": mask_name,
}


def by_ends(word: Word) -> str | None:
    """Words as everybody on the case may read them: those written in a field of `MASKS` by their ends."""
    mask = MASKS.get(word.name)
    return mask(word.text) if mask else word.text
