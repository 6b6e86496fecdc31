"""One command being heard: the working copy of a complaint, and what has come of it so far.

Rules change `Hearing.c` and state facts; deadlines answer to each fact at once. What was given to
`lifecycle.rule` is never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from domain import deadlines
from domain.calendar import Calendar
from domain.codes import ENDED, Receiver, Role, Stage
from domain.complaint import Complaint, Deadline
from domain.facts import Fact, Notice, NotTheirs, Refused
from domain.policy import Policy
from domain.roles import Asker, head_of

T = TypeVar("T")


class Book(Protocol):
    """The policies and calendars in force, by version."""

    def policy(self, version: str) -> Policy: ...

    def calendar(self, version: str) -> Calendar: ...


class Shelf:
    """A book held in memory. Raises Refused for a version it does not hold."""

    def __init__(self, policies: Mapping[str, Policy], calendars: Mapping[str, Calendar]) -> None:
        self._policies = dict(policies)
        self._calendars = dict(calendars)

    def policy(self, version: str) -> Policy:
        if version not in self._policies:
            raise Refused(f"There is no policy version {version}.", "PLN-04")
        return self._policies[version]

    def calendar(self, version: str) -> Calendar:
        if version not in self._calendars:
            raise Refused(f"There is no calendar version {version}.", "PLN-04")
        return self._calendars[version]


class Hearing:
    """The turn in the making.

    at: when the command was heard, UTC; moves along the due instants while passed deadlines are caught up with.
    noticed_at: when the system really got to it, UTC; the difference to a due instant is its lateness.
    """

    def __init__(
        self,
        complaint: Complaint,
        asker: Asker,
        at: datetime,
        noticed_at: datetime,
        book: Book,
        happened_at: datetime | None = None,
    ) -> None:
        self.c = complaint.model_copy(deep=True)
        self.c.turn += 1
        self.turn = self.c.turn
        self.asker = asker.within(complaint.project)
        self.at = at
        self.noticed_at = noticed_at
        self.happened_at = happened_at
        self.book = book
        self.facts: list[Fact] = []
        self.notices: list[Notice] = []
        #: ids of deadlines that an error of ours keeps from firing (see `records.ledger.Ledger.set_aside`)
        self.aside: frozenset[str] = frozenset()
        #: ids of the deadlines this turn changed
        self.touched: list[str] = []
        self.take_versions()

    def take_versions(self) -> None:
        """Read policy and calendar of the complaint's versions, with the case's own overrides."""
        policy = self.book.policy(self.c.policy_version)
        calendar = self.book.calendar(self.c.calendar_version)
        self.policy = policy.with_overrides(self.c.policy_overrides) if self.c.policy_overrides else policy
        self.calendar = (
            calendar.with_days(self.c.calendar_overrides) if self.c.calendar_overrides else calendar
        )

    @property
    def when(self) -> datetime:
        """When what is told happened: `happened_at`, or when it was heard."""
        return self.happened_at or self.at

    def fact(
        self,
        kind: str,
        subject: str | None = None,
        *,
        at: datetime | None = None,
        by: str | None = None,
        released: bool = False,
        **data: Any,
    ) -> Fact:
        """State a fact; the deadlines answer to it."""
        plain = {name: _plain(value) for name, value in data.items() if value is not None}
        stated = Fact(
            kind=kind,
            subject=subject,
            at=at or self.when,
            by=by or self.asker.id,
            data=plain,
            released=released,
        )
        self.facts.append(stated)
        deadlines.react(self, stated)
        return stated

    def enter(self, stage: Stage) -> None:
        """Move to a stage. Entering an end cancels all that is open."""
        self.c.stage = stage
        self.c.entered_at = self.at
        self.c.route.append(stage)
        if stage in ENDED:
            self.c.ended_at = self.at
            self._let_go()
        self.fact("entered", stage, at=self.at)
        if stage in ENDED:
            self.fact("ended", at=self.at)

    def _let_go(self) -> None:
        """What ends with the case: the hold that runs, the proceeding that is open."""
        if self.c.hold:
            self.c.hold.end = self.at
        if self.c.proceeding:
            self.c.proceeding.closed_at = self.at

    def tell(self, to: str, template: str, *, key: str | None = None, **params: Any) -> None:
        """Have somebody told, once. The business key names the complaint, the turn, the template and the receiver."""
        plain = {name: str(_plain(value)) for name, value in params.items() if value is not None}
        business = f"{self.c.number}/{key or f'{self.turn}:{template}'}/{to}"
        self.notices.append(Notice(key=business, template=template, to=to, params=plain))

    def warn(self, deadline: Deadline, moment: datetime, receivers: tuple[str, ...]) -> None:
        """Plan a warning ahead of a deadline."""
        for to in receivers:
            business = f"{self.c.number}/{deadline.id}/warn/{moment:%Y%m%dT%H%M%SZ}/{to}"
            params = {"name": deadline.name, "due": deadline.due.isoformat(), "rule": deadline.rule}
            self.notices.append(
                Notice(
                    key=business,
                    template="deadline_warning",
                    to=to,
                    params=params,
                    deadline=deadline.id,
                    not_before=moment,
                )
            )

    def tell_level(self, deadline: Deadline, level: int) -> None:
        """Tell a level of the escalation chain that a deadline has passed."""
        template = "deadline_passed" if level == 0 else "deadline_escalated"
        for code in deadline.levels[level].to:
            key = f"{deadline.id}/level/{level}"
            its_own = code == Receiver.DEPARTMENT_HEAD and deadline.department is not None
            to = head_of(deadline.department) if its_own and deadline.department else code
            if to == Receiver.CUSTOMER:
                self.tell(to, "reply_reminder", key=key, name=deadline.name, due=deadline.due)
            else:
                self.tell(
                    to,
                    template,
                    key=key,
                    name=deadline.name,
                    due=deadline.due,
                    rule=deadline.rule,
                    level=level,
                )

    def refuse_unless(self, holds: bool, reason: str, rule: str) -> None:
        """Raises Refused with a sentence a clerk can read aloud."""
        if not holds:
            raise Refused(reason, rule)

    def refuse_others(self, may: bool, reason: str, rule: str) -> None:
        """Raises NotTheirs where it is not the asker's to say."""
        if not may:
            raise NotTheirs(reason, rule)

    def require(self, value: T | None, reason: str, rule: str) -> T:
        """The value, which must be there. Raises Refused."""
        if value is None:
            raise Refused(reason, rule)
        return value

    def head(self) -> Role:
        """The role that heads the assigned department; CS_DIRECTOR before one is assigned."""
        return head_of(self.c.department) if self.c.department else Role.CS_DIRECTOR


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return str(value)
