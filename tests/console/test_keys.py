"""Tokens and passwords: whoever took the one cannot keep hold by the other."""

import re
from datetime import timedelta

import httpx2

from console.desk import Desk
from console.signing.sessions import csrf_of, who_holds
from records import accounts, sessions
from records.sessions import digest_of
from tests.console.served import Site
from tests.console.session_of import session_of
from tests.console.test_signing import GOOD, browser_like, come_in, person, quick

__all__ = ["browser_like", "person", "quick"]

NEWER = "another four plain words"


async def a_token(desk: Desk, person: str) -> str:
    async with desk.office.pool.acquire() as connection:
        at = desk.now()
        _, key = await sessions.make_token(connection, person, "p", ["read"], at, at + timedelta(days=9))
    return key


async def change(client: httpx2.AsyncClient, old: str, new: str, **more: str) -> httpx2.Response:
    data = {"csrf": csrf_of(client.cookies["redress"]), "old": old, "new": new, "again": new, **more}
    return await client.post("/me/password", data=data)


async def test_another_password_ends_tokens_where_one_wishes_so(
    desk: Desk, person: str, browser_like: httpx2.AsyncClient
) -> None:
    key = await a_token(desk, person)
    await come_in(browser_like, person)
    page = (await browser_like.get("/me")).text
    assert re.search(r'name="end_tokens" value="1" checked', page), "ticked unless one says otherwise"
    assert (await change(browser_like, GOOD, NEWER)).status_code == 303
    assert await who_holds(desk, key) is not None
    assert (await change(browser_like, NEWER, GOOD, end_tokens="1")).status_code == 303
    assert await who_holds(desk, key) is None


async def ask_for_token(client: httpx2.AsyncClient, **more: str) -> httpx2.Response:
    csrf = csrf_of(client.cookies["redress"])
    return await client.post(
        "/me/tokens", data={"csrf": csrf, "name": "p", "days": "9", "scopes": "read", **more}
    )


async def test_a_token_is_made_by_who_knows_the_password(
    person: str, browser_like: httpx2.AsyncClient
) -> None:
    await come_in(browser_like, person)
    for wrong in ("", "wrong but long enough"):
        answer = await ask_for_token(browser_like, password=wrong)
        assert (answer.status_code, "redress_pat_" in answer.text) == (422, False)
        assert "This is not your present password" in answer.text
        assert 'value="p"' in answer.text, "what was typed is kept"
    made = await ask_for_token(browser_like, password=GOOD)
    assert (made.status_code, "redress_pat_" in made.text) == (201, True)


async def test_without_a_password_one_must_just_have_come_in(site: Site, desk: Desk, person: str) -> None:
    async with desk.office.pool.acquire() as connection:
        await connection.execute("UPDATE accounts SET password = NULL WHERE person = $1", person)
        assert not await accounts.has_password(connection, person)
    name, token, _ = await session_of(desk, person)
    async with httpx2.AsyncClient(base_url=site.url, cookies={name: token}, timeout=30) as client:
        assert (await ask_for_token(client)).status_code == 201
        async with desk.office.pool.acquire() as connection:
            await connection.execute(
                "UPDATE sessions SET started_at = started_at - interval '16 minutes' WHERE digest = $1",
                digest_of(token),
            )
        late = await ask_for_token(client)
    assert late.status_code == 422
    assert "You signed in some time ago" in late.text
