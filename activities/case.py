"""Ruling on a turn and recording it: one call into the records, and the errors the conversation can tell apart."""

import traceback
from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol, TypeVar

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.turns import Outcome, Sheet, Turn
from records.db import RecordsUnreachable, SchemaTooNew
from records.ledger import NewerSchema, UnknownComplaint

T = TypeVar("T")

#: A fault of ours is tried five times in all.
LOCAL_TRIES, REMOTE_TRIES = 3, 2


class Cases(Protocol):
    """What this file needs of the records (`records.ledger.Ledger`)."""

    async def decide_and_record(self, turn: Turn) -> Outcome: ...

    async def load_sheet(self, number: str) -> Sheet: ...

    async def set_aside(self, turn: Turn, fault: str, attempts: int) -> Outcome: ...


class CaseActivities:
    """The activities of a complaint's turns; idempotent by the turn's id."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    @activity.defn
    async def decide_and_record(self, turn: Turn) -> Outcome:
        """Rule and record in one transaction. Raises Unreachable and NewerSchema (tried again), Fault (5 tries)."""
        return await _told_apart(self._cases.decide_and_record(turn))

    @activity.defn
    async def load_sheet(self, number: str) -> Sheet:
        """The present sheet. Raises NotFound for a number that is not in the records; all else is tried again."""
        return await _told_apart(self._cases.load_sheet(number), endless=True)

    @activity.defn
    async def set_aside(self, turn: Turn, fault: str) -> Outcome:
        """Record that a turn could not be ruled on, with a task for an operator; the conversation goes on."""
        return await _told_apart(self._cases.set_aside(turn, fault, LOCAL_TRIES + REMOTE_TRIES))


async def _told_apart(work: Awaitable[T], *, endless: bool = False) -> T:
    try:
        return await work
    except RecordsUnreachable as away:
        raise ApplicationError(str(away), type="Unreachable") from away
    except (NewerSchema, SchemaTooNew) as newer:
        raise ApplicationError(str(newer), type="NewerSchema") from newer
    except UnknownComplaint as missing:
        raise ApplicationError(str(missing), type="NotFound", non_retryable=True) from missing
    except Exception as fault:
        info = activity.info()
        final = not endless and not info.is_local and info.attempt >= REMOTE_TRIES
        raise ApplicationError(_place(fault), type="Fault", non_retryable=final) from fault


def _place(fault: Exception) -> str:
    """Kind and place of an error, without its data: "KeyError at solution.py:88"."""
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__} at {Path(frame.filename).name}:{frame.lineno}"
