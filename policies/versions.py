"""The versions of policy and calendar that come with the software: YAML files, read and checked.

What is in force for a complaint is said by the records (`policy_versions`), which these files seed. A file that
has been in force is kept for ever and never changed; its number is its name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import TypeVar

from pydantic import ValidationError

from domain.calendar import Calendar
from domain.policy import (
    Entry,
    EscalationEntry,
    KeyProblem,
    Policy,
    escalation_problems,
    value_problems,
)
from domain.policy_keys import wording
from policies.problems import PolicyError, Problem
from policies.reading import Document, Path, read_yaml

_VERSION = re.compile(r"[a-z0-9][a-z0-9.-]{0,40}", re.ASCII)
_POLICY = re.compile(r"\d{4}-\d{2}[a-z0-9.-]*", re.ASCII)
Row = TypeVar("Row", Entry, EscalationEntry)
_HEAD = ("version", "in_force_from", "calendar", "changes")
_TOP = (*_HEAD, "values", "escalations")
_ORIGINS = ("source", "proposal", "law")


def parse_policy(text: str, source: str) -> Policy:
    """The policy written in `text`; `source` (a file name) is named in messages. Raises PolicyError with all problems."""
    document = read_yaml(text, source)
    problems = [document.problem((key,), "unknown key") for key in document.data if key not in _TOP]
    values = _rows(document, "values", Entry, problems)
    escalations = _rows(document, "escalations", EscalationEntry, problems)
    problems += _placed(document, "values", value_problems(values))
    problems += _placed(document, "escalations", escalation_problems(escalations))
    if not problems:
        head = {key: document.data[key] for key in _HEAD if key in document.data}
        try:
            return Policy.model_validate({**head, "values": values, "escalations": escalations})
        except ValidationError as error:
            problems = _worded(document, (), error)
    raise PolicyError(problems)


def parse_calendar(text: str, source: str) -> Calendar:
    """The calendar written in `text`. Raises PolicyError with all problems."""
    document = read_yaml(text, source)
    try:
        return Calendar.model_validate(document.data)
    except ValidationError as error:
        raise PolicyError(_worded(document, (), error)) from None


@lru_cache(maxsize=32)
def load_policy(version: str) -> Policy:
    """The policy of `policies/<version>.yaml`. Raises PolicyError if there is none, or if it is not fit for use."""
    policy = parse_policy(_text(_folder(), version), f"{version}.yaml")
    if policy.version != version:
        raise PolicyError(
            [Problem(f"{version}.yaml", 1, "version", f"{policy.version} is not the name of the file")]
        )
    return policy


@lru_cache(maxsize=32)
def load_calendar(version: str) -> Calendar:
    """The calendar of `policies/calendars/<version>.yaml`. Raises PolicyError likewise."""
    calendar = parse_calendar(_text(_folder() / "calendars", version), f"calendars/{version}.yaml")
    if calendar.version != version:
        problem = f"{calendar.version} is not the name of the file"
        raise PolicyError([Problem(f"calendars/{version}.yaml", 1, "version", problem)])
    return calendar


def policy_versions() -> tuple[str, ...]:
    """The policy versions that come with the software, oldest first."""
    return tuple(name for name in _names(_folder()) if _POLICY.fullmatch(name))


def calendar_versions() -> tuple[str, ...]:
    """The calendar versions that come with the software, in order of their names."""
    return _names(_folder() / "calendars")


def current_policy_version() -> str:
    """The newest policy version that comes with the software; a new installation starts with it."""
    return policy_versions()[-1]


def current_calendar_version() -> str:
    """The calendar version that goes with `current_policy_version`."""
    return load_policy(current_policy_version()).calendar


def check_policy(path: FilePath) -> tuple[Problem, ...]:
    """What is wrong with a policy file anywhere on disk; empty if it may be used."""
    source = path.name
    try:
        policy = parse_policy(path.read_text(encoding="utf-8"), source)
    except PolicyError as error:
        return error.problems
    except UnicodeDecodeError as error:
        return (Problem(source, 1, "", f"not UTF-8 text: byte {error.start} cannot be read"),)
    except OSError as error:
        return (Problem(source, 1, "", f"cannot be read: {error.strerror}"),)
    if policy.calendar not in calendar_versions():
        known = ", ".join(calendar_versions())
        return (Problem(source, 1, "calendar", f"no such calendar: {policy.calendar}; accepted: {known}"),)
    return ()


def _rows(document: Document, section: str, row: type[Row], problems: list[Problem]) -> dict[str, Row]:
    """The rows of one section that have the shape of a row; the others are added to `problems`."""
    written = document.data.get(section)
    if not isinstance(written, dict):
        problems.append(document.problem((section,), "a table of keys and values is wanted"))
        return {}
    rows: dict[str, Row] = {}
    for key, value in written.items():
        origin = value.get("origin", _ORIGINS[0]) if isinstance(value, dict) else _ORIGINS[0]
        if origin not in _ORIGINS:
            message = f"accepted: {', '.join(_ORIGINS)}; not {origin!r}"
            problems.append(document.problem((section, key, "origin"), message))
            continue
        try:
            rows[key] = row.model_validate(value)
        except ValidationError as error:
            problems += _worded(document, (section, key), error)
    return rows


def _worded(document: Document, path: Path, error: ValidationError) -> list[Problem]:
    return [document.problem((*path, *detail["loc"]), wording(detail)) for detail in error.errors()]


def _placed(document: Document, section: str, found: list[KeyProblem]) -> list[Problem]:
    """Problems of a whole section; a row that is written but malformed has been reported and is not missing."""
    written = document.data.get(section)
    rows = written if isinstance(written, dict) else {}
    return [
        document.problem((section, *problem.path), problem.message)
        for problem in found
        if written is not None and not (problem.message == "missing" and problem.path[0] in rows)
    ]


def _folder() -> Traversable:
    return files("policies")


def _names(folder: Traversable) -> tuple[str, ...]:
    return tuple(
        sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))
    )


def _text(folder: Traversable, version: str) -> str:
    if not _VERSION.fullmatch(version) or version not in _names(folder):
        known = ", ".join(_names(folder))
        raise PolicyError([Problem(f"{version}.yaml", 1, "version", f"no such version; there are: {known}")])
    return (folder / f"{version}.yaml").read_text(encoding="utf-8")
