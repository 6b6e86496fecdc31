"""The files of a complaint as its page lists them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.desk import Desk
from console.files import media_of
from console.files.receiving import LARGEST_FILE
from console.files.sniffing import ACCEPTED
from console.files.taking import SUBKINDS, book_of
from console.reading import Case
from console.who import Who
from records.files import StoredFile
from records.presence import names_of


@dataclass(frozen=True)
class ShownFile:
    """One file in a list. name: None where it was erased. size: bytes. by_name: None for the customer."""

    id: str
    name: str | None
    media: str
    subkind: str
    size: int
    sha256: str
    thumbnail: bool
    shown: bool
    added_by: str
    added_at: datetime
    by_name: str | None


async def files_context(desk: Desk, who: Who, case: Case) -> dict[str, Any]:
    """What `intake/_files.html` needs for a case that this reader may read: three statements."""
    files = await shown_files(desk, who, case.number)
    return {
        "files": files,
        "files_number": case.number,
        "files_refused": case.actions(desk.now()).get("add_evidence"),
        **upload_context(),
    }


def upload_context() -> dict[str, Any]:
    """What a form that takes files says about them."""
    return {
        "file_subkinds": SUBKINDS,
        "file_types": ",".join(ending for media in ACCEPTED for ending in media.endings),
        "largest_file": LARGEST_FILE,
    }


async def shown_files(desk: Desk, who: Who, owner: str) -> list[ShownFile]:
    """The files of a complaint or of a form, with their names; the reading is in the access log."""
    book = book_of(desk)
    files = await book.of(owner)
    names = await book.names(files, who.id)
    people = await names_of(desk.office.pool, sorted({file.added_by for file in files}))
    return [_shown(file, names.get(file.id), people.get(file.added_by)) for file in files]


def _shown(file: StoredFile, name: str | None, by_name: str | None) -> ShownFile:
    return ShownFile(
        file.id,
        name,
        file.media,
        file.subkind,
        file.size,
        file.sha256,
        file.thumbnail,
        media_of(file).shown,
        file.added_by,
        file.added_at,
        by_name,
    )
