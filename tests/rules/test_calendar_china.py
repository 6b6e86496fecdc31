"""The calendar of China that ships, its seed, and its export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chinese_calendar
import icalendar
import pytest

from policies import load_calendar, parse_calendar, seed
from policies.ical import Appointment, Language, days_ics, deadlines_ics

CN = load_calendar("cn-2026")
MADE_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_agrees_with_another_library(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=i) for i in range(366)]
    here = [day for day in days if day.year == year and CN.is_working_day(day)]
    there = [day for day in days if day.year == year and chinese_calendar.is_workday(day)]
    assert here == there


def test_a_year_without_notice_has_the_days_of_the_law_and_nothing_guessed() -> None:
    off = [day for day in sorted(CN.holidays) if day.year == 2027]
    assert [day.isoformat()[5:] for day in off] == [
        "01-01", "02-05", "02-06", "02-07", "02-08", "04-05", "05-01", "05-02", "06-09", "09-15", "10-01", "10-02", "10-03",
    ]  # fmt: skip
    assert not [day for day in CN.workdays if day.year == 2027]
    assert CN.provisional(date(2027, 2, 9))


def test_the_file_that_ships_is_the_seed_of_its_days() -> None:
    again = parse_calendar(seed.calendar_yaml(2024, 2026, "cn-2026"), "again.yaml")
    assert {day for day in CN.holidays if day.year < 2027} == again.holidays
    assert CN.workdays == again.workdays
    assert (again.windows, again.weekdays, again.zone) == (CN.windows, CN.weekdays, CN.zone)
    assert again.provisional_years == ()


def test_the_seed_writes_a_file_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "cn-2025.yaml"
    assert seed.main(["2025", "--out", str(out)]) == 0
    written = parse_calendar(out.read_text(encoding="utf-8"), out.name)
    assert (written.version, written.years) == ("cn-2025", (2023, 2024, 2025))
    assert seed.main(["2025", "--out", str(out)]) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert seed.main(["2030"]) == 0
    assert "provisional_years: [2028, 2029, 2030]" in capsys.readouterr().out


@pytest.mark.parametrize("years", [["1900"], ["2027", "2024"], ["2024", "2025", "2026"], ["2300"]])
def test_the_seed_refuses_years_without_sense(years: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert seed.main(years) == 2
    assert "from 2008 to 2100" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "festival", "provisional"),
    [("zh", "春节", "（暂定）"), ("en", "Chinese New Year", "(provisional)")],
)
def test_the_days_come_back_from_icalendar(language: Language, festival: str, provisional: str) -> None:
    document = icalendar.Calendar.from_ical(days_ics(CN, MADE_AT, language))
    events = document.walk("VEVENT")
    assert {event.decoded("dtstart") for event in events} == CN.holidays | CN.workdays
    assert len({str(event["uid"]) for event in events}) == len(events) == len(CN.days)
    by_day = {event.decoded("dtstart"): event for event in events}
    new_year = by_day[date(2026, 2, 17)]
    assert festival in str(new_year["summary"])
    assert provisional not in str(new_year["summary"])
    assert new_year.decoded("dtend") == date(2026, 2, 18)
    assert str(by_day[date(2027, 2, 6)]["summary"]).endswith(provisional)
    assert b"CATEGORIES:workday" in by_day[date(2026, 2, 14)].to_ical()
    assert days_ics(CN, MADE_AT, language) == days_ics(CN, MADE_AT, language)


def test_days_without_a_name_are_called_what_they_are() -> None:
    own = CN.with_days({date(2026, 10, 10): "holiday", date(2026, 10, 11): "workday"})
    names = {
        event.decoded("dtstart"): str(event["summary"])
        for event in icalendar.Calendar.from_ical(days_ics(own, MADE_AT, "en")).walk("VEVENT")
    }
    assert (names[date(2026, 10, 10)], names[date(2026, 10, 11)]) == ("Day off", "Working day")


def test_deadlines_come_back_from_icalendar() -> None:
    due = datetime.fromisoformat("2026-04-13T18:00:00+08:00")
    given = [
        Appointment("2026-000123/7:handling_days", "处理期限; 2026-000123, 第一轮\n" + "长" * 200, due, "https://desk.example/c", (timedelta(days=1),)),
        Appointment("2026-000124/2:inv_days", "Findings due", due + timedelta(days=3)),
    ]  # fmt: skip
    text = deadlines_ics(given, MADE_AT, "Deadlines", "Asia/Shanghai")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    first, second = icalendar.Calendar.from_ical(text).walk("VEVENT")
    assert first.decoded("dtstart") == due
    assert str(first["summary"]) == given[0].summary
    assert str(first["uid"]) == "2026-000123/7:handling_days@deadline.redress"
    assert first.decoded("dtstamp") == MADE_AT
    assert [alarm.decoded("trigger") for alarm in first.walk("VALARM")] == [timedelta(days=-1)]
    assert (str(second["summary"]), second.walk("VALARM")) == ("Findings due", [])
    with pytest.raises(ValueError, match="needs a time zone"):
        deadlines_ics([Appointment("x", "x", due.replace(tzinfo=None))], MADE_AT, "x", "Asia/Shanghai")
