"""Bodies without end: each address that takes one stops reading early and says so, whoever sends it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message

from console.api.app import PARTS
from console.app import PAGES, make_app
from console.limits import OF_ANYBODY, OF_DESK, most_bytes
from console.signing import csrf as checking
from console.signing.sessions import csrf_of
from records.db import transaction
from tests.console.served import Site
from tests.console.session_of import session_of

PIECE = 16 * 1024
#: what the reader of a framework may ask for beyond the piece that was too much
SLACK = 2 * PIECE
FORMS = {
    "application/x-www-form-urlencoded": b"a=",
    "multipart/form-data; boundary=b": b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n',
    "multipart/form-data; boundary=c": b'--c\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n',
}


def routes(routers: Any) -> Iterator[tuple[str, str]]:
    """Method and path of every route that takes a body."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in sorted((route.methods or set()) - {"GET", "HEAD"}):
                    yield method, route.path
            elif hasattr(route, "original_router"):
                yield from routes([route.original_router])


PAGE_ROUTES = sorted(set(routes(page.router for page in PAGES)))
API_ROUTES = sorted({(method, f"/api/v1{path}") for method, path in routes(part.router for part in PARTS)})


@pytest.fixture(scope="module")
def app(site: Site) -> FastAPI:
    """The console, to be called without a connection in between."""
    return make_app(site.desk)


@pytest.fixture(autouse=True)
async def unknown(site: Site) -> None:
    """Nobody here has guessed at a link yet, who would be refused before anything is read."""
    async with transaction(site.desk.office.pool) as connection:
        await connection.execute("DELETE FROM rate_counters")


@pytest.fixture(scope="module")
async def number(site: Site) -> str:
    """A complaint to send to."""
    return await site.house.open()


async def endless(
    app: ASGIApp, method: str, path: str, kind: str, headers: dict[str, str] | None = None
) -> tuple[int, int, bytes]:
    """The status of the answer to a body that never ends, how many bytes of it were taken, and the answer."""
    pulled, told = 0, [FORMS.get(kind, b"{")]
    said: list[Message] = []

    async def receive() -> Message:
        nonlocal pulled
        piece = told.pop() if told else b"x" * PIECE
        pulled += len(piece)
        assert pulled < 10 * OF_DESK, "this would go on for ever"
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: Message) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in {"host": "here", "content-type": kind, **(headers or {})}.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("here", 80),
    }
    await app(scope, receive, send)
    start = next(message for message in said if message["type"] == "http.response.start")
    return start["status"], pulled, b"".join(message.get("body", b"") for message in said)


def filled(path: str, number: str) -> str:
    """The address of a route."""
    return re.sub(r"\{(\w+)\}", lambda one: {"number": number, "kind": "add_note"}.get(one[1], "x"), path)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(("method", "path"), [*PAGE_ROUTES, *API_ROUTES])
async def test_of_a_stranger_hardly_anything_is_read(app: FastAPI, method: str, path: str, kind: str) -> None:
    status, pulled, _ = await endless(app, method, filled(path, "CMP-2026-000001"), kind)
    assert pulled <= OF_ANYBODY + SLACK
    assert status in (303, 401, 403, 404, 413)
    assert status == 413 or pulled <= PIECE


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(("method", "path"), PAGE_ROUTES)
async def test_an_invented_cookie_opens_no_larger_door(
    app: FastAPI, method: str, path: str, kind: str
) -> None:
    """Its csrf value follows from it, so whoever invents the one has the other."""
    cookie = "A" * 43
    headers = {"cookie": f"redress={cookie}; redress-form={cookie}", "x-csrf-token": csrf_of(cookie)}
    status, pulled, _ = await endless(app, method, filled(path, "CMP-2026-000001"), kind, headers)
    assert pulled <= OF_ANYBODY + SLACK
    assert status in (303, 404, 413)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize(
    ("method", "path"), [one for one in PAGE_ROUTES if most_bytes(filled(one[1], "N")) == OF_DESK]
)
async def test_of_a_person_no_more_than_the_largest_form(
    site: Site, app: FastAPI, number: str, method: str, path: str, kind: str
) -> None:
    name, token, csrf = await session_of(site.desk, "cs_director-1")
    headers = {"cookie": f"{name}={token}", "x-csrf-token": csrf}
    status, pulled, body = await endless(app, method, filled(path, number), kind, headers)
    assert pulled <= OF_DESK + SLACK
    assert status in (200, 204, 303, 400, 404, 413, 422)
    assert status in (400, 413) or pulled <= PIECE, "what is not read is no harm"
    assert status != 413 or "That is too large" in body.decode()


async def test_the_largest_legal_text_is_read(site: Site) -> None:
    """100,000 characters of four bytes each, written as a form writes them."""
    number = await site.house.open()
    client = await site.signed_in("cs_specialist-1")
    text = "\U0001f600" * 100_000
    answer = await client.post(f"/case/{number}/draft", data={"text_internal": text, "text_public": text})
    assert answer.status_code == 204
    assert text in (await client.get(f"/case/{number}")).text


async def test_what_is_announced_too_large_is_not_read_at_all(site: Site, app: FastAPI) -> None:
    length = {"content-length": str(10**9)}
    kind = "application/x-www-form-urlencoded"
    for path, told in (("/language", 413), ("/s/x/withdraw", 404), ("/queue/search", 413)):
        status, pulled, body = await endless(app, "POST", path, kind, length)
        assert (status, pulled) == (told, 0), path
        assert b"<html" in body
    name, token, csrf = await session_of(site.desk, "cs_specialist-1")
    signed = {**length, "cookie": f"{name}={token}", "x-csrf-token": csrf, "idempotency-key": "k" * 20}
    path = "/api/v1/complaints"
    status, pulled, body = await endless(app, "POST", path, "application/json", signed)
    assert (status, pulled) == (413, 0)
    assert b"/problems/too-large" in body


async def test_a_body_in_many_pieces_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: with each piece no more is searched than it and what may have begun before it."""
    searched: list[int] = []
    real = checking.found_since

    def counting(body: bytearray, wanted: bytes, new: int) -> bool:
        searched.append(len(body) - new + len(wanted))
        return real(body, wanted, new)

    monkeypatch.setattr(checking, "found_since", counting)
    pieces = [b"x" * 3] * 20_000

    async def receive() -> Message:
        return {"type": "http.request", "body": pieces.pop(), "more_body": bool(pieces)}

    messages, body, whole = await checking._read(receive, OF_ANYBODY, b"--end")
    assert (len(messages), len(body), whole) == (20_000, 60_000, True)
    assert sum(searched) == 20_000 * (3 + 5)
    assert real(bytearray(b"aaaa--e" + b"nd"), b"--end", 7), "across two pieces"
