"""`redress demo`: cases played on a real Temporal server and PostgreSQL, their weeks and years skipped through.

Each case lives in the rehearsal namespace under a `clock_offset` that makes its business time begin at its own
receipt. Before every step the complaint's time is moved on to shortly before the step's instant, so that the step
is said like any command of a person; the deadlines in between are passed by the workflow's own timers.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from domain.codes import ENDED
from domain.commands import BadCommand, Said
from domain.facts import Refused
from domain.policy import OverrideError
from domain.roles import department_of
from domain.turns import Decision
from policies import current_policy_version
from records.office import Office
from records.opening import Incoming, OtherContent
from records.organisation import Person, people, put_person
from starter.cases.comparing import assess
from starter.cases.playing import in_order, of_another
from starter.cases.reading import CasesFile, Unreadable
from starter.cases.report import CaseReport, RefusedStep, turned_away
from starter.cases.script import Script, script_of
from starter.cases.shape import Case
from starter.complaints import FrontDoor, NotUnderstood, TryAgain
from starter.connection import TemporalUnreachable
from starter.submission import NotAccepted, Submission, read_submission
from workflows import names

#: A step is said this long before its instant, at most: the rehearsal's clock shows whole minutes (`Start.heard`),
#: so it is heard at its instant, and a timer that rings at that instant comes after it, as it must.
AHEAD = timedelta(seconds=20)
#: How long a skip may take, however many deadlines it passes, and how long an ended complaint may take to rest.
PATIENCE = timedelta(seconds=120)
#: How many timers may ring in one skip; the server would stop at 200.
SKIPS = 10_000
#: How often a step is said before a server is taken to be away.
TRIES = 3

#: Told the case's id, how many of its steps have been said, and how many there are.
Progress = Callable[[str, int, int], None]


class Stuck(Exception):
    """A complaint did not move on in time; the message names it."""


async def play_live(
    file: CasesFile,
    *,
    client: Client,
    office: Office,
    now: datetime,
    parallel: int,
    progress: Progress = lambda case, said, steps: None,
) -> list[CaseReport]:
    """The reports of all cases of a file, in its order, of lives led on the server the client is connected to.

    client: of the rehearsal namespace, on a server that may skip time, with workers on its queues. now: aware, the
    real clock, by which receipts are judged. parallel: lives led at a time. Raises ClockRefused for another
    namespace, Stuck, and what `FrontDoor` raises for servers that are away.
    """
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False, max_session_skip_count=SKIPS))
    playhouse = _Playhouse(file, skipper, office, now, asyncio.Semaphore(parallel), progress)
    await _enter_speakers(file, office)
    lives: dict[int, asyncio.Task[CaseReport]] = {}
    try:
        async with asyncio.TaskGroup() as group:
            for place in in_order(file):
                lives[place] = group.create_task(playhouse.take(place))
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    return [lives[place].result() for place in range(len(file.items))]


async def _enter_speakers(file: CasesFile, office: Office) -> None:
    """Enter into the directory whoever speaks in the cases and is not known: `LEGAL/7` is a person like `LEGAL`."""
    speakers = {sayer.id: sayer.role for case in file.cases for sayer in script_of(case).people}
    async with office.pool.acquire() as connection:
        known = {person.user_id for person in await people(connection)}
        for user_id, role in speakers.items():
            if user_id not in known and role is not None:
                await put_person(connection, Person(user_id, user_id, (role,), department_of(role)))


@dataclass
class _Life:
    """A complaint that got in: by which case, for how long it is played, and whether it has been played out."""

    case: str
    ends_at: datetime
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class _Playhouse:
    """The company for the length of one file."""

    file: CasesFile
    skipper: TimeSkipper
    office: Office
    now: datetime
    room: asyncio.Semaphore
    progress: Progress
    numbers: dict[str, str] = field(default_factory=dict)
    lives: dict[str, _Life] = field(default_factory=dict)

    def __post_init__(self) -> None:
        order = in_order(self.file)
        self.turns = {place: asyncio.Event() for place in order}
        self.before = dict(zip(order[1:], order, strict=False))

    async def take(self, place: int) -> CaseReport:
        """Open a case when all before it are open, play it to its last step, and report."""
        item = self.file.items[place]
        async with self.room:
            try:
                if place in self.before:
                    await self.turns[self.before[place]].wait()
                if isinstance(item, Unreadable):
                    return turned_away(item, "; ".join(map(str, item.faults)))
                script = script_of(item)
                try:
                    player, created = await self.open(item, script)
                except (NotAccepted, OverrideError, Refused, OtherContent) as refusal:
                    return turned_away(item, str(refusal))
            finally:
                self.turns[place].set()
            life = self.lives[player.number]
            if created:
                refused = await player.play(script, self.numbers)
                life.over.set()
            else:
                await life.over.wait()
                refused = of_another(life.case, script)
            return assess(item, await self.office.ledger.complaint(player.number), life.ends_at, refused)

    async def open(self, case: Case, script: Script) -> tuple["_Player", bool]:
        """Hand the case in at its receipt. Returns who plays it, and whether it is a complaint of its own."""
        submission = read_submission({**case.submission, "received_at": case.received_at}, self.now)
        player = _Player(case.id, self.skipper, self.office, self.progress)
        door = player.door_at(submission.received_at)
        opened = await door.open(_incoming(case, submission), script.opened_by.id)
        player.number, player.door = opened.number, door
        self.numbers[case.id] = opened.number
        if opened.created:
            self.lives[opened.number] = _Life(case.id, script.ends_at)
        return player, opened.created


@dataclass
class _Player:
    """Plays one complaint: moves its time on and says what its script says."""

    case: str
    skipper: TimeSkipper
    office: Office
    progress: Progress
    number: str = ""

    def __post_init__(self) -> None:
        self.door = FrontDoor(self.skipper.client, self.office)

    @property
    def handle(self) -> WorkflowHandle[object, object]:
        """The complaint's workflow, whichever chapter it is in."""
        return self.skipper.client.get_workflow_handle(names.workflow_id(self.number))

    def door_at(self, instant: datetime) -> FrontDoor:
        """A front door at which what is said now is heard at this instant of business time."""
        offset = datetime.now(UTC) - (instant - AHEAD)
        return FrontDoor(self.skipper.client, self.office, offset.total_seconds())

    async def play(self, script: Script, numbers: dict[str, str]) -> list[RefusedStep]:
        """Say every line of the script at its instant. Returns the steps that were refused."""
        refused = []
        for said, line in enumerate(script.lines):
            self.progress(self.case, said, len(script.lines))
            await self.reach(line.at - AHEAD)
            try:
                decision = await self.say(line.command(numbers), f"step-{line.number}")
            except (BadCommand, NotUnderstood) as bad:
                refused.append(RefusedStep(step=line.number, action=line.action, reason=str(bad)))
                continue
            if not decision.accepted:
                reason = decision.reason or "refused"
                refused.append(
                    RefusedStep(step=line.number, action=line.action, reason=reason, rule=decision.rule)
                )
            if decision.stage in ENDED:
                await self.rest()
        self.progress(self.case, len(script.lines), len(script.lines))
        return refused

    async def say(self, command: Said, key: str) -> Decision:
        """Say a command under its key, again where no answer came: it is ruled on once. Raises as the last try does."""
        for _ in range(TRIES - 1):
            with suppress(TryAgain, TemporalUnreachable):
                return await self.door.submit(self.number, command, key)
        return await self.door.submit(self.number, command, key)

    async def reach(self, instant: datetime) -> None:
        """Move the complaint's time on to this instant of business time, unless it is later already.

        An ended complaint has no time of its own: what is said to it begins a new chapter, at that instant.
        """
        description = await self.handle.describe()
        while description.status is WorkflowExecutionStatus.RUNNING:
            info = description.raw_description.workflow_extended_info.time_skipping_info
            real = info.current_time.ToDatetime(UTC) if info.HasField("current_time") else datetime.now(UTC)
            ahead = instant - (real - timedelta(seconds=self.door.clock_offset))
            if ahead <= timedelta() or await self.skip(ahead):
                return
            description = await self.handle.describe()
        self.door = self.door_at(instant + AHEAD)

    async def skip(self, span: timedelta) -> bool:
        """Skip this much of the workflow's time; False when it ended meanwhile. Raises Stuck."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await self.skipper.fast_forward(self.handle, span)
        except TimeoutError:
            raise Stuck(f"Complaint {self.number} ({self.case}) does not move on by {span}.") from None
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise

    async def rest(self) -> None:
        """Wait until the workflow of an ended complaint has completed. Raises Stuck."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self.handle.result()
        except TimeoutError:
            raise Stuck(
                f"Complaint {self.number} ({self.case}) has ended and does not come to rest."
            ) from None


def _incoming(case: Case, submission: Submission) -> Incoming:
    """A submission as the records take it in, with what the case overrides."""
    customer = submission.customer
    return Incoming(
        channel=submission.channel,
        received_at=submission.received_at,
        line=submission.line,
        name=customer.name,
        contact=customer.contact,
        preferred=customer.preferred,
        language=customer.language or "zh-CN",
        text=submission.text,
        desired=submission.desired,
        project=submission.place.project,
        unit=submission.place.unit,
        external_id=submission.external_id,
        policy_version=current_policy_version(),
        policy_overrides=case.policy,
        calendar_overrides=case.calendar,
    )
