"""What a person keeps beside a case: words they are still writing, cases they watch, and notes that name them.

Drafts are encrypted under the complaint's own key, so that its erasure takes them along (CUS-08); they belong to one
person and nobody else reads them. All instants are aware, UTC.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.askers import Asker
from domain.codes import Department, Role, Stage
from domain.complaint import Complaint
from domain.roles import reach_of
from records.db import Connection
from records.organisation import asker_of
from records.sql import statements
from records.texts import Texts

SQL = statements("drafts")

#: what the customer may come to see, or colleagues only
Mode = Literal["public", "internal"]
MODES: tuple[Mode, ...] = ("public", "internal")
#: lines of an inbox
MOST_LINES = 100


@dataclass(frozen=True)
class Beside:
    """What a person keeps beside a case. drafts: their unsaid words by mode. tags: marks of the case, Chinese and English."""

    watching: bool
    drafts: dict[str, str]
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Mention:
    """A turn of a case that names a person."""

    number: str
    turn: int
    by: str
    by_name: str | None
    at: datetime
    read_at: datetime | None
    stage: Stage
    now_at: int


@dataclass(frozen=True)
class Watched:
    """A case somebody watches, with the turns of others since they looked: how many, and the last of them."""

    number: str
    stage: Stage
    seen: int
    now_at: int
    news: int
    kind: str | None
    said_by: str | None
    by_name: str | None
    heard_at: datetime | None


@dataclass(frozen=True)
class Since:
    """A turn that came meanwhile."""

    turn: int
    kind: str
    said_by: str
    by_name: str | None
    heard_at: datetime
    accepted: bool
    reason: str | None


@dataclass(frozen=True)
class Colleague:
    """A person of the directory who acts now."""

    user_id: str
    name: str
    department: Department | None
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Addressed:
    """The customer as somebody one writes to. name: None where the words were erased."""

    name: str | None
    language: str


async def customer_of(
    connection: Connection, texts: Texts, number: str, reader: str, *, whole: bool
) -> Addressed:
    """The customer of a complaint; the reading of the name is in the access log as the reader's.

    whole: whether the caller shows the name in full; it is logged as masked otherwise (CUS-09).
    """
    row = await connection.fetchrow(SQL["addressed"], number)
    ids, masked = [row["name"]] if row["name"] else [], () if whole else ("name",)
    told = await texts.read(connection, ids, reader, of=number, masked=masked) if ids else {}
    return Addressed(told.get(row["name"]), row["language"])


async def save_draft(
    connection: Connection, texts: Texts, person: str, number: str, mode: Mode, words: str
) -> None:
    """Keep what somebody is writing; nothing but blanks throws it away. In the caller's transaction."""
    if not words.strip():
        await drop_draft(connection, person, number, mode)
        return
    stored = await texts.store(connection, number, {f"draft.{mode}": words})
    old = await connection.fetch(SQL["put_draft"], person, number, mode, stored[f"draft.{mode}"])
    await connection.execute(SQL["drop_words"], [row["text"] for row in old])


async def drop_draft(connection: Connection, person: str, number: str, mode: Mode) -> None:
    """It was said or thrown away: the draft and its words go."""
    gone = await connection.fetch(SQL["drop_draft"], person, number, mode)
    await connection.execute(SQL["drop_words"], [row["text"] for row in gone])


async def beside(connection: Connection, texts: Texts, person: str, number: str, shown: int = 0) -> Beside:
    """What a person keeps beside a case; drafts whose words were erased or swept are not there.

    shown: the turn up to which the case is shown to them with it, which then is new to them no longer; 0: it is not.
    """
    row = await connection.fetchrow(SQL["beside"], person, number, shown)
    ids: dict[str, str] = row["drafts"]
    words = await texts.read(connection, ids.values(), person, of=number) if ids else {}
    drafts = {mode: told for mode, text_id in ids.items() if (told := words.get(text_id)) is not None}
    tags = tuple((zh, en) for zh, en in row["tags"])
    return Beside(watching=row["watching"], drafts=drafts, tags=tags)


async def watch(connection: Connection, people: Collection[str], number: str) -> None:
    """These people hear of a case from now on; whoever watches it already goes on as before."""
    await connection.execute(SQL["watch"], list(people), number)


async def unwatch(connection: Connection, person: str, number: str) -> None:
    """They no longer hear of it."""
    await connection.execute(SQL["unwatch"], person, number)


async def mention(connection: Connection, people: Collection[str], number: str, turn: int, by: str) -> None:
    """People named in a turn watch the case from then on and find it in their inbox."""
    if not people:
        return
    await watch(connection, people, number)
    await connection.execute(SQL["mention"], list(people), number, turn, by)


async def mentions_of(connection: Connection, asker: Asker, limit: int = MOST_LINES) -> list[Mention]:
    """Where a person was named, unread first; only cases that they may read now (ORG-08)."""
    rows = await connection.fetch(SQL["mentions_of"], *_reading(asker), limit)
    return [Mention(**{**dict(row), "stage": Stage(row["stage"])}) for row in rows]


async def watched_by(connection: Connection, asker: Asker, limit: int = MOST_LINES) -> list[Watched]:
    """The cases a person watches and may read now, those with news first (ORG-08)."""
    rows = await connection.fetch(SQL["watched_by"], *_reading(asker), limit)
    return [Watched(**{**dict(row), "stage": Stage(row["stage"])}) for row in rows]


async def waiting(connection: Connection, asker: Asker) -> int:
    """How many lines of a person's inbox they have not looked at."""
    count: int = await connection.fetchval(SQL["waiting"], *_reading(asker))
    return count


def _reading(asker: Asker) -> tuple[str, bool, list[str]]:
    """$1 to $3 of the statements of an inbox."""
    reach = reach_of(asker)
    return reach.person, reach.everything, list(reach.places)


async def turns_since(connection: Connection, number: str, turn: int, limit: int = 50) -> list[Since]:
    """What was said to a case after a turn, refused turns too."""
    return [Since(**dict(row)) for row in await connection.fetch(SQL["turns_since"], number, turn, limit)]


async def colleagues(connection: Connection, at: datetime) -> list[Colleague]:
    """Everybody who acts at that instant, by name."""
    return [
        Colleague(
            row["user_id"],
            row["name"],
            Department(row["department"]) if row["department"] else None,
            tuple(Role(role) for role in row["roles"] or ()),
        )
        for row in await connection.fetch(SQL["present_people"], at)
    ]


async def open_counts(connection: Connection, people: Collection[str]) -> dict[str, int]:
    """How many complaints that have not ended lie with each of these people, as lead or, before one, as owner."""
    return {row["person"]: row["cases"] for row in await connection.fetch(SQL["open_counts"], list(people))}


async def possible_duplicates(connection: Connection, number: str) -> list[Complaint]:
    """Complaints that share a contact with this one, newest first (INT-12). Whether they may be read is not asked."""
    rows = await connection.fetch(SQL["possible_duplicates"], number)
    return [Complaint.model_validate(row["state"]) for row in rows]


async def version_names(connection: Connection) -> tuple[list[str], list[str]]:
    """The names of all versions of the policy and of the calendar."""
    row = await connection.fetchrow(SQL["version_names"])
    return row["policies"] or [], row["calendars"] or []


async def find_people(
    connection: Connection, called: str, at: datetime, limit: int
) -> list[tuple[str, Asker]]:
    """Name and acting person of whoever acts at that instant and is called so (lower case, by name or user id)."""
    rows = await connection.fetch(SQL["find_people"], called, at, limit)
    return [(row["name"], asker_of(row["user_id"], row)) for row in rows]


async def acting_people(connection: Connection, user_ids: Collection[str], at: datetime) -> list[Asker]:
    """Those of these people who act at that instant."""
    rows = await connection.fetch(SQL["acting_people"], list(user_ids), at)
    return [asker_of(row["user_id"], row) for row in rows]


async def receipt_words(connection: Connection, number: str) -> dict[str, str]:
    """The customer's words a complaint came in with: kind → text id, without those that were erased."""
    return {row["kind"]: row["id"] for row in await connection.fetch(SQL["receipt_words"], number)}
