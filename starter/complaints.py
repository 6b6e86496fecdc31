"""The front door: everybody who opens a complaint or says something to one does it here, by one typed client.

Words go to the records first, encrypted; what travels to Temporal carries their ids. A command is sent as an update
with start, so it reaches a closed or lost complaint too; the same key with the same words gets its first answer.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

from temporalio.client import (
    Client,
    RPCError,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCStatusCode

from domain.commands import Said, dump
from domain.texts import texts_in, with_ids
from domain.turns import Decision, Start
from records.ledger import command_id
from records.office import Office
from records.opening import Incoming, Opened
from starter.connection import TemporalUnreachable
from workflows import names
from workflows.complaint import Complaint

#: how long a person waits for an answer before being told to ask again under the same key
PATIENCE = timedelta(seconds=60)
#: how many commands one process has under way for one complaint; the server takes ten from everybody together
AT_ONCE = 8
NO_ANSWER = "No answer came in time; say it again under the same key."


class NotUnderstood(Exception):
    """A command that the conversation cannot read; one sentence naming the field."""


class TryAgain(Exception):
    """No answer came in time. The same command under the same key may be said again: it is ruled on once."""


class OurFault(Exception):
    """The conversation could not take the command in because of an error of ours; nothing is on record."""


class NotStarted(TemporalUnreachable):
    """A complaint stands in the records, and Temporal could not be told; `reconcile` or a second opening starts it.

    created: False where it stood there before.
    """

    def __init__(self, number: str, *, created: bool = True) -> None:
        super().__init__(
            f"Complaint {number} is on record, but Temporal cannot be reached; open it again, or it starts overnight."
        )
        self.number, self.created = number, created


class ClockRefused(ValueError):
    """A clock offset outside the rehearsal namespace."""


@dataclass(frozen=True)
class FrontDoor:
    """The typed client. clock_offset: seconds by which real time runs ahead of business time.

    Raises ClockRefused for an offset in any namespace but `rehearsal`.
    """

    client: Client
    office: Office
    clock_offset: float = 0.0
    _lines: WeakValueDictionary[str, asyncio.Semaphore] = field(
        default_factory=WeakValueDictionary, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if self.clock_offset and self.client.namespace != names.REHEARSAL:
            raise ClockRefused(names.NO_OFFSET)

    def now(self) -> datetime:
        """When what is said now is heard: business time, UTC."""
        return Start(number="", clock_offset=self.clock_offset).heard_at(datetime.now(UTC))

    async def open(self, incoming: Incoming, by: str) -> Opened:
        """Open a complaint: its number and opening stand in the records, then its workflow is started.

        Raises records.opening.OtherContent, domain.facts.Refused, and NotStarted where only the second half failed:
        the complaint is on record then, and `reconcile` starts it.
        """
        opened = await self.office.ledger.open_complaint(
            incoming, by, self.now(), timedelta(seconds=self.clock_offset)
        )
        try:
            await self.start(opened.number)
        except (RPCError, TemporalUnreachable) as error:
            raise NotStarted(opened.number, created=opened.created) from error
        return opened

    async def start(self, number: str) -> None:
        """Make sure the complaint's workflow runs."""
        with _connecting():
            await self.client.start_workflow(
                Complaint.run,
                self._start(number),
                id=names.workflow_id(number),
                task_queue=names.COMPLAINTS_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=f"Complaint {number}",
            )

    async def submit(self, number: str, command: Said, key: str | None = None) -> Decision:
        """Say a command and wait for the decision; a refusal is a decision too.

        key: the sayer's own id of this command; with one, saying it again is harmless. Raises NotUnderstood,
        OurFault, TryAgain, TemporalUnreachable, records.writing.UnknownComplaint, records.db.RecordsUnreachable.
        """
        key = key or uuid4().hex
        body, content = await self._prepare(number, command)
        try:
            with _connecting():
                return await self._update(number, content, command_id(key, body))
        except WorkflowUpdateFailedError as failed:
            refusal = await self._refused_at_the_door(number, key, body, failed.cause)
            if refusal is not None:
                return refusal
            raise _not_taken_in(failed.cause) from failed

    async def report(self, number: str, command: Said, key: str) -> None:
        """Say a command without waiting for an answer, as feeds and batches do; it reaches an ended complaint too."""
        body, content = await self._prepare(number, command)
        try:
            with _connecting():
                await self.client.start_workflow(
                    Complaint.run,
                    self._start(number),
                    id=names.workflow_id(number),
                    task_queue=names.COMPLAINTS_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    static_summary=f"Complaint {number}",
                    start_signal="report",
                    start_signal_args=[command_id(key, body), content],
                )
        except RPCError as error:
            raise _away(error) from error

    async def checkpoint(self, number: str) -> None:
        """Ask for a new chapter once the complaint is at rest (after a deploy)."""
        try:
            await self.client.get_workflow_handle(names.workflow_id(number)).signal(Complaint.checkpoint)
        except RPCError as error:
            raise _away(error) from error

    async def _prepare(self, number: str, command: Said) -> tuple[str, dict[str, object]]:
        """A keyed digest of what is said, and its form for the wire, the words replaced by ids.

        Raises records.writing.UnknownComplaint before anything is stored or started.
        """
        await self.office.ledger.load_sheet(number)
        plain = dump(command)
        words = dict(texts_in(command))
        told = json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()
        ids = await self.office.keep_words(number, words)
        return self.office.texts.fingerprint(told).hex(), with_ids(plain, ids)

    async def _update(self, number: str, content: dict[str, object], update_id: str) -> Decision:
        start = WithStartWorkflowOperation(
            Complaint.run,
            self._start(number),
            id=names.workflow_id(number),
            task_queue=names.COMPLAINTS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=f"Complaint {number}",
        )
        patience = asyncio.timeout(PATIENCE.total_seconds())
        try:
            async with self._line(number), patience:
                decision: Decision = await self.client.execute_update_with_start_workflow(
                    "submit",
                    content,
                    start_workflow_operation=start,
                    id=update_id,
                    result_type=Decision,
                    rpc_timeout=PATIENCE,
                )
        except WorkflowUpdateRPCTimeoutOrCancelledError as late:
            await _look_at(start)
            if isinstance(late.__cause__, asyncio.CancelledError) and not patience.expired():
                raise late.__cause__ from None  # the SDK makes a time-out of our own end
            raise TryAgain(NO_ANSWER) from late
        except TimeoutError as late:
            raise TryAgain(NO_ANSWER) from late
        except RPCError as error:
            await _look_at(start)
            raise _away(error) from error
        return decision

    def _line(self, number: str) -> asyncio.Semaphore:
        """Where the commands of this process to one complaint wait, first come first served."""
        if (line := self._lines.get(number)) is None:
            line = self._lines[number] = asyncio.Semaphore(AT_ONCE)
        return line

    async def _refused_at_the_door(
        self, number: str, key: str, body: str, cause: BaseException | None
    ) -> Decision | None:
        """The decision behind a rejected update: the first answer, if this key was answered before; else the refusal."""
        if not isinstance(cause, ApplicationError) or cause.type != names.REFUSED:
            return None
        complaint, earlier = await self.office.ledger.answer_to(number, key, body)
        if earlier is not None:
            return earlier
        rule = str(cause.details[0]) if cause.details else None
        return Decision(
            accepted=False,
            number=number,
            turn=complaint.turn,
            stage=complaint.stage,
            reason=cause.message,
            rule=rule,
        )

    def _start(self, number: str) -> Start:
        return Start(number=number, clock_offset=self.clock_offset)


_AWAY = "Temporal cannot be reached; what was said can be said again under the same key."


@contextmanager
def _connecting() -> Iterator[None]:
    """A client that connects at its first call tells of a failure as a plain RuntimeError. Raises TemporalUnreachable."""
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("Failed client connect"):
            raise
        raise TemporalUnreachable(_AWAY) from error


async def _look_at(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Take note of a start that failed with its update, or the SDK complains on stderr that nobody did."""
    with suppress(RPCError, asyncio.CancelledError):
        await start.workflow_handle()


def _not_taken_in(cause: BaseException | None) -> Exception:
    if not isinstance(cause, ApplicationError):
        return OurFault(str(cause))
    return OurFault(cause.message) if cause.type == names.FAULT else NotUnderstood(cause.message)


#: the conversation was just ending, or another started at the same moment
_MEANWHILE = (RPCStatusCode.ABORTED, RPCStatusCode.NOT_FOUND)


def _away(error: RPCError) -> Exception:
    if error.status in _MEANWHILE:
        return TryAgain("The conversation was just changing chapters; say it again under the same key.")
    if error.status is RPCStatusCode.FAILED_PRECONDITION:  # its workflow tasks fail, in a bad deploy for one
        return TryAgain(
            "An error of ours keeps this complaint from taking anything in; once an operator has mended it, "
            "what was said can be said again under the same key."
        )
    if error.status is RPCStatusCode.RESOURCE_EXHAUSTED:
        return TryAgain("Too much is being said to this complaint at once; say it again under the same key.")
    if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return TemporalUnreachable(_AWAY)
    return error
