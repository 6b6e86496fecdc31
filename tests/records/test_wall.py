"""The figures of the wall: what they count, who for, and that the list behind a number has as many lines."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.codes import Department, Role
from domain.roles import Asker
from records.db import Connection
from records.organisation import asker
from records.views import wall
from records.views.wall import FIGURES, Rows, Scope
from tests.records.office import LIFE, RECEIVED, D, H, Office

ELSEWHERE = "示例·云栖里"
YEAR = Scope(RECEIVED - D, RECEIVED + 300 * D)


async def reader(connection: Connection, user: str) -> wall.Reader:
    found = wall.reader_of(await asker(connection, user, RECEIVED))
    assert found is not None
    return found


async def counted(
    connection: Connection, user: str, now: datetime, scope: Scope = YEAR
) -> dict[str, tuple[int, int]]:
    """Each figure as (hits, total)."""
    found = await wall.count(connection, await reader(connection, user), scope, now)
    return {name: (found.whole(name).hits, found.whole(name).total) for name in FIGURES}


async def live(office: Office, number: str, start: datetime, until: int, **changes: dict[str, Any]) -> None:
    """A complaint's life up to a line of LIFE, each step at its time; `changes` are of fields, by command."""
    for at, kind, by, fields in LIFE[:until]:
        instant = start + at
        given = {
            name: (start + value).isoformat() if isinstance(value, timedelta) else value
            for name, value in {**fields, **changes.get(kind, {})}.items()
        }
        await office.let_pass(number, instant)
        decision = await office.say(number, kind, by, instant, **given)
        assert decision.accepted, (kind, decision.reason)


@pytest.mark.requirement("STA-05")
async def test_figures_follow_a_life(office: Office, connection: Connection) -> None:
    """Kept, answered, handled and visited in time: each share is whole, and what was not due yet is not in it."""
    number = await office.open()
    await live(office, number, RECEIVED, 5)
    assert await counted(connection, "cs_director-1", RECEIVED + 6 * H) == {
        **dict.fromkeys(FIGURES, (0, 0)),
        "open_now": (1, 1),
        "received": (1, 1),
    }
    for at, kind, by, fields in LIFE[5:]:
        given = {
            name: (RECEIVED + value).isoformat() if isinstance(value, timedelta) else value
            for name, value in fields.items()
        }
        assert (await office.say(number, kind, by, RECEIVED + at, **given)).accepted, kind
    assert await counted(connection, "cs_director-1", RECEIVED + 90 * D) == {
        **dict.fromkeys(FIGURES, (0, 0)),
        "received": (1, 1),
        "closed": (1, 1),
        "promises_kept": (1, 1),
        "first_response": (1, 1),
        "handled_in_time": (1, 1),
        "second_handling": (0, 1),
        "follow_up": (1, 1),
    }


@pytest.mark.requirement("STA-05")
async def test_what_is_still_open_after_its_time_counts_as_missed(
    office: Office, connection: Connection
) -> None:
    """An unanswered complaint and an open promise stand in the denominator, before and after the calendar spoke."""
    number = await office.open()
    await live(office, number, RECEIVED, 4)
    await office.say(
        number,
        "make_promise",
        "cs_specialist-1",
        RECEIVED + 5 * H,
        promise="P1",
        what="电话",
        due=(RECEIVED + 2 * D).isoformat(),
    )
    before = await counted(connection, "cs_director-1", RECEIVED + 40 * D)
    await office.let_pass(number, RECEIVED + 40 * D)
    figures = await counted(connection, "cs_director-1", RECEIVED + 40 * D)
    for missed in ("promises_kept", "first_response", "handled_in_time"):
        assert (before[missed], figures[missed]) == ((0, 1), (0, 1)), missed
    assert figures["breached_now"] == (1, 1)
    assert figures["closed"] == (0, 0)


async def test_a_promise_moved_in_time_is_not_counted_and_one_kept_late_is_broken(
    office: Office, connection: Connection
) -> None:
    number = await office.open()
    await live(office, number, RECEIVED, 5)

    async def say(kind: str, at: timedelta, **fields: Any) -> None:
        assert (await office.say(number, kind, "cs_specialist-1", RECEIVED + at, **fields)).accepted

    await say("make_promise", 5 * H, promise="P1", what="甲", due=(RECEIVED + 2 * D).isoformat())
    await say("make_promise", 5 * H, promise="P2", what="乙", due=(RECEIVED + 2 * D).isoformat())
    await say("extend_promise", D, promise="P1", new="P3", due=(RECEIVED + 9 * D).isoformat(), reason="等料")
    await office.let_pass(number, RECEIVED + 3 * D)
    await say("keep_promise", 3 * D, promise="P2")
    assert (await counted(connection, "cs_director-1", RECEIVED + 4 * D))["promises_kept"] == (0, 1)
    await say("keep_promise", 5 * D, promise="P3")
    assert (await counted(connection, "cs_director-1", RECEIVED + 10 * D))["promises_kept"] == (1, 2)


@pytest.mark.parametrize(("share", "there"), [(0.79, 0), (0.81, 1), (1.01, 0)])
async def test_four_fifths_of_the_window(
    office: Office, connection: Connection, share: float, there: int
) -> None:
    number = await office.open()
    opened = (await office.ledger.complaint(number)).deadlines
    [deadline] = [one for one in opened.values() if one.base == "first_response_hours"]
    now = deadline.start + (deadline.due - deadline.start) * share
    await office.say(number, "register", "cs_specialist-1", RECEIVED)
    others = [one for one in (await office.ledger.complaint(number)).deadlines.values() if one != deadline]
    await connection.execute(
        "UPDATE deadlines SET state = 'cancelled' WHERE id = ANY ($1)", [o.id for o in others]
    )
    assert (await counted(connection, "cs_director-1", now))["nearly_due"] == (there, there)


async def test_what_is_longest_overdue_stands_first_though_nothing_else_is_open(
    office: Office, connection: Connection
) -> None:
    """Overdue cases by how long, then what is on time: a case whose only deadline ran out asks for work first."""
    calm, late = await office.open(), await office.open()
    later = await office.open(received_at=RECEIVED - D)
    await live(office, calm, RECEIVED, 5)
    for number in (late, later):
        await office.let_pass(number, RECEIVED + 30 * H)
        assert (await office.ledger.complaint(number)).next_deadline is None
    director = await reader(connection, "cs_director-1")
    listed = await wall.lines(connection, "open_now", director, YEAR, RECEIVED + 30 * H, Rows(), limit=9)
    assert [(line.number, line.late) for line in listed] == [(later, True), (late, True), (calm, False)]
    assert listed[1].due_start == RECEIVED


async def test_what_ran_out_says_why_complaints_are_late(office: Office, connection: Connection) -> None:
    """Each late complaint once for each deadline that ran out; its number opens the list of these complaints."""
    unheard, unassigned, calm = [await office.open(by=f"cs_specialist-{n}") for n in (1, 1, 2)]
    await live(office, unassigned, RECEIVED, 5)
    await live(office, calm, RECEIVED, len(LIFE))
    now = RECEIVED + 30 * D
    for number in (unheard, unassigned):
        await office.let_pass(number, now)
    director = await reader(connection, "cs_director-1")
    late = {
        number: {name.partition("/")[0] for name in (await office.ledger.complaint(number)).breached}
        for number in (unheard, unassigned)
    }
    found = await wall.ran_out(connection, director, YEAR, now)
    assert found == Counter(name for names in late.values() for name in names)
    assert (found["first_response_hours"], len(found) > 1) == (1, True)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    for name, total in found.items():
        scope = replace(YEAR, ran_out=name)
        lines = await wall.lines(connection, "breached_now", director, scope, now, Rows(), limit=9)
        assert {line.number for line in lines} == {number for number, names in late.items() if name in names}
        assert len(lines) == total


async def test_the_first_contact_works_on_what_nobody_owns_yet(
    office: Office, connection: Connection
) -> None:
    number = await office.open(by="cs_specialist-2")
    director = await reader(connection, "cs_director-1")
    found = await wall.count(connection, director, YEAR, RECEIVED + 2 * H)
    assert found.of("open_now", "who") == {"cs_specialist-2": wall.Tally(total=1, hits=1)}
    [line] = await wall.lines(
        connection, "open_now", director, YEAR, RECEIVED + 2 * H, Rows(who="cs_specialist-2"), limit=9
    )
    assert (line.number, line.owner, line.ownerless) == (number, "cs_specialist-2", True)


@pytest.mark.requirement("STA-11")
async def test_figures_count_what_their_reader_may_read(office: Office, connection: Connection) -> None:
    """A department's head sees the department's cases; nobody sees one about themself; others see no wall at all."""
    legal, mine, about = [await office.open() for _ in range(3)]
    await live(office, legal, RECEIVED, 3)
    await live(office, mine, RECEIVED, 3, assign={"department": "engineering", "lead": "PROJECT_MANAGER"})
    assert (
        await office.say(about, "register", "cs_specialist-1", RECEIVED, about_person="cs_director-1")
    ).accepted
    now = RECEIVED + 3 * H

    async def seen(user: str) -> set[str]:
        found = await wall.lines(
            connection, "open_now", await reader(connection, user), YEAR, now, Rows(), limit=9
        )
        assert len(found) == (await counted(connection, user, now))["open_now"][1]
        return {line.number for line in found}

    assert await seen("legal-1") == {legal}
    assert await seen("project_manager-1") == {mine}
    assert await seen("cs_director-1") == {legal, mine}
    assert await seen("top_leader-1") == {legal, mine, about}
    for user in ("cs_specialist-1", "technician-1", "mediator-1", "admin-1", "customer", "nobody-9"):
        assert wall.reader_of(await asker(connection, user, RECEIVED)) is None, user


def test_the_wall_is_open_to_heads_and_command_only() -> None:
    open_to = {role for role in Role if wall.reader_of(Asker(id="a", roles=(role,))) is not None}
    heads = {
        Role.SALES_HEAD,
        Role.LEGAL,
        Role.PROJECT_MANAGER,
        Role.MAINTENANCE,
        Role.PROPERTY_MGMT,
        Role.FINANCE,
        Role.CONTRACT_DEPT,
    }
    command = {
        Role.CS_DIRECTOR,
        Role.MARKETING_MANAGER,
        Role.TOP_LEADER,
        Role.DUTY_LEADER,
        Role.AUDITOR,
    }
    assert open_to == heads | command
    head = wall.reader_of(Asker(id="a", roles=(Role.LEGAL,)))
    assert head is not None
    assert head.desks == (Department.LEGAL,)


async def test_the_list_behind_a_number_has_as_many_lines(office: Office, connection: Connection) -> None:
    """Every figure by every dimension: the count equals the lines of its list, read page by page."""
    numbers = [await office.open(project=project) for project in ("示例·锦澜苑", ELSEWHERE, None)]
    await live(office, numbers[0], RECEIVED, len(LIFE))
    await live(office, numbers[1], RECEIVED + D, 6, classify={"type": "PRODUCT"})
    await office.let_pass(numbers[1], RECEIVED + 60 * D)
    now = RECEIVED + 60 * D
    director = await reader(connection, "cs_director-1")
    found = await wall.count(connection, director, YEAR, now)
    checked: Counter[str] = Counter()
    for (figure, part), codes in found.parts.items():
        for code, tally in codes.items():
            scope, rows, more = YEAR, Rows(), dict[str, Any]()
            if part == "who":
                rows = Rows(who=code)
            elif part == "age":
                rows = Rows(age=code)
            elif part != "all":
                more[part] = code
                scope = replace(YEAR, **more)
            lines, after = [], None
            while page := await wall.lines(
                connection, figure, director, scope, now, rows, after=after, limit=1
            ):
                lines += page
                after = wall.place_of(page[-1])
            assert len(lines) == tally.total, (figure, part, code)
            assert sum(line.hit is True for line in lines) == tally.hits, (figure, part, code)
            missed = Rows(hit=False, who=rows.who, age=rows.age)
            rest = await wall.lines(connection, figure, director, scope, now, missed, limit=9)
            assert len(rest) == tally.total - tally.hits
            checked[figure] += 1
    assert set(checked) == set(FIGURES) - {"nearly_due"}


@pytest.mark.requirement("STA-05")
async def test_a_handling_period_on_hold_is_neither_met_nor_missed_until_it_goes_on(
    office: Office, connection: Connection
) -> None:
    """Held past its old due instant it is counted beside the share, and its list tells which; then it has a new one."""
    number, other = await office.open(), await office.open()
    for one in (number, other):
        await live(office, one, RECEIVED, 3)
    hold = {"reason": "等业主", "waiting_for": "customer", "until": str(RECEIVED + 30 * D)}
    assert (await office.say(number, "hold", "cs_specialist-1", RECEIVED + 5 * H, **hold)).accepted
    now = RECEIVED + 20 * D
    director = await reader(connection, "cs_director-1")
    found = await wall.count(connection, director, YEAR, now)
    assert found.whole("handled_in_time") == wall.Tally(total=1, hits=0, held=1)

    async def listed(rows: Rows) -> list[tuple[str, bool | None]]:
        lines = await wall.lines(connection, "handled_in_time", director, YEAR, now, rows, limit=9)
        return [(line.number, line.hit) for line in lines]

    assert await listed(Rows(held=True)) == [(number, None)]
    assert await listed(Rows()) == [(other, False)]
    assert await listed(Rows(hit=False)) == [(other, False)]
    assert (await office.say(number, "resume", "cs_specialist-1", now, reason="已答复")).accepted
    after = await wall.count(connection, director, YEAR, now)
    assert after.whole("handled_in_time") == wall.Tally(total=1, hits=0), "its due instant has moved on"


async def test_days_are_those_of_the_zone(office: Office, connection: Connection) -> None:
    """Half past midnight in Shanghai is still the day before in UTC."""
    late = datetime.fromisoformat("2026-03-05T00:30:00+08:00")
    await office.open(received_at=late, at=late)
    days = await wall.by_day(connection, await reader(connection, "cs_director-1"), YEAR, late)
    assert [(str(one.day), one.received, one.closed) for one in days] == [("2026-03-05", 1, 0)]


@pytest.mark.requirement("SLA-10")
async def test_promises_are_counted_by_person_department_and_type(
    office: Office, connection: Connection
) -> None:
    """Whoever made the promise, the desk the case lies on, its type: kept and broken each where they belong."""
    for by, keeps in (("cs_specialist-1", True), ("cs_specialist-2", False), ("cs_specialist-2", True)):
        number = await office.open()
        await live(office, number, RECEIVED, 5)
        due = (RECEIVED + 2 * D).isoformat()
        made = await office.say(
            number, "make_promise", by, RECEIVED + 5 * H, promise="P1", what="甲", due=due
        )
        assert made.accepted
        if keeps:
            assert (await office.say(number, "keep_promise", by, RECEIVED + D, promise="P1")).accepted
    found = await wall.count(connection, await reader(connection, "cs_director-1"), YEAR, RECEIVED + 3 * D)

    def tallies(part: str) -> dict[str, tuple[int, int]]:
        return {code: (one.hits, one.total) for code, one in found.of("promises_kept", part).items()}

    assert tallies("who") == {"cs_specialist-1": (1, 1), "cs_specialist-2": (1, 2)}
    assert tallies("desk") == {"legal": (2, 3)}
    assert tallies("type") == {"CONTRACT": (2, 3)}


@pytest.mark.requirement("SEC-06")
async def test_the_share_handled_again(office: Office, connection: Connection) -> None:
    """Of two cases reported finished, the one whose customer was not satisfied and that was opened again."""
    again, once = await office.open(), await office.open()
    for number in (again, once):
        await live(office, number, RECEIVED, 14)
    for kind, fields in (
        ("record_feedback", {"attempt": 1, "channel": "telephone", "satisfied": False, "opinions": "还漏"}),
        ("open_second_handling", {"further_demand": "重做"}),
    ):
        said = await office.say(again, kind, "cs_specialist-1", RECEIVED + 8 * D + 5 * H, **fields)
        assert said.accepted, said.reason
    assert (await counted(connection, "cs_director-1", RECEIVED + 9 * D))["second_handling"] == (1, 2)


async def test_every_figure_prepares_in_every_statement(connection: Connection) -> None:
    """The pieces of wall.sql are no statements; put together they are, and no piece is left over."""
    composed = {
        "count": wall._statement("count", *FIGURES),
        "by_day": wall._statement("by_day", "received", "closed"),
        "ran_out": wall._statement("ran_out", "breached_now"),
        **{name: wall._list_statement(name) for name in (*FIGURES, wall.SELECTED)},
    }
    for query in composed.values():
        assert "/*" not in query
        await connection.prepare(query)
    assert set(wall.SQL) == {*composed, "list", "reach", "scope", "one_figure", "names"}
