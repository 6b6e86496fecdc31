"""What the standing work asks of the records: failures to report, reminders to check, workflows that must be running,
words to sweep."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.accounts import sweep_attempts
from records.db import Pool, reaching, transaction
from records.files import sweep_files
from records.links import sweep_counters
from records.sql import statements
from records.texts import sweep
from records.writing import UnknownComplaint

SQL = statements("upkeep")

_REPORT = "notice_failed/"


def report_id(key: str) -> str:
    """The command id under which a complaint is told that the message with this business key failed."""
    return f"{_REPORT}{key}"


@dataclass(frozen=True)
class FailedNotice:
    """A message that was given up and whose complaint does not know it yet."""

    number: str
    key: str
    clock_offset: timedelta


@dataclass(frozen=True)
class AtWork:
    """A complaint whose workflow must be running. aside: whether a deadline of it waits for a build that can rule on it."""

    number: str
    clock_offset: timedelta
    aside: bool


class Upkeep:
    """Questions and notes of the standing work. Every method raises RecordsUnreachable when PostgreSQL is away."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def forget_offer(self, key: str, person: str, way: str) -> None:
        """The message to this person was not handed over after all: nothing is on record of it."""
        with reaching():
            await self._pool.execute(SQL["forget_offer"], key, person, way)

    async def business_now(self, number: str) -> datetime:
        """The present instant in the complaint's own time, UTC. Raises UnknownComplaint."""
        with reaching():
            now: datetime | None = await self._pool.fetchval(SQL["business_now"], number)
        if now is None:
            raise UnknownComplaint(f"There is no complaint {number}.")
        return now

    async def unreported_failures(self, limit: int) -> list[FailedNotice]:
        """Messages given up of which their complaint has not been told yet, oldest first."""
        with reaching():
            rows = await self._pool.fetch(SQL["unreported_failures"], limit)
        return [FailedNotice(row["number"], row["key"], row["clock_offset"]) for row in rows]

    async def failures_reported(self, keys: Collection[str]) -> None:
        """The complaints of these messages have been told, durably."""
        with reaching():
            await self._pool.execute(SQL["failures_reported"], list(keys))

    async def still_overdue(self, openings: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of these openings (number, id) that still wait for somebody."""
        numbers, ids = [opening[0] for opening in openings], [opening[1] for opening in openings]
        with reaching():
            rows = await self._pool.fetch(SQL["still_overdue"], numbers, ids)
        return {(row["number"], row["id"]) for row in rows}

    async def at_work(self, after: str, limit: int) -> list[AtWork]:
        """Complaints whose workflow must be running, by number; `after` is the last one of the page before."""
        with reaching():
            rows = await self._pool.fetch(SQL["complaints_at_work"], after, limit)
        return [AtWork(row["number"], row["clock_offset"], row["aside"]) for row in rows]

    async def sweep_words(self, now: datetime) -> int:
        """Remove the words no accepted turn uses, see `texts.sweep`; returns how many. now: real time, aware.

        Files that no turn names are given up as well, see `files.sweep_files`; so is what counted or opened nothing any
        more: windows of counters, errands, sessions.
        """
        async with transaction(self._pool) as connection:
            await sweep_counters(connection, now)
            await sweep_attempts(connection, now)
            await sweep_files(connection, now)
            return await sweep(connection, now)
