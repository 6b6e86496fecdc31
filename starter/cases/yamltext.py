"""YAML as a cases file uses it: plain data, safely, with the line of everything.

Numbers with a point, dates and times stay the text they were written as, so that money keeps its digits and
an instant keeps its zone. What is unsafe or misleading (tags, endless nesting, aliases that blow up, a key
that stands twice) is refused with its line. One broken list item does not hide the others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import yaml

#: Levels of lists and mappings inside each other. libyaml itself crashes the process at some ten thousand.
MAX_DEPTH = 40
#: Values in one case, aliases counted as often as they are used.
MAX_VALUES = 200_000

_FENCE = re.compile(r"^ {0,3}(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_ITEM = re.compile(r"^( *)-(?=[ \t]|$)")
_ID = re.compile(r"^[ \t-]*[{]?[ \t]*[\"']?id[\"']?[ \t]*:[ \t]*[\"']?(?P<id>[\w.-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a file: where, what, and what is accepted instead, as a sentence."""

    message: str
    line: int | None = None
    case_id: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        """The sentence a person reads: `SC-07, line 41, steps.3.at: …`."""
        where = [self.case_id, None if self.line is None else f"line {self.line}", self.field]
        place = ", ".join(part for part in where if part)
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True)
class Entry:
    """One item of the file as plain data, with the node it was written as."""

    value: object
    node: yaml.Node
    first_line: int

    def line(self, path: Sequence[str | int] = ()) -> int:
        """The line of the file on which the value at `path` stands; of its nearest parent when it is absent."""
        return self.first_line + _descend(self.node, path).start_mark.line


_SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = (None, *(_TAG + name for name in ("null", "bool", "int", "str", "seq", "map")))


class _PlainLoader(_SAFE_LOADER):  # type: ignore[misc]
    """Text, whole numbers, true and false, nothing; lists and mappings. No other tag is known to it."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}
    yaml_constructors: ClassVar[dict[str | None, Any]] = {
        tag: maker for tag, maker in _SAFE_LOADER.yaml_constructors.items() if tag in _PLAIN_TAGS
    }


_PlainLoader.add_implicit_resolver(_TAG + "merge", re.compile(r"^<<$"), ["<"])
_PlainLoader.add_implicit_resolver(_TAG + "null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_PlainLoader.add_implicit_resolver(
    _TAG + "bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_PlainLoader.add_implicit_resolver(
    _TAG + "int", re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})$"), list("-+0123456789")
)


def blocks(text: str) -> Iterator[tuple[str, int]]:
    """The YAML of a text as (block, lines before it): its ```yaml fences, or all of it when it has none."""
    fenced = list(_fenced(text))
    yield from fenced or [(text, 0)]


def _fenced(text: str) -> Iterator[tuple[str, int]]:
    closing: str | None = None
    is_yaml, begun, inside = False, 0, list[str]()
    for number, line in enumerate(text.split("\n")):
        fence = _FENCE.match(line.rstrip())
        if closing is None and fence:
            closing = fence["marks"]
            is_yaml, begun, inside = fence["info"].strip().lower() in {"yaml", "yml"}, number + 1, []
        elif closing and fence and not fence["info"].strip() and fence["marks"].startswith(closing):
            if is_yaml:
                yield "\n".join(inside) + "\n", begun
            closing = None
        else:
            inside.append(line)
    if closing is not None and is_yaml:
        yield "\n".join(inside) + "\n", begun


def entries(block: str, lines_before: int = 0) -> Iterator[Entry | Fault]:
    """Every item of a block (a list, a single mapping, or several documents of these), or what is wrong with it."""
    try:
        roots = _compose(block)
    except yaml.YAMLError as error:
        yield from _entries_one_by_one(block, lines_before, error)
        return
    for root in roots:
        for node in root.value if isinstance(root, yaml.SequenceNode) else [root]:
            yield _entry(node, lines_before)


def _entries_one_by_one(block: str, lines_before: int, error: yaml.YAMLError) -> Iterator[Entry | Fault]:
    """The items of a block that cannot be read as a whole, each by itself."""
    items = list(_items(block))
    if len(items) < 2:
        yield _fault(error, block, lines_before)
        return
    for item, before in items:
        try:
            roots = _compose(item)
        except yaml.YAMLError as failure:
            yield _fault(failure, item, lines_before + before)
            continue
        for root in roots:
            for node in root.value if isinstance(root, yaml.SequenceNode) else [root]:
                yield _entry(node, lines_before + before)


def _items(block: str) -> Iterator[tuple[str, int]]:
    """A block list cut at the dashes of its outermost level, with the lines before each piece."""
    lines = block.split("\n")
    starts = [number for number, line in enumerate(lines) if _ITEM.match(line)]
    if not starts:
        return
    margin = min(len(lines[number]) - len(lines[number].lstrip(" ")) for number in starts)
    cuts = [number for number in starts if lines[number].startswith(" " * margin + "-")]
    for begin, end in zip(cuts, [*cuts[1:], len(lines)], strict=True):
        yield "\n".join(lines[begin:end]) + "\n", begin


def _compose(text: str) -> list[yaml.Node]:
    """The documents of a text as nodes. Raises YAMLError, also for nesting that has no end."""
    depth = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            mark: Any = event.start_mark
            said = f"lists and mappings may be nested {MAX_DEPTH} levels deep"
            raise yaml.MarkedYAMLError(problem=said, problem_mark=mark)
    return list(yaml.compose_all(text, Loader=_PlainLoader))


def _entry(node: yaml.Node, lines_before: int) -> Entry | Fault:
    first_line = lines_before + 1
    try:
        _inspect(node)
        loader = _PlainLoader("")
        try:
            value = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        return _fault(error, "", lines_before, case_id=_id_of(node))
    return Entry(value, node, first_line)


def _inspect(root: yaml.Node) -> None:
    """Refuse what would mislead or blow up: a key that stands twice, an alias inside itself, too many values."""
    sizes: dict[int, int | None] = {}

    def size(node: yaml.Node) -> int:
        if id(node) in sizes:
            known = sizes[id(node)]
            if known is None:
                raise yaml.MarkedYAMLError(problem="an alias refers to itself", problem_mark=node.start_mark)
            return known
        sizes[id(node)] = None
        total = 1
        if isinstance(node, yaml.MappingNode):
            _refuse_repeated_keys(node)
            total += sum(size(key) + size(value) for key, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            total += sum(size(item) for item in node.value)
        if total > MAX_VALUES:
            raise yaml.MarkedYAMLError(
                problem=f"more than {MAX_VALUES} values, aliases counted as used",
                problem_mark=node.start_mark,
            )
        sizes[id(node)] = total
        return total

    size(root)


def _refuse_repeated_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag.endswith(":merge"):
            continue
        if key.value in seen:
            raise yaml.MarkedYAMLError(
                problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark
            )
        seen.add(key.value)


def _descend(node: yaml.Node, path: Sequence[str | int]) -> yaml.Node:
    for part in path:
        below: yaml.Node | None = None
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            below = node.value[part]
        elif isinstance(node, yaml.MappingNode):
            below = next((value for key, value in node.value if key.value == part), None)
        if below is None:
            break
        node = below
    return node


def _id_of(node: yaml.Node) -> str | None:
    found = _descend(node, ["id"])
    return str(found.value) if isinstance(found, yaml.ScalarNode) else None


def _fault(error: yaml.YAMLError, text: str, lines_before: int, *, case_id: str | None = None) -> Fault:
    """An error of the YAML library as a sentence with its line in the file."""
    named = _ID.search(text)
    case_id = case_id or (named["id"] if named else None)
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else lines_before + mark.line + 1
        said = ", ".join(part for part in (error.context, error.problem) if part)
        return Fault(f"cannot be read as YAML: {said}", line, case_id)
    if isinstance(error, yaml.reader.ReaderError):
        line = lines_before + text.count("\n", 0, error.position) + 1
        return Fault("cannot be read as YAML: control characters are not accepted", line, case_id)
    return Fault(f"cannot be read as YAML: {error}", None, case_id)
