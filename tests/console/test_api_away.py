"""What the HTTP API says while Temporal or the records cannot be reached, and what of it is kept."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos.gate import gate_before
from tests.console.api_calls import by_token, key, opened, submission
from tests.console.served import Site, a_site
from tests.console.test_api import problem
from tests.workflows.house import House, another_build


async def test_without_temporal_nothing_handed_in_is_lost(site: Site, lonely: Site) -> None:
    client, name, body = await by_token(lonely), key(), submission()
    first = await client.post("/complaints", json=body, headers=name)
    assert first.status_code == 201, first.text
    told = first.json()
    assert told["started"] is False
    assert told["notes"]
    assert (await client.get(f"/complaints/{told['number']}")).status_code == 200
    ready = await lonely.stranger().get("/readyz")
    assert (ready.status_code, ready.json()["records"]) == (503, "ok")
    assert ready.json()["temporal"].startswith("cannot be reached")
    again = await (await by_token(site)).post("/complaints", json=body, headers=name)
    assert (again.status_code, again.json()["number"], again.json()["started"]) == (200, told["number"], True)


async def test_without_temporal_a_command_can_be_said_again(site: Site, lonely: Site) -> None:
    number = await opened(await by_token(site))
    client, name = await by_token(lonely), key()
    address, body = f"/complaints/{number}/commands/add_note", {"text": "once"}
    answer = await client.post(address, json=body, headers=name)
    problem(answer, 503, "away")
    assert int(answer.headers["retry-after"]) > 0
    there = await by_token(site)
    assert (await there.post(address, json=body, headers=name)).status_code == 200
    assert (await there.get(f"/complaints/{number}")).json()["turn"] == 2


async def test_without_records_it_says_so_and_comes_back(company: House, site: Site, tmp_path: Path) -> None:
    assert urlsplit(company.url).hostname == "127.0.0.1"
    async with (
        gate_before(company.url) as (gate, url),
        another_build(site.house, site.house.build, url) as house,
        a_site(house, tmp_path) as served,
    ):
        client = await by_token(served)
        number = await opened(client)
        await gate.cut()
        for answer in await asyncio.gather(
            client.get("/me"),
            client.get("/complaints"),
            client.get(f"/complaints/{number}"),
            client.get(f"/complaints/{number}/actions"),
            client.post("/complaints", json=submission(), headers=key()),
            client.post(f"/complaints/{number}/commands/add_note", json={"text": "x"}, headers=key()),
        ):
            problem(answer, 503, "away")
            assert int(answer.headers["retry-after"]) > 0
        assert (await served.stranger().get("/healthz")).status_code == 200
        assert (await served.stranger().get("/readyz")).status_code == 503
        await gate.open()
        assert (await client.get(f"/complaints/{number}")).status_code == 200
