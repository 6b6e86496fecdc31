"""The breakdowns of the wall's figures: by cause, type, channel and project, of one month."""

from datetime import datetime

import pytest

from domain.codes import Channel
from records.db import Connection
from records.views import wall
from records.views.wall import Scope
from tests.records.office import RECEIVED, D, H, Office
from tests.records.test_wall import ELSEWHERE, live, reader

MARCH = Scope(
    datetime.fromisoformat("2026-03-01T00:00:00+08:00"), datetime.fromisoformat("2026-04-01T00:00:00+08:00")
)


@pytest.mark.requirement("STA-04")
async def test_complaints_of_a_month_are_broken_down(office: Office, connection: Connection) -> None:
    """Two of March that differ in everything and one of April, which is in no breakdown of March."""
    leak = await office.open()
    price = await office.open(channel=Channel.WECHAT, project=ELSEWHERE)
    await live(office, leak, RECEIVED, 2, classify={"type": "PRODUCT", "cause": "ENGINEERING"})
    await live(office, price, RECEIVED, 2, classify={"type": "PRICE", "cause": "SALES"})
    april = RECEIVED + 31 * D
    await office.open(received_at=april, at=april)
    found = await wall.count(connection, await reader(connection, "cs_director-1"), MARCH, RECEIVED + 3 * H)

    def received(part: str) -> dict[str, int]:
        return {code: tally.total for code, tally in found.of("received", part).items()}

    assert found.whole("received").total == 2
    assert received("cause") == {"ENGINEERING": 1, "SALES": 1}
    assert received("type") == {"PRODUCT": 1, "PRICE": 1}
    assert received("channel") == {"telephone": 1, "wechat": 1}
    assert received("project") == {"示例·锦澜苑": 1, ELSEWHERE: 1}
