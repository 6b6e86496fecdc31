"""Writes that do not come from a page of ours, or carry the value of no session or of somebody else's."""

import httpx2
import pytest

from console.signing.sessions import csrf_of
from tests.console.served import Site
from tests.console.session_of import session_of

EVIL = "https://elsewhere.example"


@pytest.fixture
async def signed(site: Site) -> httpx2.AsyncClient:
    """Signed in, and carrying nothing by itself."""
    client = await site.signed_in("pr_lead-1")
    for name in ("X-CSRF-Token", "Origin"):
        del client.headers[name]
    client.follow_redirects = False
    return client


def value(client: httpx2.AsyncClient) -> str:
    return csrf_of(client.cookies["redress"])


async def test_with_the_value_in_the_form_or_in_the_header(signed: httpx2.AsyncClient) -> None:
    good = value(signed)
    answer = await signed.post("/me/theme", data={"csrf": good, "theme": "dark", "back": "/me"})
    assert answer.status_code == 303
    assert 'data-theme="dark"' in (await signed.get("/me")).text, "the form could still be read"
    assert (
        await signed.post("/me/theme", data={"theme": "light"}, headers={"X-CSRF-Token": good})
    ).status_code == 303


async def test_without_it_or_with_another(signed: httpx2.AsyncClient, site: Site) -> None:
    _, _, others = await session_of(site.desk, "pr_lead-2")
    for wrong in ("", "x", others, value(signed)[:-1], "é", "\x00"):
        answer = await signed.post("/me/theme", data={"csrf": wrong, "theme": "dark"})
        assert answer.status_code == 403, wrong
    assert (await signed.post("/me/theme", data={"theme": "dark"})).status_code == 403
    twice = f"csrf={value(signed)}&csrf={others}&theme=dark"
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await signed.post("/me/theme", content=twice, headers=form)).status_code == 403
    assert (
        await signed.post("/me/theme", content=b'{"a":1}', headers={"content-type": "text/plain"})
    ).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": EVIL},
    ],
)
async def test_a_page_of_somebody_else_may_not_ask_even_with_the_value(
    signed: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    for path in ("/me/theme", "/sign-out", "/sign-in", "/language"):
        answer = await signed.post(path, data={"csrf": value(signed), "theme": "dark"}, headers=headers)
        assert answer.status_code == 403, path
    assert (await signed.get("/me")).status_code == 200, "still signed in"


def parts(*fields: tuple[str, bytes], boundary: str = "b0undary") -> bytes:
    told = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for name, content in fields
    ]
    return b"".join(told) + f"--{boundary}--\r\n".encode()


async def test_a_form_with_files_carries_it_first(signed: httpx2.AsyncClient) -> None:
    kind = {"content-type": "multipart/form-data; boundary=b0undary"}
    good = value(signed).encode()
    first = parts(("csrf", good), ("theme", b"dark"), ("big", b"x" * 500_000))
    assert (await signed.post("/me/theme", content=first, headers=kind)).status_code == 303
    assert 'data-theme="dark"' in (await signed.get("/me")).text
    for broken in (
        parts(("theme", b"dark"), ("csrf", good)),
        parts(("big", b"x" * 200_000), ("csrf", good)),
        parts(("csrf", b"x" * 200_000)),
        parts(("csrf2", good)),
        b"",
        b"--b0undary",
        b"x" * 100_000,
        parts(("csrf", good), boundary="another"),
    ):
        assert (await signed.post("/me/theme", content=broken, headers=kind)).status_code == 403
    none = {"content-type": "multipart/form-data"}
    assert (await signed.post("/me/theme", content=first, headers=none)).status_code == 422


async def test_a_form_without_end_is_refused(signed: httpx2.AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await signed.post("/me/theme", content=b"a=" + b"x" * 5_000_000, headers=form)
    assert answer.status_code == 413


async def test_the_sign_in_form_belongs_to_the_browser_it_was_shown_in(site: Site) -> None:
    """Nobody signs a visitor in to an account of their own choosing."""
    one, other = site.stranger(), site.stranger()
    page = (await one.get("/sign-in")).text
    shown = page.split('name="csrf" value="')[1].split('"')[0]
    await other.get("/sign-in")
    answer = await other.post("/sign-in", data={"csrf": shown, "user": "pr_lead-1", "password": "x"})
    assert answer.status_code == 403
    assert (
        await site.stranger().post("/sign-in", data={"user": "pr_lead-1", "password": "x"})
    ).status_code == 403
