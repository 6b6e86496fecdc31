"""What the bare workflow records: one row a case, one a turn, one a fact; four statements in one transaction."""

from datetime import datetime
from typing import Any

from records.db import Pool, connect, transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS bare_cases (number TEXT PRIMARY KEY, turn INTEGER NOT NULL, state JSONB NOT NULL);
CREATE TABLE IF NOT EXISTS bare_turns (
    number TEXT NOT NULL, turn INTEGER NOT NULL, command JSONB NOT NULL, heard_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (number, turn)
);
CREATE TABLE IF NOT EXISTS bare_facts (
    number TEXT NOT NULL, turn INTEGER NOT NULL, place INTEGER NOT NULL, data JSONB NOT NULL,
    PRIMARY KEY (number, turn, place)
);
"""
_OPEN = "INSERT INTO bare_cases (number, turn, state) VALUES ($1, 0, '{}')"
_LOCK = "SELECT turn FROM bare_cases WHERE number = $1 FOR UPDATE"
_TURN = "INSERT INTO bare_turns (number, turn, command, heard_at) VALUES ($1, $2, $3, $4)"
_FACT = "INSERT INTO bare_facts (number, turn, place, data) VALUES ($1, $2, 0, $3)"
_CASE = "UPDATE bare_cases SET turn = $2, state = $3 WHERE number = $1"


class BareRecords:
    """Records turns without ruling on them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(self, number: str) -> None:
        """A case to say something to."""
        async with transaction(self._pool) as connection:
            await connection.execute(_OPEN, number)

    async def record(self, number: str, command: dict[str, Any], heard_at: datetime) -> int:
        """Write a turn down; answers its number."""
        async with transaction(self._pool) as connection:
            turn: int = await connection.fetchval(_LOCK, number) + 1
            await connection.execute(_TURN, number, turn, command, heard_at)
            await connection.execute(_FACT, number, turn, command)
            await connection.execute(_CASE, number, turn, command)
        return turn


async def create(url: str) -> None:
    """Make the tables."""
    connection = await connect(url)
    try:
        await connection.execute(SCHEMA)
    finally:
        await connection.close()
