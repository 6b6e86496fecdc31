"""Lives the tests of the conversation tell: what is said, by whom, and how long after the step before."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.workflows.house import House

NONE, H, D = timedelta(), timedelta(hours=1), timedelta(days=1)
SPECIALIST, DIRECTOR, LEGAL = "cs_specialist-1", "cs_director-1", "legal-1"


class Step(NamedTuple):
    """One command. after: since the step before; fields given as durations mean that long after now."""

    after: timedelta
    kind: str
    by: str
    fields: dict[str, Any]


CONTRACT = (
    Step(NONE, "register", SPECIALIST, {}),
    Step(H, "classify", SPECIALIST, {"type": "CONTRACT", "cause": "SALES", "severity": "simple"}),
    Step(H, "assign", SPECIALIST, {"department": "legal", "lead": "LEGAL"}),
    Step(H, "accept_handover", LEGAL, {}),
    Step(H, "record_response", SPECIALIST, {"channel": "telephone", "effective": True, "text": "已收到"}),
    Step(H, "make_promise", SPECIALIST, {"promise": "P1", "what": "书面答复", "due": 7 * D}),
    Step(D, "add_evidence", LEGAL, {"subkind": "contract_annex"}),
    Step(D, "confirm_findings", LEGAL, {"root_cause": "附件里没有写明品牌", "prevention": "列出品牌清单"}),
    Step(H, "propose_solution", LEGAL, {"solution": "S1", "measures": ["书面解释", "换回原品牌"]}),
    Step(H, "record_round", SPECIALIST, {"round": 1, "solution": "S1", "reply": "accepted"}),
    Step(
        H,
        "record_agreement",
        LEGAL,
        {"subkind": "negotiated", "items": [{"id": "A1", "what": "换柜门", "owner": "LEGAL", "due": 3 * D}]},
    ),
    Step(D, "complete_item", LEGAL, {"item": "A1", "keeps": "P1"}),
    Step(H, "submit_review", LEGAL, {"summary": "处理完毕"}),
    Step(H, "decide_review", DIRECTOR, {"decision": "approved"}),
    Step(H, "record_feedback", SPECIALIST, {"attempt": 1, "channel": "telephone", "satisfied": True}),
    Step(20 * D, "record_visit_attempt", SPECIALIST, {"reached": True}),
    Step(H, "record_follow_up", SPECIALIST, {"satisfied": True, "score": 4}),
    Step(H, "archive", SPECIALIST, {"result": "BOTH_SATISFIED"}),
)


async def live(house: House, number: str, steps: tuple[Step, ...] = CONTRACT) -> None:
    """Say every step at its time; each must be accepted."""
    for step in steps:
        await take(house, number, step)


async def take(house: House, number: str, step: Step) -> None:
    """Let the time of one step come, and say it."""
    if step.after:
        await house.skip_to(number, await house.time(number) + step.after)
    now = await house.time(number)
    await house.do(number, step.kind, step.by, **dict(_dated(step.fields, now)))


def _dated(fields: dict[str, Any], now: datetime) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        yield name, _instant(value, now)


def _instant(value: Any, now: datetime) -> Any:
    match value:
        case timedelta():
            return now + value
        case list():
            return [_instant(part, now) for part in value]
        case dict():
            return dict(_dated(value, now))
    return value


def words(steps: tuple[Step, ...] = CONTRACT) -> Iterator[str]:
    """Every Chinese word said in a life."""
    pending: list[Any] = [step.fields for step in steps]
    while pending:
        match pending.pop():
            case str() as text if not text.isascii():
                yield text
            case list() as parts:
                pending += parts
            case dict() as fields:
                pending += fields.values()
