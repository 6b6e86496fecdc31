"""A form becomes a complaint: opened, registered, and told what else was written down, one step after the other.

Every step goes under a key of the form, so that sending it again finishes what was left undone and does nothing twice.
What could not be done is told, never hidden.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.desk import Desk
from console.files.taking import EvidenceRefused, book_of, say_evidence
from console.intake.form import LONGEST, IntakeForm
from console.reading import NotThere, read_case
from console.saying import say
from console.who import Who
from console.words import Words
from domain.commands import BadCommand
from domain.facts import Refused
from domain.turns import Decision
from records.db import RecordsUnreachable
from records.files import TooManyFiles
from records.intake import IntakeDrafts, request_key
from records.opening import OtherContent
from starter.complaints import NotStarted, NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable
from starter.submission import Submission

log = logging.getLogger(__name__)

_AWAY = (TryAgain, TemporalUnreachable, RecordsUnreachable)


@dataclass(frozen=True)
class Step:
    """One thing that was to be done. what: register, answers, explained, file or start. reason: why it was not."""

    what: str
    done: bool
    reason: str = ""


@dataclass
class Outcome:
    """What came of a form. number: the complaint; created: False where it was there already.

    handed_on: the rest is for customer service, because whoever opened it has no seat and cannot read it from here on.
    """

    number: str
    created: bool
    handed_on: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether everything was done."""
        return all(step.done for step in self.steps)


class NotOpened(Exception):
    """Nothing was opened. `sentence` says why in the reader's language; `number`: the complaint this form made before."""

    def __init__(self, sentence: str, number: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.number = sentence, number


async def send(desk: Desk, who: Who, form: IntakeForm, submission: Submission) -> Outcome:
    """Open the complaint, and do what else the form says. Raises NotOpened, RecordsUnreachable with nothing opened."""
    words = desk.pages.words(who.language)
    started = True
    if not who.asker.employed:
        submission = _with_answers(submission, form, words)
    try:
        opened = await desk.door.open(submission.incoming(request_key(form.key)), who.id)
        outcome = Outcome(opened.number, opened.created)
    except NotStarted as late:
        outcome, started = Outcome(late.number, late.created), False
    except OtherContent as other:
        await _require_theirs(desk, who, other.number, words)
        raise NotOpened(
            words.gettext("This form was sent before with other content and became complaint %(number)s.")
            % {"number": other.number},
            other.number,
        ) from other
    except Refused as refused:
        raise NotOpened(words.sentence(refused.reason)) from refused
    if not outcome.created:
        await _require_theirs(desk, who, outcome.number, words)
    if not started:
        reason = words.gettext(
            "The complaint is on record, but its deadlines do not run yet; send the form again in a moment."
        )
        outcome.steps.append(Step("start", done=False, reason=reason))
        return outcome
    await (_the_rest if who.asker.employed else _hand_on)(desk, who, form, words, outcome)
    return outcome


async def _require_theirs(desk: Desk, who: Who, number: str, words: Words) -> None:
    """A complaint that was there is told of, and added to, only where it is this person's to read: its external id may
    be known to others. Raises NotOpened without its number."""
    try:
        await read_case(desk, who, number)
    except NotThere:
        raise NotOpened(
            words.gettext("This came in before, as a complaint that is with others; nothing was opened.")
        ) from None


async def add_to(desk: Desk, who: Who, form: IntakeForm, number: str) -> Outcome:
    """Add what was typed to a complaint there is, in place of a new one (INT-08, INT-12).

    Raises NotThere for one that is not this person's to read, NotOpened where nothing was typed.
    """
    words = desk.pages.words(who.language)
    await read_case(desk, who, number)
    lines = [form["text"], *_labelled([("desired", form["desired"])] if form["desired"] else [], words)]
    told = "\n".join([*lines, *_labelled(form.answers, words)]).strip()
    if not told:
        raise NotOpened(words.gettext("Write down what is new first."))
    _require_short(told, words)
    outcome = Outcome(number, created=False)
    teller = _Teller(desk, who, form, words, outcome)
    await teller.say("answers", "add_to_intake", {"text": told}, f"added-{number}")
    if "explained" in form.ticked:
        await teller.explain()
    await teller.take_files()
    if outcome.whole:
        await _drafts(desk).drop(who.id, form.key)
    return outcome


def _require_short(told: str, words: Words) -> None:
    if len(told) > LONGEST:
        sentence = words.gettext(
            "All of it together is %(given)s characters long; at most %(most)s are taken. Shorten it, or add it in two steps."
        )
        raise NotOpened(sentence % {"given": len(told), "most": LONGEST})


def _with_answers(submission: Submission, form: IntakeForm, words: Words) -> Submission:
    """The same with the answers in its text. Raises NotOpened where that gets too long."""
    told = "\n".join([submission.text, *_labelled(form.answers, words)])
    _require_short(told, words)
    return submission.model_copy(update={"text": told})


async def _hand_on(desk: Desk, who: Who, form: IntakeForm, words: Words, outcome: Outcome) -> None:
    """What is left to others: any employee may take a complaint in, and only who has a seat can go on with it."""
    outcome.handed_on = True
    sentence = words.gettext("Customer service does it: you have no seat of your own.")
    outcome.steps.append(Step("register", done=False, reason=sentence))
    owner = await _drafts(desk).known_owner(who.id, form.key)
    if owner and await book_of(desk).of(owner):
        sentence = words.gettext("Give it to customer service and name the number of the complaint.")
        outcome.steps.append(Step("file", done=False, reason=sentence))
    await _drafts(desk).drop(who.id, form.key)


async def _the_rest(desk: Desk, who: Who, form: IntakeForm, words: Words, outcome: Outcome) -> None:
    teller = _Teller(desk, who, form, words, outcome)
    if "register" in form.ticked and not await _is_registered(desk, outcome):
        await teller.say("register", "register", {})
    if form.answers:
        told = "\n".join(_labelled(form.answers, words))
        await teller.say("answers", "add_to_intake", {"text": told})
    if "explained" in form.ticked:
        await teller.explain()
    await teller.take_files()
    if outcome.whole:
        await _drafts(desk).drop(who.id, form.key)


async def _is_registered(desk: Desk, outcome: Outcome) -> bool:
    """Whether the complaint was there before this form and is registered already."""
    if outcome.created:
        return False
    return (await desk.office.ledger.complaint(outcome.number)).registered_at is not None


@dataclass
class _Teller:
    """Says one step after the other to a complaint, and notes what became of each."""

    desk: Desk
    who: Who
    form: IntakeForm
    words: Words
    outcome: Outcome

    async def say(self, what: str, kind: str, fields: Mapping[str, Any], key: str | None = None) -> None:
        """Say a command under the form's own key for it."""
        number = self.outcome.number

        async def saying() -> Decision:
            return await say(
                self.desk, self.who, number, kind, fields, key=f"intake-{self.form.key}-{key or what}"
            )

        decision = await self._tried(what, saying)
        if decision is None:
            return
        reason = "" if decision.accepted else self.words.sentence(decision.reason or "")
        self.outcome.steps.append(Step(what, decision.accepted, reason))

    async def explain(self) -> None:
        """The customer was told what comes next: a note of the record, not for the customer (INT-09)."""
        note = self.words.gettext("The next step was explained to the customer at intake.")
        await self.say("explained", "add_note", {"text": note})

    async def take_files(self) -> None:
        """The form's files become the complaint's, and evidence of it (INT-13)."""
        book = book_of(self.desk)
        owner = await _drafts(self.desk).known_owner(self.who.id, self.form.key)
        staged = await book.of(owner) if owner else []
        try:
            files = await book.move(staged, self.outcome.number, self.who.id) if staged else []
        except TooManyFiles as many:
            self.outcome.steps.append(Step("file", done=False, reason=self.words.sentence(str(many))))
            return
        waiting = [file for file in await book.of(self.outcome.number) if file.turn is None]
        for file in waiting:

            async def saying(file: Any = file) -> Any:
                return await say_evidence(self.desk, self.who, self.outcome.number, file)

            if await self._tried("file", saying) is not None:
                self.outcome.steps.append(Step("file", done=True))
        if files and not waiting:
            self.outcome.steps.append(Step("file", done=True))

    async def _tried(self, what: str, saying: Callable[[], Awaitable[Any]]) -> Any:
        """The answer, or None where there was none: then the step is noted as not done."""
        try:
            return await saying()
        except EvidenceRefused as refused:
            reason = self.words.sentence(refused.reason)
        except (BadCommand, NotUnderstood) as bad:
            reason = self.words.sentence(str(bad))
        except NotThere:
            reason = self.words.gettext("The complaint is no longer yours to read.")
        except OurFault:
            reason = self.words.gettext(
                "An error of ours kept it from being done. Nothing has changed; it can be tried again."
            )
        except _AWAY as away:
            log.warning("a step of an intake was not done: %s", type(away).__name__)
            reason = self.words.gettext(
                "No answer came in time; send the form again in a moment, nothing is done twice."
            )
        self.outcome.steps.append(Step(what, done=False, reason=reason))
        return None


def _labelled(answers: list[tuple[str, str]], words: Words) -> list[str]:
    return [f"{label(name, words)}: {told}" for name, told in answers]


def label(name: str, words: Words) -> str:
    """What a field of the form is called."""
    labels = {
        "desired": words.gettext("Outcome wanted"),
        "event": words.gettext("When and where it happened"),
        "people": words.gettext("People involved"),
        "purpose": words.gettext("Purpose of the visit or call"),
        "questions": words.gettext("Questions the customer asked"),
    }
    return labels[name]


def _drafts(desk: Desk) -> IntakeDrafts:
    return IntakeDrafts(desk.office.pool, desk.office.texts)
