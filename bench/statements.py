"""What is sent to PostgreSQL, counted where it leaves the process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from asyncpg.connection import LoggedQuery

from records.db import Pool


class Statements:
    """All statements of a pool, BEGIN and COMMIT with them, in their order."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def __call__(self, record: LoggedQuery) -> None:
        """Hear of one statement."""
        self.sent.append(record.query)

    @property
    def commits(self) -> int:
        """How many transactions were committed."""
        return sum(query.startswith("COMMIT") for query in self.sent)


@asynccontextmanager
async def listening(pool: Pool) -> AsyncIterator[Statements]:
    """Count on every connection of the pool. No other connection of it may be in use when this begins."""
    statements = Statements()
    async with AsyncExitStack() as stack:
        held = [await stack.enter_async_context(pool.acquire()) for _ in range(pool.get_max_size())]
        for connection in held:
            connection.add_query_logger(statements)
    yield statements
