"""Random but plausible lives, each written down as a case of a cases file: the same seed is the same life.

A life is led along the ways of `tests.builders` to stages drawn by lot. On its way things happen as they do: people
dawdle until deadlines run out, speak in the very minute a deadline falls due or a minute beside it, promise, hold,
ask for opinions, enter late what happened earlier, and say what they may not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.codes import ENDED, Stage
from domain.facts import Ruling
from domain.roles import CUSTOMER, Asker
from starter.cases.reading import CasesFile
from starter.cases.shape import Case
from tests.builders import Life, Unsaid, lead, received

#: Monday morning, two working weeks before the Spring Festival of 2026, in Shanghai.
RECEIVED = datetime(2026, 2, 2, 1, 20, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: A life is written down no further than this many steps.
LONG = 45
#: What a complaint is led to next; several of them make a life.
AIMS = (
    Stage.INVESTIGATING,
    Stage.SOLUTION_DRAFTED,
    Stage.NEGOTIATING,
    Stage.MEDIATING,
    Stage.ARBITRATING,
    Stage.LITIGATING,
    Stage.FULFILLING,
    Stage.FEEDBACK,
    Stage.SECOND_HANDLING,
    Stage.AWAITING_VISIT,
    Stage.ARCHIVED,
)


def generated(seeds: Iterable[int]) -> CasesFile:
    """A cases file with one life for each seed."""
    return CasesFile(tuple(case(seed) for seed in seeds))


def case(seed: int) -> Case:
    """The life of this seed, as a case that expects each step to be taken or refused as the rules do alone."""
    told = Written.begin(seed)
    aims = told.lot.sample(AIMS, k=told.lot.randint(2, 5))
    try:
        for aim in aims:
            told.happen()
            if told.stage in ENDED:
                break
            lead(told, aim, told.lot.choice(["simple", "complex"]))
        told.happen()
    except (Unsaid, Enough):
        pass  # the life ends where its way is barred, as lives do
    given = {
        "id": f"life-{seed}",
        "title": f"drawn by lot {seed}",
        "received_at": RECEIVED.isoformat(),
        "channel": "telephone",
        "customer": {"name": "林女士", "contact": "000-0000-0001"},
        "place": {"project": "示例·锦澜苑", "unit": "3-1204"},
        "text": "厨房漏水,修了三次。",
        "policy": dict(told.complaint.policy_overrides),
        "steps": told.steps,
    }
    return Case.read(given, line=1, ignored=())


class Enough(Exception):
    """The life is long enough."""


@dataclass
class Written(Life):
    """A life whose steps are written down as they are said; when something is said is drawn by lot."""

    lot: random.Random = field(default_factory=random.Random)
    steps: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def begin(cls, seed: int) -> Written:
        """Received and registered, under a policy of its own now and then."""
        lot = random.Random(seed)
        policy = {"reply_days": lot.randint(1, 9)} if lot.random() < 0.3 else {}
        first = received(policy=policy, at=RECEIVED)
        told = cls(first.complaint, first.at, lot=lot)
        told.say("CS_SPECIALIST", "register")
        return told

    def tried(
        self,
        by: str | Asker,
        kind: str,
        /,
        *,
        at: datetime | None = None,
        after: timedelta = timedelta(),
        **fields: Any,
    ) -> Ruling:
        if len(self.steps) == LONG:
            raise Enough
        moment = at or (self._next() if self.steps else self.at) + after
        shift = moment - self.at
        fields = {name: _later(value, shift) for name, value in fields.items()}
        ruling = super().tried(by, kind, at=moment, **fields)
        code = by if isinstance(by, str) else by.id
        step: dict[str, Any] = {
            "at": moment.isoformat(),
            "by": "CUSTOMER" if code == CUSTOMER else code,
            "action": kind,
            "with": _written(fields),
        }
        self.steps.append(step if ruling.accepted else {**step, "expect_step": "refused"})
        return ruling

    def _next(self) -> datetime:
        """When the next thing is said: soon, late, in the minute the next deadline falls due, or beside it."""
        soon = self.at + self.lot.randint(0, 8 * 60) * MINUTE
        waiting = self.complaint.wakes
        drawn = self.lot.random()
        if waiting and drawn < 0.3:
            due = _whole(waiting[0][1]) + self.lot.choice([-MINUTE, timedelta(), MINUTE])
            return max(self.at, due) if due - self.at < 90 * DAY else soon
        return self.at + self.lot.randint(1, 12) * DAY if drawn < 0.4 else soon

    def happen(self) -> None:
        """Two or three of the things that happen beside the way."""
        for _ in range(self.lot.randint(1, 3)):
            if self.stage not in ENDED:
                self.lot.choice(HAPPENINGS)(self)

    def name(self, letter: str) -> str:
        """A name nobody has used in this life."""
        return f"{letter}{len(self.steps)}"


def _whole(instant: datetime) -> datetime:
    """The next whole minute."""
    minute = instant.replace(second=0, microsecond=0)
    return minute if minute == instant else minute + MINUTE


def _later(value: Any, shift: timedelta) -> Any:
    """Instants in fields are counted from when the step is said."""
    if isinstance(value, datetime):
        return value + shift
    if isinstance(value, list):
        return [_later(part, shift) for part in value]
    if isinstance(value, dict):
        return {name: _later(part, shift) for name, part in value.items()}
    return value


def _written(value: Any) -> Any:
    """Fields as a cases file has them."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_written(part) for part in value]
    if isinstance(value, dict):
        return {name: _written(part) for name, part in value.items()}
    return value


def _answer(told: Written) -> None:
    told.tried("CS_SPECIALIST", "record_response", channel="telephone", effective=told.lot.random() < 0.8)


def _answered_earlier(told: Written) -> None:
    """Entered late; with a reason only now and then, so that some are refused."""
    when = max(RECEIVED, told.at - told.lot.randint(1, 60) * HOUR)
    reason = {"reason": "on the road"} if told.lot.random() < 0.6 else {}
    at = told.at + told.lot.randint(0, 300) * MINUTE
    fields: dict[str, Any] = {"channel": "telephone", "effective": True, "happened_at": when - (at - told.at)}
    told.tried("CS_SPECIALIST", "record_response", at=at, **{**fields, **reason})


def _report(told: Written) -> None:
    told.tried("CS_SPECIALIST", "send_progress", text="it goes on")


def _promise(told: Written) -> None:
    name = told.name("P")
    told.tried("CS_SPECIALIST", "make_promise", promise=name, what="a call", due=told.at + 3 * DAY)
    if told.lot.random() < 0.5:
        told.tried("CS_SPECIALIST", "keep_promise", promise=name)
    else:
        later: dict[str, Any] = {"new": f"{name}b", "reason": "the expert is ill", "due": told.at + 9 * DAY}
        told.tried("CS_SPECIALIST", "extend_promise", promise=name, **later)


def _hold(told: Written) -> None:
    until = told.at + told.lot.randint(1, 9) * DAY
    told.tried("CS_SPECIALIST", "hold", reason="waits", waiting_for="customer", until=until)
    if told.lot.random() < 0.6:
        told.tried("CS_SPECIALIST", "resume")


def _hazard(told: Written) -> None:
    told.tried("CS_SPECIALIST", "set_flag", flag="HAZARD", value=True, reason="a loose tile")


def _opinion(told: Written) -> None:
    name = told.name("L")
    told.tried("CS_SPECIALIST", "request_opinion", id=name, question="is it lawful")
    if told.lot.random() < 0.5:
        told.tried("LEGAL", "give_opinion", id=name, basis="art. 577", advice="settle")


def _help(told: Written) -> None:
    name = told.name("H")
    told.tried("CS_SPECIALIST", "request_help", id=name, to="FINANCE", question="what is owed")
    if told.lot.random() < 0.5:
        told.tried("FINANCE", "give_help", id=name, answer="nothing")


def _longer(told: Written) -> None:
    name = told.lot.choice([deadline.name for deadline in told.complaint.deadlines.values()])
    told.tried("CS_DIRECTOR", "extend_window", deadline=name, until=told.at + 6 * DAY, reason="a feast")


def _limitation(told: Written) -> None:
    told.tried("LEGAL", "set_limitation", id=told.name("M"), due=told.at + 500 * DAY, reason="three years")


def _not_theirs(told: Written) -> None:
    told.tried("LEGAL/2", "decide_review", decision="approved")


def _out_of_stage(told: Written) -> None:
    told.tried("CS_SPECIALIST", "archive", result="BOTH_SATISFIED")


def _customer_adds(told: Written) -> None:
    told.tried(CUSTOMER, "add_to_intake", text="今天又漏了")


HAPPENINGS: tuple[Callable[[Written], None], ...] = (
    _answer,
    _answered_earlier,
    _report,
    _promise,
    _hold,
    _hazard,
    _opinion,
    _help,
    _longer,
    _limitation,
    _not_theirs,
    _out_of_stage,
    _customer_adds,
)
