"""What differs between two versions of the policy: the list a leading group approves (PLN-07)."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel

from domain.policy import Policy


class Change(NamedTuple):
    """One value that differs. `old` or `new` is None, with an empty unit, where the key is not there."""

    #: Dotted path: `negotiation_days`, `routing.PRICE.lead`, `escalations.promise_due.warn_before`.
    key: str
    old: Any
    new: Any
    #: The unit of the new value; `days -> working days` where it changed.
    unit: str


def diff(a: Policy, b: Policy) -> tuple[Change, ...]:
    """The changes from `a` to `b` in order of keys; values and units only, not their origin or notes."""
    changes = _values(a, b)
    old_rows, new_rows = _escalations(a), _escalations(b)
    for key in sorted(old_rows.keys() | new_rows.keys()):
        if old_rows.get(key) != new_rows.get(key):
            changes.append(Change(f"escalations.{key}", old_rows.get(key), new_rows.get(key), ""))
    if a.calendar != b.calendar:
        changes.append(Change("calendar", a.calendar, b.calendar, ""))
    return tuple(changes)


def _values(a: Policy, b: Policy) -> list[Change]:
    changes = []
    for key in sorted(a.values.keys() | b.values.keys()):
        old, new = a.values.get(key), b.values.get(key)
        if old is None or new is None:
            known = old or new
            unit = known.unit if known else ""
            changes.append(Change(key, old and old.value, new and new.value, unit))
            continue
        unit = new.unit if old.unit == new.unit else f"{old.unit} -> {new.unit}"
        if old.unit != new.unit:
            changes.append(Change(key, old.value, new.value, unit))
        else:
            changes += [
                Change(path, before, after, unit)
                for path, before, after in _inside(key, old.value, new.value)
            ]
    return changes


def _inside(path: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """The innermost places of two values that differ; lists are compared as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            change
            for key in sorted(old.keys() | new.keys())
            for change in _inside(f"{path}.{key}", old.get(key), new.get(key))
        ]
    return [] if old == new else [(path, old, new)]


def _escalations(policy: Policy) -> dict[str, Any]:
    """Each written list of each row, in words: `promise_due.warn_before` → ["2 days"]."""
    return {
        f"{name}.{part}": [str(item) if isinstance(item, BaseModel) else item for item in listed]
        for name, row in policy.escalations.items()
        for part in ("warn_shares", "warn_before", "warn_after", "then_after")
        if (listed := getattr(row, part)) is not None
    }
