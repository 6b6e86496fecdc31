"""Recorded conversations replayed by today's driver: what began under an older build goes on under this one."""

import json
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from starter.plugin import redress_plugin
from tests.replay.recording import HISTORIES
from tests.workflows.house import House, kind_of
from tests.workflows.lives import CONTRACT, live
from workflows.complaint import Complaint

FILES = sorted(HISTORIES.glob("*.json"))


def history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))


def replayer() -> Replayer:
    return Replayer(workflows=[Complaint], plugins=[redress_plugin(None)])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_a_recorded_conversation_replays(path: Path) -> None:
    result = await replayer().replay_workflow(history(path), raise_on_replay_failure=False)
    assert result.replay_failure is None, result.replay_failure


async def test_a_driver_that_took_other_steps_would_be_noticed() -> None:
    told = json.loads((HISTORIES / "life.json").read_text(encoding="utf-8"))
    activities = [event for event in told["events"] if "activityTaskScheduledEventAttributes" in event]
    activities[0]["activityTaskScheduledEventAttributes"]["activityType"]["name"] = "another"
    result = await replayer().replay_workflow(
        WorkflowHistory.from_json("life", json.dumps(told)), raise_on_replay_failure=False
    )
    assert result.replay_failure is not None


def test_the_recordings_cover_what_a_conversation_can_meet() -> None:
    kinds = {path.stem: [kind_of(event) for event in history(path).events] for path in FILES}
    met = {kind for events in kinds.values() for kind in events}
    assert {
        "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
        "WORKFLOW_EXECUTION_COMPLETED",
        "WORKFLOW_EXECUTION_SIGNALED",
        "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
        "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED",
        "TIMER_STARTED",
        "TIMER_FIRED",
        "TIMER_CANCELED",
        "MARKER_RECORDED",
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
        "ACTIVITY_TASK_FAILED",
    } <= met
    activities = {
        (path.stem, event.activity_task_scheduled_event_attributes.activity_type.name)
        for path in FILES
        for event in history(path).events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    }
    assert {
        ("set_aside", "decide_and_record"),
        ("set_aside", "set_aside"),
        ("records_away", "decide_and_record"),
        ("life", "deliver"),
    } <= activities
    continued = [
        event.workflow_execution_started_event_attributes.continued_execution_run_id
        for path in FILES
        for event in history(path).events[:1]
    ]
    assert any(continued), "a chapter that is not the first"


def test_the_recordings_name_no_person_and_no_machine() -> None:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert "林女士" not in text
        assert '"identity"' not in text
        assert "stackTrace" not in text


async def test_a_life_in_which_every_task_is_replayed(company: House) -> None:
    async with company.at_work(cached=0):
        number = await company.open()
        await live(company, number, CONTRACT[:8])
        counts = await company.counts(number)
    assert counts["WORKFLOW_TASK_FAILED"] == 0
    assert (await company.state(number)).stage == "INVESTIGATING"


@pytest.mark.slow
async def test_a_whole_life_in_which_every_task_is_replayed(company: House) -> None:
    async with company.at_work(cached=0):
        number = await company.open()
        await live(company, number)
        await company.handle(number).result()
        assert (await company.counts(number))["WORKFLOW_TASK_FAILED"] == 0
