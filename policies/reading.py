"""YAML text to plain data, with the line of every key.

A small and strict YAML: a key stands once, nothing is shared by anchors, nothing is tagged, and a plain word is
a number, a date, true, false or null only if it looks like one to everybody (13:30 and `no` are text).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NoReturn

import yaml

from policies.problems import PolicyError, Problem

Path = tuple[str | int, ...]
LONGEST_FILE = 1_000_000
DEEPEST = 20

_PLAIN = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_DECIMAL = re.compile(r"[-+]?[0-9]{1,17}\.[0-9]{1,17}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class Document:
    """The data of one file, and the line of each place in it."""

    source: str
    data: dict[str, Any]
    lines: Mapping[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """The line of a place, or of the nearest place around it that is written."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at a place. The inner words of pydantic's paths, such as `[key]`, are left out."""
        shown = ".".join(str(part) for part in path if part != "[key]")
        return Problem(self.source, self.line(path), shown, message)


def read_yaml(text: str, source: str) -> Document:
    """The document in `text`; `source` names it in messages. Raises PolicyError."""
    if len(text) > LONGEST_FILE:
        _refuse(source, 1, "", f"at most {LONGEST_FILE} characters are accepted, not {len(text)}")
    try:
        _refuse_sharing(text, source)
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _refuse(source, mark.line + 1 if mark else 1, "", f"not YAML: {error.problem or error.context}")
    except yaml.YAMLError as error:
        _refuse(source, 1, "", f"not YAML: {str(error).splitlines()[0]}")
    except RecursionError:
        _refuse(source, 1, "", "nested too deeply")
    if not isinstance(root, yaml.MappingNode):
        _refuse(source, 1, "", "a table of keys and values is wanted")
    reader = _Reader(source)
    data = reader.read(root, ())
    if reader.problems:
        raise PolicyError(reader.problems)
    return Document(source, data, reader.lines)


def _refuse(source: str, line: int, key: str, message: str) -> NoReturn:
    raise PolicyError([Problem(source, line, key, message)])


def _refuse_sharing(text: str, source: str) -> None:
    """Anchors and aliases hide where a number stands, and let a small file grow without end."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(source, line, "", "anchors and aliases are not accepted; write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            _refuse(source, line, "", "nested too deeply")


class _Reader:
    """Walks the nodes of one document; keeps lines, and problems that do not stop it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def read(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if node.tag not in _PLAIN:
            self.report(node, path, f"tags such as {node.tag} are not accepted")
            return None
        if isinstance(node, yaml.MappingNode):
            return {key: self.read(value, (*path, key)) for key, value in self.pairs(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, place)) for place, item in enumerate(node.value)]
        return self.scalar(node, path)

    def pairs(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, yaml.Node]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag not in _PLAIN:
                self.report(key, path, "a key is a plain word")
            elif key.value in seen:
                self.report(key, (*path, key.value), f"stands twice; the first is in line {seen[key.value]}")
            else:
                seen[key.value] = line
                self.lines[*path, key.value] = line
                yield key.value, value

    def scalar(self, node: yaml.Node, path: Path) -> Any:
        text: str = node.value
        if not isinstance(node, yaml.ScalarNode) or node.style is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return float(text)
        if _DATE.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                self.report(node, path, f"{text} is not a day of the calendar")
        return text

    def report(self, node: yaml.Node, path: Path, message: str) -> None:
        self.problems.append(
            Problem(self.source, node.start_mark.line + 1, ".".join(map(str, path)), message)
        )
