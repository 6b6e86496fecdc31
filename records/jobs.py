"""Commands said to many complaints in the background, and the log of lists that were taken out as files.

A job is worked by one process at a time, which holds it by a lease; another goes on where it ended. Each complaint of
it is a command with a key of its own (`JobItem.key`), so that going on does nothing twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.complaint import Complaint
from domain.roles import Asker, reach_of
from records.db import Connection
from records.sql import statements
from records.views import queue

SQL = statements("jobs")

#: how long a process holds a job without saying that it still does
LEASE = timedelta(seconds=30)
#: how many of a person's jobs are listed
MOST_JOBS = 30

ItemState = Literal["waiting", "done", "refused", "failed", "cancelled"]


@dataclass(frozen=True)
class Order:
    """What a job says to each of its complaints. fields: codes; words: field → text id; asked_by: whose rights count."""

    id: str
    kind: str
    fields: Mapping[str, Any]
    words: Mapping[str, str]
    asked_by: str


@dataclass(frozen=True)
class JobItem:
    """One complaint to be worked on. say: counts the deliberate new tries; attempts: those without an answer."""

    job: str
    number: str
    say: int
    attempts: int

    @property
    def key(self) -> str:
        """The idempotency key of the command."""
        return f"bulk-{self.job}-{self.number}" + ("" if self.say == 1 else f"-{self.say}")


class ItemLine(BaseModel):
    """What became of one complaint. reason: the refusal's sentence, or why there was no answer."""

    model_config = ConfigDict(frozen=True)

    number: str
    state: ItemState
    attempts: int
    reason: str | None
    rule: str | None
    settled_at: datetime | None


class Job(BaseModel):
    """A job as it stands. counts: complaints by state. Instants aware, UTC, real time."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    fields: dict[str, Any]
    words: dict[str, str]
    asked_by: str
    asked_at: datetime
    cancelled_at: datetime | None
    finished_at: datetime | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return self.total - self.counts.get("waiting", 0)

    @property
    def unsuccessful(self) -> int:
        return self.counts.get("refused", 0) + self.counts.get("failed", 0)


async def add_job(connection: Connection, order: Order, numbers: Sequence[str]) -> bool:
    """Put a job in line; False if one of this id is there already, which is then left as it is."""
    added = await connection.fetchval(
        SQL["add_job"],
        order.id,
        order.kind,
        dict(order.fields),
        dict(order.words),
        order.asked_by,
        list(numbers),
    )
    return added is not None


async def drafts_of(connection: Connection, ids: Iterable[str]) -> list[str]:
    """The drafts that the words of a job were stored as; a complaint's words are no job's."""
    return [row["owner"] for row in await connection.fetch(SQL["job_drafts"], list(ids))]


async def find_job(connection: Connection, job: str) -> Job | None:
    """A job with its counts, or None."""
    row = await connection.fetchrow(SQL["find_job"], job)
    return Job.model_validate(dict(row)) if row else None


async def jobs_of(connection: Connection, user_id: str) -> list[Job]:
    """A person's latest jobs, the newest first."""
    rows = await connection.fetch(SQL["jobs_of"], user_id, MOST_JOBS)
    return [Job.model_validate(dict(row)) for row in rows]


async def items_of(connection: Connection, job: str) -> list[ItemLine]:
    """What became of each complaint, in the order they were chosen."""
    return [ItemLine.model_validate(dict(row)) for row in await connection.fetch(SQL["job_items"], job)]


async def take_job(connection: Connection, holder: str, lease: timedelta = LEASE) -> Order | None:
    """Hold the oldest job that nobody holds and where something may be done now; None if there is none."""
    row = await connection.fetchrow(SQL["take_job"], holder, lease)
    return Order(**dict(row)) if row else None


async def hold_job(connection: Connection, job: str, holder: str, lease: timedelta = LEASE) -> bool:
    """Hold it for longer. False where another process has taken it over: then hands off."""
    return await connection.fetchval(SQL["hold_job"], job, holder, lease) is not None


async def let_go(connection: Connection, job: str, holder: str) -> None:
    """Done with it for now; it counts as finished where nothing waits any more."""
    await connection.execute(SQL["let_go_job"], job, holder)


async def next_item(connection: Connection, job: str) -> JobItem | None:
    """The next complaint that may be worked on now."""
    row = await connection.fetchrow(SQL["next_item"], job)
    return JobItem(job, row["number"], row["say"], row["attempts"]) if row else None


async def settle(
    connection: Connection,
    item: JobItem,
    state: ItemState,
    reason: str | None = None,
    rule: str | None = None,
) -> None:
    """Record what became of one complaint; nothing where it was cancelled meanwhile."""
    await connection.execute(SQL["settle_item"], item.job, item.number, state, reason, rule)


async def postpone(connection: Connection, item: JobItem, wait: timedelta, reason: str) -> None:
    """There was no answer; the same command under the same key is due again after `wait`."""
    await connection.execute(SQL["postpone_item"], item.job, item.number, reason, wait)


async def cancel_job(connection: Connection, job: str) -> None:
    """Leave undone what has not been done."""
    await connection.execute(SQL["cancel_job"], job)


async def retry_job(connection: Connection, job: str) -> None:
    """Try again what was refused or got no answer."""
    await connection.execute(SQL["retry_items"], job)


async def states_of(connection: Connection, numbers: Sequence[str]) -> dict[str, Complaint]:
    """The states of these complaints by number, in one statement; unknown numbers are left out."""
    rows = await connection.fetch(SQL["states_of"], list(numbers))
    return {row["number"]: Complaint.model_validate(row["state"]) for row in rows}


async def log_export(
    connection: Connection,
    by: str,
    listed: str,
    filters: Mapping[str, Any],
    form: Literal["csv", "xlsx"],
    rows: int,
    *,
    capped: bool,
) -> None:
    """Record who took which list out as a file, and how much of it (CUS-09). filters: no search words."""
    await connection.execute(SQL["add_export"], by, listed, dict(filters), form, rows, capped)


async def readable(connection: Connection, asker: Asker, numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that this person may read; the others look as if they were not there (ORG-08)."""
    reach = reach_of(asker)
    rows = await connection.fetch(
        SQL["readable"], list(numbers), reach.everything, reach.person, list(reach.places)
    )
    return {row["number"] for row in rows}


async def put_tag(connection: Connection, number: str, tag: str, by: str, *, on: bool) -> bool:
    """Mark a complaint with a tag of the managed list, or take the mark away. Repeating it changes nothing.

    Answers whether it is marked now: a tag that is not in use any more marks nothing.
    """
    if not on:
        await connection.execute(SQL["take_tag"], number, tag, by)
        return False
    await connection.execute(SQL["add_tag"], number, tag, by)
    return bool(await connection.fetchval(SQL["has_tag"], number, tag))


async def bulk_choices(
    connection: Connection, now: datetime
) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """People who act now as (user id, name), and tags in use as (code, Chinese, English)."""
    row = await connection.fetchrow(SQL["bulk_choices"], now)
    return [(user, name) for user, name in row["people"]], [(code, zh, en) for code, zh, en in row["tags"]]


async def numbers_of(
    connection: Connection, reader: queue.Reader, view: str, sort: str, wanted: queue.Wanted, limit: int
) -> list[str]:
    """The numbers of a list of the desk in its order, without a name being read; at most `limit`."""
    rows = await connection.fetch(
        queue.SQL["queue_lines"],
        *reader.parameters(),
        view,
        sort,
        limit,
        *(None, None, None),
        *wanted.parameters(),
    )
    return [row["number"] for row in rows]
