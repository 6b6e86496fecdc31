"""Classification, handover and what any handler may ask for (CLS, LIF-09)."""

from datetime import datetime

from domain.codes import Department, Flag, Receiver, Role, Severity, Stage
from domain.commands import (
    AcceptHandover,
    Assign,
    Classify,
    Escalate,
    GiveHelp,
    Reassign,
    Reclassify,
    RequestHelp,
    ReturnHandover,
    SetFlag,
)
from domain.complaint import Classification, Flagged, Handover, Task
from domain.hearing import Hearing
from domain.meanings import hears
from domain.roles import (
    COMMAND_LEVELS,
    COMMANDED_FLAGS,
    DEPARTMENTS,
    LEAD_ANYWHERE,
    Place,
    department_of,
    holds_code,
    on_the_case,
)


def _registered(h: Hearing) -> None:
    h.refuse_unless(h.c.registered_at is not None, "The complaint is not registered yet.", "INT-02")


def _take(h: Hearing, said: Classify) -> None:
    details = said.model_dump(include=set(Classification.model_fields) - {"at", "by"})
    h.c.classification = Classification(**details, at=h.at, by=h.asker.id)
    if h.asker.holds(Role.CS_SPECIALIST) or h.c.owner is None:
        h.c.owner = h.asker.id


def _show_to_others(h: Hearing, said: Classify) -> None:
    if said.deceit_alleged or said.type == "LEGAL":
        h.tell(Role.LEGAL, "shown_to_legal", type=said.type)
    if said.tipping_points:
        h.tell(Role.CS_DIRECTOR, "risk_raised", points=", ".join(said.tipping_points))
    plan_study(h)


def plan_study(h: Hearing) -> None:
    """A complex case is studied across departments, once per handling round; the lead convenes (CLS-08, SEC-04)."""
    key = f"study_session/{h.c.round}"
    complex_one = h.c.classification is not None and h.c.classification.severity == Severity.COMPLEX
    if complex_one and key not in h.c.tasks:
        h.c.tasks[key] = Task(
            id=key, kind="study_session", owner=Receiver.LEAD, asked_by=h.asker.id, asked_at=h.at
        )
        h.fact("study_session_due", str(h.c.round), at=h.at)


def _unclassified(h: Hearing) -> None:
    _registered(h)
    h.refuse_unless(
        h.c.classification is None, "The complaint is already classified; reclassify it.", "CLS-14"
    )


@hears("classify", _unclassified)
def classify(h: Hearing, said: Classify) -> None:
    """Type, cause and severity; an allegation of deceit is shown to legal at once (LIT-07).

    Where a suit came first, the case is classified later and stays in its stage.
    """
    _take(h, said)
    if h.c.stage == Stage.REGISTERED:
        h.enter(Stage.CLASSIFIED)
    h.fact("classified", type=said.type, cause=said.cause, severity=said.severity, topic=said.topic)
    _show_to_others(h, said)


@hears("reclassify")
def reclassify(h: Hearing, said: Reclassify) -> None:
    """Classified anew, with the reason; the work done is kept and the case is routed again (CLS-14)."""
    _take(h, said)
    h.c.handover = None
    h.enter(Stage.CLASSIFIED)
    h.fact("reclassified", type=said.type, cause=said.cause, severity=said.severity, text=said.reason)
    _show_to_others(h, said)


@hears("assign")
def assign(h: Hearing, said: Assign) -> None:
    """The responsible department and its lead. Nobody leads a complaint about themself (INV-03)."""
    accepted = (*DEPARTMENTS[said.department], *LEAD_ANYWHERE)
    h.refuse_unless(
        said.lead in accepted,
        f"lead: {said.lead} does not belong to {said.department}; accepted are {', '.join(accepted)}.",
        "CLS-04",
    )
    h.refuse_unless(
        said.lead != h.c.about_role and (said.person is None or said.person != h.c.about_person),
        "Nobody leads a complaint about themself.",
        "INV-03",
    )
    h.c.handover = Handover(
        department=said.department, lead=said.lead, person=said.person, at=h.at, by=h.asker.id
    )
    h.enter(Stage.ASSIGNED)
    h.fact("assigned", department=said.department, lead=said.lead, person=said.person)
    h.tell(Receiver.LEAD, "assigned", department=said.department)


def hand_to_legal(h: Hearing) -> None:
    """A suit that comes before any department was assigned makes the case legal's (LIT-02, LIF-03)."""
    h.c.handover = Handover(department=Department.LEGAL, lead=Role.LEGAL, at=h.at, by=h.asker.id)
    h.fact("assigned", at=h.at, department=Department.LEGAL, lead=Role.LEGAL)


@hears("reassign")
def reassign(h: Hearing, said: Reassign) -> None:
    """Another person: the owner before a department is assigned, the lead's person after."""
    h.refuse_unless(said.person != h.c.about_person, "Nobody leads a complaint about themself.", "INV-03")
    seat = said.seat or ("owner" if h.c.handover is None else "lead")
    if seat == "owner":
        h.c.owner = said.person
    else:
        handover = h.require(
            h.c.handover, "seat: no department is assigned yet, so there is no lead.", "LIF-03"
        )
        handover.person = said.person
    h.fact("reassigned", said.person, text=said.reason, seat=seat)
    h.tell(f"person:{said.person}", "assigned", department=h.c.desk)


def accept(h: Hearing, *, straight: bool = False) -> None:
    """The lead's side takes the case over, in words or by beginning to work."""
    if h.c.handover and h.c.handover.accepted_at is None:
        h.c.handover.accepted_at, h.c.handover.accepted_by = h.at, h.asker.id
        h.fact("handover_accepted", at=h.at, straight=straight)


def _not_yet_accepted(h: Hearing) -> None:
    taken = h.c.handover is not None and h.c.handover.accepted_at is not None
    h.refuse_unless(not taken, "The handover is already accepted.", "CLS-06")


@hears("accept_handover", _not_yet_accepted)
def accept_handover(h: Hearing, said: AcceptHandover) -> None:
    accept(h)


@hears("return_handover")
def return_handover(h: Hearing, said: ReturnHandover) -> None:
    """Back to customer service, with the reason; the department that returned it stays on record."""
    returned = h.c.department
    h.fact("handover_returned", at=h.at, department=returned, text=said.reason)
    h.c.handover = None
    h.tell(Receiver.OWNER, "handover_returned", department=returned)
    h.enter(Stage.CLASSIFIED)


@hears("set_flag")
def set_flag(h: Hearing, said: SetFlag) -> None:
    """Raise or end an overlay. GROUP and MAJOR are for those in command (CLS-10)."""
    if said.flag in COMMANDED_FLAGS:
        allowed = COMMANDED_FLAGS[said.flag]
        h.refuse_others(
            h.asker.holds(*allowed), f"{said.flag} may be set by {', '.join(allowed)} only.", "CLS-10"
        )
    else:
        h.refuse_others(
            on_the_case(h.c, h.asker), f"{said.flag} may be set by {Place.ON_THE_CASE} only.", "ORG-08"
        )
    if not said.value:
        h.refuse_unless(said.flag in h.c.flags, f"flag: {said.flag} is not set.", "CLS-10")
        del h.c.flags[said.flag]
        h.fact("unflagged", said.flag, at=h.at, text=said.reason)
        return
    if set_already := h.c.flags.get(said.flag):
        set_already.reason, set_already.households = said.reason, said.households or set_already.households
        h.fact("flag_changed", said.flag, at=h.at, text=said.reason, households=said.households)
        return
    h.c.flags[said.flag] = Flagged(since=h.at, by=h.asker.id, reason=said.reason, households=said.households)
    h.fact("flagged", said.flag, at=h.at, text=said.reason, households=said.households)
    if said.flag == Flag.MAJOR:
        for level in COMMAND_LEVELS:
            h.tell(level, "major_flagged")
    if said.flag == Flag.HAZARD:
        h.tell(Receiver.DEPARTMENT_HEAD, "hazard_flagged")


@hears("escalate")
def escalate(h: Hearing, said: Escalate) -> None:
    h.fact("escalated", said.to, text=said.reason)
    h.tell(said.to, "escalated", reason=said.reason)


@hears("request_help")
def request_help(h: Hearing, said: RequestHelp) -> None:
    """Any handler may ask a colleague, another department or the leading group (LIF-09)."""
    ask(h, "help", said.id, said.to, said.question, said.due)


@hears("give_help")
def give_help(h: Hearing, said: GiveHelp) -> None:
    answer(h, "help", said.id, said.answer)


_ASKED = {
    "help": ("help_requested", "help_given", "help_asked"),
    "contribution": ("contribution_requested", "contribution_given", "contribution_asked"),
    "opinion": ("opinion_requested", "opinion_given", "opinion_asked"),
}


def ask(
    h: Hearing,
    kind: str,
    name: str,
    to: Role | Receiver,
    what: str | None,
    due: datetime | None = None,
    subkind: str | None = None,
) -> None:
    """Ask a role for something, with a due time; it becomes that role's task."""
    key = f"{kind}/{name}"
    open_one = h.c.tasks.get(key)
    h.refuse_unless(
        open_one is None or open_one.state != "OPEN", f"id: {name} is already asked for.", "INV-12"
    )
    if due is not None:
        require_future(h, due, "due")
    h.c.tasks[key] = Task.model_validate(
        {
            "id": key,
            "kind": kind,
            "owner": to,
            "asked_by": h.asker.id,
            "asked_at": h.at,
            "due": due,
            "what": what,
            "subkind": subkind,
        }
    )
    fact, _given, template = _ASKED[kind]
    h.fact(fact, name, to=to, due=due, text=what, subkind=subkind)
    h.tell(to, template, id=name, due=due)


def answer(h: Hearing, kind: str, name: str, text: str | None) -> None:
    """Give what was asked for: the role asked, or one of its department."""
    task = h.require(h.c.tasks.get(f"{kind}/{name}"), f"id: nothing named {name} was asked for.", "INV-12")
    h.refuse_unless(task.state == "OPEN", f"id: {name} is already answered.", "INV-12")
    department = department_of(Role(task.owner)) if task.owner in Role.__members__ else None
    h.refuse_others(
        holds_code(h.asker, task.owner) or (department is not None and department in h.asker.departments),
        f"{name} was asked of {task.owner}.",
        "INV-12",
    )
    task.state, task.done_at, task.done_by, task.answer = "DONE", h.when, h.asker.id, text
    h.fact(_ASKED[kind][1], name, text=text)
    h.tell(f"person:{task.asked_by}", f"{kind}_given", id=name)


def require_future(h: Hearing, instant: datetime, field: str) -> None:
    """A due time lies ahead."""
    h.refuse_unless(instant > h.at, f"{field}: must lie in the future.", "§3")
