"""Single sign-on against a real provider on loopback, honest and not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from console.pages import sign_in
from console.signing.oidc import UNDER_WAY
from records.organisation import Person, leave, put_person
from records.upkeep import Upkeep
from tests.console.provider import CLIENT, SECRET, Provider, a_provider
from tests.console.served import Site, a_site
from tests.workflows.house import House


@dataclass
class Single:
    site: Site
    provider: Provider

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(timeout=30, headers={"Accept": "text/html"}) as client:
            yield client

    async def round_trip(self, client: httpx2.AsyncClient, next_: str = "/me") -> httpx2.Response:
        """To the provider and back; the last answer of the desk."""
        left = await client.get(f"{self.site.url}/sign-in/oidc", params={"next": next_})
        assert left.status_code == 303, left.text
        back = await client.get(left.headers["location"])
        return await client.get(back.headers["location"])


@pytest.fixture(scope="module")
async def single(company: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Single]:
    async with a_provider() as provider:
        settings = {
            "REDRESS_OIDC_ISSUER": provider.url,
            "REDRESS_OIDC_CLIENT_ID": CLIENT,
            "REDRESS_OIDC_CLIENT_SECRET": SECRET,
            "REDRESS_PASSWORDS": "off",
        }
        async with a_site(company, tmp_path_factory.mktemp("single"), **settings) as site:
            yield Single(site, provider)


@pytest.fixture(autouse=True)
def honest(single: Single) -> None:
    single.provider.lie, single.provider.in_token = "", True
    single.provider.claims = {
        "sub": "u-legal-1",
        "email": "LEGAL-1@example.com",
        "email_verified": True,
    }


async def test_the_first_coming_by_mail_address_and_the_next_by_subject(single: Single) -> None:
    async with single.browser() as client:
        came = await single.round_trip(client)
        assert (came.status_code, came.headers["location"]) == (303, "/me")
        assert "legal-1" in (await client.get(f"{single.site.url}/me")).text
    single.provider.claims = {"sub": "u-legal-1", "email": "finance-1@example.com", "email_verified": True}
    async with single.browser() as client:
        await single.round_trip(client)
        assert "legal-1" in (await client.get(f"{single.site.url}/me")).text, (
            "the subject counts, not the mail"
        )


async def test_the_request_carries_proof_that_it_is_this_browsers(single: Single) -> None:
    async with single.browser() as client:
        await single.round_trip(client)
        await single.round_trip(client)
    first, second = single.provider.asked[-2:]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


async def test_userinfo_names_the_mail_address_where_the_token_does_not(single: Single) -> None:
    single.provider.claims = {"sub": "u-fin-2", "email": "finance-2@example.com", "email_verified": True}
    single.provider.in_token = False
    async with single.browser() as client:
        assert (await single.round_trip(client)).status_code == 303
        assert "finance-2" in (await client.get(f"{single.site.url}/me")).text


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "x1", "email": "finance-1@example.com", "email_verified": False},
        {"sub": "x2", "email": "finance-1@example.com"},
        {"sub": "x3", "email": "finance-1@example.com", "email_verified": "true"},
        {"sub": "x4", "email": "nobody@example.com", "email_verified": True},
        {"sub": "x5"},
        {"sub": "x6", "email": "legal-1@example.com", "email_verified": True},
    ],
    ids=["not verified", "not said", "a word", "unknown", "no mail", "has another identity"],
)
async def test_nobody_comes_in_on_an_address_the_provider_does_not_vouch_for(
    single: Single, claims: dict[str, object]
) -> None:
    single.provider.claims = {"sub": "u-legal-1", "email": "legal-1@example.com", "email_verified": True}
    async with single.browser() as client:
        await single.round_trip(client)
    single.provider.claims = claims
    async with single.browser() as client:
        came = await single.round_trip(client)
        assert came.status_code == 403
        assert "redress" not in client.cookies


@pytest.mark.parametrize("lie", ["audience", "expired", "nonce", "party", "key", "shared", "none"])
async def test_a_token_that_proves_nothing_is_refused(single: Single, lie: str) -> None:
    single.provider.lie = lie
    async with single.browser() as client:
        came = await single.round_trip(client)
        assert came.status_code == 403
        assert "redress" not in client.cookies


async def test_userinfo_of_somebody_else_names_nobody(single: Single) -> None:
    single.provider.claims = {"sub": "u-tech", "email": "technician-1@example.com", "email_verified": True}
    single.provider.in_token, single.provider.lie = False, "userinfo"
    async with single.browser() as client:
        assert (await single.round_trip(client)).status_code == 403


async def test_another_issuer_and_a_provider_that_is_away_are_told_apart_from_a_refusal(
    single: Single, company: House, tmp_path: Path
) -> None:
    single.provider.lie = "issuer"
    async with single.browser() as client:
        assert (await client.get(f"{single.site.url}/sign-in/oidc")).status_code == 503
    async with (
        a_site(
            company, tmp_path, REDRESS_OIDC_ISSUER="http://127.0.0.1:9", REDRESS_OIDC_CLIENT_ID=CLIENT
        ) as lonely,
        single.browser() as client,
    ):
        away = await client.get(f"{lonely.url}/sign-in/oidc")
        assert (away.status_code, 'name="password"' in away.text) == (503, True)


async def test_an_answer_is_good_once_and_for_one_browser(single: Single) -> None:
    async with single.browser() as client, single.browser() as other:
        left = await client.get(f"{single.site.url}/sign-in/oidc")
        back = (await client.get(left.headers["location"])).headers["location"]
        assert (await other.get(back)).status_code == 403, "another browser"
        assert (await client.get(f"{back}&iss=https://elsewhere.example")).status_code == 403
        assert (await client.get(back)).status_code == 403, "the errand is over"
        assert "redress" not in client.cookies
        assert (
            await client.get(f"{single.site.url}/sign-in/oidc/back?state=x&error=access_denied")
        ).status_code == 403


async def test_an_answer_that_proves_nothing_puts_nobody_out(single: Single) -> None:
    """A picture on somebody else's page could be at this address."""
    async with single.browser() as client:
        await single.round_trip(client)
        assert (await client.get(f"{single.site.url}/sign-in/oidc/back?x")).status_code == 403
        assert (await client.get(f"{single.site.url}/me")).status_code == 200
        await client.get(f"{single.site.url}/sign-in")
        assert (await client.get(f"{single.site.url}/me")).status_code == 200
        client.cookies.set("redress", "A" * 43, domain="127.0.0.1")
        assert 'redress="";' in (await client.get(f"{single.site.url}/sign-in")).headers["set-cookie"]


async def test_an_address_that_leaves_too_often_has_to_wait(
    single: Single, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in, "MOST_LEAVING", 0)
    asked = len(single.provider.asked)
    async with single.browser() as client:
        answer = await client.get(f"{single.site.url}/sign-in/oidc")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600")
    assert len(single.provider.asked) == asked


async def test_errands_nobody_came_back_from_are_forgotten_at_night(single: Single) -> None:
    office = single.site.desk.office
    async with single.browser() as client:
        await client.get(f"{single.site.url}/sign-in/oidc")
    await Upkeep(office.pool).sweep_words(datetime.now(UTC) + UNDER_WAY + timedelta(minutes=1))
    async with office.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM sign_in_errands") == 0


async def test_back_to_an_own_path_only(single: Single) -> None:
    async with single.browser() as client:
        came = await single.round_trip(client, "https://elsewhere.example/")
        assert came.headers["location"] == "/"


async def test_a_leaver_does_not_come_in_and_nobody_is_made(single: Single) -> None:
    now = datetime.now(UTC)
    async with single.site.desk.office.pool.acquire() as connection:
        gone = Person("leaver.o", "Leaver", email="leaver.o@example.com")
        await put_person(connection, gone)
        before = await connection.fetchval("SELECT count(*) FROM people")
    single.provider.claims = {"sub": "u-leaver", "email": "leaver.o@example.com", "email_verified": True}
    async with single.browser() as client:
        assert (await single.round_trip(client)).status_code == 303
        async with single.site.desk.office.pool.acquire() as connection:
            await leave(connection, "leaver.o", now)
        assert (await client.get(f"{single.site.url}/me")).status_code == 303
        assert (await single.round_trip(client)).status_code == 403
    async with single.site.desk.office.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM people") == before


async def test_passwords_can_be_switched_off(single: Single) -> None:
    async with single.browser() as client:
        door = await client.get(f"{single.site.url}/sign-in")
        assert 'name="password"' not in door.text
        csrf = door.text.split('"X-CSRF-Token": "')[1].split('"')[0]
        answer = await client.post(
            f"{single.site.url}/sign-in", data={"csrf": csrf, "user": "legal-1", "password": "x"}
        )
        assert answer.status_code == 404


def test_the_address_back_is_the_public_one(single: Single) -> None:
    assert urlsplit(single.provider.asked[0]["redirect_uri"]).path == "/sign-in/oidc/back"
    assert SECRET not in repr(single.site.desk.settings)
