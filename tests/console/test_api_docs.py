"""docs/api.md: its walk is walked, word for word, and its lists are whole."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from console.api.problems import KINDS
from tests.console.api_calls import token_of
from tests.console.served import Site
from tools import ROOT

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the walk is made with curl")
async def test_a_stranger_can_follow_the_walk(site: Site, tmp_path: Path) -> None:
    token = await token_of(site, "cs_specialist-1", ["open", "read", "write"])
    first, *rest = re.findall(r"^```sh\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert "redress user token" in first
    begun = f"API={site.url}/api/v1\nTOKEN={token}\n" + "".join(first.splitlines(keepends=True)[2:])
    script = "set -e\n" + "\necho; echo ----\n".join([begun, *rest])
    script = re.sub(r"crm-0001|hotline-778812", lambda _: uuid4().hex, script)
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "no_proxy": "*"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    parts = done.stdout.split("\n----\n")
    assert json.loads(parts[0])["id"] == "cs_specialist-1"
    assert "201 Created" in parts[1]
    assert "register" in {one["kind"] for one in json.loads(parts[2])["items"] if one["allowed"]}
    decision = json.loads(parts[3].splitlines()[-1].rpartition("}{")[2].join(["{", ""]))
    assert (decision["accepted"], decision["stage"]) == (True, "CLASSIFIED")
    assert '"stage":"CLASSIFIED"' in parts[4]
    assert "application/problem+json" not in done.stdout


async def test_every_operation_and_every_problem_is_on_the_page(site: Site) -> None:
    document = (await site.stranger().get(f"{site.url}/api/v1/openapi.json")).json()
    for path in document["paths"]:
        written = re.sub(r"/commands/.*", "/commands/{kind}", path).removesuffix(
            "/{kind}" if "problems" in path else ""
        )
        assert f"{written}`" in PAGE, path
    for kind in KINDS:
        assert kind == "method" or f"`{kind}`" in PAGE, kind
