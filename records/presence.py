"""Who has which case open right now, over all processes of the console. Kept for minutes, never for the record."""

from collections.abc import Sequence
from dataclasses import dataclass

from records.db import Pool, reaching
from records.sql import statements

SQL = statements("casepage")


@dataclass(frozen=True)
class Present:
    """Somebody who has a case open. writing: they typed an answer within the last minute."""

    person: str
    name: str
    writing: bool


async def note(pool: Pool, pages: Sequence[tuple[str, str]]) -> None:
    """These pages (complaint number, user id) are open now; to be said again within two minutes."""
    with reaching():
        await pool.execute(
            SQL["note_presence"], [number for number, _ in pages], [person for _, person in pages]
        )


async def note_writing(pool: Pool, number: str, person: str) -> None:
    """Somebody is writing on a case."""
    with reaching():
        await pool.execute(SQL["note_writing"], number, person)


async def leave(pool: Pool, number: str, person: str) -> None:
    """Somebody has closed the page of a case."""
    with reaching():
        await pool.execute(SQL["end_presence"], number, person)


async def others(pool: Pool, number: str, person: str) -> list[Present]:
    """Everybody else who has a case open, by name."""
    with reaching():
        rows = await pool.fetch(SQL["present"], number, person)
    return [Present(row["person"], row["name"], row["writing"]) for row in rows]


async def last_turn(pool: Pool, number: str) -> int:
    """The turn a complaint is at; 0 for one that is not there."""
    with reaching():
        return int(await pool.fetchval(SQL["last_turn"], number) or 0)


async def names_of(pool: Pool, people: Sequence[str]) -> dict[str, str]:
    """Names by user id; those nobody has are left out. No statement for nobody."""
    if not people:
        return {}
    with reaching():
        return {row["user_id"]: row["name"] for row in await pool.fetch(SQL["names_of"], list(people))}
