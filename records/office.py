"""All of the records behind one door: what a worker, the front door and a command line open and close together."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from records.db import Pool, RecordsUnreachable, open_pool, reaching, transaction
from records.ledger import Ledger
from records.policies import Library
from records.texts import Texts, open_texts


@dataclass(frozen=True)
class Office:
    """One process's records: the pool and what works on it."""

    pool: Pool
    texts: Texts
    ledger: Ledger
    library: Library

    async def keep_words(self, number: str, words: Mapping[str, str]) -> dict[str, str]:
        """Encrypt words (path → text) for a complaint; path → text id. Raises RecordsUnreachable."""
        if not words:
            return {}
        async with transaction(self.pool) as connection:
            return await self.texts.store(connection, number, words)

    async def trouble(self) -> str | None:
        """What is wrong with the records now, or None."""
        try:
            with reaching():
                async with self.pool.acquire(timeout=3) as connection:
                    await connection.fetchval("SELECT 1")
        except (RecordsUnreachable, TimeoutError) as away:
            return f"cannot be reached: {type(away).__name__}"
        return None


@asynccontextmanager
async def open_office(
    url: str, master_key: Path | bytes, *, build: str, may_create_key: bool, max_size: int = 10
) -> AsyncIterator[Office]:
    """The records at `url`. Raises RecordsUnreachable when the server is away, MasterKeyError for a wrong key."""
    try:
        pool = await open_pool(url, max_size=max_size)
    except (OSError, asyncpg.PostgresError) as error:
        raise RecordsUnreachable(f"The records cannot be reached: {error or type(error).__name__}") from error
    try:
        async with pool.acquire() as connection:
            texts = await open_texts(connection, master_key, may_create=may_create_key)
        library = Library()
        yield Office(pool, texts, Ledger(pool, texts, library, build), library)
    finally:
        await pool.close()
