"""What a customer sends by link: counted before it is read, limited, and kept for the page that says what is wrong."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.customer.opening import Opened, caller
from console.files.multipart import FormBroken, Limits, Sent, read_form
from console.files.receiving import FileRefused, refusal
from records.links import count

#: how often one link, and how often one address, may write; behind one address a whole house may sit
WRITES, WRITES_OF_ADDRESS, WRITING_SPAN = 30, 120, timedelta(hours=1)
#: a customer's words in one go; who has more to say sends a letter
LONGEST = 5_000
LONGEST_CONTACT = 200
MOST_FILES, LARGEST_IN_ALL_MB = 10, 60
WITH_FILES = Limits(files=MOST_FILES, form=LARGEST_IN_ALL_MB * 1024 * 1024)
WORDS_ALONE = Limits(files=0, form=1024 * 1024)
KEY = re.compile(r"[0-9a-f-]{36}", re.ASCII)


@dataclass
class Heard:
    """A form that came by link. problem: why it is not taken, in the customer's language; status: of the answer then.

    To be used with `with`, which forgets the files.
    """

    sent: Sent = field(default_factory=Sent)
    problem: str = ""
    status: int = 422

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.sent.files:
            file.close()

    @property
    def text(self) -> str:
        """What was typed."""
        return self.field("text").strip()

    @property
    def key(self) -> str:
        """By which the same form sent twice is known. Raises HTTPException 422 for a form that is none of ours."""
        if not KEY.fullmatch(key := self.field("key")):
            raise HTTPException(422)
        return key

    def field(self, name: str) -> str:
        """A field as it was sent; nothing where it is absent."""
        return self.sent.fields.get(name, "")


async def hear(request: Request, opened: Opened, limits: Limits = WORDS_ALONE) -> Heard:
    """The form of this request. Who writes too often is counted before anything is read; the files are then not."""
    often = await _too_often(request, opened)
    try:
        sent = await read_form(request, WORDS_ALONE if often else limits)
    except FormBroken as broken:
        told = Heard(Sent(list(broken.fields.items())), _broken(opened, broken), broken.status)
    else:
        told = Heard(sent, _refused(opened, sent))
    if often:
        told.problem, told.status = often, 429
    return told


async def _too_often(request: Request, opened: Opened) -> str:
    async with opened.desk.office.pool.acquire() as connection:
        by_link = await count(connection, f"link write {opened.link.id}", WRITING_SPAN)
        by_address = await count(connection, f"link write from {caller(opened.desk, request)}", WRITING_SPAN)
    if by_link <= WRITES and by_address <= WRITES_OF_ADDRESS:
        return ""
    return opened.gettext("You have written often within the hour. Please wait a little.")


def _broken(opened: Opened, broken: FormBroken) -> str:
    sentences = {
        "broken": opened.gettext("The form did not arrive whole. Please send it once more."),
        "too_large": opened.gettext(
            "That is too large: at most %(all)d MB at once. Please send the files one after the other, or smaller."
        ),
        "too_many": opened.gettext(
            "Those are too many files: at most %(most)d at once. Please send the others next."
        ),
    }
    return sentences[broken.code] % {"all": LARGEST_IN_ALL_MB, "most": MOST_FILES}


def _refused(opened: Opened, sent: Sent) -> str:
    """What can be told before anything is put on record: words too long, a file too large or empty."""
    if len(sent.fields.get("text", "")) > LONGEST:
        return opened.gettext(
            "That is too long: at most 5,000 characters. Please shorten it, or send us a letter."
        )
    for received in sent.files:
        if received.refused:
            why = refusal(FileRefused(received.refused).code, opened.gettext)
            return f"{received.name}: {why}"
    return ""
