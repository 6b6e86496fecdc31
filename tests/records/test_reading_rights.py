"""The filter of lists and the rules say the same about who may read what, over many complaints and many people."""

from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

import pytest

from domain.askers import stand_ins
from domain.codes import Department, Role, Stage
from domain.complaint import Complaint, Handover, Task
from domain.facts import state_of
from domain.roles import Absent, Asker, head_of, may_read, places_in, reach_of
from records import projection
from records.db import Connection
from records.organisation import EARLIEST, asker, put_absence, put_duty, put_person, put_seat
from records.organisation import Person as Entry
from records.sql import statements
from tests.builders import life

PROJECTS = (None, "P", "Q", "R@desk", "x'y")
PEOPLE = tuple(f"p{n}" for n in range(6))
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@cache
def brought(to: Stage) -> Complaint:
    """The complaint of the shortest way there."""
    return life(to).complaint


def complaint(lot: Random, place: int) -> Complaint:
    """A complaint led to a stage by commands, with people, project and tasks drawn by lot."""
    told = brought(lot.choice(list(Stage)))
    department = lot.choice(list(Department))
    handover = Handover(
        department=department,
        lead=lot.choice((head_of(department), Role.DUTY_LEADER)),
        person=lot.choice((None, *PEOPLE)),
        at=NOW,
        by="x",
    )
    owners = [*PEOPLE, "FINANCE", "LEGAL", "LEADING_GROUP", "TECHNICIAN", "OPERATOR"]
    tasks = {
        f"t{n}": Task(
            id=f"t{n}",
            kind=lot.choice(("help", "opinion", "risk_note")),
            owner=owner,
            asked_by="x",
            asked_at=NOW,
        )
        for n, owner in enumerate(lot.sample(owners, k=lot.randint(0, 2)))
    }
    return told.model_copy(
        update={
            "number": f"2026-{place:06d}",
            "project": lot.choice(PROJECTS),
            "owner": lot.choice((None, *PEOPLE)),
            "first_contact": lot.choice(PEOPLE),
            "handover": lot.choice((None, handover, handover)),
            "about_person": lot.choice((None, None, None, *PEOPLE)),
            "about_role": lot.choice((None, *Role)),
            "tasks": {**told.tasks, **tasks} if lot.random() < 0.7 else {},
            "mediation": lot.choice((None, told.mediation)),
        }
    )


def somebody(lot: Random) -> Asker:
    projects = tuple(p for p in PROJECTS if p is not None)

    def bound() -> tuple[str, ...]:
        return tuple(lot.sample(projects, k=lot.choice((0, 0, 1, 2))))

    own = tuple(lot.sample(list(Role), k=lot.choice((0, 1, 1, 1, 2))))
    absent = tuple(
        Absent(person=f"a{n}", roles=tuple(lot.sample(list(Role), k=lot.randint(1, 2))), projects=bound())
        for n in range(lot.choice((0, 0, 1, 2)))
    )
    department = lot.choice((None, *Department)) if own else None
    return Asker(
        id=lot.choice((*PEOPLE, "somebody")),
        roles=own,
        department=department,
        standing_in=stand_ins(own, absent),
        absent=absent,
        projects=bound() if own else (),
    )


async def put(connection: Connection, told: Complaint) -> None:
    """The row as the ledger writes it."""
    await connection.execute(
        "INSERT INTO receipts (number, channel, content, words, opened_by, opened_at) VALUES ($1, 'post', '', '{}', 'x', $2)",
        told.number,
        NOW,
    )
    columns = projection.columns(told, NOW)
    await connection.execute(
        statements("ledger")["project"], told.number, state_of(told), b"", columns, [], [], [], timedelta()
    )


@pytest.mark.requirement("ORG-08")
async def test_the_rules_and_the_lists_let_the_same_people_read(connection: Connection) -> None:
    lot = Random(20260302)
    told = [complaint(lot, place) for place in range(1, 251)]
    for one in told:
        await put(connection, one)
    rows = await connection.fetch("SELECT number, places, reading_places(state) AS again FROM complaints")
    kept = {row["number"]: (row["places"], row["again"]) for row in rows}
    for one in told:
        places, again = kept[one.number]
        assert set(places) == set(again) == places_in(one), one.number
    yes = no = 0
    for asking in (somebody(lot) for _ in range(200)):
        reach = reach_of(asking)
        found = {
            row["number"]
            for row in await connection.fetch(
                "SELECT c.number FROM complaints AS c WHERE may_read(c, $1, $2, $3)",
                reach.everything,
                reach.person,
                list(reach.places),
            )
        }
        expected = {one.number for one in told if may_read(one, asking)}
        assert found == expected, asking
        yes, no = yes + len(expected), no + len(told) - len(expected)
    assert min(yes, no) > 5000, "both answers were really tried"


async def test_the_planner_sees_through_the_filter(connection: Connection) -> None:
    await connection.execute("SET enable_seqscan = off")
    plan = await connection.fetch(
        "EXPLAIN SELECT number FROM complaints AS c WHERE may_read(c, FALSE, 'p1', ARRAY['desk:legal', 'person:p1'])"
    )
    assert any("complaints_places" in row[0] for row in plan), plan
    plan = await connection.fetch(
        "EXPLAIN SELECT number FROM complaints AS c WHERE may_read(c, TRUE, 'p1', '{}')"
    )
    assert not any("may_read" in row[0] or "&&" in row[0] for row in plan), plan


class TestBoundSeats:
    """Which projects an acting person's seats are bound to, out of the directory (ORG-08)."""

    async def asker_with(self, connection: Connection, *seats: str | None, duty: str | None = "") -> Asker:
        await put_person(connection, Entry("p1", "P", (Role.TECHNICIAN,)))
        for project in seats:
            await put_seat(connection, Role.PROJECT_MANAGER, "p1", project=project)
        if duty != "":
            await put_duty(connection, Role.DUTY_LEADER, "p1", EARLIEST, NOW + timedelta(days=1), duty)
        return await asker(connection, "p1", NOW)

    async def test_no_seat_is_everywhere(self, connection: Connection) -> None:
        assert (await self.asker_with(connection)).projects == ()

    async def test_all_bound(self, connection: Connection) -> None:
        found = await self.asker_with(connection, "Q", "P")
        assert found.projects == ("P", "Q")
        assert found.within("P").roles == (Role.PROJECT_MANAGER, Role.TECHNICIAN)
        assert found.within("R").roles == ()

    async def test_one_seat_for_everywhere_frees_all(self, connection: Connection) -> None:
        assert (await self.asker_with(connection, "P", None)).projects == ()

    async def test_a_duty_for_everywhere_frees_all_while_it_lasts(self, connection: Connection) -> None:
        assert (await self.asker_with(connection, "P", duty=None)).projects == ()
        assert (await asker(connection, "p1", NOW + timedelta(days=2))).projects == ("P",)

    async def test_who_stands_in_takes_the_absent_persons_bounds(self, connection: Connection) -> None:
        await self.asker_with(connection, "P")
        await put_person(connection, Entry("p2", "S", (Role.SALES_STAFF,)))
        await put_absence(connection, "p1", EARLIEST, NOW + timedelta(days=1), "p2")
        found = await asker(connection, "p2", NOW)
        assert (found.projects, found.roles) == ((), (Role.SALES_STAFF,))
        assert found.within("P").standing_in == {Role.PROJECT_MANAGER: "p1", Role.TECHNICIAN: "p1"}
        assert found.within("Q").standing_in == {}
