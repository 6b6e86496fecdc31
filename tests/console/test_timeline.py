"""The order of the timeline: a message stands beside the turn it came of, unless it left much later."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.case.timeline import Teller
from console.words import Words
from records.views.casefile import CaseFile, FactLine, NoticeEntry, TurnEntry

AT = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)


def turn(number: int, seconds: float) -> TurnEntry:
    return TurnEntry(
        turn=number,
        kind="accept",
        command={},
        said_by="project_manager-1",
        standing_in=None,
        heard_at=AT + timedelta(seconds=seconds),
        accepted=True,
        reason=None,
        rule=None,
        facts=[],
    )


def notice(number: int, seconds: float) -> NoticeEntry:
    return NoticeEntry(
        key=f"{number}/{seconds}",
        turn=number,
        receiver="person:project_manager-1",
        template="assigned",
        params={},
        deadline=None,
        state="sent",
        attempts=1,
        trouble=None,
        at=AT + timedelta(seconds=seconds),
        deliveries=[],
    )


def file(turns: list[TurnEntry], notices: list[NoticeEntry]) -> CaseFile:
    return CaseFile(
        channel="telephone",
        external_id=None,
        words={},
        preferred=None,
        language="en",
        opened_by="cs_specialist-1",
        opened_at=AT,
        turns=tuple(turns),
        notices=tuple(notices),
        more=False,
        planned_notices=0,
        to_customer=(),
        corrections={},
        related=(),
        settled=(),
        profiles=(),
        project_name=None,
    )


@pytest.mark.parametrize("oldest_first", [True, False])
def test_a_message_stands_beside_its_turn_unless_it_left_much_later(oldest_first: bool) -> None:
    turns = [turn(1, 0), turn(2, 1), turn(3, 2), turn(4, 300)]
    notices = [notice(1, 3), notice(2, 200), notice(3, 4), notice(9, 1.5)]
    shown = Teller(Words("en"), file(turns, notices), {}).entries(oldest_first=oldest_first)
    told = [(entry.turn, entry.group == "notices") for entry in shown]
    expected = [
        (1, False),
        (1, True),
        (2, False),
        (9, True),
        (3, False),
        (3, True),
        (2, True),
        (4, False),
    ]
    assert told == (expected if oldest_first else expected[::-1])


@pytest.mark.requirement("LIF-04")
def test_what_the_customer_sees_is_marked_line_by_line_and_word_by_word() -> None:
    def fact(kind: str, released: bool, **data: Any) -> FactLine:
        return FactLine(kind=kind, subject=None, at=AT, by="x", data=data, released=released)

    said = turn(1, 0).model_copy(
        update={
            "facts": [
                fact("progress_sent", True, text="txt_00000000000000000000000000000001"),
                fact("negotiation_failed", True, text="txt_00000000000000000000000000000002"),
                fact("offer_replaced", True),
                fact("noted", False, text="txt_00000000000000000000000000000003"),
                fact("agreement_recorded", True, items=[{"what": "txt_00000000000000000000000000000004"}]),
                fact("item_agreed", True, text="txt_00000000000000000000000000000004"),
            ]
        }
    )
    texts = {f"txt_{n:032x}": f"word {n}" for n in range(1, 5)}
    [entry] = Teller(Words("en"), file([said], []), texts).entries(oldest_first=True)
    assert [line.released for line in entry.lines] == [True, True, False, False, True, True]
    assert {quote.text: quote.released for line in entry.lines for quote in line.quotes} == {
        "word 1": True,
        "word 2": False,
        "word 3": False,
        "word 4": True,
    }
