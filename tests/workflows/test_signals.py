"""The signal `report`: what machines say, and what must not get in, wedge or kill."""

import os
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from domain.turns import Decision
from records.ledger import UnknownComplaint
from starter.codec import ENCODING
from tests.workflows.house import House
from tests.workflows.lives import SPECIALIST
from workflows import names
from workflows.complaint import Complaint

REGISTER = {"kind": "register", "by": SPECIALIST}
NUL, LONE, LONG = "a\x00b", "a\ud800b", "x" * 50_000


async def send(house: House, number: str, signal: str, *payloads: Payload) -> None:
    """A signal as its bytes are, past every client's care."""
    await house.client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=house.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=names.workflow_id(number)),
            signal_name=signal,
            input=Payloads(payloads=payloads),
        )
    )


async def check_unharmed(house: House, number: str, run_id: str) -> None:
    """The complaint still answers, in the same run, and its deadline still rings."""
    decision = await house.do(number, "register", SPECIALIST)
    assert decision.stage == "REGISTERED"
    counts = await house.counts(number, run_id)
    assert counts["WORKFLOW_TASK_FAILED"] == 0
    assert counts["WORKFLOW_EXECUTION_FAILED"] == 0
    due = (await house.deadline(number, "first_response_hours")).due
    await house.skip_to(number, due + timedelta(minutes=1))
    assert (await house.deadline(number, "first_response_hours")).state == "fired"


@pytest.mark.parametrize(
    "args",
    [
        [],
        [None],
        [None, None],
        ["m1"],
        ["m1", None],
        ["m1", "register"],
        ["m1", [REGISTER]],
        ["m1", 7],
        [5, {}],
        [{"id": "m1"}, REGISTER | {"kind": "fly"}],
        ["m1", {"kind": "fly", "by": SPECIALIST}],
        ["m1", {"kind": ["register"], "by": SPECIALIST}],
        ["m1", {"kind": NUL, "by": SPECIALIST}],
        ["m1", {"kind": "register", "by": NUL}],
        ["m1", {"kind": "register", "by": SPECIALIST, NUL: 1}],
        ["m1", {"kind": "register", "by": "feed:calendar", "expected_turn": 10**30}],
        ["m1", {"kind": "add_note", "by": SPECIALIST, "text": NUL}],
        ["m1", {"kind": "add_note", "by": SPECIALIST, "text": LONG * 3}],
        ["m1", {"kind": "deadline_passed", "by": "feed:calendar", "deadline": NUL}],
        ["m1", {"kind": "notice_failed", "by": "feed:outbox", "notice": NUL}],
        [NUL, {"kind": "fly"}],
        [LONG, {"kind": "fly"}],
        ["", {"kind": "fly"}],
        ["/open", {"kind": "fly"}],
        ["m1", {"kind": "fly"}, "one too many"],
    ],
    ids=lambda args: repr(args)[:60],
)
async def test_a_malformed_signal_neither_wedges_nor_kills(house: House, args: list[Any]) -> None:
    number = await house.open()
    run_id = await house.run_id(number)
    await house.handle(number).signal("report", args=args)
    await check_unharmed(house, number, run_id)


@pytest.mark.parametrize(
    "payload",
    [
        Payload(data=b"register"),
        Payload(metadata={"encoding": b"json/plain"}, data=b'{"kind": '),
        Payload(metadata={"encoding": b"json/plain"}, data=b'"a\\ud800b"'),
        Payload(metadata={"encoding": b"json/plain"}, data=b"[" * 20_000),
        Payload(metadata={"encoding": b"binary/plain"}, data=os.urandom(40)),
        Payload(metadata={"encoding": b"no/such"}, data=b"{}"),
        Payload(metadata={"encoding": ENCODING, "key": b"k1"}, data=os.urandom(5)),
        Payload(metadata={"encoding": ENCODING, "key": b"k1"}, data=os.urandom(64)),
        Payload(metadata={"encoding": ENCODING}, data=os.urandom(64)),
    ],
    ids=["no encoding", "half JSON", "lone surrogate", "deep", "bytes", "unknown encoding", "short", "other key",
         "no key"],
)  # fmt: skip
async def test_a_signal_that_cannot_be_decoded_neither_wedges_nor_kills(
    house: House, payload: Payload
) -> None:
    number = await house.open()
    run_id = await house.run_id(number)
    await send(house, number, "report", payload, payload)
    await check_unharmed(house, number, run_id)


async def test_a_signal_sealed_with_another_companys_key_is_dropped(house: House) -> None:
    number = await house.open()
    run_id = await house.run_id(number)
    nonce = os.urandom(12)
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"m1"').SerializeToString()
    sealed = AESGCM(os.urandom(32)).encrypt(nonce, plain, b"k1")
    foreign = Payload(metadata={"encoding": ENCODING, "key": b"k1"}, data=nonce + sealed)
    await send(house, number, "report", foreign, foreign)
    await check_unharmed(house, number, run_id)


async def test_other_signals_and_updates_do_no_harm(house: House) -> None:
    number = await house.open()
    await house.handle(number).signal("no_such_signal", 5)
    await house.handle(number).signal("checkpoint", args=["one", "too many"])
    with pytest.raises(WorkflowUpdateFailedError):
        await house.handle(number).execute_update("no_such_update", 5, id="u")
    with pytest.raises(WorkflowUpdateFailedError):
        await house.handle(number).execute_update("submit", args=[REGISTER, "one too many"], id="u2")
    with pytest.raises(WorkflowUpdateFailedError):
        await house.handle(number).execute_update("submit", id="u3")
    assert (await house.do(number, "register", SPECIALIST)).turn == 2


async def test_a_malformed_signal_is_refused_on_record_with_its_reason(house: House) -> None:
    number = await house.open()
    await house.handle(number).signal(Complaint.report, args=["m1", {"kind": "fly", "by": SPECIALIST}])
    await house.handle(number).signal(Complaint.report, args=["m2", "register"])
    await house.rest(number)
    turns = {row["command_id"]: row for row in await house.turns(number)}
    for key in ("m1", "m2"):
        assert (turns[key]["kind"], turns[key]["accepted"], turns[key]["rule"]) == ("malformed", False, "§1")


async def test_signals_without_an_id_are_each_heard(house: House) -> None:
    number = await house.open()
    note = {"kind": "add_note", "by": "feed:hotline", "text": "来电"}
    await house.handle(number).signal("report", args=[None, REGISTER])
    await house.handle(number).signal("report", args=[None, note])
    await house.handle(number).signal("report", args=["", note])
    await house.rest(number)
    assert [row["kind"] for row in await house.turns(number)] == ["open", "register", "add_note", "add_note"]
    assert all(row["accepted"] for row in await house.turns(number))


async def test_no_key_of_a_client_can_take_the_place_of_the_calendar(house: House) -> None:
    number = await house.open()
    (wake,) = await house.handle(number).query(Complaint.show_deadlines)
    own = f"/deadline/{wake.id}@{wake.at.isoformat()}"
    await house.handle(number).signal(Complaint.report, args=[own, REGISTER])
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await house.handle(number).execute_update("submit", REGISTER, id=own, result_type=Decision)
    assert getattr(refused.value.cause, "type", None) == names.BAD_INPUT
    await house.skip_to(number, wake.at + timedelta(minutes=1))
    assert (await house.deadline(number, "first_response_hours")).state == "fired"


async def test_the_words_of_a_feed_are_kept_encrypted_in_the_records(house: House) -> None:
    number = await house.open()
    note = {"kind": "add_note", "by": "feed:hotline", "text": "阳台也漏了"}
    await house.handle(number).signal(Complaint.report, args=["f1", note])
    await house.rest(number)
    command = await house.office.pool.fetchval(
        "SELECT command FROM turns WHERE number = $1 AND command_id = 'f1'", number
    )
    assert command["text"].startswith("txt_")
    async with house.office.pool.acquire() as connection:
        words = await house.office.texts.read(connection, [command["text"]], "auditor-1", of=number)
    assert list(words.values()) == ["阳台也漏了"]


async def test_nothing_is_stored_or_started_for_a_number_that_is_not_there(house: House) -> None:
    counted = "SELECT count(*) FROM texts"
    async with house.office.pool.acquire() as connection:
        before = await connection.fetchval(counted)
    with pytest.raises(UnknownComplaint, match="1999-000001"):
        await house.say("1999-000001", "add_note", SPECIALIST, text="nobody's")
    async with house.office.pool.acquire() as connection:
        assert await connection.fetchval(counted) == before
    with pytest.raises(RPCError, match="not found"):
        await house.handle("1999-000001").describe()
