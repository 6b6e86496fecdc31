"""The shape of the code, held by its syntax: nothing here imports what it judges."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from tools import ROOT

#: Package → the packages of ours it may import. Imports run downhill.
BELOW: dict[str, set[str]] = {
    "domain": set(),
    "policies": {"domain"},
    "records": {"domain", "policies"},
    "channels": {"domain", "policies"},
    "activities": {"domain", "policies", "records", "channels"},
    "workflows": {"domain", "activities"},
    "starter": {"domain", "policies", "workflows", "records"},
    "console": {"domain", "policies", "channels", "starter", "records"},
    "workers": {"domain", "policies", "records", "channels", "activities", "workflows", "starter"},
    "embedded": {
        "domain",
        "policies",
        "records",
        "channels",
        "activities",
        "workflows",
        "starter",
        "workers",
    },
}
OURS = {*BELOW, "tests", "tools", "bench", "deploy"}
#: The command line puts the parts together, so it alone may look up.
COMMAND_LINE = re.compile(r"starter/(cli|commands)(\.py|/)")
#: What the rules may stand on besides the standard library.
PURE = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions"}
#: Modules of the standard library that reach outside or bring chance in.
IMPURE = {
    "asyncio",
    "http",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "time",
    "urllib",
}
#: Calls that bring clock, chance or surroundings in where time and identity must come from outside.
FORBIDDEN_CALLS = re.compile(
    r"(datetime\.)?(datetime|date)\.(now|utcnow|today|fromtimestamp)|time\.\w+|random\.\w+|secrets\.\w+"
    r"|uuid\.uuid[14]|uuid[14]|os\.(environ\b.*|getenv|urandom)"
)
#: These iterate sets, so that a replay may take another order.
UNORDERED = re.compile(r"asyncio\.(TaskGroup|wait|as_completed)")
SKIPPED = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "__pycache__",
    "var",
    "node_modules",
}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project, without what tools and runs leave behind."""
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and not SKIPPED.intersection(path.relative_to(ROOT).parts)
    )


def modules(*packages: str) -> list[Path]:
    """The Python files of these packages."""
    return [path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in packages]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def place(path: Path, node: ast.AST | None = None) -> str:
    where = path.relative_to(ROOT).as_posix()
    return f"{where}:{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else where


def imported(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """The full name of every imported module, wherever in the file; relative imports count as their package's."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            yield ".".join([*package, *filter(None, [node.module])]), node


@pytest.mark.parametrize("package", BELOW)
def test_imports_run_downhill(package: str) -> None:
    wrong = [
        f"{place(path, node)} imports {name}"
        for path in modules(package)
        for name, node in imported(path)
        if (top := name.partition(".")[0]) in OURS - BELOW[package] - {package}
        and not (COMMAND_LINE.match(place(path)) and top in BELOW)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_desk_words_messages_and_sends_none() -> None:
    """It shows what a customer will receive; sending stays with the workers (docs/decisions/0026)."""
    wrong = [
        f"{place(path, node)} imports {name}"
        for path in modules("console")
        for name, node in imported(path)
        if name.partition(".")[0] == "channels" and name != "channels.rendering"
    ]
    assert not wrong, "\n".join(wrong)


def test_the_rules_stand_on_the_standard_library_and_pydantic_alone() -> None:
    allowed = (sys.stdlib_module_names - IMPURE) | PURE | {"domain"}
    wrong = [
        f"{place(path, node)} imports {name}"
        for path in modules("domain")
        for name, node in imported(path)
        if name.partition(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_temporal_and_database_never_meet_in_one_file() -> None:
    wrong = [
        place(path)
        for path in modules(*BELOW)
        if {"temporalio", "asyncpg"} <= {name.partition(".")[0] for name, _ in imported(path)}
    ]
    assert not wrong, "\n".join(wrong)


def test_neither_rules_nor_workflows_bring_in_clock_chance_or_surroundings() -> None:
    wrong = [
        f"{place(path, node)}: {text}"
        for path in modules("domain", "workflows")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute | ast.Call)
        and (text := ast.unparse(node.func if isinstance(node, ast.Call) else node))
        and FORBIDDEN_CALLS.fullmatch(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_workflows_take_tasks_in_an_order_a_replay_can_repeat() -> None:
    wrong = [
        f"{place(path, node)}: {ast.unparse(node)}"
        for path in modules("workflows")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and UNORDERED.fullmatch(ast.unparse(node))
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_records_say_select() -> None:
    statement = re.compile(r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s)")
    wrong = [
        place(path, node)
        for path in modules(*(set(BELOW) - {"records", "embedded"}))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.match(node.value)
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_opened_when_a_module_is_imported() -> None:
    """No pool, client or settings made at import: they are passed in."""
    opening = re.compile(r"(asyncpg\.)?(create_pool|connect)|Client\.connect|Settings")
    wrong = [
        f"{place(path, node)}: {ast.unparse(node.func)}"
        for path in modules(*BELOW)
        for statement in tree(path).body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and opening.fullmatch(ast.unparse(node.func))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_path_of_a_machine_and_no_registry_stands_in_the_project() -> None:
    homes = ("root", "work", "home/[a-z]+", "Users/[A-Za-z]+", "mnt")
    hosts = (
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "(org|com)"), ("golang", "org/dl"), ("proxy.golang", "org"),
        ("tuna.tsinghua", "edu"), ("aliyun", "com/(pypi|simple)"), ("maven", "org"), ("artifactory", ""),
    )  # fmt: skip
    pattern = re.compile(
        rf"(?<![\w./-])/({'|'.join(homes)})/|{'|'.join(rf'{name}[.]{end}' for name, end in hosts)}"
    )
    wrong = [
        f"{place(path)}:{number}: {found[0]}"
        for path in files()
        if path != Path(__file__)
        for number, line in enumerate(readable(path).splitlines(), 1)
        if (found := pattern.search(line))
    ]
    assert not wrong, "\n".join(wrong)


def readable(path: Path) -> str:
    """The file's text; nothing for a file that is no text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_every_module_says_what_it_is() -> None:
    wrong = [
        place(path)
        for path in modules(*OURS)
        if not ast.get_docstring(tree(path)) and (path.name != "__init__.py" or tree(path).body)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_layout_is_the_one_the_package_is_built_from() -> None:
    """Every package of ours that runs is in the wheel, and no other folder holds Python files unseen."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    packages = {path.relative_to(ROOT).parts[0] for path in files() if path.suffix == ".py"}
    assert packages <= OURS, f"not known here: {sorted(packages - OURS)}"
    missing = [name for name in sorted(packages & set(BELOW)) if f'  "{name}",' not in project]
    assert not missing, f"pyproject.toml lacks {missing}"


def test_the_locks_name_no_host_and_agree() -> None:
    locks = {
        name: (ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements-server.lock")
    }
    assert not [name for name, text in locks.items() if "://" in text or "index-url" in text]
    pins = {name: set(re.findall(r"^[\w.-]+==\S+", text, re.MULTILINE)) for name, text in locks.items()}
    assert pins["requirements-server.lock"] < pins["requirements.lock"]
    assert all(
        "--hash=sha256:" in block
        for block in chain(*(re.split(r"\n(?=\S)", text) for text in locks.values()))
    )
