"""What the customer sees of their own complaint by link: what was released to them and what they said themselves.

Only the kinds of fact named here come out, and of their words only those that were written to the customer or by
them. An internal note never does. (LIF-04, SLA-06, CUS-08)
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.roles import CUSTOMER
from records.db import Connection
from records.sql import statements
from records.texts import Texts
from records.views.cases import by_ends

SQL = statements("customer")

#: Kind of fact → the names in its data under which words stand that the customer may read.
SHOWN: dict[str, tuple[str, ...]] = {
    "received": (),
    "registered": (),
    "responded": ("text",),
    "progress_sent": ("text",),
    "noted": ("text",),
    "promise_made": ("text",),
    "promise_extended": ("text",),
    "promise_kept": (),
    "visit_planned": ("text",),
    "site_visited": (),
    "site_visit_missed": (),
    "held": (),
    "resumed": (),
    "agreement_recorded": (),
    "item_agreed": ("text",),
    "item_completed": (),
    "item_carried_over": (),
    "negotiation_failed": (),
    "mediation_started": (),
    "mediation_ended": (),
    "forum_chosen": (),
    "decided": (),
    "suit_filed": (),
    "judged": (),
    "feedback_received": ("text",),
    "second_handling_opened": (),
    "reopened": (),
    "follow_up_recorded": (),
    "withdrawn": (),
}
#: What customers said by their link, which they may read again although it was not released by anybody.
THEIR_OWN = ("intake_added_to", "contact_changed", "erasure_requested")


class Released(BaseModel):
    """One line of what the customer may read. text: the words, None where there are none or they were erased.

    theirs: whether the customer said it. document: id of the file that they sent with it.
    """

    model_config = ConfigDict(frozen=True)

    turn: int
    kind: str
    subject: str | None
    at: datetime
    due: datetime | None
    theirs: bool
    text: str | None
    document: str | None


class OwnFile(BaseModel):
    """A file that the customer sent. name: None where it was erased. media: such as image/jpeg."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str | None
    media: str
    thumbnail: bool


class Standing(BaseModel):
    """The customer's name and account, the language they are written to, and what was released, newest first.

    files: what they sent by link, by id; what our people added is not released by being there.
    """

    model_config = ConfigDict(frozen=True)

    name: str | None
    language: str
    text: str | None
    handler: str | None
    released: list[Released]
    files: dict[str, OwnFile]


async def standing(connection: Connection, texts: Texts, number: str) -> Standing | None:
    """What the customer of a complaint sees; None where their words were erased at their wish.

    Two statements whatever there is to show; the reading is in the access log as the customer's.
    """
    row = await connection.fetchrow(SQL["standing"], number, [*SHOWN, *THEIR_OWN], CUSTOMER)
    facts: list[dict[str, Any]] = row["facts"]
    receipt: dict[str, str] = row["words"]
    files: list[dict[str, Any]] = row["files"]
    wanted = {text_id for fact in facts for text_id in _texts_of(fact)} | {one["name_text"] for one in files}
    words = await texts.look(connection, {*receipt.values(), *wanted}, CUSTOMER, of=number)
    told = {text_id: word.text for text_id, word in words.items()}
    shown = {text_id: by_ends(word) for text_id, word in words.items()}
    if told.get(receipt.get("name", "")) is None:
        return None
    return Standing(
        name=told.get(receipt["name"]),
        language=row["language"],
        text=told.get(receipt.get("text", "")),
        handler=row["handler"],
        released=[_released(fact, shown) for fact in facts],
        files={one["id"]: _own_file(one, told) for one in files},
    )


def _own_file(row: dict[str, Any], told: dict[str, str | None]) -> OwnFile:
    name = told.get(row["name_text"])
    return OwnFile(id=row["id"], name=name, media=row["media"], thumbnail=row["thumbnail"])


def _texts_of(fact: dict[str, Any]) -> list[str]:
    names = SHOWN.get(fact["kind"], ("text",))
    return [fact["data"][name] for name in names if fact["data"].get(name)]


def _released(fact: dict[str, Any], told: dict[str, str | None]) -> Released:
    words = [told.get(text_id) for text_id in _texts_of(fact)]
    theirs = fact["said_by"] == CUSTOMER
    return Released(
        turn=fact["turn"],
        kind=fact["kind"],
        subject=fact["subject"],
        at=fact["at"],
        due=fact["data"].get("due"),
        theirs=theirs,
        text=next(iter(words), None),
        document=fact["data"].get("document") if theirs else None,
    )
