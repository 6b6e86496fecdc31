"""Reference tables that say what the law has and decide nothing: warranty periods and the steps of the ladder.

Each value names its origin; counsel confirms it before anybody relies on it. Rulings never read these.
"""

from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WarrantyPart(_Table):
    """A part of a building with its least warranty. years: None where it is not counted in years.

    topics: codes of complaint topics that are about it.
    """

    code: str
    zh: str
    en: str
    years: int | None = Field(default=None, ge=1)
    zh_period: str = ""
    en_period: str = ""
    origin: Literal["law", "contract", "proposal"]
    zh_cite: str
    en_cite: str
    topics: tuple[str, ...] = ()

    def until(self, handed_over_on: date) -> date | None:
        """The last day of the warranty, counted from handover; None where it is not counted in years."""
        if self.years is None:
            return None
        year = handed_over_on.year + self.years
        try:
            return handed_over_on.replace(year=year)
        except ValueError:  # handed over on 29 February
            return date(year, 3, 1)


class Way(_Table):
    """What would have to be at hand for a step to be possible: fields of its command, and the words for it."""

    fields: dict[str, Any]
    zh: str
    en: str


class Within(_Table):
    """How long the law leaves for a step, counted from the day after something on record. Whole days or months.

    after: the agreement a mediator brought about, the award of an outside body, a judgment that can be appealed, or one
    that is final.
    """

    after: Literal["mediated_agreement", "award", "judgment", "final_judgment"]
    days: int = Field(default=0, ge=0)
    months: int = Field(default=0, ge=0)


class LadderStep(_Table):
    """A step of the dispute ladder: the command it is said by, the papers it needs and the law it stands on.

    command: empty for a step that is taken outside and recorded by none; then `ways` has the words for what it hangs on.
    ways: tried in order where the bare command is not enough. guards: codes of the policy's ladder guards that may bar
    it. limited: it keeps a claim from lapsing, so the limitation is its last safe day. within: the time the law leaves;
    the step is there only once that has begun.
    """

    code: str
    zh: str
    en: str
    command: str = ""
    within: Within | None = None
    fields: dict[str, Any] = {}
    ways: tuple[Way, ...] = ()
    zh_papers: tuple[str, ...]
    en_papers: tuple[str, ...]
    zh_ends: str
    en_ends: str
    articles: tuple[str, ...]
    guards: tuple[str, ...] = ()
    limited: bool = False


@cache
def warranty() -> tuple[WarrantyPart, ...]:
    """The least warranty of each part of a building."""
    return TypeAdapter(tuple[WarrantyPart, ...]).validate_python(_read("warranty-cn.yaml")["parts"])


@cache
def ladder() -> tuple[LadderStep, ...]:
    """The steps of the dispute ladder, in the order they are climbed."""
    return TypeAdapter(tuple[LadderStep, ...]).validate_python(_read("ladder-cn.yaml")["steps"])


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(
        resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
    )
    return content
