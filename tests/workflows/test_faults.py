"""Errors of ours: an update that fails alone, a rule that raises, a ruling by a newer build."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateStage

from domain import commands, deadlines
from domain.meanings import MEANINGS, Meaning
from domain.turns import Decision
from records import writing
from starter.complaints import OurFault, TryAgain
from tests.workflows.house import House, another_build, kind_of
from tests.workflows.lives import SPECIALIST
from tests.workflows.timers import summaries
from workflows import asked

MINUTE = timedelta(minutes=1)


class Counted:
    """Something of a build that is broken: it raises, and counts how often it was tried."""

    def __init__(self) -> None:
        self.tries = 0

    def __call__(self, *_: Any) -> None:
        self.tries += 1
        raise KeyError("秘密")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Counted]:
    """Make what a command means raise in this process's build."""

    def broken(kind: str) -> Counted:
        fault = Counted()
        monkeypatch.setitem(MEANINGS, kind, Meaning(None, fault))
        return fault

    return broken


async def test_an_unexpected_error_in_a_handler_fails_that_update_and_not_the_complaint(
    company: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty(asked.Asked):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            if isinstance(self.command, dict) and self.command["kind"] == "send_progress":
                raise IndexError("out of range")

    monkeypatch.setattr(asked, "Asked", Faulty)
    async with company.at_work():
        number = await company.open()
        await company.do(number, "register", SPECIALIST)
        with pytest.raises(OurFault, match="fault of ours"):
            await company.say(number, "send_progress", SPECIALIST, text="进展")
        assert (await company.do(number, "add_note", SPECIALIST, text="门锁")).turn == 3
        assert (await company.counts(number))["WORKFLOW_TASK_FAILED"] == 0


async def test_a_rule_that_raises_is_set_aside_after_five_tries_and_the_conversation_goes_on(
    house: House, broken: Callable[[str], Counted]
) -> None:
    number = await house.open()
    fault = broken("escalate")
    told = await house.say(number, "escalate", SPECIALIST, key="e", to="CS_DIRECTOR", reason="客户着急")
    assert (told.accepted, told.rule, fault.tries) == (False, "fault", 5)
    assert told.reason is not None
    assert "operator has been told" in told.reason

    state = await house.state(number)
    assert [task.owner for task in state.tasks.values() if task.kind == "operator"] == ["ADMIN"]
    (aside,) = [aside for aside in await house.office.ledger.waiting_aside() if aside.number == number]
    assert (aside.kind, aside.attempts, aside.command_id) == ("escalate", 5, "e")
    assert aside.fault.startswith("KeyError at test_faults.py:")
    assert "秘密" not in aside.fault
    templates = await house.office.pool.fetch(
        "SELECT template FROM outbox WHERE number = $1 AND receiver = 'ADMIN'", number
    )
    assert "set_aside" in {row["template"] for row in templates}
    assert "set aside: escalate" in {
        text for _, text in await summaries(await house.history(number), house.client.data_converter)
    }

    assert (await house.do(number, "register", SPECIALIST)).turn == 3
    again = await house.say(number, "escalate", SPECIALIST, key="e", to="CS_DIRECTOR", reason="客户着急")
    assert again == told


async def test_what_waits_behind_a_turn_that_is_set_aside_is_taken_after_it(
    house: House, broken: Callable[[str], Counted]
) -> None:
    number = await house.open()
    broken("escalate")
    command = commands.said("escalate", SPECIALIST, {"to": "CS_DIRECTOR", "reason": "急"})
    await house.door.report(number, command, "e")
    note = await house.do(number, "add_note", SPECIALIST, text="等一等")
    assert note.turn == 3
    assert [row["kind"] for row in await house.turns(number)] == ["open", "set_aside", "add_note"]


async def test_a_deadline_that_cannot_be_ruled_on_waits_for_another_build(
    company: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Counted()
    async with company.at_work():
        number = await company.open()
        due = (await company.deadline(number, "first_response_hours")).due
        with monkeypatch.context() as build:
            build.setitem(deadlines._ON_LEVEL, ("first_response_hours", 0), fault)
            await company.skip_to(number, due + MINUTE)
            assert fault.tries == 5
            assert (await company.deadline(number, "first_response_hours")).state == "open"
            noted = await company.do(number, "add_note", SPECIALIST, text="钟停了")
            assert noted.accepted, "one deadline that cannot be ruled on keeps nobody from speaking"
            assert await company.handle(number).query("deadlines") == []
        await company.new_chapter(number)
        assert (await company.deadline(number, "first_response_hours")).state == "open", (
            "the same build waits"
        )
    async with another_build(company, "build-2") as newer, newer.at_work():
        await newer.new_chapter(number)
        fired = await newer.deadline(number, "first_response_hours")
        assert (fired.state, fired.fired_at, len(fired.levels)) == ("fired", due, 1)
        assert [a for a in await newer.office.ledger.waiting_aside() if a.number == number] == []


async def test_a_turn_that_cannot_even_be_set_aside_is_answered_and_ends_nothing(
    house: House, broken: Callable[[str], Counted]
) -> None:
    number = await house.open()
    run_id = await house.run_id(number)
    broken("escalate")
    await house.office.pool.execute(
        "ALTER TABLE set_aside ADD CONSTRAINT no_more CHECK (kind <> 'escalate') NOT VALID"
    )
    told = await house.say(number, "escalate", SPECIALIST, to="CS_DIRECTOR", reason="急")
    await house.office.pool.execute("ALTER TABLE set_aside DROP CONSTRAINT no_more")
    assert (told.accepted, told.rule) == (False, "fault")
    assert (await house.do(number, "register", SPECIALIST)).turn == 2
    assert await house.run_id(number) == run_id


async def test_a_ruling_of_a_newer_build_is_left_to_a_newer_worker(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await house.open()
    await house.office.pool.execute("UPDATE complaints SET schema_version = 2 WHERE number = $1", number)
    register = {"kind": "register", "by": SPECIALIST}
    waiting = await house.handle(number).start_update(
        "submit", register, id="r", wait_for_stage=WorkflowUpdateStage.ACCEPTED, result_type=Decision
    )
    await house.until(number, lambda history: "ACTIVITY_TASK_SCHEDULED" in {kind_of(e) for e in history})
    assert len(await house.turns(number)) == 1, "an older worker rules on nothing"

    monkeypatch.setattr(writing, "SCHEMA", 2)
    decision = await waiting.result()
    assert (decision.accepted, decision.turn) == (True, 2)
    assert [row["kind"] for row in await house.turns(number)] == ["open", "register"]


@pytest.mark.slow  # the server answers only after 20 seconds of failed tries
async def test_while_workers_cannot_take_a_turn_whoever_speaks_is_told_that_the_fault_is_ours(
    company: House,
) -> None:
    async with company.at_work():
        number = await company.open()
    async with replace(company, ring={"lost": secrets.token_bytes(32)}).at_work():
        with pytest.raises(TryAgain, match="error of ours keeps this complaint"):
            await company.say(number, "register", SPECIALIST, key="r")
    async with company.at_work(), asyncio.timeout(120):
        decision = None
        while decision is None:
            with suppress(TryAgain):  # until the server hands the failed task out again
                decision = await company.say(number, "register", SPECIALIST, key="r")
    assert (decision.accepted, decision.turn) == (True, 2)
