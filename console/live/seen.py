"""That somebody has looked at a case: its turns are no longer new in their lists and inbox."""

from contextlib import suppress

from console.desk import Desk
from console.who import Who
from records import drafts
from records.db import RecordsUnreachable, reaching


async def note_seen(desk: Desk, who: Who, number: str, turn: int) -> None:
    """The reader has seen the case up to this turn. Missed while the records are away: the next look tells it."""
    with suppress(RecordsUnreachable), reaching():
        async with desk.office.pool.acquire() as connection:
            await drafts.seen(connection, who.id, number, turn)
