"""Whether the ledger is still what was written: hash chains, replay, and the columns derived from the state.

Every turn's hash is computed anew from its row and its facts; the patches of all turns are folded into a state, which
must be the stored one; and what stands in columns must follow from that state. Reads only.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.complaint import Complaint
from domain.facts import Fact, apply_patch
from records import projection
from records.chain import GENESIS, Entry, fact_line
from records.db import Pool, reaching
from records.sql import statements

SQL = statements("audit")

_PAGE = 200


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was written. turn: where it shows first; None for the complaint as a whole."""

    number: str
    turn: int | None
    what: str

    def __str__(self) -> str:
        place = f"{self.number} turn {self.turn}" if self.turn is not None else self.number
        return f"{place}: {self.what}"


@dataclass(frozen=True)
class Looked:
    """The audit of one complaint: how many turns were looked at, and what was found."""

    number: str
    turns: int
    findings: tuple[Finding, ...]


async def verify(pool: Pool, number: str | None = None) -> AsyncIterator[Looked]:
    """Look at every complaint, or at one, in order of numbers; each is read in one consistent picture.

    Raises RecordsUnreachable when PostgreSQL is away.
    """
    last = ""
    while True:
        with reaching():
            rows = await pool.fetch(SQL["audited_numbers"], last, number, _PAGE)
        for row in rows:
            last = row["number"]
            yield await _look(pool, last)
        if len(rows) < _PAGE:
            return


async def _look(pool: Pool, number: str) -> Looked:
    with reaching():
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            turns = await connection.fetch(SQL["audited_turns"], number)
            facts = await connection.fetch(SQL["audited_facts"], number)
            row = await connection.fetchrow(SQL["audited_complaint"], number)
            parts = {
                "deadline": await connection.fetch(SQL["audited_deadlines"], number),
                "promise": await connection.fetch(SQL["audited_promises"], number),
                "task": await connection.fetch(SQL["audited_tasks"], number),
            }
    found = [*_chain(number, turns, facts, row), *_replay(number, turns, row)]
    if not found:
        found = list(_columns(number, row, parts))
    return Looked(number, len(turns), tuple(found))


def _chain(
    number: str,
    turns: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]],
    row: Mapping[str, Any],
) -> Iterator[Finding]:
    """Turns that are missing, altered, or do not follow from the one before."""
    told: dict[int, list[dict[str, Any]]] = {}
    for fact in facts:
        told.setdefault(fact["turn"], []).append(_line(fact))
    previous = GENESIS
    for place, turn in enumerate(turns, start=1):
        if turn["turn"] != place:
            yield Finding(number, place, f"the turn is missing; turn {turn['turn']} comes next")
            return
        content = {name: value for name, value in turn.items() if name not in ("previous", "hash")}
        computed = Entry(**content, facts=told.pop(place, [])).hash(previous)
        if turn["previous"] != previous:
            yield Finding(number, place, "the turn does not follow from the one before")
        elif turn["hash"] != computed:
            yield Finding(number, place, "the turn or its facts were altered")
        previous = turn["hash"]
    if previous != row["head"]:
        yield Finding(number, None, "the last turn is not the one the complaint was written with")


def _line(fact: Mapping[str, Any]) -> dict[str, Any]:
    content = {name: fact[name] for name in ("kind", "subject", "at", "by", "data", "released")}
    return fact_line(fact["place"], Fact.model_validate(content))


def _replay(number: str, turns: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> Iterator[Finding]:
    """The state that the patches make must be the stored one."""
    state: dict[str, Any] = {}
    for turn in turns:
        state = apply_patch(state, turn["patch"])
    if state != row["state"]:
        parts = sorted(name for name in {*state, *row["state"]} if state.get(name) != row["state"].get(name))
        yield Finding(number, None, f"the state is not what its turns make of it, in: {', '.join(parts)}")


def _columns(
    number: str, row: Mapping[str, Any], parts: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[Finding]:
    """Columns and projections must follow from the state."""
    complaint = Complaint.model_validate(row["state"])
    wanted = projection.columns(complaint, row["heard_at"])
    if wrong := [name for name, value in wanted.items() if value != _plain(row[name])]:
        yield Finding(number, None, f"columns do not follow from the state: {', '.join(wrong)}")
    rows = {
        "deadline": projection.deadline_rows(None, complaint),
        "promise": projection.promise_rows(None, complaint),
        "task": projection.task_rows(None, complaint),
    }
    for what, expected in rows.items():
        kept = {_key(part): {name: _plain(value) for name, value in part.items()} for part in parts[what]}
        meant = {_key(part): part for part in expected}
        for key in sorted({*kept, *meant}):
            if kept.get(key) != meant.get(key):
                yield Finding(number, None, f"{what} {key[1]} does not follow from the state")


def _key(part: Mapping[str, Any]) -> tuple[str, str]:
    return (part.get("kind") or "", part["id"])


def _plain(value: Any) -> Any:
    return projection.instant(value) if isinstance(value, datetime) else value
