"""Who may say what (commands.md §4) and who may read what (ORG-08): one table of rights, asked every time.

A seat is a role a person holds, a department a person belongs to, or a place in the case. Rights are judged from
the records, never from what a command claims. A substitute acts for an absent seat and both names are recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.askers import CUSTOMER, DEPARTMENTS, FEED, Absent, Asker, department_of, head_of
from domain.codes import PROCEEDINGS, Department, Flag, Receiver, Role, Stage
from domain.complaint import Complaint
from domain.facts import NotTheirs, Refused

#: what the seats of people are comes along, for whoever asks about rights
__all__ = ["CUSTOMER", "DEPARTMENTS", "FEED", "Absent", "Asker", "department_of", "head_of"]


class Place(StrEnum):
    """A place in the case that carries rights."""

    ON_THE_CASE = "a person on the case"
    LEAD_SIDE = "the lead or the lead's department"
    NEGOTIATOR = "a negotiator the case was given to"
    ITEM_OWNER = "the item's owner"
    EMPLOYEE = "any employee"
    LEADING_GROUP = "the leading group"
    CUSTOMER = "the customer by link"
    FEED = "a connected system"


Seat = Role | Place
CS_SIDE = (Role.CS_SPECIALIST, Role.CS_DIRECTOR)
COMMAND_LEVELS = (Role.TOP_LEADER, Role.DUTY_LEADER, Role.SITE_LEADER)
#: the seats that may lead a complaint whichever department it is assigned to (CLS-04)
LEAD_ANYWHERE = (*COMMAND_LEVELS, Role.NEGOTIATOR)


@dataclass(frozen=True)
class Right:
    """Who may say a command, and the rule that says so."""

    seats: tuple[Seat, ...]
    rule: str = "§4"


_CS = Right(CS_SIDE, "ORG-02")
_LEAD = Right((Place.LEAD_SIDE,), "INV-04")
_TELLS = Right((*CS_SIDE, Place.LEAD_SIDE, Role.SITE_LEADER), "SLA-02")
_LEGAL = Right((Role.LEGAL,), "LEG-02")
_DIRECTOR = Right((Role.CS_DIRECTOR,), "CLO-01")
_ANYBODY_ON_IT = Right((Place.ON_THE_CASE,), "ORG-08")

RIGHTS: Mapping[str, Right] = {
    "register": Right((Place.EMPLOYEE,), "INT-05"),
    "add_to_intake": Right((Place.EMPLOYEE, Place.CUSTOMER, Place.FEED), "INT-08"),
    "change_contact": Right((Place.ON_THE_CASE, *CS_SIDE, Place.CUSTOMER, Place.FEED), "CUS-06"),
    "add_note": Right((Place.ON_THE_CASE, *CS_SIDE, Place.CUSTOMER, Place.FEED), "LIF-04"),
    "correct": Right((Place.ON_THE_CASE, *CS_SIDE), "LIF-04"),
    "request_erasure": Right((Place.ON_THE_CASE, *CS_SIDE, Place.CUSTOMER), "CUS-08"),
    "mark_withdrawn": Right((*CS_SIDE, Place.CUSTOMER), "LIF-05"),
    **dict.fromkeys(
        (
            "classify",
            "reclassify",
            "assign",
            "reassign",
            "link_duplicate",
            "open_second_handling",
            "reopen",
            "archive",
            "record_visit_attempt",
            "record_follow_up",
        ),
        _CS,
    ),
    "record_feedback": Right((*CS_SIDE, Place.CUSTOMER), "CLO-02"),
    **dict.fromkeys(("accept_handover", "return_handover", "confirm_findings", "submit_review"), _LEAD),
    "propose_solution": Right((Place.LEAD_SIDE, Place.NEGOTIATOR), "NEG-02"),
    **dict.fromkeys(
        ("record_response", "make_promise", "extend_promise", "keep_promise", "send_progress"), _TELLS
    ),
    "set_flag": Right(
        (Place.ON_THE_CASE, Role.CS_DIRECTOR, Role.MARKETING_MANAGER, Role.DUTY_LEADER, Role.TOP_LEADER),
        "CLS-10",
    ),
    **dict.fromkeys(("hold", "resume"), Right((*CS_SIDE, Place.LEAD_SIDE), "SLA-05")),
    "extend_window": _DIRECTOR,
    **dict.fromkeys(
        (
            "give_opinion",
            "add_legal_date",
            "keep_legal_date",
            "submit_arbitration",
            "record_decision",
            "file_or_register_suit",
            "record_judgment",
            "set_limitation",
            "choose_forum",
        ),
        _LEGAL,
    ),
    "set_limits": Right((Role.CS_DIRECTOR, Place.LEADING_GROUP), "NEG-06"),
    "approve_offer": Right((Role.FINANCE, Place.LEADING_GROUP), "NEG-07"),
    **dict.fromkeys(("fail_negotiation", "record_silence"), _DIRECTOR),
    "decide_review": Right((Role.CS_DIRECTOR, Role.MARKETING_MANAGER), "CLO-01"),
    **dict.fromkeys(
        ("complete_item", "carry_over_item"), Right((Place.ITEM_OWNER, Place.LEAD_SIDE), "NEG-10")
    ),
    **dict.fromkeys(("record_payment", "reverse_payment"), Right((Role.FINANCE,), "NEG-07")),
    **dict.fromkeys(
        ("change_policy_version", "change_calendar_version"), Right((Role.CS_DIRECTOR, Role.ADMIN), "PLN-04")
    ),
    "add_evidence": Right((Place.ON_THE_CASE, Place.FEED), "INV-06"),
    "record_praise": Right((Place.ON_THE_CASE, *CS_SIDE), "KNO-07"),
    "record_reflection": Right((Place.ON_THE_CASE, *CS_SIDE), "CLO-05"),
}

#: ending or raising these is for the command of the company (CLS-10)
COMMANDED_FLAGS = {
    Flag.MAJOR: (Role.CS_DIRECTOR, Role.MARKETING_MANAGER, Role.DUTY_LEADER, Role.TOP_LEADER),
    Flag.GROUP: (Role.CS_DIRECTOR, Role.MARKETING_MANAGER, Role.DUTY_LEADER, Role.TOP_LEADER),
}

#: what nobody does in a complaint about themself (INV-03)
NOT_ABOUT_ONESELF = frozenset(
    {
        "accept_handover",
        "waive_investigation",
        "plan_visit",
        "record_visit",
        "add_evidence",
        "record_study_session",
        "confirm_findings",
        "propose_solution",
        "approve_offer",
        "record_round",
        "submit_review",
        "decide_review",
        "request_contribution",
    }
)


#: giving a complaint a tag, or taking it: no command of the conversation, but not everybody's either
MARKING = "tag"


def right_to(kind: str) -> Right:
    """The row of the table for a command."""
    return RIGHTS.get(kind, _ANYBODY_ON_IT)


def require_right(complaint: Complaint, kind: str, asker: Asker) -> None:
    """Raises NotTheirs where this person may not say this command in this case."""
    right = right_to(kind)
    asker = asker.within(complaint.project)
    if is_about(complaint, asker) and kind in NOT_ABOUT_ONESELF:
        raise NotTheirs(
            "Nobody investigates, leads, proposes, reviews or approves a complaint about themself.", "INV-03"
        )
    if not any(sits(complaint, asker, seat) for seat in right.seats):
        allowed = ", ".join(sorted({str(seat) for seat in right.seats}))
        raise NotTheirs(f"{kind} may be said by {allowed} only.", right.rule)


def marking_refused(complaint: Complaint, asker: Asker) -> Refused | None:
    """Why this person may not mark the complaint with words of the managed list, or None. Marks sort the work, so they
    are given and taken by whoever is on the case; others, auditors among them, only see them."""
    try:
        require_right(complaint, MARKING, asker)
    except NotTheirs as refused:
        return refused
    return None


def sits(complaint: Complaint, asker: Asker, seat: Seat) -> bool:
    """Whether this person sits here in this case."""
    if asker.id == CUSTOMER:
        return seat is Place.CUSTOMER
    if asker.id.startswith(FEED):
        return seat is Place.FEED
    if isinstance(seat, Role):
        return asker.holds(seat)
    if not asker.employed:
        return False  # who has left the company keeps no place in a case
    return _PLACES[seat](complaint, asker)


def is_about(complaint: Complaint, asker: Asker) -> bool:
    """Whether the complaint is about this person, or about the role they hold (INV-03)."""
    if complaint.about_person == asker.id:
        return True
    return complaint.about_role is not None and complaint.about_role in asker.roles


def in_leading_group(asker: Asker) -> bool:
    """MARKETING_MANAGER or TOP_LEADER act for the leading group, CS_DIRECTOR only as a substitute (ORG-01)."""
    return asker.holds(Role.MARKETING_MANAGER, Role.TOP_LEADER)


def on_lead_side(complaint: Complaint, asker: Asker) -> bool:
    """The lead in person, by seat, or a member of the assigned department."""
    handover = complaint.handover
    if handover is None:
        return False
    if handover.person == asker.id or asker.holds(handover.lead):
        return True
    return handover.department in asker.departments


def _was_asked(complaint: Complaint, asker: Asker) -> bool:
    return any(
        task.owner == asker.id or holds_code(asker, task.owner)
        for task in complaint.tasks.values()
        if task.kind in ("contribution", "help", "opinion", "visit")
    )


def holds_code(asker: Asker, code: str) -> bool:
    """Whether the person holds the role of this code, or acts for the leading group where that is named."""
    if code == Receiver.LEADING_GROUP:
        return in_leading_group(asker)
    return code in Role.__members__ and asker.holds(Role(code))


def on_the_case(complaint: Complaint, asker: Asker) -> bool:
    """A person on the case: first contact, owner, customer service, the lead's side, whoever was asked.

    LEGAL belongs to it in MEDIATING, ARBITRATING and LITIGATING, the command levels where it is MAJOR.
    """
    return _on_the_case(complaint, asker)


def _on_the_case(complaint: Complaint, asker: Asker) -> bool:
    if asker.id in (complaint.first_contact, complaint.owner) or asker.holds(*CS_SIDE):
        return True
    if on_lead_side(complaint, asker) or _was_asked(complaint, asker):
        return True
    in_ladder = complaint.stage in PROCEEDINGS or complaint.stage == Stage.MEDIATING
    if in_ladder and asker.holds(Role.LEGAL):
        return True
    return Flag.MAJOR in complaint.flags and asker.holds(*COMMAND_LEVELS)


def _item_owner(complaint: Complaint, asker: Asker) -> bool:
    return any(asker.holds(item.owner) for item in complaint.items.values())


_PLACES: Mapping[Place, Callable[[Complaint, Asker], bool]] = {
    Place.ON_THE_CASE: _on_the_case,
    Place.LEAD_SIDE: on_lead_side,
    Place.NEGOTIATOR: lambda complaint, asker: (
        asker.holds(Role.NEGOTIATOR) and _on_the_case(complaint, asker)
    ),
    Place.ITEM_OWNER: _item_owner,
    Place.EMPLOYEE: lambda _complaint, asker: bool(asker.roles or asker.projects),
    Place.LEADING_GROUP: lambda _complaint, asker: in_leading_group(asker),
    Place.CUSTOMER: lambda _complaint, _asker: False,
    Place.FEED: lambda _complaint, _asker: False,
}


#: who reads every complaint, of their projects where their seats are bound to some
READS_ALL = (
    *CS_SIDE,
    Role.MARKETING_MANAGER,
    Role.TOP_LEADER,
    Role.DUTY_LEADER,
    Role.SITE_LEADER,
    Role.AUDITOR,
    Role.ADMIN,
)
#: who reads all of a project they are bound to, and no more than their department's desk where they are not
READS_THEIR_PROJECT = (Role.PROJECT_MANAGER,)
#: who is never shown a name or a contact whole, unless another seat of theirs is
SEES_MASKED = (Role.AUDITOR, Role.ADMIN)
_LEGAL_STAGES = PROCEEDINGS | {Stage.MEDIATING}


@dataclass(frozen=True)
class Reach:
    """What a person may read, in the form a list of complaints is filtered by (SQL: `may_read`, ORG-08).

    A complaint is theirs to read when it is not about them in person, and `everything` is set or one of `places` is
    among the complaint's own (`places_in`). A place is `<what>:<code>`, or `<what>:<code>@<project>` where the seat
    is bound to a project.
    """

    person: str
    everything: bool
    places: tuple[str, ...]


def may_read(complaint: Complaint, asker: Asker) -> bool:
    """Whether this person may read this complaint (ORG-08).

    Customer service, the command of the company, AUDITOR and ADMIN read all; everybody else what lies on their
    department's desk or is led from their seat, what they are on by name, and what was asked of them; LEGAL also what
    has come to mediation, a forum, or the brink of one. A person it is about by name never reads it (INV-03): not
    even that it exists. Where only a role is complained about its holders do read it, or nobody would be left to
    handle a complaint about customer service.
    """
    reach = reach_of(asker)
    if complaint.about_person == reach.person:
        return False
    return reach.everything or not places_in(complaint).isdisjoint(reach.places)


def may_see_whole(complaint: Complaint, asker: Asker) -> bool:
    """Whether name and contact of the customer may be shown to this person unmasked (CUS-07).

    To whoever handles the case or commands it, and to who owes the customer something while it is not done: whoever
    repairs a ceiling has to find it. Not to auditors and administrators, and not to those who were only asked for a
    part of the work. Each reading is logged either way (CUS-09).
    """
    if not may_read(complaint, asker):
        return False
    here = asker.within(complaint.project)
    if here.holds(*(role for role in READS_ALL if role not in SEES_MASKED)):
        return True
    if here.id in (complaint.first_contact, complaint.owner) or on_lead_side(complaint, here):
        return True
    if any(item.state != "DONE" and here.holds(item.owner) for item in complaint.items.values()):
        return True
    return here.holds(Role.LEGAL) and came_to_legal(complaint)


def came_to_legal(complaint: Complaint) -> bool:
    """Whether the case is, was or may next be in mediation or before a forum, which is LEGAL's to know."""
    return (
        complaint.stage in _LEGAL_STAGES
        or complaint.mediation is not None
        or bool(complaint.proceedings)
        or complaint.negotiation_failed
        or any(entry.satisfied is False for entry in complaint.feedback)
    )


def places_in(complaint: Complaint) -> frozenset[str]:
    """The places of a complaint that may be read from; the SQL function `reading_places` says the same."""
    asked = {task.owner for task in complaint.tasks.values()}
    asked |= {str(item.owner) for item in complaint.items.values()}
    asked |= {solution.approver_due for solution in complaint.solutions.values() if solution.approver_due}
    if any(solution.compensation is not None for solution in complaint.solutions.values()):
        asked.add(Role.FINANCE)
    seats = {f"desk:{complaint.desk}", *(f"asked:{code}" for code in asked)}
    if complaint.handover is not None:
        seats.add(f"lead:{complaint.handover.lead}")
    if came_to_legal(complaint):
        seats.add("legal:")
    named = {complaint.first_contact, complaint.owner}
    if complaint.handover is not None:
        named.add(complaint.handover.person)
    places = {*seats, *(f"person:{person}" for person in named if person)}
    if complaint.project is not None:
        places |= {f"project:{complaint.project}", *(f"{seat}@{complaint.project}" for seat in seats)}
    return frozenset(places)


def reach_of(asker: Asker) -> Reach:
    """What this person may read at all; nothing, for who has left, the customer by link and connected systems."""
    if not asker.employed:
        return Reach(asker.id, everything=False, places=())
    places = {f"person:{asker.id}", f"asked:{asker.id}"}
    everything = False
    for roles, department, projects in _held(asker):
        everything = everything or (not projects and bool(roles.intersection(READS_ALL)))
        seats = _seats(roles, department)
        if not projects:
            places |= seats
            continue
        places |= {f"{seat}@{project}" for seat in seats for project in projects}
        if roles.intersection(READS_ALL + READS_THEIR_PROJECT):
            places |= {f"project:{project}" for project in projects}
    return Reach(asker.id, everything, tuple(sorted(places)))


def _held(asker: Asker) -> list[tuple[frozenset[Role], Department | None, tuple[str, ...]]]:
    """The person's seats, and those they stand in for: roles, department, the projects they are bound to."""
    held = [(frozenset(asker.roles), asker.department, asker.projects)]
    if asker.absent:
        return held + [(frozenset(one.roles), None, one.projects) for one in asker.absent]
    return [*held, (frozenset(asker.standing_in), None, ())]


def _seats(roles: frozenset[Role], department: Department | None) -> set[str]:
    departments = {department_of(role) for role in roles} | {department}
    seats = {f"desk:{name}" for name in departments if name}
    seats |= {f"{what}:{role}" for role in roles for what in ("lead", "asked")}
    if roles.intersection((Role.MARKETING_MANAGER, Role.TOP_LEADER)):
        seats.add(f"asked:{Receiver.LEADING_GROUP}")
    if Role.LEGAL in roles:
        seats.add("legal:")
    return seats
