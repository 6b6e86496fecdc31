"""Answers and progress notices to the customer (SLA-01, SLA-02, SLA-06, LIT-04)."""

from domain.codes import PROCEEDINGS, Receiver, Role
from domain.commands import RecordResponse, SendProgress
from domain.complaint import Response
from domain.hearing import Hearing
from domain.meanings import hears


def require_release(h: Hearing, released_by: str | None) -> None:
    """While proceedings run, legal releases every word to the customer (LIT-04)."""
    h.refuse_unless(
        h.c.stage not in PROCEEDINGS or released_by == "LEGAL",
        "released_by: while proceedings run, LEGAL releases what the customer is told.",
        "LIT-04",
    )
    if released_by and not h.asker.holds(Role.LEGAL):
        h.tell(Role.LEGAL, "named_as_releaser", turn=h.turn)


@hears("record_response")
def record_response(h: Hearing, said: RecordResponse) -> None:
    """A person has told the customer something. Only an effective answer stops the clock (SLA-02)."""
    require_release(h, said.released_by)
    h.c.responses.append(
        Response(
            at=h.when,
            by=h.asker.id,
            channel=said.channel,
            effective=said.effective,
            text=said.text,
            released_by=said.released_by,
        )
    )
    kind = "responded" if said.effective else "contact_logged"
    h.fact(kind, channel=said.channel, text=said.text, released=True, refers_to=said.refers_to)
    if said.effective and said.safety_measure:
        h.fact("hazard_made_safe")


@hears("send_progress")
def send_progress(h: Hearing, said: SendProgress) -> None:
    """The customer is told how things stand, also when nothing has changed (SLA-06)."""
    require_release(h, said.released_by)
    h.fact("progress_sent", text=said.text, released=True)
    h.tell(Receiver.CUSTOMER, "progress", text=said.text, stage=h.c.stage)
