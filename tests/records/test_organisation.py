"""Who may act and who is told: seats, duty, absence and substitutes, leavers."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.codes import Department, Role
from domain.roles import DEPARTMENTS
from records import organisation
from records.db import Connection, RecordsError
from records.organisation import Person, Receiver

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def company(connection: Connection) -> Connection:
    """A company with two people in every role."""
    await organisation.seed_local_people(connection, production=False)
    return connection


def ids(receivers: list[Receiver]) -> list[str]:
    return [receiver.user_id for receiver in receivers]


@pytest.mark.requirement("ORG-04", "ORG-08")
async def test_the_local_profile_has_people_for_every_role(connection: Connection) -> None:
    seeded = await organisation.seed_local_people(connection, production=False)
    assert len(seeded) == 2 * len(Role)
    everybody = {person.user_id: person for person in await organisation.people(connection)}
    for department, roles in DEPARTMENTS.items():
        for role in roles:
            assert everybody[f"{role.lower()}-1"].department == department
            assert everybody[f"{role.lower()}-2"].roles == (role,)
    assert everybody["negotiator-1"].department is None


async def test_seeding_again_changes_nobody(company: Connection) -> None:
    moved = Person("legal-1", "Head of legal", (Role.LEGAL, Role.MEDIATOR), Department.LEGAL)
    await organisation.put_person(company, moved)
    before = await organisation.people(company)
    await organisation.seed_local_people(company, production=False)
    assert before == await organisation.people(company)
    assert next(person for person in before if person.user_id == "legal-1") == moved


async def test_sample_people_are_refused_in_production(connection: Connection) -> None:
    with pytest.raises(RecordsError, match="local profile"):
        await organisation.seed_local_people(connection, production=True)
    assert await organisation.people(connection) == []


@pytest.mark.requirement("ORG-08")
async def test_an_asker_is_what_the_records_say(company: Connection) -> None:
    asker = await organisation.asker(company, "technician-1", NOW)
    assert asker.roles == (Role.TECHNICIAN,)
    assert asker.department == Department.ENGINEERING
    assert asker.standing_in == {}


@pytest.mark.parametrize("nobody", ["customer", "feed:bank", "feed:calendar", "mallory"])
async def test_who_is_not_in_the_directory_holds_nothing(company: Connection, nobody: str) -> None:
    asker = await organisation.asker(company, nobody, NOW)
    assert (asker.id, asker.roles, asker.standing_in) == (nobody, (), {})


@pytest.mark.requirement("ORG-05")
async def test_a_substitute_holds_the_absent_seats_and_both_names_are_known(company: Connection) -> None:
    await organisation.put_absence(company, "cs_director-1", NOW - DAY, NOW + DAY, "cs_specialist-2")
    during = await organisation.asker(company, "cs_specialist-2", NOW)
    assert during.roles == (Role.CS_SPECIALIST,)
    assert during.standing_in == {Role.CS_DIRECTOR: "cs_director-1"}
    after = await organisation.asker(company, "cs_specialist-2", NOW + DAY)
    assert after.standing_in == {}


@pytest.mark.requirement("ORG-05")
async def test_a_seat_and_a_duty_give_their_role_while_they_last(company: Connection) -> None:
    await organisation.put_seat(company, Role.SITE_LEADER, "technician-1", project="jinlan", ends=NOW + DAY)
    await organisation.put_duty(company, Role.DUTY_LEADER, "technician-1", NOW, NOW + DAY)
    during = await organisation.asker(company, "technician-1", NOW)
    assert set(during.roles) == {Role.TECHNICIAN, Role.SITE_LEADER, Role.DUTY_LEADER}
    assert (await organisation.asker(company, "technician-1", NOW + DAY)).roles == (Role.TECHNICIAN,)


@pytest.mark.requirement("ORG-05")
async def test_the_nearest_holder_answers(company: Connection) -> None:
    async def managers(at: datetime = NOW, project: str | None = "jinlan") -> list[str]:
        department = Department.ENGINEERING
        return ids(
            await organisation.resolve(
                company, Role.PROJECT_MANAGER, at, department=department, project=project
            )
        )

    assert await managers() == ["project_manager-1", "project_manager-2"]
    await organisation.put_seat(company, Role.PROJECT_MANAGER, "technician-2")
    assert await managers() == ["technician-2"]
    await organisation.put_seat(
        company, Role.PROJECT_MANAGER, "technician-1", department=Department.ENGINEERING
    )
    assert await managers() == ["technician-1"]
    await organisation.put_seat(company, Role.PROJECT_MANAGER, "project_manager-2", project="jinlan")
    assert await managers() == ["project_manager-2"]
    assert await managers(project="wangjiang") == ["technician-1"]
    await organisation.put_duty(company, Role.PROJECT_MANAGER, "site_leader-1", NOW, NOW + DAY)
    assert await managers() == ["site_leader-1"]
    assert await managers(NOW + DAY) == ["project_manager-2"]


@pytest.mark.requirement("ORG-05")
async def test_the_absent_are_answered_for(company: Connection) -> None:
    await organisation.put_absence(company, "cs_director-1", NOW, NOW + DAY, "cs_specialist-1")
    await organisation.put_absence(company, "cs_director-2", NOW, NOW + DAY)
    told = await organisation.resolve(company, Role.CS_DIRECTOR, NOW)
    assert [(r.user_id, r.instead_of) for r in told] == [("cs_specialist-1", "cs_director-1")]
    assert told[0].email == "cs_specialist-1@example.com"
    await organisation.put_absence(company, "cs_specialist-1", NOW, NOW + DAY, "cs_specialist-2")
    told = await organisation.resolve_person(company, "cs_director-1", NOW)
    assert [(r.user_id, r.instead_of) for r in told] == [("cs_specialist-2", "cs_director-1")]


@pytest.mark.requirement("ORG-05")
async def test_an_absent_duty_leaves_it_to_the_next_in_rank(company: Connection) -> None:
    await organisation.put_duty(company, Role.DUTY_LEADER, "duty_leader-1", NOW, NOW + DAY)
    await organisation.put_absence(company, "duty_leader-1", NOW, NOW + DAY)
    assert ids(await organisation.resolve(company, Role.DUTY_LEADER, NOW)) == ["duty_leader-2"]


async def test_two_who_stand_in_for_each_other_end(company: Connection) -> None:
    await organisation.put_absence(company, "legal-1", NOW, NOW + DAY, "legal-2")
    await organisation.put_absence(company, "legal-2", NOW, NOW + DAY, "legal-1")
    assert await organisation.resolve(company, Role.LEGAL, NOW) == []
    assert await organisation.resolve_person(company, "legal-1", NOW) == []


async def test_a_person_present_is_told_for_themself_alone(company: Connection) -> None:
    await organisation.put_absence(company, "legal-1", NOW, NOW + DAY, "legal-2")
    told = await organisation.resolve(company, Role.LEGAL, NOW)
    assert [(receiver.user_id, receiver.instead_of) for receiver in told] == [("legal-2", None)]


async def test_a_leaver_acts_no_more_and_is_told_no_more(company: Connection) -> None:
    await organisation.put_seat(company, Role.LEGAL, "legal-1", project="jinlan")
    await organisation.put_duty(company, Role.LEGAL, "legal-1", NOW - DAY, NOW + DAY)
    await organisation.put_duty(company, Role.LEGAL, "legal-1", NOW + DAY, NOW + 2 * DAY)
    await organisation.leave(company, "legal-1", NOW)
    assert (await organisation.asker(company, "legal-1", NOW - DAY)).roles == (Role.LEGAL,)
    assert (await organisation.asker(company, "legal-1", NOW)).roles == ()
    assert ids(await organisation.resolve(company, Role.LEGAL, NOW, project="jinlan")) == ["legal-2"]
    assert not await organisation.is_known(company, "legal-1", NOW)
    assert await organisation.is_known(company, "legal-2", NOW)
    with pytest.raises(RecordsError, match="no person nobody-1"):
        await organisation.leave(company, "nobody-1", NOW)


async def test_periods_survive_the_database(company: Connection) -> None:
    someone = Person("x-1", "X", (), None, None, "en", NOW, NOW + DAY)
    await organisation.put_person(company, someone)
    known = {person.user_id: person for person in await organisation.people(company)}
    assert known["x-1"] == someone
    assert known["legal-1"].active_to > NOW + 3000 * DAY
