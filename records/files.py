"""Photos and papers of complaints, as the records know them: what each is, whose it is, and the key of its bytes.

The bytes lie in a store of their own, encrypted with the file's key, which is locked with the data key of the
complaint: erasing the complaint makes its files unreadable, in the store and in every copy of it. A file's name is
personal and kept like any other word. (INT-13, CUS-07…CUS-10)
"""

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from records.db import Connection, Pool, RecordsError, transaction
from records.keys import seal, unseal
from records.sql import statements
from records.texts import Texts

SQL = statements("files")

#: limits of input (commands.md §7)
MOST_FILES = 200
FILE_ID = re.compile(r"fil_[0-9a-f]{32}", re.ASCII)

#: a file whose command was neither accepted nor refused for so long is given up
_UNNAMED_KEPT = timedelta(days=1)
#: as the words of a form that nobody came back to
FORMS_KEPT = timedelta(days=30)
#: for how long an Idempotency-Key of an upload is known
KEYS_KEPT = timedelta(days=30)


class TooManyFiles(RecordsError):
    """The complaint has as many files as it may have."""


@dataclass(frozen=True)
class StoredFile:
    """A file. owner: complaint number, or the draft of an intake form. size: bytes. media: such as image/jpeg.

    secret: the 32-byte key of its bytes. turn: the turn that names it, None until one does. created: False where the
    complaint had these very bytes already.
    """

    id: str
    owner: str
    name_text: str
    sha256: str
    size: int
    media: str
    subkind: str
    thumbnail: bool
    added_by: str
    added_at: datetime
    turn: int | None
    secret: bytes
    created: bool = False


@dataclass(frozen=True)
class NewFile:
    """A file whose bytes are in the store. sha256: of the original bytes (32 bytes)."""

    id: str
    name: str
    sha256: bytes
    size: int
    media: str
    subkind: str
    thumbnail: bool
    secret: bytes


def new_file_id() -> str:
    """An id that tells nothing and cannot be guessed; also the name of the bytes in the store."""
    return f"fil_{secrets.token_hex(16)}"


class FileBook:
    """The files of all complaints. Every method raises RecordsUnreachable when PostgreSQL is away."""

    def __init__(self, pool: Pool, texts: Texts) -> None:
        self._pool, self._texts = pool, texts

    async def add(self, owner: str, new: NewFile, by: str) -> StoredFile:
        """Enter a file; the one there is already where the owner has the same bytes (created False).

        by: user id. Raises TooManyFiles.
        """
        async with transaction(self._pool) as connection:
            await connection.execute(SQL["lock_files"], owner)
            await connection.execute(SQL["bury_erased"], owner)
            known = await connection.fetchrow(SQL["same_file"], owner, new.sha256)
            if known["same"]:
                return self._file(await connection.fetchrow(SQL["read_file"], known["same"]))
            if known["files"] >= MOST_FILES:
                raise TooManyFiles(f"There are {MOST_FILES} files already, the most a complaint may have.")
            key = await self._texts.data_key(connection, owner)
            names = await self._texts.store(connection, owner, {"file_name": new.name})
            await connection.execute(
                SQL["add_file"],
                new.id,
                owner,
                key.id,
                seal(key.secret, new.secret, _row(key.id, new.id)),
                names["file_name"],
                new.sha256,
                new.size,
                new.media,
                new.subkind,
                new.thumbnail,
                by,
            )
            return self._file(await connection.fetchrow(SQL["read_file"], new.id), created=True)

    async def find(self, file_id: str) -> StoredFile | None:
        """The file, or None where there is none, it was given up, or its complaint was erased."""
        if not FILE_ID.fullmatch(file_id):
            return None
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(SQL["read_file"], file_id)
        return self._file(row) if row else None

    async def of(self, owner: str) -> list[StoredFile]:
        """All files of a complaint or form, oldest first."""
        async with transaction(self._pool) as connection:
            return [self._file(row) for row in await connection.fetch(SQL["files_of"], owner)]

    async def names(self, files: Iterable[StoredFile], reader: str) -> dict[str, str | None]:
        """The names by file id, in one statement; each reading is in the access log."""
        files = list(files)
        by_text = {file.name_text: file.id for file in files}
        if not by_text:
            return {}
        async with transaction(self._pool) as connection:
            words = await self._texts.read(connection, by_text, reader, of={file.owner for file in files})
        return {file_id: words.get(text) for text, file_id in by_text.items()}

    async def claim(self, file_id: str, turn: int) -> None:
        """A turn names the file: it is the complaint's for good."""
        async with transaction(self._pool) as connection:
            await connection.execute(SQL["claim_file"], file_id, turn)

    async def move(self, files: Sequence[StoredFile], number: str, by: str) -> list[StoredFile]:
        """The files of a form become those of the complaint it was opened as, under the same ids.

        Where the complaint has the same bytes already, its own file is given back instead and the form's given up.
        """
        moved = []
        async with transaction(self._pool) as connection:
            await connection.execute(SQL["lock_files"], number)
            key = await self._texts.data_key(connection, number)
            owners = {file.owner for file in files}
            names = await self._texts.read(connection, [file.name_text for file in files], by, of=owners)
            for file in files:
                known = await connection.fetchrow(SQL["same_file"], number, bytes.fromhex(file.sha256))
                if known["same"]:
                    await connection.execute(SQL["drop_file"], file.id)
                elif known["files"] >= MOST_FILES:
                    raise TooManyFiles(
                        f"There are {MOST_FILES} files already, the most a complaint may have."
                    )
                else:
                    kept = await self._texts.store(
                        connection, number, {"file_name": names[file.name_text] or file.id}
                    )
                    locked = seal(key.secret, file.secret, _row(key.id, file.id))
                    await connection.execute(
                        SQL["move_file"], file.id, number, key.id, locked, kept["file_name"]
                    )
                row = await connection.fetchrow(SQL["read_file"], known["same"] or file.id)
                moved.append(self._file(row, created=not known["same"]))
        return moved

    async def drop(self, file_id: str) -> None:
        """Give up a file that no turn names: its key is gone at once, its bytes with the next clearing."""
        async with transaction(self._pool) as connection:
            await connection.execute(SQL["drop_file"], file_id)

    async def same_upload(self, number: str, caller: str, key: str, content: bytes) -> bool:
        """Whether this content is what the caller first sent to this complaint under this key; notes it where it is new.

        content: a digest. Keys are known for `KEYS_KEPT`.
        """
        async with transaction(self._pool) as connection:
            first: bytes = await connection.fetchval(SQL["note_upload"], number, caller, key, content)
        return first == content

    async def note_reading(self, file: StoredFile, reader: str) -> None:
        """Enter in the access log that somebody looked at a file (CUS-09)."""
        async with transaction(self._pool) as connection:
            await connection.execute(SQL["note_reading"], reader, file.owner, file.id)

    async def to_clear(self, most: int) -> list[str]:
        """Files that are gone and whose bytes the store may forget."""
        async with transaction(self._pool) as connection:
            return [row["id"] for row in await connection.fetch(SQL["files_to_clear"], most)]

    async def cleared(self, ids: Sequence[str]) -> None:
        """The store has forgotten these."""
        async with transaction(self._pool) as connection:
            await connection.execute(SQL["files_cleared"], list(ids))

    def _file(self, row: Any, *, created: bool = False) -> StoredFile:
        key = self._texts.opened_key(row["master_key"], row["key_locked"], row["data_key"], row["owner"])
        return StoredFile(
            id=row["id"],
            owner=row["owner"],
            name_text=row["name_text"],
            sha256=row["sha256"].hex(),
            size=row["size"],
            media=row["media"],
            subkind=row["subkind"],
            thumbnail=row["thumbnail"],
            added_by=row["added_by"],
            added_at=row["added_at"],
            turn=row["turn"],
            secret=unseal(key.secret, row["locked"], _row(key.id, row["id"])),
            created=created,
        )


async def sweep_files(connection: Connection, now: datetime) -> None:
    """Give up files that no turn names, and those of erased complaints; claim those a turn names after all.

    Their keys are gone with it; the console has the store forget the bytes. In the caller's transaction. now: real
    time, aware.
    """
    unnamed, forms = now - _UNNAMED_KEPT, now - FORMS_KEPT
    await connection.execute(SQL["bury_all_erased"])
    await connection.execute(SQL["claim_named"], unnamed)
    await connection.execute(SQL["bury_unnamed"], unnamed, forms)
    await connection.execute(SQL["sweep_intakes"], forms)
    await connection.execute(SQL["sweep_uploads"], now - KEYS_KEPT)


def _row(data_key_id: str, file_id: str) -> bytes:
    return f"files|{data_key_id}|{file_id}".encode()
