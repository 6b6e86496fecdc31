"""Bad input by HTTP: each is told apart, nothing is half done, nothing of ours falls over. In the caller's language."""

import json
from typing import Any

import httpx2
import pytest
from pydantic import TypeAdapter

from console.api import bodies
from console.api.body import MOST_BYTES
from console.api.cursor import written
from console.api.examples import ANSWERS, COMMANDS, SUBMISSION
from console.api.faults import judge
from console.api.problems import KINDS
from console.words import Words
from starter.submission import Submission
from tests.console.api_calls import by_token, key, opened, submission
from tests.console.served import Site
from tests.console.test_api import problem


async def complaints(site: Site) -> int:
    """How many complaints there are."""
    counted: int = await site.desk.office.pool.fetchval("SELECT count(*) FROM complaints")
    return counted


def wrong(told: dict[str, Any]) -> set[str]:
    return {one.get("pointer", one["field"]) for one in told["errors"]}


def changed(at: str, value: Any) -> dict[str, Any]:
    """A submission with one field different; `...` leaves it out."""
    body: dict[str, Any] = json.loads(json.dumps(submission()))
    *above, last = at.split(".")
    part = body
    for name in above:
        part = part[name]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return body


@pytest.mark.requirement("INT-03")
@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("channel", "smoke_signals"),
        ("channel", ...),
        ("channel", None),
        ("received_at", "yesterday"),
        ("received_at", "2026-03-02T09:20:00"),
        ("received_at", 1_700_000_000),
        ("received_at", "2026-02-30T09:20:00+08:00"),
        ("received_at", "2999-01-01T00:00:00Z"),
        ("received_at", "2001-01-01T00:00:00Z"),
        ("customer", "Lin"),
        ("customer.name", ""),
        ("customer.name", "x" * 1001),
        ("customer.contact", 13800000001),
        ("customer.contact", "x" * 201),
        ("customer.nickname", "x"),
        ("place.project", ["x"]),
        ("text", "   "),
        ("text", "a\u0000b"),
        ("text", "x" * 100_001),
        ("text", {"html": "<b>"}),
        ("line", "railway"),
        ("attachments", "photo.jpg"),
        ("policy", {"x": 1}),
    ],
)
async def test_each_wrong_field_is_named(site: Site, at: str, value: Any) -> None:
    client, before = await by_token(site), await complaints(site)
    told = problem(await client.post("/complaints", json=changed(at, value), headers=key()), 422, "bad-input")
    assert wrong(told) == {"/" + at.replace(".", "/")}
    assert told["errors"][0]["message"]
    assert await complaints(site) == before


async def test_all_wrong_fields_are_named_at_once(site: Site) -> None:
    client = await by_token(site, **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    answer = await client.post("/complaints", json={"channel": "x", "customer": {"name": 5}}, headers=key())
    told = problem(answer, 422, "bad-input")
    assert wrong(told) >= {
        "/channel",
        "/customer/name",
        "/customer/contact",
        "/received_at",
        "/place",
        "/text",
    }
    assert answer.headers["content-language"] == "zh-CN"
    assert told["title"] == "输入有误"
    assert {one["message"] for one in told["errors"] if one["field"] == "text"} == {"此项必填。"}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{7*7}} ${7*7} {% raw %}",
        "=HYPERLINK(1)",
        "'; DROP TABLE complaints; --",
        "👩‍👩‍👧 \u202eright to left\u200b",
        "line\r\nbreaks\tand tabs",
    ],
)
async def test_words_are_kept_as_they_were_written(site: Site, text: str) -> None:
    client = await by_token(site)
    number = await opened(client, text=text)
    assert (await client.get(f"/complaints/{number}")).json()["text"] == text


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        (b"", 422, "bad-input"),
        (b"not json", 422, "bad-input"),
        (b"[]", 422, "bad-input"),
        (b"null", 422, "bad-input"),
        (b'{"text": NaN}', 422, "bad-input"),
        (b'{"text": "a", "text": "b"}', 422, "bad-input"),
        (b'{"text": "\\ud800"}', 422, "bad-input"),
        (b'{"text": "\xff"}', 422, "bad-input"),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422, "bad-input"),
        (b'{"text": ' + b"9" * 10_000 + b"}", 422, "bad-input"),
        (b'{"expected_turn": 1e400, "text": "x"}', 422, "bad-input"),
        (b'{"text": "' + b"x" * MOST_BYTES + b'"}', 413, "too-large"),
    ],
)
async def test_no_body_trips_it(site: Site, content: bytes, status: int, kind: str) -> None:
    client = await by_token(site)
    number = await opened(client)
    headers = key(**{"Content-Type": "application/json"})
    address = f"/complaints/{number}/commands/add_note"
    problem(await client.post(address, content=content, headers=headers), status, kind)

    async def in_pieces() -> Any:
        for at in range(0, len(content), 1000):
            yield content[at : at + 1000]

    problem(await client.post(address, content=in_pieces(), headers=headers), status, kind)
    assert (await client.get(f"/complaints/{number}")).json()["turn"] == 1


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", ""]
)
async def test_another_media_type_is_said_so(site: Site, media: str) -> None:
    client = await by_token(site)
    answer = await client.post("/complaints", content=b"{}", headers=key(**{"Content-Type": media}))
    problem(answer, 415, "media-type")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Idempotency-Key", None),
        ("Idempotency-Key", ""),
        ("Idempotency-Key", "/open"),
        ("Idempotency-Key", "a~b"),
        ("Idempotency-Key", "x" * 201),
        ("If-Match", "3"),
        ("If-Match", 'W/"3"'),
        ("If-Match", '"1", "2"'),
        ("If-Match", '"99999999999999999999"'),
    ],
)
async def test_a_wrong_header_is_named(site: Site, header: str, value: str | None) -> None:
    client = await by_token(site)
    number = await opened(client)
    headers = {**key(), header: value}
    sent = {name: one for name, one in headers.items() if one is not None}
    answer = await client.post(f"/complaints/{number}/commands/add_note", json={"text": "x"}, headers=sent)
    error = problem(answer, 422, "bad-input")["errors"][0]
    assert (error["in"], error["field"].lower()) == ("header", header.lower())


@pytest.mark.parametrize("turn", [-1, 10**12, 1.5, "1", None])
async def test_a_cursor_of_the_ledger_is_a_turn(site: Site, turn: object) -> None:
    client = await by_token(site)
    number = await opened(client)
    answer = await client.get(f"/complaints/{number}/history?cursor={written({'t': turn})}")
    problem(answer, 422, "bad-input")


@pytest.mark.parametrize(
    "query",
    [
        "stge=REGISTERED",
        "stage=NOWHERE",
        "limit=0",
        "limit=201",
        "limit=5.0",
        "limit=١",
        "sort=name",
        "breached=maybe",
        "received_from=2026-03-02",
        "owner=%00",
        "q=lin",
        "cursor=AAAA",
        "cursor=%00",
        "cursor=eyJzIjoiZHVlIiwiYSI6bnVsbCwicCI6MCwibiI6IngifQ",
        "cursor=" + "A" * 401,
        *(
            "cursor=" + written({"s": "due", "a": at, "p": 0, "n": "2026-000123"})
            for at in ("0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2026-03-02T09:20", "now", "1e9")
        ),
    ],
)
async def test_a_wrong_query_is_named(site: Site, query: str) -> None:
    client = await by_token(site)
    answer = await client.get(f"/complaints?{query}")
    error = problem(answer, 422, "bad-input")["errors"][0]
    assert (error["in"], error["field"].partition(".")[0]) == ("query", query.partition("=")[0])


async def test_a_cursor_belongs_to_its_order(site: Site) -> None:
    client = await by_token(site)
    for _ in range(2):
        await opened(client)
    further = (await client.get("/complaints?limit=1&sort=newest")).json()["next"]
    cursor = httpx2.URL(further).params["cursor"]
    problem(await client.get(f"/complaints?sort=oldest&cursor={cursor}"), 422, "bad-input")
    problem(await client.get(f"/complaints/{await opened(client)}/history?cursor={cursor}"), 422, "bad-input")


async def test_nobody_says_what_only_we_say_or_for_another(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    address = f"/complaints/{number}/commands"
    for kind in ("deadline_passed", "notice_failed", "nonsense", "Register", "%2e%2e"):
        problem(await client.post(f"{address}/{kind}", json={}, headers=key()), 404, "not-found")
    for claim in ({"by": "cs_director-1"}, {"kind": "archive"}):
        answer = await client.post(f"{address}/register", json=claim, headers=key())
        assert wrong(problem(answer, 422, "bad-input")) == {f"/{next(iter(claim))}"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/complaints", "GET, POST"),
        ("PUT", "/complaints/2026-000123", "GET"),
        ("GET", "/complaints/2026-000123/commands/register", "POST"),
        ("PATCH", "/me", "GET"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    site: Site, method: str, path: str, allowed: str
) -> None:
    answer = await (await by_token(site)).request(method, path)
    problem(answer, 405, "method")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path", ["/nothing", "/complaints/", "/complaints/2026-000123/secrets", "/docs", "/redoc", "/a%0Ab%0A"]
)
async def test_an_address_that_leads_nowhere(site: Site, path: str) -> None:
    problem(await (await by_token(site)).get(path), 404, "not-found")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/groups", "/groups/2026-0001/members"])
async def test_groups_are_said_to_come_later(site: Site, method: str, path: str) -> None:
    told = problem(await site.stranger().request(method, f"{site.url}/api/v1{path}"), 404, "not-found")
    assert "link_to_group" in told["detail"]
    problem(await site.stranger().get(f"{site.url}/api/v1/groupsies"), 404, "not-found")


async def test_the_kinds_of_problems_explain_themselves(site: Site) -> None:
    client = site.stranger()
    listed = (await client.get(f"{site.url}/api/v1/problems")).json()["items"]
    assert {one["type"].rpartition("/")[2] for one in listed} == set(KINDS)
    one = (await client.get(f"{site.url}{listed[0]['type']}", headers={"Accept-Language": "zh"})).json()
    assert one["title"] == "未登录"
    problem(await client.get(f"{site.url}/api/v1/problems/nonsense"), 404, "not-found")


async def test_the_document_is_whole(site: Site) -> None:
    answer = await site.stranger().get(f"{site.url}/api/v1/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert "://" not in json.dumps(document["paths"]), "no outside host"
    said = {path.rpartition("/")[2] for path in document["paths"] if "/commands/" in path}
    assert said == set(bodies.KINDS)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["tags"], path
            assert "500" in operation["responses"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert "example" in content, path
            for status, told in operation["responses"].items():
                for content in told.get("content", {}).values():
                    assert "example" in content or "examples" in content, (path, method, status)


@pytest.mark.parametrize("kind", bodies.KINDS)
def test_the_example_of_each_command_is_taken(kind: str) -> None:
    bodies.read(kind, COMMANDS[kind], "cs_specialist-1", Words("en"))


def test_the_examples_of_answers_are_what_is_answered() -> None:
    from console.api import shapes

    judge(TypeAdapter(Submission), SUBMISSION, Words("en"))
    for name, example in ANSWERS.items():
        model = getattr(shapes, name)
        assert model.model_validate(example).model_dump(mode="json", by_alias=True) == example
