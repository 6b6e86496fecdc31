"""What a row of the deadline table is, and the conditions rows are made of (commands.md §3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from domain.codes import Receiver, Role, Stage
from domain.complaint import Complaint, Deadline
from domain.facts import Fact

_Told = tuple[tuple[str, ...], ...]
_BEFORE_FEEDBACK = frozenset(tuple(Stage)[: tuple(Stage).index(Stage.FEEDBACK)]) | {Stage.SECOND_HANDLING}


@dataclass(frozen=True)
class DeadlineRule:
    """One row of THE TABLE.

    Facts are named "kind" or "kind:subject". With `each` the deadline's name carries the fact's subject
    ("promise_due/P1") and is met by facts about that subject only.
    """

    name: str
    source: str
    opens_on: tuple[str, ...]
    met_by: tuple[str, ...]
    told: _Told | Callable[[Complaint, Fact], _Told]
    #: the policy key of its length; None when the due instant is always given
    span: str | None
    start: Literal["fact", "received", "registered"] = "fact"
    each: bool = False
    #: leaving these stages cancels it
    within: frozenset[Stage] = frozenset()
    cancelled_by: tuple[str, ...] = ()
    #: stops while the case is on hold
    pausable: bool = False
    #: never fires; it only reminds beforehand
    quiet: bool = False
    when: Callable[[Complaint, Fact], bool] | None = None
    #: the starting fact itself makes it due
    at_once: bool = False
    #: who is warned beforehand; empty for those of the first level
    warned: tuple[str, ...] = ()
    #: it runs again and again: an answer from before its start answers an earlier opening
    recurring: bool = False

    def opened_by(self, fact: Fact, complaint: Complaint) -> bool:
        """Whether this fact starts it, as the complaint now stands."""
        starts = any(word in self.opens_on for word in fact.matches)
        return starts and (self.when is None or self.when(complaint, fact))

    def met_with(self, fact: Fact, deadline: Deadline) -> bool:
        if self.recurring and fact.at < deadline.start:
            return False
        return self._hit(self.met_by, fact, deadline)

    def cancelled_with(self, fact: Fact, deadline: Deadline) -> bool:
        if fact.kind == "entered" and self.within and Stage(fact.subject or "") not in self.within:
            return True
        return self._hit(self.cancelled_by, fact, deadline)

    def _hit(self, words: tuple[str, ...], fact: Fact, deadline: Deadline) -> bool:
        if not any(word in words for word in fact.matches):
            return False
        if self.each and fact.kind in words and fact.subject is not None and fact.kind not in _ABOUT_ALL:
            return deadline.name == f"{self.name}/{fact.subject}"
        return True


#: facts that settle deadlines of every subject
_ABOUT_ALL = frozenset({"agreement_recorded", "arbitration_filed", "suit_filed", "entered"})


def still_assigned(complaint: Complaint, _fact: Fact) -> bool:
    """When accepted in words, not by beginning to work."""
    return complaint.stage == Stage.ASSIGNED


def dated(_complaint: Complaint, fact: Fact) -> bool:
    """When it has a date."""
    return "due" in fact.data


def asked_role(_complaint: Complaint, fact: Fact) -> _Told:
    """The role asked; then the head of its department."""
    return ((str(fact.data["to"]),), (Receiver.DEPARTMENT_HEAD,))


def court_or_board(complaint: Complaint, _fact: Fact) -> _Told:
    """LEADING_GROUP in ARBITRATING, TOP_LEADER in LITIGATING."""
    return ((Role.TOP_LEADER,),) if complaint.stage == Stage.LITIGATING else ((Receiver.LEADING_GROUP,),)


def feedback_told(_complaint: Complaint, fact: Fact) -> _Told:
    """CS_SPECIALIST at first, CS_DIRECTOR the second time and after a dissatisfied reply."""
    return ((Role.CS_SPECIALIST,),) if fact.kind == "entered" else ((Role.CS_DIRECTOR,),)


def feedback_again(complaint: Complaint, fact: Fact) -> bool:
    """A second time only after the first has run out."""
    if fact.kind != "deadline_passed":
        return True
    here = [
        d
        for d in complaint.deadlines.values()
        if d.name == "feedback_days" and d.start >= complaint.entered_at
    ]
    return complaint.stage == Stage.FEEDBACK and len(here) == 1


def window_again(complaint: Complaint, _fact: Fact) -> bool:
    """Once per handling round; anew after a case was sent back to classification."""
    return not any(
        d.name == "negotiation_days" and d.round == complaint.round and d.state != "cancelled"
        for d in complaint.deadlines.values()
    )


def _running(complaint: Complaint, name: str) -> bool:
    return any(d.name == name and d.unsettled for d in complaint.deadlines.values())


def limit_news(complaint: Complaint, _fact: Fact) -> bool:
    """Once for the same limit, however often the last round is recorded again."""
    return not any(
        d.name == "negotiation_rounds" and d.unsettled and d.state == "fired"
        for d in complaint.deadlines.values()
    )


def handling_again(complaint: Complaint, _fact: Fact) -> bool:
    """Only in the first round, before any forum, and not once it has been answered."""
    if complaint.round != 1 or complaint.proceedings:
        return False
    last = [d for d in complaint.deadlines.values() if d.name == "handling_days"][-1:]
    return not last or last[0].state == "cancelled" or last[0].unsettled


def to_be_told(complaint: Complaint, fact: Fact) -> bool:
    """Until FEEDBACK, again when the case comes back from there, and after the visit until it is filed."""
    if _running(complaint, "progress_days") or (complaint.registered_at is None and fact.kind == "entered"):
        return False
    if complaint.stage != Stage.AWAITING_VISIT:
        return complaint.stage in _BEFORE_FEEDBACK
    if fact.kind == "entered":
        return complaint.follow_up() is not None
    return not _running(complaint, "follow_up_days")


def not_visited(complaint: Complaint, _fact: Fact) -> bool:
    """As long as this handling round was not visited."""
    return complaint.follow_up() is None


def needs_findings(complaint: Complaint, _fact: Fact) -> bool:
    """When there are no findings yet."""
    return complaint.findings is None


def no_legal_date(complaint: Complaint, _fact: Fact) -> bool:
    """When no legal date is open."""
    return not any(
        d.base == "legal_date" and d.name != "legal_date/missing" and d.pending
        for d in complaint.deadlines.values()
    )
