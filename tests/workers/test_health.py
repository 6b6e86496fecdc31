"""The worker's doors, asked over real HTTP on loopback."""

import asyncio
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping

import pytest
from google.protobuf.json_format import MessageToJson, Parse
from prometheus_client import CollectorRegistry, Counter
from temporalio.api.common.v1 import Payload, Payloads

from embedded.ports import free_port
from starter.codec import EncryptionCodec
from workers.health import health_app, serving

CODEC = EncryptionCodec({"k1": secrets.token_bytes(32)})
TROUBLES: dict[str, str | None] = {"temporal": None, "records": None}


@pytest.fixture
async def door() -> AsyncIterator[str]:
    registry = CollectorRegistry()
    Counter("redress_turns", "turns taken", registry=registry).inc(3)

    async def temporal() -> str | None:
        return TROUBLES["temporal"]

    async def records() -> str | None:
        return TROUBLES["records"]

    port = free_port(None)
    app = health_app({"temporal": temporal, "records": records}, registry, CODEC)
    async with serving(app, "127.0.0.1", port):
        yield f"http://127.0.0.1:{port}"


def _ask(url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str, Mapping[str, str]]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, data=body, headers=dict(headers)), timeout=10) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), dict(refused.headers)


async def ask(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str, Mapping[str, str]]:
    return await asyncio.to_thread(_ask, url, body, headers or {})


async def test_alive_as_long_as_the_loop_turns(door: str) -> None:
    assert (await ask(f"{door}/healthz"))[:2] == (200, "ok")


async def test_ready_only_while_every_part_is_well(door: str) -> None:
    assert (await ask(f"{door}/readyz"))[0] == 200
    TROUBLES["records"] = "cannot be reached"
    try:
        status, body, _ = await ask(f"{door}/readyz")
    finally:
        TROUBLES["records"] = None
    assert status == 503
    assert json.loads(body) == {"temporal": "ok", "records": "cannot be reached"}


async def test_metrics_in_the_form_prometheus_reads(door: str) -> None:
    status, body, headers = await ask(f"{door}/metrics")
    assert status == 200
    assert "redress_turns_total 3.0" in body
    assert headers["content-type"].startswith("text/plain")


async def test_the_temporal_ui_can_have_payloads_decoded(door: str) -> None:
    plain = Payload(metadata={"encoding": b"json/plain"}, data=b'"deadline first_response_hours"')
    sealed = Payloads(payloads=await CODEC.encode([plain]))
    origin = {"Origin": "http://localhost:8233", "Content-Type": "application/json"}
    status, body, headers = await ask(f"{door}/codec/decode", MessageToJson(sealed).encode(), origin)
    assert status == 200
    assert [plain] == list(Parse(body, Payloads()).payloads)
    assert headers["access-control-allow-origin"] == "http://localhost:8233"


async def test_other_pages_may_not_read_what_is_decoded(door: str) -> None:
    sealed = MessageToJson(Payloads(payloads=await CODEC.encode([Payload(data=b"x")]))).encode()
    _, _, headers = await ask(f"{door}/codec/decode", sealed, {"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in headers


SEALED_BY_NOBODY = json.dumps(
    {
        "payloads": [
            {
                "metadata": {"encoding": "YmluYXJ5L3JlZHJlc3MtYWVzZ2Nt", "key": "bm9uZQ=="},
                "data": "c2VjcmV0c2VjcmV0c2VjcmV0",
            }
        ]
    }
).encode()


@pytest.mark.parametrize("body", [b"", b"not json", b'{"payloads": 3}', SEALED_BY_NOBODY])
async def test_what_cannot_be_decoded_is_said_without_the_data(door: str, body: bytes) -> None:
    status, answer, _ = await ask(f"{door}/codec/decode", body)
    assert status == 400
    assert "secret" not in answer
    assert "c2VjcmV0" not in answer
