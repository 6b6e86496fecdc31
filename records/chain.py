"""The hash chain of a complaint's turns: each turn's hash covers its content and the hash before it.

Whoever alters, removes or inserts a turn or a fact breaks every hash after it; `records.audit` looks.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.facts import Fact
from records.db import to_json

#: what the first turn of every complaint follows
GENESIS = bytes(32)


@dataclass(frozen=True)
class Entry:
    """One turn as it stands in the ledger. Instants aware; `patch` as RFC 7396; `facts` in their order."""

    number: str
    turn: int
    command_id: str
    body_hash: str
    kind: str
    command: dict[str, Any]
    said_by: str
    standing_in: dict[str, str] | None
    heard_at: datetime
    noticed_at: datetime
    accepted: bool
    reason: str | None
    rule: str | None
    answer: dict[str, Any]
    patch: dict[str, Any]
    facts: list[dict[str, Any]]

    def hash(self, previous: bytes) -> bytes:
        """SHA-256 over the hash before and the canonical JSON of everything above (32 bytes)."""
        content = {**vars(self), "heard_at": _plain(self.heard_at), "noticed_at": _plain(self.noticed_at)}
        return hashlib.sha256(previous + to_json(content).encode()).digest()


def fact_line(place: int, fact: Fact) -> dict[str, Any]:
    """A fact as it enters the hash and its row: a form of its own, so that `Fact` may grow."""
    return {
        "place": place,
        "kind": fact.kind,
        "subject": fact.subject,
        "at": _plain(fact.at),
        "by": fact.by,
        "data": fact.data,
        "released": fact.released,
    }


def _plain(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
