"""From a click to the ruling: a command sent as a form to the desk, beside a bare update on Temporal, turn about."""

import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx2

from bench import life
from bench.desk import Desk
from bench.ratios import begin_bare
from console.app import make_app
from console.service import desk_for
from console.signing.sessions import csrf_of, let_in, session_cookie
from starter.settings import read_settings

HOST = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Clicks:
    """Medians in milliseconds, one at a time on an idle system. answered: until the ruling is known and the browser is
    sent on; shown: until the page of the case with it has come; bare: of the update on a bare workflow."""

    answered: float
    shown: float
    bare: float


async def click(desk: Desk, tries: int = 40) -> Clicks:
    """Say the same quiet thing by form, again and again. Workers must be at work."""
    opened = await desk.door.open(life.incoming(), life.SPECIALIST)
    turn = opened.sheet.turn
    bare = await begin_bare(desk, remote=False)
    answered, shown, beside = [], [], []
    with tempfile.TemporaryDirectory() as home:
        console = desk_for(
            read_settings({"REDRESS_HOME": str(Path(home)), "REDRESS_PUBLIC_URL": HOST}), desk.door
        )
        token = await let_in(console, life.SPECIALIST, "password", address="127.0.0.1", agent="bench")
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(make_app(console)),
            base_url=HOST,
            cookies={session_cookie(console): token},
            headers={"X-CSRF-Token": csrf_of(token), "Origin": HOST},
        ) as client:
            for attempt in range(tries + 3):
                beside.append(await _timed(bare))
                before = time.perf_counter()
                turn = await _say(client, opened.number, turn)
                answered.append(time.perf_counter() - before)
                page = await client.get(f"/case/{opened.number}")
                shown.append(time.perf_counter() - before)
                if page.status_code != 200:
                    raise RuntimeError(f"The page of the case answered {page.status_code} ({attempt}).")
    return Clicks(*(statistics.median(taken[3:]) * 1000 for taken in (answered, shown, beside)))


async def _say(client: httpx2.AsyncClient, number: str, turn: int) -> int:
    """Send the form; answers the turn it became."""
    form = {
        "key": str(uuid4()),
        "turn": str(turn),
        "f-channel": "telephone",
        "f-effective": "yes",
        "f-text": "明天上午上门查看。",
    }
    answer = await client.post(f"/case/{number}/do/record_response", data=form)
    if answer.status_code != 303:
        raise RuntimeError(f"The form answered {answer.status_code}.")
    return turn + 1


async def _timed(say: Callable[[], Awaitable[object]]) -> float:
    before = time.perf_counter()
    await say()
    return time.perf_counter() - before
