"""Why a date: everything a deadline knows of itself, in words (docs/decisions 6)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from console.words import N_, Words
from domain.complaint import Complaint, Deadline
from domain.deadline_table import rule_of
from domain.hearing import Book
from domain.policy import Policy

#: what lengths are counted in
UNITS = (N_("minutes"), N_("hours"), N_("days"), N_("months"), N_("working hours"), N_("working days"))
_SPAN = re.compile(rf"(\d+) ({'|'.join(f'{unit}?' for unit in UNITS)})")


@dataclass(frozen=True)
class Value:
    """The policy value a deadline's length comes from, in words. cite: the clause it rests on.

    The note of a policy is for those who write it, in whatever language they do, and is not told here.
    """

    value: str
    unit: str
    origin: str
    cite: str
    requirement: str


@dataclass(frozen=True)
class Why:
    """A deadline and where it comes from. start_from: what its clock counts from. value: None for a date typed in."""

    deadline: Deadline
    start_from: str
    value: Value | None
    policy_from: str
    calendar_zone: str
    calendar_hours: str
    counts_holidays: bool
    then_after: str
    length: str


def span_words(words: Words, span: str) -> str:
    """A length as deadlines keep it ("5 working days"), in words; anything else as it is."""
    written = _SPAN.fullmatch(span)
    if written is None:
        return span
    unit = written[2] if written[2].endswith("s") else f"{written[2]}s"
    return f"{written[1]} {words.gettext(unit)}"


def why(complaint: Complaint, deadline: Deadline, book: Book, words: Words) -> Why:
    """Raises Refused where the version the deadline was made by is not at hand."""
    policy = book.policy(deadline.policy_version)
    calendar = book.calendar(deadline.calendar_version)
    if complaint.policy_overrides and deadline.policy_version == complaint.policy_version:
        policy = policy.with_overrides(complaint.policy_overrides)
    rule = rule_of(deadline.name)
    starts = {
        "received": words.gettext("from the receipt of the complaint"),
        "registered": words.gettext("from its registration"),
        "fact": words.gettext("from the moment that started it"),
    }
    then = policy.escalation(deadline.name).then_after
    return Why(
        deadline=deadline,
        start_from=starts[rule.start],
        value=None if rule.span is None or deadline.span == "given" else _value(policy, rule.span, words),
        policy_from=policy.in_force_from.isoformat(),
        calendar_zone=calendar.zone,
        calendar_hours=", ".join(str(window) for window in calendar.windows),
        counts_holidays="working" in deadline.span,
        then_after=", ".join(span_words(words, str(span)) for span in then),
        length=span_words(words, deadline.span),
    )


#: where a value of the policy comes from
_ORIGINS = {
    "source": N_("from the company's plans"),
    "law": N_("from the law"),
    "proposal": N_("our proposal, until the leading group has approved it"),
    "case": N_("set for this case alone"),
}


def _told(value: object, words: Words) -> str:
    """A value as a person reads it: one number, or one for each severity, where given also for types of their own."""
    if not isinstance(value, Mapping):
        return str(value)
    told = []
    for code, part in value.items():
        if code == "by_type":
            told += [f"{words.name('type', of_type)} ({_told(own, words)})" for of_type, own in part.items()]
        else:
            told.append(f"{words.name('severity', code)} {part}")
    return " / ".join(told)


def _value(policy: Policy, key: str, words: Words) -> Value:
    entry = policy.entry(key)
    return Value(
        value=_told(entry.value, words),
        unit=words.gettext(entry.unit),
        origin=words.gettext(_ORIGINS.get(entry.origin, entry.origin)),
        cite=entry.cite,
        requirement=entry.requirement,
    )
