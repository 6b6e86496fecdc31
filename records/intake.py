"""What somebody is typing into the intake form before it is sent: encrypted, theirs alone, and back after a reload."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from records.db import Connection, Pool, transaction
from records.files import FORMS_KEPT
from records.sql import statements
from records.texts import Texts, new_draft

SQL = statements("files")


@dataclass(frozen=True)
class IntakeDraft:
    """A form not sent yet. key: the form's own, its idempotency key. owner: the draft its words and files belong to.

    fields: what is typed so far, empty for a form that only has files. saved_at: aware, UTC.
    """

    key: str
    owner: str
    fields: Mapping[str, str]
    saved_at: datetime


def request_key(key: str) -> str:
    """The request key under which the form of this key opens its complaint."""
    return f"intake-{key}"


class IntakeDrafts:
    """The forms of all people. Every method raises RecordsUnreachable when PostgreSQL is away."""

    def __init__(self, pool: Pool, texts: Texts) -> None:
        self._pool, self._texts = pool, texts

    async def last(self, person: str) -> IntakeDraft | None:
        """The form a person typed into last, if it is not too old."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(SQL["last_intake"], person, datetime.now(UTC) - FORMS_KEPT)
            return None if row is None else await self._draft(connection, row, person)

    async def owner(self, person: str, key: str) -> str:
        """The draft that this form's files belong to; made at the first use."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(SQL["read_intake"], person, key)
            if row is None:
                await connection.execute(SQL["save_intake"], person, key, new_draft(), None, request_key(key))
                row = await connection.fetchrow(SQL["read_intake"], person, key)
        return str(row["owner"]) if row else new_draft()

    async def known_owner(self, person: str, key: str) -> str | None:
        """The draft of this form where there is one."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(SQL["read_intake"], person, key)
        return str(row["owner"]) if row else None

    async def save(self, person: str, key: str, fields: Mapping[str, str]) -> None:
        """Keep what is typed so far in place of what was kept before."""
        async with transaction(self._pool) as connection:
            before = await connection.fetchrow(SQL["read_intake"], person, key)
            owner = before["owner"] if before else new_draft()
            told = json.dumps(dict(fields), ensure_ascii=False)
            ids = await self._texts.store(connection, owner, {"intake": told})
            await connection.execute(SQL["save_intake"], person, key, owner, ids["intake"], request_key(key))
            if before and before["words"]:
                await connection.execute(SQL["drop_intake_words"], before["words"])

    async def drop(self, person: str, key: str) -> None:
        """The form was sent, or thrown away: its words are gone, and its files with them unless they were moved."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(SQL["drop_intake"], person, key)
            if row is not None:
                await self._texts.erase(connection, row["owner"], person)
                await connection.execute(SQL["bury_erased"], row["owner"])

    async def _draft(self, connection: Connection, row: Mapping[str, Any], person: str) -> IntakeDraft:
        words = await self._texts.read(connection, [str(row["words"])], person, of=str(row["owner"]))
        told = words.get(str(row["words"]))
        fields = json.loads(told) if told else {}
        return IntakeDraft(str(row["key"]), str(row["owner"]), fields, row["saved_at"])
