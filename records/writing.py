"""One turn into the tables: what every ruling, opening and set-aside command has in common.

All of it in the caller's transaction, after the complaint's row was locked (or before it exists).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.complaint import SCHEMA, Complaint
from domain.facts import Ruling, merge_patch, state_of
from domain.roles import Asker
from domain.texts import TEXT_ID
from domain.turns import Decision, Outcome, Sheet, decision_of, sheet_of
from records import projection
from records.chain import GENESIS, Entry, fact_line
from records.db import Connection, RecordsError
from records.sql import statements

SQL = statements("ledger")


class UnknownComplaint(RecordsError):
    """There is no complaint of that number."""


class NewerSchema(RecordsError):
    """A newer build wrote this complaint; a worker of that build must take the turn. To be tried again."""


@dataclass(frozen=True)
class Held:
    """A complaint as its row has it. state: its JSON as stored; head: hash of its last turn (32 bytes).

    clock_offset: real time minus business time. aside: deadlines set aside → the build that could not rule on them.
    """

    complaint: Complaint
    state: Mapping[str, Any]
    head: bytes
    clock_offset: timedelta
    aside: Mapping[str, str]

    def sheet(self, build: str) -> Sheet:
        """What the conversation lives by; a deadline this build has set aside has no timer in it."""
        sheet = sheet_of(self.complaint)
        mine = {deadline for deadline, other in self.aside.items() if other == build}
        if not mine:
            return sheet
        return sheet.model_copy(update={"wakes": [wake for wake in sheet.wakes if wake.id not in mine]})


@dataclass(frozen=True)
class Spoken:
    """What was said: its id and the hash of its body, its JSON with words as ids, and the acting person."""

    id: str
    body: str
    kind: str
    content: dict[str, Any]
    by: Asker
    heard_at: datetime
    noticed_at: datetime


def held_of(number: str, row: Mapping[str, Any] | None) -> Held:
    """A locked or read row as a complaint. Raises UnknownComplaint, NewerSchema."""
    if row is None:
        raise UnknownComplaint(f"There is no complaint {number}.")
    if row["schema_version"] > SCHEMA:
        raise NewerSchema(
            f"Complaint {number} was written by a newer build (schema {row['schema_version']}, this one knows {SCHEMA})."
        )
    return Held(
        Complaint.model_validate(row["state"]),
        row["state"],
        row["head"],
        row["clock_offset"],
        row["aside"] or {},
    )


async def write(
    connection: Connection,
    held: Held | None,
    spoken: Spoken,
    ruling: Ruling,
    *,
    clock_offset: timedelta | None = None,
) -> tuple[Decision, Held]:
    """Write a ruling: the complaint and its parts, the turn with its facts, the messages. Three statements.

    held: the complaint before; None for an opening, whose `clock_offset` is given instead.
    """
    before, after = held.complaint if held else None, ruling.complaint
    state, decision = state_of(after), decision_of(ruling, before)
    previous = held.head if held else GENESIS
    entry = _entry(spoken, ruling, decision, merge_patch(held.state if held else {}, state))
    head = entry.hash(previous)
    offset = held.clock_offset if held else clock_offset or timedelta()
    await connection.execute(
        SQL["project"],
        after.number,
        state,
        head,
        projection.columns(after, spoken.heard_at),
        projection.deadline_rows(before, after),
        projection.promise_rows(before, after),
        projection.task_rows(before, after),
        offset,
    )
    await connection.execute(
        SQL["record_turn"],
        entry.number,
        entry.turn,
        entry.command_id,
        entry.body_hash,
        entry.kind,
        entry.command,
        entry.said_by,
        entry.standing_in,
        entry.heard_at,
        entry.noticed_at,
        entry.accepted,
        entry.reason,
        entry.rule,
        entry.answer,
        entry.patch,
        previous,
        head,
        entry.facts,
        list(_text_ids(entry.command)),
    )
    await _plan_notices(connection, before, ruling, spoken.heard_at, offset)
    aside = dict(held.aside) if held else {}
    if passed := [name for name in aside if before and _wake(before, name) != _wake(after, name)]:
        await connection.execute(SQL["ruled_after_all"], after.number, passed)
    waiting = {name: build for name, build in aside.items() if name not in passed}
    return decision, Held(after, state, head, offset, waiting)


def outcome(decision: Decision, now: Held, ruling: Ruling, heard_at: datetime, build: str) -> Outcome:
    """The answer to a turn just written, and whether a message of it may go out at once."""
    due = any(notice.not_before is None or notice.not_before <= heard_at for notice in ruling.notices)
    return Outcome(decision=decision, sheet=now.sheet(build), messages=due)


def _entry(spoken: Spoken, ruling: Ruling, decision: Decision, patch: dict[str, Any]) -> Entry:
    facts = [fact_line(place, fact) for place, fact in enumerate(ruling.facts)]
    return Entry(
        number=decision.number,
        turn=decision.turn,
        command_id=spoken.id,
        body_hash=spoken.body,
        kind=spoken.kind,
        command=spoken.content,
        said_by=spoken.by.id,
        standing_in={str(role): absent for role, absent in spoken.by.standing_in.items()} or None,
        heard_at=spoken.heard_at,
        noticed_at=spoken.noticed_at,
        accepted=ruling.accepted,
        reason=ruling.reason,
        rule=ruling.rule,
        answer=decision.model_dump(mode="json"),
        patch=patch,
        facts=facts,
    )


async def _plan_notices(
    connection: Connection, before: Complaint | None, ruling: Ruling, at: datetime, offset: timedelta
) -> None:
    """New messages into the outbox; planned warnings of settled or moved deadlines out of it."""
    moved = projection.moved_deadlines(before, ruling.complaint)
    if not moved and not ruling.notices:
        return
    notices = [notice.model_dump(mode="json") for notice in ruling.notices]
    keys = [notice.key for notice in ruling.notices]
    complaint = ruling.complaint
    await connection.execute(
        SQL["plan_notices"], complaint.number, complaint.turn, at, moved, keys, notices, offset
    )


def _wake(complaint: Complaint, name: str) -> datetime | None:
    deadline = complaint.deadlines.get(name)
    return deadline.wake if deadline else None


def _text_ids(value: Any) -> Iterator[str]:
    """The ids of the words a command uses."""
    match value:
        case str() if TEXT_ID.match(value):
            yield value
        case Mapping():
            for part in value.values():
                yield from _text_ids(part)
        case list():
            for part in value:
                yield from _text_ids(part)
