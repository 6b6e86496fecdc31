"""Photographs that come with a form, as from a phone at the site. (INT-13, INV-06)

They are kept as soon as they come, so that a form with a fault does not ask for them again, and said as evidence once
the command itself is recorded. Those of a form nobody sends again are given up by the nightly sweep.
"""

from dataclasses import dataclass, field

from console.desk import Desk
from console.files import FileRefused, FilesUnreachable
from console.files.multipart import Sent
from console.files.receiving import refusal
from console.files.taking import EvidenceRefused, allowed, book_of, say_evidence
from console.forms.labels import N_
from console.who import Who
from console.words import Words
from domain.commands import BadCommand
from records.db import RecordsUnreachable
from records.files import StoredFile
from starter.complaints import NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable

#: commands whose form takes photographs
TAKES = frozenset({"record_visit", "complete_item"})
#: the field that names photographs an earlier sending of the form has left
KEPT = "kept"
_UNSAID = N_("No answer came in time; send the form again in a moment, nothing is done twice.")


@dataclass(frozen=True)
class Photos:
    """The photographs of a form. kept: stored, named by no turn yet or by one; wrong: why some are not, as a sentence."""

    kept: list[StoredFile] = field(default_factory=list)
    names: dict[str, str | None] = field(default_factory=dict)
    wrong: str = ""


async def keep_photos(
    desk: Desk, who: Who, number: str, sent: Sent, words: Words, *, opened_at: int
) -> Photos:
    """Keep what came with the form, beside what came with it before. Raises RecordsUnreachable.

    opened_at: the turn at which the form was opened. What the case had by then is said to be there, or its sender
    would look for it in vain.
    """
    wanted = set(sent.getlist(KEPT))
    if not (sent.files or wanted):
        return Photos()
    try:
        await allowed(desk, who, number)
    except EvidenceRefused as refused:
        return Photos(wrong=words.sentence(refused.reason))
    book = book_of(desk)
    found = await book.of(number) if wanted else []
    kept = {file.id: file for file in found if file.id in wanted and file.added_by == who.id}
    wrong = []
    for received in sent.files:
        try:
            file = await desk.files.keep(book, number, received, "photographs", who.id)
        except FileRefused as refused:
            wrong.append(f"{received.name}: {refusal(refused.code, words.gettext)}")
        except FilesUnreachable:
            sentence = words.gettext("It could not be kept now; send it again in a moment.")
            wrong.append(f"{received.name}: {sentence}")
        else:
            if file.turn is not None and file.turn <= opened_at:
                sentence = words.gettext("The case has this very file already; leave it out.")
                wrong.append(f"{received.name}: {sentence}")
            else:
                kept[file.id] = file
    names = await book.names(list(kept.values()), who.id)
    return Photos(list(kept.values()), names, " ".join(wrong))


async def say_photos(desk: Desk, who: Who, number: str, photos: Photos, words: Words) -> str:
    """Say each as evidence, once. Answers why some could not be, or an empty string."""
    try:
        for file in photos.kept:
            await say_evidence(desk, who, number, file)
    except EvidenceRefused as refused:
        return words.sentence(refused.reason)
    except (BadCommand, NotUnderstood) as bad:
        return words.sentence(str(bad))
    except (TryAgain, TemporalUnreachable, RecordsUnreachable, OurFault):
        return words.gettext(_UNSAID)
    return ""
