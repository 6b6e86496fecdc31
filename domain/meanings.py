"""What each command means: filled by the files in `domain/stages/`, read by `domain.lifecycle`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.hearing import Hearing

Guard = Callable[[Hearing], None]
Effect = Callable[[Hearing, Any], None]


class Meaning(NamedTuple):
    """The conditions that need only the complaint, and what follows from the command."""

    guard: Guard | None
    effect: Effect


MEANINGS: dict[str, Meaning] = {}


def hears(kind: str, guard: Guard | None = None) -> Callable[[Effect], Effect]:
    """Declare what a command means. Both parts raise Refused."""
    if kind in MEANINGS:
        raise ValueError(f"{kind} has two meanings")

    def declare(effect: Effect) -> Effect:
        MEANINGS[kind] = Meaning(guard, effect)
        return effect

    return declare
