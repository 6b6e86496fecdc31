"""The cases file of commands.md §5: YAML blocks in Markdown, a YAML list, or one case alone.

Every case is read by itself: what is wrong with one becomes a `Fault` that names case, line, field and what is
accepted, and the others are read all the same. Instants come out aware, counted from the case's own receipt.
What is said in `with` is judged by the rules when it is said; here only its instants are resolved.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from starter.cases.shape import CASE_KEYS, Case, ignored_keys, sentences
from starter.cases.yamltext import Entry, Fault, blocks, entries

#: Bytes of one cases file.
MAX_BYTES = 32 * 1024 * 1024

#: The twenty-four sample cases that come with the product.
SAMPLES = Path(__file__).parent.parent / "samples" / "sample_cases.md"


class CasesFileError(ValueError):
    """The file as a whole cannot be used. The message is one sentence for the person who named it."""


@dataclass(frozen=True)
class Unreadable:
    """A case that could not be read, and why. It gets a report like any other case."""

    id: str
    faults: tuple[Fault, ...]
    #: whether the case says of itself that it must not get in (`expect: {input: refused}`)
    refusal_expected: bool = False


@dataclass(frozen=True)
class CasesFile:
    """What a file holds, in its order."""

    items: tuple[Case | Unreadable, ...]

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases that can be played."""
        return tuple(item for item in self.items if isinstance(item, Case))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong with the others."""
        return tuple(fault for item in self.items if isinstance(item, Unreadable) for fault in item.faults)

    @property
    def ignored(self) -> dict[str, tuple[str, ...]]:
        """The unknown keys of each case that has some; they change nothing."""
        return {case.id: case.ignored for case in self.cases if case.ignored}


def load_cases(path: Path = SAMPLES) -> CasesFile:
    """The cases of a file. Raises CasesFileError if there is no such file or nothing in it is a case."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CasesFileError(f"{path}: larger than {MAX_BYTES // 1024 // 1024} MiB; split the file")
        data = path.read_bytes()
    except OSError as error:
        raise CasesFileError(f"{path}: cannot be read ({error.strerror or error})") from None
    return read_cases(data, source=str(path))


def read_cases(data: bytes | str, *, source: str = "the cases file") -> CasesFile:
    """The cases in this text. Raises CasesFileError if it is no text, too large, or nothing in it is a case."""
    if len(data) > MAX_BYTES:
        raise CasesFileError(f"{source}: larger than {MAX_BYTES // 1024 // 1024} MiB; split the file")
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise CasesFileError(f"{source}: is not UTF-8 text (byte {error.start})") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = [entry for block, before in blocks(text) for entry in entries(block, before)]
    if not found:
        raise CasesFileError(
            f"{source}: holds no case; accepted are a YAML list of cases or ```yaml blocks of them"
        )
    return CasesFile(tuple(_in_reach(list(_singly(found)))))


def _singly(found: list[Entry | Fault]) -> Iterator[Case | Unreadable]:
    """Each entry as a case; an id that is taken makes the later one unreadable."""
    taken: set[str] = set()
    for place, entry in enumerate(found, start=1):
        item = _case(entry, place)
        if item.id in taken and isinstance(item, Case):
            fault = Fault(
                "another case of this file has the same id; each needs its own",
                item.first_line,
                item.id,
                "id",
            )
            item = Unreadable(item.id, (fault,), item.refusal_expected)
        taken.add(item.id)
        yield item


def _case(entry: Entry | Fault, place: int) -> Case | Unreadable:
    if isinstance(entry, Fault):
        return Unreadable(entry.case_id or f"item {place}", (entry,))
    value = entry.value
    if not isinstance(value, dict) or not CASE_KEYS.intersection(map(str, value)):
        fault = Fault(
            "is no case; a case is a mapping with id, received_at, channel …", entry.line(), f"item {place}"
        )
        return Unreadable(f"item {place}", (fault,))
    named = value.get("id")
    case_id = str(named) if isinstance(named, str | int) and str(named).strip() else f"item {place}"
    try:
        return Case.read(value, line=entry.line(), ignored=tuple(ignored_keys(value)))
    except ValidationError as error:
        faults = tuple(
            Fault(said, entry.line(path), case_id, ".".join(map(str, path)) or None)
            for path, said in sentences(error)
        )
        return Unreadable(case_id, faults, _refusal_expected(value))


def _refusal_expected(value: Mapping[str, object]) -> bool:
    expect = value.get("expect")
    return isinstance(expect, dict) and expect.get("input") == "refused"


def _in_reach(items: list[Case | Unreadable]) -> Iterator[Case | Unreadable]:
    """The same items; a case whose `needs` name nothing in the file, or lead back to itself, becomes unreadable."""
    needs = {item.id: item.needs if isinstance(item, Case) else () for item in items}
    for item in items:
        said = _unmet(item.id, needs) if isinstance(item, Case) else None
        if said is None or not isinstance(item, Case):
            yield item
        else:
            yield Unreadable(
                item.id, (Fault(said, item.first_line, item.id, "needs"),), item.refusal_expected
            )


def _unmet(start: str, needs: Mapping[str, tuple[str, ...]]) -> str | None:
    missing = [name for name in needs[start] if name not in needs]
    if missing:
        return f"no case {missing[0]!r} in this file; accepted are ids of cases in the same file"
    waiting, seen = list(needs[start]), set[str]()
    while waiting:
        name = waiting.pop()
        if name == start:
            return "the cases named need each other in a circle; one of them must be able to come first"
        if name not in seen:
            seen.add(name)
            waiting.extend(needs.get(name, ()))
    return None
