"""Working days and working hours: from instants to instants, by a calendar that is data.

A calendar knows its zone, the windows of a working day, the days of the week that are worked, and the
dated days that differ from it (holidays and make-up working days). It knows nothing of deadlines, reads no
clock and no file. Instants go in aware and come out in UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

DayKind = Literal["workday", "holiday"]
DAY = timedelta(days=1)
#: No place is further from UTC than this, so a local day lies inside its UTC day widened by it.
FURTHEST_OFFSET = timedelta(hours=26)
MINUTES_A_DAY = 24 * 60


class Window(BaseModel):
    """A stretch of a working day in local wall time, `[start, end)`, written "09:00" and "12:00"; end may be "24:00"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Whole minutes after local midnight.
    start: int = Field(ge=0, lt=MINUTES_A_DAY)
    end: int = Field(gt=0, le=MINUTES_A_DAY)

    @field_validator("start", "end", mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        return minutes_of(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a window ends after it starts and inside the same day: {self}")
        return self

    def __str__(self) -> str:
        return f"{self.start // 60:02}:{self.start % 60:02}-{self.end // 60:02}:{self.end % 60:02}"


class SpecialDay(BaseModel):
    """A dated day that is named, or worked otherwise than its day of the week says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    kind: DayKind
    zh: str = ""
    en: str = ""


#: 09:00-12:00 and 13:30-18:00, the hours of commands.md §3.
OFFICE_HOURS = (Window(start=9 * 60, end=12 * 60), Window(start=13 * 60 + 30, end=18 * 60))


class Calendar(BaseModel):
    """One version of a calendar; the days a deadline was computed by never change under it.

    `weekdays` are ISO days of the week (1 = Monday). `years` have been looked at; those among
    `provisional_years` lack the official notice of make-up days, and so does every year outside `years`:
    computation goes on by the days known, and `provisional` says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(min_length=1)
    zone: str = "Asia/Shanghai"
    windows: tuple[Window, ...] = Field(default=OFFICE_HOURS, min_length=1)
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(default=(1, 2, 3, 4, 5), min_length=1)
    years: tuple[int, ...] = ()
    provisional_years: tuple[int, ...] = ()
    days: tuple[SpecialDay, ...] = ()

    _kinds: dict[date, DayKind] = PrivateAttr(default_factory=dict)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, ValueError, KeyError):
            raise ValueError(
                f"unknown time zone {zone!r}; an IANA name such as Asia/Shanghai is wanted"
            ) from None
        return zone

    @field_validator("windows")
    @classmethod
    def _apart(cls, windows: tuple[Window, ...]) -> tuple[Window, ...]:
        for earlier, later in pairwise(windows):
            if later.start < earlier.end:
                raise ValueError(f"windows are sorted and do not overlap: {later} comes after {earlier}")
        return windows

    @field_validator("days")
    @classmethod
    def _sorted_once(cls, days: tuple[SpecialDay, ...]) -> tuple[SpecialDay, ...]:
        for earlier, later in pairwise(days):
            if later.day <= earlier.day:
                raise ValueError(f"days are sorted and stand once: {later.day} comes after {earlier.day}")
        return days

    @model_validator(mode="after")
    def _index(self) -> Self:
        if unknown := sorted(set(self.provisional_years) - set(self.years)):
            raise ValueError(f"provisional years must stand among the years: {unknown}")
        self._kinds.update((special.day, special.kind) for special in self.days)
        return self

    @property
    def holidays(self) -> frozenset[date]:
        """The dated days off."""
        return frozenset(special.day for special in self.days if special.kind == "holiday")

    @property
    def workdays(self) -> frozenset[date]:
        """The dated working days: make-up days, and extra days of a project or a case."""
        return frozenset(special.day for special in self.days if special.kind == "workday")

    def is_working_day(self, day: date) -> bool:
        """Whether `day` (a local date) is worked."""
        kind = self._kinds.get(day)
        return day.isoweekday() in self.weekdays if kind is None else kind == "workday"

    def provisional(self, day: date) -> bool:
        """Whether the working days of that year may still change, for want of the official notice."""
        return day.year not in self.years or day.year in self.provisional_years

    def with_days(self, days: Mapping[date, DayKind]) -> Calendar:
        """This calendar with some days said otherwise: a project's own days, or those of one case."""
        names = {special.day: special for special in self.days}
        for day, kind in days.items():
            known = names.get(day)
            if known is None or known.kind != kind:
                names[day] = SpecialDay(day=day, kind=kind)
        return Calendar(
            version=self.version,
            zone=self.zone,
            windows=self.windows,
            weekdays=self.weekdays,
            years=self.years,
            provisional_years=self.provisional_years,
            days=tuple(names[day] for day in sorted(names)),
        )


def add_elapsed(start: datetime, amount: timedelta) -> datetime:
    """The instant `amount` of elapsed time after `start` (before it, if negative), whatever clocks do. Aware in, UTC out."""
    return _utc(start) + amount


def add_working_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The instant at which `amount` of working time has passed since `start`. Aware in, UTC out.

    Working time is every instant whose local wall time lies in a window of a working day; an hour that the
    clock skips is not worked, one that it repeats is worked twice. An amount that ends with a window ends at
    its end, not at the start of the next; no amount is `start` itself. Raises ValueError for a naive start,
    a negative amount, and an end after the year 9998.
    """
    left, now = amount, _utc(start)
    if left < timedelta(0):
        raise ValueError(f"working time cannot be negative: {amount}")
    if not left:
        return now
    for opens, closes in _open_times(now, calendar):
        at_work = max(opens, now)
        if closes - at_work >= left:
            return at_work + left
        left -= max(closes - at_work, timedelta(0))
    raise ValueError(f"{amount} of working time after {start} is beyond the year 9998")


def working_time_between(a: datetime, b: datetime, calendar: Calendar) -> timedelta:
    """The working time from `a` to `b` (both aware), negative if `b` is the earlier. Raises ValueError if naive."""
    start, end = _utc(a), _utc(b)
    if end < start:
        return -working_time_between(b, a, calendar)
    total = timedelta(0)
    for opens, closes in _open_times(start, calendar):
        if opens >= end:
            break
        total += max(min(closes, end) - max(opens, start), timedelta(0))
    return total


def add_working_days(start: datetime, n: int, calendar: Calendar) -> datetime:
    """The same local time on the n-th working day after the day of `start`. Aware in, UTC out.

    A start on a day that is not worked counts from the end of the last window of the working day before.
    `n` = 0 is `start` itself. A local time the clock skips moves on by what is skipped; one that it repeats
    is the first. Raises ValueError for a naive start or a negative `n`.
    """
    if n < 0:
        raise ValueError(f"working days to add cannot be negative: {n}")
    if n == 0:
        return _utc(start)
    return _same_time_on_working_day(start, n, calendar)


def subtract_working_days(due: datetime, n: int, calendar: Calendar) -> datetime:
    """The same local time on the n-th working day before the day of `due`; otherwise as `add_working_days`."""
    if n < 0:
        raise ValueError(f"working days to subtract cannot be negative: {n}")
    if n == 0:
        return _utc(due)
    return _same_time_on_working_day(due, -n, calendar)


def working_days_after(first: date, last: date, calendar: Calendar) -> int:
    """How many working days lie after `first`, up to and including `last` (local dates); 0 if `last` is not later."""
    days = (last - first).days
    if days <= 0:
        return 0
    weeks, rest = divmod(days, 7)
    worked = weeks * len(set(calendar.weekdays))
    worked += sum((first + DAY * i).isoweekday() in calendar.weekdays for i in range(1, rest + 1))
    at = bisect_left(calendar.days, first + DAY, key=lambda special: special.day)
    for special in calendar.days[at:]:
        if special.day > last:
            break
        worked += (special.kind == "workday") - (special.day.isoweekday() in calendar.weekdays)
    return worked


def add_months(start: datetime, n: int, zone: str) -> datetime:
    """`n` calendar months later (earlier if negative): the same local day and time, clamped to the month's end.

    Aware in, UTC out. 31 January plus one month is 28 or 29 February. Raises ValueError for a naive start
    and a result outside the years 1 to 9998. Requirement FUV-01.
    """
    wall = wall_time(start, zone)
    months = wall.year * 12 + wall.month - 1 + n
    year, month = divmod(months, 12)
    if not 1 <= year <= LAST_YEAR:
        raise ValueError(f"{n} months from {start} is outside the years 1 to {LAST_YEAR}")
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    day = min(wall.day, (following - DAY).day)
    return at_wall_time(wall.replace(year=year, month=month + 1, day=day), zone)


def working_morning(after: datetime, calendar: Calendar, at: time = time(9)) -> datetime:
    """The first `at` o'clock (local) of a working day strictly after the instant `after`. Aware in, UTC out."""
    day = wall_time(after, calendar.zone).date()
    while True:
        morning = at_wall_time(datetime.combine(day, at), calendar.zone)
        if calendar.is_working_day(day) and morning > after:
            return morning
        day = _next(day)


def minutes_of(text: str) -> int:
    """Minutes after midnight of a wall time written "09:00" (or "24:00"). Raises ValueError otherwise."""
    hours, colon, minutes = text.partition(":")
    well_formed = (
        colon
        and len(hours) == len(minutes) == 2
        and (hours + minutes).isascii()
        and (hours + minutes).isdigit()
    )
    if not well_formed or int(minutes) > 59 or int(hours) * 60 + int(minutes) > MINUTES_A_DAY:
        raise ValueError(f"a time of day is written HH:MM, from 00:00 to 24:00, not {text!r}")
    return int(hours) * 60 + int(minutes)


#: Dates beyond this are refused instead of running into the end of the calendar.
LAST_YEAR = 9998


def _utc(instant: datetime) -> datetime:
    """The instant in UTC; a naive one is refused, for nobody knows which instant it is."""
    if instant.utcoffset() is None:
        raise ValueError(f"an instant needs a time zone: {instant.isoformat()} has none")
    return instant.astimezone(UTC)


def wall_time(instant: datetime, zone: str) -> datetime:
    """The naive wall time of an instant in a zone."""
    return _utc(instant).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def at_wall_time(wall: datetime, zone: str) -> datetime:
    """The UTC instant of a naive wall time: moved on if the clock skips it, the first if it comes twice."""
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def _next(day: date) -> date:
    if day.year > LAST_YEAR:
        raise ValueError(f"the answer lies beyond the year {LAST_YEAR}")
    return day + DAY


def _same_time_on_working_day(instant: datetime, n: int, calendar: Calendar) -> datetime:
    """The time of day of `instant`, or the close of the working day before it, on the n-th working day from there."""
    wall = wall_time(instant, calendar.zone)
    day = wall.date()
    time_of_day = wall - datetime.combine(day, time())
    if not calendar.is_working_day(day):
        day = _nth_working_day(day, -1, calendar)
        time_of_day = timedelta(minutes=calendar.windows[-1].end)
    landing = datetime.combine(_nth_working_day(day, n, calendar), time()) + time_of_day
    return at_wall_time(landing, calendar.zone)


def _nth_working_day(day: date, n: int, calendar: Calendar) -> date:
    """The n-th working day after `day` (before it, if negative), `day` itself not counted."""
    step = DAY if n > 0 else -DAY
    left = abs(n)
    while left:
        if not 1 < day.year <= LAST_YEAR:
            raise ValueError(f"the answer lies outside the years 2 to {LAST_YEAR}")
        day += step
        left -= calendar.is_working_day(day)
    return day


def _open_times(start: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of working time from the local day of `start` on, in UTC and in order."""
    day = wall_time(start, calendar.zone).date()
    while day.year <= LAST_YEAR:
        if calendar.is_working_day(day):
            yield from _stretches(day, calendar.windows, calendar.zone)
        day += DAY


@lru_cache(maxsize=4096)
def _stretches(day: date, windows: tuple[Window, ...], zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """The windows of one local day as UTC intervals; the clock may be changed in the middle of any of them."""
    midnight = datetime.combine(day, time(), UTC)
    found = []
    for begins, ends, offset in _pieces(
        midnight - FURTHEST_OFFSET, midnight + DAY + FURTHEST_OFFSET, ZoneInfo(zone)
    ):
        for window in windows:
            opens = max(midnight + timedelta(minutes=window.start) - offset, begins)
            closes = min(midnight + timedelta(minutes=window.end) - offset, ends)
            if opens < closes:
                found.append((opens, closes))
    return tuple(found)


def _pieces(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """`[begin, end)` cut where the zone's offset changes; at most once, for no zone changes twice in three days."""
    before, after = _offset(begin, zone), _offset(end, zone)
    if before == after:
        yield begin, end, before
        return
    low, high = 0, int((end - begin).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        same = _offset(begin + timedelta(seconds=middle), zone) == before
        low, high = (middle, high) if same else (low, middle)
    change = begin + timedelta(seconds=high)
    yield begin, change, before
    yield change, end, after


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
