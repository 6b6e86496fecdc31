"""Copies of the messages that went out: what each person was sent, encrypted like all words of the complaint (SLA-11)."""

from records.db import Pool, reaching, transaction
from records.sql import statements
from records.texts import Texts

SQL = statements("upkeep")

_KIND = "message"


class Copies:
    """Every method raises RecordsUnreachable when PostgreSQL is away."""

    def __init__(self, pool: Pool, texts: Texts) -> None:
        self._pool, self._texts = pool, texts

    async def keep(self, number: str, key: str, person: str, way: str, message: str) -> None:
        """Keep what a person was sent by one way, with the delivery on record. A copy that is there stays."""
        async with transaction(self._pool) as connection:
            if await connection.fetchval(SQL["has_copy"], key, person, way):
                return
            ids = await self._texts.store(connection, number, {_KIND: message})
            await connection.execute(SQL["keep_copy"], key, person, way, ids[_KIND])

    async def read(self, number: str, key: str, person: str, way: str, reader: str) -> str | None:
        """What a person was sent about a complaint, subject first; None where nothing was, or where it was erased.

        reader: user id, which the access log keeps (CUS-09).
        """
        with reaching():
            async with self._pool.acquire() as connection:
                text_id = await connection.fetchval(SQL["find_copy"], number, key, person, way)
                if text_id is None:
                    return None
                return (await self._texts.read(connection, [text_id], reader, of=number)).get(text_id)
