"""What may be done to many complaints at once, and what would come of it for each of them."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.desk import Desk
from console.figures import N_
from console.who import Who
from domain import lifecycle
from domain.commands import BadCommand, dump, said
from domain.facts import Refused
from domain.roles import marking_refused, may_read
from domain.texts import texts_in
from records import jobs, shelves
from records.db import Connection, reaching

#: complaints of one job: what a person can look through before confirming, and what is worked through in a minute or two
MOST = 200
TAG = "tag"
NOT_IN_USE = N_("This tag is not in use; choose one from the list.")


@dataclass(frozen=True)
class Offer:
    """One thing that can be done to many. fields: of the form; undo: what can be taken back, and what cannot."""

    kind: str
    title: str
    icon: str
    fields: tuple[str, ...]
    undo: str


OFFERS: Mapping[str, Offer] = {
    offer.kind: offer
    for offer in (
        Offer(
            "assign",
            N_("Assign to a department"),
            "user-plus",
            ("department", "lead", "person"),
            N_(
                "The departments are told at once and their time begins to run. An assignment is changed by returning "
                "the handover or by reassigning; it cannot be made not to have happened."
            ),
        ),
        Offer(
            "reassign",
            N_("Reassign to another person"),
            "user-check",
            ("person", "seat", "reason"),
            N_(
                "The new person is told at once. It can be reassigned again; both changes stay in the history."
            ),
        ),
        Offer(
            TAG,
            N_("Set or take away a tag"),
            "tag",
            ("tag", "value"),
            N_("Tags can be taken away again at any time; nobody is told."),
        ),
        Offer(
            "send_progress",
            N_("Send the customers a notice"),
            "send",
            ("text", "released_by"),
            N_(
                "Every customer gets this message. What has been sent cannot be called back; cancelling stops only "
                "those not sent yet."
            ),
        ),
        Offer(
            "record_response",
            N_("Record a response given to the customers"),
            "message",
            ("channel", "effective", "text", "released_by"),
            N_(
                "This says that somebody has told each customer this. It stops the first-response clock and cannot be "
                "taken back; a wrong entry is corrected case by case, and both stay in the history."
            ),
        ),
        Offer(
            "add_note",
            N_("Add an internal note"),
            "note",
            ("text",),
            N_(
                "Notes are not shown to customers. They cannot be deleted; a wrong one is corrected case by case."
            ),
        ),
        Offer(
            "set_flag",
            N_("Set or end a flag"),
            "flag",
            ("flag", "value", "reason"),
            N_(
                "A flag can be ended again, but what it sets in motion (people told, deadlines opened) has happened."
            ),
        ),
    )
}


@dataclass(frozen=True)
class Wish:
    """What a form asks for: a kind and its fields. Words are still in the clear."""

    kind: str
    fields: Mapping[str, Any]

    def checked(self, by: str) -> tuple[dict[str, Any], dict[str, str]]:
        """Its codes and its words (field → text). Raises BadCommand with a sentence that names the field."""
        if self.kind not in OFFERS:
            raise BadCommand("kind: this cannot be done to many complaints at once.")
        if self.kind == TAG:
            if not shelves.TAG.fullmatch(str(self.fields.get("tag", ""))):
                raise BadCommand(f"{TAG}: tag: Field required.")
            return dict(self.fields), {}
        command = said(self.kind, by, dict(self.fields))
        words = dict(texts_in(command))
        codes = {
            name: value
            for name, value in dump(command).items()
            if name not in words and name not in ("kind", "by")
        }
        return codes, words

    def require_tag(self, in_use: Container[str]) -> None:
        """Raises BadCommand for a tag that is not in use, or is none at all where it is to be taken away."""
        if self.kind != TAG:
            return
        tag, on = self.fields["tag"], self.fields.get("value", True)
        if not (tag in in_use if on else shelves.TAG.fullmatch(tag)):
            raise BadCommand(f"{TAG}: tag: {NOT_IN_USE}")


@dataclass(frozen=True)
class Outlook:
    """What would come of it for one complaint. refused: why it cannot be done, or None."""

    number: str
    stage: str
    turn: int
    refused: Refused | None


@dataclass(frozen=True)
class Preview:
    """What would come of it. found: complaints of the selection the person may read; looked: those of them within
    the cap, in the order they were chosen."""

    found: int
    looked: Sequence[Outlook]

    @property
    def numbers(self) -> list[str]:
        """Those where it can be done."""
        return [one.number for one in self.looked if one.refused is None]

    @property
    def left_out(self) -> int:
        """How many are beyond the cap."""
        return self.found - len(self.looked)


async def preview(desk: Desk, who: Who, kind: str, numbers: Iterable[str]) -> Preview:
    """What saying `kind` to each of these would come to for this person now, in two statements.

    Complaints that are not theirs to read are left out as if they were not there. The rules look at no field here;
    each ruling does. A chosen tag can always be set by who may read the case.
    """
    chosen = list(dict.fromkeys(numbers))
    with reaching():
        async with desk.office.pool.acquire() as connection:
            return await _preview(connection, desk, who, kind, chosen)


async def _preview(
    connection: Connection, desk: Desk, who: Who, kind: str, numbers: Sequence[str]
) -> Preview:
    readable = await jobs.readable(connection, who.asker, numbers)
    order = [number for number in numbers if number in readable]
    states = await jobs.states_of(connection, order[:MOST])
    kept = [states[number] for number in order[:MOST] if number in states]
    kept = [complaint for complaint in kept if may_read(complaint, who.asker)]
    library, now = desk.office.library, desk.now()
    await library.hold(
        connection, {one.policy_version for one in kept}, {one.calendar_version for one in kept}
    )
    looked = [
        Outlook(
            one.number,
            one.stage,
            one.turn,
            marking_refused(one, who.asker)
            if kind == TAG
            else lifecycle.check(one, kind, who.asker, now, library),
        )
        for one in kept
    ]
    return Preview(len(order), looked)
