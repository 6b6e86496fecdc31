"""People's words: unreadable in the database, readable to those with the key, on record when read, gone when erased."""

import re
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from records.db import Connection, RecordsError, migrations
from records.keys import TextDamaged
from records.texts import Texts, new_draft, normal_contact, sweep
from tests.records.office import Office

NUMBER = "2026-000001"
WORDS = {"text": "客厅顶棚漏水,两次维修无效。", "desired": "更换防水层 🛠️", "note": "مرحبا \u200b"}


@pytest.mark.requirement("CUS-07", "CUS-08")
async def test_words_come_back_and_are_not_in_the_database(connection: Connection, texts: Texts) -> None:
    ids = await texts.store(connection, NUMBER, WORDS)
    assert all(re.fullmatch(r"txt_[0-9a-f]{32}", text_id) for text_id in ids.values())
    assert {ids[kind]: WORDS[kind] for kind in WORDS} == await texts.read(
        connection, ids.values(), "cs_specialist-1", of=NUMBER
    )
    for row in await connection.fetch("SELECT ciphertext FROM texts"):
        assert all(word.encode() not in row["ciphertext"] for word in WORDS.values())


@pytest.mark.requirement("CUS-07", "CUS-09")
async def test_an_id_opens_only_the_words_of_whom_is_asked_for(connection: Connection, texts: Texts) -> None:
    mine = await texts.store(connection, NUMBER, {"fields.contact": "000-0000-0001", "text": "漏水"})
    theirs = await texts.store(connection, "2026-000002", {"contact": "000-0000-0002"})
    ids = [*mine.values(), *theirs.values()]
    seen = await texts.look(connection, ids, "auditor-1", of=NUMBER, masked=["contact"])
    assert {word.name: word.text for word in seen.values()} == {"contact": "000-0000-0001", "text": "漏水"}
    listed = await texts.read_list(connection, ids, "auditor-1", [NUMBER], [])
    assert set(listed) == set(mine.values())
    assert await texts.reads_of(connection, "2026-000002") == []
    assert {read.text_id: read.reader for read in await texts.reads_of(connection, NUMBER)} == {
        mine["fields.contact"]: "masked:auditor-1",
        mine["text"]: "auditor-1",
    }
    assert await texts.not_of(connection, NUMBER, [*ids, f"txt_{0:032x}"]) == set(theirs.values())


async def test_a_long_text_is_kept_whole(connection: Connection, texts: Texts) -> None:
    long = "投诉" * 50_000
    ids = await texts.store(connection, NUMBER, {"text": long})
    assert await texts.read(connection, ids.values(), "cs_specialist-1", of=NUMBER) == {ids["text"]: long}


async def test_nothing_to_store_makes_no_key(connection: Connection, texts: Texts) -> None:
    assert await texts.store(connection, NUMBER, {}) == {}
    assert await connection.fetchval("SELECT count(*) FROM data_keys WHERE owner = $1", NUMBER) == 0


@pytest.mark.requirement("CUS-09")
async def test_every_reading_is_on_record_and_stays_there(connection: Connection, texts: Texts) -> None:
    ids = await texts.store(connection, NUMBER, WORDS)
    await texts.read(connection, [ids["text"]], "cs_specialist-1", of=NUMBER)
    await texts.read(connection, [ids["text"], ids["note"]], "auditor-1", of=NUMBER)
    reads = await texts.reads_of(connection, NUMBER)
    assert [("cs_specialist-1", ids["text"])] == [(read.reader, read.text_id) for read in reads[:1]]
    assert {("auditor-1", ids["text"]), ("auditor-1", ids["note"])} == {
        (r.reader, r.text_id) for r in reads[1:]
    }
    assert all(read.at.tzinfo is not None for read in reads)
    for change in ("DELETE FROM text_reads", "UPDATE text_reads SET reader = 'x'", "TRUNCATE text_reads"):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await connection.execute(change)


@pytest.mark.requirement("CUS-08")
async def test_erased_words_are_gone_and_the_ids_stay(connection: Connection, texts: Texts) -> None:
    ids = await texts.store(connection, NUMBER, WORDS)
    other = await texts.store(connection, "2026-000002", {"text": "噪音"})
    await texts.index_contacts(connection, NUMBER, ["000-0000-0001"])

    assert await texts.erase(connection, NUMBER, "cs_director-1") == 1
    read = await texts.read(
        connection, [*ids.values(), *other.values()], "auditor-1", of=[NUMBER, "2026-000002"]
    )
    assert {**dict.fromkeys(ids.values()), other["text"]: "噪音"} == read
    assert await texts.find_contact(connection, "000-0000-0001") == []
    row = await connection.fetchrow("SELECT locked, erased_by FROM data_keys WHERE owner = $1", NUMBER)
    assert row["locked"] is None
    assert row["erased_by"] == "cs_director-1"
    assert [other["text"]] == [read.text_id for read in await texts.reads_of(connection, "2026-000002")]
    assert await texts.reads_of(connection, NUMBER) == []


async def test_words_after_an_erasure_have_a_new_key(connection: Connection, texts: Texts) -> None:
    before = await texts.store(connection, NUMBER, {"note": "前"})
    await texts.erase(connection, NUMBER, "cs_director-1")
    after = await texts.store(connection, NUMBER, {"note": "后"})
    read = await texts.read(connection, [before["note"], after["note"]], "auditor-1", of=NUMBER)
    assert read == {before["note"]: None, after["note"]: "后"}
    assert await texts.erase(connection, NUMBER, "cs_director-1") == 1
    assert await texts.erase(connection, NUMBER, "cs_director-1") == 0


@pytest.mark.parametrize("swap", ["ciphertext = o.ciphertext", "kind = o.kind"])
async def test_words_put_into_another_row_do_not_open(
    connection: Connection, texts: Texts, swap: str
) -> None:
    ids = await texts.store(connection, NUMBER, {"text": "甲", "note": "乙"})
    await connection.execute(
        f"UPDATE texts AS t SET {swap} FROM texts AS o WHERE t.id = $1 AND o.id = $2",
        ids["text"],
        ids["note"],
    )
    with pytest.raises(TextDamaged):
        await texts.read(connection, [ids["text"]], "auditor-1", of=NUMBER)


async def test_the_words_of_a_draft_follow_it_into_the_complaint(
    connection: Connection, texts: Texts
) -> None:
    draft = new_draft()
    ids = await texts.store(connection, draft, WORDS)
    await texts.index_contacts(connection, draft, ["sc03@example.com"])
    assert await texts.find_contact(connection, "sc03@example.com") == []
    await texts.adopt(connection, draft, NUMBER)
    assert await texts.find_contact(connection, "SC03@Example.com ") == [NUMBER]
    later = await texts.store(connection, NUMBER, {"note": "补充"})
    read = await texts.read(connection, [ids["text"], later["note"]], "cs_specialist-1", of=NUMBER)
    assert read == {ids["text"]: WORDS["text"], later["note"]: "补充"}
    assert await connection.fetchval("SELECT count(*) FROM data_keys WHERE owner = $1", NUMBER) == 1
    with pytest.raises(RecordsError, match="There is no draft"):
        await texts.adopt(connection, draft, "2026-000002")


@pytest.mark.requirement("CUS-10")
async def test_what_no_turn_uses_is_swept_after_a_month(connection: Connection, texts: Texts) -> None:
    used = await texts.store(connection, NUMBER, {"text": "用"})
    unused = await texts.store(connection, NUMBER, {"note": "未用"})
    draft = new_draft()
    await texts.store(connection, draft, {"text": "未提交"})
    await texts.index_contacts(connection, draft, ["000-0000-0001"])
    await connection.execute("UPDATE texts SET claimed = 1 WHERE id = $1", used["text"])
    now = datetime.now(UTC)
    assert await sweep(connection, now + timedelta(days=29)) == 0
    assert await sweep(connection, now + timedelta(days=30, minutes=5)) == 2
    read = await texts.read(connection, [used["text"], unused["note"]], "auditor-1", of=NUMBER)
    assert read == {used["text"]: "用"}
    owners = await connection.fetch("SELECT owner FROM data_keys ORDER BY owner")
    assert [row["owner"] for row in owners] == [NUMBER, "contact-index"]
    assert await connection.fetchval("SELECT count(*) FROM contact_index") == 0


async def noted(office: Office, number: str, text_id: str) -> bool:
    """Say a note with this text; whether it was accepted."""
    return (await office.say(number, "add_note", "cs_specialist-1", text=text_id)).accepted


async def refused(office: Office, number: str, text_id: str) -> bool:
    """Say a command with this text that is out of stage; whether it was refused."""
    return not (await office.say(number, "reopen", "cs_director-1", reason=text_id)).accepted


@pytest.mark.requirement("CUS-10")
async def test_the_words_of_a_refused_command_are_swept_within_a_day(
    office: Office, connection: Connection
) -> None:
    number = await office.open()
    before = datetime.now(UTC)
    ids = await office.texts_of(number, said="说过", refused="被拒", waiting="在途")
    assert await noted(office, number, ids["said"])
    assert await refused(office, number, ids["refused"])
    assert await sweep(connection, before + timedelta(minutes=29)) == 0
    assert await sweep(connection, before + timedelta(hours=23)) == 1
    words = await office.texts.read(connection, ids.values(), "auditor-1", of=number)
    assert words == {ids["said"]: "说过", ids["waiting"]: "在途"}
    assert await noted(office, number, ids["waiting"]), "a command that comes late has its words"


@pytest.mark.requirement("CUS-10")
async def test_words_an_accepted_turn_uses_as_well_are_kept(office: Office, connection: Connection) -> None:
    number = await office.open()
    ids = await office.texts_of(number, first="先拒后收", last="先收后拒")
    assert await refused(office, number, ids["first"])
    assert await noted(office, number, ids["first"])
    assert await noted(office, number, ids["last"])
    assert await refused(office, number, ids["last"])
    assert await sweep(connection, datetime.now(UTC) + timedelta(days=365)) == 0
    assert await connection.fetchval("SELECT count(*) FROM texts WHERE refused_at IS NOT NULL") == 0


async def test_words_refused_turns_had_claimed_are_given_up_by_the_migration(
    office: Office, connection: Connection
) -> None:
    number = await office.open()
    ids = await office.texts_of(number, refused="被拒", both="两次", copy="邮件", said="说过")
    assert await refused(office, number, ids["refused"])
    assert await refused(office, number, ids["both"])
    assert await noted(office, number, ids["both"])
    assert await noted(office, number, ids["said"])
    turns = {"refused": 2, "both": 3, "copy": 2, "said": 5}
    for kind, turn in turns.items():
        await connection.execute("UPDATE texts SET claimed = $2 WHERE id = $1", ids[kind], turn)
    await connection.execute("ALTER TABLE texts DROP COLUMN refused_at")
    (migration,) = [one for one in migrations() if one.name == "0009_pre_refused_texts.sql"]
    await connection.execute(migration.sql)
    unclaimed = await connection.fetch(
        "SELECT id FROM texts WHERE claimed IS NULL AND refused_at IS NOT NULL"
    )
    assert [row["id"] for row in unclaimed] == [ids["refused"]]
    assert await sweep(connection, datetime.now(UTC) + timedelta(days=2)) == 1


@pytest.mark.requirement("INT-12")
@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("13800000001", "+86 138-0000-0001"),
        ("13800000001", "0086 138 0000 0001"),
        ("000-0000-0001", "(000) 0000.0001"),
        ("wx-test-01", "WX-test-01"),
        ("sc03@example.com", "ｓｃ03@example.com"),
    ],
)
async def test_a_contact_is_found_however_it_is_written(
    connection: Connection, texts: Texts, given: str, asked: str
) -> None:
    await texts.index_contacts(connection, NUMBER, [given, ""])
    await texts.index_contacts(connection, NUMBER, [given])
    assert await texts.find_contact(connection, asked) == [NUMBER]
    assert await texts.find_contact(connection, "nobody@example.com") == []
    digests = await connection.fetch("SELECT digest FROM contact_index")
    assert [len(row["digest"]) for row in digests] == [16]


def test_a_number_that_begins_with_86_keeps_it_unless_it_is_the_prefix() -> None:
    assert normal_contact("8612345") == "8612345"
