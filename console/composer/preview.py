"""What the customer will receive of what is being written: worded by the templates that send it, said to nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from channels.rendering import Letter, Rendered, render
from console.composer.sending import SEND, Trouble, Written, command_for, waiting_of
from console.desk import Desk
from console.forms.foresee import foresee, kept_until
from console.reading import Case
from console.words import Words
from domain.codes import Receiver
from domain.facts import Notice

#: stands for the address of the customer's page, which is made when the message is sent and shown to nobody here
_LINK = "…"


@dataclass(frozen=True)
class Preview:
    """What will come of it for the customer.

    messages: in the customer's language, as they are sent. goes_at: when, if the quiet hours keep them until then.
    read: the words on the customer's own page where no message is sent. trouble: why nothing would be said.
    """

    messages: tuple[Rendered, ...] = ()
    goes_at: datetime | None = None
    read: str = ""
    trouble: str = ""


def preview(desk: Desk, case: Case, written: Written, name: str, language: str, words: Words) -> Preview:
    """What this would bring the customer, called so, in their language (SLA-08). Raises CannotRender."""
    if not written.text:
        return Preview(trouble=words.gettext("Write something first."))
    waiting = waiting_of(written, case, words)
    if isinstance(waiting, Trouble):
        return Preview(trouble=waiting.sentence)
    kind, fields = command_for(written)
    now = desk.now()
    first = foresee(case, kind, fields, now)
    seen = (
        [first, foresee(case, "hold", waiting, now, after=first.after)]
        if waiting and first.after
        else [first]
    )
    for one in seen:
        if one.refused is not None:
            return Preview(trouble=words.sentence(one.refused.reason))
    notices = [notice for one in seen for notice in one.notices]
    messages = tuple(_messages(case, notices, written.text, name, language))
    read = "" if written.way == SEND else written.text
    return Preview(messages, kept_until(case, now) if messages else None, read)


def _messages(case: Case, notices: list[Notice], text: str, name: str, language: str) -> Iterator[Rendered]:
    for notice in notices:
        if notice.to != Receiver.CUSTOMER or notice.not_before is not None:
            continue
        said = {key: value for key, value in notice.params.items() if value == text}
        letter = Letter(
            template=notice.template,
            audience="customer",
            number=case.number,
            language=language,
            name=name,
            params={key: value for key, value in notice.params.items() if key not in said},
            words=dict(said),
            links={"status": _LINK},
        )
        yield render(letter)
