"""What must be seen to across all complaints: conversations that must run, tasks somebody owes. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.db import Pool, reaching
from records.sql import statements

SQL = statements("duties")


@dataclass(frozen=True)
class Running:
    """A complaint that must have a running conversation. clock_offset: real minus business time."""

    number: str
    clock_offset: timedelta


@dataclass(frozen=True)
class Owed:
    """An open task or agreement item. owner: a role or a user id. Instants aware, UTC."""

    number: str
    kind: str
    id: str
    owner: str
    asked_by: str | None
    asked_at: datetime | None
    due: datetime | None
    state: str


async def running(pool: Pool, after: str = "", limit: int = 1000) -> list[Running]:
    """Complaints that have not ended, by number, for `reconcile`; `after` is the last of the page before.

    Raises RecordsUnreachable when PostgreSQL is away.
    """
    with reaching():
        rows = await pool.fetch(SQL["running_complaints"], after, limit)
    return [Running(row["number"], row["clock_offset"]) for row in rows]


async def tasks_of(pool: Pool, owners: Sequence[str], limit: int = 200) -> list[Owed]:
    """The open tasks and items of these roles and user ids, the most urgent first (LIF-03, INV-12).

    Raises RecordsUnreachable when PostgreSQL is away.
    """
    with reaching():
        rows = await pool.fetch(SQL["tasks_of"], list(owners), limit)
    return [Owed(**dict(row)) for row in rows]
