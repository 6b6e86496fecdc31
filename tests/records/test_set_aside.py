"""An error of ours keeps one turn from being ruled on, and nothing else."""

import pytest

from domain.turns import Outcome, Turn
from records.ledger import Ledger
from records.policies import Library
from records.texts import Texts
from tests.records.office import RECEIVED, H, Office


async def asked(office: Office, number: str, command: dict[str, object], id: str, hours: int = 0) -> Turn:
    sheet = await office.ledger.load_sheet(number)
    at = RECEIVED + hours * H
    return Turn(number=number, turn=sheet.turn + 1, id=id, command=command, heard_at=at, noticed_at=at)


@pytest.fixture
def newer(office: Office, texts: Texts) -> Ledger:
    """The ledger of the next build."""
    return Ledger(office.pool, texts, Library(), build="build-2")


async def set_aside_deadline(office: Office) -> tuple[str, Outcome]:
    """A registered complaint whose first deadline cannot be ruled on."""
    number = await office.open()
    await office.say(number, "register", "cs_specialist-1")
    wake = (await office.ledger.load_sheet(number)).wakes[0]
    command: dict[str, object] = {"kind": "deadline_passed", "by": "feed:calendar", "deadline": wake.id}
    turn = await asked(office, number, command, f"deadline/{wake.id}@{wake.at.isoformat()}", hours=4)
    return number, await office.ledger.set_aside(turn, "ValueError in domain/deadlines.py:99", 5)


async def test_the_asker_is_told_and_an_operator_has_the_task(office: Office) -> None:
    number = await office.open()
    turn = await asked(office, number, {"kind": "register", "by": "cs_specialist-1", "keeps": "x"}, "k1")
    outcome = await office.ledger.set_aside(turn, "KeyError in domain/lifecycle.py:7", 5)
    assert outcome.decision is not None
    assert (outcome.decision.accepted, outcome.decision.rule, outcome.messages) == (False, "fault", True)
    assert "operator" in (outcome.decision.reason or "")
    complaint = await office.ledger.complaint(number)
    assert (complaint.turn, complaint.tasks["operator/2"].owner) == (2, "ADMIN")
    waiting = await office.ledger.waiting_aside()
    assert [(aside.number, aside.kind, aside.fault) for aside in waiting] == [
        (number, "register", "KeyError in domain/lifecycle.py:7")
    ]
    again = await office.ledger.decide_and_record(turn)
    assert again.decision == outcome.decision
    assert (await office.say(number, "register", "cs_specialist-1")).accepted


async def test_setting_aside_twice_is_once(office: Office) -> None:
    number = await office.open()
    turn = await asked(office, number, {"kind": "register", "by": "cs_specialist-1"}, "k1")
    first = await office.ledger.set_aside(turn, "fault")
    second = await office.ledger.set_aside(turn, "fault")
    assert (second.decision, second.sheet) == (first.decision, first.sheet)
    assert (await office.ledger.load_sheet(number)).turn == 2


async def test_a_deadline_set_aside_waits_for_another_build(office: Office, newer: Ledger) -> None:
    number, outcome = await set_aside_deadline(office)
    (aside,) = await office.ledger.waiting_aside()
    assert aside.deadline not in {wake.id for wake in outcome.sheet.wakes}
    assert outcome.sheet == await office.ledger.load_sheet(number)
    assert aside.deadline in {wake.id for wake in (await newer.load_sheet(number)).wakes}


async def test_the_next_build_rules_on_it_after_all(office: Office, newer: Ledger) -> None:
    number, _ = await set_aside_deadline(office)
    wake = (await newer.load_sheet(number)).wakes[0]
    command: dict[str, object] = {"kind": "deadline_passed", "by": "feed:calendar", "deadline": wake.id}
    turn = await asked(office, number, command, f"deadline/{wake.id}@{wake.at.isoformat()}", hours=5)
    outcome = await newer.decide_and_record(turn.model_copy(update={"heard_at": wake.at}))
    assert outcome.decision is not None
    assert outcome.decision.accepted
    assert await newer.waiting_aside() == []
    fired = (await newer.complaint(number)).deadlines[wake.id]
    assert (fired.state, fired.fired_at) == ("fired", wake.at)
    assert fired.id in {other.id for other in outcome.sheet.wakes}, "its next level has a timer again"


async def test_a_build_that_fails_too_sets_it_aside_again(office: Office, newer: Ledger) -> None:
    number, _ = await set_aside_deadline(office)
    wake = (await newer.load_sheet(number)).wakes[0]
    command: dict[str, object] = {"kind": "deadline_passed", "by": "feed:calendar", "deadline": wake.id}
    turn = await asked(office, number, command, f"deadline/{wake.id}@{wake.at.isoformat()}", hours=5)
    outcome = await newer.set_aside(turn, "another fault", 5)
    assert wake.id not in {other.id for other in outcome.sheet.wakes}
    (aside,) = await newer.waiting_aside()
    assert (aside.build, aside.attempts, aside.fault) == ("build-2", 10, "another fault")


async def test_the_operator_is_told_without_the_command(office: Office) -> None:
    number = await office.open()
    await office.ledger.set_aside(
        await asked(office, number, {"kind": "add_note", "text": "秘密"}, "k1"), "fault"
    )
    for table in ("set_aside", "turns", "outbox", "facts"):
        assert "秘密" not in (
            await office.pool.fetchval(f"SELECT string_agg(t::TEXT, ' ') FROM {table} AS t")
        )
