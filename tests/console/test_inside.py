"""What only the own network is told, what a browser keeps, and that it comes by https."""

import io
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from PIL import Image

from console.api import health
from console.app import make_app
from console.files.taking import book_of
from console.service import desk_for
from tests.console.served import Site, settings_at
from tests.console.session_of import session_of


@pytest.fixture(scope="module")
def app(site: Site) -> FastAPI:
    """The console, to be called from wherever a test says."""
    return make_app(site.desk)


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
@pytest.mark.parametrize(
    ("caller", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("fd00::7", {}, 200),
        ("172.18.0.1", {"X-Forwarded-For": "10.0.0.9"}, 200),
        ("8.8.8.8", {}, 404),
        ("2606:4700::1111", {}, 404),
        ("172.18.0.1", {"X-Forwarded-For": "8.8.8.8"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "8.8.8.8, 10.0.0.9"}, 404),
        ("127.0.0.1", {"X-Real-IP": "8.8.8.8"}, 404),
        ("127.0.0.1", {"Forwarded": "for=8.8.8.8"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "unknown"}, 404),
    ],
)
async def test_strangers_are_not_told_how_it_is(
    app: FastAPI, path: str, caller: str, headers: dict[str, str], status: int
) -> None:
    transport = httpx2.ASGITransport(app, client=(caller, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
        assert (await client.get(path, headers=headers)).status_code == status
        assert (await client.get("/healthz", headers=headers)).status_code == 200


async def test_however_many_ask_the_parts_are_asked_once_a_second(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "READY_FOR", 1000.0)
    readiness, asked = health._Readiness(site.desk), 0
    real = health._temporal

    async def counting(desk: Any) -> str | None:
        nonlocal asked
        asked += 1
        return await real(desk)

    monkeypatch.setattr(health, "_temporal", counting)
    for _ in range(5):
        assert await readiness.troubles() == {"temporal": None, "records": None}
    assert asked == 1


async def test_over_https_a_browser_is_told_to_stay_there(site: Site, tmp_path: Path) -> None:
    told = {}
    for scheme in ("http", "https"):
        settings = settings_at(tmp_path, REDRESS_PUBLIC_URL=f"{scheme}://desk.example.com")
        transport = httpx2.ASGITransport(make_app(desk_for(settings, site.house.door)))
        async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
            told[scheme] = (await client.get("/sign-in")).headers.get("strict-transport-security")
    assert told == {"http": None, "https": "max-age=31536000"}


async def test_a_small_picture_is_asked_for_each_time_and_sent_once(site: Site) -> None:
    client, number = await site.signed_in("cs_specialist-1"), await site.house.open()
    drawn = io.BytesIO()
    Image.new("RGB", (600, 400), "teal").save(drawn, "JPEG")
    form = {"csrf": (None, client.headers["X-CSRF-Token"]), "subkind": (None, "photographs")}
    await client.post(f"/case/{number}/files", files={**form, "file": ("x.jpg", drawn.getvalue())})
    (file,) = await book_of(site.desk).of(number)
    small = await client.get(f"/files/{file.id}/thumb")
    assert small.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": small.headers["etag"]}
    again = await client.get(f"/files/{file.id}/thumb", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    stranger = site.stranger()
    assert (await stranger.get(f"/files/{file.id}/thumb", headers=tag)).status_code in (303, 401)


async def test_whoever_leaves_leaves_no_pictures_behind(site: Site) -> None:
    name, token, csrf = await session_of(site.desk, "cs_specialist-1")
    async with httpx2.AsyncClient(base_url=site.url, cookies={name: token}) as client:
        out = await client.post("/sign-out", data={"csrf": csrf})
    assert out.headers["clear-site-data"] == '"cache"'
