"""Calendar files from the kept library `holidays`: run when the notice for a year has come out.

    python -m policies.seed 2027              # the years 2025 to 2027, to stdout
    python -m policies.seed 2024 2027 --version cn-2027 --out policies/calendars/cn-2027.yaml

A year for which the library knows no make-up day has no official notice yet. Such a year is written as
provisional, with the days the law fixes and none of the substitutes the library guesses. The file is read by
people before it is used; from then on it is the calendar, whatever later releases of the library say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import holidays

WEEKEND = (6, 7)


class SeedDay(NamedTuple):
    """A dated day of the seed: a day off with its names, or a make-up working day."""

    day: date
    kind: str
    zh: str
    en: str


def has_notice(year: int) -> bool:
    """Whether the library knows make-up working days of that year, which only the official notice sets."""
    return any(
        day.year == year
        for day in holidays.country_holidays("CN", years=year, language="zh_CN").weekend_workdays
    )


def seed_days(year: int) -> Iterator[SeedDay]:
    """The days off and the make-up working days of a year in China, in order of dates."""
    official = has_notice(year)
    chinese = holidays.country_holidays("CN", years=year, language="zh_CN", observed=official)
    english = holidays.country_holidays("CN", years=year, language="en_US", observed=official)
    found = [SeedDay(day, "holiday", chinese[day], english[day]) for day in chinese if day.year == year]
    if official:
        makeup = (day for day in chinese.weekend_workdays if day.year == year)
        found += [SeedDay(day, "workday", "调休上班", "Make-up working day") for day in makeup]
    yield from sorted(found)


def calendar_yaml(first: int, last: int, version: str) -> str:
    """The text of a calendar file for the years `first` to `last`."""
    years = range(first, last + 1)
    provisional = [year for year in years if not has_notice(year)]
    lines = [
        f"# The working days of China, {first} to {last}, seeded from the library holidays {metadata.version('holidays')}.",
        "# A file that has been in use is never changed; a correction is a new version, see docs/calendar.md.",
        "",
        f"version: {version}",
        "zone: Asia/Shanghai",
        "windows:",
        '  - {start: "09:00", end: "12:00"}',
        '  - {start: "13:30", end: "18:00"}',
        "weekdays: [1, 2, 3, 4, 5] # ISO: Monday to Friday",
        f"years: {list(years)}",
        "# Without the official notice of make-up days: computed by the days the law fixes, and shown as provisional.",
        f"provisional_years: {provisional}",
        "days:",
    ]
    for year in years:
        lines += ["", f"  # {year}{', provisional' if year in provisional else ''}"]
        lines += [
            f'  - {{day: {day}, kind: {kind}, zh: "{zh}", en: "{en}"}}'
            for day, kind, zh, en in seed_days(year)
        ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a calendar file. Returns the exit code: 0, or 2 if the years make no sense or the file is there already."""
    parser = argparse.ArgumentParser(
        prog="python -m policies.seed", description="Write a calendar of China as YAML."
    )
    parser.add_argument(
        "years", type=int, nargs="+", metavar="YEAR", help="the last year, or the first and the last"
    )
    parser.add_argument("--version", help="the version's name; default: cn-<last year>")
    parser.add_argument("--out", type=Path, help="the file to write; default: standard output")
    given = parser.parse_args(arguments)
    first, last = (
        (given.years[0] - 2, given.years[0]) if len(given.years) == 1 else (given.years[0], given.years[-1])
    )
    if not 2008 <= first <= last <= 2100 or len(given.years) > 2:
        parser.print_usage(sys.stderr)
        print("The years are one or two, rising, from 2008 to 2100.", file=sys.stderr)
        return 2
    text = calendar_yaml(first, last, given.version or f"cn-{last}")
    if given.out is None:
        sys.stdout.write(text)
    elif given.out.exists():
        print(
            f"{given.out} is there already; a calendar that may be in use is never overwritten.",
            file=sys.stderr,
        )
        return 2
    else:
        given.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
