"""iCalendar (RFC 5545): the days of a calendar, and deadlines, for the calendar program people already use.

Written only, never read. What is given goes out as it is, so nothing personal may be given. `made_at` is the
instant the file is made; the same input makes the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

import icalendar

from domain.calendar import Calendar, SpecialDay

Language = Literal["zh", "en"]

_NAMES = {
    "zh": {"holiday": "休息日", "workday": "工作日", "provisional": "暂定", "title": "工作日历"},
    "en": {
        "holiday": "Day off",
        "workday": "Working day",
        "provisional": "provisional",
        "title": "Working days",
    },
}


class Appointment(NamedTuple):
    """A deadline, or another instant, as it stands in somebody's calendar."""

    #: Unique and for ever the same, so that a moved deadline moves in the calendar program: `2026-000123/7:handling_days`.
    uid: str
    #: What is due, in the reader's language, without personal data.
    summary: str
    #: Aware.
    due: datetime
    #: Where to look: an address, or text.
    description: str = ""
    #: Alarms so long before due.
    alarms: tuple[timedelta, ...] = ()


def days_ics(calendar: Calendar, made_at: datetime, language: Language = "zh") -> bytes:
    """The holidays and make-up working days of a calendar as all-day events; provisional ones say so."""
    words = _NAMES[language]
    document = _document(f"{words['title']} {calendar.version}", calendar.zone)
    for special in calendar.days:
        event = icalendar.Event()
        event.add("uid", f"{special.day.isoformat()}@{calendar.version}.calendar.redress")
        event.add("dtstamp", _utc(made_at))
        event.add("dtstart", special.day)
        event.add("dtend", special.day + timedelta(days=1))
        event.add("summary", _title(special, calendar, language))
        event.add("categories", [special.kind])
        event.add("transp", "TRANSPARENT")
        document.add_component(event)
    return bytes(document.to_ical())


def deadlines_ics(appointments: Iterable[Appointment], made_at: datetime, title: str, zone: str) -> bytes:
    """Deadlines as events that take no time, in the order given. Raises ValueError for a naive instant."""
    document = _document(title, zone)
    for appointment in appointments:
        event = icalendar.Event()
        event.add("uid", f"{appointment.uid}@deadline.redress")
        event.add("dtstamp", _utc(made_at))
        event.add("dtstart", _utc(appointment.due))
        event.add("summary", appointment.summary)
        if appointment.description:
            event.add("description", appointment.description)
        event.add("transp", "TRANSPARENT")
        for lead in appointment.alarms:
            event.add_component(_alarm(lead, appointment.summary))
        document.add_component(event)
    return bytes(document.to_ical())


def _document(title: str, zone: str) -> icalendar.Calendar:
    document = icalendar.Calendar()
    document.add("prodid", "-//Redress//Working days and deadlines//EN")
    document.add("version", "2.0")
    document.add("method", "PUBLISH")
    document.add("x-wr-calname", title)
    document.add("x-wr-timezone", zone)
    return document


def _title(special: SpecialDay, calendar: Calendar, language: Language) -> str:
    words = _NAMES[language]
    name = (special.zh if language == "zh" else special.en) or words[special.kind]
    if not calendar.provisional(special.day):
        return name
    return f"{name}（{words['provisional']}）" if language == "zh" else f"{name} ({words['provisional']})"


def _alarm(lead: timedelta, summary: str) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", -lead)
    return alarm


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"an instant needs a time zone: {instant.isoformat()} has none")
    return instant.astimezone(UTC)
