"""A policy: one version of all numbers, limits, routes and lists, each with its unit, origin and requirement.

It is data that has been checked, and the few questions the rules ask of it. Where it is stored, and how it is
written down, is known elsewhere (`policies/`, `policy_versions` in the records). A complaint keeps the version
it started with (PLN-04); what is said otherwise for one case comes by `with_overrides`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from domain.calendar import (
    Calendar,
    add_elapsed,
    add_months,
    add_working_days,
    add_working_time,
    subtract_working_days,
)
from domain.codes import ComplaintType, Receiver, Role, Severity
from domain.policy_keys import ESCALATED, KEYS, UNITS, Unit, check_length, read_value, wording
from domain.policy_tables import ApprovalLimit

#: Where a value comes from: a source document, our proposal, the law (counsel confirms), or one case's override.
Origin = Literal["source", "proposal", "law", "case"]

_SPAN = re.compile(r"(\d{1,9}) (minutes?|hours?|working hours?|days?|working days?|months?)", re.ASCII)
_ELAPSED: Mapping[str, timedelta] = {
    "minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1),
}  # fmt: skip


class Span(BaseModel):
    """A duration with its unit, also written "24 hours" or "5 working days".

    Minutes, hours and days are elapsed time; working hours, working days and months need a calendar.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(ge=1, strict=True)
    unit: Unit

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        written = _SPAN.fullmatch(value)
        if written is None:
            raise ValueError(
                f"a duration is written like '24 hours', with one of: {', '.join(UNITS)}; not {value!r}"
            )
        unit = written[2] if written[2].endswith("s") else f"{written[2]}s"
        return {"amount": int(written[1]), "unit": unit}

    @model_validator(mode="after")
    def _short_enough(self) -> Self:
        check_length(self.amount, self.unit)
        return self

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """The instant this long after `start`. Aware in, UTC out; naive raises ValueError."""
        if self.unit == "working days":
            return add_working_days(start, self.amount, calendar)
        if self.unit == "working hours":
            return add_working_time(start, timedelta(hours=self.amount), calendar)
        if self.unit == "months":
            return add_months(start, self.amount, calendar.zone)
        return add_elapsed(start, self.amount * _ELAPSED[self.unit])

    def before(self, due: datetime, calendar: Calendar) -> datetime:
        """The instant this long before `due`, for warnings. Aware in, UTC out; raises ValueError for working hours."""
        if self.unit == "working days":
            return subtract_working_days(due, self.amount, calendar)
        if self.unit == "working hours":
            raise ValueError(f"{self} before an instant is not defined; use elapsed hours or working days")
        if self.unit == "months":
            return add_months(due, -self.amount, calendar.zone)
        return add_elapsed(due, -self.amount * _ELAPSED[self.unit])

    def __str__(self) -> str:
        return f"{self.amount} {self.unit if self.amount != 1 else self.unit[:-1]}"


class Sourced(BaseModel):
    """Where something comes from and which requirement it serves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origin: Origin
    #: The clause of the source, or the article of the law.
    cite: str = ""
    requirement: str = Field(pattern=r"^[A-Z]{3}-\d{2}$")
    note: str = ""

    @model_validator(mode="after")
    def _cited(self) -> Self:
        if self.origin in {"source", "law"} and not self.cite.strip():
            raise ValueError(f"a value of origin {self.origin} needs its clause in `cite`")
        return self


class Entry(Sourced):
    """One value as it was written: JSON data, its unit, and where it comes from."""

    value: Any
    unit: str = "table"


Share = Annotated[float, Field(gt=0, lt=1)]


class EscalationEntry(Sourced):
    """What a deadline does besides being due. What is left out follows the row `default`."""

    #: Warnings at these shares of the time between start and due.
    warn_shares: tuple[Share, ...] | None = None
    #: Warnings so long before due.
    warn_before: tuple[Span, ...] | None = None
    #: Warnings so long after the start.
    warn_after: tuple[Span, ...] | None = None
    #: The next levels, each so long after due.
    then_after: tuple[Span, ...] | None = None

    @property
    def warns(self) -> bool:
        """Whether this row says anything on warnings; if so, nothing of the default's warnings is taken."""
        return any(given is not None for given in (self.warn_shares, self.warn_before, self.warn_after))


class Escalation(NamedTuple):
    """When a deadline warns (shares of its time, before due, after its start), and when the next levels are told."""

    warn_shares: tuple[float, ...]
    warn_before: tuple[Span, ...]
    warn_after: tuple[Span, ...]
    then_after: tuple[Span, ...]


class KeyProblem(NamedTuple):
    """What is wrong with one place of a policy: the path of keys to it, and one clause that says it."""

    path: tuple[str | int, ...]
    message: str


class OverrideError(ValueError):
    """A case wants something of its policy that cannot be; the sentence names each key and what is accepted."""


class Policy(BaseModel):
    """One version of the policy, checked: every key of `KEYS` is there, in its shape and unit.

    Built from data by `Policy.model_validate` (the JSON in `policy_versions`) or from YAML by `policies`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}[0-9a-z.-]{0,20}$")
    #: The first local day on which new complaints are handled by it.
    in_force_from: date
    #: The calendar version it goes with.
    calendar: str = Field(min_length=1)
    #: Why there is a new version (PLN-01).
    changes: str = Field(min_length=1)
    values: dict[str, Entry]
    #: By deadline; `default` is for all that are not named.
    escalations: dict[str, EscalationEntry]

    _read: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if problems := [*value_problems(self.values), *escalation_problems(self.escalations)]:
            raise ValueError(
                "; ".join(f"{'.'.join(map(str, path))}: {message}" for path, message in problems)
            )
        self._read.update(
            (key, read_value(key, entry.value, entry.unit)) for key, entry in self.values.items()
        )
        return self

    def entry(self, key: str) -> Entry:
        """A value as written, with unit, origin and requirement. Raises KeyError for an unknown key."""
        return self.values[key]

    def span(self, key: str) -> Span:
        """A duration. With `response_clock` = working, the first response counts working hours (D-02).

        Raises KeyError for an unknown key and TypeError for one that is not a single duration.
        """
        entry = self.values[key]
        if not KEYS[key].is_span:
            raise TypeError(f"{key} is not one duration")
        unit = entry.unit
        if key == "first_response_hours" and self._read["response_clock"] == "working":
            unit = "working hours"
        return Span.model_validate({"amount": self._read[key], "unit": unit})

    def number(self, key: str) -> int:
        """A whole number in the unit of its entry. Raises KeyError for an unknown key, TypeError if it is not a number."""
        if not KEYS[key].is_number:
            raise TypeError(f"{key} is not one whole number")
        return int(self._read[key])

    def table(self, key: str) -> Any:
        """Any value in its shape (`domain.policy_tables`); treat it as frozen. Raises KeyError for an unknown key."""
        return self._read[key]

    def handling_days(self, of_type: ComplaintType, severity: Severity) -> Span:
        """The handling period of a complaint of that type and severity (SLA-04)."""
        amount = self._read["handling_days"].days(of_type, severity)
        return Span.model_validate({"amount": amount, "unit": self.values["handling_days"].unit})

    def approver(self, amount: Decimal) -> Role | Receiver:
        """Who approves compensation of `amount` CNY (NEG-07)."""
        limits: tuple[ApprovalLimit, ...] = self._read["approval_limits"]
        return next(limit.by for limit in limits if limit.up_to is None or amount <= limit.up_to)

    def escalation(self, deadline: str) -> Escalation:
        """When a deadline warns and tells further levels. `deadline` is a name such as `promise_due/P1` or its base."""
        default = self.escalations["default"]
        row = self.escalations.get(deadline) or self.escalations.get(deadline.partition("/")[0]) or default
        warns = row if row.warns else default
        then_after = default.then_after if row.then_after is None else row.then_after
        return Escalation(
            warns.warn_shares or (), warns.warn_before or (), warns.warn_after or (), then_after or ()
        )

    def with_overrides(self, overrides: Mapping[str, Any]) -> Policy:
        """This policy with some values said otherwise for one case; a bare value takes the unit of its entry.

        Values are JSON data as in the policy file: `{"negotiation_days": 10}`. Raises OverrideError.
        """
        values, problems = dict(self.values), []
        for key, value in overrides.items():
            entry = values.get(key)
            if entry is None:
                problems.append(f"{key}: no such policy key")
                continue
            values[key] = entry.model_copy(update={"value": value, "origin": "case", "cite": "", "note": ""})
            problems += [
                f"{'.'.join(map(str, path))}: {message}"
                for path, message in one_value_problems(key, values[key])
            ]
        if problems:
            raise OverrideError(f"The policy of this case cannot be changed so: {'; '.join(problems)}")
        own = self.model_copy(update={"values": values})
        said = {key: read_value(key, values[key].value, values[key].unit) for key in overrides}
        own._read = self._read | said  # noqa: SLF001  a copy of its own class
        return own


def value_problems(values: Mapping[str, Entry]) -> list[KeyProblem]:
    """Unknown and missing keys, wrong units, wrong values. Paths start at the key."""
    problems = [KeyProblem((key,), "unknown key") for key in values if key not in KEYS]
    problems += [KeyProblem((key,), "missing") for key in KEYS if key not in values]
    for key, entry in values.items():
        if key in KEYS:
            problems += one_value_problems(key, entry)
    return problems


def one_value_problems(key: str, entry: Entry) -> list[KeyProblem]:
    """What is wrong with the value of one known key."""
    try:
        read_value(key, entry.value, entry.unit)
    except ValidationError as error:
        return [KeyProblem((key, "value", *detail["loc"]), wording(detail)) for detail in error.errors()]
    except ValueError as error:
        place = "value" if entry.unit in KEYS[key].units else "unit"
        return [KeyProblem((key, place), str(error))]
    return []


def escalation_problems(rows: Mapping[str, EscalationEntry]) -> list[KeyProblem]:
    """Rows for deadlines that do not exist, and a default that leaves something open."""
    problems = [
        KeyProblem((name,), f"no such deadline; accepted: {', '.join(ESCALATED)}")
        for name in rows
        if name not in ESCALATED
    ]
    default = rows.get("default")
    if default is None:
        problems.append(KeyProblem(("default",), "missing"))
    elif not default.warns or default.then_after is None:
        problems.append(
            KeyProblem(("default",), "the default says when to warn and when the next level is told")
        )
    return problems
