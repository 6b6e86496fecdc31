"""Instants and spans in words: the company's zone, weekday, 24 hours."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
Gettext = Callable[[str], str]


def _(message: str) -> str:
    """Marks a message id for extraction; it is translated where it is used."""
    return message


WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
#: up to so many minutes are told in minutes, up to so many hours in hours; `desk.js` counts alike
MINUTES, HOURS = 180, 48
_LEFT = (_("{n} min left"), _("{n} h left"), _("{n} d left"))
_OVER = (_("{n} min overdue"), _("{n} h overdue"), _("{n} d overdue"))
_AGO = (_("{n} min ago"), _("{n} h ago"), _("{n} d ago"))
_DUE_NOW, _JUST_NOW = _("due now"), _("just now")


def when(at: datetime, gettext: Gettext) -> str:
    """To the minute, with weekday."""
    return f"{day(at, gettext)} {at.astimezone(ZONE):%H:%M}"


def day(at: datetime, gettext: Gettext) -> str:
    """The day, with weekday."""
    local = at.astimezone(ZONE)
    return f"{local:%Y-%m-%d} {gettext(WEEKDAYS[local.weekday()])}"


def left(due: datetime, now: datetime, gettext: Gettext) -> str:
    """The time left, or how long it is over."""
    span = due - now
    if abs(span) < timedelta(minutes=1):
        return gettext(_DUE_NOW)
    return _span(abs(span), _OVER if span < timedelta() else _LEFT, gettext)


def ago(at: datetime, now: datetime, gettext: Gettext) -> str:
    """How long ago; the day when more than a week."""
    span = now - at
    if span < timedelta(minutes=1):
        return gettext(_JUST_NOW)
    return day(at, gettext) if span > timedelta(days=7) else _span(span, _AGO, gettext)


def _span(span: timedelta, forms: tuple[str, str, str], gettext: Gettext) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < MINUTES:
        return gettext(forms[0]).format(n=minutes)
    if minutes < HOURS * 60:
        return gettext(forms[1]).format(n=minutes // 60)
    return gettext(forms[2]).format(n=minutes // (24 * 60))
