"""The records are away in the middle: turns wait and go on by themselves, and nothing is lost, doubled or breached."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowUpdateHandle, WorkflowUpdateStage

from domain.turns import Decision
from records.db import RecordsUnreachable
from tests.chaos.gate import Gate, gate_before
from tests.workflows.house import House, another_build, incoming, kind_of
from tests.workflows.lives import SPECIALIST
from workflows.complaint import Complaint

REGISTER = {"kind": "register", "by": SPECIALIST}
ANSWER = {"kind": "record_response", "by": SPECIALIST, "channel": "telephone", "effective": True}
ASSIGN = {"kind": "assign", "by": SPECIALIST, "department": "sales", "lead": "SALES_HEAD"}


@asynccontextmanager
async def behind_a_gate(company: House) -> AsyncIterator[tuple[Gate, House]]:
    """The company with a gate between it and its records."""
    async with gate_before(company.url) as (gate, url), another_build(company, company.build, url) as house:
        yield gate, house


async def heard(
    house: House, number: str, command: Mapping[str, object], key: str
) -> WorkflowUpdateHandle[Decision]:
    """Said and taken in, not yet ruled on."""
    return await house.handle(number).start_update(
        "submit", command, id=key, wait_for_stage=WorkflowUpdateStage.ACCEPTED, result_type=Decision
    )


async def tries(house: House, number: str) -> int:
    """How often the activity under way has been tried."""
    pending = (await house.handle(number).describe()).raw_description.pending_activities
    return max((activity.attempt for activity in pending), default=0)


def remotely(history: Sequence[HistoryEvent]) -> bool:
    return any(
        event.activity_task_scheduled_event_attributes.activity_type.name == "decide_and_record"
        for event in history
    )


async def test_a_turn_waits_for_the_records_and_goes_on_by_itself(company: House) -> None:
    async with behind_a_gate(company) as (gate, house), house.at_work():
        number = await house.open()
        await gate.cut()
        first = await heard(house, number, REGISTER, "r")
        await house.until(number, remotely)
        second = await heard(house, number, ASSIGN, "a")
        await house.handle(number).signal(Complaint.report, args=["s", ANSWER])
        with pytest.raises(RecordsUnreachable):
            await house.say(number, "add_note", SPECIALIST, text="不通")
        assert len(await company.turns(number)) == 1

        await gate.open()
        assert (await first.result()).accepted
        refused = await second.result()
        assert (refused.accepted, refused.rule) == (False, "CLS-06"), "ruled on, for a turn was running"
        await house.rest(number)
        turns = await company.turns(number)
        assert [(row["turn"], row["command_id"]) for row in turns] == [
            (1, "/open"), (2, "r"), (3, "a"), (4, "s"),
        ]  # fmt: skip
        assert [row["heard_at"] for row in turns] == sorted(row["heard_at"] for row in turns)


@pytest.mark.requirement("SLA-01")
async def test_an_answer_heard_before_due_is_met_though_it_is_ruled_on_after(company: House) -> None:
    async with behind_a_gate(company) as (gate, house), house.at_work():
        due = datetime.now(UTC) + timedelta(seconds=4)
        number = await house.open(received_at=due - timedelta(hours=24))
        await gate.cut()
        answer = await heard(house, number, ANSWER, "a")
        await house.until(
            number, lambda history: "TIMER_FIRED" in {kind_of(e) for e in history} and remotely(history)
        )
        assert datetime.now(UTC) > due
        await gate.open()
        assert (await answer.result()).accepted
        await house.rest(number)
        met = await house.deadline(number, "first_response_hours")
        assert (met.state, met.levels, met.fired_at) == ("met", [], None)
        assert met.settled_at is not None
        assert met.settled_at < due
        assert [row["kind"] for row in await house.turns(number)] == ["open", "record_response"]


async def test_a_complaint_started_while_the_records_are_away_listens_and_loads_later(company: House) -> None:
    async with behind_a_gate(company) as (gate, house):
        opened = await company.office.ledger.open_complaint(incoming(), "cs_specialist-1", datetime.now(UTC))
        async with house.at_work():
            await gate.cut()
            await house.door.start(opened.number)
            await house.until(
                opened.number, lambda history: "ACTIVITY_TASK_SCHEDULED" in {kind_of(e) for e in history}
            )
            said = await heard(house, opened.number, REGISTER, "r")
            await gate.open()
            assert (await said.result()).turn == 2


async def test_a_database_closed_for_maintenance_is_waited_for(company: House) -> None:
    async with company.at_work():
        number = await company.open()
        async with closed_for_maintenance(company.url):
            said = await heard(company, number, REGISTER, "r")
            while (await tries(company, number)) < 3:
                await company.until(number, remotely)
        assert (await said.result()).accepted
    assert [aside for aside in await company.office.ledger.waiting_aside() if aside.number == number] == []


@asynccontextmanager
async def closed_for_maintenance(url: str) -> AsyncIterator[None]:
    """Nobody is let into the database, and those inside are thrown out."""
    server, _, database = url.rpartition("/")
    admin = await asyncpg.connect(f"{server}/postgres")
    await admin.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    try:
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database
        )
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        await admin.close()


async def test_a_burst_in_an_outage_is_answered_in_order_after_it(company: House) -> None:
    async with behind_a_gate(company) as (gate, house), house.at_work():
        number = await house.open()
        await gate.cut()
        note = {"kind": "add_note", "by": SPECIALIST, "text": f"txt_{0:032x}"}
        said = [await heard(house, number, note, f"n{place}") for place in range(9)]
        await gate.open()
        answers = await asyncio.gather(*(one.result() for one in said))
        assert [answer.turn for answer in answers] == list(range(2, 11))
