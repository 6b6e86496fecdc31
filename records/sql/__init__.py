"""Named SQL statements, read from the `.sql` files beside this one.

A file holds any number of statements. Each begins with its name in a line of its own, then one or more comment
lines that say what it is for, then the SQL with asyncpg's `$1` parameters:

    -- find_unit --
    -- The unit as it is written on a complaint.
    SELECT unit, project FROM units WHERE unit = $1
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

_NAME = re.compile(r"^-- (?P<name>[a-z][a-z0-9_]*) --$", re.MULTILINE)


@cache
def statements(file: str) -> Mapping[str, str]:
    """The statements of `records/sql/<file>.sql` by name. Raises ValueError for a file that is not of this form."""
    text = resources.files(__name__).joinpath(f"{file}.sql").read_text(encoding="utf-8")
    before, *parts = _NAME.split(text)
    if before.strip():
        raise ValueError(f"records/sql/{file}.sql: text stands before the first name")
    found: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in found:
            raise ValueError(f"records/sql/{file}.sql: two statements are named {name}")
        if not body.strip().startswith("--"):
            raise ValueError(f"records/sql/{file}.sql: {name} has no comment")
        found[name] = body.strip()
    return MappingProxyType(found)


def files() -> list[str]:
    """The names of all statement files, without `.sql`, sorted."""
    return sorted(
        f.name.removesuffix(".sql") for f in resources.files(__name__).iterdir() if f.name.endswith(".sql")
    )
