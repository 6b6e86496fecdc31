"""What is wrong with a policy or calendar file, said so that its author finds the place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Problem(NamedTuple):
    """One problem: the file, the line (from 1), the key path, and one clause that says what is accepted."""

    source: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        key = f" {self.key}:" if self.key else ""
        return f"{self.source}:{self.line}:{key} {self.message}"


class PolicyError(ValueError):
    """A policy or calendar file that cannot be used; `problems` lists all that was found, in order of lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(map(str, self.problems)))
