"""What nobody foresaw: a page of its own, with the headers of every answer, counted, and without the error's words."""

from pathlib import Path

import httpx2

from console.app import HEADERS, make_app
from console.service import desk_for
from tests.console.served import Site, settings_at


async def test_a_fault_is_a_page_with_the_headers_of_every_answer_and_is_counted(
    site: Site, tmp_path: Path
) -> None:
    app = make_app(desk_for(settings_at(tmp_path), site.house.door))

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("13800000000")

    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://desk") as client:
        answer = await client.get("/broken")
        figures = (await client.get("/metrics")).text
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")
    assert {name.decode(): value.decode() for name, value in HEADERS.items()}.items() <= dict(
        answer.headers
    ).items()
    assert "13800000000" not in answer.text
    assert 'route="/broken",status="500"' in figures
