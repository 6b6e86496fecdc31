"""Instants as a cases file writes them: a duration after receipt, or RFC 3339 with its zone."""

import re
from datetime import datetime, timedelta

#: What a message says is accepted where an absolute instant is read, and where a duration will do as well.
RFC_3339 = "accepted is RFC 3339 with its zone, such as 2026-03-02T09:20:00+08:00"
ACCEPTED = (
    "a duration after receipt such as 3d4h30m, or RFC 3339 with its zone such as 2026-03-02T09:20:00+08:00"
)
_REACH = "the years 1900 to 2999, which are accepted"

_DURATION = re.compile(r"(-)?(?:(\d{1,7})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


def parse_duration(text: str) -> timedelta | None:
    """`-?(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?` as a span of elapsed time (a day is 24 hours); None if it is not one."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()[1:]):
        return None
    sign, *parts = match.groups()
    days, hours, minutes, seconds = (int(part or 0) for part in parts)
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -span if sign else span


def parse_instant(text: str, received_at: datetime) -> datetime:
    """The instant `text` names. received_at: aware. Returns: aware.

    Raises ValueError with a sentence that says what is accepted.
    """
    span = parse_duration(text)
    if span is not None:
        try:
            return _in_reach(text, received_at + span)
        except OverflowError:
            raise ValueError(f"{text!r} lies outside {_REACH}") from None
    if not text[:4].isdigit():
        raise ValueError(f"{text!r} is no instant; accepted is {ACCEPTED}")
    return parse_rfc3339(text)


def parse_rfc3339(text: str) -> datetime:
    """An RFC 3339 date and time with its zone, aware. Raises ValueError with a sentence."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no instant; {RFC_3339}")
    if match["zone"] is None:
        raise ValueError(f"{text!r} has no zone; {RFC_3339}")
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise ValueError(f"{text!r} is no instant ({error}); {RFC_3339}") from None
    return _in_reach(text, instant)


def _in_reach(text: str, instant: datetime) -> datetime:
    """The instant, where calendars and other zones can still be counted on both sides of it."""
    if not 1900 <= instant.year <= 2999:
        raise ValueError(f"{text!r} lies outside {_REACH}")
    return instant


def parse_range(text: str, received_at: datetime) -> tuple[datetime, datetime]:
    """An instant, or a range `19d..19d2h`, as (earliest, latest), both aware. Raises ValueError."""
    first, dots, last = text.partition("..")
    earliest = parse_instant(first.strip(), received_at)
    latest = parse_instant(last.strip(), received_at) if dots else earliest
    if latest < earliest:
        raise ValueError(f"the range {text!r} ends before it begins; accepted is earliest..latest")
    return earliest, latest


def format_duration(span: timedelta) -> str:
    """The shortest form `parse_duration` reads back, to the second: 1d2h30m, 0h, -3d."""
    seconds = round(span.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    parts = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count}{unit}")
    return sign + "".join(parts) if parts else "0h"
