"""Draws docs/rights.md from the one table of rights, by asking the rules themselves about every role and command."""

from domain.askers import DEPARTMENTS, Asker, department_of
from domain.codes import Role
from domain.commands import INTERNAL
from domain.lifecycle import TABLE
from domain.roles import READS_ALL, READS_THEIR_PROJECT, SEES_MASKED, Place, Seat, reach_of, right_to

_HEAD = """\
# Who may do what, and who may read what

Drawn by `make docs` from `domain/roles.py`; do not edit. A right is asked for in every ruling, from the records, never
from what a command claims.

**Project.** Whoever has entries in `seats` and on the duty roster that all name a project holds their roles and their
department in complaints of these projects only: elsewhere no row below is theirs. A place given by name (first
contact, owner, lead person, a task asked of them) counts everywhere. A substitute holds the absent person's seats
within the absent person's projects.

**Oneself.** A person named in a complaint neither reads it nor investigates, leads, proposes, reviews or approves it
(INV-03). Where a role is named, its holders may not do the latter.

## Commands

*Department*: said by members of the department that leads the case, and by the seat or person that leads it. *On the
case*: first contact, owner, customer service, the lead's side, whoever was asked, LEGAL in mediation and before a
forum, the command levels where the case is MAJOR.
"""


def rights_markdown() -> str:
    """The whole page."""
    lines = [
        _HEAD,
        "| command | in every case of their projects | where their department leads | also | rule |",
    ]
    lines.append("|---|---|---|---|---|")
    for kind in TABLE:
        if kind not in INTERNAL:
            lines.append(_command(kind))
    lines += [
        "",
        "Tags are given to a complaint and taken off it by whoever is on the case; their going is on record.",
    ]
    lines += ["", "## Reading", "", "| role | reads | name and contact |", "|---|---|---|"]
    lines += [_reading(role) for role in Role]
    lines += [
        "",
        (
            "Beyond that, everybody reads a complaint they are on by name, one in which a task, an item or an approval is "
            "theirs or their role's, and one led from their seat. LEGAL reads what is, was or may next be in mediation or "
            "before a forum. Whoever was only asked sees name and contact masked. Every reading is logged (CUS-09)."
        ),
        "",
        "## Departments",
        "",
        "| department | roles, its head first |",
        "|---|---|",
        *(f"| {name} | {', '.join(roles)} |" for name, roles in DEPARTMENTS.items()),
    ]
    return "\n".join(lines) + "\n"


def by_seat(seats: tuple[Seat, ...], role: Role) -> bool:
    """Whether a seat of the table is this role's in every case."""
    if role in seats or Place.EMPLOYEE in seats:
        return True
    if Place.ON_THE_CASE in seats and role in (Role.CS_SPECIALIST, Role.CS_DIRECTOR):
        return True
    return Place.LEADING_GROUP in seats and role in (Role.MARKETING_MANAGER, Role.TOP_LEADER)


def by_department(seats: tuple[Seat, ...], role: Role) -> bool:
    """Whether a seat of the table is this role's where its department leads, beside `by_seat`."""
    return department_of(role) is not None and (Place.LEAD_SIDE in seats or Place.ON_THE_CASE in seats)


def _command(kind: str) -> str:
    right = right_to(kind)
    always = [role for role in Role if by_seat(right.seats, role)]
    leading = [role for role in Role if by_department(right.seats, role) and role not in always]
    told = "everybody" if len(always) == len(Role) else ", ".join(always) or "–"
    departments = "members" if leading else "–"
    other = {Place.ON_THE_CASE, Place.NEGOTIATOR, Place.ITEM_OWNER, Place.CUSTOMER, Place.FEED}
    also = ", ".join(str(seat.value) for seat in right.seats if seat in other) or "–"
    return f"| `{kind}` | {told} | {departments} | {also} | {right.rule} |"


def _reading(role: Role) -> str:
    if reach_of(Asker(id="somebody", roles=(role,))).everything:
        reads = "every complaint; of their projects where bound to some"
    elif role in READS_THEIR_PROJECT:
        reads = f"the desk of {department_of(role)}; where bound to projects, every complaint of these"
    else:
        reads = f"the desk of {department_of(role)}" if department_of(role) else "what names or asks them"
    if role in SEES_MASKED:
        whole = "masked, always"
    elif role in READS_ALL:
        whole = "may be revealed"
    else:
        whole = "may be revealed where they lead, are named, or owe what is not done"
    return f"| {role} | {reads} | {whole} |"
