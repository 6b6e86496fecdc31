"""Which requirement stands where in the code, and which test proves it: `docs/requirements.md`.

Reads the numbers from `docs/requirement_ids.txt`, the marks `@pytest.mark.requirement("SLA-01")` from the tests (as
syntax, nothing is imported), the numbers cited in the product's own files, and what is to be said about a requirement
from `docs/requirements_notes.yaml`. A requirement with a test is done; with a test and a note, partly; else not done.
A number that does not exist, wherever it is cited, is an error.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tools import ROOT

PRODUCT = (
    "domain", "policies", "workflows", "activities", "records", "channels", "workers", "starter", "console", "embedded",
)  # fmt: skip
CITING = {".py", ".yaml", ".yml", ".sql", ".j2", ".html"}
CATALOGUE = Path("docs/requirement_ids.txt")
NOTES = Path("docs/requirements_notes.yaml")


class WrongCitation(Exception):
    """A requirement is cited that does not exist, or in a way that cannot be read; every line names its place."""


@dataclass
class Requirement:
    """One numbered requirement and where it stands."""

    number: str
    title: str
    #: Files of the product that cite it, sorted.
    code: list[str] = field(default_factory=list)
    #: Tests that prove it, as `file::name`, sorted.
    tests: list[str] = field(default_factory=list)
    #: Why it is not done, or what is missing; empty when there is nothing to say.
    note: str = ""

    @property
    def status(self) -> str:
        """`done`, `partly` or `not done`."""
        if not self.tests:
            return "not done"
        return "partly" if self.note else "done"


@dataclass(frozen=True)
class Group:
    """One chapter of the catalogue. `code` is the three letters its numbers begin with."""

    code: str
    name: str
    requirements: tuple[Requirement, ...]


def catalogue(text: str) -> list[Group]:
    """The groups of the catalogue in order. Raises WrongCitation on a line that is neither group nor requirement."""
    groups: list[Group] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if heading := re.fullmatch(r"\[([A-Z]{3})\] (.+)", line):
            groups.append(Group(heading[1], heading[2], ()))
        elif groups and (entry := re.fullmatch(rf"({groups[-1].code}-\d\d) (.+)", line)):
            group = groups.pop()
            groups.append(
                Group(group.code, group.name, (*group.requirements, Requirement(entry[1], entry[2])))
            )
        else:
            raise WrongCitation(f"{CATALOGUE}:{number}: neither a group nor a requirement of the group above")
    return groups


def marks(tree: ast.Module) -> Iterator[tuple[str, int, ast.expr]]:
    """Every argument of a requirement mark, with the name of what is marked and the line it stands on."""

    def within(node: ast.AST, owner: str) -> Iterator[tuple[str, int, ast.expr]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            owner = f"{owner}::{node.name}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
            yield from ((owner, node.lineno, argument) for argument in node.args)
        for child in ast.iter_child_nodes(node):
            yield from within(child, owner)

    yield from within(tree, "")


def collect(groups: Iterable[Group], root: Path) -> None:
    """Fill in code and tests from the files below `root`. Raises WrongCitation with every wrong place."""
    known = {one.number: one for group in groups for one in group.requirements}
    cited = re.compile(rf"\b(?:{'|'.join(sorted({number[:3] for number in known}))})-\d\d\b")
    wrong: list[str] = []
    for path in sorted(
        one for folder in PRODUCT for one in (root / folder).rglob("*") if one.suffix in CITING
    ):
        place = path.relative_to(root).as_posix()
        for number in sorted(set(cited.findall(path.read_text("utf-8")))):
            if number in known:
                known[number].code.append(place)
            else:
                wrong.append(f"{place}: there is no requirement {number}")
    for path in sorted((root / "tests").rglob("*.py")):
        place = path.relative_to(root).as_posix()
        for owner, line, argument in marks(ast.parse(path.read_text("utf-8"))):
            number = argument.value if isinstance(argument, ast.Constant) else None
            if not isinstance(number, str) or number not in known:
                wrong.append(f"{place}:{line}: there is no requirement {ast.unparse(argument)}")
            elif (test := place + owner) not in known[number].tests:
                known[number].tests.append(test)
    if wrong:
        raise WrongCitation("\n".join(wrong))


def annotate(groups: Iterable[Group], notes: Mapping[str, str]) -> None:
    """Put the notes to their requirements; a note for a whole group serves those without a test or note of their own."""
    unknown = set(notes)
    for group in groups:
        unknown.discard(group.code)
        for one in group.requirements:
            unknown.discard(one.number)
            one.note = notes.get(
                one.number, "" if one.tests else notes.get(group.code, "no test proves it yet")
            )
    if unknown:
        raise WrongCitation(f"{NOTES}: there is no requirement {', '.join(sorted(unknown))}")


def survey(root: Path = ROOT) -> list[Group]:
    """The catalogue with everything known about each requirement. Raises WrongCitation."""
    groups = catalogue((root / CATALOGUE).read_text("utf-8"))
    collect(groups, root)
    annotate(groups, yaml.safe_load((root / NOTES).read_text("utf-8")) or {})
    return groups


def count(group: Group, status: str) -> int:
    """How many requirements of the group have this status."""
    return sum(one.status == status for one in group.requirements)


def _link(place: str) -> str:
    file, _, name = place.partition("::")
    return f"[{name.replace('::', '.') or file}](../{file})"


def markdown(groups: Iterable[Group]) -> str:
    """`docs/requirements.md` as text."""
    groups = list(groups)
    lines = [
        "# Requirements and their tests",
        "",
        (
            "Drawn by `make requirements` from the numbers cited in code and tests. *Done* means that a test proves it; "
            "*partly*, that a test proves what the note does not except."
        ),
        "",
        "| group | what it is | done | partly | not done |",
        "|---|---|---:|---:|---:|",
    ]
    for group in groups:
        counts = " | ".join(str(count(group, status)) for status in ("done", "partly", "not done"))
        lines.append(f"| [{group.code}](#{group.code.lower()}) | {group.name} | {counts} |")
    for group in groups:
        lines += ["", f"## {group.code}", "", f"{group.name}.", ""]
        lines += ["| requirement | status | code | tests |", "|---|---|---|---|"]
        for one in group.requirements:
            status = f"{one.status}: {one.note}" if one.note else one.status
            code, tests = (", ".join(map(_link, places)) or "–" for places in (one.code, one.tests))
            lines.append(f"| **{one.number}** {one.title} | {status} | {code} | {tests} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write `docs/requirements.md` and print the counts. Returns 1 when something is cited that does not exist."""
    try:
        groups = survey()
    except WrongCitation as reason:
        print(reason, file=sys.stderr)
        return 1
    (ROOT / "docs" / "requirements.md").write_text(markdown(groups), "utf-8")
    print(f"{'':5}{'done':>6}{'partly':>8}{'not done':>10}")
    for group in groups:
        print(
            f"{group.code:5}{count(group, 'done'):6}{count(group, 'partly'):8}{count(group, 'not done'):10}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
