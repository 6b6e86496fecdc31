"""The legal traffic light: which steps of the ladder are possible now, with what papers and until when.

The judgement is the rules' own: each step is said on trial to a copy of the complaint (`domain.lifecycle.rule` writes
nothing), as somebody who holds every seat would say it, so that the answer is about the case and not about the reader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from console.case.laws import cited
from console.words import Words
from console.words.times import ZONE
from domain.calendar import add_months
from domain.codes import Role, Stage
from domain.commands import said
from domain.complaint import Complaint
from domain.facts import Refused
from domain.hearing import Book
from domain.lifecycle import check, rule
from domain.policy_tables import Guard
from domain.roles import Asker
from policies.references import LadderStep, Within, ladder

#: from here on the whole ladder is shown; before, what is possible already, folded
STAGES = frozenset({Stage.NEGOTIATING, Stage.MEDIATING, Stage.ARBITRATING, Stage.LITIGATING, Stage.FEEDBACK})
Colour = Literal["green", "amber", "red"]


@dataclass(frozen=True)
class Light:
    """One step of the ladder. last_safe_day: the earliest limitation that runs, where the step keeps it from lapsing.

    proposed: the last day by the time the law leaves, counted from what is on record; LEGAL confirms it.
    """

    code: str
    title: str
    command: str
    colour: Colour
    needs: str
    reason: str
    rule: str
    papers: Sequence[str]
    ends: str
    articles: Sequence[str]
    guards: Sequence[tuple[str, str]]
    last_safe_day: datetime | None
    limited: bool
    proposed: "Proposed | None" = None


@dataclass(frozen=True)
class Proposed:
    """A last day as the law's time would have it. since: what it is counted from; until: the end of that day. Aware.

    A day that ends on a holiday is not moved to the next working day, which is the safe side.
    """

    since: datetime
    until: datetime


def lights(complaint: Complaint, book: Book, now: datetime, words: Words) -> list[Light]:
    """Every step of the ladder in this case, in order; before the talks only those that are possible, if any is."""
    policy = book.policy(complaint.policy_version)
    guards: dict[str, Guard] = {guard.code: guard for guard in policy.table("ladder").guards}
    last = last_safe_day(complaint)
    steps = [step for step in ladder() if step.within is None or _begun(step.within, complaint)]
    found = [_light(step, complaint, book, now, words, guards, last) for step in steps]
    if complaint.stage in STAGES:
        return found
    said = {step.code for step in steps if step.command or step.within}
    possible = [light for light in found if light.colour != "red"]
    return possible if any(light.code in said for light in possible) else []


def last_safe_day(complaint: Complaint) -> datetime | None:
    """The earliest limitation that is not settled; None where LEGAL has set none."""
    return min(
        (d.due for d in complaint.deadlines.values() if d.base == "limitation" and d.unsettled), default=None
    )


def _light(
    step: LadderStep,
    complaint: Complaint,
    book: Book,
    now: datetime,
    words: Words,
    guards: Mapping[str, Guard],
    last: datetime | None,
) -> Light:
    chinese = words.language.startswith("zh")
    proposed = propose(step.within, complaint) if step.within else None
    if step.command:
        colour, needs, refused = _judge(step, complaint, book, now, chinese=chinese)
    else:
        colour, needs, refused = _outside(step, proposed, now, chinese=chinese)
    return Light(
        code=step.code,
        title=step.zh if chinese else step.en,
        command=step.command,
        colour=colour,
        needs=needs,
        reason=words.sentence(refused.reason) if refused else "",
        rule=refused.rule if refused else "",
        papers=step.zh_papers if chinese else step.en_papers,
        ends=step.zh_ends if chinese else step.en_ends,
        articles=[cited(article, words) for article in step.articles],
        guards=[
            (guard.zh if chinese else guard.en, cited(guard.article, words))
            for code in step.guards
            if (guard := guards.get(code))
        ],
        last_safe_day=last if step.limited else None,
        limited=step.limited,
        proposed=proposed,
    )


def propose(within: Within, complaint: Complaint) -> Proposed | None:
    """The last day by the law's time; None where what it is counted from is not on record."""
    since = _begun(within, complaint)
    if since is None:
        return None
    moved = add_months(since, within.months, str(ZONE)).astimezone(ZONE)
    last = moved.date() + timedelta(days=within.days)
    return Proposed(since, datetime.combine(last, time.max, ZONE))


def _begun(within: Within, complaint: Complaint) -> datetime | None:
    """When that happened which the time is counted from, as recorded last."""
    if within.after == "mediated_agreement":
        agreed = complaint.agreement
        return agreed.at if agreed and agreed.kind == "mediated" else None
    if within.after == "award":
        return max(
            (
                one.decided_at
                for one in complaint.proceedings
                if one.kind == "outside_body" and one.decided_at
            ),
            default=None,
        )
    suits = [one for one in complaint.proceedings if one.kind == "suit"]
    if within.after == "final_judgment":
        return max((one.decided_at for one in suits if one.decided_at), default=None)
    return max((one.judged_at for one in suits if one.judged_at and not one.decided_at), default=None)


def _outside(
    step: LadderStep, proposed: Proposed | None, now: datetime, *, chinese: bool
) -> tuple[Colour, str, Refused | None]:
    """A step that no command says is never simply green: it hangs on what the rules do not know."""
    needs = "; ".join(way.zh if chinese else way.en for way in step.ways)
    return ("red" if proposed and now > proposed.until else "amber"), needs, None


def _judge(
    step: LadderStep, complaint: Complaint, book: Book, now: datetime, *, chinese: bool
) -> tuple[Colour, str, Refused | None]:
    """Green as it is, amber with something more at hand, red with the rules' reason."""
    anybody = Asker(id="legal-light", roles=tuple(Role))
    if refused := check(complaint, step.command, anybody, now, book):
        return "red", "", refused
    first = _tried(step, {}, complaint, anybody, book, now)
    if first is None:
        return "green", "", None
    for way in step.ways:
        if _tried(step, way.fields, complaint, anybody, book, now) is None:
            return "amber", way.zh if chinese else way.en, first
    return "red", "", first


def _tried(
    step: LadderStep, more: Mapping[str, Any], complaint: Complaint, anybody: Asker, book: Book, now: datetime
) -> Refused | None:
    command = said(step.command, anybody.id, {**step.fields, **more})
    ruling = rule(complaint, command, anybody, now, book)
    return None if ruling.accepted else Refused(ruling.reason or "", ruling.rule or "")
