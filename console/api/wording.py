"""The words of the ledger, for a caller who asks for them: by text id, name, contact and unit masked."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.texts import TEXT_ID
from records.db import Connection
from records.texts import Texts
from records.views import MASKS, TurnLine


async def words_in(
    connection: Connection, texts: Texts, turns: Iterable[TurnLine], reader: str
) -> dict[str, str | None]:
    """Text id → text of everything said in these turns; None for erased words. The reading is logged (CUS-09)."""
    found: dict[str, str] = {}
    for turn in turns:
        found.update((text_id, name) for name, text_id in _ids(turn.command, ""))
        for fact in turn.facts:
            for name, text_id in _ids(fact["data"], ""):
                found.setdefault(text_id, name)
    if not found:
        return {}
    hidden = [text_id for text_id, name in found.items() if name in MASKS]
    words = await texts.read(connection, found, reader, masked=hidden)
    return {text_id: _masked(found[text_id], text) for text_id, text in words.items()}


def _masked(name: str, text: str | None) -> str | None:
    mask = MASKS.get(name)
    return mask(text) if mask else text


def _ids(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Each text id with the name of the field it stands in."""
    if isinstance(value, str) and TEXT_ID.match(value):
        yield name, value
    elif isinstance(value, Mapping):
        for own, part in value.items():
            yield from _ids(part, str(own))
    elif isinstance(value, list):
        for part in value:
            yield from _ids(part, name)
