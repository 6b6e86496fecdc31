"""One case with all that belongs to it, as its page shows it: read in one statement, its words in another.

Instants are aware, in UTC and in business time. Words come out only for a named reader; those shown by their ends are
logged as `masked:<reader>`, so that the log tells who has seen a contact whole (CUS-09).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.complaint import Complaint
from domain.roles import Reach
from domain.texts import TEXT_ID
from records.db import Connection
from records.sql import statements
from records.texts import Texts, Word

SQL = statements("casepage")

#: turns on one page of the timeline
PAGE = 50
#: kinds of the customer's words that are shown by their ends
PERSONAL = ("name", "contact", "unit")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class FactLine(_Row):
    """One thing that happened, as the ledger has it."""

    kind: str
    subject: str | None
    at: datetime
    by: str
    data: dict[str, Any]
    released: bool


class TurnEntry(_Row):
    """A turn on the timeline. command: its JSON, words as ids. standing_in: role → the absent person."""

    turn: int
    kind: str
    command: dict[str, Any]
    said_by: str
    standing_in: dict[str, str] | None
    heard_at: datetime
    accepted: bool
    reason: str | None
    rule: str | None
    facts: list[FactLine]


class Delivery(_Row):
    """What became of a message to one person by one way. at: real time."""

    person: str
    way: str
    outcome: str
    instead_of: str | None
    at: datetime


class NoticeEntry(_Row):
    """A message that is going out, went out or failed. at: when it was settled, or when it may go (SLA-11)."""

    key: str
    turn: int
    receiver: str
    template: str
    params: dict[str, Any]
    deadline: str | None
    state: str
    attempts: int
    trouble: str | None
    at: datetime
    deliveries: list[Delivery]


class Unit(_Row):
    """A unit of the master data, with the dates of its contract."""

    project: str
    name: str
    building: str | None = None
    handed_over_on: date | None = None
    warranty_until: date | None = None
    relation: str | None = None


class Waiting(_Row):
    """A message to the customer that has not left yet. at: not before this instant, as for the quiet hours."""

    template: str
    at: datetime


class Profile(_Row):
    """A customer of the master data with the same contact."""

    reference: str
    preferred: str | None
    units: list[Unit] | None


@dataclass(frozen=True)
class Related:
    """Another complaint of the same customer, or an open one of the same topic near this one in place and time."""

    complaint: Complaint
    same_customer: bool


@dataclass(frozen=True)
class Settled:
    """A complaint of this kind that ended with both sides satisfied (KNO-02)."""

    complaint: Complaint
    same_topic: bool


@dataclass(frozen=True)
class Slice:
    """Which part of the timeline is wanted. edge: the turn next to it; None begins at the end that comes first.

    kinds: of commands; None for all. deadlines: turns in which a deadline passed, whatever their kind.
    """

    edge: int | None = None
    oldest_first: bool = False
    kinds: Sequence[str] | None = None
    deadlines: bool = False
    refused: bool = False
    notices: bool = True
    size: int = PAGE


@dataclass(frozen=True)
class CaseFile:
    """All a case page shows beside the complaint's own state. words: of the receipt, kind → text id.

    more: whether the timeline goes on. corrections: turn → turns that correct it. papers: of the files that shown turns
    name, file id → text id of the file's name. names: user id → name.
    """

    channel: str
    external_id: str | None
    words: Mapping[str, str]
    preferred: str | None
    language: str
    opened_by: str
    opened_at: datetime
    turns: tuple[TurnEntry, ...]
    notices: tuple[NoticeEntry, ...]
    more: bool
    planned_notices: int
    to_customer: tuple[Waiting, ...]
    corrections: Mapping[int, Sequence[int]]
    related: tuple[Related, ...]
    settled: tuple[Settled, ...]
    profiles: tuple[Profile, ...]
    project_name: str | None
    papers: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def text_ids(self) -> set[str]:
        """The ids of every word on the shown turns and of the names of their files; not those of the receipt."""
        return set(self.papers.values()) | {
            text_id
            for turn in self.turns
            for part in (turn.command, [fact.data for fact in turn.facts])
            for text_id in text_ids_in(part)
        }

    def personal_ids(self) -> set[str]:
        """The ids of the customer's name, contact and unit."""
        return {self.words[kind] for kind in PERSONAL if kind in self.words}


async def case_file(
    connection: Connection,
    number: str,
    reach: Reach,
    wanted: Slice | None = None,
    people: Iterable[str] = (),
) -> CaseFile | None:
    """The file of a complaint, in one statement; None for a number that is not there.

    reach: of the reader; other complaints are among `related` and `settled` only as far as it goes (ORG-08).
    people: user ids whose names are wanted beside those that appear.
    """
    part = wanted or Slice()
    row = await connection.fetchrow(
        SQL["case_file"],
        number,
        part.edge,
        part.oldest_first,
        list(part.kinds) if part.kinds is not None else None,
        part.deadlines,
        part.refused,
        part.notices,
        part.size,
        list(people),
        reach.everything,
        reach.person,
        list(reach.places),
    )
    return None if row is None else _file_of(row)


def _file_of(row: Mapping[str, Any]) -> CaseFile:
    words = dict(row["words"])
    if row["new_contact"]:
        words["contact"] = row["new_contact"]
    corrections: dict[int, list[int]] = {}
    for one in row["corrections"]:
        corrections.setdefault(one["turn"], []).append(one["by"])
    return CaseFile(
        channel=row["channel"],
        external_id=row["external_id"],
        words=words,
        preferred=row["preferred"],
        language=row["language"],
        opened_by=row["opened_by"],
        opened_at=row["opened_at"],
        turns=tuple(TurnEntry.model_validate(turn) for turn in row["turns"]),
        notices=tuple(NoticeEntry.model_validate(notice) for notice in row["notices"]),
        more=row["more"],
        planned_notices=row["planned_notices"],
        to_customer=tuple(Waiting.model_validate(one) for one in row["to_customer"]),
        corrections=corrections,
        related=tuple(
            Related(Complaint.model_validate(one["state"]), one["same_customer"]) for one in row["related"]
        ),
        settled=tuple(
            Settled(Complaint.model_validate(one["state"]), one["same_topic"]) for one in row["settled"]
        ),
        profiles=tuple(Profile.model_validate(one) for one in row["profiles"]),
        project_name=row["project_name"],
        papers=dict(row["papers"]),
        names=dict(row["names"]),
    )


async def read_words(
    connection: Connection,
    texts: Texts,
    ids: Iterable[str],
    reader: str,
    *,
    of: Iterable[str],
    whole: bool,
) -> dict[str, Word]:
    """Every word of a page in one statement, by text id.

    of: the complaints whose words the page shows, its own and those settled like it. whole: whether it shows names,
    contacts and units in full.
    """
    return await texts.look(connection, sorted(set(ids)), reader, of=of, masked=() if whole else PERSONAL)


async def find_unit(connection: Connection, project: str, unit: str) -> Unit | None:
    """A unit of a project (by code or name) as the master data have it."""
    row = await connection.fetchrow(SQL["case_unit"], project, unit)
    return None if row is None else Unit.model_validate(dict(row))


def text_ids_in(value: Any) -> Iterable[str]:
    """The text ids anywhere in JSON data."""
    match value:
        case str() if TEXT_ID.match(value):
            yield value
        case Mapping():
            for part in value.values():
                yield from text_ids_in(part)
        case list() | tuple():
            for part in value:
                yield from text_ids_in(part)
