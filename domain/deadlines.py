"""The life of a deadline: opened and settled by facts, fired by the calendar, paused, moved, recomputed.

A deadline answers to facts: a fact settles what it meets, and opens what it starts (`domain.deadline_table`).
Nothing here knows about timers; `Deadline.wake` says when the calendar has to speak next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from domain.calendar import add_working_days, working_days_after
from domain.codes import Department, Role
from domain.complaint import Deadline, Hold, Level, Move, Pause, Task, Warned
from domain.deadline_rules import DeadlineRule
from domain.deadline_table import TABLE, rule_of
from domain.facts import Fact
from domain.policy import Span
from domain.roles import department_of

if TYPE_CHECKING:
    from domain.hearing import Hearing

_CALENDAR = "feed:calendar"


def react(h: Hearing, fact: Fact) -> None:
    """Settle what this fact meets or ends, then open what it starts."""
    for deadline in list(h.c.deadlines.values()):
        rule = rule_of(deadline.name)
        if deadline.unsettled:
            if rule.met_with(fact, deadline):
                _settle(h, deadline, _answered_at(h, fact, deadline))
            elif rule.cancelled_with(fact, deadline) or (fact.kind == "ended"):
                cancel(h, deadline)
        elif deadline.state == "fired" and rule.recurring and rule.met_with(fact, deadline):
            _meet_late(h, deadline, fact.at)
    if h.c.ended:
        return
    for rule in TABLE:
        if rule.opened_by(fact, h.c):
            _open(h, rule, fact)


def _answered_at(h: Hearing, fact: Fact, deadline: Deadline) -> datetime:
    """When the answer was given. Work entered late has begun when it happened, though the stage is entered now."""
    if fact.kind == "entered" and h.happened_at is not None and h.happened_at >= deadline.start:
        return h.happened_at
    return fact.at


def _meet_late(h: Hearing, deadline: Deadline, when: datetime) -> None:
    """An answer entered after a later one was: the firing stays on record, the deadline counts as met."""
    if when <= deadline.due:
        deadline.state, deadline.settled_at = "met_late_entry", when
        h.touched.append(deadline.id)


def pass_by(h: Hearing, upto: datetime, *, including: bool) -> None:
    """Let every deadline and level that falls due before `upto` (or at it, if `including`) fire, in order.

    Those set aside stay as they are, for another build.
    """
    while waiting := [wake for wake in h.c.wakes if wake[0].id not in h.aside]:
        first, moment = waiting[0]
        if moment > upto or (moment == upto and not including):
            return
        h.at = moment
        _fire(h, first, moment)


def _open(h: Hearing, rule: DeadlineRule, fact: Fact) -> None:
    name = f"{rule.name}/{fact.subject}" if rule.each else rule.name
    for older in h.c.deadlines.values():
        if older.name == name and (older.pending or (older.unsettled and fact.kind != "deadline_passed")):
            cancel(h, older)
    start = {"received": h.c.received_at, "registered": h.c.registered_at or fact.at, "fact": fact.at}[
        rule.start
    ]
    due, span = _due(h, rule, fact, start)
    told = rule.told(h.c, fact) if callable(rule.told) else rule.told
    opened = Deadline(
        id=_fresh_id(h, name),
        name=name,
        round=h.c.round,
        start=start,
        due=due,
        span=span,
        rule=rule.source,
        policy_version=h.c.policy_version,
        calendar_version=h.c.calendar_version,
        told=[list(level) for level in told],
        department=_department_asked(fact),
        wake=None if rule.quiet else max(due, h.at),
    )
    h.c.deadlines[opened.id] = opened
    h.touched.append(opened.id)
    if rule.pausable:
        _apply_holds(h, opened)
    _plan_warnings(h, rule, opened)
    if rule.at_once:
        _fire(h, opened, fact.at)


def _department_asked(fact: Fact) -> Department | None:
    """Where a role was asked for something, its own department's head is told then (INV-12)."""
    asked = fact.data.get("to")
    return department_of(Role(asked)) if isinstance(asked, str) and asked in Role.__members__ else None


def _apply_holds(h: Hearing, deadline: Deadline) -> None:
    """Let a clock that starts in the past stand still in the holds since then, and in the one that runs."""
    for hold in h.c.holds:
        start = max(deadline.start, hold.start)
        if hold.end is None:
            _pause(h, deadline, start)
        elif hold.end > start:
            deadline.pauses.append(Pause(start=start, end=hold.end))
            deadline.due = _shifted(h, deadline, start, hold.end)
            deadline.wake = max(deadline.due, h.at)


def _fresh_id(h: Hearing, name: str) -> str:
    """ "turn:name", made unique where one turn opens the same name twice."""
    fresh, again = f"{h.turn}:{name}", 2
    while fresh in h.c.deadlines:
        fresh, again = f"{h.turn}.{again}:{name}", again + 1
    return fresh


def _due(h: Hearing, rule: DeadlineRule, fact: Fact, start: datetime) -> tuple[datetime, str]:
    given = fact.data.get("due")
    if given is not None:
        return datetime.fromisoformat(given), "given"
    if rule.at_once:
        return fact.at, "limit"
    span = _span(h, rule)
    return span.after(start, h.calendar), str(span)


def _span(h: Hearing, rule: DeadlineRule) -> Span:
    if rule.name == "handling_days" and h.c.classification:
        return h.policy.handling_days(h.c.classification.type, h.c.classification.severity)
    if rule.span is None:
        raise ValueError(f"{rule.name} has neither a length nor a given due instant")
    return h.policy.span(rule.span)


def _plan_warnings(h: Hearing, rule: DeadlineRule, deadline: Deadline) -> None:
    """Plan the warnings that still lie ahead; those that went out stay on record."""
    plan = h.policy.escalation(deadline.name)
    length = deadline.due - deadline.start
    ahead = [deadline.start + length * share for share in plan.warn_shares]
    ahead += [span.before(deadline.due, h.calendar) for span in plan.warn_before]
    ahead += [span.after(deadline.start, h.calendar) for span in plan.warn_after]
    past = [warning for warning in deadline.warnings if warning.at <= h.at]
    later = sorted({moment.replace(microsecond=0) for moment in ahead if h.at < moment < deadline.due})
    if deadline.state == "open" and not rule.at_once:
        deadline.warnings = past + [Warned(at=moment) for moment in later]
        for moment in later:
            h.warn(deadline, moment, rule.warned or tuple(deadline.told[0]))


def _settle(h: Hearing, deadline: Deadline, when: datetime) -> None:
    """Met when heard, or happened, at or before due; a deadline that fired stays fired unless entered late."""
    if deadline.state == "open" and when > deadline.due and not rule_of(deadline.name).quiet:
        _fire(h, deadline, h.at)
    if deadline.pending:
        deadline.state = "met"
    elif when <= deadline.due:
        deadline.state = "met_late_entry"
    _close(h, deadline, when if deadline.state != "fired" else h.at)


def cancel(h: Hearing, deadline: Deadline) -> None:
    """End a deadline without an answer: a stage was left, the case has ended, another opening replaces it."""
    if deadline.pending:
        deadline.state = "cancelled"
    _close(h, deadline, h.at)


def _close(h: Hearing, deadline: Deadline, when: datetime) -> None:
    deadline.settled_at, deadline.wake = when, None
    deadline.warnings = [warning for warning in deadline.warnings if warning.at <= h.at]
    if deadline.pauses and deadline.pauses[-1].end is None:
        deadline.pauses[-1].end = h.at
    h.touched.append(deadline.id)


def _fire(h: Hearing, deadline: Deadline, at: datetime) -> None:
    """Fire a deadline, or its next level. The fact of it may open another (the second feedback attempt)."""
    level = len(deadline.levels)
    late = max(0, int((h.noticed_at - at).total_seconds()))
    to = deadline.told[level] if level < len(deadline.told) else []
    deadline.levels.append(Level(at=at, to=to, late_by=late))
    if level == 0:
        deadline.state, deadline.fired_at, deadline.late_by = "fired", at, late
    then = h.policy.escalation(deadline.name).then_after
    more = level + 1 < len(deadline.told)
    deadline.wake = then[min(level, len(then) - 1)].after(at, h.calendar) if more and then else None
    h.touched.append(deadline.id)
    h.tell_level(deadline, level)
    if then_follows := _ON_LEVEL.get((deadline.base, level)):
        then_follows(h, deadline)
    h.fact(
        "deadline_passed", deadline.base, at=at, by=_CALENDAR, name=deadline.name, level=level, late_by=late
    )


def hold_all(h: Hearing) -> None:
    """Stop the clocks that a hold stops."""
    for deadline in h.c.deadlines.values():
        if deadline.state == "open" and rule_of(deadline.name).pausable:
            _pause(h, deadline, h.at)
            h.touched.append(deadline.id)


def _pause(h: Hearing, deadline: Deadline, start: datetime) -> None:
    deadline.state, deadline.wake = "paused", None
    deadline.warnings = [warning for warning in deadline.warnings if warning.at <= h.at]
    deadline.pauses.append(Pause(start=start))


def resume_all(h: Hearing, hold: Hold, end: datetime, by: str) -> None:
    """End the hold and let the stopped clocks run on: elapsed ones move by its length, working-day ones skip its days."""
    hold.end = end
    for deadline in h.c.deadlines.values():
        if deadline.state != "paused":
            continue
        pause = deadline.pauses[-1]
        pause.end = end
        before = deadline.due
        deadline.state = "open"
        deadline.due = _shifted(h, deadline, pause.start, end)
        deadline.wake = max(deadline.due, h.at)
        _moved(h, deadline, before, "held", by)


def _shifted(h: Hearing, deadline: Deadline, start: datetime, end: datetime) -> datetime:
    if "working day" not in deadline.span:
        return deadline.due + (end - start)
    zone = ZoneInfo(h.calendar.zone)
    skipped = working_days_after(start.astimezone(zone).date(), end.astimezone(zone).date(), h.calendar)
    return add_working_days(deadline.due, skipped, h.calendar) if skipped else deadline.due


def _moved(
    h: Hearing,
    deadline: Deadline,
    before: datetime,
    why: Literal["extended", "held", "policy", "calendar"],
    by: str,
) -> None:
    h.touched.append(deadline.id)
    if before != deadline.due:
        deadline.moves.append(Move(at=h.at, by=by, before=before, after=deadline.due, why=why))
    _plan_warnings(h, rule_of(deadline.name), deadline)


def extend(h: Hearing, deadline: Deadline, until: datetime) -> None:
    """Move an open deadline; one that has fired opens again with `until` as its due (commands.md §3)."""
    if deadline.pending:
        before, deadline.due, deadline.span = deadline.due, until, "given"
        if deadline.state == "open":
            deadline.wake = until
        else:
            deadline.pauses[-1].end = h.at
            deadline.pauses.append(Pause(start=h.at))
        _moved(h, deadline, before, "extended", h.asker.id)
        return
    _close(h, deadline, h.at)
    again = Deadline(
        **deadline.model_dump(include={"name", "round", "rule", "told", "department"}),
        id=_fresh_id(h, deadline.name),
        start=deadline.start,
        due=until,
        span="given",
        policy_version=h.c.policy_version,
        calendar_version=h.c.calendar_version,
        moves=[Move(at=h.at, by=h.asker.id, before=deadline.due, after=until, why="extended")],
        wake=until,
    )
    h.c.deadlines[again.id] = again
    h.touched.append(again.id)
    if h.c.hold and rule_of(again.name).pausable:
        _pause(h, again, h.at)
    _plan_warnings(h, rule_of(again.name), again)


def recompute(h: Hearing, why: Literal["policy", "calendar"]) -> None:
    """Take the due instants of running deadlines anew after a deliberate change of version; typed-in ones stay."""
    for deadline in h.c.deadlines.values():
        rule = rule_of(deadline.name)
        if not deadline.pending or deadline.span in ("given", "limit"):
            continue
        before = deadline.due
        span = _span(h, rule)
        deadline.span, deadline.due = str(span), span.after(deadline.start, h.calendar)
        deadline.policy_version, deadline.calendar_version = h.c.policy_version, h.c.calendar_version
        for pause in deadline.pauses:
            if pause.end is not None:
                deadline.due = _shifted(h, deadline, pause.start, pause.end)
        deadline.wake = max(deadline.due, h.at) if deadline.state == "open" and not rule.quiet else None
        _moved(h, deadline, before, why, h.asker.id)


def close_quiet(h: Hearing, upto: datetime) -> None:
    """Reminders whose appointment has come need nothing more."""
    for deadline in h.c.deadlines.values():
        if deadline.state == "open" and deadline.due < upto and rule_of(deadline.name).quiet:
            cancel(h, deadline)


def _break_promise(h: Hearing, deadline: Deadline) -> None:
    promise = h.c.promises[deadline.name.partition("/")[2]]
    promise.state = "BROKEN"
    h.fact("promise_broken", promise.id, at=deadline.due, by=_CALENDAR)


def _let_run_on(h: Hearing, deadline: Deadline) -> None:
    if h.c.hold:
        resume_all(h, h.c.hold, deadline.due, _CALENDAR)
    h.fact("hold_ran_out", deadline.name.partition("/")[2], at=deadline.due, by=_CALENDAR)


def _have_customer_called(h: Hearing, deadline: Deadline) -> None:
    """The reminder brought no reply either: somebody rings the customer up (NEG-03)."""
    task = Task(
        id=f"call/{deadline.id}",
        kind="call",
        owner=h.c.owner or h.c.first_contact,
        asked_by=_CALENDAR,
        asked_at=h.at,
        subkind=deadline.name,
    )
    h.c.tasks[task.id] = task
    h.fact("call_asked", deadline.name, at=h.at, by=_CALENDAR)


#: what else follows when a level of a deadline fires, by its base name and the level
_ON_LEVEL: dict[tuple[str, int], Callable[[Hearing, Deadline], None]] = {
    ("promise_due", 0): _break_promise,
    ("hold_until", 0): _let_run_on,
    ("reply_days", 1): _have_customer_called,
}
