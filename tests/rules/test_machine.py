"""Lives nobody would think of: random commands by random people at random times, and what holds in all of them.

The small profile runs in `make test`, the big one in `make test-full`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from domain import lifecycle
from domain.codes import ENDED, OPEN, Stage
from domain.commands import INTERNAL, MODELS, AddNote, DeadlinePassed, Said
from domain.complaint import Complaint, Deadline
from domain.deadline_table import rule_of
from domain.facts import Ruling, apply_patch, merge_patch, state_of
from domain.lifecycle import TABLE
from domain.roles import Asker
from tests.builders import RECEIVED, Life, Unsaid, lead, person, received, shelf
from tests.rules.saying import PEOPLE, command

GAPS = [timedelta(0), timedelta(seconds=1)] + [timedelta(hours=h) for h in (1, 3, 9, 26, 75, 200, 800)]
#: who usually speaks, and what would end most lives too soon
USUAL = [
    f"{role}-1" for role in ("cs_specialist", "cs_director", "project_manager", "legal", "marketing_manager")
]
LEAVING = ("mark_withdrawn", "link_duplicate", "file_or_register_suit")
KINDS = sorted(set(MODELS) - INTERNAL)
CALENDAR, OUTBOX = Asker(id="feed:calendar"), Asker(id="feed:outbox")
#: what a deadline may have become within one turn, in which what fell due before the command passes first
_NEXT = {
    "open": {"open", "paused", "met", "fired", "cancelled", "met_late_entry"},
    "paused": {"open", "paused", "met", "fired", "cancelled", "met_late_entry"},
    "fired": {"fired", "met_late_entry"},
}


def who(code: str) -> Asker:
    if "-" not in code:
        return Asker(id=code)
    role, _, number = code.rpartition("-")
    return person(f"{role.upper()}/{number}")


class Lives(RuleBasedStateMachine):
    """One complaint and everything that may be said to it."""

    def __init__(self) -> None:
        super().__init__()
        self.complaint: Complaint = received().complaint
        self.at: datetime = RECEIVED
        self.ledger: dict[str, Any] = {}

    @initialize(to=st.sampled_from(OPEN), severity=st.sampled_from(["simple", "complex"]))
    def open(self, to: Stage, severity: str) -> None:
        """Somewhere in a life, so that what comes late is met as often as what comes early."""
        told = received()
        if to != Stage.REGISTERED:
            told.say("CS_SPECIALIST", "register")
            lead(told, to, severity)
        self.complaint, self.at = told.complaint, told.at
        self.ledger = state_of(self.complaint)

    @rule(data=st.data(), gap=st.sampled_from(GAPS), late=st.sampled_from(GAPS[:4]))
    def somebody_says_something(self, data: st.DataObject, gap: timedelta, late: timedelta) -> None:
        """Anything, by anybody, without regard to whether it may be said."""
        kind, by = data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(PEOPLE))
        self.hear(data.draw(command(kind, by, self.complaint, self.at + gap)), who(by), gap, late)

    @rule(data=st.data(), gap=st.sampled_from(GAPS))
    def somebody_says_what_they_may(self, data: st.DataObject, gap: timedelta) -> None:
        """Something that stage and right allow, so that lives go somewhere."""
        at = self.at + gap
        by = data.draw(st.sampled_from(USUAL))
        actions = lifecycle.possible_actions(self.complaint, who(by), at, shelf())
        allowed = sorted(kind for kind, refused in actions.items() if refused is None)
        moving = [
            kind for kind in allowed if TABLE[kind].targets(self.complaint.stage) and kind not in LEAVING
        ]
        if allowed:
            kind = data.draw(st.sampled_from(data.draw(st.sampled_from([allowed, moving or allowed]))))
            self.hear(data.draw(command(kind, by, self.complaint, at)), who(by), gap)

    @rule(data=st.data(), gap=st.sampled_from(GAPS))
    def the_case_goes_on(self, data: st.DataObject, gap: timedelta) -> None:
        """One step towards some stage, as a company would take it."""
        if self.complaint.ended or self.complaint.registered_at is None:
            return
        self.calendar_speaks(self.at + gap)
        told = Life(self.complaint, self.at)
        towards = data.draw(
            st.sampled_from([Stage.ARCHIVED, Stage.FEEDBACK, Stage.MEDIATING, Stage.LITIGATING])
        )
        try:
            lead(told, towards)
        except Unsaid:
            return  # what happened before bars the way
        self.complaint, self.at = told.complaint, told.at
        self.ledger = state_of(self.complaint)

    @rule(gap=st.sampled_from(GAPS[1:]))
    def time_passes(self, gap: timedelta) -> None:
        self.calendar_speaks(self.at + gap)

    @rule(
        notice=st.sampled_from(["2026-000001/1:receipt/CUSTOMER", "2026-000001/2:progress/CUSTOMER"]),
        bad=st.booleans(),
    )
    def the_outbox_reports(self, notice: str, bad: bool) -> None:
        kind = MODELS["notice_failed" if bad else "notice_delivered"]
        self.hear(kind.model_validate({"notice": notice}), OUTBOX, timedelta(seconds=1))

    def calendar_speaks(self, upto: datetime) -> None:
        """Each deadline at its instant, as the driver's timers would wake it."""
        while (waiting := self.complaint.wakes) and waiting[0][1] <= upto:
            deadline, moment = waiting[0]
            self.take(DeadlinePassed(deadline=deadline.id), CALENDAR, moment)
            assert all(wake > moment for _, wake in self.complaint.wakes), "a passed deadline is consumed"
        self.at = upto

    def hear(self, said: Said, by: Asker, gap: timedelta, late: timedelta = timedelta(0)) -> None:
        self.at += gap
        self.take(said, by, self.at, noticed_at=self.at + late)

    def take(self, said: Said, by: Asker, at: datetime, noticed_at: datetime | None = None) -> None:
        """One turn, and what must be true of every turn."""
        before, written = self.complaint, self.complaint.model_dump_json()
        ruling = lifecycle.rule(before, said, by, at, shelf(), noticed_at)
        assert before.model_dump_json() == written, "a ruling never changes what it was given"
        after = ruling.complaint
        assert after.turn == before.turn + 1
        assert all(wake >= at for _, wake in after.wakes), "what came before the turn has passed"
        _moves_by_the_table(before, said, ruling)
        _deadlines_go_one_way(before, after)
        if not ruling.accepted:
            assert ruling.reason
            assert ruling.rule
            _changes_nothing_else(before, at, ruling, noticed_at)
        patch = merge_patch(self.ledger, state_of(after))
        self.ledger = apply_patch(self.ledger, patch)
        assert self.ledger == state_of(after), "the ledger replays to the same complaint"
        self.complaint = after

    @invariant()
    def reads_back_as_written(self) -> None:
        assert Complaint.model_validate(state_of(self.complaint)) == self.complaint
        assert Complaint.model_validate_json(self.complaint.model_dump_json()) == self.complaint

    @invariant()
    def something_always_waits(self) -> None:
        unsettled = [d for d in self.complaint.deadlines.values() if d.unsettled]
        if self.complaint.stage in ENDED:
            assert not unsettled, "an end settles everything"
            assert not self.complaint.wakes
            assert self.complaint.ended_at
            assert self.complaint.hold is None
            assert self.complaint.proceeding is None
        else:
            assert [d for d in unsettled if not rule_of(d.name).quiet], (
                f"nothing waits in {self.complaint.stage}"
            )
            assert self.complaint.ended_at is None
            assert self.complaint.result is None

    @invariant()
    def the_state_is_one_that_can_be(self) -> None:
        complaint = self.complaint
        assert sum(one.closed_at is None for one in complaint.proceedings) <= 1
        assert complaint.round == complaint.second_handlings + 1
        assert (complaint.stage in (Stage.ARBITRATING, Stage.LITIGATING)) == (
            complaint.proceeding is not None
        )
        assert [hold.end is None for hold in complaint.holds].count(True) == (complaint.hold is not None)
        assert complaint.route[-1:] == ([complaint.stage] if complaint.route else [])
        for deadline in complaint.deadlines.values():
            _well_formed(deadline, complaint)


def _well_formed(deadline: Deadline, complaint: Complaint) -> None:
    turn, _, name = deadline.id.partition(":")
    assert name == deadline.name
    assert int(turn.partition(".")[0]) <= complaint.turn
    assert len(deadline.levels) <= len(deadline.told)
    assert [level.at for level in deadline.levels] == sorted(level.at for level in deadline.levels)
    assert (deadline.fired_at is not None) == bool(deadline.levels)
    assert deadline.wake is None or deadline.unsettled
    if deadline.pending:
        assert not deadline.levels
        assert deadline.unsettled
        waits = deadline.state == "open" and not rule_of(deadline.name).quiet
        assert (deadline.wake is not None) == waits
    if deadline.state == "paused":
        assert complaint.hold
        assert deadline.pauses[-1].end is None
    if deadline.state == "met" and not rule_of(deadline.name).quiet and not deadline.pauses:
        assert deadline.settled_at
        assert deadline.settled_at <= deadline.due


def _moves_by_the_table(before: Complaint, said: Said, ruling: Ruling) -> None:
    added = ruling.complaint.route[len(before.route) :]
    if not added:
        assert ruling.complaint.stage == before.stage
        return
    assert ruling.accepted
    assert len(added) == 1, "one turn makes one move"
    assert added[0] in TABLE[said.kind].targets(before.stage)


def _deadlines_go_one_way(before: Complaint, after: Complaint) -> None:
    """What fired has fired once; what is settled stays so; a level once told is never told again."""
    for name, old in before.deadlines.items():
        new = after.deadlines[name]
        assert new.levels[: len(old.levels)] == old.levels
        assert old.fired_at is None or new.fired_at == old.fired_at
        assert new.state in _NEXT.get(old.state, {old.state})
        assert old.unsettled or not new.unsettled


def _changes_nothing_else(
    before: Complaint, at: datetime, ruling: Ruling, noticed_at: datetime | None
) -> None:
    """A refusal leaves what another refusal at that instant would leave: the deadlines passed, the turn counted."""
    other = AddNote.model_validate({"by": "cs_specialist-1", "text": "x", "expected_turn": 999_999})
    plain = lifecycle.rule(before, other, person("CS_SPECIALIST"), at, shelf(), noticed_at)
    assert not plain.accepted
    assert ruling.complaint == plain.complaint
    assert ruling.facts == plain.facts
    assert ruling.notices == plain.notices


_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.mark.requirement("LIF-01", "LIF-03", "LIF-05")
def test_any_life() -> None:
    calm = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=_CALM)
    run_state_machine_as_test(Lives, settings=calm)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.requirement("LIF-01", "LIF-03", "LIF-05")
def test_very_many_lives() -> None:
    wild = settings(max_examples=2000, stateful_step_count=60, deadline=None, suppress_health_check=_CALM)
    run_state_machine_as_test(Lives, settings=wild)
