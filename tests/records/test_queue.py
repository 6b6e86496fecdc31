"""The lists of the desk: who sees what, in which order, how many, and at what cost in statements."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.codes import Role
from domain.complaint import Complaint
from domain.roles import Asker, may_read, may_see_whole
from domain.turns import Turn
from records import projection, shelves
from records.db import Connection, Pool, connect, migrations, open_pool
from records.drafts import beside
from records.ledger import Ledger
from records.organisation import asker, seed_local_people
from records.policies import Library, seed_versions
from records.texts import open_texts
from records.views import queue
from records.views.queue import SORTS, VIEWS, Line, Place, Reader, Wanted
from tests.records.conftest import create_database, drop_database
from tests.records.office import LIFE, RECEIVED, D, H, Office

ZONE = ZoneInfo("Asia/Shanghai")
PEOPLE = (
    "cs_specialist-1",
    "cs_director-1",
    "legal-1",
    "project_manager-1",
    "technician-1",
    "finance-1",
    "marketing_manager-1",
    "auditor-1",
    "sales_staff-1",
)
NOW = RECEIVED + 9 * D
EVERY = Wanted()


@dataclass
class Hall:
    """A company with a few complaints in every condition a list asks about."""

    office: Office
    pool: Pool
    url: str
    numbers: dict[str, str]


@pytest.fixture(scope="module")
async def hall(postgres_url: str, template_database: str) -> AsyncIterator[Hall]:
    name = f"records_queue_{secrets.token_hex(6)}"
    url = await create_database(postgres_url, name, template_database)
    connection = await connect(url)
    texts = await open_texts(connection, secrets.token_bytes(32))
    await seed_local_people(connection, production=False)
    await seed_versions(connection)
    await connection.close()
    pool = await open_pool(url, max_size=4)
    office = Office(pool, Ledger(pool, texts, Library(), build="build-1"), texts)
    yield Hall(office, pool, url, await _furnish(office))
    await pool.close()
    await drop_database(postgres_url, name)


async def _furnish(office: Office) -> dict[str, str]:
    numbers = {}
    for place, until in enumerate((0, 1, 2, 3, 5, 6, 8, 9, 10, 13, 14, 15, len(LIFE))):
        number = await office.open(at=RECEIVED + place * H, received_at=RECEIVED + place * H)
        await office.live(number, until)
        numbers[f"life-{until}"] = number
    numbers["held"] = await _engineering(office, "00-held")
    await office.say(
        numbers["held"],
        "hold",
        "cs_specialist-1",
        RECEIVED + D,
        waiting_for="customer",
        reason="等",
        until=str(NOW + D),
    )
    numbers["hazard"] = await _engineering(office, "00-hazard")
    await office.say(
        numbers["hazard"],
        "set_flag",
        "cs_specialist-1",
        RECEIVED + 4 * H,
        flag="HAZARD",
        value=True,
        reason="瓷砖松动",
    )
    numbers["major"] = await _engineering(office, "00-major")
    await office.say(
        numbers["major"],
        "set_flag",
        "cs_director-1",
        RECEIVED + 4 * H,
        flag="MAJOR",
        value=True,
        reason="媒体",
    )
    numbers["about"] = await office.open(contact="000-0000-0099")
    await office.say(
        numbers["about"], "register", "cs_specialist-1", RECEIVED + H, about_person="cs_director-1"
    )
    numbers["asked"] = await _engineering(office, "00-asked")
    sheet = await office.ledger.load_sheet(numbers["asked"])
    asked = Turn(
        number=numbers["asked"],
        turn=sheet.turn + 1,
        id="asked",
        command={
            "kind": "request_help",
            "by": "cs_specialist-1",
            "id": "H1",
            "to": "FINANCE",
            "question": "多少",
        },
        heard_at=RECEIVED + 5 * H,
        noticed_at=RECEIVED + 5 * H,
    )
    helped = (await office.ledger.decide_and_record(asked)).decision
    assert helped is not None
    assert helped.accepted
    numbers["offer"] = await _engineering(office, "00-offer")
    for kind, by, fields in (
        ("confirm_findings", "project_manager-1", {"root_cause": "裂缝", "prevention": "检查"}),
        (
            "propose_solution",
            "project_manager-1",
            {"solution": "S1", "measures": ["赔"], "compensation": "5000.00"},
        ),
    ):
        assert (await office.say(numbers["offer"], kind, by, RECEIVED + 6 * H, **fields)).accepted
    numbers["unhappy"] = await office.open()
    await office.live(numbers["unhappy"], 14)
    no: dict[str, Any] = {"attempt": 1, "channel": "telephone", "satisfied": False, "opinions": "还漏"}
    at = RECEIVED + 8 * D + 5 * H
    assert (await office.say(numbers["unhappy"], "record_feedback", "cs_specialist-1", at, **no)).accepted
    numbers["breached"] = await office.open()
    await office.let_pass(numbers["breached"], NOW)
    return numbers


async def _engineering(office: Office, contact: str) -> str:
    number = await office.open(contact=contact)
    for kind, by, fields in (
        ("register", "cs_specialist-1", {}),
        ("classify", "cs_specialist-1", {"type": "PRODUCT", "cause": "ENGINEERING", "severity": "complex"}),
        ("assign", "cs_specialist-1", {"department": "engineering", "lead": "PROJECT_MANAGER"}),
    ):
        assert (await office.say(number, kind, by, RECEIVED + 2 * H, **fields)).accepted
    return number


async def reader(connection: Connection, user: str, now: datetime = NOW) -> Reader:
    person = await asker(connection, user, now)
    return Reader(person, now, queue.end_of_day(now, ZONE))


async def walk(
    hall: Hall, who: Reader, view: str, sort: str = "due", wanted: Wanted = EVERY, step: int = 4
) -> list[Line]:
    """All pages of a list, one after the other."""
    found: list[Line] = []
    after: Place | None = None
    async with hall.pool.acquire() as connection:
        while True:
            some, after = await queue.lines(
                connection, hall.office.texts, who, view, sort, wanted, after=after, limit=step
            )
            found += some
            if after is None:
                return found


async def everything(hall: Hall) -> list[Complaint]:
    async with hall.pool.acquire() as connection:
        rows = await connection.fetch("SELECT state FROM complaints")
    return [Complaint.model_validate(row["state"]) for row in rows]


def numbers(lines: Sequence[Line]) -> list[str]:
    return [line.number for line in lines]


async def test_a_count_is_the_length_of_its_list(hall: Hall) -> None:
    """For every list and person; so neither can tell of a complaint the other hides."""
    for user in PEOPLE:
        async with hall.pool.acquire() as connection:
            who = await reader(connection, user)
            counts = (await queue.frame(connection, who, "mine")).counts
        assert set(counts) == set(VIEWS)
        for view in VIEWS:
            listed = numbers(await walk(hall, who, view))
            assert (counts[view], len(set(listed))) == (len(listed), len(listed)), (user, view)


async def test_every_list_has_something_in_it(hall: Hall) -> None:
    """Else the test above would prove nothing about it."""
    async with hall.pool.acquire() as connection:
        director = await reader(connection, "cs_director-1")
        await connection.execute(
            "INSERT INTO watchers (person, number, seen) VALUES ('cs_director-1', $1, 1) ON CONFLICT DO NOTHING",
            hall.numbers["held"],
        )
        counts = (await queue.frame(connection, director, "mine")).counts
    assert {view for view in VIEWS if not counts[view]} <= {"mine", "proceedings"}
    assert counts["all"] > counts["unassigned"] > 0


@pytest.mark.requirement("CLO-03")
async def test_who_says_that_it_is_not_settled_stands_among_second_handlings(hall: Hall) -> None:
    async with hall.pool.acquire() as connection:
        director = await reader(connection, "cs_director-1")
    listed = {line.number: line.unhappy for line in await walk(hall, director, "second")}
    assert listed[hall.numbers["unhappy"]]
    asked = {line.number: line for line in await walk(hall, director, "all") if line.stage == "FEEDBACK"}
    assert len(asked) > 1, "others are only asked yet"
    assert [number for number, line in asked.items() if line.unhappy] == [hall.numbers["unhappy"]]


@pytest.mark.requirement("ORG-08")
async def test_lists_show_what_may_be_read_and_nothing_else(hall: Hall) -> None:
    complaints = await everything(hall)
    for user in PEOPLE:
        async with hall.pool.acquire() as connection:
            who = await reader(connection, user)
        allowed = {one.number for one in complaints if may_read(one, who.asker)}
        assert set(numbers(await walk(hall, who, "all", "newest", Wanted(ended="any")))) == allowed, user
    async with hall.pool.acquire() as connection:
        director = await reader(connection, "cs_director-1")
    assert hall.numbers["about"] not in numbers(await walk(hall, director, "all"))


@pytest.mark.requirement("CUS-07")
async def test_names_are_whole_where_the_case_page_shows_them_whole(hall: Hall) -> None:
    complaints = {one.number: one for one in await everything(hall)}
    seen = set()
    for user in PEOPLE:
        async with hall.pool.acquire() as connection:
            who = await reader(connection, user)
        for line in await walk(hall, who, "all", "newest", Wanted(ended="any")):
            assert line.whole == may_see_whole(complaints[line.number], who.asker), (user, line.number)
            assert line.customer == ("林女士" if line.whole else "林**")
            seen.add(line.whole)
    assert seen == {True, False}


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_join_into_one_order(hall: Hall, sort: str) -> None:
    async with hall.pool.acquire() as connection:
        who = await reader(connection, "cs_specialist-1")
    listed = await walk(hall, who, "all", sort, step=3)
    assert listed == await walk(hall, who, "all", sort, step=1000)
    far = datetime.max.replace(tzinfo=UTC)
    keys = {
        "due": lambda line: (line.due_at or far, line.number),
        "priority": lambda line: (line.priority, line.due_at or far, line.number),
        "oldest": lambda line: (line.received_at, line.number),
        "newest": lambda line: (-line.received_at.timestamp(), [-ord(letter) for letter in line.number]),
    }
    assert numbers(listed) == numbers(sorted(listed, key=keys[sort]))


async def test_a_page_goes_on_where_it_stopped_though_rows_came_and_went(hall: Hall) -> None:
    async with hall.pool.acquire() as connection:
        who = await reader(connection, "cs_specialist-1")
        before = numbers(await walk(hall, who, "all", "newest"))
        first, after = await queue.lines(
            connection, hall.office.texts, who, "all", "newest", Wanted(), limit=3
        )
    late = await hall.office.open(at=NOW, received_at=NOW)
    async with hall.pool.acquire() as connection:
        rest, _ = await queue.lines(
            connection, hall.office.texts, who, "all", "newest", Wanted(), after=after, limit=1000
        )
    assert late not in numbers(rest)
    assert numbers(first) + numbers(rest) == before


async def test_what_is_breached_and_dangerous_comes_first(hall: Hall) -> None:
    async with hall.pool.acquire() as connection:
        who = await reader(connection, "cs_specialist-1")
    listed = await walk(hall, who, "all", "priority")
    weights = [
        (not line.breached, "HAZARD" not in line.flags, "MAJOR" not in line.flags, line.severity != "complex")
        for line in listed
    ]
    assert weights == sorted(weights)
    assert len(set(weights)) > 3


async def test_filters_narrow_a_list(hall: Hall) -> None:
    async with hall.pool.acquire() as connection:
        who = await reader(connection, "cs_specialist-1")
    every = await walk(hall, who, "all", "newest", Wanted(ended="any"))

    async def found(wanted: Wanted) -> set[str]:
        return set(numbers(await walk(hall, who, "all", "newest", wanted)))

    number = hall.numbers["hazard"]
    assert await found(Wanted(number=number)) == {number}
    assert await found(Wanted(number=number[-4:])) == {number}
    assert await found(Wanted(flags=["HAZARD"])) == {number}
    assert await found(Wanted(ended="only")) == {line.number for line in every if line.ended_at}
    assert await found(Wanted(types=["PRODUCT"])) == {
        line.number for line in every if line.type == "PRODUCT" and not line.ended_at
    }
    assert await found(Wanted(stages=["FEEDBACK"])) == {
        line.number for line in every if line.stage == "FEEDBACK"
    }
    assert await found(Wanted(desks=["engineering"], severities=["simple"])) == set()
    assert await found(Wanted(marks=[hall.office.texts.digest("00-held")])) == {hall.numbers["held"]}
    assert hall.numbers["held"] not in await found(Wanted(received_from=RECEIVED + H))
    assert await found(Wanted(due_before=NOW)) == {
        line.number for line in every if line.due_at and line.due_at < NOW and not line.ended_at
    }


async def test_the_number_of_statements_does_not_grow_with_the_rows(hall: Hall) -> None:
    spent = {}
    async with hall.pool.acquire() as connection:
        who = await reader(connection, "cs_specialist-1")
        for limit in (2, 15):
            sent: list[str] = []
            with connection.query_logger(lambda query, sent=sent: sent.append(query.query)):
                await queue.frame(connection, who, "all")
                shown, _ = await queue.lines(
                    connection, hall.office.texts, who, "all", "due", Wanted(), limit=limit
                )
                await asyncio.sleep(0)  # the driver tells its loggers a turn of the loop later
            assert len(shown) == limit
            spent[limit] = len(sent)
    assert spent == {2: 3, 15: 3}


@pytest.mark.requirement("CUS-09")
async def test_a_page_of_a_list_is_one_line_of_the_access_log(hall: Hall) -> None:
    number = hall.numbers["asked"]
    async with hall.pool.acquire() as connection:
        before = len(await hall.office.texts.lists_with(connection, number))
        who = await reader(connection, "finance-1")
        await queue.lines(connection, hall.office.texts, who, "all", "due", Wanted(), limit=50)
        after = await hall.office.texts.lists_with(connection, number)
        assert (len(after) - before, after[-1].reader, after[-1].whole) == (1, "finance-1", False)
        with pytest.raises(Exception, match="append-only"):
            await connection.execute("DELETE FROM list_reads")


async def test_a_row_is_unread_until_its_last_turn_was_seen(hall: Hall) -> None:
    number = hall.numbers["held"]
    async with hall.pool.acquire() as connection:
        who = await reader(connection, "cs_specialist-2")

        async def unread() -> bool:
            found, _ = await queue.lines(
                connection, hall.office.texts, who, "all", "due", Wanted(number=number)
            )
            return found[0].unread

        assert await unread()
        turn = (await hall.office.ledger.load_sheet(number)).turn
        await beside(connection, hall.office.texts, "cs_specialist-2", number, turn)
        assert not await unread()
        await beside(connection, hall.office.texts, "cs_specialist-2", number, 1)
        assert not await unread()
        await hall.office.say(number, "add_note", "cs_specialist-1", NOW, text="还在等")
        assert await unread()


async def names(connection: Connection, *places: int) -> list[str]:
    ids = [f"cs_specialist-{place}" for place in places]
    return [await connection.fetchval("SELECT name FROM people WHERE user_id = $1", one) for one in ids]


async def test_tags_come_from_the_managed_list(hall: Hall) -> None:
    number = hall.numbers["major"]
    async with hall.pool.acquire() as connection:
        assert len([tag for tag in await shelves.tags(connection) if tag.given]) >= 10
        assert await shelves.add_tag(connection, [number], "not-in-the-list", "cs_specialist-1") == []
        assert await shelves.add_tag(connection, [number], "vip", "cs_specialist-1") == [number]
        assert await shelves.add_tag(connection, [number], "vip", "cs_specialist-1") == []
        assert [tag.zh for tag in await shelves.tags_of(connection, number)] == ["重点客户"]
        who = await reader(connection, "cs_specialist-1")
        assert numbers(await walk(hall, who, "all", wanted=Wanted(tags=["vip", "leak"]))) == [number]
        await shelves.put_tag(connection, shelves.Tag("new-one", "新", "New"), "cs_director-1")
        with pytest.raises(ValueError, match="no code"):
            await shelves.put_tag(connection, shelves.Tag("Lin 138", "林", "Lin"), "cs_director-1")
        assert await shelves.end_tag(connection, "new-one")
        assert await shelves.add_tag(connection, [number], "new-one", "cs_specialist-1") == []
        assert await shelves.remove_tag(connection, [number], "vip", "cs_specialist-2") == [number]
        [gone] = await shelves.tags_of(connection, number)
        added, removed = gone.added_by, gone.removed_by
        assert (gone.code, added, removed) == ("vip", *await names(connection, 1, 2))
        assert gone.removed_at is not None


async def test_a_person_keeps_lists_of_their_own(hall: Hall) -> None:
    async with hall.pool.acquire() as connection:
        who = await reader(connection, "legal-1")
        kept = await shelves.save_view(connection, "legal-1", "快到期", "all", "type=LEGAL", ["owner"], "due")
        again = await shelves.save_view(connection, "legal-1", "快到期", "team", "", [], "newest")
        assert kept == again
        await shelves.keep_columns(connection, "legal-1", "mine", ["stage", "due"])
        frame = await queue.frame(connection, who, "mine")
        assert [(one.name, one.view, one.sort) for one in frame.saved] == [("快到期", "team", "newest")]
        assert frame.columns == ["stage", "due"]
        assert not await shelves.drop_view(connection, "legal-2", kept)
        assert await shelves.drop_view(connection, "legal-1", kept)
        await shelves.keep_columns(connection, "legal-1", "mine", [])
        assert (await queue.frame(connection, who, "mine")).columns is None


async def test_the_migration_gives_old_complaints_what_the_ledger_gives_new_ones(hall: Hall) -> None:
    """The columns of an existing database are filled as a turn would fill them."""
    filling = next(one.sql for one in migrations() if "queues" in one.name)
    update = filling[filling.index("UPDATE complaints AS c SET") :]
    update = update[: update.index(";") + 1]
    connection = await connect(hall.url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(
        "UPDATE complaints SET lead = NULL, waiting_for = 'x', held_until = NULL, due_at = NULL, due_name = NULL, "
        "late = NOT late, priority = 99, reopened = 9, approvers = '{x}', barred = '{x}', promise_due = NULL, "
        "limitation_due = NULL"
    )
    await connection.execute(update)
    rows = await connection.fetch("SELECT * FROM complaints")
    await transaction.rollback()
    await connection.close()
    for row in rows:
        wanted = projection.columns(Complaint.model_validate(row["state"]), row["heard_at"])
        kept = {
            name: projection.instant(row[name]) if isinstance(row[name], datetime) else row[name]
            for name in wanted
        }
        assert kept == wanted, row["number"]


async def test_a_substitute_finds_what_is_asked_of_the_seat_they_hold(hall: Hall) -> None:
    stand_in = Asker(id="sales_staff-1", roles=(Role.SALES_STAFF,), standing_in={Role.FINANCE: "finance-1"})
    who = Reader(stand_in, NOW, NOW + timedelta(hours=5))
    assert hall.numbers["asked"] in numbers(await walk(hall, who, "mine"))
