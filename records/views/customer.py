"""What the customer sees of their own complaint by link: what was released to them and what they said themselves.

Only the kinds of fact named here come out, and of their words only those that were written to the customer or by
them. An internal note never does. (LIF-04, SLA-06, CUS-08)
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.parts import Solution
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
    "round_recorded": (),
    "agreement_recorded": (),
    "item_agreed": ("text",),
    "item_completed": (),
    "item_carried_over": (),
    "negotiation_failed": (),
    "mediation_started": (),
    "mediation_ended": (),
    "forum_chosen": (),
    "arbitration_filed": (),
    "review_asked": (),
    "decided": (),
    "suit_filed": (),
    "judged": (),
    "feedback_received": ("text",),
    "second_handling_opened": (),
    "reopened": (),
    "follow_up_recorded": (),
    "withdrawn": (),
}
#: What is the customer's doing, whoever of us put it on record.
_DONE_BY_THEM = frozenset({"feedback_received", "withdrawn"})
#: What customers said by their link, which they may read again although it was not released by anybody.
THEIR_OWN = ("intake_added_to", "contact_changed", "erasure_requested")


def read_by_customer(
    kind: str, data: Mapping[str, Any], *, released: bool, said_by: str
) -> tuple[str, ...] | None:
    """The ids of the words of a fact that its customer reads, in order; None where they do not see the fact at all."""
    if kind in SHOWN and (released or said_by == CUSTOMER):
        return tuple(data[name] for name in SHOWN[kind] if data.get(name))
    if kind in THEIR_OWN and said_by == CUSTOMER:
        return (data["text"],) if data.get("text") else ()
    return None


class Released(BaseModel):
    """One line of what the customer may read. text: the words, None where there are none or they were erased.

    theirs: whether it is what the customer did or said, whoever put it on record. document: id of the file that they sent with it. reply: to a proposal, whose
    measures are in `offer` (None where they were erased) and whose payment is `compensation`, in CNY.
    Something owed that was done, or comes later, is told by the words in which it was agreed.
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
    reply: str | None
    offer: tuple[str | None, ...] = ()
    compensation: Decimal | None = None


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
    offers = {key: Solution.model_validate(one) for key, one in (row["solutions"] or {}).items()}
    wanted = {text_id for fact in facts for text_id in (*_texts_of(fact), *_measures(fact, offers))}
    wanted |= {one["name_text"] for one in files}
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
        released=lines(facts, shown.get, offers),
        files={one["id"]: _own_file(one, told) for one in files},
    )


def _own_file(row: dict[str, Any], told: dict[str, str | None]) -> OwnFile:
    name = told.get(row["name_text"])
    return OwnFile(id=row["id"], name=name, media=row["media"], thumbnail=row["thumbnail"])


def lines(
    facts: Sequence[Mapping[str, Any]], text: Callable[[str], str | None], offers: Mapping[str, Solution]
) -> list[Released]:
    """The facts as their customer reads them, in the order given. offers: the solutions of the case, by id.

    facts: each with turn, kind, subject, at, said_by and data, only such as `read_by_customer` lets out. text: text id
    → words, None where they were erased.
    """
    owed = {fact["subject"]: fact for fact in facts if fact["kind"] == "item_agreed"}
    return [_line(fact, owed.get(fact["subject"], fact), text, offers) for fact in facts]


def _line(
    fact: Mapping[str, Any],
    agreed: Mapping[str, Any],
    text: Callable[[str], str | None],
    offers: Mapping[str, Solution],
) -> Released:
    ids = _texts_of(agreed if fact["kind"] in ("item_completed", "item_carried_over") else fact)
    theirs = fact["said_by"] == CUSTOMER
    replied = fact["kind"] == "round_recorded" and fact["data"].get("reply") != "pending"
    return Released(
        turn=fact["turn"],
        kind=fact["kind"],
        subject=fact["subject"],
        at=fact["at"],
        due=fact["data"].get("due"),
        theirs=theirs or replied or fact["kind"] in _DONE_BY_THEM,
        text=next((text(one) for one in ids), None),
        document=fact["data"].get("document") if theirs else None,
        reply=fact["data"].get("reply"),
        offer=tuple(text(one) for one in _measures(fact, offers)),
        compensation=offers[fact["data"]["solution"]].compensation if _measures(fact, offers) else None,
    )


def _measures(fact: Mapping[str, Any], offers: Mapping[str, Solution]) -> Sequence[str]:
    """The ids of the words of an offer that was put to the customer; none of any other fact."""
    put = fact["kind"] == "round_recorded" and fact["data"].get("solution") in offers
    return offers[fact["data"]["solution"]].measures if put else ()


def _texts_of(fact: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of its words; every fact here was let out."""
    return read_by_customer(fact["kind"], fact["data"], released=True, said_by=fact["said_by"]) or ()
