"""The body of a request: bounded, JSON without tricks."""

import json
from collections.abc import Sequence
from typing import Any, NoReturn

from starlette.requests import Request

from console.api.problems import Problem, Wrong, bad_input
from console.words import Words

#: bytes of a JSON body: in UTF-8 two texts of 100,000 characters fit, whichever these are
MOST_BYTES = 1024 * 1024
#: objects and lists within one another
DEEPEST = 32


async def read_object(request: Request, words: Words, *, may_be_empty: bool = False) -> dict[str, Any]:
    """The JSON object a request carries. may_be_empty: no body at all is then an empty object.

    Raises Problem: too-large before all of it is read, media-type, bad-input.
    """
    raw = await _bounded(request, words)
    if not raw and may_be_empty:
        return {}
    _require_json(request, words)
    data = _parsed(raw, words)
    if not isinstance(data, dict):
        raise bad_input(Wrong((), words.gettext("The body must be a JSON object.")))
    return data


async def _bounded(request: Request, words: Words) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > MOST_BYTES:
        raise _too_large(words)
    taken, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            raise _too_large(words)
        taken.append(chunk)
    return b"".join(taken)


def _too_large(words: Words) -> Problem:
    sentence = words.gettext("The body is larger than %(size)s MiB.") % {"size": MOST_BYTES // 1024 // 1024}
    return Problem("too-large", sentence)


def _require_json(request: Request, words: Words) -> None:
    kind, *parameters = [part.strip().lower() for part in request.headers.get("content-type", "").split(";")]
    if kind != "application/json" or any(
        one.startswith("charset=") and one.strip('"')[8:].strip('"') not in ("utf-8", "utf8", "")
        for one in parameters
    ):
        raise Problem("media-type", words.gettext("The body must be application/json in UTF-8."))


def _parsed(raw: bytes, words: Words) -> Any:
    try:
        data = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_each_once,
            parse_constant=_no_number,
            parse_float=_whole_if_it_is,
        )
        _require_shallow(data)
    except _Twice as twice:
        raise bad_input(Wrong((twice.args[0],), words.gettext("This field is given twice."))) from None
    except (ValueError, RecursionError):
        raise bad_input(Wrong((), words.gettext("The body is no JSON."))) from None
    return data


class _Twice(Exception):
    """A field that is given twice in one object: readers differ in which one counts."""


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name)
        found[name] = value
    return found


def _no_number(written: str) -> NoReturn:
    raise ValueError(written)


def _whole_if_it_is(written: str) -> float | int:
    """JSON knows no whole numbers: 5.0 is one, to JSON Schema too."""
    value = float(written)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _require_shallow(data: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            _require_shallow(part, depth + 1)
