"""How complaints come in: numbered once, the same thing twice is one complaint, words encrypted at once."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from domain.facts import Refused
from records.db import Connection
from records.master import import_units
from records.opening import OtherContent
from tests.records.office import RECEIVED, Office, incoming

UNITS = "project,project_name,unit\njinlan,示例·锦澜苑,3栋1单元802\n"


async def open_one(office: Office, **changes: object) -> tuple[str, bool]:
    opened = await office.ledger.open_complaint(incoming(**changes), "cs_specialist-1", RECEIVED)
    return opened.number, opened.created


@pytest.mark.requirement("INT-04")
async def test_every_complaint_has_a_number_of_its_own(office: Office) -> None:
    numbers = await asyncio.gather(*(office.open() for _ in range(8)))
    assert sorted(numbers) == [f"2026-{place:06d}" for place in range(1, 9)]


@pytest.mark.requirement("INT-04")
async def test_the_year_is_that_of_receipt_in_the_company_s_zone(office: Office) -> None:
    before = datetime(2025, 12, 31, 15, 59, tzinfo=UTC)
    after = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
    assert (await open_one(office, received_at=before))[0] == "2025-000001"
    assert (await open_one(office, received_at=after))[0] == "2026-000001"
    assert re.fullmatch(r"\d{4}-\d{6}", (await open_one(office))[0])


@pytest.mark.requirement("INT-03", "INT-07")
async def test_the_customer_s_words_are_kept_encrypted_with_the_complaint(office: Office) -> None:
    number = await office.open()
    words = await office.pool.fetchval("SELECT words FROM receipts WHERE number = $1", number)
    async with office.pool.acquire() as connection:
        read = await office.texts.read(connection, words.values(), "cs_specialist-1", of=number)
    assert {kind: read[text_id] for kind, text_id in words.items()} == incoming().words()
    assert await office.pool.fetchval("SELECT count(*) FROM texts WHERE claimed IS NULL") == 0


@pytest.mark.requirement("INT-12")
async def test_the_same_customer_is_found_by_contact(office: Office, connection: Connection) -> None:
    number = await office.open()
    await office.open(contact="000-0000-0099")
    assert await office.texts.find_contact(connection, "000 0000 0001") == [number]


async def test_the_same_external_id_is_the_same_complaint(office: Office) -> None:
    first = await open_one(office, external_id="hotline-778812")
    again = await open_one(office, external_id="hotline-778812")
    assert (first, again) == (("2026-000001", True), ("2026-000001", False))
    other_channel = await open_one(office, external_id="hotline-778812", channel="hotline")
    assert other_channel == ("2026-000002", True)


async def test_the_same_external_id_at_once_is_opened_once(office: Office) -> None:
    opened = await asyncio.gather(*(open_one(office, external_id="x-1") for _ in range(6)))
    assert {number for number, _ in opened} == {"2026-000001"}
    assert sum(created for _, created in opened) == 1


@pytest.mark.parametrize("key", ["external_id", "request_key"])
async def test_the_same_key_with_other_content_is_refused_and_shows_the_first(
    office: Office, key: str
) -> None:
    await open_one(office, **{key: "x-1"})
    assert await open_one(office, **{key: "x-1"}) == ("2026-000001", False)
    with pytest.raises(OtherContent, match="complaint 2026-000001; nothing was opened") as refused:
        await open_one(office, **{key: "x-1"}, text="另一件事")
    assert refused.value.number == "2026-000001"
    assert await office.pool.fetchval("SELECT count(*) FROM complaints") == 1
    assert await open_one(office, text="另一件事") == ("2026-000002", True)


async def test_an_unknown_place_is_accepted_as_written_and_opens_a_task(
    office: Office, connection: Connection
) -> None:
    number = await office.open()
    complaint = await office.ledger.complaint(number)
    assert complaint.project == "示例·锦澜苑"
    assert complaint.tasks["place"].state == "OPEN"
    await import_units(connection, UNITS.encode(), "units.csv")
    known = await office.ledger.complaint(await office.open())
    assert (known.project, "place" in known.tasks) == ("jinlan", False)


@pytest.mark.requirement("PLN-04")
async def test_a_complaint_is_pinned_to_a_policy_and_keeps_its_own_overrides(office: Office) -> None:
    number = await office.open(policy_overrides={"negotiation_days": 10})
    complaint = await office.ledger.complaint(number)
    assert (complaint.policy_version, complaint.policy_overrides) == ("2026-01", {"negotiation_days": 10})
    with pytest.raises(Refused, match="no policy version 1999-01"):
        await office.open(policy_version="1999-01")
    assert await office.pool.fetchval("SELECT count(*) FROM receipts") == 1
