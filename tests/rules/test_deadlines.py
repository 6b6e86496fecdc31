"""Every deadline, one second before it is due and one second after (commands.md §3).

Each row of the table is played from a case of `cases_of_deadlines`, written from the contract: when it opens and
falls due, who is told and who then, what meets it at the last instant, what cancels, pauses and moves it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import pytest

from domain.codes import ComplaintType, Severity, Stage
from domain.commands import MODELS, Dated, said
from domain.complaint import Deadline
from domain.deadline_table import TABLE, rule_of
from domain.hearing import Shelf
from domain.lifecycle import rule
from domain.policy import Policy
from domain.policy_keys import ESCALATED
from policies import load_calendar, load_policy
from tests.builders import (
    DAY,
    RECEIVED,
    SECOND,
    Life,
    lead,
    life,
    offer,
    person,
    propose,
    received,
    shelf,
)
from tests.rules.cases_of_deadlines import (
    BY_NAME,
    CASES,
    FINDINGS,
    HOUR,
    RESPONSE,
    Case,
    Fields,
    Saying,
    start_of,
)

S = Stage
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
LOUD = pytest.mark.parametrize("case", [case for case in CASES if not case.quiet], ids=lambda case: case.name)
#: a limit, not a time: see TestRounds
LIMITS = {"negotiation_rounds"}


def _each(pairs: list[tuple[Case, Saying]]) -> pytest.MarkDecorator:
    ids = [f"{case.name}-{place}-{saying.kind}" for place, (case, saying) in enumerate(pairs)]
    return pytest.mark.parametrize(("case", "saying"), pairs, ids=ids)


MET = [(case, saying) for case in CASES for saying in case.met]
MET_LOUDLY = [(case, saying) for case, saying in MET if not case.quiet]
CANCELLED = [(case, saying) for case in CASES for saying in case.cancelled]


def opening(case: Case, told: Life) -> Deadline:
    """The opening the case is about, by its id, however the complaint has gone on."""
    return next(d for d in told.complaint.deadlines.values() if d.name == case.name and d.id == first(case))


@cache
def first(case_or_name: Case) -> str:
    return case_or_name.open().opened(case_or_name.name).id


def test_every_row_has_a_case() -> None:
    names = {rule_of(case.name).name for case in CASES}
    assert names | LIMITS == {rule.name for rule in TABLE}


def test_policy_knows_every_row() -> None:
    """Escalations can be written for each deadline, and its length is a policy key of the same meaning."""
    rows = {rule.name for rule in TABLE}
    assert rows - LIMITS <= set(ESCALATED)
    assert {case.key for case in CASES if case.key} == {rule.span for rule in TABLE if rule.span}


class TestFiring:
    @EACH
    @pytest.mark.requirement("LIF-01", "SLA-01", "SLA-04", "INV-01", "NEG-11", "MED-04", "CLO-01", "FUV-01")
    def test_opens_and_falls_due_as_the_contract_says(self, case: Case) -> None:
        told = case.open()
        found = told.opened(case.name)
        start = start_of(case, told)
        assert (found.start, found.due) == (start, start + case.length)
        assert (found.state, found.settled_at) == ("open", None)
        assert tuple(frozenset(level) for level in found.told) == case.told
        assert (found.policy_version, found.calendar_version) == ("2026-01", "cn-2026")
        assert found.wake == (None if case.quiet else found.due)
        assert found.span == "given" if case.key is None else found.span[0].isdigit()

    @LOUD
    @pytest.mark.requirement("LIF-01", "SLA-01", "INV-08", "NEG-03", "MED-06", "LIT-01", "CLO-02", "SEC-04")
    def test_fires_a_second_later_and_not_before(self, case: Case) -> None:
        told = case.open()
        due = told.opened(case.name).due
        before = opening(case, told.wait_until(due))
        assert (before.state, before.levels) == ("open", [])
        after = opening(case, told.wait_until(due + SECOND))
        assert (after.state, after.fired_at, after.late_by) == ("fired", due, 0)
        assert (after.levels[0].at, frozenset(after.levels[0].to)) == (due, case.told[0])

    @LOUD
    @pytest.mark.requirement("SLA-01", "CLS-06", "INT-05", "INV-12", "LEG-05", "NEG-10")
    def test_the_next_level_is_told_when_still_nothing_happened(self, case: Case) -> None:
        told = case.open()
        due = told.opened(case.name).due
        told.wait_until(due + case.then)
        assert len(opening(case, told).levels) == 1
        levels = opening(case, told.wait_until(due + case.then + SECOND)).levels
        assert [frozenset(level.to) for level in levels] == list(case.told)
        if len(case.told) > 1:
            assert levels[1].at == due + case.then
        told.wait_until(due + 400 * DAY)
        assert opening(case, told).levels == levels, "each opening fires once, and each of its levels once"

    @LOUD
    @pytest.mark.requirement("SLA-11")
    def test_each_receiver_is_sent_one_notice(self, case: Case) -> None:
        told = case.open()
        due = told.opened(case.name).due
        told.wait_until(due)
        told.tried("feed:calendar", "deadline_passed", at=due, deadline=first(case))
        assert told.ruling
        key = f"{first(case)}/level/0"
        sent = [notice.to for notice in told.ruling.notices if key in notice.key]
        assert sorted(sent) == sorted(case.told[0])

    def test_lateness_is_recorded_when_nobody_could_notice(self) -> None:
        told = received()
        late = RECEIVED + 30 * HOUR
        told.tried("CS_SPECIALIST", "register", at=RECEIVED + HOUR)
        note = said("add_note", "cs_specialist-1", {"text": "x"})
        asker = person("CS_SPECIALIST")
        ruling = rule(told.complaint, note, asker, late, shelf(), noticed_at=late)
        found = next(d for d in ruling.complaint.deadlines.values() if d.name == "first_response_hours")
        assert (found.fired_at, found.late_by) == (RECEIVED + 24 * HOUR, 6 * 3600)


class TestMeeting:
    @_each(MET)
    @pytest.mark.requirement("LIF-01", "SLA-01", "SLA-06", "CLS-01", "CLS-06", "INV-08", "NEG-11", "FUV-09")
    def test_met_at_the_very_instant(self, case: Case, saying: Saying) -> None:
        """At the same instant the command comes first."""
        told = case.open()
        saying.before(told)
        due = opening(case, told).due
        told.wait_until(due)
        found = opening(case, saying.say(told, at=due))
        assert (found.state, found.settled_at, found.wake) == ("met", due, None)
        assert not opening(case, told.wait_until(due + 10 * DAY)).levels

    @_each(MET_LOUDLY)
    def test_a_second_late_is_late(self, case: Case, saying: Saying) -> None:
        told = case.open()
        saying.before(told)
        due = opening(case, told).due
        if case.name.startswith("hold_until"):
            told.wait_until(due + SECOND)
            assert told.tried(saying.by, saying.kind).rule == "SLA-05", "the case has resumed by itself"
            return
        found = opening(case, saying.say(told, at=due + SECOND))
        assert (found.state, len(found.levels), found.settled_at) == ("fired", 1, due + SECOND)
        assert len(opening(case, told.wait_until(due + 10 * DAY)).levels) == 1

    @_each([(case, saying) for case, saying in MET_LOUDLY if issubclass(MODELS[saying.kind], Dated)])
    @pytest.mark.requirement("LIF-04")
    def test_what_happened_in_time_and_is_entered_late_counts(self, case: Case, saying: Saying) -> None:
        told = case.open()
        saying.before(told)
        due = opening(case, told).due
        found = opening(case, saying.say(told, at=due + HOUR, happened_at=due))
        assert (found.state, found.fired_at, found.settled_at) == ("met_late_entry", due, due)

    @_each(CANCELLED)
    @pytest.mark.requirement("LIF-01")
    def test_cancelled(self, case: Case, saying: Saying) -> None:
        told = case.open()
        saying.before(told)
        found = opening(case, saying.say(told))
        assert (found.state, found.wake) == ("cancelled", None)
        assert not opening(case, told.wait_until(found.due + 3 * DAY)).levels

    @EACH
    def test_an_end_cancels_all(self, case: Case) -> None:
        told = case.open().say("CS_SPECIALIST", "mark_withdrawn", reason="settled")
        assert opening(case, told).state == "cancelled"
        assert not told.complaint.wakes
        told.wait_until(told.at + 400 * DAY)
        assert not [d for d in told.complaint.deadlines.values() if d.unsettled]


class TestHolds:
    @pytest.mark.parametrize(
        "case", [c for c in CASES if not c.name.startswith("hold_until")], ids=lambda c: c.name
    )
    @pytest.mark.requirement("SLA-05")
    def test_a_hold_stops_these_clocks_and_no_others(self, case: Case) -> None:
        """Two days from Monday to Wednesday: elapsed clocks move by its length, working-day ones by two of those."""
        told = case.open()
        due = opening(case, told).due
        if due - told.at < 2 * DAY:
            return
        start = told.at + timedelta(minutes=10)
        hold = {"reason": "away", "waiting_for": "customer", "until": start + 5 * DAY}
        told.say("CS_DIRECTOR", "hold", at=start, **hold)
        held = opening(case, told)
        assert (held.state == "paused", held.wake is None) == (case.pauses, case.pauses or case.quiet)
        told.say("CS_DIRECTOR", "resume", at=start + 2 * DAY)
        found = opening(case, told)
        assert found.due == (due + 2 * DAY if case.pauses else due)
        assert [move.why for move in found.moves] == (["held"] if case.pauses else [])
        assert [(pause.start, pause.end) for pause in found.pauses] == (
            [(start, start + 2 * DAY)] if case.pauses else []
        )
        if case.pauses:
            assert not opening(case, told.wait_until(found.due)).levels
            assert opening(case, told.wait_until(found.due + SECOND)).fired_at == due + 2 * DAY

    @pytest.mark.requirement("SLA-05")
    def test_a_working_day_clock_skips_working_days_only(self) -> None:
        """Held from Friday to Monday, three days on the calendar and one working day."""
        told = life(S.INVESTIGATING)
        due = told.opened("inv_days").due
        friday = told.at + 4 * DAY
        told.say("CS_DIRECTOR", "hold", at=friday, reason="x", waiting_for="supplier", until=friday + 3 * DAY)
        told.wait_until(friday + 3 * DAY + SECOND)
        assert told.complaint.hold is None
        assert told.opened("inv_days").due == due + DAY
        assert told.opened("handling_days").due == RECEIVED + 10 * DAY

    @pytest.mark.requirement("SLA-05")
    def test_the_case_resumes_by_itself_and_the_owner_is_told(self) -> None:
        told = life(S.ASSIGNED)
        until = told.at + 3 * DAY
        told.say("CS_SPECIALIST", "hold", reason="x", waiting_for="authority", until=until)
        started = told.at
        told.wait_until(until + SECOND)
        (hold,) = told.complaint.holds
        assert (hold.start, hold.end, hold.waiting_for) == (started, until, "authority")
        assert told.opened("handling_days").due == RECEIVED + 7 * DAY + (until - started)
        (move,) = told.opened("handling_days").moves
        assert (move.by, move.at) == ("feed:calendar", until)
        assert told.opened("hold_until/1").levels[0].to == ["OWNER"]

    @pytest.mark.requirement("SLA-05")
    def test_holds_are_capped_per_handling_round(self) -> None:
        told = life(S.ASSIGNED)
        fields: Fields = {"reason": "x", "waiting_for": "customer"}
        assert told.tried("CS_SPECIALIST", "hold", **fields, until=told.at + 31 * DAY).rule == "SLA-05"
        told.say("CS_SPECIALIST", "hold", **fields, until=told.at + 29 * DAY)
        told.say("CS_SPECIALIST", "resume", after=20 * DAY)
        assert not told.tried("CS_SPECIALIST", "hold", **fields, until=told.at + 11 * DAY).accepted
        told.say("CS_SPECIALIST", "hold", **fields, until=told.at + 9 * DAY)

    @pytest.mark.requirement("SLA-05")
    def test_a_clock_from_receipt_counts_the_holds_before_it_was_known(self) -> None:
        told = life()
        told.say("CS_SPECIALIST", "hold", reason="x", waiting_for="customer", until=told.at + 3 * DAY)
        told.say("CS_SPECIALIST", "resume", after=DAY)
        assert lead(told, S.CLASSIFIED).opened("handling_days").due == RECEIVED + 8 * DAY
        lead(told, S.ASSIGNED).say(
            "CS_SPECIALIST", "reclassify", type="PRICE", cause="SALES", severity="complex", reason="more"
        )
        assert told.opened("handling_days").due == RECEIVED + 16 * DAY

    @pytest.mark.requirement("SLA-05")
    def test_an_end_lets_go_of_the_hold(self) -> None:
        told = life(S.AWAITING_VISIT).say("CS_SPECIALIST", "record_follow_up", satisfied=True)
        told.say("CS_SPECIALIST", "hold", reason="x", waiting_for="customer", until=told.at + 9 * DAY)
        told.say("CS_SPECIALIST", "archive", result="BOTH_SATISFIED")
        assert told.complaint.holds[0].end == told.at
        told.say("CS_SPECIALIST", "reopen", reason="again")
        assert told.opened("second_handling_days").state == "open"


class TestMoving:
    @LOUD
    @pytest.mark.requirement("SLA-05", "NEG-11")
    def test_an_open_window_is_moved(self, case: Case) -> None:
        told = case.open()
        due = opening(case, told).due
        until = due + 3 * HOUR
        fields: Fields = {"deadline": case.name, "until": until, "reason": "agreed"}
        ruling = told.tried("CS_DIRECTOR", "extend_window", **fields)
        assert ruling.accepted != case.typed_in, ruling.reason
        if case.typed_in:
            assert ruling.rule == "ARB-07"
            return
        found = opening(case, told)
        assert (found.due, found.span) == (until, "given")
        (move,) = found.moves
        assert (move.by, move.before, move.after, move.why) == ("cs_director-1", due, until, "extended")
        assert not opening(case, told.wait_until(until)).levels
        assert opening(case, told.wait_until(until + SECOND)).fired_at == until

    @LOUD
    @pytest.mark.requirement("SLA-05", "NEG-11")
    def test_one_that_has_fired_opens_again(self, case: Case) -> None:
        if case.typed_in or case.name == "feedback_days":  # the first firing has opened the next already
            return
        told = case.open()
        due = opening(case, told).due
        told.wait_until(due + HOUR)
        until = due + 30 * HOUR
        told.say("CS_DIRECTOR", "extend_window", deadline=case.name, until=until, reason="agreed")
        again = told.opened(case.name)
        assert again.id != first(case)
        before = opening(case, told)
        assert (again.start, again.due, again.told) == (before.start, until, before.told)
        assert (before.state, before.settled_at) == ("fired", told.at)
        told.wait_until(until + SECOND)
        assert told.complaint.deadlines[again.id].fired_at == until

    def test_what_is_owed_moves_along(self) -> None:
        told = BY_NAME["item_due/A1"].open()
        until = told.at + 50 * DAY
        told.say("CS_DIRECTOR", "extend_window", deadline="item_due/A1", until=until, reason="agreed")
        assert told.complaint.items["A1"].due == until

    @pytest.mark.parametrize("case", [case for case in CASES if case.key], ids=lambda case: case.name)
    @pytest.mark.requirement("PLN-04")
    def test_another_policy_moves_what_runs_and_lists_it(self, case: Case) -> None:
        told = case.open()
        told.book = _two_books()
        due = opening(case, told).due
        told.say("CS_DIRECTOR", "change_policy_version", version="2026-02", reason="reform")
        found = opening(case, told)
        later = load_calendar("cn-2026")
        span = (
            _longer().handling_days(*_kind(told))
            if case.key == "handling_days"
            else _longer().span(str(case.key))
        )
        assert found.due == span.after(found.start, later) > due
        assert (found.policy_version, found.span) == ("2026-02", str(span))
        (move,) = found.moves
        assert (move.before, move.after, move.why) == (due, found.due, "policy")
        assert opening(case, told.wait_until(found.due + SECOND)).fired_at == found.due

    @LOUD
    @pytest.mark.requirement("PLN-04")
    def test_another_calendar_moves_working_days_alone(self, case: Case) -> None:
        told = case.open()
        told.book = _two_books()
        before = opening(case, told)
        told.say("ADMIN", "change_calendar_version", version="cn-2026b", reason="a late notice")
        found = opening(case, told)
        by_working_days = before.span.endswith("working days")
        assert (found.due - before.due).days == (1 if by_working_days else 0)
        assert [move.why for move in found.moves] == (["calendar"] if by_working_days else [])

    @pytest.mark.requirement("PLN-04")
    def test_a_version_nobody_knows_is_refused(self) -> None:
        told = life(S.ASSIGNED)
        assert told.tried("ADMIN", "change_policy_version", version="1999-01", reason="x").rule == "PLN-04"
        assert told.complaint.policy_version == "2026-01"


def _kind(told: Life) -> tuple[ComplaintType, Severity]:
    kind = told.complaint.classification
    assert kind
    return kind.type, kind.severity


@cache
def _longer() -> Policy:
    """Every length is one unit longer."""
    policy = load_policy("2026-01")
    keys = {str(case.key) for case in CASES if case.key} - {"handling_days"}
    values = dict(policy.values)
    for key in keys:
        values[key] = values[key].model_copy(update={"value": values[key].value + 1})
    days = values["handling_days"]
    values["handling_days"] = days.model_copy(update={"value": {"simple": 8, "complex": 16}})
    return Policy.model_validate({**dict(policy), "version": "2026-02", "values": values})


@cache
def _two_books() -> Shelf:
    calendar = load_calendar("cn-2026")
    tuesday = (RECEIVED + DAY).date()
    return Shelf(
        {"2026-01": load_policy("2026-01"), "2026-02": _longer()},
        {"cn-2026": calendar, "cn-2026b": calendar.with_days({tuesday: "holiday"})},
    )


def warned(told: Life, name: str) -> list[tuple[datetime, str]]:
    """What was planned ahead when this deadline opened: instants and receivers."""
    assert told.ruling
    planned = [
        n for n in told.ruling.notices if n.template == "deadline_warning" and n.params["name"] == name
    ]
    return sorted((n.not_before, n.to) for n in planned if n.not_before)


class TestWarnings:
    @pytest.mark.parametrize(
        ("name", "to", "ahead"),
        [
            ("first_response_hours", ["OWNER"], [12 * HOUR, timedelta(hours=4, minutes=48)]),
            ("promise_due/P1", ["OWNER"], [2 * DAY]),
            ("legal_date/hearing", ["LEGAL", "CS_DIRECTOR"], [14 * DAY, 7 * DAY, 3 * DAY, DAY]),
            ("site_visit/1", ["TECHNICIAN", "CUSTOMER"], [DAY]),
            ("session/2", ["CUSTOMER", "MEDIATOR", "LEAD"], [DAY]),
            ("reply_days", ["OWNER"], [DAY]),
            ("mediation_days", ["CS_DIRECTOR", "LEGAL"], [6 * DAY]),
        ],
    )
    @pytest.mark.requirement("SLA-01", "INV-02", "MED-04", "ARB-07")
    def test_ahead_of_due(self, name: str, to: list[str], ahead: list[timedelta]) -> None:
        told = BY_NAME[name].open()
        due = told.opened(name).due
        assert warned(told, name) == sorted((due - span, one) for span in ahead for one in to)

    @pytest.mark.requirement("FUV-01")
    def test_the_visit_is_reminded_of_on_day_14_and_21(self) -> None:
        told = life(S.AWAITING_VISIT)
        days = [(told.at + span, "CS_SPECIALIST") for span in (14 * DAY, 21 * DAY)]
        assert warned(told, "follow_up_days") == days

    def test_a_limitation_is_reminded_of_12_6_3_and_1_months_before(self) -> None:
        told = life(S.ASSIGNED)
        due = datetime.fromisoformat("2029-03-02T09:00:00+08:00")
        told.say("LEGAL", "set_limitation", id="L1", due=due, reason="three years")
        days = [
            moment.astimezone(due.tzinfo).date().isoformat() for moment, _to in warned(told, "limitation/L1")
        ]
        assert days == [
            day for day in ("2028-03-02", "2028-09-02", "2028-12-02", "2029-02-02") for _ in range(2)
        ]

    def test_a_warning_is_no_firing(self) -> None:
        told = life(S.ASSIGNED).wait_until(RECEIVED + 20 * HOUR)
        found = told.opened("first_response_hours")
        assert (found.state, len(found.warnings), found.levels) == ("open", 2, [])

    def test_a_fired_deadline_can_be_acknowledged(self) -> None:
        told = life(S.ASSIGNED).wait_until(RECEIVED + 25 * HOUR)
        told.say("CS_DIRECTOR", "add_note", text="seen", acknowledges="first_response_hours")
        assert told.opened("first_response_hours").acknowledged_at == told.at
        assert not told.tried("CS_DIRECTOR", "add_note", text="x", acknowledges="classify_hours").accepted


class TestRounds:
    """The limit on negotiation rounds (NEG-11)."""

    @pytest.mark.parametrize("reply", ["rejected", "partly"])
    @pytest.mark.requirement("NEG-11", "NEG-03")
    def test_the_last_allowed_round_goes_to_the_director(self, reply: str) -> None:
        told = offer(offer(life(S.NEGOTIATING), "rejected"), reply)
        found = told.opened("negotiation_rounds")
        assert (found.state, found.fired_at, found.levels[0].to) == ("fired", told.at, ["CS_DIRECTOR"])
        assert (
            told.tried("CS_SPECIALIST", "record_round", round=4, solution="S1", reply="rejected").rule
            == "NEG-11"
        )

    def test_not_before_and_not_when_accepted(self) -> None:
        told = offer(life(S.NEGOTIATING), "rejected")
        assert "negotiation_rounds" not in told.names()
        assert "negotiation_rounds" not in offer(told, "accepted").names()

    def test_the_same_limit_is_told_once(self) -> None:
        told = offer(offer(life(S.NEGOTIATING), "rejected"), "partly")
        told.say("CS_SPECIALIST", "record_round", round=3, solution="S1", reply="rejected")
        assert len([d for d in told.complaint.deadlines.values() if d.name == "negotiation_rounds"]) == 1

    @pytest.mark.requirement("NEG-11")
    def test_the_director_grants_one_more_with_its_time(self) -> None:
        told = offer(offer(life(S.NEGOTIATING), "rejected"), "rejected")
        until = told.at + 3 * DAY
        told.say("CS_DIRECTOR", "extend_window", deadline="negotiation_rounds", until=until, reason="close")
        assert told.opened("negotiation_rounds").due == until
        offer(told, "rejected")
        assert told.opened("negotiation_rounds").fired_at == told.at
        assert told.complaint.extra_rounds == 1

    @pytest.mark.requirement("NEG-03")
    def test_a_reply_that_never_comes_becomes_a_call(self) -> None:
        told = BY_NAME["reply_days"].open()
        due = told.opened("reply_days").due
        told.wait_until(due + DAY + SECOND)
        (call,) = [task for task in told.complaint.tasks.values() if task.kind == "call"]
        assert (call.owner, call.asked_at, call.state) == ("cs_specialist-1", due + DAY, "OPEN")
        told.say("CS_SPECIALIST", "record_round", round=1, solution="S1", reply="rejected")
        assert told.complaint.tasks[call.id].state == "DONE"

    @pytest.mark.requirement("NEG-11")
    def test_a_new_window_in_each_handling_round(self) -> None:
        told = life(S.NEGOTIATING, handling=2)
        windows = [d for d in told.complaint.deadlines.values() if d.name == "negotiation_days"]
        assert [(d.round, d.state) for d in windows] == [(1, "met"), (2, "open")]


class TestRepeating:
    """Deadlines that open more than once."""

    @pytest.mark.requirement("SLA-06")
    def test_progress_is_counted_from_the_last_word(self) -> None:
        told = life(S.ASSIGNED)
        for _ in range(3):
            told.say("CS_SPECIALIST", "send_progress", after=3 * DAY)
            found = told.opened("progress_days")
            assert (found.start, found.due) == (told.at, told.at + 7 * DAY)

    @pytest.mark.requirement("SLA-06")
    def test_a_word_entered_late_never_sets_the_clock_back(self) -> None:
        told = life(S.ASSIGNED)
        at = told.at
        told.say("CS_SPECIALIST", "send_progress", after=5 * DAY)
        found = told.opened("progress_days")
        told.say("CS_SPECIALIST", "send_progress", happened_at=at + DAY, reason="found a slip")
        assert told.opened("progress_days") == found

    @pytest.mark.requirement("SLA-01", "LIF-04")
    def test_an_earlier_answer_entered_after_a_late_one_counts(self) -> None:
        told = life(S.ASSIGNED)
        RESPONSE.say(told, at=RECEIVED + 30 * HOUR)
        assert told.opened("first_response_hours").state == "fired"
        RESPONSE.say(told, at=RECEIVED + 31 * HOUR, happened_at=RECEIVED + 20 * HOUR)
        assert told.opened("first_response_hours").state == "met_late_entry"

    @pytest.mark.requirement("LIF-04")
    def test_work_entered_late_began_when_it_happened(self) -> None:
        told = life(S.ASSIGNED).say("PROJECT_MANAGER", "accept_handover")
        due = told.opened("inv_start_hours").due
        told.say("PROJECT_MANAGER", "record_visit", at=due + HOUR, happened_at=due - HOUR, outcome="DONE")
        assert told.opened("inv_start_hours").state == "met_late_entry"
        assert told.opened("inv_days").start == due + HOUR

    @pytest.mark.requirement("LIF-04")
    @pytest.mark.parametrize(
        ("ago", "reason", "rule"),
        [
            (-HOUR, None, "§1"),
            (90 * DAY, "x", "§1"),
            (24 * HOUR + SECOND, None, "§1"),
            (24 * HOUR, None, None),
        ],
    )
    def test_late_entries_are_honest(self, ago: timedelta, reason: str | None, rule: str | None) -> None:
        """Not in the future, not before receipt, and after a day with the reason."""
        told = life(S.ASSIGNED).wait_until(RECEIVED + 50 * HOUR)
        at = told.at
        ruling = told.tried("CS_SPECIALIST", "send_progress", at=at, happened_at=at - ago, reason=reason)
        assert ruling.rule == rule

    @pytest.mark.requirement("SEC-04", "SLA-01")
    def test_a_second_handling_has_clocks_of_its_own(self) -> None:
        told = life(S.SECOND_HANDLING)
        fresh = told.opened("first_response_hours")
        assert (fresh.round, fresh.start, fresh.due) == (2, told.at, told.at + 24 * HOUR)
        assert told.opened("second_handling_days").start == told.at
        assert told.complaint.findings is None
        lead(told, S.INVESTIGATING)
        assert told.opened("inv_days").round == 2

    @pytest.mark.requirement("CLO-02")
    def test_feedback_is_asked_for_twice_then_the_director_decides(self) -> None:
        told = life(S.FEEDBACK)
        start = told.at
        told.wait_until(start + 15 * DAY)
        openings = [d for d in told.complaint.deadlines.values() if d.name == "feedback_days"]
        assert [(d.due - start, d.levels[0].to) for d in openings] == [
            (7 * DAY, ["CS_SPECIALIST"]),
            (14 * DAY, ["CS_DIRECTOR"]),
        ]

    @pytest.mark.requirement("CLO-03", "SEC-01")
    def test_after_a_dissatisfied_reply_the_director_has_the_time(self) -> None:
        told = life(S.FEEDBACK)
        told.say("CS_SPECIALIST", "record_feedback", attempt=1, channel="email", satisfied=False)
        found = told.opened("feedback_days")
        assert (found.start, found.told) == (told.at, [["CS_DIRECTOR"]])
        told.wait_until(told.at + 30 * DAY)
        assert len([d for d in told.complaint.deadlines.values() if d.name == "feedback_days"]) == 2

    @pytest.mark.requirement("SLA-04", "CLS-14")
    def test_reclassification_takes_the_period_anew_from_receipt(self) -> None:
        told = life(S.ASSIGNED).wait_until(RECEIVED + 9 * DAY)
        assert told.opened("handling_days").fired_at == RECEIVED + 7 * DAY
        fields = {"type": "PRICE", "cause": "SALES", "reason": "more than we thought"}
        told.say("CS_SPECIALIST", "reclassify", **fields, severity="complex")
        assert told.opened("handling_days").due == RECEIVED + 15 * DAY
        assert "handling_days" not in told.complaint.breached
        lead(told, S.ASSIGNED).say("CS_SPECIALIST", "reclassify", **fields, severity="simple")
        at = told.at
        told.wait_until(at + SECOND)
        assert told.opened("handling_days").fired_at == at, "a due time already past fires at once"

    @pytest.mark.requirement("SLA-04")
    def test_once_offered_the_period_is_not_taken_anew(self) -> None:
        told = life(S.NEGOTIATING).say(
            "CS_SPECIALIST", "reclassify", type="PRICE", cause="SALES", severity="simple", reason="more"
        )
        assert told.opened("handling_days").state == "met"

    @pytest.mark.requirement("LIT-01", "ARB-07")
    def test_a_missed_court_date_goes_to_the_top(self) -> None:
        told = life(S.LITIGATING)
        due = told.at + 5 * DAY
        told.say("LEGAL", "add_legal_date", id="hearing", due=due)
        told.wait_until(due + SECOND)
        assert told.opened("legal_date/hearing").levels[0].to == ["TOP_LEADER"]

    @pytest.mark.requirement("SLA-05", "SLA-09", "SLA-10")
    def test_promises_have_versions(self) -> None:
        told = BY_NAME["promise_due/P1"].open()
        due = told.opened("promise_due/P1").due
        fields = {"reason": "rain", "condition": "when it is dry"}
        told.say(
            "CS_SPECIALIST", "extend_promise", promise="P1", new="P2", due=due + 5 * DAY, **fields, at=due
        )
        promises = told.complaint.promises
        assert (promises["P1"].state, promises["P2"].version, promises["P2"].follows) == ("EXTENDED", 2, "P1")
        told.wait_until(due + 5 * DAY + SECOND)
        assert told.complaint.promises["P2"].state == "BROKEN"
        told.say("CS_SPECIALIST", "keep_promise", promise="P2")
        assert told.complaint.promises["P2"].state == "BROKEN", "kept late stays broken"
        assert told.tried("CS_SPECIALIST", "keep_promise", promise="P2").rule == "SLA-10"

    @pytest.mark.requirement("INV-12", "LIF-09")
    def test_the_head_of_the_department_asked_is_told(self) -> None:
        told = BY_NAME["contribution/C1"].open()
        due = told.opened("contribution/C1").due
        told.wait_until(due + DAY)
        told.tried("feed:calendar", "deadline_passed", at=due + DAY, deadline="1:contribution/C1")
        assert told.ruling
        assert [n.to for n in told.ruling.notices if "contribution" in n.key] == ["FINANCE"]
        assert told.opened("contribution/C1").department == "finance"

    @pytest.mark.requirement("MED-07", "LIF-01")
    def test_the_owner_is_reminded_when_a_case_comes_back_from_feedback(self) -> None:
        """No stage waits without a timer: mediation that failed, a hearing that was kept, a visit that was paid."""
        told = lead(life(S.FEEDBACK, handling=2), S.FEEDBACK)
        told.say("CS_SPECIALIST", "record_feedback", attempt=1, channel="email", satisfied=False)
        told.say("CS_SPECIALIST", "start_mediation", kind="person")
        told.say("CS_SPECIALIST", "record_consent", party="customer", consent="refused")
        assert told.opened("progress_days").state == "open"
        visited = life(S.AWAITING_VISIT).say("CS_SPECIALIST", "record_follow_up", satisfied=False)
        assert visited.opened("progress_days").due == visited.at + 7 * DAY

    @pytest.mark.requirement("INV-11")
    def test_no_findings_are_awaited_that_are_there(self) -> None:
        told = propose(FINDINGS.say(life(S.INVESTIGATING)))
        told.say("CS_SPECIALIST", "reclassify", type="PRICE", cause="SALES", severity="simple", reason="more")
        lead(told, S.INVESTIGATING)
        assert told.opened("inv_days").state == "met"
