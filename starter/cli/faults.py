"""What an error means to whoever typed the command: an exit code and one sentence.

Codes: 0 done, 1 a fault of ours, 2 refused or bad input, 3 not found, 4 a service cannot be reached.
"""

import os
import sys
import traceback
from pathlib import Path

import asyncpg

from domain.commands import BadCommand
from domain.facts import Refused
from domain.policy import OverrideError
from embedded.processes import PartError
from policies import PolicyError
from records.db import RecordsError, RecordsUnreachable
from records.writing import UnknownComplaint
from starter.cases.reading import CasesFileError
from starter.cli.given import BadInput
from starter.cli.here import said_by_temporal
from starter.codec import CodecKeyError
from starter.complaints import NotUnderstood, OurFault, TryAgain
from starter.connection import TemporalUnreachable
from starter.settings import SettingError
from starter.submission import NotAccepted

DONE, OURS, REFUSED, NOT_FOUND, AWAY = 0, 1, 2, 3, 4

_BAD_INPUT = (
    BadInput,
    BadCommand,
    NotUnderstood,
    NotAccepted,
    CasesFileError,
    PolicyError,
    OverrideError,
    Refused,
    SettingError,
    CodecKeyError,
    RecordsError,
)
_AWAY = (
    RecordsUnreachable,
    TemporalUnreachable,
    TryAgain,
    PartError,
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


def judge(error: Exception) -> tuple[int, str]:
    """The exit code and the sentence for an error that reached the top."""
    if isinstance(error, ExceptionGroup):
        return judge(error.exceptions[0])
    if isinstance(error, UnknownComplaint):
        return NOT_FOUND, str(error)
    if isinstance(error, OurFault):
        return OURS, str(error)
    if isinstance(error, _AWAY):
        return AWAY, str(error) or f"A service cannot be reached ({type(error).__name__})."
    if answer := said_by_temporal(error):
        return AWAY, answer
    if isinstance(error, _BAD_INPUT):
        return REFUSED, str(error)
    if os.environ.get("REDRESS_LOG", "").lower() == "debug":
        traceback.print_exception(error, file=sys.stderr)
    return OURS, f"A fault of ours: {_place(error)}. REDRESS_LOG=debug shows where it came from."


def _place(error: Exception) -> str:
    """Kind and place of an error, without its data."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
