"""The warranty answer: what the law and the contract say of a unit, on the day the customer complained."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.words import Words
from policies.references import warranty
from records.views.casefile import Unit

_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Cover:
    """One part of a building. until: the last day the law covers it; None where it is not counted in years.

    inside: by the law, on the day of complaint; None where it cannot be said. by_contract: the law's time is over, the
    contract's is not. chosen: what the complaint is about.
    """

    code: str
    title: str
    period: str
    until: date | None
    inside: bool | None
    by_contract: bool
    chosen: bool
    cite: str


def covers(
    unit: Unit | None, topic: str | None, part: str | None, received_at: datetime, words: Words
) -> list[Cover]:
    """The warranty of each part; the one of the complaint's topic, or the one asked for, is chosen."""
    chinese = words.language.startswith("zh")
    told = received_at.astimezone(_ZONE).date()
    handed_over = unit.handed_over_on if unit else None
    agreed = unit is not None and unit.warranty_until is not None and told <= unit.warranty_until
    found = []
    for one in warranty():
        until = one.until(handed_over) if handed_over else None
        inside = None if until is None else told <= until
        found.append(
            Cover(
                code=one.code,
                title=one.zh if chinese else one.en,
                period=words.ngettext("%(num)s year", "%(num)s years", one.years) % {"num": one.years}
                if one.years
                else (one.zh_period if chinese else one.en_period),
                until=until,
                inside=inside,
                by_contract=agreed and inside is False,
                chosen=one.code == part if part else topic in one.topics,
                cite=one.zh_cite if chinese else one.en_cite,
            )
        )
    return found
