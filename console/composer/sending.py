"""Saying what the composer holds, and what goes with it; foreseen together, so that nothing is said by halves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from console.desk import Desk
from console.forms.foresee import Foreseen, foresee
from console.reading import Case
from console.saying import say
from console.who import Who
from console.words import N_, Words
from domain.codes import Channel
from domain.commands import BadCommand
from domain.turns import Decision
from records import drafts as kept
from records.db import RecordsUnreachable
from starter.complaints import NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable

#: the way of writing by which Redress itself sends a message; every other way is a channel a person used
SEND = "send"
WAYS = (
    SEND,
    Channel.TELEPHONE,
    Channel.WECHAT,
    Channel.IN_PERSON,
    Channel.EMAIL,
    Channel.ONLINE_CHAT,
    Channel.POST,
)
_NO_DATE = N_("The day to wait until is no date.")
_NOTHING_SAID = N_("Nothing was said, because the case could not be put on hold afterwards: %s")
_HALF = N_(
    "Your words are on record (turn %(turn)s); do not send them again. The case was not put on hold: %(why)s"
)
_PERHAPS = N_(
    "Your words are on record (turn %(turn)s); do not send them again. "
    "Whether the case was put on hold is not known yet: %(why)s"
)


@dataclass(frozen=True)
class Written:
    """What the composer holds. mode: public or internal; texts by mode; until: the day the customer is waited for."""

    mode: kept.Mode = "internal"
    texts: Mapping[str, str] = field(default_factory=dict)
    way: str = SEND
    effective: bool = False
    released: bool = False
    until: str = ""
    key: str = ""
    turn: int = 0

    @property
    def text(self) -> str:
        """The words of the chosen mode."""
        return self.texts.get(self.mode, "").strip()


@dataclass(frozen=True)
class Trouble:
    """Why nothing, or not all, was said.

    came: what was accepted meanwhile, turn: where the case stands since. done: the first of two commands was said.
    unsure: nobody can tell yet whether it was heard; the same form may be sent again.
    """

    status: int
    sentence: str
    rule: str | None = None
    came: tuple[kept.Since, ...] = ()
    turn: int | None = None
    done: bool = False
    unsure: bool = False


async def send_written(desk: Desk, who: Who, case: Case, written: Written) -> Trouble | None:
    """Say it, and what goes with it; None when all was said."""
    words = desk.pages.words(who.language)
    if not written.text:
        return Trouble(422, words.gettext("Write something first."))
    kind, fields = command_for(written)
    public = written.mode == "public"
    waiting = waiting_of(written, case, words) if public else None
    if isinstance(waiting, Trouble):
        return waiting
    fresh = written.turn == case.complaint.turn  # else it may have been said already
    if waiting and fresh and (refused := _foreseen(desk, case, kind, fields, waiting, words)):
        return refused
    try:
        if_turn = written.turn if public else None
        key = f"write-{written.key}"
        decision = await say(desk, who, case.number, kind, fields, key=key, if_turn=if_turn)
        if not decision.accepted:
            return await _refused(desk, who, case, written, decision, words)
    except (BadCommand, NotUnderstood) as bad:
        return Trouble(422, words.sentence(str(bad)))
    except OurFault as fault:
        return Trouble(503, words.sentence(str(fault)))
    except (TryAgain, TemporalUnreachable, RecordsUnreachable) as away:
        return Trouble(503, words.sentence(str(away)), unsure=True)
    return await _wait(desk, who, case, written, decision.turn, waiting, words) if waiting else None


def command_of(way: str) -> str:
    """The command that tells the customer something in this way."""
    return "send_progress" if way == SEND else "record_response"


def command_for(written: Written) -> tuple[str, dict[str, Any]]:
    """The command that comes of the way of writing."""
    if written.mode == "internal":
        return "add_note", {"text": written.text}
    fields: dict[str, Any] = {"text": written.text}
    if written.released:
        fields["released_by"] = "LEGAL"
    if written.way != SEND:
        fields |= {"channel": written.way, "effective": written.effective}
    return command_of(written.way), fields


def waiting_of(written: Written, case: Case, words: Words) -> dict[str, Any] | Trouble | None:
    """The fields of the hold until 18:00 of the written day in the company's zone; None where no day is written."""
    if not written.until:
        return None
    try:
        moment = datetime.combine(datetime.fromisoformat(written.until).date(), time(18))
    except ValueError:
        return Trouble(422, words.gettext(_NO_DATE))
    zone = ZoneInfo(case.book.calendar(case.complaint.calendar_version).zone)
    return {
        "reason": words.gettext("Waiting for the customer's answer."),
        "waiting_for": "customer",
        "until": moment.replace(tzinfo=zone).isoformat(),
    }


def _foreseen(
    desk: Desk, case: Case, kind: str, fields: Mapping[str, Any], waiting: Mapping[str, Any], words: Words
) -> Trouble | None:
    """Why the hold would be refused after the word to the customer; None where it would not, or where the word itself
    would be, which is then said and answered."""
    now = desk.now()
    first = foresee(case, kind, fields, now)
    if first.after is None:
        return None
    hold = foresee(case, "hold", waiting, now, after=first.after)
    if hold == Foreseen():  # a day that is none of our calendar, such as one of the year 1
        return Trouble(422, words.gettext(_NO_DATE))
    if hold.refused is None:
        return None
    told = words.gettext(_NOTHING_SAID) % words.sentence(hold.refused.reason)
    return Trouble(409, told, hold.refused.rule)


async def _refused(
    desk: Desk, who: Who, case: Case, written: Written, decision: Decision, words: Words
) -> Trouble:
    sentence = words.sentence(decision.reason or "")
    if decision.rule != "turn":
        return Trouble(409, sentence, decision.rule)
    async with desk.office.pool.acquire() as connection:
        came = await kept.turns_since(connection, case.number, written.turn)
    news = tuple(one for one in came if one.accepted)
    told = (
        words.gettext("You said more meanwhile, in another window. Look at it, then send this again.")
        if news and all(one.said_by == who.id for one in news)
        else words.gettext("Somebody else was quicker. Look at what came, then send it again.")
    )
    return Trouble(409, told, None, news, decision.turn)


async def _wait(
    desk: Desk,
    who: Who,
    case: Case,
    written: Written,
    turn: int,
    waiting: Mapping[str, Any],
    words: Words,
) -> Trouble | None:
    """Hold the case for the customer, after the word to them was said at a turn: whatever comes now, that stands."""

    def half(sentence: str, why: str) -> str:
        return words.gettext(sentence) % {"turn": turn, "why": words.sentence(why)}

    try:
        decision = await say(desk, who, case.number, "hold", waiting, key=f"wait-{written.key}")
    except (BadCommand, NotUnderstood, OurFault) as bad:
        return Trouble(409, half(_HALF, str(bad)), done=True)
    except (TryAgain, TemporalUnreachable, RecordsUnreachable) as away:
        return Trouble(503, half(_PERHAPS, str(away)), done=True, unsure=True)
    if decision.accepted:
        return None
    return Trouble(409, half(_HALF, decision.reason or ""), decision.rule, done=True)
