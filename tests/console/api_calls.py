"""Callers of the API in tests: by token or by session, and the complaints they speak of."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from records.db import transaction
from records.sessions import make_token
from tests.console.served import Site

ALL = ("read", "write", "open", "personal")


async def token_of(site: Site, user: str, scopes: Sequence[str] = ALL) -> str:
    """A token of this person, for a day."""
    at = site.desk.now()
    async with transaction(site.desk.office.pool) as connection:
        _, secret = await make_token(connection, user, "test", scopes, at, at + timedelta(days=1))
    return secret


async def by_token(
    site: Site, user: str = "cs_specialist-1", scopes: Sequence[str] = ALL, **headers: str
) -> httpx2.AsyncClient:
    """A client that bears a token."""
    client = site.stranger()
    client.headers.update({"Authorization": f"Bearer {await token_of(site, user, scopes)}", **headers})
    client.base_url = f"{site.url}/api/v1"
    return client


def submission(**changes: Any) -> dict[str, Any]:
    """A complaint as another system hands it in, received an hour ago."""
    received = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    return {
        "channel": "hotline",
        "received_at": received.isoformat(),
        "customer": {"name": "林女士", "contact": "138 0000 0001", "language": "zh-CN"},
        "place": {"project": "示例·锦澜苑", "unit": "3栋1单元802"},
        "text": "厨房吊顶漏水，没有人回电话。",
        **changes,
    }


async def opened(client: httpx2.AsyncClient, **changes: Any) -> str:
    """The number of a complaint just handed in."""
    answer = await client.post("/complaints", json=submission(**changes), headers=key())
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def key(**more: str) -> dict[str, str]:
    """A new Idempotency-Key, with other headers."""
    return {"Idempotency-Key": f"k-{uuid4().hex}", **more}
