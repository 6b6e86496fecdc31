"""Whoever guesses has to wait; whoever is guessed at does not."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from argon2 import PasswordHasher

from console.desk import Desk
from console.service import doubts
from console.signing.sessions import SignedInNow, known_device, sign_in
from records import accounts
from starter.settings import read_settings
from tests.console.served import Site
from tests.console.test_signing import GOOD, browser_like, come_in, form_csrf, person, quick

__all__ = ["browser_like", "person", "quick"]

WRONG = "wrong but long enough"


@pytest.fixture(autouse=True)
async def forgotten(desk: Desk) -> AsyncIterator[None]:
    """What is counted here counts for no other test: all of them come from one address."""
    yield
    async with desk.office.pool.acquire() as connection:
        await connection.execute("DELETE FROM sign_in_failures")


async def guess(desk: Desk, user: str, times: int, place: str, password: str = WRONG) -> accounts.Attempt:
    """So many guesses at the same instant from one place; what became of the last."""
    tried = accounts.Attempt(None)
    for _ in range(times):
        tried = await accounts.attempt(desk.office.pool, user, password, place, desk.now())
    return tried


async def test_guesses_from_elsewhere_keep_nobody_out(desk: Desk, person: str) -> None:
    for place in range(6):
        tried = await guess(desk, person, 7, f"198.51.100.{place}")
        assert tried.wait is not None, "each place has to wait for itself"
    assert (await guess(desk, person, 1, "192.0.2.7", GOOD)).person == person


async def test_guesses_from_everywhere_hold_a_name_up_for_a_minute_at_most(desk: Desk, person: str) -> None:
    at, pool = desk.now(), desk.office.pool
    for n in range(accounts.FREE_ATTEMPTS["account"] + 20):
        tried = await accounts.attempt(pool, person, WRONG, f"2001:db8:{n:x}::1", at)
        at += tried.wait or timedelta()
    longest = accounts.LONGEST_WAIT_OF_NAME
    tried = await accounts.attempt(pool, person, GOOD, "192.0.2.8", at)
    assert tried.person is None
    assert tried.wait == longest
    assert (await accounts.attempt(pool, person, GOOD, "192.0.2.8", at + longest)).person == person


async def test_an_ipv6_network_is_one_place(desk: Desk, person: str) -> None:
    for n in range(5):
        assert (await guess(desk, person, 1, f"2001:db8:1:2::{n + 1:x}")).wait is None
    assert (await guess(desk, person, 1, "2001:db8:1:2:ffff::9")).wait is not None
    assert (await guess(desk, person, 1, "2001:db8:1:3::1")).wait is None
    assert accounts.place_of("::ffff:192.0.2.1") == accounts.place_of("192.0.2.1") == "192.0.2.1"
    assert accounts.place_of("fe80::1%eth0") != accounts.place_of("fe81::1")
    assert accounts.place_of("testclient") == "testclient"


async def test_a_browser_somebody_came_in_with_lets_them_in_whoever_else_guesses(
    site: Site, desk: Desk, person: str, browser_like: httpx2.AsyncClient
) -> None:
    await come_in(browser_like, person)
    device = browser_like.cookies["redress-device"]
    assert known_device(desk, device, person) is not None
    assert known_device(desk, device, "legal-1") is None, "of nobody else"
    assert known_device(desk, device[:-1] + "x", person) is None
    await guess(desk, person, 40, "127.0.0.1")
    del browser_like.cookies["redress"]
    stranger = {"csrf": await form_csrf(browser_like), "user": person, "password": GOOD}
    carried = {"Cookie": f"redress-form={browser_like.cookies['redress-form']}"}
    async with httpx2.AsyncClient(base_url=site.url) as client:
        assert (await client.post("/sign-in", data=stranger, headers=carried)).status_code == 429
    assert (await come_in(browser_like, person)).status_code == 303


async def test_a_known_browser_has_to_wait_for_its_own_guesses(desk: Desk, person: str) -> None:
    at, pool = desk.now(), desk.office.pool
    tries = [await accounts.attempt(pool, person, WRONG, "", at, device="d" * 32) for _ in range(7)]
    assert tries[-1].wait is not None
    assert isinstance(await sign_in(desk, person, GOOD, address="192.0.2.30"), SignedInNow)


async def test_that_somebody_has_to_wait_is_noted_once_an_hour(desk: Desk, person: str) -> None:
    place = f"waits {person}"
    at = desk.now().replace(minute=10)
    for _ in range(20):
        await accounts.attempt(desk.office.pool, person, WRONG, place, at)
    await accounts.attempt(desk.office.pool, person, WRONG, place, at + timedelta(hours=1))
    async with desk.office.pool.acquire() as connection:
        noted = await connection.fetchval(
            "SELECT count(*) FROM sign_ins WHERE event = 'throttled' AND address = $1", place
        )
    assert noted == 1


async def test_more_than_a_few_at_once_are_told_to_come_back(
    desk: Desk, person: str, browser_like: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither looked at nor counted: it is our haste, not theirs."""
    verified: list[str] = []
    real = PasswordHasher.verify

    def counting(self: PasswordHasher, kept: str, given: bytes) -> bool:
        verified.append(kept)
        return real(self, kept, given)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    tries = await asyncio.gather(
        *(
            accounts.attempt(desk.office.pool, f"crowd-{n}", WRONG, f"crowd {n}", desk.now())
            for n in range(60)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, accounts.TooBusy) for one in tries) == 60 - accounts.MOST_UNDER_WAY
    assert len(verified) == accounts.MOST_UNDER_WAY
    monkeypatch.setattr(accounts, "MOST_UNDER_WAY", 0)
    answer = await come_in(browser_like, person)
    assert answer.status_code == 503
    assert re.search(r"try again in a few seconds", answer.text)
    assert f'value="{person}"' in answer.text


def test_a_public_desk_without_a_trusted_proxy_is_warned_of() -> None:
    public = {"REDRESS_PROFILE": "production", "REDRESS_PUBLIC_URL": "https://redress.example.com"}
    assert "REDRESS_TRUSTED_PROXIES" in doubts(read_settings(public))[0]
    assert not doubts(read_settings({**public, "REDRESS_TRUSTED_PROXIES": "10.0.0.2"}))
    assert not doubts(read_settings({}))
