"""Who may say what (commands.md §4): one table of rights, asked for every command.

A seat is a role a person holds, a department a person belongs to, or a place in the case. Rights are judged from
the records, never from what a command claims. A substitute acts for an absent seat and both names are recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from domain.codes import PROCEEDINGS, Department, Flag, Receiver, Role, Stage
from domain.complaint import Complaint
from domain.facts import Refused

DEPARTMENTS: dict[Department, tuple[Role, ...]] = {
    Department.SALES: (Role.SALES_HEAD, Role.SALES_STAFF),
    Department.LEGAL: (Role.LEGAL,),
    Department.ENGINEERING: (Role.PROJECT_MANAGER, Role.TECHNICIAN),
    Department.MAINTENANCE: (Role.MAINTENANCE,),
    Department.PROPERTY: (Role.PROPERTY_MGMT,),
    Department.CUSTOMER_SERVICE: (Role.CS_SPECIALIST, Role.CS_DIRECTOR),
    Department.FINANCE: (Role.FINANCE,),
    Department.CONTRACT: (Role.CONTRACT_DEPT,),
    Department.MARKETING: (Role.MARKETING_MANAGER, Role.PR_LEAD, Role.MEDIA_OFFICER),
}
_DEPARTMENT_OF = {role: department for department, roles in DEPARTMENTS.items() for role in roles}

#: the pseudo-people: the customer by link, and systems of ours and others
CUSTOMER = "customer"
FEED = "feed:"


class Asker(BaseModel):
    """The acting person as the records know them. `standing_in` maps a role held as substitute to the absent person."""

    model_config = ConfigDict(frozen=True)

    id: str
    roles: tuple[Role, ...] = ()
    department: Department | None = None
    standing_in: dict[Role, str] = {}

    def holds(self, *roles: Role) -> bool:
        """Whether the person holds one of these seats, in their own right or as a substitute."""
        return any(role in self.roles or role in self.standing_in for role in roles)

    @property
    def departments(self) -> frozenset[Department]:
        own = {_DEPARTMENT_OF[role] for role in (*self.roles, *self.standing_in) if role in _DEPARTMENT_OF}
        return frozenset(own | ({self.department} if self.department else set()))


def head_of(department: Department) -> Role:
    """The role that heads a department: the first named (commands.md §4)."""
    return DEPARTMENTS[department][0]


def department_of(role: Role) -> Department | None:
    """The department a role belongs to, if any."""
    return _DEPARTMENT_OF.get(role)


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
    "add_note": Right((Place.ON_THE_CASE, *CS_SIDE, Place.FEED), "LIF-04"),
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


def right_to(kind: str) -> Right:
    """The row of the table for a command."""
    return RIGHTS.get(kind, _ANYBODY_ON_IT)


def require_right(complaint: Complaint, kind: str, asker: Asker) -> None:
    """Raises Refused where this person may not say this command in this case."""
    right = right_to(kind)
    if is_about(complaint, asker) and kind in NOT_ABOUT_ONESELF:
        raise Refused(
            "Nobody investigates, leads, proposes, reviews or approves a complaint about themself.", "INV-03"
        )
    if not any(sits(complaint, asker, seat) for seat in right.seats):
        allowed = ", ".join(sorted({str(seat) for seat in right.seats}))
        raise Refused(f"{kind} may be said by {allowed} only.", right.rule)


def sits(complaint: Complaint, asker: Asker, seat: Seat) -> bool:
    """Whether this person sits here in this case."""
    if asker.id == CUSTOMER:
        return seat is Place.CUSTOMER
    if asker.id.startswith(FEED):
        return seat is Place.FEED
    if isinstance(seat, Role):
        return asker.holds(seat)
    if not asker.roles and not asker.standing_in:
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
    Place.EMPLOYEE: lambda _complaint, asker: bool(asker.roles),
    Place.LEADING_GROUP: lambda _complaint, asker: in_leading_group(asker),
    Place.CUSTOMER: lambda _complaint, _asker: False,
    Place.FEED: lambda _complaint, _asker: False,
}
