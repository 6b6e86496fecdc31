"""Structured logs, one JSON object a line, without personal data: ids, codes, numbers and instants only."""

import logging
import sys
import traceback
from pathlib import Path

import structlog


def configure(level: str) -> None:
    """Send every log record of the process to stderr as JSON. level: a name of `logging`."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(
            allow={"fault", "number", "queue", "attempt", "temporal_workflow", "update"}
        ),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _kinds_and_places,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("uvicorn.access", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _kinds_and_places(
    logger: logging.Logger, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """An error as the kinds and places of its chain: what it says may hold what a person wrote."""
    info = event.pop("exc_info", None)
    error = (
        info[1] if isinstance(info, tuple) else info if isinstance(info, BaseException) else sys.exc_info()[1]
    )
    if info and error is not None:
        event["error"] = _chain(error)
    return event


def _chain(error: BaseException | None) -> list[str]:
    """`KeyError at solution.py:88`, the error itself first, then what it came from."""
    told: list[str] = []
    while error is not None and len(told) < 10:
        frames = traceback.extract_tb(error.__traceback__)
        where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        told.append(f"{type(error).__name__}{where}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told
