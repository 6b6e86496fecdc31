"""What people keep about lists: how far they have read, lists of their own, columns, and the marks on complaints."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from records.db import Connection, RecordsError
from records.sql import statements

SQL = statements("shelves")

#: lists of their own a person may keep, characters in the name of one
MOST_VIEWS, LONGEST_NAME = 30, 40
TAG = re.compile(r"[a-z0-9][a-z0-9-]{0,29}", re.ASCII)


class TooMany(RecordsError):
    """A person keeps as many lists of their own as they may."""


@dataclass(frozen=True)
class Tag:
    """A word of the managed list. given: whether it is still given to complaints."""

    code: str
    zh: str
    en: str
    given: bool = True


@dataclass(frozen=True)
class Marked:
    """A mark a complaint has, or had. added_by, removed_by: people by name; removed_at: None while it has it. UTC."""

    code: str
    zh: str
    en: str
    added_by: str
    added_at: datetime
    removed_by: str | None = None
    removed_at: datetime | None = None


async def save_view(
    connection: Connection, person: str, name: str, view: str, query: str, columns: Sequence[str], sort: str
) -> int:
    """Keep a list under a name of the person's choice; answers its id. Raises TooMany.

    query: the filters as in the address; name: at most LONGEST_NAME characters, nothing about a customer.
    """
    found: int | None = await connection.fetchval(
        SQL["save_view"], person, name, view, query, list(columns), sort, MOST_VIEWS
    )
    if found is None:
        raise TooMany(f"A person may keep {MOST_VIEWS} lists of their own.")
    return found


async def drop_view(connection: Connection, person: str, view_id: int) -> bool:
    """Forget a list of the person's own; False where there is none of that id."""
    return await connection.fetchval(SQL["drop_view"], person, view_id) is not None


async def keep_columns(connection: Connection, person: str, view: str, columns: Sequence[str]) -> None:
    """What the person wants to see in a list of ours; nothing: the columns everybody gets."""
    if columns:
        await connection.execute(SQL["keep_columns"], person, view, list(columns))
    else:
        await connection.execute(SQL["forget_columns"], person, view)


async def tags(connection: Connection) -> list[Tag]:
    """The managed list, by code."""
    return [Tag(**dict(row)) for row in await connection.fetch(SQL["tags"])]


async def put_tag(connection: Connection, tag: Tag, by: str) -> None:
    """Put a word into the list, or change its wording. Raises ValueError for a code of another form than TAG."""
    if not TAG.fullmatch(tag.code):
        raise ValueError(f"{tag.code!r} is no code of a tag: small letters, digits and -, at most 30.")
    await connection.execute(SQL["put_tag"], tag.code, tag.zh, tag.en, by)


async def end_tag(connection: Connection, code: str) -> bool:
    """Give this word to no complaint any more; False where it was not given anyway."""
    return await connection.fetchval(SQL["end_tag"], code) is not None


async def add_tag(connection: Connection, numbers: Sequence[str], code: str, by: str) -> list[str]:
    """Mark complaints; answers the numbers that had not been marked with it."""
    return [row["number"] for row in await connection.fetch(SQL["add_tag"], list(numbers), code, by)]


async def remove_tag(connection: Connection, numbers: Sequence[str], code: str, by: str) -> list[str]:
    """Take a mark off; answers the numbers that had it. Who did it is kept."""
    return [row["number"] for row in await connection.fetch(SQL["remove_tag"], list(numbers), code, by)]


async def tags_of(connection: Connection, number: str) -> list[Marked]:
    """The marks one complaint has or had, those it has first."""
    return [Marked(**dict(row)) for row in await connection.fetch(SQL["tags_of"], number)]
