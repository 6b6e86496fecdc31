"""The opening of a complaint: its number, the customer's words, and turn 1.

The same thing handed in twice is one complaint: known by the external id of its channel, or by the request key of
an HTTP call, and told apart from another content by a keyed digest. (INT-02, INT-03, INT-04)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain import lifecycle
from domain.codes import Channel, Line
from domain.complaint import Receipt
from domain.cutover import Present, take_over
from domain.turns import Sheet
from records.db import Connection, RecordsError, to_json
from records.master import find_place
from records.organisation import asker
from records.policies import Library, pinned_on
from records.sql import statements
from records.texts import Texts
from records.writing import Spoken, held_of, write

SQL = statements("ledger")

#: the command id of turn 1; no client's key begins with a slash
OPENING = "/open"
#: where the year of a complaint number is read off
_YEAR_ZONE = ZoneInfo("Asia/Shanghai")


class OtherContent(RecordsError):
    """The same external id or request key came before with another content; `number` is the complaint it made.

    same_id: the external id is the same; otherwise only the key of the request is.
    """

    def __init__(self, number: str, key: str, *, same_id: bool = True) -> None:
        super().__init__(
            f"{key} came in before with other content, as complaint {number}; nothing was opened."
        )
        self.number, self.same_id = number, same_id


@dataclass(frozen=True)
class Incoming:
    """A complaint as handed in, its form checked by whoever took it in. received_at: aware.

    Words of the customer are in the clear here and nowhere after. policy_version: None pins the policy in force on
    the day of receipt; overrides are for this case only (commands.md §5). present: where a complaint stands that runs
    already and is taken over from another system.
    """

    channel: Channel
    received_at: datetime
    name: str
    contact: str
    text: str
    project: str | None = None
    unit: str | None = None
    desired: str | None = None
    line: Line = Line.SALES
    preferred: str | None = None
    language: str = "zh-CN"
    external_id: str | None = None
    request_key: str | None = None
    policy_version: str | None = None
    policy_overrides: Mapping[str, Any] = field(default_factory=dict)
    calendar_overrides: Mapping[date, Literal["workday", "holiday"]] = field(default_factory=dict)
    present: Present | None = None

    def words(self) -> dict[str, str]:
        """What the customer wrote, by kind of text."""
        given = {
            "name": self.name,
            "contact": self.contact,
            "text": self.text,
            "desired": self.desired,
            "unit": self.unit,
        }
        return {kind: text for kind, text in given.items() if text}

    def content(self) -> bytes:
        """Everything that makes two submissions the same, in one comparable piece."""
        told = [
            self.channel,
            self.received_at.isoformat(),
            self.line,
            self.project,
            self.preferred,
            self.language,
        ]
        return to_json([*told, self.words()]).encode()


@dataclass(frozen=True)
class Opened:
    """The complaint that came of a submission; `created` is False where it was there already."""

    number: str
    created: bool
    sheet: Sheet


async def open_in(
    connection: Connection,
    texts: Texts,
    library: Library,
    incoming: Incoming,
    by: str,
    at: datetime,
    clock_offset: timedelta,
    build: str,
) -> Opened:
    """Open a complaint in the caller's transaction; see `records.ledger.Ledger.open_complaint`."""
    content = texts.fingerprint(incoming.content())
    if known := await _known(connection, incoming, content):
        row = await connection.fetchrow(SQL["read_complaint"], known)
        return Opened(known, False, held_of(known, row).sheet(build))
    receipt = await _receipt(connection, library, incoming)
    person = await asker(connection, by, at)
    number = await _next_number(connection, incoming.received_at)
    ruling = (
        lifecycle.open_complaint(number, receipt, person, at, library)
        if incoming.present is None
        else take_over(number, receipt, incoming.present, person, at, library)
    )
    words = await texts.store(connection, number, incoming.words())
    found_by = [incoming.contact]
    if receipt.project and incoming.unit:
        found_by.append(unit_mark(receipt.project, incoming.unit))
    await texts.index_contacts(connection, number, found_by)
    await connection.execute(
        SQL["add_receipt"],
        number,
        incoming.channel,
        incoming.external_id,
        incoming.request_key,
        content,
        words,
        incoming.preferred,
        incoming.language,
        by,
        at,
    )
    said = {
        "kind": "open",
        "by": by,
        "receipt": receipt.model_dump(mode="json", exclude_none=True),
        "words": words,
    }
    if incoming.present is not None:
        said["present"] = incoming.present.model_dump(mode="json", exclude_none=True)
    spoken = Spoken(OPENING, content.hex(), "open", said, person, at, at)
    _, held = await write(connection, None, spoken, ruling, clock_offset=clock_offset)
    return Opened(number, True, held.sheet(build))


def unit_mark(project: str, unit: str) -> str:
    """What complaints about the same unit are found by, kept only as a digest (INT-12)."""
    return f"unit:{project}/{unit}"


async def _known(connection: Connection, incoming: Incoming, content: bytes) -> str | None:
    """The complaint this submission made before. Openings of the same id wait for each other here."""
    keys = []
    if incoming.external_id:
        keys.append(f"external_id {incoming.external_id} of {incoming.channel}")
    if incoming.request_key:
        keys.append(f"Idempotency-Key {incoming.request_key}")
    for key in keys:
        await connection.execute(SQL["lock_receipt"], key)
    if not keys:
        return None
    row = await connection.fetchrow(
        SQL["find_receipt"], incoming.channel, incoming.external_id, incoming.request_key
    )
    if row is None:
        return None
    if row["content"] != content:
        same_id: bool = row["same_id"]
        raise OtherContent(row["number"], keys[0 if same_id else -1], same_id=same_id)
    number: str = row["number"]
    return number


async def _receipt(connection: Connection, library: Library, incoming: Incoming) -> Receipt:
    """What the rules are told: versions pinned, and the place as the master data write it, if they have it."""
    received = incoming.received_at.astimezone(_YEAR_ZONE)
    pinned = await pinned_on(connection, received.date(), incoming.policy_version)
    await library.hold(connection, [pinned.policy], [pinned.calendar])
    place = await find_place(connection, incoming.project, incoming.unit)
    unknown = incoming.project is not None and (
        place.project is None or (incoming.unit is not None and place.unit is None)
    )
    return Receipt(
        channel=incoming.channel,
        received_at=incoming.received_at,
        line=incoming.line,
        project=place.project or incoming.project,
        place_unknown=unknown,
        policy_version=pinned.policy,
        calendar_version=pinned.calendar,
        policy_overrides=dict(incoming.policy_overrides),
        calendar_overrides=dict(incoming.calendar_overrides),
    )


async def _next_number(connection: Connection, received_at: datetime) -> str:
    """`2026-000123`: year of receipt and the next number of that year."""
    year = received_at.astimezone(_YEAR_ZONE).year
    number = await connection.fetchval(SQL["next_number"], year)
    return f"{year}-{number:06d}"
