"""The drawn documents: each is made from what it describes, and `--check` says which is out of date."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Callable

from tools import ROOT, requirements


def _lifecycle() -> str:
    drawn = importlib.import_module("domain.drawing").lifecycle_markdown()
    return str(drawn)


def _rights() -> str:
    return str(importlib.import_module("domain.rights_drawing").rights_markdown())


def documents() -> dict[str, Callable[[], str]]:
    """Every drawn document by its path in the project, with what draws it."""
    drawn: dict[str, Callable[[], str]] = {
        "docs/requirements.md": lambda: requirements.markdown(requirements.survey()),
    }
    if importlib.util.find_spec("domain.drawing"):
        drawn["docs/lifecycle.md"] = _lifecycle
        drawn["docs/rights.md"] = _rights
    return drawn


def main() -> int:
    """Draw every document, or with `--check` change nothing and return 1 when one is out of date."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when a document is out of date"
    )
    check = parser.parse_args().check
    stale = []
    try:
        for place, draw in documents().items():
            path, text = ROOT / place, draw()
            if path.is_file() and path.read_text("utf-8") == text:
                continue
            stale.append(place)
            if not check:
                path.write_text(text, "utf-8")
    except requirements.WrongCitation as reason:
        print(reason, file=sys.stderr)
        return 1
    for place in stale:
        print(f"{place} is out of date: run `make docs`" if check else f"{place} is drawn anew")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
