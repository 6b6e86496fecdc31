"""Who is told: codes of receivers turned into people, with nobody left out and nobody told who must not be."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from domain.codes import Department, Role, Stage
from domain.complaint import Complaint
from domain.roles import DEPARTMENTS, head_of
from records.db import Connection
from records.organisation import leave, put_absence, put_duty
from records.receivers import Addressees, colleagues
from tests.builders import RECEIVED, Life, life, received
from tests.notices.company import D

NO_PARAMS: Mapping[str, Any] = {}


async def told(
    connection: Connection, code: str, of: Life | Complaint, params: Mapping[str, Any] = NO_PARAMS
) -> set[str]:
    return {person.person for person in (await found(connection, code, of, params)).people}


async def found(
    connection: Connection, code: str, of: Life | Complaint, params: Mapping[str, Any] = NO_PARAMS
) -> Addressees:
    complaint = of.complaint if isinstance(of, Life) else of
    return await colleagues(connection, code, complaint, params, RECEIVED)


def both(role: Role) -> set[str]:
    return {f"{role.lower()}-1", f"{role.lower()}-2"}


async def test_before_classification_the_first_contact_owns_the_case(connection: Connection) -> None:
    fresh = received(by="SALES_STAFF/2")
    assert await told(connection, "OWNER", fresh) == {"sales_staff-2"}
    assert await told(connection, "FIRST_CONTACT", fresh) == {"sales_staff-2"}
    assert await told(connection, "LEAD", fresh) == {"sales_staff-2"}
    classified = life(Stage.CLASSIFIED)
    assert await told(connection, "OWNER", classified) == {"cs_specialist-1"}


async def test_what_a_feed_took_in_belongs_to_customer_service(connection: Connection) -> None:
    fed = received(by="feed:mail")
    assert await told(connection, "OWNER", fed) == both(Role.CS_SPECIALIST)
    assert await told(connection, "FIRST_CONTACT", fed) == both(Role.CS_SPECIALIST)
    assert await told(connection, "person:feed:mail", fed) == both(Role.CS_SPECIALIST)


async def test_the_head_is_the_director_before_a_department_has_the_case_and_its_own_then(
    connection: Connection,
) -> None:
    assert await told(connection, "DEPARTMENT_HEAD", life(Stage.CLASSIFIED)) == both(Role.CS_DIRECTOR)
    for department in DEPARTMENTS:
        role = head_of(department)
        assigned = life(Stage.CLASSIFIED).say("CS_SPECIALIST", "assign", department=department, lead=role)
        expected = {"legal-1"} if department == Department.LEGAL else both(role)
        assert await told(connection, "DEPARTMENT_HEAD", assigned) == expected
        assert await told(connection, "LEAD", assigned) == both(role)


async def test_a_lead_named_in_person_is_told_alone(connection: Connection) -> None:
    assigned = life(Stage.CLASSIFIED).say(
        "CS_SPECIALIST", "assign", department="engineering", lead="TECHNICIAN", person="technician-2"
    )
    assert await told(connection, "LEAD", assigned) == {"technician-2"}


async def test_what_a_role_owes_is_told_to_its_own_head(connection: Connection) -> None:
    asked = life(Stage.INVESTIGATING).say(
        "PROJECT_MANAGER",
        "request_contribution",
        id="C1",
        **{"from": "SALES_STAFF"},
        kind="record",
        due=RECEIVED + 9 * D,
    )
    name = {"name": "contribution/C1"}
    assert await told(connection, "DEPARTMENT_HEAD", asked, name) == both(Role.SALES_HEAD)
    agreed = life(Stage.FULFILLING)
    item = {"name": "item_due/A1"}
    assert await told(connection, "ITEM_OWNER", agreed, item) == both(Role.MAINTENANCE)
    assert await told(connection, "DEPARTMENT_HEAD", agreed, item) == both(Role.MAINTENANCE)
    assert await told(connection, "ITEM_OWNER", agreed) == both(Role.PROJECT_MANAGER)


@pytest.mark.requirement("ORG-01", "ORG-05")
async def test_the_leading_group_is_answered_for_rung_by_rung(connection: Connection) -> None:
    case = life()
    assert await told(connection, "LEADING_GROUP", case) == both(Role.MARKETING_MANAGER)
    for gone, next_one in (
        (Role.MARKETING_MANAGER, Role.TOP_LEADER),
        (Role.TOP_LEADER, Role.CS_DIRECTOR),
    ):
        for person in both(gone):
            await leave(connection, person, RECEIVED - D)
        assert await told(connection, "LEADING_GROUP", case) == both(next_one)


@pytest.mark.requirement("ORG-05")
async def test_whoever_is_on_duty_comes_first(connection: Connection) -> None:
    await put_duty(connection, Role.DUTY_LEADER, "duty_leader-2", RECEIVED - D, RECEIVED + D)
    assert await told(connection, "DUTY_LEADER", life()) == {"duty_leader-2"}


@pytest.mark.requirement("ORG-05")
async def test_a_seat_that_nobody_holds_is_reported_with_its_name(connection: Connection) -> None:
    for person in both(Role.LEGAL):
        await leave(connection, person, RECEIVED - D)
    vacant = await found(connection, "HEAD_OF_LEGAL", life())
    assert vacant.vacant == "HEAD_OF_LEGAL"
    people = {person.person for person in vacant.people}
    assert people == both(Role.ADMIN) | both(Role.MARKETING_MANAGER)
    assert (await found(connection, "person:legal-1", life())).vacant == "person"
    assert (await found(connection, "ADMIN", life())).vacant is None


async def test_the_head_of_legal_is_one_person_or_their_substitute(connection: Connection) -> None:
    assert await told(connection, "HEAD_OF_LEGAL", life()) == {"legal-1"}
    await put_absence(connection, "legal-1", RECEIVED - D, RECEIVED + D, "contract_dept-1")
    (person,) = (await found(connection, "HEAD_OF_LEGAL", life())).people
    assert (person.person, person.instead_of) == ("contract_dept-1", "legal-1")


@pytest.mark.requirement("SEC-05")
async def test_a_review_is_asked_of_those_who_may_decide_it(connection: Connection) -> None:
    first = life(Stage.CLOSING_REVIEW)
    assert await told(connection, "REVIEWER", first) == both(Role.CS_DIRECTOR)
    about = first.complaint.model_copy(update={"about_person": "cs_director-2"})
    assert await told(connection, "REVIEWER", about) == {"cs_director-1"}
    second = life(Stage.CLOSING_REVIEW, handling=2)
    assert await told(connection, "REVIEWER", second) == {"cs_director-2"} | both(Role.MARKETING_MANAGER)


@pytest.mark.requirement("ORG-05")
async def test_every_receiver_a_life_tells_is_somebody(connection: Connection) -> None:
    """No code the rules give is unknown here: a whole life with everything late finds people for each."""
    case = life(Stage.NEGOTIATING, handling=2)
    case.wait_until(case.at + timedelta(days=400))
    codes = {
        code for deadline in case.complaint.deadlines.values() for level in deadline.told for code in level
    }
    assert len(codes) > 5
    for code in codes - {"CUSTOMER"}:
        assert await told(connection, code, case)
