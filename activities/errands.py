"""What passes between the standing workflows and their activities: ids, codes, numbers and instants only (CUS-10)."""

from typing import Final

from pydantic import BaseModel, ConfigDict

#: Activities, by the name they are scheduled with.
DELIVER_DUE: Final = "deliver_due"
REPORT_FAILURES: Final = "report_failures"
START_MISSING: Final = "start_missing"
SWEEP_WORDS: Final = "sweep_words"


class Shape(BaseModel):
    """Grows by fields with defaults; what is unknown is ignored (a newer build may have said it)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Failure(Shape):
    """A notice that was given up, by its business key. clock_offset: seconds, see `domain.turns.Start`."""

    number: str
    notice: str
    clock_offset: float = 0.0


class Round(Shape):
    """What one round of delivery came to. left: whether more may be waiting."""

    sent: int = 0
    failed: int = 0
    later: int = 0
    left: bool = False
    failures: list[Failure] = []


class Page(Shape):
    """Complaints that were looked at, up to number `last` (None at the end), and how many workflows were started."""

    last: str | None = None
    looked_at: int = 0
    started: int = 0
