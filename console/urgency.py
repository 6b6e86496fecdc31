"""When a deadline that still runs begins to press. Every page asks here, so that one deadline looks the same everywhere."""

from datetime import datetime, timedelta

#: the part of its time that is left when a deadline begins to press: the policy's usual warning goes out then
LAST_PART = 1 / 5
#: what is due within this time presses, however short the whole time is: a fifth of two hours is too little to act in
LAST_HOURS = timedelta(hours=2)


def is_soon(start: datetime, due: datetime, now: datetime) -> bool:
    """Whether the last fifth of the time from `start` to `due` has begun, or the last two hours. All aware."""
    return due - now <= max((due - start) * LAST_PART, LAST_HOURS)
