"""The words of the ledger, for a caller who asks for them: by text id, name, contact and unit masked."""

from collections.abc import Iterable

from records.db import Connection
from records.texts import Texts
from records.views import MASKS, TurnLine, by_ends
from records.views.casefile import text_ids_in


async def words_in(
    connection: Connection, texts: Texts, number: str, turns: Iterable[TurnLine], reader: str
) -> dict[str, str | None]:
    """Text id → text of everything said in these turns of a complaint; None for erased words.

    The reading is logged (CUS-09). What is masked goes by the field the words were written in, not by the one their
    id is found in.
    """
    ids = {
        text_id
        for turn in turns
        for part in (turn.command, [fact["data"] for fact in turn.facts])
        for text_id in text_ids_in(part)
    }
    if not ids:
        return {}
    words = await texts.look(connection, ids, reader, of=number, masked=MASKS)
    return {text_id: by_ends(word) for text_id, word in words.items()}
