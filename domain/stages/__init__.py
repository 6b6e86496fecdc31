"""What each command means, in the groups of commands.md §1. Importing this package fills `domain.meanings`."""

from domain.stages import (
    classification,
    closing,
    forum,
    fulfilment,
    group,
    intake,
    internal,
    investigation,
    mediation,
    pauses,
    promises,
    response,
    solution,
)

__all__ = [
    "classification",
    "closing",
    "forum",
    "fulfilment",
    "group",
    "intake",
    "internal",
    "investigation",
    "mediation",
    "pauses",
    "promises",
    "response",
    "solution",
]
