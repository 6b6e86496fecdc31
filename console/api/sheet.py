"""A complaint as the API shows it: the case sheet with the words of its promises, read by a named person."""

from collections.abc import Iterator

from console.api.shapes import Complaint
from console.desk import Desk
from domain.complaint import Complaint as State
from domain.complaint import Promise
from records.db import transaction
from records.views import MASKS, by_ends, case_sheet

_WORDS = ("what", "condition", "reason")


async def sheet_of(desk: Desk, complaint: State, reader: str, *, whole: bool = False) -> Complaint:
    """The complaint; name and contact masked unless `whole`. What is read is in the access log (CUS-07, CUS-09)."""
    texts = desk.office.texts
    async with transaction(desk.office.pool) as connection:
        sheet = await case_sheet(connection, texts, complaint, reader, masked=not whole)
        ids = list(_ids(sheet.promises))
        masked = () if whole else MASKS
        found = await texts.look(connection, ids, reader, of=complaint.number, masked=masked) if ids else {}
    words = {text_id: word.text if whole else by_ends(word) for text_id, word in found.items()}
    promises = [_readable(promise, words) for promise in sheet.promises]
    return Complaint(**{**dict(sheet), "promises": promises, "whole": whole})


def _ids(promises: list[Promise]) -> Iterator[str]:
    for promise in promises:
        yield from (text for name in _WORDS if (text := getattr(promise, name)) is not None)


def _readable(promise: Promise, words: dict[str, str | None]) -> Promise:
    told = {name: words.get(text) for name in _WORDS if (text := getattr(promise, name)) is not None}
    return promise.model_copy(update=told)
