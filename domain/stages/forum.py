"""The upper rungs: forum choice, arbitration or internal review, suit, legal dates, limitation (ARB, LIT).

Guards come from dispute law and policy: no arbitration without an agreement, an outside body's award is final,
arbitration and suit are never both open, a rung is skipped with the leading group's approval only.
"""

from typing import Literal

from domain.codes import Receiver, Role, Stage
from domain.commands import (
    AddLegalDate,
    ChooseForum,
    FileOrRegisterSuit,
    KeepLegalDate,
    RecordDecision,
    RecordJudgment,
    SetLimitation,
    SubmitArbitration,
)
from domain.complaint import Proceeding
from domain.hearing import Hearing
from domain.meanings import hears
from domain.stages.classification import accept, hand_to_legal, require_future
from domain.stages.mediation import counts_as_mediation, keep_date
from domain.stages.solution import take_on


def _not_bound(h: Hearing) -> None:
    h.refuse_unless(
        h.c.bound != "award", "The award of an outside body is final: no other forum after it.", "ARB-05"
    )
    h.refuse_unless(h.c.bound != "judgment", "A final judgment binds: no other forum after it.", "LIT-01")


def _forum_open(h: Hearing) -> None:
    _not_bound(h)
    if h.c.stage == Stage.MEDIATING:
        mediation = h.c.mediation
        failed = mediation is not None and (
            mediation.result == "FAILED" or "refused" in mediation.consents.values()
        )
        h.refuse_unless(failed, "The mediation has neither failed nor been refused.", "ARB-02")
    if h.c.stage == Stage.FEEDBACK:
        last = h.c.last_feedback()
        h.refuse_unless(
            last is not None and last.satisfied is False,
            "From FEEDBACK a forum follows a dissatisfied reply.",
            "SEC-03",
        )
    if h.c.stage == Stage.ARBITRATING:
        _review_not_accepted(h)


def _review_not_accepted(h: Hearing) -> None:
    last = h.c.proceedings[-1]
    h.refuse_unless(
        last.kind == "internal_review" and last.accepted_by_customer is False,
        "Only after an internal review that the customer does not accept does another forum follow.",
        "ARB-05",
    )


@hears("choose_forum", _forum_open)
def choose_forum(h: Hearing, said: ChooseForum) -> None:
    """Where the dispute goes next, by whom and why (ARB-02)."""
    skips = h.c.stage in (Stage.NEGOTIATING, Stage.FEEDBACK) or (
        h.c.stage == Stage.MEDIATING and not counts_as_mediation(h)
    )
    h.refuse_unless(
        not skips or said.approved_by == "LEADING_GROUP",
        "approved_by: skipping a rung of the ladder needs the leading group's approval.",
        "LIT-01",
    )
    if h.c.stage == Stage.ARBITRATING:
        h.refuse_unless(
            said.forum == "COURT", "forum: after an internal review only COURT is left.", "ARB-05"
        )
    if said.forum == "ARBITRATION":
        h.refuse_unless(
            said.arbitration_agreement is not None or said.filed_by == "customer",
            "arbitration_agreement: an outside body needs an agreement to arbitrate or the customer's own filing.",
            "ARB-02",
        )
    kinds: dict[str, Literal["outside_body", "internal_review", "suit"]] = {
        "ARBITRATION": "outside_body",
        "OTHER": "internal_review",
        "COURT": "suit",
    }
    _open(
        h,
        kinds[said.forum],
        reason=said.reason,
        agreement=said.arbitration_agreement,
        skipped=skips,
        filing=said.filed_by,
    )
    h.fact("forum_chosen", said.forum, text=said.reason, approved_by=said.approved_by, released=True)
    h.enter(Stage.LITIGATING if said.forum == "COURT" else Stage.ARBITRATING)
    if said.approved_by:
        h.tell(Receiver.LEADING_GROUP, "named_as_approver", turn=h.turn)
    h.tell(Receiver.CUSTOMER, "forum_chosen", forum=said.forum)


def _open(
    h: Hearing, kind: Literal["outside_body", "internal_review", "suit"], **details: object
) -> Proceeding:
    if h.c.proceeding:
        h.c.proceeding.closed_at = h.at
    opened = Proceeding.model_validate(
        {
            "forum": "COURT" if kind == "suit" else "ARBITRATION",
            "kind": kind,
            "opened_at": h.at,
            "round": h.c.round,
            **details,
        }
    )
    h.c.proceedings.append(opened)
    return opened


@hears("submit_arbitration", _not_bound)
def submit_arbitration(h: Hearing, said: SubmitArbitration) -> None:
    """The submission to an outside body or to an internal review; a notice of arbitration enters here directly (ARB-06)."""
    current = h.c.proceeding if h.c.stage == Stage.ARBITRATING else None
    kind = said.subkind or (current.kind if current else "outside_body")
    h.refuse_unless(
        current is None or current.filed_by is None, "The submission is already on record.", "ARB-04"
    )
    h.refuse_unless(
        current is None or current.kind == kind,
        f"kind: the forum chosen is {current.kind if current else kind}.",
        "ARB-03",
    )
    agreed = current is not None and current.agreement is not None
    h.refuse_unless(
        kind != "outside_body" or agreed or said.filed_by == "customer",
        "kind: an outside body needs an arbitration agreement or the customer's own filing.",
        "ARB-02",
    )
    filed = current or _open(h, "outside_body" if kind == "outside_body" else "internal_review")
    filed.filed_by, filed.body, filed.file_number = said.filed_by, said.body, said.file_number
    if current is None:
        h.enter(Stage.ARBITRATING)
        accept(h, straight=True)
    h.fact(
        "arbitration_filed" if kind == "outside_body" else "review_asked",
        kind,
        filed_by=said.filed_by,
        released=True,
    )


def _undecided(h: Hearing) -> None:
    h.refuse_unless(
        h.c.proceeding is not None
        and h.c.proceeding.filed_by is not None
        and h.c.proceeding.decided_at is None,
        "There is no filed and undecided proceeding.",
        "ARB-05",
    )


@hears("record_decision", _undecided)
def record_decision(h: Hearing, said: RecordDecision) -> None:
    """The decision. An outside body's award is final; an internal review binds only with the customer's acceptance."""
    current = h.require(h.c.proceeding, "There is no open proceeding.", "ARB-05")
    current.outcome, current.decided_at, current.accepted_by_customer = (
        said.outcome,
        h.when,
        said.accepted_by_customer,
    )
    final = current.kind == "outside_body"
    h.refuse_unless(
        final or said.accepted_by_customer is not None,
        "accepted_by_customer: say whether the customer accepts the review.",
        "ARB-05",
    )
    h.fact("decided", current.kind, text=said.outcome, accepted=said.accepted_by_customer, released=True)
    h.tell(Receiver.CUSTOMER, "decided")
    if final:
        h.c.bound = "award"
    elif not said.accepted_by_customer:
        h.refuse_unless(not said.items, "items: a review that is not accepted obliges nobody.", "ARB-05")
        return
    current.closed_at = h.when
    take_on(h, said.items)
    h.enter(Stage.FULFILLING)


def _may_be_sued(h: Hearing) -> None:
    h.refuse_unless(
        h.c.bound != "award", "The award of an outside body is final: no suit follows it.", "ARB-05"
    )
    h.refuse_unless(h.c.registered_at is not None, "The complaint is not registered yet.", "INT-02")


@hears("file_or_register_suit", _may_be_sued)
def file_or_register_suit(h: Hearing, said: FileOrRegisterSuit) -> None:
    """A suit of the customer is registered from any open stage; our own comes after forum choice (LIT-01, LIT-02)."""
    current = h.c.proceeding if h.c.stage == Stage.LITIGATING else None
    if current is not None:
        h.refuse_unless(current.filed_by is None, "The suit is already on record.", "LIT-02")
    elif h.c.stage == Stage.ARBITRATING and said.filed_by == "company":
        _review_not_accepted(h)
    else:
        h.refuse_unless(
            said.filed_by == "customer" or (h.c.stage == Stage.ASSIGNED and h.c.bound is None),
            "filed_by: the company files a suit only after choose_forum.",
            "LIT-01",
        )
    suit = current or _open(h, "suit")
    suit.filed_by, suit.body, suit.file_number, suit.reason = (
        said.filed_by,
        said.court,
        said.file_number,
        said.ground,
    )
    if current is None:
        if h.c.handover is None:
            hand_to_legal(h)
        h.enter(Stage.LITIGATING)
        accept(h, straight=True)
    h.fact("suit_filed", said.filed_by, text=said.ground, released=True)
    h.tell(Role.CS_DIRECTOR, "suit_filed", filed_by=said.filed_by)


@hears("record_judgment", _undecided)
def record_judgment(h: Hearing, said: RecordJudgment) -> None:
    """The judgment; a final one is performed like an agreement (LIT-06)."""
    current = h.require(h.c.proceeding, "There is no open proceeding.", "ARB-05")
    current.outcome, current.judged_at = said.outcome, h.when
    h.fact("judged", text=said.outcome, final=said.final, released=True)
    h.tell(Receiver.CUSTOMER, "decided")
    if not said.final:
        h.refuse_unless(not said.items, "items: a judgment that is not final obliges nobody yet.", "LIT-06")
        return
    current.decided_at = current.closed_at = h.when
    h.c.bound = "judgment"
    take_on(h, said.items)
    h.enter(Stage.FULFILLING)


@hears("add_legal_date")
def add_legal_date(h: Hearing, said: AddLegalDate) -> None:
    """A date of the proceedings, typed in by legal only; a date with the same id replaces it."""
    h.refuse_unless(said.id != "missing", "id: missing is a reserved name.", "LIT-02")
    require_future(h, said.due, "due")
    h.fact("legal_date_added", said.id, at=h.at, due=said.due, text=said.what)


@hears("keep_legal_date")
def keep_legal_date(h: Hearing, said: KeepLegalDate) -> None:
    keep_date(h, said.id)


@hears("set_limitation")
def set_limitation(h: Hearing, said: SetLimitation) -> None:
    """The last day to sue, per claim; typed in by legal, taken anew on each demand or admission."""
    require_future(h, said.due, "due")
    h.fact("limitation_set", said.id, at=h.at, due=said.due, text=said.reason, counted_from=said.from_)
