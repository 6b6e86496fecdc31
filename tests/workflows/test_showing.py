"""What operators see: timers, search attributes, the case sheet, summaries and descriptions, after every turn."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata

from domain.complaint import Complaint
from tests.workflows.house import House
from tests.workflows.lives import CONTRACT, SPECIALIST, take
from tests.workflows.timers import Timers, summaries, timers

SHANGHAI = ZoneInfo("Asia/Shanghai")


def labels(state: Complaint) -> list[str]:
    """What the timers of a complaint must be called, from the records."""
    return sorted(
        f"{deadline.name} · {moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for deadline, moment in state.wakes
    )


def attributes(state: Complaint) -> dict[str, Any]:
    """The search attributes of a complaint, from the records."""
    kind = state.classification
    wanted = {
        "ComplaintStage": str(state.stage),
        "ComplaintType": kind.type if kind else None,
        "Severity": kind.severity if kind else None,
        "Desk": state.desk,
        "PolicyVersion": state.policy_version,
        "Breached": "yes" if state.breached else "no",
        "NextDeadline": state.next_deadline,
        "HandlingRound": state.round,
    }
    return {name: value for name, value in wanted.items() if value is not None}


async def metadata(house: House, number: str) -> WorkflowMetadata:
    found: WorkflowMetadata = await house.handle(number).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return found


async def seen_timers(house: House, number: str) -> Timers:
    return await timers(await house.history(number), house.client.data_converter)


async def check_shown(house: House, number: str) -> None:
    """The server shows what the records hold."""
    state = await house.state(number)
    assert (await seen_timers(house, number)).running == labels(state)
    shown = (await house.handle(number).describe()).typed_search_attributes
    assert {pair.key.name: pair.value for pair in shown if pair.key.name in attributes(state)} == attributes(
        state
    )
    details = (await metadata(house, number)).current_details
    assert f"Complaint {number}: {state.stage}" in details
    assert f"turn {state.turn} " in details
    assert f"owner {state.owner or state.first_contact}" in details
    assert details.count("\n| ") == len(state.wakes) + (1 if state.wakes else 0)
    for name in state.breached:
        assert name in details


async def test_after_every_turn_of_a_life_the_server_shows_what_the_records_hold(house: House) -> None:
    number = await house.open()
    for step in CONTRACT[:-1]:
        await take(house, number, step)
        await check_shown(house, number)
    await take(house, number, CONTRACT[-1])
    await house.handle(number).result()
    shown = (await house.handle(number).describe()).typed_search_attributes
    assert {pair.key.name: pair.value for pair in shown}["ComplaintStage"] == "ARCHIVED"
    assert (await seen_timers(house, number)).running == []


async def test_a_turn_touches_only_the_timers_of_the_deadlines_it_changed(house: House) -> None:
    number = await house.open()
    before = await seen_timers(house, number)
    for step in CONTRACT[:8]:
        waited = {(d.id, moment) for d, moment in (await house.state(number)).wakes}
        if step.after:
            await house.skip_to(number, await house.time(number) + timedelta(hours=1))
            assert await seen_timers(house, number) == before, "nothing fell due in between"
        await take(house, number, step._replace(after=timedelta()))
        waits = {(d.id, moment) for d, moment in (await house.state(number)).wakes}
        after = await seen_timers(house, number)
        assert len(after.started) - len(before.started) == len(waits - waited), step.kind
        assert len(after.canceled) - len(before.canceled) == len(waited - waits), step.kind
        before = after


async def test_a_turn_that_changes_nothing_shown_costs_neither_timer_nor_upsert(house: House) -> None:
    number = await house.open()
    await house.do(number, "register", SPECIALIST)
    await house.rest(number)
    before = await house.counts(number)
    await house.do(number, "add_note", SPECIALIST, text="电话里语气平静")
    cost = await house.counts(number) - before
    assert not {kind for kind in cost if kind.startswith(("TIMER", "UPSERT", "ACTIVITY"))}, cost


async def test_every_activity_and_timer_has_a_summary_and_every_handler_a_description(house: House) -> None:
    number = await house.open()
    await house.do(number, "register", SPECIALIST)
    due = (await house.deadline(number, "first_response_hours")).due
    await house.skip_to(number, due + timedelta(minutes=1))
    history = await house.history(number)
    told = list(await summaries(history, house.client.data_converter))
    needing = {
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
    }
    assert len([kind for kind, _ in told if kind in needing]) == len(
        [event for event in history.events if event.event_type in needing]
    )
    assert {"load the sheet", "register", "deadline first_response_hours", "deliver messages"} <= {
        text for _, text in told
    }
    shown = (await metadata(house, number)).definition
    handlers = [*shown.update_definitions, *shown.signal_definitions, *shown.query_definitions]
    described = {handler.name: handler.description for handler in handlers}
    assert {"submit", "report", "checkpoint", "sheet", "deadlines"} <= set(described)
    assert all(described[name] for name in ("submit", "report", "checkpoint", "sheet", "deadlines"))
    described_run = await house.handle(number).describe()
    assert await described_run.static_summary() == f"Complaint {number}"


async def test_a_new_chapter_shows_what_the_one_before_showed(house: House) -> None:
    number = await house.open()
    await house.do(number, "register", SPECIALIST)
    await house.new_chapter(number)
    await check_shown(house, number)
