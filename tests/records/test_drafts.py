"""What a person keeps beside a case: drafts nobody else reads, cases they watch, notes that name them."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.askers import Asker
from domain.codes import Role
from records.db import Connection
from records.drafts import (
    acting_people,
    beside,
    drop_draft,
    find_people,
    mention,
    mentions_of,
    open_counts,
    save_draft,
    turns_since,
    unwatch,
    waiting,
    watch,
    watched_by,
)
from records.texts import sweep
from tests.records.office import RECEIVED, H, Office

ME, OTHER = "cs_specialist-1", "cs_specialist-2"


async def acting(connection: Connection, person: str) -> Asker:
    """The person as the rules know them now."""
    [asker] = await acting_people(connection, [person], RECEIVED)
    return asker


async def texts_count(connection: Connection, kind: str = "draft.%") -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM texts WHERE kind LIKE $1", kind)
    return count


async def test_a_draft_comes_back_to_its_writer_alone(connection: Connection, office: Office) -> None:
    number = await office.open()
    await save_draft(connection, office.texts, ME, number, "public", "尊敬的林女士")
    await save_draft(connection, office.texts, ME, number, "internal", "打电话问问")
    mine = await beside(connection, office.texts, ME, number)
    assert mine.drafts == {"public": "尊敬的林女士", "internal": "打电话问问"}
    assert (await beside(connection, office.texts, OTHER, number)).drafts == {}


async def test_words_of_a_draft_are_unreadable_and_kept_once(connection: Connection, office: Office) -> None:
    number = await office.open()
    for words in ("尊", "尊敬", "尊敬的林女士"):
        await save_draft(connection, office.texts, ME, number, "public", words)
    assert await texts_count(connection) == 1
    sealed: bytes = await connection.fetchval("SELECT ciphertext FROM texts WHERE kind = 'draft.public'")
    assert "尊敬".encode() not in sealed
    assert (await beside(connection, office.texts, ME, number)).drafts == {"public": "尊敬的林女士"}


async def test_a_draft_thrown_away_leaves_nothing(connection: Connection, office: Office) -> None:
    number = await office.open()
    await save_draft(connection, office.texts, ME, number, "public", "一句话")
    await drop_draft(connection, ME, number, "public")
    assert await texts_count(connection) == 0
    await save_draft(connection, office.texts, ME, number, "public", "又一句")
    await save_draft(connection, office.texts, ME, number, "public", "  \n")
    assert await texts_count(connection) == 0
    assert (await beside(connection, office.texts, ME, number)).drafts == {}


@pytest.mark.requirement("CUS-08")
async def test_erasure_takes_drafts_along(connection: Connection, office: Office) -> None:
    number = await office.open()
    await save_draft(connection, office.texts, ME, number, "public", "林女士的电话")
    await office.texts.erase(connection, number, "admin-1")
    assert await connection.fetchval("SELECT count(*) FROM drafts") == 0
    assert await connection.fetchval("SELECT count(*) FROM texts WHERE ciphertext IS NOT NULL") == 0
    assert (await beside(connection, office.texts, ME, number)).drafts == {}


async def test_a_draft_nobody_came_back_to_is_swept_with_its_words(
    connection: Connection, office: Office
) -> None:
    number = await office.open()
    await save_draft(connection, office.texts, ME, number, "internal", "以后再说")
    await sweep(connection, datetime.now(UTC) + timedelta(days=29))
    assert (await beside(connection, office.texts, ME, number)).drafts == {"internal": "以后再说"}
    await sweep(connection, datetime.now(UTC) + timedelta(days=31))
    assert await texts_count(connection) == 0
    assert await connection.fetchval("SELECT count(*) FROM drafts") == 0


async def test_a_watcher_hears_what_others_said_and_not_what_they_said_themselves(
    connection: Connection, office: Office
) -> None:
    number = await office.open(ME)
    await watch(connection, [ME, OTHER], number)
    await office.say(number, "register", ME, RECEIVED + H)
    [mine], [theirs] = (
        await watched_by(connection, await acting(connection, ME)),
        await watched_by(connection, await acting(connection, OTHER)),
    )
    assert (mine.news, theirs.news, theirs.kind, theirs.said_by) == (0, 1, "register", ME)
    assert (
        await waiting(connection, await acting(connection, ME)),
        await waiting(connection, await acting(connection, OTHER)),
    ) == (0, 1)
    await beside(connection, office.texts, OTHER, number, 1)
    assert await waiting(connection, await acting(connection, OTHER)) == 1
    await beside(connection, office.texts, OTHER, number, 2)
    assert await waiting(connection, await acting(connection, OTHER)) == 0
    await unwatch(connection, OTHER, number)
    assert await watched_by(connection, await acting(connection, OTHER)) == []
    assert [one.number for one in await watched_by(connection, await acting(connection, ME))] == [number]


async def test_whoever_is_named_watches_and_finds_it_unread(connection: Connection, office: Office) -> None:
    number = await office.open(ME)
    await mention(connection, [OTHER], number, 1, ME)
    await mention(connection, [OTHER], number, 1, ME)
    [line] = await mentions_of(connection, await acting(connection, OTHER))
    assert (line.number, line.turn, line.by, line.read_at) == (number, 1, ME, None)
    assert (await beside(connection, office.texts, OTHER, number)).watching
    assert await waiting(connection, await acting(connection, OTHER)) == 1
    await beside(connection, office.texts, OTHER, number, 1)
    [line] = await mentions_of(connection, await acting(connection, OTHER))
    assert line.read_at is not None
    assert await waiting(connection, await acting(connection, OTHER)) == 0


@pytest.mark.requirement("ORG-08", "INV-03")
async def test_an_inbox_does_not_tell_of_what_may_not_be_read_any_more(
    connection: Connection, office: Office
) -> None:
    async def inbox(asker: Asker) -> tuple[int, int, int]:
        mentions, watched = await mentions_of(connection, asker), await watched_by(connection, asker)
        return len(mentions), len(watched), await waiting(connection, asker)

    number = await office.open(ME)
    await mention(connection, [OTHER], number, 1, ME)
    them = await acting(connection, OTHER)
    assert await inbox(them) == (1, 1, 1)
    assert await inbox(Asker(id=OTHER)) == (0, 0, 0), "whose seat was taken away"
    elsewhere = them.model_copy(update={"projects": ("p-elsewhere",)})
    assert await inbox(elsewhere) == (0, 0, 0), "whose seat is bound to another project"
    await office.say(number, "register", ME, RECEIVED + H, about_person=OTHER)
    assert await inbox(them) == (0, 0, 0), "whom it is about"
    assert (await inbox(await acting(connection, ME)))[1] == 0
    await watch(connection, [ME], number)
    assert (await inbox(await acting(connection, ME)))[1] == 1


async def test_what_came_meanwhile_is_told_in_order(connection: Connection, office: Office) -> None:
    number = await office.open(ME)
    await office.say(number, "register", ME, RECEIVED + H)
    await office.say(number, "register", ME, RECEIVED + 2 * H)
    assert [(one.turn, one.kind, one.accepted) for one in await turns_since(connection, number, 1)] == [
        (2, "register", True),
        (3, "register", False),
    ]
    assert await turns_since(connection, number, 3) == []


async def test_open_cases_are_counted_where_they_lie(connection: Connection, office: Office) -> None:
    number = await office.open(ME)
    await office.live(number, 2)
    assert await open_counts(connection, [ME, "legal-1"]) == {ME: 1}
    await office.say(
        number, "assign", ME, RECEIVED + 3 * H, department="legal", lead="LEGAL", person="legal-1"
    )
    assert await open_counts(connection, [ME, "legal-1"]) == {"legal-1": 1}


async def test_people_are_found_as_the_rules_know_them(connection: Connection, office: Office) -> None:
    found = await find_people(connection, "cs_spec", RECEIVED, 10)
    assert sorted(one.id for _, one in found) == [ME, OTHER]
    assert all(Role.CS_SPECIALIST in one.roles for _, one in found)
    assert await find_people(connection, "%", RECEIVED, 10) == []
    assert [one.id for one in await acting_people(connection, [OTHER, "nobody-9"], RECEIVED)] == [OTHER]
