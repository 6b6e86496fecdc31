"""Files handed in with a complaint: stored, and said to it, so that the ledger knows them. (INT-13, INV-06)

The console's forms, the HTTP API (`take_in`) and the customer's page (`hand_in`) come here.
"""

import logging
from collections.abc import AsyncIterable
from dataclasses import replace

from console.desk import Desk
from console.files.receiving import Received, receive
from console.reading import read_case
from console.saying import say
from console.who import Who
from domain.commands import AddToIntake
from domain.roles import CUSTOMER
from domain.turns import Decision
from records.files import FileBook, StoredFile

log = logging.getLogger(__name__)

#: what evidence can be, in the order in which it is offered
SUBKINDS = ("photographs", "video", "recording", "letter", "contract", "record", "other")


#: what stands for the words of a file that the customer sends without any
FILE_ALONE = "📎"


class EvidenceRefused(Exception):
    """The rules do not take evidence here and now; nothing was kept. `decision.reason` is the sentence."""

    def __init__(self, reason: str, rule: str | None) -> None:
        super().__init__(reason)
        self.reason, self.rule = reason, rule


def book_of(desk: Desk) -> FileBook:
    """The files as the records know them."""
    return FileBook(desk.office.pool, desk.office.texts)


async def take_in(
    desk: Desk, who: Who, number: str, stream: AsyncIterable[bytes], name: str, subkind: str = "other"
) -> StoredFile:
    """Keep a file of which the bytes come in `stream`, and say `add_evidence` with its id as `document`.

    name: as the sender calls it. The same bytes twice are the same document and said once (created False). Raises
    NotThere, FileRefused, EvidenceRefused with nothing kept; FilesUnreachable, and what FrontDoor.submit raises.
    """
    await allowed(desk, who, number)
    received = await receive(stream, name)
    try:
        return await keep_evidence(desk, who, number, received, subkind)
    finally:
        received.close()


async def allowed(desk: Desk, who: Who, number: str) -> None:
    """Ask before anything is received. Raises NotThere, EvidenceRefused."""
    case = await read_case(desk, who, number)
    if refused := case.actions(desk.now()).get("add_evidence"):
        raise EvidenceRefused(refused.reason, refused.rule)


async def keep_evidence(desk: Desk, who: Who, number: str, received: Received, subkind: str) -> StoredFile:
    """The same for a file that has come already; the caller has asked `allowed`."""
    stored = await desk.files.keep(book_of(desk), number, received, subkind, who.id)
    return await say_evidence(desk, who, number, stored)


async def say_evidence(desk: Desk, who: Who, number: str, stored: StoredFile) -> StoredFile:
    """Tell the complaint of a file it has and does not know; one it knows is left as it is.

    When no answer comes in time the file stays: it is claimed, or given up, by the nightly sweep.
    """
    if stored.turn is not None:
        return stored
    decision = await say(
        desk,
        who,
        number,
        "add_evidence",
        {"subkind": stored.subkind, "document": stored.id},
        key=f"file-{stored.id}",
    )
    return await _claimed(desk, stored, decision)


async def hand_in(desk: Desk, number: str, received: Received, told: str) -> StoredFile:
    """Keep a file that the customer sends by link, and say `add_to_intake` for them with what they tell of it.

    The customer's page has checked the link. A customer's photo is no act of investigating and moves no stage. Raises
    FileRefused, EvidenceRefused, FilesUnreachable, and what FrontDoor.submit raises.
    """
    stored = await desk.files.keep(book_of(desk), number, received, None, CUSTOMER)
    if stored.turn is not None:
        return stored
    command = AddToIntake(by=CUSTOMER, text=told, document=stored.id)
    decision = await desk.door.submit(number, command, f"file-{stored.id}")
    return await _claimed(desk, stored, decision)


async def _claimed(desk: Desk, stored: StoredFile, decision: Decision) -> StoredFile:
    book = book_of(desk)
    if not decision.accepted:
        await book.drop(stored.id)
        raise EvidenceRefused(decision.reason or "", decision.rule)
    await book.claim(stored.id, decision.turn)
    return replace(stored, turn=decision.turn)
