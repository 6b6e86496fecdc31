"""The words of the desk and what is not translated yet: `make messages`.

Message ids are drawn from the templates and the Python of `console/` (by Babel), from the tables whose
words are asked for by key, and from every refusal of the rules and the front door (from their syntax). Lists, per language, what has no translation and which
translations nothing asks for any more or two files have differently. Exits 1 when there is any. `--write` adds the new ids, empty, to
`console/words/locale/zh_CN/LC_MESSAGES/console.po` or `refusals.po`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from console.case.sentences import LABELS, SENTENCES, VALUES
from console.words.catalogue import FOLDERS, LOCALE, Key, files, key_of, read, translated, translations
from console.words.refusals import CONTEXT
from records.accounts import WEAK
from tools import ROOT

METHODS = [
    ("console/words/**.py", "python"),
    ("console/**.py", "python"),
    ("console/templates/**.html", "jinja2"),
]
OPTIONS = {"console/templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
#: whose arguments are sentences for people
REFUSING = {
    "BadCommand", "NotAccepted", "NotStarted", "NotTheirs", "NotUnderstood", "OtherContent", "OurFault", "Refused",
    "TemporalUnreachable", "TooManyFiles", "TryAgain", "UnknownComplaint", "refuse_others", "refuse_unless", "require",
}  # fmt: skip
#: the files whose ValueErrors reach people, as faults of a field
SHAPES = ("domain/spoken/", "domain/texts.py")
#: tables whose words are message ids, asked for by their keys
TABLES = (SENTENCES, VALUES, LABELS, WEAK)
#: functions that return sentences, and the list that a sentence is joined from
RETURNING = {("domain/lifecycle.py", "out_of_stage"), ("domain/commands.py", "sentence")}
JOINING = {("domain/stages/closing.py", "missing.append")}
SOURCES = ("domain/**/*.py", "starter/*.py", "records/*.py")
#: What pydantic says about a field. Its sentences stand nowhere in our sources.
PYDANTIC = (
    "Field required",
    "Input should be {1}",
    "Input should be a valid boolean",
    "Input should be a valid boolean, unable to interpret input",
    "Input should be a valid datetime, {1}",
    "Input should be a valid datetime or date, {1}",
    "Input should be a valid decimal",
    "Input should be a valid dictionary",
    "Input should be a valid integer",
    "Input should be a valid integer, got a number with a fractional part",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid list",
    "Input should be a valid string",
    "Input should be greater than or equal to {1}",
    "Input should be less than or equal to {1}",
    "Input should have timezone info",
    "Decimal input should be an integer, float, string or Decimal object",
    "Decimal input should have no more than {1} decimal places",
    "Decimal input should have no more than {1} digits in total",
    "Decimal input should have no more than {1} digits before the decimal point",
    "Dictionary should have at least {1} item after validation, not {2}",
    "Dictionary should have at most {1} items after validation, not {2}",
    "List should have at least {1} item after validation, not {2}",
    "List should have at most {1} items after validation, not {2}",
    "String should have at least {1} characters",
    "String should have at most {1} characters",
    "String should match pattern {1}",
)


def sentences(paths: Sequence[Path] | None = None) -> dict[str, str]:
    """Each refusal of the sources, its changing parts numbered, and the place it stands first."""
    found: dict[str, str] = dict.fromkeys(PYDANTIC, "pydantic")
    for path in paths or [file for source in SOURCES for file in sorted(ROOT.glob(source))]:
        name = path.relative_to(ROOT).as_posix()
        for line, sentence in _spoken(name, ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(sentence, f"{name}:{line}")
    return found


def _spoken(name: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        for spoken in _arguments(name, node):
            resolved = constants.get(spoken.id, spoken) if isinstance(spoken, ast.Name) else spoken
            for sentence in _texts(resolved):
                yield resolved.lineno, sentence


def _arguments(name: str, node: ast.AST) -> list[ast.expr]:
    """What is said by a node, when it says something to people."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        last = called.rpartition(".")[2]
        shaped = last == "ValueError" and name.startswith(SHAPES)
        return node.args if last in REFUSING or shaped or (name, called) in JOINING else []
    if isinstance(node, ast.FunctionDef) and (name, node.name) in RETURNING:
        return [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value]
    if isinstance(node, ast.ClassDef) and node.name in REFUSING:
        calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
        return [arg for call in calls if ast.unparse(call.func) == "super().__init__" for arg in call.args]
    return []


def _texts(node: ast.expr) -> Iterator[str]:
    """The sentences an expression can come to; single words are codes and no sentences."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif (text := _template(node)) and " " in text.strip() and _worded(text):
        yield text


def _template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    pieces, count = [], 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            pieces.append(str(part.value))
        else:
            count += 1
            pieces.append(f"{{{count}}}")
    return "".join(pieces)


def _worded(text: str) -> bool:
    """Whether something is said beside the changing parts: "{1}: {2}" says nothing."""
    return any(len(word) > 1 and word.isalpha() for word in text.replace("{", " {").split())


def used() -> dict[Key, str]:
    """Every message id the desk asks for, and where first."""
    found: dict[Key, str] = {}
    for file, line, message, _comments, context in extract_from_dir(
        str(ROOT),
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
        directory_filter=lambda folder: not _outside(folder),
    ):
        single = message if isinstance(message, str) else message[0]
        if single:
            found.setdefault((context or "", single), f"{file}:{line}")
    for table in TABLES:
        for key, message in table.items():
            found.setdefault(("", message), key)
    return found


def _outside(folder: str | Path) -> bool:
    parts = Path(folder).absolute().relative_to(ROOT).parts
    return bool(parts) and parts[0] != "console"


def untranslated(language: str) -> dict[Key, str]:
    """What has no translation in a language, and where it is asked for. English ids are English already."""
    asked = {**used(), **{(CONTEXT, sentence): place for sentence, place in sentences().items()}}
    told = translations(language)
    return {} if language == "en" else {key: place for key, place in asked.items() if key not in told}


def obsolete(language: str) -> dict[Key, str]:
    """Translations nothing asks for any more, and the file each stands in. Names of codes are held by their test."""
    asked = {*used(), *((CONTEXT, sentence) for sentence in sentences())}
    found: dict[Key, str] = {}
    for path in files(language):
        for message in read(path):
            key = key_of(message) if message.id else None
            if key and key[0] in ("", CONTEXT) and key not in asked:
                found[key] = path.relative_to(LOCALE).as_posix()
    return found


def contested(language: str) -> dict[Key, list[str]]:
    """What two files of a language translate differently, and the files; only the first is ever shown."""
    told: dict[Key, dict[tuple[str, ...], str]] = {}
    for path in files(language):
        for key, forms in translated(read(path)):
            told.setdefault(key, {}).setdefault(forms, path.relative_to(LOCALE).as_posix())
    return {key: list(places.values()) for key, places in told.items() if len(places) > 1}


def write(missing: dict[Key, str]) -> None:
    """Add what is missing, empty, to the Chinese catalogues."""
    for name in ("console.po", "refusals.po"):
        path = LOCALE / FOLDERS["zh-CN"] / "LC_MESSAGES" / name
        catalog = read(path) if path.exists() else Catalog(locale="zh_Hans_CN")
        for context, message in missing:
            if (context == CONTEXT) == (name == "refusals.po"):
                catalog.add(message, "", context=context or None)
        with path.open("wb") as out:
            write_po(out, catalog, width=0, omit_header=False, sort_output=False)


def main(arguments: Sequence[str]) -> int:
    """Print what is missing and what is obsolete. 1 when there is either."""
    wrong, unasked = 0, 0
    for language in FOLDERS:
        missing = untranslated(language)
        wrong += len(missing)
        for (context, message), place in sorted(missing.items(), key=lambda entry: entry[1]):
            print(f"{language}: untranslated: {place}: {f'[{context}] ' if context else ''}{message}")
        beyond = obsolete(language)
        unasked += len(beyond)
        for (context, message), file in beyond.items():
            print(f"{language}: obsolete: {file}: {f'[{context}] ' if context else ''}{message}")
        doubled = contested(language)
        unasked += len(doubled)
        for (context, message), places in doubled.items():
            print(
                f"{language}: differs in {' and '.join(places)}: {f'[{context}] ' if context else ''}{message}"
            )
        if missing and "--write" in arguments:
            write(missing)
    print(
        f"{len(used())} messages and {len(sentences())} refusals; {wrong} untranslated, {unasked} obsolete or contested"
    )
    return 1 if wrong or unasked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
