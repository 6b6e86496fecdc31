"""The action bar: what matters most in a stage comes first, the rest by group, what may not be said with the reason.

What is next follows from the stage's own moves (`lifecycle.TABLE`) and a short list of preferences; what anybody may
say now is judged by `lifecycle.possible_actions` alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.forms.labels import N_
from console.forms.shape import kinds
from console.reading import Case
from console.urgency import is_soon
from domain.codes import Role, Stage
from domain.complaint import Complaint
from domain.facts import Refused
from domain.lifecycle import TABLE, check
from domain.parts import Item
from domain.roles import Asker

S = Stage
#: the commands in the groups of the vocabulary; each command stands in exactly one
GROUPS: Mapping[str, tuple[str, ...]] = {
    N_("Intake"): (
        "register", "add_note", "add_to_intake", "change_contact", "correct", "link_duplicate", "mark_withdrawn",
        "request_erasure",
    ),
    N_("Classification"): (
        "classify", "reclassify", "assign", "reassign", "accept_handover", "return_handover", "set_flag", "escalate",
        "request_help", "give_help",
    ),
    N_("Response"): ("record_response", "send_progress", "make_promise", "extend_promise", "keep_promise"),
    N_("Time"): ("hold", "resume", "extend_window", "change_policy_version", "change_calendar_version"),
    N_("Investigation"): (
        "plan_visit", "record_visit", "add_evidence", "request_contribution", "give_contribution",
        "record_study_session", "confirm_findings", "waive_investigation", "request_opinion", "give_opinion",
    ),
    N_("Solution"): (
        "propose_solution", "approve_offer", "set_limits", "record_round", "record_agreement", "fail_negotiation",
        "complete_item", "carry_over_item", "record_payment", "reverse_payment",
    ),
    N_("Mediation"): ("start_mediation", "record_consent", "record_session", "record_mediation_result"),
    N_("Proceedings"): (
        "choose_forum", "submit_arbitration", "record_decision", "file_or_register_suit", "add_legal_date",
        "keep_legal_date", "record_judgment", "set_limitation",
    ),
    N_("Closing"): (
        "submit_review", "decide_review", "record_feedback", "record_silence", "open_second_handling",
        "record_visit_attempt", "record_follow_up", "archive", "reopen", "record_reflection", "record_praise",
    ),
    N_("Group complaint"): ("link_to_group", "unlink_from_group"),
}  # fmt: skip
#: what a case in a stage wants next, the best first; what moves the stage and is not named follows
NEXT: Mapping[Stage, tuple[str, ...]] = {
    S.REGISTERED: ("register", "classify", "record_response"),
    S.CLASSIFIED: ("assign", "record_response", "classify"),
    S.ASSIGNED: ("accept_handover", "plan_visit", "record_response"),
    S.INVESTIGATING: ("propose_solution", "record_visit", "confirm_findings", "plan_visit"),
    S.SOLUTION_DRAFTED: ("approve_offer", "record_round", "record_response"),
    S.NEGOTIATING: ("record_agreement", "record_round", "propose_solution", "start_mediation"),
    S.MEDIATING: ("record_agreement", "record_consent", "record_session", "record_mediation_result"),
    S.ARBITRATING: ("record_decision", "add_legal_date", "submit_arbitration", "record_agreement"),
    S.LITIGATING: ("record_judgment", "add_legal_date", "record_agreement", "classify"),
    S.FULFILLING: ("submit_review", "complete_item", "record_payment", "carry_over_item"),
    S.CLOSING_REVIEW: ("decide_review", "record_response"),
    S.FEEDBACK: ("open_second_handling", "record_feedback", "record_silence", "start_mediation"),
    S.SECOND_HANDLING: ("record_response", "plan_visit", "confirm_findings", "record_visit"),
    S.AWAITING_VISIT: ("archive", "open_second_handling", "record_follow_up", "record_visit_attempt"),
    S.ARCHIVED: ("record_reflection", "reopen", "record_praise"),
    S.WITHDRAWN: ("add_note",),
    S.DUPLICATE: ("add_note",),
}
#: what ends or skips the ordinary course never becomes a main action by itself
_NEVER_FIRST = frozenset({"mark_withdrawn", "link_duplicate", "file_or_register_suit", "choose_forum", "reclassify",
                          "return_handover", "waive_investigation", "add_evidence", "request_contribution"})  # fmt: skip
#: keys of the keyboard; the first main action has one of its own
KEYS: Mapping[str, str] = {
    "record_response": "r", "assign": "a", "reassign": "T", "classify": "t", "reclassify": "p",
}  # fmt: skip
FIRST_KEY = "s"
MAIN = 3


@dataclass(frozen=True)
class Action:
    """One command of the bar. refused: why not now, by this person. key: of the keyboard, or empty."""

    kind: str
    refused: Refused | None = None
    key: str = ""


@dataclass(frozen=True)
class Bar:
    """The action bar of a case for one reader. step: what the case wants next of whomever (`next_step`)."""

    main: list[Action]
    groups: list[tuple[str, list[Action]]]
    step: str | None = None


def bar_of(case: Case, now: datetime) -> Bar:
    """The bar: at most three main actions, all of them possible now; every other command by group."""
    why = case.actions(now)
    wanted = [kind for kind in next_steps(case, now) if why.get(kind, 1) is None][:MAIN]
    main = [
        Action(kind, None, FIRST_KEY if place == 0 else KEYS.get(kind, ""))
        for place, kind in enumerate(wanted)
    ]
    known = set(kinds())
    groups = [
        (
            group,
            [Action(kind, why[kind], KEYS.get(kind, "")) for kind in listed if kind in known and kind in why],
        )
        for group, listed in GROUPS.items()
    ]
    return Bar(
        main,
        [(group, sorted(actions, key=lambda one: one.refused is not None)) for group, actions in groups],
        next_step(case, now),
    )


def next_step(case: Case, now: datetime) -> str | None:
    """What the case wants next and lets somebody do, whoever that is; None where nothing is left to do.

    It is what the head of the page names and what the bar puts first and fills, for whoever may do it.
    """
    anybody = Asker(id="anybody", roles=tuple(role for role in Role if role != case.complaint.about_role))
    return next(
        (
            kind
            for kind in next_steps(case, now)
            if check(case.complaint, kind, anybody, now, case.book) is None
        ),
        None,
    )


def next_steps(case: Case, now: datetime) -> list[str]:
    """What the case wants next, whoever may do it: a first answer that is late or soon will be, a hazard nobody has
    looked at nor told the customer how to keep safe from (INV-01), the dates of proceedings nobody has typed in
    (LIT-02), the preferences of its stage as its state has them, then its moves."""
    stage = case.complaint.stage
    preferred = [kind for kind in NEXT[stage] if not _done(case, kind)]
    if _waits(case, "legal_date/missing"):
        preferred.insert(0, "add_legal_date")
    if _answer_presses(case, now) or _waits(case, "hazard_hours"):
        preferred.insert(0, "record_response")
    moving = [
        kind
        for kind, row in TABLE.items()
        if stage in row.stages
        and any(to != stage for to in row.targets(stage))
        and kind not in _NEVER_FIRST
        and not _done(case, kind)
    ]
    return list(dict.fromkeys([*preferred, *moving]))


def _answer_presses(case: Case, now: datetime) -> bool:
    """Whether the customer waits for a first answer that is late or soon will be (SLA-01)."""
    return any(
        one.base == "first_response_hours" and one.unsettled and is_soon(one.start, one.due, now)
        for one in case.complaint.deadlines.values()
    )


def _waits(case: Case, name: str) -> bool:
    """Whether a deadline of this name is not settled."""
    return any(one.name == name and one.unsettled for one in case.complaint.deadlines.values())


def _done(case: Case, kind: str) -> bool:
    """Whether a preferred command has nothing left to do here, although it might be said."""
    settled = _SETTLED.get(kind)
    return settled is not None and settled(case.complaint)


def _visit_planned(c: Complaint) -> bool:
    return any(task.kind == "visit" and task.state == "OPEN" for task in c.tasks.values())


def _answered_again(c: Complaint) -> bool:
    """Whether the customer has heard from us since the second handling began."""
    waiting = any(one.base == "first_response_hours" and one.unsettled for one in c.deadlines.values())
    return c.stage is S.SECOND_HANDLING and not waiting


def _owed(c: Complaint) -> list[Item]:
    return [item for item in c.items.values() if item.state == "OPEN"]


def _to_pay(c: Complaint) -> list[Item]:
    return [item for item in _owed(c) if item.owner is Role.FINANCE and not item.paid]


#: command → whether it has nothing left to do in a complaint
_SETTLED: Mapping[str, Callable[[Complaint], bool]] = {
    "plan_visit": _visit_planned,
    "record_visit": lambda c: not _visit_planned(c),
    "record_response": _answered_again,
    "confirm_findings": lambda c: c.findings is not None,
    "approve_offer": lambda c: not any(one.approval == "due" for one in c.solutions.values()),
    "record_round": lambda c: bool(c.solutions) and list(c.solutions.values())[-1].approval == "due",
    "record_payment": lambda c: not _to_pay(c),
    "complete_item": lambda c: _owed(c) == _to_pay(c),
    "carry_over_item": lambda c: not _owed(c),
    "record_silence": lambda c: any(one.round == c.round and one.answered for one in c.feedback),
    "record_consent": lambda c: c.mediation is not None and len(c.mediation.consents) > 1,
    "record_session": lambda c: c.mediation is None or [*c.mediation.consents.values()] != ["given", "given"],
    "submit_arbitration": lambda c: c.proceeding is not None and c.proceeding.filed_by is not None,
}
