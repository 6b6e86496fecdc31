"""Complaints in a file, as they are handed to `redress open`: the cases-file form, or the body of the HTTP POST.

One or many, as JSON, YAML or YAML blocks in Markdown. Nothing is opened here: a file is judged whole, and what is
wrong with it is said for every complaint in it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from pydantic import ValidationError

from policies import current_policy_version, load_policy
from records.opening import Incoming
from starter.cases.durations import parse_rfc3339
from starter.cases.shape import Case, ignored_keys, sentences
from starter.cases.yamltext import Fault, blocks, entries
from starter.cli.given import BadInput
from starter.submission import Submission, read_submission

#: Keys only the cases-file form has.
_CASE_ONLY = frozenset(
    {"id", "title", "text_zh", "gloss_en", "expected", "steps", "expect", "policy", "calendar"}
)


@dataclass(frozen=True)
class Handed:
    """A complaint as handed in: its id in the file (or its place), the submission, and what holds for it alone."""

    name: str
    submission: Submission
    policy: Mapping[str, Any] = field(default_factory=dict)
    calendar: Mapping[date, Literal["workday", "holiday"]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def incoming(self, request_key: str | None = None) -> Incoming:
        """As the records take it in."""
        return replace(
            self.submission.incoming(request_key),
            policy_overrides=self.policy,
            calendar_overrides=self.calendar,
        )


def received_at(written: str | None, now: datetime) -> datetime | None:
    """What `--received` means: `now`, an instant with its zone, or nothing. Raises BadInput."""
    if written is None or written == "now":
        return now if written else None
    try:
        return parse_rfc3339(written)
    except ValueError as error:
        raise BadInput(f"--received: {error}.") from None


def read_complaints(text: str, source: str, now: datetime, received: datetime | None = None) -> list[Handed]:
    """All complaints of a text. received: in place of what the file says. Raises BadInput with every fault."""
    handed: list[Handed] = []
    faults: list[str] = []
    for place, (value, line) in enumerate(_values(text), start=1):
        if isinstance(value, Fault):
            faults.append(str(value))
            continue
        try:
            handed.append(_handed(value, place, line, now, received))
        except ValueError as error:
            faults.append(f"complaint {_name(value, place)}: {error}")
    if faults:
        raise BadInput("\n".join([*faults[:20], *(["…"] if len(faults) > 20 else [])]))
    if not handed:
        raise BadInput(f"{source}: holds no complaint; accepted are one or a list of them, as JSON or YAML.")
    return handed


def _values(text: str) -> Iterator[tuple[Any, int]]:
    """Each item of a text with its line, JSON first: a program writes JSON that is no YAML of ours."""
    if text.lstrip().startswith(("{", "[")):
        try:
            data = json.loads(text)
        except ValueError:
            pass
        else:
            yield from ((item, 1) for item in (data if isinstance(data, list) else [data]))
            return
    for block, before in blocks(text.replace("\r\n", "\n").replace("\r", "\n")):
        for entry in entries(block, before):
            yield (entry, 1) if isinstance(entry, Fault) else (entry.value, entry.line())


def _handed(value: Any, place: int, line: int, now: datetime, received: datetime | None) -> Handed:
    if not isinstance(value, dict):
        raise BadInput(
            "is no complaint; one is a mapping with channel, received_at, customer, place and text."
        )
    given: dict[str, Any] = {str(key): part for key, part in value.items() if part is not None}
    if received is not None:
        given["received_at"] = received.isoformat()
    if not _CASE_ONLY.intersection(given):
        return Handed(_name(value, place), read_submission(_as_written(given), now))
    given.setdefault("id", _name(value, place))
    try:
        case = Case.read(given, line=line, ignored=tuple(ignored_keys(value)))
    except ValidationError as error:
        raise BadInput(
            "; ".join(f"{'.'.join(map(str, path))}: {said}" for path, said in sentences(error))
        ) from None
    load_policy(current_policy_version()).with_overrides(case.policy)
    submission = read_submission({**case.submission, "received_at": case.received_at}, now)
    return Handed(case.id, submission, case.policy, case.calendar, case.ignored)


def _as_written(value: Any) -> Any:
    """Numbers are meant as they are written: a telephone number in YAML needs no quotes."""
    if isinstance(value, Mapping):
        return {str(name): _as_written(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        return [_as_written(part) for part in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _name(value: Any, place: int) -> str:
    named = value.get("id", value.get("external_id")) if isinstance(value, dict) else None
    return str(named) if isinstance(named, str | int) and str(named).strip() else str(place)
