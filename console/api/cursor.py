"""Opaque cursors: where a list goes on. They hold a place in an order and nothing personal."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from console.api.problems import Wrong, bad_input
from console.words import Words
from domain.texts import When

_LONGEST = 400
#: the records hold no instant beyond these bounds, and cannot be asked for one
_INSTANT: TypeAdapter[datetime] = TypeAdapter(When)


def written(place: dict[str, Any]) -> str:
    """A place as a cursor."""
    plain = json.dumps(place, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def read(cursor: str, words: Words) -> dict[str, Any]:
    """The place of a cursor. Raises Problem for one that this list never gave."""
    try:
        if len(cursor) > _LONGEST:
            raise ValueError
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(place, dict):
            raise TypeError
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise wrong(words) from None
    return place


def instant(written: str, words: Words) -> datetime:
    """An instant of a cursor, aware. Raises Problem for one that no complaint has."""
    try:
        return _INSTANT.validate_python(written)
    except ValidationError:
        raise wrong(words) from None


def wrong(words: Words) -> Exception:
    """The problem of a cursor that cannot be used."""
    return bad_input(
        Wrong(
            ("cursor",), words.gettext("This is no cursor of this list; begin without one."), source="query"
        )
    )
