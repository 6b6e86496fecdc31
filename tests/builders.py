"""Complaints for tests, brought to where they are wanted by commands alone.

`life(to=Stage.MEDIATING)` is a complaint that was said everything on the way there, ten minutes between two commands.
Nothing here reaches into a complaint: what a test sees is what a company would see.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from domain.codes import Channel, Role, Stage
from domain.commands import said
from domain.complaint import Complaint, Deadline, Receipt
from domain.facts import Ruling
from domain.hearing import Shelf
from domain.lifecycle import catch_up, open_complaint, rule
from domain.roles import CUSTOMER, FEED, Asker
from policies import calendar_versions, load_calendar, load_policy, policy_versions

#: Monday, 2 March 2026, 09:20 in Shanghai; the working weeks after it have no holiday before 4 April
RECEIVED = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
#: between two commands
STEP = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@cache
def shelf() -> Shelf:
    """The policies and calendars that come with the software."""
    return Shelf(
        {version: load_policy(version) for version in policy_versions()},
        {version: load_calendar(version) for version in calendar_versions()},
    )


def person(code: str) -> Asker:
    """LEGAL is legal-1, LEGAL/2 is another one; "customer" and "feed:…" are themselves."""
    if code == CUSTOMER or code.startswith(FEED):
        return Asker(id=code)
    role, _, number = code.partition("/")
    return Asker(id=f"{role.lower()}-{number or 1}", roles=(Role(role),))


class Unsaid(AssertionError):
    """What had to be accepted was refused."""


@dataclass
class Life:
    """A complaint and the moment it has come to."""

    complaint: Complaint
    at: datetime
    book: Shelf = field(default_factory=shelf)
    #: the last ruling, of the opening or of what was said since
    ruling: Ruling | None = None
    said: int = 0

    @property
    def stage(self) -> Stage:
        return self.complaint.stage

    def tried(
        self,
        by: str | Asker,
        kind: str,
        /,
        *,
        at: datetime | None = None,
        after: timedelta = STEP,
        **fields: Any,
    ) -> Ruling:
        """Say something; deadlines that fell due before have passed, each in its time. It may be refused."""
        moment = at or self.at + after
        self.wait_until(moment)
        asker = by if isinstance(by, Asker) else person(by)
        command = said(kind, asker.id, fields)
        self.ruling = rule(self.complaint, command, asker, moment, self.book)
        self.complaint, self.at = self.ruling.complaint, moment
        self.said += 1
        return self.ruling

    def say(self, by: str | Asker, kind: str, /, **fields: Any) -> Life:
        """Say something that must be accepted."""
        ruling = self.tried(by, kind, **fields)
        if not ruling.accepted:
            raise Unsaid(f"{kind} by {by} in {self.stage}: {ruling.reason}")
        return self

    def wait_until(self, moment: datetime) -> Life:
        """Let every deadline before this instant pass; one that is due at it has not yet."""
        self.complaint = catch_up(self.complaint, moment, self.book).complaint
        self.at = max(self.at, moment)
        return self

    def opened(self, name: str) -> Deadline:
        """The latest opening of a deadline."""
        found = [deadline for deadline in self.complaint.deadlines.values() if deadline.name == name]
        assert found, f"{name} was never opened; there are {sorted(self.names())}"
        return found[-1]

    def names(self) -> set[str]:
        """Names of all deadlines ever opened."""
        return {deadline.name for deadline in self.complaint.deadlines.values()}

    def copy(self) -> Life:
        """The same life, to be led on differently."""
        return Life(self.complaint, self.at, self.book, self.ruling, self.said)


def received(
    *,
    policy: Mapping[str, Any] | None = None,
    channel: Channel = Channel.TELEPHONE,
    by: str = "CS_SPECIALIST",
    at: datetime = RECEIVED,
    book: Shelf | None = None,
) -> Life:
    """A complaint that has just come in and is not yet registered. policy: overrides for this case."""
    receipt = Receipt(
        channel=channel,
        received_at=at,
        policy_version="2026-01",
        calendar_version="cn-2026",
        policy_overrides=dict(policy or {}),
    )
    ruling = open_complaint("2026-000001", receipt, person(by), at, book or shelf())
    return Life(ruling.complaint, at, book or shelf(), ruling)


def life(
    to: Stage = Stage.REGISTERED,
    *,
    handling: int = 1,
    severity: str = "simple",
    policy: Mapping[str, Any] | None = None,
    book: Shelf | None = None,
) -> Life:
    """A registered complaint in this stage, on the shortest way there.

    handling: 2 has gone through a second handling before (an item A1 was carried over). It has a quality complaint,
    led by PROJECT_MANAGER; in NEGOTIATING the first offer S1 is partly accepted, in FEEDBACK nobody has answered yet,
    ARBITRATING is before an outside body, the suit in LITIGATING is the customer's.
    """
    told = received(policy=policy, book=book).say("CS_SPECIALIST", "register", after=timedelta(minutes=5))
    if handling > 1:
        lead(told, Stage.FEEDBACK, severity)
        _dissatisfied(told)
        told.say("CS_SPECIALIST", "open_second_handling", further_demand="more")
    return lead(told, to, severity)


def lead(told: Life, to: Stage, severity: str = "simple") -> Life:
    """Lead a complaint on to this stage by the shortest way. Raises Unsaid where its past bars that way."""
    while told.stage != to:
        _WAYS[_next(told.stage, to)](told, severity)
    return told


def _next(here: Stage, to: Stage) -> tuple[Stage, Stage]:
    """The next step of the shortest way from here to there."""
    paths: list[tuple[Stage, ...]] = [(here,)]
    seen = {here}
    while paths:
        path = paths.pop(0)
        for start, end in _WAYS:
            if start == path[-1] and end == to:
                return path[0], (path[1] if len(path) > 1 else end)
            if start == path[-1] and end not in seen:
                seen.add(end)
                paths.append((*path, end))
    raise Unsaid(f"there is no way from {here} to {to}")


def offer(told: Life, reply: str = "partly", **fields: Any) -> Life:
    """The next round with the latest solution of the handling."""
    solution = [one.id for one in told.complaint.solutions.values() if one.round == told.complaint.round][-1]
    number = len(told.complaint.of_round()) + 1
    return told.say("CS_SPECIALIST", "record_round", round=number, solution=solution, reply=reply, **fields)


def propose(told: Life, by: str = "PROJECT_MANAGER", **fields: Any) -> Life:
    """A further solution, named S1, S2, … in order."""
    name = f"S{len(told.complaint.solutions) + 1}"
    return told.say(by, "propose_solution", solution=name, measures=["a remedy"], **fields)


def new_item(told: Life, owner: str = "MAINTENANCE", due: timedelta = timedelta(days=20)) -> dict[str, Any]:
    """An item as agreements carry them, named A1, A2, … in order."""
    name = f"A{len(told.complaint.items) + 1}"
    return {"id": name, "what": "as agreed", "owner": owner, "due": told.at + due}


def _classified(told: Life, severity: str) -> None:
    told.say("CS_SPECIALIST", "classify", type="PRODUCT", cause="ENGINEERING", severity=severity)


def _assigned(told: Life, _severity: str) -> None:
    told.say("CS_SPECIALIST", "assign", department="engineering", lead="PROJECT_MANAGER")


def _investigating(told: Life, _severity: str) -> None:
    if told.stage == Stage.ASSIGNED:
        told.say("PROJECT_MANAGER", "accept_handover")
    told.say("PROJECT_MANAGER", "add_evidence", kind="photographs")


def _drafted(told: Life, _severity: str) -> None:
    if told.complaint.findings is None:
        told.say("PROJECT_MANAGER", "confirm_findings", root_cause="a crack", prevention="a check")
    propose(told)


def _negotiating(told: Life, _severity: str) -> None:
    offer(told)


def _agreed(told: Life, _severity: str) -> None:
    told.say("CS_SPECIALIST", "record_agreement", items=[new_item(told)])


def _mediating(told: Life, _severity: str) -> None:
    told.say("CS_DIRECTOR", "fail_negotiation", reason="no agreement")
    told.say("CS_SPECIALIST", "start_mediation", kind="institution")


def _before_the_board(told: Life, _severity: str) -> None:
    told.say(
        "LEGAL",
        "choose_forum",
        forum="ARBITRATION",
        reason="no agreement",
        arbitration_agreement="clause 19",
        approved_by="LEADING_GROUP",
    )
    told.say("LEGAL", "submit_arbitration", filed_by="company", kind="outside_body")


def _sued(told: Life, _severity: str) -> None:
    told.say("LEGAL", "file_or_register_suit", filed_by="customer", ground="quality")


def _submitted(told: Life, _severity: str) -> None:
    for item in told.complaint.items.values():
        if item.state == "OPEN":
            told.say(
                "PROJECT_MANAGER",
                "carry_over_item",
                item=item.id,
                due=told.at + timedelta(days=300),
                reason="material is late",
            )
    told.say("PROJECT_MANAGER", "submit_review", summary="done")


def _approved(told: Life, _severity: str) -> None:
    by = "CS_DIRECTOR" if told.complaint.round == 1 else "MARKETING_MANAGER"
    told.say(by, "decide_review", decision="approved")


def _dissatisfied(told: Life) -> None:
    told.say("CS_SPECIALIST", "record_feedback", attempt=1, channel="telephone", satisfied=False, score=2)


def _satisfied(told: Life, _severity: str) -> None:
    told.say("CS_SPECIALIST", "record_feedback", attempt=1, channel="telephone", satisfied=True, score=5)


def _archived(told: Life, _severity: str) -> None:
    told.say("CS_SPECIALIST", "record_follow_up", satisfied=True, after=timedelta(days=20))
    told.say("CS_SPECIALIST", "archive", result="BOTH_SATISFIED")


def _once_more(told: Life, _severity: str) -> None:
    _dissatisfied(told)
    told.say("CS_SPECIALIST", "open_second_handling", further_demand="more")


def _reclassified(told: Life, severity: str) -> None:
    told.say(
        "CS_SPECIALIST",
        "reclassify",
        type="PRODUCT",
        cause="DESIGN",
        severity=severity,
        reason="a second look",
    )


def _withdrawn(told: Life, _severity: str) -> None:
    told.say("CS_SPECIALIST", "mark_withdrawn", reason="the customer asked for it")


def _duplicate(told: Life, _severity: str) -> None:
    told.say("CS_SPECIALIST", "link_duplicate", of="2026-000099", reason="the same event")


S = Stage
_WAYS: Mapping[tuple[Stage, Stage], Callable[[Life, str], None]] = {
    (S.REGISTERED, S.CLASSIFIED): _classified,
    (S.CLASSIFIED, S.ASSIGNED): _assigned,
    (S.ASSIGNED, S.INVESTIGATING): _investigating,
    (S.SECOND_HANDLING, S.INVESTIGATING): _investigating,
    (S.INVESTIGATING, S.SOLUTION_DRAFTED): _drafted,
    (S.INVESTIGATING, S.CLASSIFIED): _reclassified,
    (S.SOLUTION_DRAFTED, S.NEGOTIATING): _negotiating,
    (S.NEGOTIATING, S.FULFILLING): _agreed,
    (S.NEGOTIATING, S.MEDIATING): _mediating,
    (S.NEGOTIATING, S.ARBITRATING): _before_the_board,
    (S.NEGOTIATING, S.LITIGATING): _sued,
    (S.FULFILLING, S.CLOSING_REVIEW): _submitted,
    (S.CLOSING_REVIEW, S.FEEDBACK): _approved,
    (S.FEEDBACK, S.AWAITING_VISIT): _satisfied,
    (S.FEEDBACK, S.SECOND_HANDLING): _once_more,
    (S.AWAITING_VISIT, S.ARCHIVED): _archived,
    (S.REGISTERED, S.WITHDRAWN): _withdrawn,
    (S.REGISTERED, S.DUPLICATE): _duplicate,
    (S.SECOND_HANDLING, S.WITHDRAWN): _withdrawn,
    (S.SECOND_HANDLING, S.DUPLICATE): _duplicate,
}
