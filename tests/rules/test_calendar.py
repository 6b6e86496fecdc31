"""Working days and hours, against an oracle that walks minute by minute and day by day."""

from __future__ import annotations

import calendar as gregorian
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendar import (
    Calendar,
    SpecialDay,
    Window,
    add_elapsed,
    add_months,
    add_working_days,
    add_working_time,
    at_wall_time,
    subtract_working_days,
    working_days_after,
    working_morning,
    working_time_between,
)
from policies import load_calendar

CN = load_calendar("cn-2026")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ALL_DAY = (Window(start=0, end=24 * 60),)
NIGHTS = (
    Window.model_validate({"start": "00:00", "end": "02:30"}),
    Window.model_validate({"start": "22:00", "end": "24:00"}),
)
PATIENT = settings(deadline=None, max_examples=60)


def wall(text: str) -> datetime:
    """A wall time without a zone."""
    return datetime.fromisoformat(text)


def cn(text: str) -> datetime:
    """A local time of China, `2026-04-06 13:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def worked(instant: datetime, calendar: Calendar) -> bool:
    """The definition: the local wall time of the instant lies in a window of a working day."""
    local = instant.astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    return calendar.is_working_day(local.date()) and any(w.start <= minute < w.end for w in calendar.windows)


def walk_between(a: datetime, b: datetime, calendar: Calendar) -> timedelta:
    now, total = a.astimezone(UTC), timedelta(0)
    while now < b:
        total += MINUTE * worked(now, calendar)
        now += MINUTE
    return total


def walk_add(start: datetime, minutes: int, calendar: Calendar) -> datetime:
    now = start.astimezone(UTC)
    while minutes:
        minutes -= worked(now, calendar)
        now += MINUTE
    return now


windows = st.one_of(
    st.just(CN.windows),
    st.just(ALL_DAY),
    st.just(NIGHTS),
    st.lists(st.integers(0, 24 * 60), min_size=2, max_size=6, unique=True).map(
        lambda cuts: tuple(
            Window(start=s, end=e)
            for s, e in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False)
            if s < e
        )
    ),
)
zones = st.sampled_from(
    ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"]
)
calendars = st.builds(
    lambda zone, windows, weekdays: CN.model_copy(
        update={"zone": zone, "windows": windows, "weekdays": weekdays}
    ),
    zones,
    windows,
    st.sampled_from([(1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7), (3, 6, 7)]),
)
#: Around Spring Festival 2026 and 2027, October 2026, and the clock changes of spring and autumn 2026.
starts = st.builds(
    lambda day, minute: datetime.combine(day, time(), UTC) + minute * MINUTE,
    st.sampled_from(
        [date(2026, 2, 12), date(2027, 2, 3), date(2026, 9, 29), date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 4),
         date(2026, 10, 24), date(2026, 10, 31), date(2026, 12, 31)]
    ),
    st.integers(0, 3 * 24 * 60),
)  # fmt: skip


@PATIENT
@given(starts, st.integers(0, 9 * 24 * 60), calendars)
def test_working_time_between_equals_the_walk(start: datetime, minutes: int, calendar: Calendar) -> None:
    end = start + minutes * MINUTE
    assert working_time_between(start, end, calendar) == walk_between(start, end, calendar)
    assert working_time_between(end, start, calendar) == -working_time_between(start, end, calendar)


@PATIENT
@given(starts, st.integers(0, 900), calendars)
def test_added_working_time_equals_the_walk(start: datetime, minutes: int, calendar: Calendar) -> None:
    assert add_working_time(start, minutes * MINUTE, calendar) == walk_add(start, minutes, calendar)


@PATIENT
@given(starts, st.timedeltas(timedelta(0), timedelta(hours=300)), calendars)
def test_working_time_added_is_the_working_time_between(
    start: datetime, amount: timedelta, calendar: Calendar
) -> None:
    end = add_working_time(start, amount, calendar)
    assert end.tzinfo is UTC
    assert working_time_between(start, end, calendar) == amount
    if amount:
        assert working_time_between(start, end - timedelta(microseconds=1), calendar) < amount


@PATIENT
@given(starts, st.integers(1, 60), calendars)
def test_working_days_equal_the_walk_over_days(start: datetime, n: int, calendar: Calendar) -> None:
    local = start.astimezone(ZoneInfo(calendar.zone))
    day, minutes = local.date(), local.hour * 60 + local.minute
    while not calendar.is_working_day(day):
        day, minutes = day - timedelta(days=1), calendar.windows[-1].end
    anchor, left = day, n
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    due = add_working_days(start, n, calendar)
    assert due == at_wall_time(datetime.combine(day, time()) + minutes * MINUTE, calendar.zone)
    assert due > start
    assert working_days_after(anchor, day, calendar) == n
    if calendar.zone == "Asia/Shanghai" and minutes < 24 * 60:
        assert subtract_working_days(due, n, calendar).astimezone(ZoneInfo(calendar.zone)).date() == anchor


@given(st.dates(date(2023, 1, 1), date(2028, 12, 31)), st.integers(-40, 900), calendars)
@settings(deadline=None, max_examples=150)
def test_working_days_after_counts_the_later_days(first: date, days: int, calendar: Calendar) -> None:
    last = first + timedelta(days=days)
    slow = sum(calendar.is_working_day(first + timedelta(days=i)) for i in range(1, days + 1))
    assert working_days_after(first, last, calendar) == slow


@PATIENT
@given(starts, st.integers(0, 23), calendars)
def test_a_working_morning_is_the_first_one_strictly_after(
    start: datetime, hour: int, calendar: Calendar
) -> None:
    morning = working_morning(start, calendar, at=time(hour))
    zone = ZoneInfo(calendar.zone)
    assert morning > start
    assert calendar.is_working_day(morning.astimezone(zone).date())
    day = start.astimezone(zone).date()
    while day < morning.astimezone(zone).date():
        earlier = at_wall_time(datetime.combine(day, time(hour)), calendar.zone)
        assert earlier <= start or not calendar.is_working_day(day)
        day += timedelta(days=1)


@given(
    st.datetimes(wall("2024-01-01"), wall("2030-01-01")),
    st.integers(-60, 60),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin"]),
)
@example(wall("2026-01-31 09:00"), 1, "Asia/Shanghai")
@settings(deadline=None)
def test_a_month_keeps_the_day_and_the_time_or_is_clamped(local: datetime, months: int, zone: str) -> None:
    start = local.replace(tzinfo=ZoneInfo(zone))
    seen = start.astimezone(UTC).astimezone(ZoneInfo(zone))
    count = seen.year * 12 + seen.month - 1 + months
    day = min(seen.day, gregorian.monthrange(count // 12, count % 12 + 1)[1])
    landing = datetime.combine(date(count // 12, count % 12 + 1, day), seen.time())
    assert add_months(start, months, zone) == at_wall_time(landing, zone)


@pytest.mark.parametrize(
    ("start", "n", "due"),
    [
        ("2026-04-06 13:30", 5, "2026-04-13 18:00"),  # Qingming: counted from the close of 3 April
        ("2026-04-03 10:00", 1, "2026-04-07 10:00"),
        ("2026-02-13 09:30", 1, "2026-02-14 09:30"),  # a make-up Saturday before Spring Festival
        ("2026-02-14 09:30", 1, "2026-02-24 09:30"),
        ("2026-02-14 09:30", 5, "2026-02-28 09:30"),  # and one after it
        ("2026-09-30 17:00", 1, "2026-10-08 17:00"),
        ("2026-10-03 08:00", 3, "2026-10-10 18:00"),  # Saturday 10 October is worked
        ("2026-03-07 11:00", 3, "2026-03-11 18:00"),  # a Saturday counts from Friday 18:00
        ("2026-03-09 22:15", 2, "2026-03-11 22:15"),  # a working day, outside its hours: its own time
        ("2027-02-04 09:30", 2, "2027-02-10 09:30"),  # provisional: only the days the law fixes
    ],
)  # fmt: skip
def test_working_days_end_at_the_same_local_time(start: str, n: int, due: str) -> None:
    assert add_working_days(cn(start), n, CN) == cn(due)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-04-03 17:00", 2, "2026-04-07 10:00"),
        ("2026-03-09 11:00", 2, "2026-03-09 14:30"),
        ("2026-03-09 11:00", 1, "2026-03-09 12:00"),  # with the window, not at the start of the next
        ("2026-02-13 17:00", 8.5, "2026-02-14 18:00"),
        ("2026-02-14 17:00", 2, "2026-02-24 10:00"),
        ("2026-09-30 17:30", 1, "2026-10-08 09:30"),
        ("2026-03-07 03:00", 0, "2026-03-07 03:00"),
    ],
)  # fmt: skip
def test_working_hours_pass_only_in_the_windows(start: str, hours: float, due: str) -> None:
    assert add_working_time(cn(start), hours * HOUR, CN) == cn(due)


def test_a_clock_change_takes_and_gives_working_time() -> None:
    berlin = Calendar(version="x", zone="Europe/Berlin", windows=ALL_DAY, weekdays=(1, 2, 3, 4, 5, 6, 7))

    def length(day: date) -> timedelta:
        midnight = at_wall_time(datetime.combine(day, time()), "Europe/Berlin")
        return working_time_between(
            midnight, at_wall_time(datetime.combine(day + timedelta(days=1), time()), "Europe/Berlin"), berlin
        )

    assert [length(date(2026, 3, 29)), length(date(2026, 10, 25)), length(date(2026, 6, 1))] == [
        23 * HOUR,
        25 * HOUR,
        24 * HOUR,
    ]


def test_a_local_time_the_clock_skips_moves_on_and_a_repeated_one_is_the_first() -> None:
    daily = Calendar(version="x", zone="Europe/Berlin", windows=ALL_DAY, weekdays=(1, 2, 3, 4, 5, 6, 7))
    before_spring = at_wall_time(wall("2026-03-28 02:30"), "Europe/Berlin")
    before_autumn = at_wall_time(wall("2026-10-24 02:30"), "Europe/Berlin")
    assert (
        add_working_days(before_spring, 1, daily).isoformat() == "2026-03-29T01:30:00+00:00"
    )  # 03:30 on the wall
    assert (
        add_working_days(before_autumn, 1, daily).isoformat() == "2026-10-25T00:30:00+00:00"
    )  # 02:30 the first time
    assert (
        add_elapsed(before_spring.astimezone(ZoneInfo("Europe/Berlin")), 24 * HOUR)
        == before_spring + 24 * HOUR
    )


def test_a_window_that_ends_at_midnight_closes_on_the_next_day() -> None:
    late = Calendar(version="x", windows=NIGHTS)
    assert add_working_days(cn("2026-03-07 10:00"), 1, late) == cn("2026-03-10 00:00")


def test_years_of_working_time_are_added_as_days() -> None:
    end = add_working_time(cn("2026-01-05 09:00"), timedelta(hours=7.5 * 2000), CN)
    assert working_days_after(date(2026, 1, 4), end.astimezone(ZoneInfo(CN.zone)).date(), CN) == 2000
    assert end.astimezone(ZoneInfo(CN.zone)).time() == time(18)


def test_a_case_has_days_of_its_own() -> None:
    special = CN.with_days({date(2026, 10, 8): "holiday", date(2026, 10, 3): "workday"})
    assert [special.is_working_day(date(2026, 10, day)) for day in (3, 8, 9)] == [True, False, True]
    assert not CN.is_working_day(date(2026, 10, 3))
    assert add_working_days(cn("2026-09-30 17:00"), 2, special) == cn("2026-10-09 17:00")
    assert date(2026, 10, 3) in special.workdays
    assert date(2026, 10, 8) in special.holidays
    assert (special.version, special.provisional_years) == (CN.version, CN.provisional_years)
    assert CN.with_days({}) == CN


def test_a_year_without_the_notice_is_provisional_and_counts_on() -> None:
    assert [CN.provisional(date(year, 5, 1)) for year in (2023, 2024, 2026, 2027, 2031)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert add_working_days(cn("2031-05-05 10:00"), 2, CN) == cn("2031-05-07 10:00")


NAIVE = wall("2026-04-06 13:30")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: add_working_time(NAIVE, HOUR, CN),
        lambda: working_time_between(NAIVE, cn("2026-04-07 09:00"), CN),
        lambda: working_time_between(cn("2026-04-07 09:00"), NAIVE, CN),
        lambda: add_working_days(NAIVE, 1, CN),
        lambda: add_working_days(NAIVE, 0, CN),
        lambda: subtract_working_days(NAIVE, 1, CN),
        lambda: add_months(NAIVE, 1, "Asia/Shanghai"),
        lambda: working_morning(NAIVE, CN),
        lambda: add_elapsed(NAIVE, HOUR),
    ],
)
def test_a_naive_instant_is_refused(ask: Any) -> None:
    with pytest.raises(ValueError, match="needs a time zone: 2026-04-06T13:30:00 has none"):
        ask()


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: add_working_time(cn("2026-04-07 09:00"), -HOUR, CN), "cannot be negative"),
        (lambda: add_working_days(cn("2026-04-07 09:00"), -1, CN), "cannot be negative"),
        (lambda: subtract_working_days(cn("2026-04-07 09:00"), -1, CN), "cannot be negative"),
        (lambda: add_months(cn("2026-04-07 09:00"), 99_999, CN.zone), "outside the years"),
        (lambda: add_working_days(cn("9998-12-01 09:00"), 100, CN), "outside the years"),
        (lambda: add_working_time(cn("9998-12-01 09:00"), timedelta(days=60), CN), "beyond the year"),
        (lambda: working_morning(cn("9999-06-01 09:00"), CN), "beyond the year"),
    ],
)
def test_what_cannot_be_computed_is_refused(ask: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        ask()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "unknown time zone 'Mars/Olympus'"),
        ({"zone": "../../etc/passwd"}, "unknown time zone"),
        ({"zone": ""}, "unknown time zone"),
        (
            {"windows": [{"start": "09:00", "end": "12:00"}, {"start": "11:00", "end": "18:00"}]},
            "do not overlap",
        ),
        (
            {"windows": [{"start": "13:30", "end": "18:00"}, {"start": "09:00", "end": "12:00"}]},
            "windows are sorted",
        ),
        ({"windows": [{"start": "22:00", "end": "06:00"}]}, "inside the same day"),
        ({"windows": [{"start": "09:00", "end": "24:01"}]}, "written HH:MM"),
        ({"windows": [{"start": "9:00", "end": "12:00"}]}, "written HH:MM"),
        ({"windows": []}, "at least 1"),
        ({"weekdays": [0]}, "greater than or equal to 1"),
        ({"weekdays": []}, "at least 1"),
        ({"provisional_years": [2040]}, r"among the years: \[2040\]"),
        (
            {"days": [{"day": "2026-05-02", "kind": "holiday"}, {"day": "2026-05-01", "kind": "holiday"}]},
            "stand once",
        ),
        (
            {"days": [{"day": "2026-05-01", "kind": "holiday"}, {"day": "2026-05-01", "kind": "workday"}]},
            "stand once",
        ),
        ({"days": [{"day": "2026-02-30", "kind": "holiday"}]}, "day"),
        ({"days": [{"day": "2026-05-01", "kind": "half"}]}, "'workday' or 'holiday'"),
        ({"surprise": 1}, "not permitted"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Calendar.model_validate({"version": "x", **fields})


def test_a_calendar_survives_storing() -> None:
    stored = Calendar.model_validate_json(CN.model_dump_json())
    assert stored == CN
    assert stored.is_working_day(date(2026, 2, 14))
    assert (
        SpecialDay(day=date(2026, 2, 14), kind="workday", zh="调休上班", en="Make-up working day")
        in stored.days
    )
