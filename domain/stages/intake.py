"""Intake: registering, adding to the record, leaving by a side exit (INT, LIF-05, CUS-08)."""

from domain.codes import ENDED, Receiver, Role, Stage
from domain.commands import (
    AddNote,
    AddToIntake,
    ChangeContact,
    Correct,
    LinkDuplicate,
    MarkWithdrawn,
    Register,
    RequestErasure,
)
from domain.complaint import Task
from domain.hearing import Hearing
from domain.meanings import hears
from domain.roles import CUSTOMER


def _not_yet_registered(h: Hearing) -> None:
    h.refuse_unless(h.c.registered_at is None, "The complaint is already registered.", "INT-02")


@hears("register", _not_yet_registered)
def register(h: Hearing, said: Register) -> None:
    """Registered, with the gap to receipt on record; the customer gets an automatic receipt, which is no answer."""
    h.c.registered_at = h.at
    h.c.about_role, h.c.about_person = said.about_role, said.about_person
    gap = int((h.at - h.c.received_at).total_seconds())
    h.fact("registered", at=h.at, gap=gap, released=True)
    h.tell(Receiver.CUSTOMER, "receipt", received_at=h.c.received_at, channel=h.c.channel)
    if h.policy.table("automatic_receipt_counts"):
        h.fact("receipt_counted", at=h.at)


@hears("add_to_intake")
def add_to_intake(h: Hearing, said: AddToIntake) -> None:
    """What somebody knows besides (INT-08); the owner is told when it was the customer."""
    h.fact("intake_added_to", text=said.text, document=said.document)
    if h.asker.id == CUSTOMER:
        h.tell(Receiver.OWNER, "customer_wrote")


@hears("change_contact")
def change_contact(h: Hearing, said: ChangeContact) -> None:
    """Another way to reach the customer (CUS-06); the owner is told when it came by link."""
    h.fact("contact_changed", contact=said.contact)
    if h.asker.id == CUSTOMER:
        h.tell(Receiver.OWNER, "customer_wrote")


@hears("add_note")
def add_note(h: Hearing, said: AddNote) -> None:
    """A note, released to the customer or not.

    It may take note of a fired deadline, whose reminders then stop, and say that a task without a command of its own
    is done. The customer may only write, and only after the end: until then the intake record is added to.
    """
    if h.asker.id == CUSTOMER:
        _written_after_the_end(h, said)
        return
    if said.acknowledges is not None:
        fired = [
            d
            for d in h.c.deadlines.values()
            if d.name == said.acknowledges and d.state == "fired" and d.unsettled
        ]
        h.refuse_unless(
            bool(fired), f"acknowledges: no fired deadline {said.acknowledges} is unsettled.", "LIF-04"
        )
        for deadline in fired:
            deadline.acknowledged_at = h.at
            h.touched.append(deadline.id)
    if said.settles is not None:
        _settle_task(h, said.settles, said.text)
    h.fact("noted", released=said.released, text=said.text, acknowledges=said.acknowledges)


#: the task of deciding whether a filed matter is taken up again
REOPENING = "reopening"


def _written_after_the_end(h: Hearing, said: AddNote) -> None:
    """The right to have a filed matter taken up again ends with no stage: somebody is asked to decide (FUV-05)."""
    h.refuse_unless(
        h.c.stage in ENDED, "The customer adds to the intake record while the complaint is open.", "INT-08"
    )
    h.fact("noted", released=True, text=said.text)
    if h.c.stage != Stage.ARCHIVED:
        h.tell(Receiver.OWNER, "customer_wrote")
        return
    h.c.tasks[REOPENING] = Task(
        id=REOPENING,
        kind="call",
        owner=Role.CS_DIRECTOR,
        asked_by=h.asker.id,
        asked_at=h.at,
        subkind=REOPENING,
        what=said.text,
    )
    h.tell(Receiver.OWNER, "reopening_asked")
    h.tell(Role.CS_DIRECTOR, "reopening_asked")


def settle_reopening(h: Hearing) -> None:
    """What the customer asked for has been done."""
    task = h.c.tasks.get(REOPENING)
    if task is not None and task.state == "OPEN":
        task.state, task.done_at, task.done_by = "DONE", h.at, h.asker.id
        h.fact("task_settled", REOPENING, at=h.at)


#: kinds of tasks that a note settles; the others are settled by a command of their own
SETTLED_BY_NOTE = frozenset({"call", "place", "operator", "risk_note", "erasure"})


def _settle_task(h: Hearing, name: str, text: str) -> None:
    task = h.require(h.c.tasks.get(name), f"settles: there is no task {name}.", "LIF-04")
    h.refuse_unless(
        task.kind in SETTLED_BY_NOTE and task.state == "OPEN",
        f"settles: {name} is done already, or by a command of its own.",
        "LIF-04",
    )
    task.state, task.done_at, task.done_by, task.answer = "DONE", h.at, h.asker.id, text
    h.fact("task_settled", name, at=h.at)


@hears("correct")
def correct(h: Hearing, said: Correct) -> None:
    """A correction stands beside the entry it corrects; nothing written is ever changed."""
    h.refuse_unless(said.turn < h.turn, f"turn: the complaint has no turn {said.turn} to correct.", "LIF-04")
    h.fact("corrected", str(said.turn), text=said.reason, fields=said.fields)


@hears("link_duplicate")
def link_duplicate(h: Hearing, said: LinkDuplicate) -> None:
    h.refuse_unless(said.of != h.c.number, "of: a complaint is not its own duplicate.", "INT-12")
    h.c.duplicate_of, h.c.end_reason = said.of, said.reason
    h.fact("duplicate_linked", said.of, text=said.reason)
    h.tell(Receiver.CUSTOMER, "duplicate", of=said.of)
    h.enter(Stage.DUPLICATE)


@hears("mark_withdrawn")
def mark_withdrawn(h: Hearing, said: MarkWithdrawn) -> None:
    h.c.end_reason = said.reason
    h.fact("withdrawn", text=said.reason, released=True)
    h.tell(Receiver.CUSTOMER, "withdrawn")
    h.enter(Stage.WITHDRAWN)


@hears("request_erasure")
def request_erasure(h: Hearing, said: RequestErasure) -> None:
    """A person decides on the request, and not while proceedings run; the words go when the key is destroyed."""
    h.c.tasks["erasure"] = Task(
        id="erasure",
        kind="erasure",
        owner=Role.ADMIN,
        asked_by=h.asker.id,
        asked_at=h.at,
        what=said.text,
        subkind="proceedings_run" if h.c.proceeding else None,
    )
    h.fact("erasure_requested", text=said.text)
    h.tell(Role.ADMIN, "erasure_requested")
