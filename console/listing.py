"""What a list is as a table: its columns and its rows."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from console.tables_out import Row

#: rows that are fetched at once
BATCH = 500


@dataclass(frozen=True)
class Listed:
    """A list with its columns. rows: at most so many of them; filters: what may stand in the log of files."""

    title: str
    heads: tuple[str, ...]
    rows: Callable[[int], AsyncIterator[Row]]
    filters: dict[str, Any] = field(default_factory=dict)
