"""The questions of a form as a template shows them: label, help, choices, what stands in them and what is wrong."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from console.forms.choices import Choosing, Option
from console.forms.labels import N_, Label, label_of
from console.forms.shape import Field, fields_of
from domain.codes import PROCEEDINGS, Flag
from domain.complaint import Complaint

YES, NO = N_("Yes"), N_("No")
#: empty places after what was typed into a list, and the fewest that are shown
_SPARE, _FEWEST = 1, 2
_NAME = Label(N_("Entry"), N_("What of it was wrong."))
_VALUE = Label(N_("Should read"), N_("The right words or value."))


@dataclass(frozen=True)
class Question:
    """One question, in the reader's language. name: of its input; values: what stands in it, one unless several can."""

    field: Field
    name: str
    label: str
    help: str
    options: list[tuple[str, list[Option]]] = dataclasses.field(default_factory=list)
    values: Sequence[str] = ()
    fault: str | None = None
    #: of a list of rows: one list of questions a row
    rows: list[list["Question"]] = dataclasses.field(default_factory=list)

    @property
    def value(self) -> str:
        """What stands in it, where there is one value."""
        return self.values[0] if self.values else ""

    @property
    def any_option(self) -> bool:
        """Whether there is anything to choose."""
        return any(options for _, options in self.options)


@dataclass(frozen=True)
class Sheet:
    """The questions of one command by place, in order."""

    main: list[Question]
    more: list[Question]
    late: list[Question]


def ask(
    of: Choosing,
    kind: str,
    raw: Mapping[str, Sequence[str]],
    faults: Mapping[str, str],
    prefix: str,
    *,
    spare: int = 0,
) -> Sheet:
    """The form of a command. raw: by field (a row's by "items-what"); spare: more empty rows than usual."""
    found: dict[str, list[Question]] = {"main": [], "more": [], "late": []}
    for one in fields_of(kind):
        question = _question(of, kind, one, raw, faults, prefix, spare)
        if one.widget == "select" and not one.required and not question.any_option and not question.value:
            continue
        if (kind, one.name) == ("record_decision", "accepted_by_customer") and _binding(of.case.complaint):
            continue
        found[_place(of, kind, one)].append(question)
    return Sheet(**found)


def _binding(complaint: Complaint) -> bool:
    """Whether what is decided binds whether or not the customer accepts it: the award of an outside body (ARB-05)."""
    return complaint.proceeding is not None and complaint.proceeding.kind == "outside_body"


def _place(of: Choosing, kind: str, one: Field) -> str:
    """Where a question stands in this case: up front where the case makes it matter, else out of the way."""
    if one.name == "released_by":
        return "main" if of.case.complaint.stage in PROCEEDINGS else "more"
    if (kind, one.name) == ("record_response", "safety_measure"):
        return "main" if Flag.HAZARD in of.case.complaint.flags else "more"
    return one.place


def _question(
    of: Choosing,
    kind: str,
    one: Field,
    raw: Mapping[str, Sequence[str]],
    faults: Mapping[str, str],
    prefix: str,
    spare: int,
) -> Question:
    label = label_of(kind, one.name, late=one.place == "late")
    values = list(raw[one.name]) if one.name in raw else _default(one)
    options = [] if one.widget in ("items", "pairs") else _grouped(of.options(kind, one))
    if one.widget == "yesno":
        options = [("", [Option("yes", of.words.gettext(YES)), Option("no", of.words.gettext(NO))])]
    only = [option.value for _, listed in options for option in listed]
    if one.required and one.widget == "select" and len(only) == 1 and not any(values):
        values = only
    if one.widget == "lines":
        values = _padded([value for value in values if value.strip()], _FEWEST, spare)
    return Question(
        field=one,
        name=f"{prefix}{one.name}",
        label=of.words.gettext(label.text),
        help=of.words.gettext(label.help),
        options=options,
        values=values,
        fault=faults.get(one.name),
        rows=_rows(of, one, raw, faults, prefix, spare) if one.widget in ("items", "pairs") else [],
    )


def _default(one: Field) -> list[str]:
    """What stands in a field nobody has touched; in an optional list of choices nothing is ticked."""
    return ["on"] if one.widget == "tick" and one.default is True else []


def _grouped(options: list[Option]) -> list[tuple[str, list[Option]]]:
    return [(group, list(listed)) for group, listed in groupby(options, attrgetter("group"))]


def _padded(values: list[str], fewest: int, spare: int) -> list[str]:
    return [*values, *[""] * max(_SPARE + spare, fewest - len(values))]


def _rows(
    of: Choosing,
    one: Field,
    raw: Mapping[str, Sequence[str]],
    faults: Mapping[str, str],
    prefix: str,
    spare: int,
) -> list[list[Question]]:
    columns = one.columns or (
        Field("name", "select", True, limit=64),
        Field("value", "line", True, limit=2000),
    )
    typed = {column.name: list(raw.get(f"{one.name}-{column.name}", ())) for column in columns}
    filled = max(map(len, typed.values()), default=0)
    ids = _fresh_ids(of, typed.get("id", []))
    rows = []
    for place in range(max(filled + spare, _FEWEST)):
        row = []
        for column in columns:
            value = typed[column.name][place] if place < len(typed[column.name]) else ""
            if column.name == "id" and not value:
                value = next(ids)
            row.append(_cell(of, one, column, value, faults.get(f"{one.name}.{place}.{column.name}"), prefix))
        rows.append(row)
    return rows


def _cell(of: Choosing, one: Field, column: Field, value: str, fault: str | None, prefix: str) -> Question:
    if one.widget == "pairs":
        label = _NAME if column.name == "name" else _VALUE
    else:
        label = label_of("items", column.name)
    options = []
    if column.widget == "select":
        options = of.options("correct", one) if one.widget == "pairs" else of.options("items", column)
        if value and value not in [option.value for option in options]:
            options = [Option(value, value), *options]
    return Question(
        field=column,
        name=f"{prefix}{one.name}-{column.name}",
        label=of.words.gettext(label.text),
        help=of.words.gettext(label.help),
        options=_grouped(options),
        values=[value],
        fault=fault,
    )


def _fresh_ids(of: Choosing, typed: Sequence[str]) -> Iterator[str]:
    """Free ids of items: A1, A2 …"""
    taken = {*of.case.complaint.items, *typed}
    place = 0
    while True:
        place += 1
        if f"A{place}" not in taken:
            yield f"A{place}"
