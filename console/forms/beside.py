"""What stands beside a form: the rules and the figures a person needs to fill it in, in their language."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from console.forms.choices import Choosing
from console.forms.labels import N_
from console.forms.paying import agreed as agreed_amount
from console.forms.paying import left as left_to_pay
from console.forms.recalled import (
    agreed,
    agreeing,
    answering,
    completing,
    following_up,
    promised,
    registering,
    visiting,
)
from domain.codes import ComplaintType, Severity
from domain.deadline_table import TABLE as DEADLINES
from domain.deadline_table import rule_of
from domain.hearing import Hearing
from domain.stages.closing import checklist

#: the rules of an offer (NEG-04), in the order of the source: what to seek, and what balances it
_OFFER_RULES = (
    N_("Fair, and such that both sides can accept it."),
    N_(
        "The customer's interest first; reasonable demands are granted promptly, with apology and compensation."
    ),
    N_(
        "Take it seriously, keep to principle without casual concession, take a clear stand, speak with one voice."
    ),
)
#: what the policy says of remnants that can be repaired (NEG-09)
_REMNANT: Mapping[str, str] = {
    "decided_by_a_person": N_(
        "Whether a minor defect that can be repaired and does not affect use is compensated is for you to decide."
    ),
    "compensate": N_("A minor defect that can be repaired and does not affect use is compensated."),
    "do_not_compensate": N_(
        "A minor defect that can be repaired and does not affect use is not compensated."
    ),
}
_FINDINGS = (
    N_("First: was it agreed in the contract, its annexes or the sales documents?"),
    N_("Then: is there a statutory rule or a standard?"),
    N_("Only then: who is responsible, and who helps."),
)


def beside(of: Choosing, kind: str, now: datetime) -> list[str]:
    """Sentences beside the form of a command; none for most."""
    told = _BESIDE.get(kind)
    return told(of, now) if told else []


def _solution(of: Choosing, now: datetime) -> list[str]:
    """The rules of an offer, and who approves which amount by the policy alone: the limits set for the case are not
    for everybody (NEG-06)."""
    say, words = of.words.gettext, of.words
    notes = [say(rule) for rule in _OFFER_RULES]
    if desired := of.told(of.around.receipt.get("desired")):
        notes.insert(0, say(N_("The customer wants: %(what)s")) % {"what": desired})
    notes.append(say(_REMNANT[of.policy.table("remnant_rule")]))
    for limit in of.policy.table("approval_limits"):
        given = {"who": words.name("role", limit.by)}
        if limit.up_to is None:
            notes.append(say(N_("More: approved by %(who)s.")) % given)
        else:
            given["amount"] = words.money(limit.up_to)
            notes.append(say(N_("Compensation up to %(amount)s: approved by %(who)s.")) % given)
    return notes


def _round(of: Choosing, now: datetime) -> list[str]:
    c = of.case.complaint
    allowed = of.policy.number("negotiation_rounds") + c.extra_rounds
    left = max(0, allowed - len(c.of_round()))
    return [
        of.words.gettext(N_("%(left)s of %(allowed)s rounds are left.")) % {"left": left, "allowed": allowed}
    ]


def _payment(of: Choosing, now: datetime) -> list[str]:
    c, words = of.case.complaint, of.words
    if agreed_amount(c) is None:
        return []
    given = {"agreed": words.money(agreed_amount(c)), "left": words.money(left_to_pay(c))}
    return [words.gettext(N_("Compensation agreed: %(agreed)s, not paid yet: %(left)s.")) % given]


def _hold(of: Choosing, now: datetime) -> list[str]:
    c = of.case.complaint
    most = timedelta(days=of.policy.number("hold_max_days"))
    left = most - c.held_for()
    if left <= timedelta():
        return [of.words.gettext(N_("This handling round has used up its time on hold."))]
    given = {"days": left.days, "until": of.words.when(now + left)}
    running = [one.name for one in c.deadlines.values() if one.unsettled and not rule_of(one.name).pausable]
    return [
        of.words.gettext(N_("At most %(days)s more days in this handling round: until %(until)s.")) % given,
        of.words.gettext(
            N_("The customer is told. These clocks stand still, and go on by themselves then: %(clocks)s.")
        )
        % {"clocks": _clocks(of, [rule.name for rule in DEADLINES if rule.pausable])},
        *(
            [
                of.words.gettext(N_("Every other one runs on, here: %(clocks)s."))
                % {"clocks": _clocks(of, running)}
            ]
            if running
            else []
        ),
    ]


def _clocks(of: Choosing, names: Iterable[str]) -> str:
    return of.words.gettext(", ").join(dict.fromkeys(of.words.deadline(name) for name in names))


def _closing(of: Choosing, now: datetime) -> list[str]:
    """What is still missing for the file to be closed (CLO-07)."""
    missing = checklist(Hearing(of.case.complaint, of.case.asker, now, now, of.case.book))
    if not missing:
        return [of.words.gettext(N_("Nothing is missing for closing."))]
    sentence = of.words.sentence(f"Still missing: {'; '.join(missing)}.")
    return [sentence]


def _review(of: Choosing, now: datetime) -> list[str]:
    """The points of the closing check that a review can settle: obligations, findings."""
    c, say = of.case.complaint, of.words.gettext
    owing = [item.id for item in c.items.values() if item.state == "OPEN"]
    open_promises = [one.id for one in c.promises.values() if one.settled_at is None]
    notes = [
        say(N_("Not yet done: %(items)s.")) % {"items": ", ".join(owing)} if owing
        else say(N_("Every obligation is done or carried over."))
    ]  # fmt: skip
    if open_promises:
        notes.append(say(N_("Open promises: %(promises)s.")) % {"promises": ", ".join(open_promises)})
    known = c.findings is not None
    notes.append(say(N_("The findings are recorded.")) if known else say(N_("No findings are recorded.")))
    return [*notes, *_closing(of, now)]


def _visits(of: Choosing, now: datetime) -> list[str]:
    c = of.case.complaint
    most = of.policy.number("visit_attempts")
    failed = sum(one.round == c.round and not one.reached for one in c.visits)
    return [
        of.words.gettext(N_("Failed attempts so far: %(failed)s of at most %(most)s."))
        % {"failed": failed, "most": most}
    ]


def _feedback(of: Choosing, now: datetime) -> list[str]:
    tries = [one for one in of.case.complaint.feedback if one.round == of.case.complaint.round]
    notes = [of.words.gettext(N_("Ask at least twice, the second time in another way."))]
    for one in tries:
        channel = of.words.name("channel", one.channel) if one.channel else ""
        notes.append(of.line(of.words.when(one.at), channel))
    return notes


def _assign(of: Choosing, now: datetime) -> list[str]:
    kind = of.case.complaint.classification
    route = of.policy.table("routing").get(kind.type) if kind else None
    if route is None:
        return []
    given = {
        "type": of.words.name("type", kind.type if kind else None),
        "department": of.words.name("department", route.department),
        "lead": of.words.name("role", route.lead),
    }
    return [
        of.words.gettext(N_("The policy proposes for %(type)s: %(department)s, led by %(lead)s.")) % given
    ]


#: what a type leads to, by the unit of the handling period
_LINES: Mapping[str, str] = {
    "days": N_("%(type)s: %(department)s; simple %(simple)s days, complex %(complex)s days."),
    "working days": N_(
        "%(type)s: %(department)s; simple %(simple)s working days, complex %(complex)s working days."
    ),
}


def _classify(of: Choosing, now: datetime) -> list[str]:
    """Which department each type goes to and how long handling may take (CLS-04, SLA-04), then what makes a case major."""
    lengths = {severity: _length(of, severity) for severity in Severity}
    line = _LINES[of.policy.entry("handling_days").unit]
    notes = []
    for kind, route in of.policy.table("routing").items():
        given = {
            "type": of.words.name("type", kind),
            "department": of.words.name("department", route.department),
            "simple": lengths[Severity.SIMPLE][kind],
            "complex": lengths[Severity.COMPLEX][kind],
        }
        notes.append(of.words.gettext(line) % given)
    return [*notes, *_major(of, now)]


def _length(of: Choosing, severity: Severity) -> dict[ComplaintType, int]:
    return {kind: of.policy.handling_days(kind, severity).amount for kind in ComplaintType}


def _major(of: Choosing, now: datetime) -> list[str]:
    """Hints at the flag MAJOR; a person decides (CLS-10)."""
    chinese = of.words.language.startswith("zh")
    hints = [one.zh if chinese else one.en for one in of.policy.table("major_criteria")]
    joined = ("；" if chinese else "; ").join(hints)
    return [of.words.gettext(N_("Think of the flag for a major case where: %(hints)s.")) % {"hints": joined}]


_BESIDE: Mapping[str, Callable[[Choosing, datetime], list[str]]] = {
    "classify": _classify,
    "reclassify": _classify,
    "set_flag": _major,
    "propose_solution": _solution,
    "approve_offer": _solution,
    "record_round": _round,
    "hold": _hold,
    "record_payment": _payment,
    "confirm_findings": lambda of, now: [of.words.gettext(line) for line in _FINDINGS],
    "submit_review": _review,
    "decide_review": _review,
    "archive": _closing,
    "record_visit_attempt": _visits,
    "record_follow_up": lambda of, now: [*following_up(of, now), *_visits(of, now)],
    "record_feedback": lambda of, now: [*_feedback(of, now), *agreed(of, of.case.complaint.items.values())],
    "register": registering,
    "record_response": answering,
    "send_progress": lambda of, now: promised(of),
    "record_visit": visiting,
    "record_agreement": agreeing,
    "complete_item": completing,
    "record_silence": _feedback,
    "assign": _assign,
}
