"""Photos and papers: received, told by their bytes, kept encrypted as they are, and given back to who may see them.

`records.files` knows what there is and holds the keys; the store here holds bytes that open only with them. (INT-13)
"""

import asyncio
from collections.abc import AsyncIterator

from console.files.receiving import FileRefused, Received
from console.files.sniffing import BY_TYPE, Media, sniff, subkind_of
from console.files.store import FilesUnreachable, Store, open_store
from console.files.thumbnails import TooManyPixels, draw
from records.files import FileBook, NewFile, StoredFile, TooManyFiles
from starter.settings import Settings

__all__ = ["FileRefused", "Files", "FilesUnreachable", "open_files"]

#: files looked at at the same time; each may need a few of its sizes in memory
_AT_ONCE = 2
_CLEARED_AT_ONCE = 50


class Files:
    """The files of one console process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._looking = asyncio.Semaphore(_AT_ONCE)

    async def keep(
        self, book: FileBook, owner: str, received: Received, subkind: str | None, by: str
    ) -> StoredFile:
        """Judge a file by its bytes and keep it; the same bytes of the same owner are kept once (created False).

        owner: complaint number or draft. subkind: what it shows, a code; None where its bytes have to tell. by: user id. Raises FileRefused with nothing
        kept, FilesUnreachable, RecordsUnreachable.
        """
        if received.refused:
            raise FileRefused(received.refused)
        media, small = await self._look_at(received)
        await self._store.put(received.id, received.sealed)
        if small is not None:
            await self._store.put_small(_small(received.id), received.secret, small)
        new = NewFile(
            received.id,
            received.name,
            received.sha256,
            received.size,
            media.type,
            subkind or subkind_of(media),
            small is not None,
            received.secret,
        )
        try:
            stored = await book.add(owner, new, by)
        except TooManyFiles as many:
            await self._forget(received.id)
            raise FileRefused("too_many") from many
        if not stored.created:
            await self._forget(received.id)
        await self.clear(book)
        return stored

    def read(self, file: StoredFile, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The original bytes, or those from `first` to `last`. Raises FileDamaged, FilesUnreachable."""
        return self._store.read(file.id, file.secret, file.size, first, last)

    async def read_small(self, file: StoredFile) -> bytes:
        """The small picture of a file that has one, as WebP."""
        return await self._store.read_small(_small(file.id), file.secret)

    async def clear(self, book: FileBook) -> int:
        """Have the store forget the bytes of files that are gone for the records; returns how many."""
        gone = await book.to_clear(_CLEARED_AT_ONCE)
        for file_id in gone:
            await self._forget(file_id)
        if gone:
            await book.cleared(gone)
        return len(gone)

    async def _look_at(self, received: Received) -> tuple[Media, bytes | None]:
        async with self._looking:
            media = await asyncio.to_thread(sniff, received.head, received.whole)
            if media is None:
                raise FileRefused("not_accepted")
            if not media.picture:
                return media, None
            try:
                return media, await draw(await asyncio.to_thread(received.whole))
            except TooManyPixels as many:
                raise FileRefused("too_many_pixels") from many

    async def _forget(self, file_id: str) -> None:
        for name in (_small(file_id), file_id):
            await self._store.drop(name)


def open_files(settings: Settings) -> Files:
    """The files at the place these settings name. Raises SettingError."""
    return Files(open_store(settings.files_url))


def media_of(file: StoredFile) -> Media:
    """What kind of file it is."""
    return BY_TYPE[file.media]


def _small(file_id: str) -> str:
    return f"{file_id}.small"
