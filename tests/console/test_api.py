"""The contract of the HTTP API, on real parts: what is asked, what is answered, what is kept (design.md §3)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from records.writing import UnknownComplaint
from tests.console.api_calls import ALL, by_token, key, opened, submission
from tests.console.served import Site

NOBODY = "2019-999999"


def problem(answer: httpx2.Response, status: int, kind: str) -> dict[str, Any]:
    """The problem an answer tells of."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), (
        answer.text
    )
    told: dict[str, Any] = answer.json()
    assert (told["status"], told["type"]) == (status, f"/api/v1/problems/{kind}"), told
    assert told["title"]
    assert told["detail"]
    assert told["instance"] == quote(answer.request.url.path)
    return told


async def say(client: httpx2.AsyncClient, number: str, kind: str, **fields: Any) -> httpx2.Response:
    return await client.post(f"/complaints/{number}/commands/{kind}", json=fields, headers=key())


async def do(client: httpx2.AsyncClient, number: str, kind: str, **fields: Any) -> dict[str, Any]:
    answer = await say(client, number, kind, **fields)
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.json()
    return decision


CLASSIFIED = {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "simple"}


@pytest.mark.requirement("INT-04")
async def test_a_complaint_is_handed_in_once(site: Site) -> None:
    client, name, body = await by_token(site), key(), submission()
    first = await client.post("/complaints", json=body, headers=name)
    assert first.status_code == 201
    number = first.json()["number"]
    assert first.headers["location"] == f"/api/v1/complaints/{number}"
    assert first.headers["etag"] == '"1"'
    assert (first.json()["started"], first.json()["notes"], first.json()["stage"]) == (True, [], "REGISTERED")
    again = await client.post("/complaints", json=body, headers=name)
    assert (again.status_code, again.json()["number"]) == (200, number)
    other = await client.post("/complaints", json={**body, "text": "Something else."}, headers=name)
    told = problem(other, 422, "key-reused")
    assert told["number"] == number
    assert number in told["detail"]
    elsewhere = await by_token(site, "cs_specialist-2")
    assert (await elsewhere.post("/complaints", json=body, headers=name)).status_code == 201, (
        "keys of two callers"
    )


async def test_the_same_external_id_is_the_same_complaint(site: Site) -> None:
    client = await by_token(site, scopes=["open"])
    body = submission(external_id=f"hotline-{key()['Idempotency-Key']}")
    first = await client.post("/complaints", json=body)
    again = await client.post("/complaints", json=body, headers=key())
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["number"] == again.json()["number"]
    other = await client.post("/complaints", json={**body, "desired": "Money."})
    assert "number" not in problem(other, 409, "other-content"), "the token may not read"
    reader = await by_token(site)
    other = await reader.post("/complaints", json={**body, "desired": "Money."})
    assert problem(other, 409, "other-content")["number"] == first.json()["number"]
    problem(await client.get(first.headers["location"].removeprefix("/api/v1")), 403, "scope")


@pytest.mark.requirement("CUS-07", "CUS-09")
async def test_a_complaint_as_it_is_read(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    answer = await client.get(f"/complaints/{number}")
    assert answer.status_code == 200
    told = answer.json()
    assert set(told) >= {
        *(
            "number",
            "stage",
            "type",
            "cause",
            "flags",
            "severity",
            "owner",
            "desk",
            "policy_version",
            "round",
        ),
        *(
            "result",
            "received_at",
            "registered_at",
            "next_deadline",
            "deadlines",
            "promises",
            "breached",
            "group",
        ),
        *("customer", "text"),
    }
    assert told["text"] == submission()["text"]
    assert told["customer"]["name"] == "林**"
    assert "0001" not in told["customer"]["contact"]
    assert answer.headers["cache-control"] == "private, no-cache"
    whole = await client.get(f"/complaints/{number}?personal=true")
    assert whole.json()["customer"]["contact"] == "138 0000 0001"
    assert whole.json()["whole"] is True
    async with site.desk.office.pool.acquire() as connection:
        reads = await site.desk.office.texts.reads_of(connection, number)
    assert {one.reader for one in reads} == {"masked:cs_specialist-1", "cs_specialist-1"}
    modest = await by_token(site, scopes=["read"])
    assert (
        problem(await modest.get(f"/complaints/{number}?personal=true"), 403, "scope")["scope"] == "personal"
    )
    auditor = await by_token(site, "auditor-1")
    refused = problem(await auditor.get(f"/complaints/{number}?personal=true"), 403, "not-yours")
    assert refused["rule"] == "CUS-07"
    assert (await auditor.get(f"/complaints/{number}")).json()["customer"]["name"] == "林**"


async def test_nothing_is_sent_again_that_has_not_changed(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    for address in (f"/complaints/{number}", f"/complaints/{number}/deadlines"):
        seen = (await client.get(address)).headers["etag"]
        for header in (seen, f"W/{seen}", f'"0", {seen}', "*"):
            same = await client.get(address, headers={"If-None-Match": header})
            assert (same.status_code, same.headers["etag"], same.content) == (304, seen, b"")
    await do(client, number, "register")
    changed = await client.get(f"/complaints/{number}", headers={"If-None-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')


@pytest.mark.requirement("CUS-09")
async def test_masked_and_whole_are_two_answers(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    address = f"/complaints/{number}"
    masked = (await client.get(address)).headers["etag"]
    whole = await client.get(f"{address}?personal=true", headers={"If-None-Match": masked})
    assert (whole.status_code, whole.json()["whole"]) == (200, True)
    again = await client.get(f"{address}?personal=true", headers={"If-None-Match": whole.headers["etag"]})
    assert again.status_code == 304
    said = await client.post(
        f"{address}/commands/register", json={}, headers=key(**{"If-Match": whole.headers["etag"]})
    )
    assert said.status_code == 200, said.text


async def test_a_command_is_done_once_under_its_key(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    address, name = f"/complaints/{number}/commands/add_note", key()
    first = await client.post(address, json={"text": "a"}, headers=name)
    again = await client.post(address, json={"text": "a"}, headers=name)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["accepted"] is True
    other = await client.post(address, json={"text": "b"}, headers=name)
    problem(other, 422, "key-reused")
    assert (await client.get(f"/complaints/{number}")).json()["turn"] == 2


async def test_two_people_do_not_overwrite_each_other(site: Site) -> None:
    one, two = await by_token(site), await by_token(site, "cs_director-1")
    number = await opened(one)
    await do(one, number, "register")
    address = f"/complaints/{number}/commands"
    name = key(**{"If-Match": '"2"'})
    assert (await one.post(f"{address}/classify", json=CLASSIFIED, headers=name)).status_code == 200
    late = await two.post(f"{address}/add_note", json={"text": "b"}, headers=key(**{"If-Match": '"2"'}))
    told = problem(late, 409, "turn-changed")
    assert told["turn"] >= 3
    assert late.headers["etag"] == f'"{told["turn"]}"'
    again = await one.post(f"{address}/classify", json=CLASSIFIED, headers=name)
    assert again.status_code == 200, "the first answer, whatever came since"
    body = {"text": "c", "expected_turn": 2}
    assert problem(await two.post(f"{address}/add_note", json=body, headers=key()), 409, "turn-changed")
    both = await two.post(f"{address}/add_note", json=body, headers=key(**{"If-Match": '"3"'}))
    assert problem(both, 422, "bad-input")["errors"][0]["pointer"] == "/expected_turn"


@pytest.mark.requirement("ORG-08")
async def test_what_is_refused_and_what_is_somebody_elses(site: Site) -> None:
    clerk = await by_token(site)
    number = await opened(clerk)
    told = problem(await say(clerk, number, "classify", **CLASSIFIED | {"type": "PRICE"}), 409, "refused")
    assert told["rule"]
    await do(clerk, number, "register")
    await do(clerk, number, "classify", **CLASSIFIED)
    await do(clerk, number, "assign", department="engineering", lead="PROJECT_MANAGER")
    theirs = problem(await say(clerk, number, "set_flag", flag="MAJOR"), 403, "not-yours")
    assert theirs["rule"] == "CLS-10"
    lead = await by_token(site, "project_manager-1")
    assert problem(await say(lead, number, "classify", **CLASSIFIED), 409, "refused")["stage"] == "ASSIGNED"
    assert (
        problem(await say(lead, number, "reassign", person="x", reason="y"), 403, "not-yours")["rule"]
        == "ORG-02"
    )
    outsider = await by_token(site, "finance-1")
    for answer in (
        await say(outsider, number, "add_note", text="x"),
        await outsider.get(f"/complaints/{number}"),
        await outsider.get(f"/complaints/{number}/history"),
        await outsider.get(f"/complaints/{number}/deadlines"),
        await outsider.get(f"/complaints/{number}/actions"),
        await outsider.get(f"/complaints/{number}/attachments"),
        await clerk.get(f"/complaints/{NOBODY}"),
        await say(clerk, NOBODY, "add_note", text="x"),
        await clerk.get("/complaints/..%2F..%2Fetc%2Fpasswd"),
        await clerk.get("/attachments/file_nothing"),
    ):
        problem(answer, 404, "not-found")


async def test_the_actions_are_those_the_rules_allow(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    told = (await client.get(f"/complaints/{number}/actions")).json()
    found = {one["kind"]: one for one in told["items"]}
    assert found["register"]["allowed"] is True
    assert found["archive"]["allowed"] is False
    assert found["archive"]["rule"]
    assert "AWAITING_VISIT" in found["archive"]["reason"] or "visit" in found["archive"]["reason"]
    assert found["add_note"]["schema"]["required"] == ["text"]
    assert "by" not in found["add_note"]["schema"]["properties"]
    assert "deadline_passed" not in found
    assert (await say(client, number, "archive", result="UNRESOLVED")).status_code == 409
    assert (await say(client, number, "register")).status_code == 200


async def test_the_ledger_is_read_page_by_page(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    for place in range(5):
        await do(client, number, "add_note", text=f"note {place}")
    problem(await say(client, number, "set_flag", flag="MAJOR"), 403, "not-yours")
    address = f"/complaints/{number}/history?limit=2&words=true"
    seen: list[dict[str, Any]] = []
    words: dict[str, str | None] = {}
    while address:
        page = (await client.get(address)).json()
        seen += page["items"]
        words |= page["words"]
        address = (page["next"] or "").removeprefix("/api/v1")
    assert [turn["turn"] for turn in seen] == list(range(1, 8))
    assert [turn["accepted"] for turn in seen] == [True] * 6 + [False]
    assert seen[-1]["rule"]
    assert words[seen[1]["command"]["text"]] == "note 0"
    assert "林**" in words.values()
    assert not [text for text in words.values() if text and "0001" in text]
    assert (await client.get(f"/complaints/{number}/history")).json()["words"] is None


async def test_the_end_of_the_ledger_can_be_kept_and_asked_again(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    address = f"/complaints/{number}/history"
    end = (await client.get(address)).json()["end"]
    nothing = (await client.get(address, params={"cursor": end})).json()
    assert (nothing["items"], nothing["next"], nothing["end"]) == ([], None, end)
    await do(client, number, "register")
    assert [turn["kind"] for turn in (await client.get(address, params={"cursor": end})).json()["items"]] == [
        "register"
    ]


async def test_deadlines_say_why(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    told = (await client.get(f"/complaints/{number}/deadlines")).json()
    first = next(one for one in told["items"] if one["name"] == "first_response_hours")
    assert set(first) >= {
        *("id", "name", "state", "start", "due", "rule", "policy_version", "calendar_version"),
        *("pauses", "moves", "warnings", "levels"),
    }
    assert first["state"] == "open"
    assert first["rule"]


async def test_lists_are_paged_by_cursor_and_filtered(site: Site) -> None:
    client = await by_token(site)
    project = f"project {key()['Idempotency-Key']}"
    numbers = {await opened(client, place={"project": project}) for _ in range(5)}
    seen: list[str] = []
    answer = await client.get("/complaints", params={"project": project, "limit": 2, "sort": "newest"})
    pages = 0
    while True:
        assert answer.status_code == 200, answer.text
        pages += 1
        seen += [line["number"] for line in answer.json()["items"]]
        if not (further := answer.json()["next"]):
            break
        assert answer.headers["link"] == f'<{further}>; rel="next"'
        answer = await client.get(further.removeprefix("/api/v1"))
    assert (set(seen), len(seen), pages) == (numbers, 5, 3)
    one = min(numbers)
    await do(client, one, "mark_withdrawn", reason="A mistake.")

    async def found(**filters: str) -> set[str]:
        got = await client.get("/complaints", params={"project": project, **filters})
        assert got.status_code == 200, got.text
        return {line["number"] for line in got.json()["items"]}

    assert await found() == numbers - {one}
    assert await found(stage="WITHDRAWN") == {one}
    assert await found(ended="any") == numbers
    assert await found(q=one, ended="any") == {one}
    assert await found(breached="true") == set()
    assert await found(channel="email") == set()
    assert await found(received_from=(datetime.now(UTC) + timedelta(days=1)).isoformat()) == set()
    outsider = await by_token(site, "finance-1")
    assert (await outsider.get("/complaints", params={"project": project})).json()["items"] == []
    line = (await client.get("/complaints", params={"q": sorted(numbers)[1]})).json()["items"][0]
    assert line["customer"] == "林**"


async def test_a_file_is_handed_in_once_and_given_back(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    await do(client, number, "register")
    address, data = (
        f"/complaints/{number}/attachments",
        b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
    )

    async def send(**form: Any) -> httpx2.Response:
        return await client.post(address, headers=key(), **form)

    first = await send(files={"file": ("../../x.pdf", data)}, data={"subkind": "letter"})
    assert first.status_code == 201, first.text
    told = first.json()
    assert (told["name"], told["media"], told["subkind"], told["size"]) == (
        "x.pdf",
        "application/pdf",
        "letter",
        len(data),
    )
    again = await send(files={"file": ("y.pdf", data)})
    assert (again.status_code, again.json()["id"]) == (200, told["id"])
    assert [one["id"] for one in (await client.get(address)).json()["items"]] == [told["id"]]
    got = await client.get(told["href"].removeprefix("/api/v1"))
    assert (got.status_code, got.content) == (200, data)
    assert got.headers["content-disposition"].startswith("attachment")
    problem(await (await by_token(site, "finance-1")).get(f"/attachments/{told['id']}"), 404, "not-found")
    problem(await send(files={"file": ("x.exe", b"MZ\x90\x00" * 40)}), 422, "bad-input")
    problem(await send(files={"file": ("x.pdf", b"")}), 422, "bad-input")
    problem(await send(files={"file": ("x.pdf", data)}, data={"subkind": "nonsense"}), 422, "bad-input")
    problem(await send(json={"file": "x"}), 415, "media-type")
    broken = await client.post(
        address,
        content=b"--x\r\nnonsense",
        headers=key(**{"Content-Type": "multipart/form-data; boundary=x"}),
    )
    problem(broken, 422, "bad-input")


async def test_a_key_belongs_to_one_file(site: Site) -> None:
    client = await by_token(site)
    number = await opened(client)
    await do(client, number, "register")
    address, name = f"/complaints/{number}/attachments", key()

    async def send(data: bytes, **form: str) -> httpx2.Response:
        return await client.post(address, headers=name, files={"file": ("a.txt", data)}, data=form)

    problem(await client.post(address, headers=name, files={"file": ("a.txt", b"")}), 422, "bad-input")
    first = await send(b"the first words")
    assert first.status_code == 201, first.text
    assert (await send(b"the first words")).json() == first.json()
    problem(await send(b"other words"), 422, "key-reused")
    problem(await send(b"the first words", subkind="letter"), 422, "key-reused")
    assert [one["id"] for one in (await client.get(address)).json()["items"]] == [first.json()["id"]]
    elsewhere = await opened(client)
    await do(client, elsewhere, "register")
    answer = await client.post(
        f"/complaints/{elsewhere}/attachments", headers=name, files={"file": ("a.txt", b"other words")}
    )
    assert answer.status_code == 201


async def test_who_calls(site: Site) -> None:
    me = (await (await by_token(site, scopes=["read"])).get("/me")).json()
    assert (me["id"], me["roles"], me["scopes"]) == ("cs_specialist-1", ["CS_SPECIALIST"], ["read"])
    session = await site.signed_in("cs_director-1")
    assert (await session.get("/api/v1/me")).json()["scopes"] is None


@pytest.mark.parametrize("scope", ALL)
async def test_a_token_does_what_its_scopes_say(site: Site, scope: str) -> None:
    client = await by_token(site, scopes=[scope])
    number = await opened(await by_token(site))
    answers = {
        "read": await client.get(f"/complaints/{number}"),
        "write": await say(client, number, "add_note", text="x"),
        "open": await client.post("/complaints", json=submission()),
    }
    for name, answer in answers.items():
        if name == scope:
            assert answer.status_code in (200, 201)
        else:
            assert problem(answer, 403, "scope")["scope"] == name


async def test_a_session_writes_with_its_csrf_value_only(site: Site) -> None:
    number = await opened(await by_token(site))
    session = await site.signed_in("cs_specialist-1")
    address = f"/api/v1/complaints/{number}/commands/add_note"
    assert (await session.post(address, json={"text": "x"}, headers=key())).status_code == 200
    for headers in (
        {"X-CSRF-Token": "0" * 64},
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        problem(await session.post(address, json={"text": "x"}, headers=key(**headers)), 403, "csrf")


@pytest.mark.parametrize(
    "credentials", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer rdr_" + "A" * 43, "é"]
)
async def test_nobody_gets_nothing(site: Site, credentials: str) -> None:
    client = site.stranger()
    headers = {b"Authorization": credentials.encode("latin-1")} if credentials else {}
    for method, path in (
        ("GET", "/me"),
        ("GET", "/complaints"),
        ("POST", "/complaints"),
        ("GET", f"/complaints/{NOBODY}"),
    ):
        answer = await client.request(method, f"{site.url}/api/v1{path}", headers=headers)
        problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_unknown_complaints_stay_unknown(site: Site) -> None:
    """Asking for what is not there leaves nothing behind."""
    client = await by_token(site)
    await say(client, NOBODY, "add_note", text="x")
    with pytest.raises(UnknownComplaint):
        await site.house.state(NOBODY)


async def test_the_console_says_how_it_is(site: Site) -> None:
    client = site.stranger()
    assert (await client.get("/healthz")).text == "ok"
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"temporal": "ok", "records": "ok"})
    reader = await by_token(site)
    number = await opened(reader)
    await reader.get(f"/complaints/{number}")
    metrics = (await client.get("/metrics")).text
    assert 'route="/api/v1/complaints/{number}"' in metrics
    assert number not in metrics
