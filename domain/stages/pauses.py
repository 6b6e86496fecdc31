"""Holding the clock, moving a deadline, and moving a case to another policy or calendar version."""

from datetime import datetime, timedelta
from typing import Literal

from domain import deadlines
from domain.codes import Receiver
from domain.commands import ChangeCalendarVersion, ChangePolicyVersion, ExtendWindow, PutOnHold, Resume
from domain.complaint import Hold
from domain.hearing import Hearing
from domain.meanings import hears
from domain.stages.classification import require_future


def _running(h: Hearing) -> None:
    h.refuse_unless(h.c.hold is None, "The case is already on hold.", "SLA-05")


def _held(h: Hearing) -> None:
    h.refuse_unless(h.c.hold is not None, "The case is not on hold.", "SLA-05")


@hears("hold", _running)
def hold(h: Hearing, said: PutOnHold) -> None:
    """Waiting for somebody else, with reason, side and end; capped per handling round and listed."""
    require_future(h, said.until, "until")
    days = h.policy.number("hold_max_days")
    whole = h.c.held_for() + (said.until - h.at)
    h.refuse_unless(
        whole <= timedelta(days=days),
        f"until: a handling round may be on hold for {days} days at most.",
        "SLA-05",
    )
    number = len(h.c.holds) + 1
    h.c.holds.append(
        Hold(
            number=number,
            round=h.c.round,
            reason=said.reason,
            waiting_for=said.waiting_for,
            by=h.asker.id,
            start=h.at,
            until=said.until,
        )
    )
    deadlines.hold_all(h)
    h.fact("held", str(number), due=said.until, waiting_for=said.waiting_for, text=said.reason, released=True)
    h.tell(Receiver.CUSTOMER, "on_hold", until=said.until, waiting_for=said.waiting_for)


@hears("resume", _held)
def resume(h: Hearing, said: Resume) -> None:
    """The clocks run on before the hold's own end."""
    running = h.require(h.c.hold, "The case is not on hold.", "SLA-05")
    deadlines.resume_all(h, running, h.at, h.asker.id)
    h.fact("resumed", str(running.number), text=said.reason, released=True)


@hears("extend_window")
def extend_window(h: Hearing, said: ExtendWindow) -> None:
    """Move an open deadline, or open a fired one again; on negotiation_rounds it grants one more round (NEG-11)."""
    require_future(h, said.until, "until")
    found = [d for d in h.c.deadlines.values() if d.name == said.deadline and d.unsettled]
    h.refuse_unless(
        bool(found), f"deadline: no deadline {said.deadline} is open or fired and unsettled.", "SLA-05"
    )
    base = found[-1].base
    h.refuse_unless(
        said.deadline == "legal_date/missing" or base not in _TYPED_IN,
        f"deadline: {base} is moved by {_TYPED_IN.get(base)}.",
        "ARB-07",
    )
    if base == "negotiation_rounds":
        h.c.extra_rounds += 1
    deadlines.extend(h, found[-1], said.until)
    _move_what_is_due(h, base, said.deadline.partition("/")[2], said.until)
    h.fact("window_extended", base, name=said.deadline, until=said.until, text=said.reason)


#: deadlines whose due instant is somebody's own word, and the command that changes it
_TYPED_IN = {
    "legal_date": "add_legal_date",
    "limitation": "set_limitation",
    "hold_until": "resume and hold",
    "promise_due": "extend_promise",
    "site_visit": "plan_visit",
    "session": "record_session",
}
_TASK_OF = {"contribution": "contribution", "help": "help", "legal_opinion_days": "opinion"}


def _move_what_is_due(h: Hearing, base: str, name: str, until: datetime) -> None:
    """The item or task behind the deadline is owed at the new instant."""
    if base == "item_due":
        h.c.items[name].due = until
    elif base in _TASK_OF:
        h.c.tasks[f"{_TASK_OF[base]}/{name}"].due = until


@hears("change_policy_version")
def change_policy_version(h: Hearing, said: ChangePolicyVersion) -> None:
    """A deliberate move to another policy; running deadlines are taken anew and each move is listed (PLN-04)."""
    before, h.c.policy_version = h.c.policy_version, said.version
    _move(h, "policy")
    h.fact("policy_version_changed", said.version, before=before, text=said.reason)


@hears("change_calendar_version")
def change_calendar_version(h: Hearing, said: ChangeCalendarVersion) -> None:
    """A deliberate move to another calendar version (late holiday notices)."""
    before, h.c.calendar_version = h.c.calendar_version, said.version
    _move(h, "calendar")
    h.fact("calendar_version_changed", said.version, before=before, text=said.reason)


def _move(h: Hearing, why: Literal["policy", "calendar"]) -> None:
    h.take_versions()
    deadlines.recompute(h, why)
