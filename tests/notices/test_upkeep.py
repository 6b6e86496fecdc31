"""The standing work on a real Temporal server: failures become tasks, and missing conversations are started."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowContinuedAsNewError, WorkflowExecutionStatus

from activities import errands, upkeep
from activities.notices import NoticeActivities
from channels.spool import Spool
from domain.commands import read
from domain.turns import Turn
from embedded.bootstrap import bootstrap
from records.db import Connection
from records.ledger import Ledger
from records.upkeep import Upkeep
from starter.complaints import FrontDoor
from starter.plugin import redress_plugin
from tests.notices.company import CONTACT, Company, D
from tests.notices.mailbox import Mailbox
from workers.registry import desks, workers_for
from workers.running import at_work
from workflows import names

NAMESPACE = "notices"


@pytest.fixture
async def client(temporal_address: str, connection: Connection) -> Client:
    """A client of a namespace of its own; this test's complaints have numbers no other test's have."""
    await bootstrap(temporal_address, namespaces=[NAMESPACE], scheduled=())
    await connection.execute(
        "INSERT INTO number_years (year, last) VALUES (2026, $1)", 1000 * secrets.randbelow(900_000)
    )
    plugin = redress_plugin({"k1": secrets.token_bytes(32)})
    return await Client.connect(temporal_address, namespace=NAMESPACE, plugins=[plugin])


@pytest.fixture
async def door(client: Client, company: Company) -> AsyncIterator[FrontDoor]:
    """The front door, with the workers of both queues behind it."""
    workers = workers_for(client, desks(client, company.office, company.sender()))
    async with at_work(workers, within=timedelta(seconds=20)):
        yield FrontDoor(client, company.office)
    async for execution in client.list_workflows("ExecutionStatus = 'Running'"):
        await client.get_workflow_handle(execution.id).terminate("the test is over")


async def opened(company: Company) -> str:
    """A complaint that comes in now, whose customer may be written to at any hour; nothing of it waits to be sent."""
    never_quiet = {"quiet_hours": {"from": "00:00", "to": "00:00"}}
    number = await company.open(received_at=datetime.now(UTC), policy_overrides=never_quiet)
    await company.silence(number)
    return number


async def run(client: Client, workflow: str, queue: str) -> int:
    """One run as the Schedule starts it; returns its result."""
    run_id = f"{workflow.lower()}-{secrets.token_hex(4)}"
    return int(await client.execute_workflow(workflow, id=run_id, task_queue=queue, result_type=int))


async def outbox(client: Client) -> int:
    return await run(client, names.OUTBOX_WORKFLOW, names.NOTICES_QUEUE)


async def reconcile(client: Client) -> int:
    return await run(client, names.RECONCILE_WORKFLOW, names.COMPLAINTS_QUEUE)


async def running(client: Client, number: str) -> bool:
    description = await client.get_workflow_handle(names.workflow_id(number)).describe()
    return description.status == WorkflowExecutionStatus.RUNNING


def test_the_activities_use_the_names_of_the_contract() -> None:
    assert upkeep._WORKFLOW == names.COMPLAINT_WORKFLOW
    assert upkeep._QUEUE == names.COMPLAINTS_QUEUE
    assert upkeep._workflow_id("2026-000001") == names.workflow_id("2026-000001")
    standing = {errands.DELIVER_DUE, errands.REPORT_FAILURES, errands.START_MISSING, errands.SWEEP_WORDS}
    assert standing.isdisjoint({names.DELIVER})


@pytest.mark.requirement("SLA-11")
async def test_a_notice_nobody_can_be_sent_becomes_one_task_to_call(
    company: Company, mailbox: Mailbox, client: Client, door: FrontDoor
) -> None:
    mailbox.refuse_receiver[CONTACT] = "550 5.1.1 unknown"
    number = await opened(company)
    await company.say(number, "register", at=datetime.now(UTC))
    assert await outbox(client) == 0
    assert await outbox(client) == 0  # nothing to report any more
    note = read({"kind": "add_note", "by": "cs_specialist-1", "text": "after the report"})
    assert (await door.submit(number, note)).accepted
    complaint = await company.office.ledger.complaint(number)
    (task,) = [task for task in complaint.tasks.values() if task.kind == "call"]
    assert task.subkind == f"{number}/2:receipt/CUSTOMER"
    assert complaint.turn == 4  # opened, registered, told of the failure, the note


@pytest.mark.requirement("SLA-11")
async def test_a_failure_that_cannot_be_reported_holds_up_no_other(
    company: Company, mailbox: Mailbox, client: Client, door: FrontDoor
) -> None:
    mailbox.refuse_receiver["cs_director-1@example.com"] = "550 5.1.1 unknown"
    number = await opened(company)
    good = await company.plan(number, "risk_note", "person:cs_director-1", "good", result="UNRESOLVED")
    odd = await company.plan(number, "risk_note", "person:cs_director-1", "no key", result="UNRESOLVED")
    assert await company.deliver(number, datetime.now(UTC)) == ["failed", "failed"]
    too_long = errands.Failure(number="9" * 2000, notice=odd)  # no server takes a workflow id of that length
    page = [too_long, errands.Failure(number=number, notice=odd), errands.Failure(number=number, notice=good)]
    assert await upkeep.UpkeepActivities(client, company.office).report_failures(page) == 1
    (left,) = await Upkeep(company.office.pool).unreported_failures(10)
    assert left.key == odd
    note = read({"kind": "add_note", "by": "cs_specialist-1", "text": "after the report"})
    assert (await door.submit(number, note)).accepted
    tasks = (await company.office.ledger.complaint(number)).tasks.values()
    assert [task.subkind for task in tasks if task.kind == "call"] == [good]


@pytest.mark.requirement("SLA-11")
async def test_one_run_sends_all_that_is_due_in_batches(
    company: Company, mailbox: Mailbox, client: Client, door: FrontDoor
) -> None:
    number = await opened(company)
    for key in range(45):
        await company.plan(number, "risk_note", "person:cs_director-1", str(key), result="UNRESOLVED")
    assert await outbox(client) == 45
    assert set(mailbox.ids().values()) == {1}
    assert len(mailbox.ids()) == 45
    assert await outbox(client) == 0


@pytest.mark.requirement("SLA-11")
async def test_a_turn_s_own_notices_go_out_after_it(
    company: Company, mailbox: Mailbox, client: Client, door: FrontDoor
) -> None:
    """The conversation has them sent itself, without the Schedule."""
    number = await opened(company)
    assert (await door.submit(number, read({"kind": "register", "by": "cs_specialist-1"}))).accepted
    assert (
        await door.submit(number, read({"kind": "mark_withdrawn", "by": "cs_specialist-1", "reason": "撤回"}))
    ).accepted
    await client.get_workflow_handle(names.workflow_id(number)).result()
    subjects = {str(mail["Subject"]).partition("] ")[2] for mail in mailbox.to(CONTACT)}
    assert subjects == {"我们已收到您的投诉", "投诉已撤回"}
    assert set(mailbox.ids().values()) == {1}


async def test_conversations_that_are_missing_are_started_and_others_left_alone(
    company: Company, client: Client, door: FrontDoor
) -> None:
    lost, killed, well, ended = [await opened(company) for _ in range(4)]
    await company.say(ended, "mark_withdrawn", reason="撤回", at=datetime.now(UTC))
    await door.start(killed)
    await client.get_workflow_handle(names.workflow_id(killed)).terminate("an accident")
    await door.start(well)
    before = (await client.get_workflow_handle(names.workflow_id(well)).describe()).run_id
    assert await reconcile(client) == 2
    assert [await running(client, number) for number in (lost, killed, well)] == [True] * 3
    assert (await client.get_workflow_handle(names.workflow_id(well)).describe()).run_id == before
    assert await reconcile(client) == 0
    note = read({"kind": "add_note", "by": "cs_specialist-1", "text": "it goes on"})
    assert (await door.submit(killed, note)).accepted


async def test_a_deadline_set_aside_is_tried_again_by_the_build_that_runs_now(
    company: Company, client: Client, door: FrontDoor
) -> None:
    number = await opened(company)
    await door.start(number)
    office = company.office
    older = Ledger(office.pool, office.texts, office.library, build="the one before")
    sheet = await older.load_sheet(number)
    wake = sheet.wakes[0]
    command = {"kind": "deadline_passed", "by": "feed:calendar", "deadline": wake.id}
    turn = Turn(
        number=number, turn=sheet.turn + 1, id="d", command=command, heard_at=wake.at, noticed_at=wake.at
    )
    assert wake not in (await older.set_aside(turn, "KeyError at deadlines.py:1")).sheet.wakes
    chapter = await client.get_workflow_handle(names.workflow_id(number)).describe()
    assert await reconcile(client) == 0
    first = client.get_workflow_handle(names.workflow_id(number), run_id=chapter.run_id)
    with pytest.raises(WorkflowContinuedAsNewError):
        await first.result(follow_runs=False)
    assert wake in (await office.ledger.load_sheet(number)).wakes, "which the new chapter begins with"


@pytest.mark.requirement("CUS-10")
async def test_words_of_a_refused_command_are_swept_by_the_nightly_run(
    company: Company, client: Client, door: FrontDoor, connection: Connection
) -> None:
    number = await opened(company)
    early = read({"kind": "reopen", "by": "cs_director-1", "reason": "refused in this stage"})
    await door.report(number, early, "early")  # a signal is refused on record, not at the door
    note = read({"kind": "add_note", "by": "cs_specialist-1", "text": "kept"})
    assert (await door.submit(number, note)).accepted
    refused = await connection.fetch("SELECT id FROM texts WHERE refused_at IS NOT NULL AND claimed IS NULL")
    assert len(refused) == 1
    kept = await connection.fetch("SELECT id FROM texts WHERE claimed IS NOT NULL ORDER BY id")
    await reconcile(client)
    assert await connection.fetchval("SELECT count(*) FROM texts WHERE id = $1", refused[0]["id"]) == 1
    await connection.execute("UPDATE texts SET refused_at = refused_at - INTERVAL '25 hours'")
    await reconcile(client)
    assert await connection.fetch("SELECT id FROM texts ORDER BY id") == kept


async def test_complaints_at_work_come_page_by_page(company: Company) -> None:
    numbers = [await company.open() for _ in range(3)]
    ended = await company.open()
    await company.say(ended, "mark_withdrawn", reason="撤回")
    asked = Upkeep(company.office.pool)
    first = await asked.at_work("", 2)
    second = await asked.at_work(first[-1].number, 2)
    assert [one.number for one in first + second] == numbers
    assert await asked.at_work(second[-1].number, 2) == []


async def test_the_schedule_plans_reminders_as_well(company: Company, tmp_path: Path) -> None:
    number = await company.open()
    await company.let_pass(number, (await company.office.ledger.complaint(number)).received_at + 2 * D)
    await company.silence(number)
    received = (await company.office.ledger.complaint(number)).received_at
    activities = NoticeActivities(company.office, Spool(tmp_path), clock=lambda: received + 2 * D)
    done = await activities.deliver_due()
    assert (done.sent, done.failed, done.left, done.failures) == (2, 0, False, [])
    assert (await activities.deliver_due()).sent == 0
