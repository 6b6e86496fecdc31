"""The door in the hands of people who should not get in, and of those who should."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from argon2 import PasswordHasher

from console.desk import Desk
from console.signing.sessions import (
    NotSignedInNow,
    SignedInNow,
    csrf_of,
    own_path,
    sign_in,
    who_holds,
    who_is,
)
from records import accounts, sessions
from records.db import RecordsError
from records.organisation import Person, leave, put_person
from tests.console.served import Site

GOOD = "four plain words here"
HTML = {"Accept": "text/html"}
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id with small parameters: what is tried here is what follows from a match, not what it costs."""
    monkeypatch.setattr(
        accounts, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    )
    accounts._nobodys.cache_clear()


def test_the_parameters_are_those_of_the_standard() -> None:
    made = PasswordHasher()
    assert (made.type.name, made.memory_cost, made.time_cost) == ("ID", 65536, 3), "RFC 9106, low memory"


@pytest.fixture
async def person(desk: Desk) -> str:
    """Somebody new, with a password."""
    made = f"signer.{datetime.now(UTC).timestamp():.6f}".replace(".", "-")
    async with desk.office.pool.acquire() as connection:
        await put_person(connection, Person(made, "林梅", language="en"))
        await accounts.set_password(connection, made, GOOD, desk.now())
    return made


@pytest.fixture
async def browser_like(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=site.url, headers={**HTML, "Accept-Language": "en"}, timeout=30
    ) as client:
        yield client


async def form_csrf(client: httpx2.AsyncClient, path: str = "/sign-in") -> str:
    page = await client.get(path)
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.text[:500]
    return found[1]


async def come_in(
    client: httpx2.AsyncClient, user: str, password: str = GOOD, **more: str
) -> httpx2.Response:
    data = {"csrf": await form_csrf(client), "user": user, "password": password, **more}
    return await client.post("/sign-in", data=data)


async def test_in_and_out(browser_like: httpx2.AsyncClient, person: str, desk: Desk) -> None:
    came = await come_in(browser_like, person, next="/duties?x=1")
    assert (came.status_code, came.headers["location"]) == (303, "/duties?x=1")
    cookie = came.headers["set-cookie"]
    assert cookie.startswith("redress=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = browser_like.cookies["redress"]
    assert (await browser_like.get("/me")).status_code == 200
    out = await browser_like.post("/sign-out", data={"csrf": csrf_of(token)})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    browser_like.cookies.set("redress", token)
    assert (await browser_like.get("/me")).status_code == 303, "a replayed cookie"
    assert await who_is(desk, token, desk.now()) is None


async def test_the_language_chosen_at_the_door_comes_along(
    browser_like: httpx2.AsyncClient, person: str
) -> None:
    for language, kept in (
        ("zh-CN", "zh-CN"),
        ("xx", "zh-CN"),
        ("", "zh-CN"),
        ("en\x00", "zh-CN"),
        ("en", "en"),
    ):
        await come_in(browser_like, person, language=language)
        assert f'<html lang="{kept}"' in (await browser_like.get("/me")).text, language
        browser_like.cookies.clear()
    door = await browser_like.get("/sign-in", params={"language": '"><script>'})
    assert "<script>" not in door.text.partition("<main")[2]


async def test_only_the_digest_of_a_secret_is_kept(
    browser_like: httpx2.AsyncClient, person: str, desk: Desk
) -> None:
    await come_in(browser_like, person)
    token = browser_like.cookies["redress"]
    async with desk.office.pool.acquire() as connection:
        _, key = await sessions.make_token(
            connection, person, "p", ["read"], desk.now(), desk.now() + timedelta(days=1)
        )
        for table in ("sessions", "api_tokens", "accounts", "sign_ins", "sign_in_failures"):
            kept = str(await connection.fetch(f"SELECT t::TEXT FROM {table} AS t"))
            assert token not in kept
            assert key not in kept
            assert GOOD not in kept


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("{person}", "wrong but long enough"),
        ("nobody-there", GOOD),
        ("{person}", GOOD.upper()),
        ("' OR 1=1 --", GOOD),
        ("{person}\x00", GOOD),
        ("{person}", GOOD + "\x00"),
        ("{person}\r\nSet-Cookie: redress=x", GOOD),
        ("\U0001f600\u202e\u200b", GOOD),
        ("{person}", "密" * 5_000),
        ("u" * 50_000, GOOD),
    ],
    ids=[
        "password",
        "nobody",
        "case",
        "sql",
        "nul",
        "nul in password",
        "header",
        "unicode",
        "huge password",
        "huge name",
    ],
)
async def test_whatever_is_wrong_gets_one_answer(
    browser_like: httpx2.AsyncClient, person: str, user: str, password: str
) -> None:
    user = user.replace("{person}", person)
    answer = await come_in(browser_like, user, password)
    assert answer.status_code == 422
    assert "User name and password do not fit together." in answer.text
    assert "redress" not in browser_like.cookies
    assert password not in answer.text


async def test_an_unknown_name_costs_the_same_work(
    desk: Desk, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: one verification with the same parameters, whoever is named."""
    verified: list[str] = []
    real = PasswordHasher.verify

    def counting(self: PasswordHasher, kept: str, given: bytes) -> bool:
        verified.append(kept)
        return real(self, kept, given)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for user in (person, "nobody-there", "legal-2", "x\x00y"):
        assert await accounts.check_password(desk.office.pool, user, "wrong password", desk.now()) is None
    assert len(verified) == 4
    assert len({kept.rsplit("$", 2)[0] for kept in verified}) == 1, "the same parameters"


async def test_failures_wait_longer_and_longer_and_success_forgives(desk: Desk, person: str) -> None:
    at = desk.now()
    pool = desk.office.pool
    waits: list[timedelta] = []
    while len(waits) < 5:
        tried = await accounts.attempt(pool, person, "wrong password", "198.51.100.1", at)
        assert tried.person is None
        if tried.wait is not None:
            at += tried.wait
            waits.append(tried.wait)
    assert [wait / waits[0] for wait in waits] == [1, 2, 4, 8, 16]
    await accounts.attempt(pool, person, "wrong password", "198.51.100.1", at)
    right = await accounts.attempt(pool, person, GOOD, "198.51.100.1", at)
    assert (right.person, right.wait) == (None, waits[-1] * 2), "even the right password has to wait"
    right = await accounts.attempt(pool, person, GOOD, "198.51.100.1", at + accounts.LONGEST_WAIT)
    assert right.person == person
    again = await accounts.attempt(pool, person, "wrong password", "198.51.100.1", at + accounts.LONGEST_WAIT)
    assert again.wait is None


async def test_an_unknown_name_has_to_wait_like_a_known_one(desk: Desk, person: str) -> None:
    at = desk.now()
    seen = {}
    for user, place in ((person, "203.0.113.1"), (f"no-{person}", "203.0.113.2")):
        tries = [
            await accounts.attempt(desk.office.pool, user, "wrong password", place, at) for _ in range(7)
        ]
        seen[user] = [one.wait for one in tries]
    assert seen[person] == seen[f"no-{person}"]
    assert seen[person][-1] is not None


async def test_many_attempts_at_once_are_all_counted(desk: Desk, person: str) -> None:
    at = desk.now()
    tries = await asyncio.gather(
        *(
            accounts.attempt(desk.office.pool, person, f"guess number {n}", "203.0.113.3", at)
            for n in range(12)
        )
    )
    looked_at = [one for one in tries if one.wait is None]
    assert len(looked_at) <= accounts.FREE_ATTEMPTS["pair"]


async def test_an_address_that_tries_many_names_has_to_wait(desk: Desk) -> None:
    at, place = desk.now(), f"203.0.113.{desk.now().microsecond}"
    limit = accounts.FREE_ATTEMPTS["address"]
    tries = [
        await accounts.attempt(desk.office.pool, f"guess-{n}", "wrong password", place, at)
        for n in range(limit + 1)
    ]
    assert tries[-1].wait is not None
    assert all(one.wait is None for one in tries[:limit])


async def test_the_page_says_how_long_to_wait(browser_like: httpx2.AsyncClient, person: str) -> None:
    for _ in range(5):
        await come_in(browser_like, person, "wrong password")
    answer = await come_in(browser_like, person, "wrong password")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert re.search(r"Please wait \d+ seconds?", answer.text)
    assert f'value="{person}"' in answer.text, "what was typed is kept"


async def test_coming_in_never_keeps_a_cookie_that_was_there(site: Site, person: str, desk: Desk) -> None:
    """Session fixation: neither an invented cookie nor the session before it lives on."""

    async def come_in_with(there: str) -> str:
        async with httpx2.AsyncClient(base_url=site.url, timeout=30) as client:
            csrf = await form_csrf(client)
            carried = f"redress={there}; redress-form={client.cookies['redress-form']}"
            data = {"csrf": csrf, "user": person, "password": GOOD}
            answer = await httpx2.AsyncClient(base_url=site.url).post(
                "/sign-in", data=data, headers={"Cookie": carried}
            )
            assert answer.status_code == 303
            return str(answer.cookies["redress"])

    invented = "A" * 43
    first = await come_in_with(invented)
    assert first != invented
    second = await come_in_with(first)
    assert second != first
    assert await who_is(desk, invented, desk.now()) is None
    assert await who_is(desk, first, desk.now()) is None
    assert await who_is(desk, second, desk.now()) is not None


async def test_idle_and_absolute_limits(desk: Desk, person: str) -> None:
    signed = await sign_in(desk, person, GOOD, address="192.0.2.1")
    assert isinstance(signed, SignedInNow)
    begun, limits = desk.now(), desk.settings.signing
    assert await who_is(desk, signed.token, begun + limits.idle + timedelta(seconds=1)) is None
    at = begun
    while at < begun + limits.longest - timedelta(hours=1):
        at += timedelta(hours=1)
        assert await who_is(desk, signed.token, at) is not None, "used every hour"
    assert await who_is(desk, signed.token, begun + limits.longest + timedelta(minutes=1)) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "' OR ''='", "A" * 42 + "\x00", "é" * 43, "A" * 10_000])
async def test_guessed_cookies_and_tokens_open_nothing(desk: Desk, token: str) -> None:
    assert await who_is(desk, token, desk.now()) is None
    assert await who_holds(desk, token, desk.now()) is None
    assert await who_holds(desk, f"redress_pat_{token}", desk.now()) is None


@pytest.mark.requirement("ORG-08")
async def test_who_has_left_is_out_at_once(desk: Desk, person: str) -> None:
    signed = await sign_in(desk, person, GOOD)
    assert isinstance(signed, SignedInNow)
    async with desk.office.pool.acquire() as connection:
        _, key = await sessions.make_token(
            connection, person, "p", ["read"], desk.now(), desk.now() + timedelta(days=1)
        )
        assert await who_holds(desk, key) is not None
        await leave(connection, person, desk.now())
    assert await who_is(desk, signed.token, desk.now()) is None
    assert await who_holds(desk, key) is None
    assert isinstance(await sign_in(desk, person, GOOD), NotSignedInNow)


async def test_a_token_has_scopes_ends_and_is_revoked(desk: Desk, person: str) -> None:
    at = desk.now()
    async with desk.office.pool.acquire() as connection:
        token, key = await sessions.make_token(
            connection, person, "nightly export", ["read"], at, at + timedelta(days=2)
        )
        who = await who_holds(desk, key, at)
        assert who is not None
        assert (who.id, who.scopes, who.session) == (person, frozenset({"read"}), None)
        assert await who_holds(desk, key, at + timedelta(days=2)) is None
        used = (await sessions.tokens_of(connection, person))[0].last_used_at
        assert used == at.replace(second=0, microsecond=0), "to the minute"
        assert not await sessions.revoke_token(connection, "legal-1", token, at), "not theirs"
        assert await sessions.revoke_token(connection, person, token, at)
        assert await who_holds(desk, key, at) is None
        with pytest.raises(RecordsError):
            await sessions.make_token(connection, person, "p", ["read"], at, at + timedelta(days=400))


async def test_a_question_of_who_is_one_statement(desk: Desk, person: str) -> None:
    signed = await sign_in(desk, person, GOOD)
    assert isinstance(signed, SignedInNow)
    sent: list[str] = []
    async with desk.office.pool.acquire() as connection:
        connection.add_query_logger(lambda query: sent.append(query.query))
        await sessions.who_is(connection, signed.token, desk.now(), timedelta(hours=1))
    assert len(sent) == 1


class TestPasswords:
    """What is taken as a password, and how it is kept."""

    @pytest.mark.parametrize(
        ("password", "rule"),
        [
            ("short", "short"),
            ("x" * 257, "long"),
            ("aaaaaaaaaaaaa", "repeated"),
            ("password123", "known"),
            ("lin.mei-12345", "known"),
            ("1234567890", "known"),
            ("line\nbreak in it", "characters"),
            ("nul\x00 in the middle", "characters"),
        ],
    )
    def test_weak(self, password: str, rule: str) -> None:
        with pytest.raises(accounts.WeakPassword) as weak:
            accounts.require_strong("lin.mei", password)
        assert weak.value.rule == rule

    def test_forms_of_one_character_are_one(self) -> None:
        assert accounts.require_strong("x", "ｆｏｕｒ ｐｌａｉｎ words") == "four plain words"

    async def test_older_parameters_are_made_anew(self, desk: Desk, person: str) -> None:
        old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(GOOD)
        async with desk.office.pool.acquire() as connection:
            await connection.execute("UPDATE accounts SET password = $2 WHERE person = $1", person, old)
            assert await accounts.check_password(desk.office.pool, person, GOOD, desk.now()) == person
            new = await connection.fetchval("SELECT password FROM accounts WHERE person = $1", person)
        assert new.startswith("$argon2id$")
        assert "m=64,t=1" in new
        assert await accounts.check_password(desk.office.pool, person, GOOD, desk.now()) == person

    async def test_changing_it_ends_every_other_session(
        self, browser_like: httpx2.AsyncClient, person: str, desk: Desk
    ) -> None:
        other = await sign_in(desk, person, GOOD)
        assert isinstance(other, SignedInNow)
        await come_in(browser_like, person)
        before = browser_like.cookies["redress"]
        newer = "another four plain words"
        answer = await browser_like.post(
            "/me/password", data={"csrf": csrf_of(before), "old": GOOD, "new": newer, "again": newer}
        )
        assert answer.status_code == 303, answer.text
        assert browser_like.cookies["redress"] != before
        assert (await browser_like.get("/me")).status_code == 200
        for token in (before, other.token):
            assert await who_is(desk, token, desk.now()) is None
        assert isinstance(await sign_in(desk, person, GOOD), NotSignedInNow)

    async def test_demo_passwords_are_refused_in_production(self, desk: Desk) -> None:
        async with desk.office.pool.acquire() as connection:
            with pytest.raises(RecordsError):
                await accounts.seed_demo_passwords(connection, GOOD, production=True, at=NOW)
            assert await accounts.seed_demo_passwords(connection, GOOD, production=False, at=NOW) > 20
        assert isinstance(await sign_in(desk, "cs_specialist-2", GOOD), SignedInNow)


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=1",
        "me",
        "/sign-in?next=/",
        "/sign-out",
        "/" + "x" * 3000,
        "/ü",
    ],
)
def test_nobody_is_led_elsewhere(path: str) -> None:
    assert own_path(path) == "/"
