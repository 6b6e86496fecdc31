"""Links by which customers see how their complaint stands and answer, without a login (CUS-08).

A link is an id and a keyed digest of it: it cannot be guessed, and not be made from what stands in the database. It is
the same in every message until it is revoked. Here also are the counters that keep anybody from trying.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from records.db import Connection
from records.sql import statements
from records.texts import Texts

SQL = statements("links")

Purpose = Literal["status", "feedback"]
#: how long after its end a complaint can be looked at by link
KEPT_OPEN = timedelta(days=365)
_ID_BYTES = 16


@dataclass(frozen=True)
class Link:
    """What a customer's link opens. round: the handling round that is asked about, 0 for a status link."""

    id: str
    number: str
    purpose: Purpose
    round: int


async def link_token(
    connection: Connection, texts: Texts, number: str, purpose: Purpose, handling_round: int = 0
) -> str:
    """The last part of a link's address: the live one's, or that of a new one."""
    fresh = secrets.token_bytes(_ID_BYTES)
    wanted = (number, purpose, handling_round)
    made = await connection.fetchval(SQL["live_link"], *wanted, _written(fresh))
    if made is None:  # somebody else made it at the same moment, and this statement could not see theirs
        made = await connection.fetchval(SQL["live_link"], *wanted, _written(fresh))
    link_id = urlsafe_b64decode(f"{made}==")
    return _written(link_id + _digest(texts, purpose, link_id))


async def open_link(
    connection: Connection, texts: Texts, token: str, purpose: Purpose, now: datetime
) -> Link | None:
    """The link of this token; None for one that was never made, is for another purpose, was revoked or is over."""
    try:
        raw = urlsafe_b64decode(f"{token}{'=' * (-len(token) % 4)}".encode("ascii"))
    except (NotBase64, UnicodeEncodeError):
        return None
    link_id, digest = raw[:_ID_BYTES], raw[_ID_BYTES:]
    if _written(raw) != token or not hmac.compare_digest(digest, _digest(texts, purpose, link_id)):
        return None
    row = await connection.fetchrow(SQL["open_link"], _written(link_id), now - KEPT_OPEN)
    return Link(**row) if row is not None else None


async def revoke_links(connection: Connection, number: str, by: str) -> int:
    """End every link of a complaint; the next message brings new ones. Returns how many there were. by: user id."""
    status: str = await connection.execute(SQL["revoke_links"], number, by)
    return int(status.rpartition(" ")[2])


async def was_said(connection: Connection, number: str, key: str) -> bool:
    """Whether what was said under a customer's key was taken, so that the same form sent twice is known for one."""
    said: bool = await connection.fetchval(SQL["was_said"], number, key)
    return said


async def count(connection: Connection, subject: str, window: timedelta, now: datetime | None = None) -> int:
    """One more of `subject` in the present window of time; how many that makes.

    subject: must hold nothing personal in the clear. window: whole windows since 1970, in real time.
    """
    moment = now or datetime.now(UTC)
    seconds = int(window.total_seconds())
    ends = datetime.fromtimestamp((int(moment.timestamp()) // seconds + 1) * seconds, UTC)
    made: int = await connection.fetchval(SQL["count_one"], subject, ends)
    return made


async def sweep_counters(connection: Connection, now: datetime) -> None:
    """Forget the counters of windows that are over."""
    await connection.execute(SQL["sweep_counters"], now)


def _digest(texts: Texts, purpose: Purpose, link_id: bytes) -> bytes:
    return texts.fingerprint(b"customer link|" + purpose.encode() + b"|" + link_id)


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
