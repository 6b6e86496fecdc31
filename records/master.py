"""Master data: projects, buildings, units with their handover and warranty dates, and customers.

Imported from CSV files of the systems that own them. An import is all or nothing: every mistake is listed as
`file:line, column: what is wrong; what is accepted`, and with one mistake nothing is written. Importing the same
file again changes nothing. (CUS-01…CUS-04, ORG-04)
"""

import csv
import io
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from domain.codes import Line
from domain.texts import Contact, Note
from records.db import Connection, RecordsError, to_json
from records.sql import statements
from records.texts import Texts

SQL = statements("master")


class ImportRefused(RecordsError):
    """A file was not imported; `problems` has one sentence for each mistake in it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Nothing was imported. " + " · ".join(problems[:20]))
        self.problems = problems


@dataclass(frozen=True)
class Imported:
    """What an import did: rows read, of these new, changed, and as they were before."""

    rows: int
    added: int
    changed: int

    @property
    def same(self) -> int:
        """Rows that were in the records already."""
        return self.rows - self.added - self.changed


@dataclass(frozen=True)
class Place:
    """Where a complaint belongs: codes as the master data write them; a part that is not known stays None."""

    project: str | None
    unit: str | None = None
    line: Line | None = None
    handed_over_on: date | None = None
    warranty_until: date | None = None


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _no_empty_cells(cls, data: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in data.items() if value and value.strip()}


class UnitRow(_Row):
    """A line of a units file. Dates: YYYY-MM-DD."""

    project: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")
    project_name: Note
    line: Line = Line.SALES
    building: Note | None = None
    unit: Note
    handed_over_on: date | None = None
    warranty_until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "UnitRow":
        if self.handed_over_on and self.warranty_until and self.warranty_until < self.handed_over_on:
            raise ValueError("warranty_until must not be before handed_over_on")
        return self


class CustomerRow(_Row):
    """A line of a customers file. `reference` is the customer's key in the system they come from."""

    reference: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")
    name: Contact
    contact: Contact
    preferred: str | None = None
    language: str = Field(default="zh-CN", pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    project: str | None = None
    unit: str | None = None
    relation: str | None = None

    @field_validator("relation")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in ("owner", "tenant", "buyer", "landlord"):
            raise ValueError("accepted: owner, tenant, buyer, landlord")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "CustomerRow":
        if len({self.project is None, self.unit is None, self.relation is None}) > 1:
            raise ValueError("project, unit and relation belong together")
        return self


_Kind = TypeVar("_Kind", bound=_Row)


@dataclass(frozen=True)
class _Read(Generic[_Kind]):
    line: int
    row: _Kind


def decode_csv(data: bytes, source: str) -> str:
    """The text of a CSV file in UTF-8 (with or without a mark) or GB18030. Raises ImportRefused for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ImportRefused([f"{source}: the file is neither UTF-8 nor GB18030"])


def _read(text: str, source: str, kind: type[_Kind]) -> list[_Read[_Kind]]:
    """The rows of a file. Raises ImportRefused with every mistake of every row."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    problems: list[str] = []
    rows: list[_Read[_Kind]] = []
    try:
        _require_columns(list(reader.fieldnames or []), source, kind)
        for raw in reader:
            line = reader.line_num
            if None in raw or None in raw.values():
                problems.append(f"{source}:{line}: has another number of columns than the first line")
                continue
            try:
                rows.append(_Read(line, kind.model_validate(raw)))
            except ValidationError as error:
                problems.extend(f"{source}:{line}, {problem}" for problem in _problems(error))
    except csv.Error as error:
        problems.append(f"{source}:{reader.line_num}: {error}")
    if problems:
        raise ImportRefused(problems)
    return rows


def _require_columns(columns: list[str], source: str, kind: type[_Row]) -> None:
    fields = kind.model_fields
    missing = [name for name, field in fields.items() if field.is_required() and name not in columns]
    unknown = [name for name in columns if name not in fields]
    if missing or unknown:
        what = [f"column {name} is missing" for name in missing] + [
            f"column {name!r} is unknown" for name in unknown
        ]
        raise ImportRefused([f"{source}:1: {', '.join(what)}; accepted: {', '.join(fields)}"])


def _problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        column = ".".join(str(part) for part in problem["loc"]) or "row"
        given = f"{problem['input']!r}: " if isinstance(problem["input"], str) else ""
        yield f"{column}: {given}{problem['msg']}"


async def import_units(connection: Connection, data: bytes, source: str) -> Imported:
    """Bring projects, buildings and units up to a CSV file with the columns of `UnitRow`; all of it or nothing.

    source: the file's name, for messages. Raises ImportRefused.
    """
    rows = _read(decode_csv(data, source), source, UnitRow)
    added = changed = 0
    async with connection.transaction():
        for project in {(r.row.project, r.row.project_name, r.row.line) for r in rows}:
            await connection.execute(SQL["put_project"], *project)
        for building in sorted({(r.row.project, r.row.building) for r in rows if r.row.building}):
            await connection.execute(SQL["put_building"], *building)
        for read in rows:
            row = read.row
            outcome = await connection.fetchval(
                SQL["put_unit"], row.project, row.unit, row.building, row.handed_over_on, row.warranty_until
            )
            added, changed = added + (outcome is True), changed + (outcome is False)
    return Imported(len(rows), added, changed)


async def import_customers(connection: Connection, texts: Texts, data: bytes, source: str) -> Imported:
    """Bring customers up to a CSV file with the columns of `CustomerRow`; names and contacts are kept encrypted.

    A customer with several units stands in several lines with the same particulars. Raises ImportRefused, also
    for units that the master data do not have.
    """
    rows = _read(decode_csv(data, source), source, CustomerRow)
    problems = [problem for read in rows if (problem := await _unknown_unit(connection, read, source))]
    problems.extend(_contradictions(rows, source))
    if problems:
        raise ImportRefused(problems)
    added = changed = 0
    async with connection.transaction():
        for read in rows:
            new, altered = await _put_customer(connection, texts, read.row)
            added, changed = added + new, changed + altered
    return Imported(len(rows), added, changed)


async def _unknown_unit(connection: Connection, read: _Read[CustomerRow], source: str) -> str | None:
    row = read.row
    if row.project is None or row.unit is None:
        return None
    place = await find_place(connection, row.project, row.unit)
    if place.project is None:
        return f"{source}:{read.line}, project: {row.project!r} is not in the master data; import its units first"
    if place.unit is None:
        return f"{source}:{read.line}, unit: {row.unit!r} is not a unit of {place.project}; import it first"
    return None


def _contradictions(rows: list[_Read[CustomerRow]], source: str) -> Iterator[str]:
    first: dict[str, _Read[CustomerRow]] = {}
    for read in rows:
        other = first.setdefault(read.row.reference, read)
        if _content(other.row) != _content(read.row):
            yield (
                f"{source}:{read.line}, reference: {read.row.reference!r} has other particulars "
                f"than in line {other.line}"
            )


def _content(row: CustomerRow) -> bytes:
    """The particulars in one comparable piece."""
    return to_json([row.name, row.contact, row.preferred, row.language]).encode()


async def _put_customer(connection: Connection, texts: Texts, row: CustomerRow) -> tuple[bool, bool]:
    """Whether the customer was added, and whether they (or their tie to a unit) were changed."""
    known = await connection.fetchrow(SQL["find_customer"], row.reference)
    customer = known["id"] if known else f"cus_{secrets.token_hex(16)}"
    content = texts.fingerprint(_content(row))
    changed = known is not None and known["content"] != content
    if known is None or changed:
        ids = await texts.store(connection, customer, {"name": row.name, "contact": row.contact})
        await connection.execute(SQL["claim_texts"], list(ids.values()))
        particulars = (ids["name"], ids["contact"], row.preferred, row.language, content)
        if known is None:
            await connection.execute(SQL["add_customer"], customer, row.reference, *particulars)
        else:
            await connection.execute(SQL["change_customer"], customer, *particulars)
            await connection.execute(SQL["drop_texts"], [known["name_text"], known["contact_text"]])
            await connection.execute(SQL["drop_contacts"], customer)
        await texts.index_contacts(connection, customer, [row.contact])
    if row.project and row.unit:
        place = await find_place(connection, row.project, row.unit)
        tied = await connection.fetchval(
            SQL["put_customer_unit"], customer, place.project, place.unit, row.relation
        )
        changed = changed or (known is not None and tied is not None)
    return known is None, changed


async def find_place(connection: Connection, project: str | None, unit: str | None = None) -> Place:
    """The place of a complaint in the master data, by the project's code or name and the unit as people write it.

    What is not found is None: an unknown project or unit is accepted as written and opens a task (commands.md §7).
    """
    found = await connection.fetchrow(SQL["find_project"], project) if project else None
    if found is None:
        return Place(None)
    line = Line(found["line"])
    row = await connection.fetchrow(SQL["find_unit"], found["code"], unit) if unit else None
    if row is None:
        return Place(found["code"], None, line)
    return Place(found["code"], row["name"], line, row["handed_over_on"], row["warranty_until"])


async def customers_of_unit(connection: Connection, project: str, unit: str) -> list[tuple[str, str]]:
    """The customers tied to a unit: (customer id, owner | tenant | buyer | landlord)."""
    return [
        (row["customer"], row["relation"])
        for row in await connection.fetch(SQL["customers_of_unit"], project, unit)
    ]
