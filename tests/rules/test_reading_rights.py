"""The table of rights by role, command, own and other department, own and other project; and who may read what."""

from functools import cache
from itertools import product

import pytest

from domain.codes import ENDED, Department, Flag, Role, Stage
from domain.commands import INTERNAL, MODELS
from domain.complaint import Complaint, Handover, Task
from domain.duties import duties_of, in_common, owed_by
from domain.facts import Refused
from domain.lifecycle import TABLE
from domain.parts import Item
from domain.rights_drawing import by_department, by_seat
from domain.roles import (
    DEPARTMENTS,
    READS_ALL,
    Absent,
    Asker,
    department_of,
    head_of,
    may_read,
    may_see_whole,
    require_right,
    right_to,
)
from tests.builders import RECEIVED, life

KINDS = sorted(set(MODELS) - INTERNAL)
SAID = Stage.INVESTIGATING


@cache
def brought(to: Stage) -> Complaint:
    """A complaint said everything on the shortest way to this stage."""
    return life(to).complaint


def case(
    department: Department = Department.ENGINEERING, stage: Stage = SAID, **changes: object
) -> Complaint:
    """A case of project P, led from the head's seat of this department; nobody of the tests is named in it."""
    handover = Handover(department=department, lead=head_of(department), at=RECEIVED, by="x")
    return brought(stage).model_copy(
        update={"project": "P", "handover": handover, "owner": "o", "first_contact": "f", **changes}
    )


def holder(role: Role, project: str | None = None) -> Asker:
    return Asker(id="somebody", roles=(role,), projects=(project,) if project else ())


def may(complaint: Complaint, kind: str, asker: Asker) -> bool:
    try:
        require_right(complaint, kind, asker)
    except Refused:
        return False
    return True


def other_than(department: Department | None) -> Department:
    """A department that leads, and is not this one; never customer service, which is on every case."""
    return Department.MAINTENANCE if department is Department.CONTRACT else Department.CONTRACT


@pytest.mark.parametrize(("role", "kind"), list(product(Role, KINDS)))
@pytest.mark.requirement("ORG-08")
def test_right_by_department_and_project(role: Role, kind: str) -> None:
    """Drawn into docs/rights.md from the same table."""
    seats, own = right_to(kind).seats, department_of(role)
    for is_own, is_project in product((True, False), (True, False)):
        if is_own and own is None:
            continue
        department = own if is_own and own else other_than(own)
        asker = holder(role, "P" if is_project else "Q")
        everywhere = "everybody" if kind in ("register", "add_to_intake") else ""
        led = is_own and by_department(seats, role)
        expected = bool(everywhere) or (is_project and (by_seat(seats, role) or led))
        assert may(case(department), kind, asker) == expected, (is_own, is_project)


@pytest.mark.parametrize("role", Role)
@pytest.mark.requirement("ORG-08")
def test_reading_by_department_and_project(role: Role) -> None:
    own = department_of(role)
    for project in (None, "P", "Q"):
        asker, mine = holder(role, project), project != "Q"
        if own is not None:
            assert may_read(case(own), asker) == mine
        other = role in READS_ALL or (role is Role.PROJECT_MANAGER and project == "P")
        assert may_read(case(other_than(own)), asker) == (mine and other), project


@pytest.mark.requirement("CUS-07")
@pytest.mark.parametrize("role", Role)
def test_names_whole(role: Role) -> None:
    whole = role in READS_ALL and role not in (Role.AUDITOR, Role.ADMIN)
    elsewhere = case(other_than(department_of(role)))
    assert may_see_whole(elsewhere, holder(role)) == whole
    assert not may_see_whole(elsewhere, holder(role, "Q"))
    if own := department_of(role):
        assert may_see_whole(case(own), holder(role))
    both = Asker(id="x", roles=(Role.AUDITOR, Role.CS_DIRECTOR))
    assert may_see_whole(elsewhere, both), "another seat of theirs"


def asked(owner: str, kind: str = "contribution") -> Complaint:
    task = Task.model_validate(
        {"id": "T", "kind": kind, "owner": owner, "asked_by": "x", "asked_at": RECEIVED}
    )
    return case(Department.CONTRACT, tasks={"T": task})


@pytest.mark.requirement("ORG-08")
def test_whoever_is_named_or_asked_reads_it_wherever_their_seats_are() -> None:
    far = holder(Role.TECHNICIAN, "Q")
    assert not may_read(case(Department.CONTRACT), far)
    assert may_read(case(Department.CONTRACT, owner=far.id), far)
    assert may_read(case(Department.CONTRACT, first_contact=far.id), far)
    assert may_read(asked(far.id), far)
    assert may_read(asked("TECHNICIAN"), holder(Role.TECHNICIAN))
    assert not may_read(asked("TECHNICIAN"), far), "asked of the seat, which they hold elsewhere"
    assert not may_see_whole(asked("FINANCE"), holder(Role.FINANCE)), "asked for a part of it"


@pytest.mark.requirement("CUS-07", "NEG-10")
def test_whoever_owes_the_customer_something_may_see_where_until_it_is_done() -> None:
    owed = Item(id="A1", round=1, what="repair the ceiling", owner=Role.MAINTENANCE, due=RECEIVED)
    repairs = holder(Role.MAINTENANCE)
    for state, whole in (("OPEN", True), ("CARRIED_OVER", True), ("DONE", False)):
        there = case(Department.CONTRACT, items={"A1": owed.model_copy(update={"state": state})})
        assert may_see_whole(there, repairs) == whole, state
        assert not may_see_whole(there, holder(Role.FINANCE))
        assert not may_see_whole(there, holder(Role.MAINTENANCE, "Q"))


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.requirement("LEG-02")
def test_legal_reads_from_mediation_on(stage: Stage) -> None:
    told = case(
        Department.CONTRACT, stage, mediation=None, proceedings=[], negotiation_failed=False, feedback=[]
    )
    upper = stage in (Stage.MEDIATING, Stage.ARBITRATING, Stage.LITIGATING)
    if not any(task.owner == "LEGAL" for task in told.tasks.values()):
        assert may_read(told, holder(Role.LEGAL)) == upper
    assert may_read(told.model_copy(update={"negotiation_failed": True}), holder(Role.LEGAL))
    assert not may_read(told.model_copy(update={"negotiation_failed": True}), holder(Role.LEGAL, "Q"))


@pytest.mark.requirement("INV-03")
@pytest.mark.parametrize("role", Role)
def test_nobody_reads_a_complaint_about_themself(role: Role) -> None:
    about = case(department_of(role) or Department.CONTRACT, about_person="somebody", owner="somebody")
    assert not may_read(about, holder(role))
    assert not may_see_whole(about, holder(role))


def test_a_complaint_about_a_role_can_still_be_handled() -> None:
    assert may_read(case(about_role=Role.CS_SPECIALIST), holder(Role.CS_SPECIALIST))


@pytest.mark.parametrize(
    "asker", [Asker(id="o"), Asker(id="customer"), Asker(id="feed:hotline"), Asker(id="f")]
)
def test_who_holds_no_seat_reads_nothing(asker: Asker) -> None:
    assert not may_read(case(), asker)


@pytest.mark.requirement("ORG-05")
def test_a_substitute_stands_in_within_the_absent_persons_projects() -> None:
    absent = (
        Absent(person="a", roles=(Role.LEGAL,), projects=("P",)),
        Absent(person="b", roles=(Role.LEGAL,), projects=("R",)),
    )
    asker = Asker(id="s", roles=(Role.SALES_STAFF,), standing_in={Role.LEGAL: "a"}, absent=absent)
    for project, stands_for in (("P", "a"), ("R", "b"), ("Q", None)):
        told = case(Department.CONTRACT, Stage.MEDIATING, project=project)
        assert may(told, "give_opinion", asker) == (stands_for is not None)
        assert may_read(told, asker) == (stands_for is not None)
        assert asker.within(project).standing_in == ({Role.LEGAL: stands_for} if stands_for else {})


def test_a_command_level_leads_a_major_case_of_its_project_only() -> None:
    flags = {Flag.MAJOR: life(SAID).complaint.flags.get(Flag.MAJOR)}
    major = case(Department.CONTRACT, flags=flags)
    assert may(major, "add_note", holder(Role.SITE_LEADER, "P"))
    assert not may(major, "add_note", holder(Role.SITE_LEADER, "Q"))


@pytest.mark.requirement("ORG-06")
@pytest.mark.parametrize("role", Role)
def test_duties_say_what_the_rules_allow(role: Role) -> None:
    """Every command shown as always allowed is so in a case nobody led one to; nothing allowed is left out."""
    asker = holder(role)
    for duties in duties_of(asker):
        foreign = case(
            other_than(department_of(role)), duties.stage, mediation=None, proceedings=[], items={}
        )
        foreign = foreign.model_copy(update={"tasks": {}})
        if role is Role.LEGAL and duties.stage in (Stage.MEDIATING, Stage.ARBITRATING, Stage.LITIGATING):
            continue
        allowed = {kind for kind in KINDS if duties.stage in TABLE[kind].stages and may(foreign, kind, asker)}
        assert set(duties.always) == allowed
    assert not any(owed.level not in (1, 2, 3) for owed in owed_by(asker))


@pytest.mark.requirement("ORG-06")
def test_heads_and_owners_are_told_what_they_answer_for() -> None:
    first = {one.name: one.level for one in owed_by(holder(Role.CS_SPECIALIST))}
    assert first["classify_hours"] == 1
    assert {one.name: one.level for one in owed_by(holder(Role.CS_DIRECTOR))}["classify_hours"] == 2
    for roles in DEPARTMENTS.values():
        assert "accept_hours" in {one.name for one in owed_by(holder(roles[0]))}
    assert duties_of(Asker(id="gone"))
    assert not any(one.always for one in duties_of(Asker(id="gone")))


@pytest.mark.parametrize("role", Role)
def test_what_is_said_once_and_what_is_a_stages_own_make_the_whole(role: Role) -> None:
    whole = duties_of(holder(role))
    shared, own = in_common(whole)
    for before, after in zip(whole, own, strict=True):
        common = set() if before.stage in ENDED else set(shared.case)
        assert set(after.case) | common == set(before.case)
        assert not set(after.case) & common
