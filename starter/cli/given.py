"""What was given on the command line, judged before anything is sent: names, keys, pairs, files."""

import json
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

from domain.commands import INTERNAL, MODELS

_NUMBER = re.compile(r"\d{4}-\d{6,}")
_USER = re.compile(r"(feed:)?[a-z0-9][a-z0-9_.\-]{0,63}")
_KEY = re.compile(r"[A-Za-z0-9][!-}]{0,199}")
#: Bytes of one file that is opened or said.
MAX_BYTES = 32 * 1024 * 1024


class BadInput(ValueError):
    """Something typed that cannot be meant; one sentence naming it and what is accepted."""


def complaint_number(written: str) -> str:
    """A complaint number such as 2026-000123. Raises BadInput."""
    if not _NUMBER.fullmatch(written):
        raise BadInput(f"{written!r} is no complaint number; one looks like 2026-000123.")
    return written


def acting(user: str | None, production: bool) -> str:
    """Who acts: the person named, or locally the first clerk of customer service. Raises BadInput."""
    if user is None:
        if production:
            raise BadInput("Say who acts: --as USER, or REDRESS_USER in the environment.")
        user = "cs_specialist-1"
    if not _USER.fullmatch(user):
        raise BadInput(f"--as: {user!r} is no user id; one looks like cs_specialist-1.")
    return user


def command_key(key: str) -> str:
    """The sayer's own id of a command. Raises BadInput."""
    if not _KEY.fullmatch(key):
        raise BadInput(
            "--key: accepted are up to 200 visible ASCII characters without ~, beginning with a letter or digit."
        )
    return key


def command_kind(written: str) -> str:
    """The command's name. Raises BadInput with the nearest names for one that is not known."""
    sayable = sorted(set(MODELS) - INTERNAL)
    if written in sayable:
        return written
    if written in INTERNAL:
        raise BadInput(f"Nobody can say {written}; the calendar and the outbox do.")
    near = get_close_matches(written.lower().replace("-", "_"), sayable, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"accepted are {', '.join(sayable)}."
    raise BadInput(f"{written!r} is no command; {hint}")


def one_of(option: str, written: str, accepted: Sequence[str]) -> str:
    """One of these codes, in any case of letters. Raises BadInput with the nearest ones."""
    for code in accepted:
        if written.casefold() == code.casefold():
            return str(code)
    folded = {code.casefold(): str(code) for code in accepted}
    near = [folded[match] for match in get_close_matches(written.casefold(), list(folded), n=2)]
    hint = f"did you mean {' or '.join(near)}?" if near else f"accepted are {', '.join(accepted)}."
    raise BadInput(f"{option}: {written!r} is not known; {hint}")


def pairs(kind: str, written: Sequence[str]) -> dict[str, Any]:
    """Fields given as `name=value`: JSON where the value begins like a list or an object, else the text as it is.

    A field that is a list takes the name again for each of its values. Raises BadInput.
    """
    fields: dict[str, Any] = {}
    for pair in written:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"{pair!r} is no field; write name=value, such as severity=simple.")
        given = _value(name, value)
        if _is_list(kind, name) and not isinstance(given, list):
            fields.setdefault(name, []).append(given)
        elif name in fields:
            raise BadInput(f"{name}: is given twice.")
        else:
            fields[name] = given
    return fields


def _value(name: str, written: str) -> Any:
    if not written.startswith(("[", "{")):
        return written
    try:
        return json.loads(written)
    except ValueError as error:
        raise BadInput(f"{name}: begins like JSON and is none ({error}).") from None


def _is_list(kind: str, name: str) -> bool:
    field = MODELS[kind].model_fields.get(name)
    return field is not None and get_origin(field.annotation) is list


def json_object(source: str) -> dict[str, Any]:
    """The JSON object in a file, or on standard input for `-`. Raises BadInput."""
    text = text_of(source)
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{_named(source)}: is no JSON ({error}).") from None
    if not isinstance(data, dict):
        raise BadInput(f"{_named(source)}: holds no JSON object of fields.")
    return data


def text_of(source: str) -> str:
    """The text of a file, or of standard input for `-`. Raises BadInput."""
    try:
        return bytes_of(source).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{_named(source)}: is not UTF-8 text (byte {error.start}).") from None


def bytes_of(source: str) -> bytes:
    """What a file holds, or standard input for `-`. Raises BadInput."""
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if source == "-" else _bytes(Path(source))
    except OSError as error:
        raise BadInput(f"{_named(source)}: cannot be read ({error.strerror or error}).") from None
    if len(data) > MAX_BYTES:
        raise BadInput(f"{_named(source)}: is larger than {MAX_BYTES // 1024 // 1024} MiB; split it.")
    return data


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _named(source: str) -> str:
    return "standard input" if source == "-" else source


def words(option: str, written: str, most: int) -> str:
    """A short text without control characters. Raises BadInput."""
    if not written.strip() or len(written) > most or not written.isprintable():
        raise BadInput(f"{option}: accepted are 1 to {most} visible characters.")
    return written
