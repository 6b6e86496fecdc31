"""What a customer says by link, said to the complaint; and the sentence for them where it was not taken."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from console.customer.opening import Opened
from console.customer.plain import answered
from console.files import FileRefused, FilesUnreachable
from console.files.receiving import Received, refusal
from console.files.taking import FILE_ALONE, EvidenceRefused, hand_in
from domain.codes import ENDED, Channel, Stage
from domain.commands import BadCommand, said
from domain.roles import CUSTOMER
from domain.turns import Decision
from records.links import was_said
from starter.complaints import NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable

_AWAY = (TryAgain, NotUnderstood, OurFault, TemporalUnreachable)


class NotSaid(Exception):
    """It was not taken. `sentence` is in the customer's language; refused: by the rules, so that asking again is vain."""

    def __init__(self, sentence: str, *, refused: bool = False) -> None:
        super().__init__(sentence)
        self.sentence, self.refused = sentence, refused


async def speak(opened: Opened, kind: str, fields: Mapping[str, Any], key: str) -> None:
    """Say it as the customer. Raises NotSaid."""
    try:
        command = said(kind, CUSTOMER, dict(fields))
        decision: Decision = await opened.desk.door.submit(opened.link.number, command, _key(opened, key))
    except BadCommand as bad:
        raise NotSaid(
            opened.gettext("There are characters in your text that we cannot store. Please write it anew.")
        ) from bad
    except _AWAY as away:
        raise NotSaid(
            opened.gettext(
                "We could not take this in just now. Your text is kept here; please send it once more."
            )
        ) from away
    if not decision.accepted:
        raise NotSaid(
            opened.gettext("This is no longer possible here; your text is kept below."), refused=True
        )


async def write(opened: Opened, words: str, key: str) -> None:
    """Words for whoever has the complaint: to the intake record, after the end as a note that asks (CUS-08, FUV-05).

    Raises NotSaid.
    """
    kind = "add_note" if opened.complaint.stage in ENDED else "add_to_intake"
    more = {"released": True} if kind == "add_note" else {}
    await speak(opened, kind, {"text": words, **more}, key)


async def answer(opened: Opened, *, satisfied: bool, score: int | None, words: str, key: str) -> bool:
    """The answer of this round, once (CLO-02); whether it counted. Of one that came second only the words are kept, and
    that it is not solved, where that was said.

    Raises NotSaid.
    """
    async with opened.desk.office.pool.acquire() as connection:
        if await was_said(connection, opened.link.number, _key(opened, key)):
            return True  # the same form once more
    if opened.asked:
        try:
            await speak(opened, "record_feedback", _feedback(opened, satisfied, score, words), key)
        except NotSaid as refused:
            if not refused.refused:
                raise
            asked_in = opened.complaint.round
            opened = await _anew(opened)
            if not answered(opened.complaint, asked_in):
                raise
        else:
            return True
    if words:
        still = opened.complaint.stage not in (Stage.WITHDRAWN, Stage.DUPLICATE)
        marked = (
            words if satisfied or not still else opened.gettext("Not solved: %(words)s") % {"words": words}
        )
        await write(opened, marked, f"{key}-words")
    return False


async def keep_file(opened: Opened, received: Received) -> None:
    """Keep a file of the customer's. Raises NotSaid."""
    try:
        await hand_in(opened.desk, opened.link.number, received, FILE_ALONE)
    except FileRefused as refused:
        raise NotSaid(refusal(refused.code, opened.gettext)) from refused
    except EvidenceRefused as ended:
        raise NotSaid(opened.gettext("This is no longer possible here."), refused=True) from ended
    except (FilesUnreachable, *_AWAY) as away:
        raise NotSaid(opened.gettext("It could not be kept now; send it again in a moment.")) from away


def _key(opened: Opened, key: str) -> str:
    return f"link-{opened.link.id}-{key}"


def _feedback(opened: Opened, satisfied: bool, score: int | None, words: str) -> dict[str, Any]:
    asked = sum(entry.round == opened.complaint.round for entry in opened.complaint.feedback)
    given = {"score": score, "opinions": words or None}
    return {
        "attempt": asked + 1,
        "channel": Channel.WEB_FORM,
        "satisfied": satisfied,
        **{name: value for name, value in given.items() if value is not None},
    }


async def _anew(opened: Opened) -> Opened:
    return replace(opened, complaint=await opened.desk.office.ledger.complaint(opened.link.number))
