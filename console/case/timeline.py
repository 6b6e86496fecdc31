"""The one timeline of a case: customer talk, notes, steps, deadlines and messages, each with author and time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from console.case.sentences import LABELS, sentence
from console.files.taking import FILE_ALONE
from console.words import Words
from domain.lifecycle import TABLE
from domain.roles import CUSTOMER, FEED
from domain.texts import TEXT_ID
from records.views.casefile import CaseFile, FactLine, NoticeEntry, Slice, TurnEntry
from records.views.customer import read_by_customer

#: what can be shown or left out, in the order of the switches
GROUPS = ("talk", "notes", "steps", "deadlines", "notices", "refused")
SHOWN = GROUPS[:-1]
_TALK = frozenset(
    {
        "open",
        "record_response",
        "send_progress",
        "record_feedback",
        "record_silence",
        "record_follow_up",
        "record_visit_attempt",
        "add_to_intake",
        "change_contact",
        "record_praise",
        "make_promise",
        "extend_promise",
        "keep_promise",
    }
)
_NOTES = frozenset(
    {
        "add_note",
        "correct",
        "record_reflection",
        "escalate",
        "request_help",
        "give_help",
        "request_opinion",
        "give_opinion",
        "request_contribution",
        "give_contribution",
    }
)
_CALENDAR, _OUTBOX = "deadline_passed", ("notice_failed", "notice_delivered")
_STEPS = frozenset(TABLE) - _TALK - _NOTES - {_CALENDAR, *_OUTBOX} | {"set_aside"}
_KINDS: Mapping[str, frozenset[str]] = {
    "talk": _TALK,
    "notes": _NOTES,
    "steps": _STEPS,
    "deadlines": frozenset({_CALENDAR}),
    "notices": frozenset(_OUTBOX),
    "refused": frozenset(),
}
#: a message that left this soon after its turn stands beside the turn, whatever was said meanwhile
_BESIDE = timedelta(minutes=1)
#: facts that say nothing of their own beside the others of their turn
_SILENT = frozenset({"ended", "reply_awaited", "reply_received"})


@dataclass(frozen=True)
class Quote:
    """Words somebody wrote, or the name of a file (its id in `file`); `text` is None where they were erased.

    released: the customer reads them, too.
    """

    label: str
    text: str | None
    file: str = ""
    released: bool = False


@dataclass(frozen=True)
class Line:
    """One thing that happened in a turn. released: the customer sees it, though not all its quotes (LIF-04)."""

    text: str
    released: bool
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True)
class Told:
    """What became of a message for one person. outcome: accepted, refused, lost, or the state it is in.

    key: of the message, to: the person's user id; both empty where nothing was handed over.
    """

    person: str
    way: str
    outcome: str
    instead_of: str = ""
    key: str = ""
    to: str = ""


@dataclass(frozen=True)
class Entry:
    """One entry of the timeline: a turn, or the messages of one kind that went out together."""

    group: str
    at: datetime
    turn: int
    author: str
    lines: tuple[Line, ...]
    standing_in: str = ""
    happened_at: datetime | None = None
    late: bool = False
    refusal: str = ""
    rule: str = ""
    corrected_by: Sequence[int] = ()
    corrects: int | None = None
    told: tuple[Told, ...] = field(default=())
    failed: bool = False


def wanted(shown: Sequence[str], edge: int | None, *, oldest_first: bool, size: int) -> Slice:
    """The part of the timeline these switches ask for."""
    chosen = [group for group in GROUPS if group in shown] or list(SHOWN)
    everything = set(SHOWN) <= set(chosen)
    kinds = None if everything else sorted({kind for group in chosen for kind in _KINDS[group]})
    return Slice(
        edge=edge,
        oldest_first=oldest_first,
        kinds=kinds,
        deadlines="deadlines" in chosen,
        refused="refused" in chosen,
        notices="notices" in chosen,
        size=size,
    )


def group_of(kind: str) -> str:
    """The switch a command belongs to; new ones are steps."""
    return next((group for group, kinds in _KINDS.items() if kind in kinds), "steps")


class Teller:
    """Puts a case file into words. texts: text id → words, None for erased ones."""

    def __init__(self, words: Words, file: CaseFile, texts: Mapping[str, str | None]) -> None:
        self._words, self._file, self._texts = words, file, texts

    def person(self, user_id: str) -> str:
        """A person by name; the customer, the calendar and systems by what they are."""
        if user_id == CUSTOMER:
            return self._words.gettext("the customer")
        if user_id == "feed:calendar":
            return self._words.gettext("the system (a date came)")
        if user_id == "feed:outbox":
            return self._words.gettext("message delivery")
        if user_id.startswith(FEED):
            return self._words.gettext("system %(name)s") % {"name": user_id.removeprefix(FEED)}
        return self._file.names.get(user_id, user_id)

    def entries(self, *, oldest_first: bool) -> list[Entry]:
        """The shown part of the timeline, in the order asked for."""
        turns = [entry for turn in self._file.turns if (entry := self._turn(turn))]
        heard = {entry.turn: entry.at for entry in turns}
        placed = [((entry.at, entry.turn, 0), entry) for entry in turns]
        for notice in self._notices():
            at = heard.get(notice.turn, notice.at)
            beside = notice.at - at < _BESIDE
            placed.append(((at if beside else notice.at, notice.turn, 1), notice))
        placed.sort(key=itemgetter(0), reverse=not oldest_first)
        return [entry for _, entry in placed]

    def _turn(self, turn: TurnEntry) -> Entry | None:
        lines = tuple(self._lines(turn))
        if not lines and turn.accepted:
            lines = (Line(self._words.name("command", turn.kind), released=False),)
        happened = turn.command.get("happened_at")
        happened_at = datetime.fromisoformat(happened) if isinstance(happened, str) else None
        stands = sorted(set((turn.standing_in or {}).values()))
        return Entry(
            group=group_of(turn.kind),
            at=turn.heard_at,
            turn=turn.turn,
            author=self.person(turn.said_by),
            standing_in=", ".join(self.person(absent) for absent in stands),
            lines=lines,
            happened_at=happened_at,
            late=happened_at is not None,
            refusal="" if turn.accepted else self._refusal(turn),
            rule=turn.rule or "",
            corrected_by=self._file.corrections.get(turn.turn, ()),
            corrects=turn.command.get("turn") if turn.kind == "correct" and turn.accepted else None,
        )

    def _refusal(self, turn: TurnEntry) -> str:
        """What was refused, and why."""
        return f"{self._words.name('command', turn.kind)}: {self._words.sentence(turn.reason or '')}"

    def _lines(self, turn: TurnEntry) -> Iterator[Line]:
        told: set[str] = set()
        facts = [fact for fact in turn.facts if fact.kind not in _SILENT]
        facts.sort(key=lambda fact: fact.kind == "entered")  # what was done, before where that led
        read = [
            read_by_customer(fact.kind, fact.data, released=fact.released, said_by=turn.said_by)
            for fact in facts
        ]
        seen = {text_id for ids in read if ids for text_id in ids}
        for place, fact in enumerate(facts):
            quotes = list(self._quotes(fact.data, told, seen))
            if place == 0 and turn.kind != "open" and turn.accepted:
                quotes += self._quotes(turn.command, told, seen)
            if turn.kind == "open" and fact.kind == "received":
                quotes += self._opening()
            text = sentence(self._words, fact.kind, fact.subject, fact.data, self.person)
            yield Line(text + self._more(fact), read[place] is not None, tuple(quotes))

    def _more(self, fact: FactLine) -> str:
        """What some facts say beside their sentence."""
        if fact.kind == "deadline_passed":
            level = fact.data.get("level", 0)
            more = self._words.gettext(", told level %(level)s") % {"level": level + 1} if level else ""
            if late := fact.data.get("late_by", 0):
                more += self._words.gettext(", noticed %(seconds)s s late") % {"seconds": late}
            return more
        if fact.kind in ("solution_proposed", "round_recorded") and fact.data.get("compensation"):
            return f" · {self._words.money(str(fact.data['compensation']))}"
        if fact.kind in ("feedback_received", "follow_up_recorded") and "score" in fact.data:
            return " · %s" % (self._words.gettext("score %(score)s") % {"score": fact.data["score"]})
        return ""

    def _opening(self) -> Iterator[Quote]:
        for kind, label in (("text", ""), ("desired", self._words.gettext("Outcome wanted"))):
            if text_id := self._file.words.get(kind):
                yield Quote(label, self._texts.get(text_id), released=kind == "text")

    def _quotes(
        self, data: Any, told: set[str], seen: Collection[str] = (), label: str = ""
    ) -> Iterator[Quote]:
        """The words in what was said, each once. seen: the ids of those that the customer reads."""
        match data:
            case str() if TEXT_ID.match(data) and data not in told:
                told.add(data)
                if data in self._texts and self._texts[data] != FILE_ALONE:
                    yield Quote(label, self._texts[data], released=data in seen)
            case str() if data in self._file.papers and data not in told:
                told.add(data)
                yield Quote("", self._texts.get(self._file.papers[data]), data)
            case Mapping():
                for key, value in data.items():
                    inner = "" if key == "text" else LABELS.get(key, "")
                    yield from self._quotes(value, told, seen, self._words.gettext(inner) if inner else label)
            case list():
                for value in data:
                    yield from self._quotes(value, told, seen, label)

    def _notices(self) -> Iterator[Entry]:
        """Messages of one kind from one turn that went out within the same minute are one entry."""

        def together(notice: NoticeEntry) -> tuple[datetime, int, str, str | None]:
            return notice.at.replace(second=0, microsecond=0), notice.turn, notice.template, notice.deadline

        for (_, turn, template, deadline), some in groupby(sorted(self._file.notices, key=_order), together):
            notices = list(some)
            what = self._words.name("template", template)
            name = (deadline or "").partition(":")[2] or notices[0].params.get("name")
            text = f"{what}{self._words.gettext(': ')}{self._words.deadline(name)}" if name else what
            yield Entry(
                group="notices",
                at=notices[0].at,
                turn=turn,
                author=self._words.gettext("message delivery"),
                lines=(Line(text, released=any(notice.receiver == "CUSTOMER" for notice in notices)),),
                told=tuple(told for notice in notices for told in self._told(notice)),
                failed=any(notice.state == "failed" for notice in notices),
            )

    def _told(self, notice: NoticeEntry) -> Iterator[Told]:
        for delivery in notice.deliveries:
            absent = self.person(delivery.instead_of) if delivery.instead_of else ""
            name = self.person(delivery.person)
            yield Told(name, delivery.way, delivery.outcome, absent, notice.key, delivery.person)
        if not notice.deliveries:
            receiver = notice.receiver.removeprefix("person:")
            person = (
                self.person(receiver) if receiver != notice.receiver else self._words.name("role", receiver)
            )
            yield Told(person, "", notice.state)


def _order(notice: NoticeEntry) -> tuple[datetime, int, str, str]:
    return notice.at.replace(second=0, microsecond=0), notice.turn, notice.template, notice.deadline or ""
