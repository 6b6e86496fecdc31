"""`redress simulate`: cases played on the rules alone, with the dates as written. No server, no database, no wait.

Each case is opened at its receipt; before every step the deadlines that fell due in between are passed, each
at its own instant, as the calendar of a live system would.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain.commands import BadCommand
from domain.complaint import Complaint
from domain.facts import Refused
from domain.hearing import Book, Shelf
from domain.lifecycle import catch_up, open_complaint, rule
from domain.policy import OverrideError
from domain.roles import Asker
from policies import calendar_versions, current_policy_version, load_calendar, load_policy, policy_versions
from starter.cases.comparing import assess
from starter.cases.reading import CasesFile, Unreadable
from starter.cases.report import CaseReport, RefusedStep, turned_away
from starter.cases.script import Script, script_of
from starter.cases.shape import Case, Sayer
from starter.submission import NotAccepted, Submission, read_submission

#: Where the year of a complaint number is read off.
_ZONE = ZoneInfo("Asia/Shanghai")


def shelf() -> Book:
    """All policies and calendars that come with the software."""
    return Shelf(
        {version: load_policy(version) for version in policy_versions()},
        {version: load_calendar(version) for version in calendar_versions()},
    )


def play(file: CasesFile, *, now: datetime, book: Book | None = None) -> list[CaseReport]:
    """The reports of all cases of a file, in its order.

    now: aware, the real clock, by which receipts are judged (commands.md §7). A case comes after those it
    needs; what is wrong with one leaves the others alone.
    """
    office = _Office(now, book or shelf())
    reports = {place: office.take(file.items[place]) for place in in_order(file)}
    return [reports[place] for place in range(len(file.items))]


def in_order(file: CasesFile) -> list[int]:
    """The places of a file's items, each after those it needs, otherwise as they stand."""
    places: dict[str, int] = {}
    for place, item in enumerate(file.items):
        places.setdefault(item.id, place)
    ordered: dict[int, None] = {}
    for start in range(len(file.items)):
        waiting = [start]
        while waiting:
            item = file.items[waiting[-1]]
            needed = [places[name] for name in item.needs] if isinstance(item, Case) else []
            if before := [place for place in needed if place not in ordered]:
                waiting.extend(reversed(before))
            else:
                ordered.setdefault(waiting.pop())
    return list(ordered)


@dataclass
class _Opened:
    """A complaint that got in: by whom it was handed in first, and where it stands now."""

    by_case: str
    submission: Submission
    complaint: Complaint
    until: datetime


@dataclass
class _Office:
    """The company for the length of one file: the numbers it has given and what came in with an external id."""

    now: datetime
    book: Book
    given: Counter[int] = field(default_factory=Counter)
    numbers: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[str, str], _Opened] = field(default_factory=dict)

    def take(self, item: Case | Unreadable) -> CaseReport:
        """Open a case, play it to its last step, and report."""
        if isinstance(item, Unreadable):
            return turned_away(item, "; ".join(map(str, item.faults)))
        try:
            submission = read_submission({**item.submission, "received_at": item.received_at}, self.now)
            script = script_of(item)
            earlier = self._earlier(item, submission)
            opened = earlier or self._open(item, submission, script)
        except (NotAccepted, OverrideError, Refused) as refusal:
            return turned_away(item, str(refusal))
        self.numbers[item.id] = opened.complaint.number
        refused = of_another(opened.by_case, script) if earlier else self._play(opened, script)
        return assess(item, opened.complaint, opened.until, refused)

    def _earlier(self, case: Case, submission: Submission) -> _Opened | None:
        """The complaint that came in by the same channel under the same external id; with other words it is refused."""
        if submission.external_id is None:
            return None
        opened = self.known.get((submission.channel, submission.external_id))
        if opened is not None and opened.submission != submission:
            told = f"external_id: {submission.external_id} came in with other content as {opened.by_case}"
            raise NotAccepted(f"{told} ({opened.complaint.number}); one id stands for one submission.")
        return opened

    def _open(self, case: Case, submission: Submission, script: Script) -> _Opened:
        policy = self.book.policy(current_policy_version())
        policy.with_overrides(case.policy)
        own = {"policy_overrides": case.policy, "calendar_overrides": case.calendar}
        receipt = submission.receipt(policy.version, policy.calendar).model_copy(update=own)
        number, at = self._next_number(submission.received_at), submission.received_at
        complaint = open_complaint(number, receipt, _asker(script.opened_by), at, self.book).complaint
        opened = _Opened(case.id, submission, complaint, script.ends_at)
        if submission.external_id is not None:
            self.known[submission.channel, submission.external_id] = opened
        return opened

    def _next_number(self, received_at: datetime) -> str:
        """As the records give it: the year of receipt in the company's zone, and the next number of that year."""
        year = received_at.astimezone(_ZONE).year
        self.given[year] += 1
        return f"{year}-{self.given[year]:06d}"

    def _play(self, opened: _Opened, script: Script) -> list[RefusedStep]:
        """Say every line of a script, the deadlines in between first. Returns the steps that were refused."""
        refused = []
        for line in script.lines:
            at = line.at.astimezone(UTC)
            opened.complaint = catch_up(opened.complaint, at, self.book).complaint
            try:
                command = line.command(self.numbers)
            except BadCommand as bad:
                refused.append(RefusedStep(step=line.number, action=line.action, reason=str(bad)))
                continue
            ruling = rule(opened.complaint, command, _asker(line.by), at, self.book)
            opened.complaint = ruling.complaint
            if not ruling.accepted:
                reason = ruling.reason or "refused"
                refused.append(
                    RefusedStep(step=line.number, action=line.action, reason=reason, rule=ruling.rule)
                )
        return refused


def of_another(case: str, script: Script) -> list[RefusedStep]:
    """The steps of a repeated submission, which is another case's complaint; what is said to it is said there."""
    reason = f"This submission is the complaint of {case}; its steps are said there."
    return [RefusedStep(step=line.number, action=line.action, reason=reason) for line in script.lines]


def _asker(sayer: Sayer) -> Asker:
    return Asker(id=sayer.id, roles=(sayer.role,) if sayer.role else ())
