"""Review, feedback, second handling, follow-up visit and the end (CLO, SEC, FUV, LIF-06)."""

from domain.askers import CUSTOMER
from domain.codes import Receiver, Result, Role, Stage
from domain.commands import (
    Archive,
    DecideReview,
    OpenSecondHandling,
    RecordFeedback,
    RecordFollowUp,
    RecordPraise,
    RecordReflection,
    RecordSilence,
    RecordVisitAttempt,
    Reopen,
    SubmitReview,
)
from domain.complaint import Feedback, Review, Task, Visit
from domain.hearing import Hearing
from domain.meanings import hears
from domain.stages.classification import plan_study
from domain.stages.intake import settle_reopening
from domain.stages.investigation import is_required


def _all_fulfilled(h: Hearing) -> None:
    owing = [item.id for item in h.c.items.values() if item.state == "OPEN"]
    h.refuse_unless(not owing, f"Not yet done or carried over: {', '.join(owing)}.", "CLO-07")


@hears("submit_review", _all_fulfilled)
def submit_review(h: Hearing, said: SubmitReview) -> None:
    """The solution is reviewed before the customer is told that the matter is settled (CLO-01)."""
    h.c.reviews.append(
        Review(round=h.c.round, submitted_by=h.asker.id, submitted_at=h.at, summary=said.summary)
    )
    h.fact("review_submitted", text=said.summary)
    h.enter(Stage.CLOSING_REVIEW)
    h.tell(Receiver.REVIEWER, "review_asked")


def _another_person(h: Hearing) -> None:
    review = h.c.reviews[-1]
    h.refuse_others(review.submitted_by != h.asker.id, "Nobody reviews what they submitted.", "CLO-01")
    if h.c.round == 1 or not h.policy.table("second_review_by_other"):
        return
    earlier = {r.decided_by for r in h.c.reviews if r.round == 1}
    h.refuse_others(
        h.asker.id not in earlier, "A second handling is reviewed by another person than the first.", "SEC-05"
    )


@hears("decide_review", _another_person)
def decide_review(h: Hearing, said: DecideReview) -> None:
    """Approved: the customer is asked. Returned: back to fulfilment (CLO-01)."""
    review = h.c.reviews[-1]
    review.decision, review.decided_by, review.decided_at = said.decision, h.asker.id, h.at
    h.fact("review_decided", said.decision, text=said.reason)
    if said.decision == "approved":
        h.enter(Stage.FEEDBACK)
        h.tell(Receiver.CUSTOMER, "feedback_asked", round=h.c.round)
    else:
        h.enter(Stage.FULFILLING)
        h.tell(f"person:{review.submitted_by}", "review_returned")


def _answers_once(h: Hearing) -> None:
    """The customer is asked one question a handling round; whoever has their link could else answer it over and over,
    and each answer stirs the director. What staff write down may correct it."""
    answered = any(entry.answered for entry in h.c.feedback if entry.round == h.c.round)
    h.refuse_unless(
        h.asker.id != CUSTOMER or not answered,
        "The question whether the matter is settled has been answered for this handling.",
        "CLO-02",
    )


@hears("record_feedback", _answers_once)
def record_feedback(h: Hearing, said: RecordFeedback) -> None:
    """The customer's answer, or that there was none (CLO-02, CLO-03)."""
    h.c.feedback.append(
        Feedback(
            round=h.c.round,
            attempt=said.attempt,
            at=h.when,
            channel=said.channel,
            answered=said.satisfied is not None,
            satisfied=said.satisfied,
            score=said.score,
            opinions=said.opinions,
        )
    )
    if said.satisfied is None:
        h.fact("feedback_unanswered", str(said.attempt), channel=said.channel)
        return
    answer = "satisfied" if said.satisfied else "dissatisfied"
    h.fact("feedback_received", answer, score=said.score, text=said.opinions, released=True)
    if said.satisfied:
        h.enter(Stage.AWAITING_VISIT)
    elif nothing_left(h):
        h.fact("remedies_exhausted")
        h.enter(Stage.AWAITING_VISIT)
    else:
        h.fact("feedback_dissatisfied", at=h.at)
        h.tell(Role.CS_DIRECTOR, "dissatisfied", round=h.c.round)


def second_handlings_left(h: Hearing) -> bool:
    """Whether another second handling may be opened after feedback (SEC-03)."""
    return h.c.second_handlings < h.policy.number("second_handling_max")


def nothing_left(h: Hearing) -> bool:
    """No second handling and no rung of the ladder is left: an award or a final judgment binds."""
    return not second_handlings_left(h) and h.c.bound is not None


def _silent(h: Hearing) -> None:
    tries = [entry for entry in h.c.feedback if entry.round == h.c.round]
    unanswered = [entry.channel for entry in tries if not entry.answered]
    dissatisfied = any(entry.satisfied is False for entry in tries)
    h.refuse_unless(
        len(set(unanswered)) >= 2 or dissatisfied,
        "Silence is decided after two attempts without an answer, the second on another channel.",
        "CLO-02",
    )


@hears("record_silence", _silent)
def record_silence(h: Hearing, said: RecordSilence) -> None:
    """No answer, or no further wish, documented by the director (CLO-07)."""
    h.c.feedback.append(Feedback(round=h.c.round, attempt=len(h.c.feedback) + 1, at=h.when, silence=True))
    h.fact("silence_recorded", text=said.reason)
    h.enter(Stage.AWAITING_VISIT)


def _may_handle_again(h: Hearing) -> None:
    if h.c.stage == Stage.AWAITING_VISIT:
        visit = h.c.follow_up()
        h.refuse_unless(
            visit is not None and visit.satisfied is False,
            "From AWAITING_VISIT a second handling follows a dissatisfied visit.",
            "FUV-05",
        )
        most = h.policy.number("second_handling_max") + 1
        h.refuse_unless(h.c.second_handlings < most, "No second handling is left.", "SEC-03")
    elif h.c.stage == Stage.FEEDBACK:
        last = h.c.last_feedback()
        h.refuse_unless(
            last is not None and last.satisfied is False,
            "A second handling follows a dissatisfied reply.",
            "SEC-01",
        )
        h.refuse_unless(second_handlings_left(h), "No second handling is left; the ladder is next.", "SEC-03")


@hears("open_second_handling", _may_handle_again)
def open_second_handling(h: Hearing, said: OpenSecondHandling) -> None:
    handle_again(h, said.further_demand)


@hears("reopen", _may_handle_again)
def reopen(h: Hearing, said: Reopen) -> None:
    """The matter is back, after the visit or after archiving; the findings are looked at again (FUV-05)."""
    filed = h.c.ended
    h.c.result = h.c.ended_at = None
    h.fact("reopened", text=said.reason, released=True)
    handle_again(h, said.reason)
    settle_reopening(h)
    if filed:
        _owe_again(h)


def _owe_again(h: Hearing) -> None:
    """What was still owed when the case was filed is watched again."""
    for item in h.c.items.values():
        if item.state == "CARRIED_OVER":
            h.fact("item_owed_again", item.id, at=h.at, due=item.due)
    for promise in h.c.promises.values():
        if promise.settled_at is None and promise.state == "OPEN" and promise.due is not None:
            h.fact("promise_owed_again", promise.id, at=h.at, due=promise.due)


def handle_again(h: Hearing, demand: str) -> None:
    """Same number, new round: findings, offers and promised times are taken anew (SEC-04)."""
    h.c.round += 1
    h.c.second_handlings += 1
    h.c.findings = h.c.agreement = None
    h.c.negotiation_failed, h.c.extra_rounds = False, 0
    h.enter(Stage.SECOND_HANDLING)
    h.fact("second_handling_opened", str(h.c.round), at=h.at, text=demand, released=True)
    plan_study(h)
    h.tell(Receiver.LEAD, "second_handling", round=h.c.round)
    h.tell(Role.CS_DIRECTOR, "second_handling", round=h.c.round)


@hears("record_visit_attempt")
def record_visit_attempt(h: Hearing, said: RecordVisitAttempt) -> None:
    """A try to reach the customer for the follow-up; the last failed one ends the trying (FUV-09)."""
    h.c.visits.append(Visit(round=h.c.round, at=h.when, reached=said.reached))
    h.fact("visit_attempted", reached=said.reached)
    if not said.reached and attempts_used_up(h):
        h.fact("visits_used_up")


def attempts_used_up(h: Hearing) -> bool:
    """Whether as many tries failed as the policy allows."""
    failed = [visit for visit in h.c.visits if visit.round == h.c.round and not visit.reached]
    return len(failed) >= h.policy.number("visit_attempts")


@hears("record_follow_up")
def record_follow_up(h: Hearing, said: RecordFollowUp) -> None:
    """Satisfied with the result some weeks later, or not (FUV-01, FUV-02)."""
    h.c.visits.append(
        Visit(
            round=h.c.round,
            at=h.when,
            reached=True,
            satisfied=said.satisfied,
            score=said.score,
            new_problem=said.new_problem,
            note=said.note,
        )
    )
    answer = "satisfied" if said.satisfied else "dissatisfied"
    h.fact("follow_up_recorded", answer, score=said.score, text=said.new_problem, released=True)
    if not said.satisfied:
        h.tell(Role.CS_DIRECTOR, "dissatisfied", round=h.c.round)


@hears("record_reflection")
def record_reflection(h: Hearing, said: RecordReflection) -> None:
    h.fact("reflected", text=said.text)


@hears("record_praise")
def record_praise(h: Hearing, said: RecordPraise) -> None:
    h.fact("praised", text=said.text)


def checklist(h: Hearing) -> list[str]:
    """What is still missing before the case may be archived (CLO-07)."""
    missing = []
    if h.c.follow_up() is None and not attempts_used_up(h):
        missing.append("the follow-up visit, or all attempts at it")
    if any(item.state == "OPEN" for item in h.c.items.values()):
        missing.append("fulfilment items done or carried over")
    if h.c.findings is None and is_required(h) and not h.c.proceedings:
        missing.append("root cause and prevention, or the waiver of the investigation")
    if h.c.last_feedback() is None:
        missing.append("the customer's reply or documented silence")
    return missing


def _complete(h: Hearing) -> None:
    missing = checklist(h)
    h.refuse_unless(not missing, f"Still missing: {'; '.join(missing)}.", "CLO-07")


@hears("archive", _complete)
def archive(h: Hearing, said: Archive) -> None:
    """The end, with one of three results; the two that are not good open a risk note (LIF-06)."""
    feedback, visit = h.c.last_feedback(), h.c.follow_up()
    words = [reply.satisfied for reply in (feedback, visit) if reply is not None]
    h.refuse_unless(
        said.result != Result.BOTH_SATISFIED or (True in words and False not in words),
        "result: BOTH_SATISFIED needs a customer who has said so, at the feedback or at the visit, and nothing else.",
        "LIF-06",
    )
    h.c.result = said.result
    if said.result in h.policy.table("risk_note"):
        h.c.tasks["risk_note"] = Task(
            id="risk_note", kind="risk_note", owner=Role.CS_DIRECTOR, asked_by=h.asker.id, asked_at=h.at
        )
        h.fact("risk_note_opened", said.result)
        h.tell(Role.CS_DIRECTOR, "risk_note", result=said.result)
    h.fact("archived", said.result)
    h.enter(Stage.ARCHIVED)
