"""What PostgreSQL cannot store or no browser sends, wherever it comes in: it is not there, or asked wrongly."""

import inspect
import re
from typing import Any

import pytest
from fastapi.routing import APIRoute

from console.app import PAGES
from console.lists import tagging
from tests.console.served import Site

ROUTES = {
    (method, route.path): route
    for router in [*(page.router for page in PAGES), tagging.router]
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods or ()
    if method in ("GET", "POST")
}


@pytest.fixture(scope="module")
async def number(site: Site) -> str:
    """One complaint for all of them."""
    return await site.house.open()


def address(path: str, number: str, spoilt: str) -> str:
    """The route's address with NUL in one of its places."""
    given = {"number": number, "kind": "add_note", spoilt: "x%00"}
    return re.sub(r"\{(\w+)\}", lambda one: given.get(one[1], "x"), path)


@pytest.mark.parametrize(
    ("method", "path", "spoilt"),
    [
        (method, path, spoilt)
        for method, path in sorted(ROUTES)
        for spoilt in re.findall(r"\{(\w+)\}", path)
        if not path.endswith("/events")
    ],
)
async def test_nul_in_an_address_leads_nowhere(
    site: Site, number: str, method: str, path: str, spoilt: str
) -> None:
    client = await site.signed_in("cs_director-1")
    answer = await client.request(method, address(path, number, spoilt), data=None)
    assert answer.status_code in (403, 404, 422), answer.text[:200]


def fields(route: APIRoute) -> dict[str, Any]:
    """The fields of its form that a signature declares, by name."""
    found = inspect.signature(route.endpoint).parameters.values()
    return {one.name: one for one in found if "Form(" in str(one.annotation)}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (path, field)
        for (method, path), route in sorted(ROUTES.items())
        if method == "POST" and not path.startswith(("/s/", "/f/"))
        for field in fields(route)
    ],
)
async def test_nul_in_a_form_is_no_fault_of_ours(site: Site, number: str, path: str, field: str) -> None:
    client = await site.signed_in("cs_director-1")
    told = {"tag": "vip", "code": "vip", "zh": "x", "en": "x", "name": "x", "days": "9", "scopes": "read"}
    answer = await client.post(address(path, number, ""), data={**told, field: "x\x00"})
    assert answer.status_code < 500, answer.text[:200]


async def test_nul_as_the_tag_of_a_complaint_or_of_many(site: Site, number: str) -> None:
    client = await site.signed_in("cs_director-1")
    for off in ("", "1"):
        answer = await client.post(f"/case/{number}/tags", data={"tag": "x\x00", "off": off or "0"})
        assert answer.status_code == 422
    chosen = {"kind": "tag", "tag": "x\x00", "value": "yes", "number": number}
    answer = await client.post("/bulk/preview", data=chosen)
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "path", ["/case/{number}/files", "/api/v1/complaints/{number}/attachments", "/intake"]
)
async def test_a_boundary_longer_than_any_browser_s(site: Site, number: str, path: str) -> None:
    client = await site.signed_in("cs_director-1")
    kind = {"content-type": f"multipart/form-data; boundary={'b' * 500}", "idempotency-key": "k" * 20}
    body = b"--" + b"b" * 500 + b"--\r\n"
    answer = await client.post(path.replace("{number}", number), content=body, headers=kind)
    assert answer.status_code in (400, 422), answer.text[:200]
