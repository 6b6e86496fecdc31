"""What the HTTP API reads beside what the desk reads."""

from records.db import Connection
from records.sql import statements
from records.views.cases import TurnLine

SQL = statements("api")


async def turns(connection: Connection, number: str, after: int, limit: int) -> list[TurnLine]:
    """At most `limit` turns of a complaint after turn `after`, oldest first."""
    rows = await connection.fetch(SQL["turns_after"], number, after, limit)
    return [TurnLine.model_validate(dict(row)) for row in rows]
