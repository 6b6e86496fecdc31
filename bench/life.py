"""What is said: the reference life, and a turn that tells nobody anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.codes import Channel
from domain.commands import Said, said
from records.opening import Incoming

#: The people who say it.
SPECIALIST, LEAD, DIRECTOR = "cs_specialist-1", "project_manager-1", "cs_director-1"
#: What a person writes, in characters.
SHORT, LONG = 10, 100_000


@dataclass(frozen=True)
class Life:
    """A life to play: its name and what is said after the opening."""

    name: str
    commands: tuple[Said, ...]


def incoming(length: int = SHORT) -> Incoming:
    """A complaint as handed in; length: of its text, in characters."""
    return Incoming(
        channel=Channel.TELEPHONE,
        received_at=datetime.now(UTC),
        name="林女士",
        contact="000-0000-0001",
        text=words(length),
    )


def words(length: int) -> str:
    """Something written, of so many characters."""
    return ("厨房漏水三周无人处理," * (length // 10 + 1))[:length]


def quiet_turn() -> Said:
    """An effective answer to the customer: one deadline's timer replaced, no message to anybody."""
    return said("record_response", SPECIALIST, {"channel": "telephone", "effective": True})


def reference(length: int = SHORT) -> Life:
    """Agreed in round 1, visited satisfied: 12 commands."""
    return Life("reference life", tuple(_spoken(length, answered=False)))


def fuller() -> Life:
    """The same with the first answer to the customer and an agreed item that is fulfilled: 14 commands."""
    return Life("with an answer and an item", tuple(_spoken(SHORT, answered=True)))


def _spoken(length: int, *, answered: bool) -> Iterator[Said]:
    text = words(length)
    items = [{"id": "A1", "what": text, "owner": "PROJECT_MANAGER", "due": "2099-01-04T09:00:00+08:00"}]

    def by(person: str, kind: str, /, **fields: Any) -> Said:
        return said(kind, person, fields)

    yield by(SPECIALIST, "register")
    yield by(SPECIALIST, "classify", type="PRODUCT", cause="ENGINEERING", severity="simple")
    yield by(SPECIALIST, "assign", department="engineering", lead="PROJECT_MANAGER")
    if answered:
        yield quiet_turn()
    yield by(LEAD, "confirm_findings", root_cause=text, prevention=text)
    yield by(LEAD, "propose_solution", solution="S1", measures=[text])
    yield by(SPECIALIST, "record_round", round=1, solution="S1", reply="accepted")
    yield by(LEAD, "record_agreement", kind="negotiated", items=items if answered else [])
    if answered:
        yield by(LEAD, "complete_item", item="A1")
    yield by(LEAD, "submit_review", summary=text)
    yield by(DIRECTOR, "decide_review", decision="approved")
    yield by(SPECIALIST, "record_feedback", attempt=1, channel="telephone", satisfied=True, score=5)
    yield by(SPECIALIST, "record_follow_up", satisfied=True, score=5)
    yield by(SPECIALIST, "archive", result="BOTH_SATISFIED")
