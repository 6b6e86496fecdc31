"""Commands, signals and deadlines in any order, in bursts, around new chapters, around the end and after it."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError

from domain import commands
from domain.turns import Decision
from records.ledger import command_id
from tests.workflows.house import House
from tests.workflows.lives import CONTRACT, DIRECTOR, SPECIALIST, live
from workflows import names
from workflows.complaint import Complaint

MINUTE = timedelta(minutes=1)


async def notes(house: House, number: str, count: int, prefix: str = "n") -> list[Decision]:
    """So many notes said at once; their answers in the order of the keys."""
    return await asyncio.gather(
        *(
            house.say(number, "add_note", SPECIALIST, key=f"{prefix}{place}", text=f"第{place}条")
            for place in range(count)
        )
    )


async def check_ledger(house: House, number: str, ended_before: int = 0) -> None:
    """Turns without a gap, in the order in which they were heard, and no key ruled on twice.

    ended_before: the last turn of a run whose time was skipped; the clock of a run started anew is the real one.
    """
    turns = await house.turns(number)
    assert [row["turn"] for row in turns] == list(range(1, len(turns) + 1))
    heard = [row["heard_at"] for row in turns if not ended_before or row["turn"] <= ended_before]
    assert heard == sorted(heard)
    ids = [row["command_id"] for row in turns]
    assert len(ids) == len(set(ids))


async def test_fifty_at_once_are_all_answered_each_once_and_in_order(house: House) -> None:
    number = await house.open()
    answers = await notes(house, number, 50)
    assert all(answer.accepted for answer in answers)
    assert sorted(answer.turn for answer in answers) == list(range(2, 52))
    await check_ledger(house, number)
    told = {row["command_id"]: row["turn"] for row in await house.turns(number)}
    assert [told[f"n{place}"] for place in range(50)] == [answer.turn for answer in answers]


async def test_bursts_around_new_chapters_lose_and_double_nothing(house: House) -> None:
    number = await house.open()
    answers: list[Decision] = []
    for burst in range(3):
        said = asyncio.create_task(notes(house, number, 8, prefix=f"{burst}-"))
        await house.door.checkpoint(number)
        answers.extend(await said)
    assert sorted(answer.turn for answer in answers) == list(range(2, 26))
    await check_ledger(house, number)


async def test_signals_and_updates_at_once_are_one_line(house: House) -> None:
    number = await house.open()
    asked = asyncio.create_task(notes(house, number, 8))
    await asyncio.gather(
        *(
            house.door.report(number, commands.said("add_note", "feed:hotline", {"text": "信号"}), f"s{i}")
            for i in range(20)
        )
    )
    answers = await asked
    assert all(answer.accepted for answer in answers)
    await house.do(number, "add_note", SPECIALIST, key="last", text="完")
    turns = await house.turns(number)
    assert {row["command_id"] for row in turns} >= {f"s{i}" for i in range(20)}
    await check_ledger(house, number)


async def test_a_deadline_among_commands_is_ruled_in_order_of_time(house: House) -> None:
    number = await house.open()
    due = (await house.deadline(number, "first_response_hours")).due
    skip = house.skip_to(number, due + MINUTE)
    burst, _ = await asyncio.gather(notes(house, number, 9), skip)
    assert all(answer.accepted for answer in burst)
    await check_ledger(house, number)
    fired = await house.deadline(number, "first_response_hours")
    assert (fired.state, len(fired.levels)) == ("fired", 1)


async def test_a_life_goes_on_through_a_new_chapter_at_every_turn(house: House) -> None:
    number = await house.open()
    for step in CONTRACT[:4]:
        await live(house, number, (step,))
        await house.new_chapter(number)
    await check_ledger(house, number)


async def archived(house: House) -> str:
    """A complaint whose life is over and whose workflow has completed."""
    number = await house.open()
    await live(house, number)
    await house.handle(number).result(rpc_timeout=timedelta(seconds=10))
    return number


@pytest.mark.requirement("LIF-01")
async def test_the_conversation_completes_with_the_archive_and_answers_after_it(house: House) -> None:
    number = await archived(house)
    described = await house.handle(number).describe()
    assert described.status is WorkflowExecutionStatus.COMPLETED

    noted = await house.do(number, "add_note", SPECIALIST, text="客户来电致谢")
    assert noted.stage == "ARCHIVED"
    await house.handle(number).result(rpc_timeout=timedelta(seconds=10))

    refused = await house.say(
        number, "classify", SPECIALIST, type="PRODUCT", cause="SALES", severity="simple"
    )
    assert (refused.accepted, refused.rule) == (False, "CLS-01")
    await house.handle(number).result(rpc_timeout=timedelta(seconds=10))
    assert (await house.state(number)).stage == "ARCHIVED"


async def test_reopening_an_archived_complaint_starts_its_conversation_again(house: House) -> None:
    number = await archived(house)
    reopened = await house.do(number, "reopen", DIRECTOR, reason="同一处又漏水")
    assert reopened.stage == "SECOND_HANDLING"
    described = await house.handle(number).describe()
    assert described.status is WorkflowExecutionStatus.RUNNING
    wakes = await house.handle(number).query(Complaint.show_deadlines)
    assert {wake.name for wake in wakes} >= {"second_handling_days", "first_response_hours"}


async def test_many_closers_at_once_one_wins_and_the_run_still_ends(house: House) -> None:
    number = await house.open()
    await live(house, number, CONTRACT[:-1])
    answers = await asyncio.gather(
        *(
            house.say(number, "archive", f"cs_specialist-{1 + place % 2}", result="BOTH_SATISFIED")
            for place in range(6)
        )
    )
    (won,) = [answer for answer in answers if answer.accepted]
    await house.handle(number).result(rpc_timeout=timedelta(seconds=10))
    await check_ledger(house, number, ended_before=won.turn)


async def test_notes_around_the_end_are_all_on_record(house: House) -> None:
    number = await house.open()
    await live(house, number, CONTRACT[:-1])
    closing = house.do(number, "archive", SPECIALIST, result="BOTH_SATISFIED")
    answers, closed = await asyncio.gather(notes(house, number, 9), closing)
    assert all(answer.accepted for answer in answers)
    await house.handle(number).result(rpc_timeout=timedelta(seconds=10))
    await check_ledger(house, number, ended_before=closed.turn)


async def test_a_terminated_workflow_is_started_again_by_what_is_said_next(house: House) -> None:
    number = await house.open()
    await house.do(number, "register", SPECIALIST, key="r")
    await house.handle(number).terminate("an operator's slip")
    decision = await house.do(
        number, "classify", SPECIALIST, type="PRODUCT", cause="ENGINEERING", severity="simple"
    )
    assert decision.turn == 3
    again = await house.say(number, "register", SPECIALIST, key="r")
    assert (again.accepted, again.turn) == (True, 2)


async def test_a_terminated_workflow_comes_back_from_the_records_with_its_timers(house: House) -> None:
    number = await house.open()
    await house.do(number, "register", SPECIALIST)
    before = await house.handle(number).query(Complaint.show_deadlines)
    await house.handle(number).terminate()
    await house.door.start(number)
    await house.rest(number)
    assert await house.handle(number).query(Complaint.show_deadlines) == before
    due = (await house.deadline(number, "classify_hours")).due
    await house.skip_to(number, due + MINUTE)
    assert (await house.deadline(number, "classify_hours")).state == "fired"


async def raw(house: House, number: str, id: str, content: object) -> Decision:
    """An update as another program would send it, to the running workflow."""
    decision: Decision = await house.handle(number).execute_update(
        "submit", content, id=id, result_type=Decision
    )
    return decision


REGISTER = {"kind": "register", "by": SPECIALIST}


@pytest.mark.parametrize("between", ["nothing", "new chapter", "end of the run"])
async def test_a_repeated_key_gets_its_first_answer(house: House, between: str) -> None:
    number = await house.open()
    first = await house.do(number, "register", SPECIALIST, key="k")
    noted = await house.do(number, "add_note", SPECIALIST, key="k2", text="门锁")
    if between == "new chapter":
        await house.new_chapter(number)
    if between == "end of the run":
        await house.do(number, "mark_withdrawn", SPECIALIST, reason="客户撤回")
        await house.handle(number).result(rpc_timeout=timedelta(seconds=10))
    assert await house.say(number, "register", SPECIALIST, key="k") == first
    assert await house.say(number, "add_note", SPECIALIST, key="k2", text="门锁") == noted
    await check_ledger(house, number)


@pytest.mark.parametrize("between", ["nothing", "new chapter", "another start"])
async def test_a_repeated_raw_update_gets_its_first_answer(house: House, between: str) -> None:
    number = await house.open()
    first = await raw(house, number, "raw-1", REGISTER)
    await house.do(number, "classify", SPECIALIST, type="PRODUCT", cause="ENGINEERING", severity="simple")
    if between == "new chapter":
        await house.new_chapter(number)
    if between == "another start":
        await house.handle(number).terminate()
        await house.door.start(number)
    assert await raw(house, number, "raw-1", REGISTER) == first
    await check_ledger(house, number)


async def test_a_repeated_signal_is_ruled_on_once(house: House) -> None:
    number = await house.open()
    for _ in range(3):
        await house.handle(number).signal(Complaint.report, args=["feed-7", REGISTER])
    await house.new_chapter(number)
    await house.handle(number).signal(Complaint.report, args=["feed-7", REGISTER])
    await house.do(number, "add_note", SPECIALIST, text="完")
    turns = await house.turns(number)
    assert [row["command_id"] for row in turns].count("feed-7") == 1
    assert len(turns) == 3


@pytest.mark.parametrize("between", ["nothing", "new chapter"])
async def test_the_same_key_with_another_body_is_refused(house: House, between: str) -> None:
    number = await house.open()
    await house.do(number, "add_note", SPECIALIST, key="k", text="一")
    if between == "new chapter":
        await house.new_chapter(number)
    other = await house.say(number, "add_note", SPECIALIST, key="k", text="二")
    assert (other.accepted, other.rule) == (False, "idempotency")
    kind = await house.say(number, "register", SPECIALIST, key="k")
    assert (kind.accepted, kind.rule) == (False, "idempotency")
    assert (await house.state(number)).turn == 2


@pytest.mark.parametrize("between", ["nothing", "new chapter"])
async def test_the_same_key_with_another_body_is_refused_in_raw_updates(house: House, between: str) -> None:
    number = await house.open()
    await raw(house, number, command_id("k", "a"), REGISTER)
    if between == "new chapter":
        await house.new_chapter(number)
    other = await raw(
        house, number, command_id("k", "b"), {"kind": "add_note", "by": SPECIALIST, "text": f"txt_{0:032x}"}
    )
    assert (other.accepted, other.rule) == (False, "idempotency")


async def test_out_of_stage_is_refused_at_the_door_without_a_trace_while_idle(house: House) -> None:
    number = await house.open()
    await house.rest(number)
    before = await house.counts(number)
    refused = await house.say(number, "archive", SPECIALIST, result="UNRESOLVED")
    assert (refused.accepted, refused.rule) == (False, "CLO-07")
    assert refused.reason == "archive may be said in AWAITING_VISIT, not in REGISTERED."
    assert await house.counts(number) == before
    assert len(await house.turns(number)) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "JSON object"),
        ([1, 2], "JSON object"),
        ({"by": SPECIALIST}, "is not a command"),
        ({"kind": "fly", "by": SPECIALIST}, "'fly' is not a command"),
        ({"kind": "register"}, "by: "),
        ({"kind": "register", "by": SPECIALIST, "nonsense": 1}, "nonsense: is not a field"),
        ({"kind": "make_promise", "by": SPECIALIST, "promise": "P1", "what": "x", "due": "2026-03-02T09:00:00"},
         "needs its zone"),
        ({"kind": "set_limits", "by": "cs_director-1", "floor": "-1"}, "floor: "),
        ({"kind": "add_note", "by": SPECIALIST, "text": "in the clear"}, "Words go to the records first"),
        ({"kind": "deadline_passed", "deadline": "1:first_response_hours"}, "Nobody can say"),
    ],
)  # fmt: skip
async def test_a_malformed_update_is_rejected_without_a_trace(
    house: House, content: object, sentence: str
) -> None:
    number = await house.open()
    before = await house.counts(number)
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await raw(house, number, "bad", content)
    assert sentence in str(failed.value.cause)
    assert getattr(failed.value.cause, "type", None) in (names.BAD_INPUT, names.REFUSED)
    assert await house.counts(number) == before
    await house.do(number, "register", SPECIALIST)


async def test_nobody_can_say_what_only_the_calendar_says(house: House) -> None:
    number = await house.open()
    refused = await house.say(number, "deadline_passed", SPECIALIST, deadline="1:first_response_hours")
    assert (refused.accepted, refused.rule) == (False, "§1")
    assert (await house.deadline(number, "first_response_hours")).state == "open"
