"""Deadlines on the real server, its time skipped: a minute before and a minute after, levels, holds and moves."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.complaint import Deadline
from tests.workflows.house import House
from tests.workflows.lives import CONTRACT, DIRECTOR, LEGAL, SPECIALIST, live
from tests.workflows.timers import timers

MINUTE, H, D = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


async def turns_taken(house: House, number: str) -> int:
    return (await house.state(number)).turn


async def own_turns(house: House, number: str, deadline: Deadline) -> list[datetime]:
    """When the calendar spoke for this opening of a deadline."""
    rows = await house.office.pool.fetch(
        "SELECT heard_at FROM turns WHERE number = $1 AND command ->> 'deadline' = $2 ORDER BY turn",
        number,
        deadline.id,
    )
    return [row["heard_at"] for row in rows]


async def rings(house: House, number: str, name: str, level: int = 0) -> Deadline:
    """Nothing a minute before the deadline's next wake; a minute after, one level more and one turn of its own."""
    waiting = await house.deadline(number, name)
    assert waiting.wake is not None
    rung_before = await own_turns(house, number, waiting)

    await house.skip_to(number, waiting.wake - MINUTE)
    assert await house.deadline(number, name) == waiting

    await house.skip_to(number, waiting.wake + MINUTE)
    rung = await house.deadline(number, name)
    assert await own_turns(house, number, waiting) == [*rung_before, waiting.wake]
    assert len(rung.levels) == level + 1
    assert rung.levels[level].at == waiting.wake
    assert rung.state == "fired"
    return rung


@pytest.mark.requirement("SLA-01")
async def test_no_first_response_fires_at_24_hours_and_goes_on_to_the_leading_group(house: House) -> None:
    received = datetime.now(UTC)
    number = await house.open(received_at=received)

    fired = await rings(house, number, "first_response_hours")
    assert (fired.due, fired.fired_at) == (received + 24 * H, received + 24 * H)
    assert fired.levels[0].to == ["OWNER", "DEPARTMENT_HEAD"]

    fired = await rings(house, number, "first_response_hours", level=1)
    assert fired.levels[1].at == received + 36 * H
    assert fired.levels[1].to == ["LEADING_GROUP"]
    assert fired.wake is None

    turn = await turns_taken(house, number)
    await house.skip_to(number, received + 90 * D)
    assert await turns_taken(house, number) == turn, "each level of an opening fires once"


@pytest.mark.requirement("SLA-01")
async def test_an_answer_a_minute_before_due_is_met_and_nothing_rings(house: House) -> None:
    number = await house.open()
    due = (await house.deadline(number, "first_response_hours")).due
    await house.skip_to(number, due - MINUTE)
    await house.do(number, "record_response", SPECIALIST, channel="telephone", effective=True, text="已答复")
    await house.skip_to(number, due + 2 * D)
    answered = await house.deadline(number, "first_response_hours")
    assert (answered.state, answered.levels) == ("met", [])


@pytest.mark.requirement("SLA-02")
async def test_an_answer_without_effect_lets_the_clock_run_out(house: House) -> None:
    number = await house.open()
    await house.do(number, "record_response", SPECIALIST, channel="telephone", effective=False, text="没人接")
    await rings(house, number, "first_response_hours")


async def test_a_promise_breaks_when_it_falls_due(house: House) -> None:
    number = await house.open()
    await house.do(number, "register", SPECIALIST)
    due = await house.time(number) + 90 * MINUTE
    await house.do(number, "make_promise", SPECIALIST, promise="P1", what="回电", due=due)
    await rings(house, number, "promise_due/P1")
    assert (await house.state(number)).promises["P1"].state == "BROKEN"


@pytest.mark.requirement("SLA-04")
async def test_a_hold_stops_the_handling_clock_and_ends_by_itself(house: House) -> None:
    number = await house.open()
    await live(house, number, CONTRACT[:5])
    before = await house.deadline(number, "handling_days")
    held_from = await house.time(number)
    until = held_from + 3 * D
    await house.do(number, "hold", SPECIALIST, reason="客户出差", waiting_for="customer", until=until)
    assert (await house.deadline(number, "handling_days")).state == "paused"
    running = (await timers(await house.history(number), house.client.data_converter)).running
    assert not any(label.startswith("handling_days") for label in running)

    await house.skip_to(number, until + MINUTE)
    after = await house.deadline(number, "handling_days")
    assert after.state == "open"
    assert abs(after.due - before.due - 3 * D) < MINUTE
    running = (await timers(await house.history(number), house.client.data_converter)).running
    assert any(label.startswith("handling_days") for label in running)
    await rings(house, number, "handling_days")


async def test_an_extended_window_rings_at_its_new_time_only(house: House) -> None:
    number = await house.open()
    await live(house, number, CONTRACT[:7])
    assert (await house.state(number)).stage == "INVESTIGATING"
    due = (await house.deadline(number, "inv_days")).due
    await house.do(
        number, "extend_window", DIRECTOR, deadline="inv_days", until=due + 2 * D, reason="等鉴定报告"
    )
    turn = await turns_taken(house, number)
    moved = await house.deadline(number, "inv_days")
    assert [move.why for move in moved.moves] == ["extended"]
    label = f"inv_days · {(due + 8 * H):%Y-%m-%d %H:%M}"
    seen = await timers(await house.history(number), house.client.data_converter)
    assert label in seen.canceled
    assert moved.due == due + 2 * D
    await house.do(number, "send_progress", SPECIALIST, text="仍在核实")
    assert await turns_taken(house, number) == turn + 1
    await house.skip_to(number, due + MINUTE)
    assert (await house.deadline(number, "inv_days")).state == "open"


@pytest.mark.requirement("LIF-09")
async def test_a_request_for_help_climbs_to_the_department_head(house: House) -> None:
    number = await house.open()
    await live(house, number, CONTRACT[:4])
    await house.do(number, "request_help", LEGAL, id="h1", to="TECHNICIAN", question="墙体厚度?")
    fired = await rings(house, number, "help/h1")
    assert fired.levels[0].to == ["TECHNICIAN"]
    await house.do(number, "give_help", "technician-1", id="h1", answer="十二厘米")
    assert (await house.deadline(number, "help/h1")).settled_at is not None
