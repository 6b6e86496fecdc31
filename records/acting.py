"""What a form needs to know of the ledger before something is said: what came meanwhile, and whether it was said before."""

from dataclasses import dataclass
from datetime import datetime

from records.db import Connection
from records.sql import statements

SQL = statements("acting")
#: turns that are told to somebody whose form is older
MOST = 50


@dataclass(frozen=True)
class Meanwhile:
    """A turn that came while somebody filled in a form. heard_at: UTC; by_name: None for our own feeds."""

    turn: int
    kind: str
    said_by: str
    by_name: str | None
    heard_at: datetime
    accepted: bool

    @property
    def quiet(self) -> bool:
        """Nothing a person has to know before they go on: a refusal, or the receipt of a message."""
        return not self.accepted or self.kind == "notice_delivered"


async def meanwhile(connection: Connection, number: str, turn: int) -> list[Meanwhile]:
    """What was said to a case after a turn."""
    return [Meanwhile(**dict(row)) for row in await connection.fetch(SQL["meanwhile"], number, turn, MOST)]


async def turn_of_key(connection: Connection, number: str, key: str, by: str) -> int | None:
    """The turn that answered this person's key, or None where it is new."""
    turn: int | None = await connection.fetchval(SQL["turn_of_key"], number, key, by)
    return turn
