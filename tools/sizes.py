"""Which files and functions have grown beyond what is read at one sitting. A report: it says so and fails nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools import ROOT
from tools.requirements import PRODUCT

#: Lines of a file.
FILE = 400
#: Lines of a function, from the first statement after the docstring to the last.
FUNCTION = 40


def too_long() -> Iterator[str]:
    """One line for each file and function that is too long, as `place: n lines`."""
    for path in sorted(
        one for package in (*PRODUCT, "tests", "tools") for one in (ROOT / package).rglob("*.py")
    ):
        text, place = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
        if (lines := len(text.splitlines())) > FILE:
            yield f"{place}: {lines} lines (a file has up to {FILE})"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and (lines := (body[-1].end_lineno or 0) - body[0].lineno + 1) > FUNCTION:
                    yield f"{place}:{node.lineno} {node.name}: {lines} lines (a function has up to {FUNCTION})"


if __name__ == "__main__":
    print("\n".join(too_long()) or "No file or function is too long.")
