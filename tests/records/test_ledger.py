"""A turn is one transaction: ruled on once, answered the same for ever, written whole or not at all."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.complaint import SCHEMA
from domain.facts import apply_patch, state_of
from domain.turns import Outcome, Turn
from records.db import Pool, RecordsUnreachable, open_pool
from records.ledger import Ledger, NewerSchema, UnknownComplaint, command_id
from records.policies import Library
from records.texts import Texts
from tests.records.office import LIFE, RECEIVED, D, H, Office, incoming


async def rows(pool: Pool, query: str, *args: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in await pool.fetch(query, *args)]


@pytest.mark.requirement("LIF-01", "LIF-04")
async def test_a_whole_life_is_on_record(office: Office) -> None:
    number = await office.open()
    await office.live(number)
    complaint = await office.ledger.complaint(number)
    sheet = await office.ledger.load_sheet(number)
    assert (complaint.stage, complaint.result, sheet.ended, sheet.wakes) == (
        "ARCHIVED",
        "BOTH_SATISFIED",
        True,
        [],
    )
    turns = await rows(office.pool, "SELECT turn, kind, said_by, patch FROM turns ORDER BY turn")
    assert [turn["turn"] for turn in turns] == list(range(1, complaint.turn + 1))
    assert [turn["kind"] for turn in turns if turn["kind"] not in ("open", "deadline_passed")] == [
        kind for _, kind, _, _ in LIFE
    ]
    state: dict[str, Any] = {}
    for turn in turns:
        state = apply_patch(state, turn["patch"])
    assert state == state_of(complaint)


async def test_lists_read_the_same_as_the_state(office: Office) -> None:
    number = await office.open()
    await office.live(number)
    complaint = await office.ledger.complaint(number)
    deadlines = await rows(office.pool, "SELECT id, state, due, fired_at, settled_at FROM deadlines")
    assert {d["id"]: (d["state"], d["due"], d["fired_at"], d["settled_at"]) for d in deadlines} == {
        d.id: (d.state, d.due, d.fired_at, d.settled_at) for d in complaint.deadlines.values()
    }
    promises = await rows(office.pool, "SELECT id, state FROM promises")
    assert promises == [{"id": "P1", "state": "KEPT"}]
    items = await rows(office.pool, "SELECT id, owner, state FROM tasks WHERE kind = 'item'")
    assert items == [{"id": "A1", "owner": "LEGAL", "state": "DONE"}]
    row = (
        await rows(office.pool, "SELECT stage, type, desk, owner, result, breached, ended_at FROM complaints")
    )[0]
    assert row == {
        "stage": "ARCHIVED",
        "type": "CONTRACT",
        "desk": "legal",
        "owner": complaint.owner,
        "result": "BOTH_SATISFIED",
        "breached": [],
        "ended_at": complaint.ended_at,
    }


@pytest.mark.requirement("LIF-04")
async def test_what_was_written_cannot_be_changed(office: Office) -> None:
    await office.open()
    for change in (
        "UPDATE turns SET said_by = 'x'",
        "DELETE FROM facts",
        "TRUNCATE turns CASCADE",
        "UPDATE facts SET kind = 'x'",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await office.pool.execute(change)


async def test_a_repeated_id_gets_its_first_answer_for_ever(office: Office) -> None:
    number = await office.open()
    first = await office.take(number, "register", "cs_specialist-1", RECEIVED, id="k1")
    await office.say(number, "classify", "cs_specialist-1", type="PRICE", cause="SALES", severity="simple")
    again = await office.take(number, "register", "cs_specialist-1", RECEIVED + 3000 * D, id="k1")
    assert again.decision == first.decision
    assert again.sheet == await office.ledger.load_sheet(number)
    assert again.sheet.turn == 3
    stale = await office.take(number, "register", "cs_specialist-1", RECEIVED, id="k1", turn=2)
    assert (stale.decision, stale.sheet.turn) == (first.decision, 3)


async def test_a_refusal_is_an_answer_too(office: Office) -> None:
    number = await office.open()
    refused = await office.say(number, "archive", "cs_specialist-1", id="k1", result="BOTH_SATISFIED")
    assert (refused.accepted, refused.rule) == (False, "CLO-07")
    row = (await rows(office.pool, "SELECT accepted, reason, rule FROM turns WHERE command_id = 'k1'"))[0]
    assert row == {"accepted": False, "reason": refused.reason, "rule": "CLO-07"}
    assert (
        await office.take(number, "archive", "cs_specialist-1", RECEIVED, id="k1", result="BOTH_SATISFIED")
    ).decision == refused


@pytest.mark.parametrize("ids", [("k1", "k1"), (command_id("k1", "aa"), command_id("k1", "bb"))])
async def test_the_same_key_with_another_body_is_refused_and_nothing_is_written(
    office: Office, ids: tuple[str, str]
) -> None:
    number = await office.open()
    await office.say(number, "register", "cs_specialist-1", id=ids[0])
    other = await office.say(
        number, "set_flag", "cs_specialist-1", id=ids[1], flag="HAZARD", reason="txt_" + "0" * 32
    )
    assert (other.accepted, other.rule) == (False, "idempotency")
    assert "another body" in (other.reason or "")
    assert (await office.ledger.load_sheet(number)).turn == 2


async def test_the_same_body_in_the_id_is_a_repetition_though_its_words_have_new_ids(office: Office) -> None:
    number = await office.open()
    key = command_id("k1", office.texts.fingerprint(b"add_note").hex())
    decisions = []
    for _ in range(2):
        words = await office.texts_of(number, text="同一句话")
        decisions.append(await office.say(number, "add_note", "cs_specialist-1", id=key, text=words["text"]))
    assert decisions[0] == decisions[1]
    assert (await office.ledger.load_sheet(number)).turn == 2


@pytest.mark.parametrize("turn", [1, 2, 4, 99])
async def test_a_turn_number_that_does_not_fit_gets_the_present_sheet(office: Office, turn: int) -> None:
    number = await office.open()
    await office.say(number, "register", "cs_specialist-1")
    outcome = await office.take(number, "add_note", "cs_specialist-1", RECEIVED, turn=turn, text="早")
    assert outcome == Outcome(decision=None, sheet=await office.ledger.load_sheet(number))
    assert len(await rows(office.pool, "SELECT turn FROM turns")) == 2


async def test_the_same_turn_asked_at_once_from_everywhere_is_taken_once(office: Office) -> None:
    number = await office.open()
    asked = [office.take(number, "register", "cs_specialist-1", RECEIVED, id="k1", turn=2) for _ in range(8)]
    outcomes = await asyncio.gather(*asked)
    assert len({outcome.model_dump_json(exclude={"messages"}) for outcome in outcomes}) == 1
    assert outcomes[0].decision is not None
    assert sum(outcome.messages for outcome in outcomes) == 1
    assert (await office.ledger.load_sheet(number)).turn == 2


async def test_of_commands_for_the_same_turn_one_is_taken_and_the_others_see_its_sheet(
    office: Office,
) -> None:
    number = await office.open()
    asked = [
        office.take(number, "add_note", "cs_specialist-1", RECEIVED, id=f"k{place}", turn=2, text="早")
        for place in range(8)
    ]
    outcomes = await asyncio.gather(*asked)
    assert sum(outcome.decision is not None for outcome in outcomes) == 1
    assert {outcome.sheet.turn for outcome in outcomes} == {2}


async def test_a_turn_costs_at_most_eight_statements_and_one_commit(
    database_url: str, office: Office, texts: Texts
) -> None:
    """BEGIN and COMMIT are counted."""
    pool = await open_pool(database_url, max_size=1)
    office.ledger = Ledger(pool, texts, Library(), build="build-1")
    sent: list[str] = []
    async with pool.acquire() as connection:
        connection.add_query_logger(lambda query: sent.append(query.query))
    counts, commits = [], []
    number = await office.open()
    for at, kind, by, fields in LIFE[:5]:
        given = {
            "number": number,
            "turn": (await office.ledger.load_sheet(number)).turn + 1,
            "id": kind,
            "command": {"kind": kind, "by": by, **fields},
            "heard_at": RECEIVED + at,
            "noticed_at": RECEIVED + at,
        }
        sent.clear()
        outcome = await office.ledger.decide_and_record(Turn.model_validate(given))
        assert outcome.decision is not None
        assert outcome.decision.accepted
        counts.append(len(sent))
        commits.append(sum(query.startswith("COMMIT") for query in sent))
    await pool.close()
    assert max(counts) <= 8, counts
    assert set(commits) == {1}


@pytest.mark.requirement("CUS-08", "CUS-10")
async def test_words_sent_in_the_clear_by_a_feed_are_encrypted_before_anything_is_written(
    office: Office,
) -> None:
    number = await office.open()
    await office.say(number, "add_note", "feed:hotline", text="业主很生气")
    command = await office.pool.fetchval("SELECT command FROM turns WHERE turn = 2")
    words = await office.read(number, command["text"])
    assert words == "业主很生气"
    for table in ("turns", "facts", "complaints", "receipts", "outbox"):
        dump = await office.pool.fetchval(f"SELECT string_agg(t::TEXT, ' ') FROM {table} AS t")
        for word in ("业主很生气", "林女士", "000-0000-0001", "橱柜"):
            assert word not in dump


@pytest.mark.requirement("CUS-07", "CUS-10")
async def test_the_words_of_another_complaint_are_refused(office: Office) -> None:
    theirs, number = await office.open(), await office.open()
    foreign = (await office.texts_of(theirs, text="别人的话"))["text"]
    own = (await office.texts_of(number, text="自己的话"))["text"]
    for text_id, accepted in ((foreign, False), (own, True)):
        decision = await office.say(number, "add_note", "feed:hotline", text=text_id)
        assert decision.accepted is accepted
    first = await office.pool.fetchrow("SELECT kind, command, reason FROM turns WHERE turn = 2")
    assert (first["kind"], first["command"]) == ("malformed", {})
    assert first["reason"].startswith("add_note: text: this is the id of words of another complaint")
    assert await office.pool.fetchval("SELECT refused_at FROM texts WHERE id = $1", foreign) is None
    items = [
        {"id": name, "what": text, "owner": "LEGAL", "due": "2026-12-01T09:00:00+08:00"}
        for name, text in (("A1", "words in the clear"), ("A2", foreign))
    ]
    assert not (await office.say(number, "record_agreement", "feed:hotline", items=items)).accepted
    assert foreign not in str(
        await office.pool.fetchval(
            "SELECT string_agg(t::TEXT, ' ') FROM turns AS t WHERE number = $1", number
        )
    )


async def test_a_turn_claims_its_words(office: Office) -> None:
    number = await office.open()
    words = await office.texts_of(number, text="留言", unused="没用上")
    await office.say(number, "add_note", "cs_specialist-1", text=words["text"])
    claimed = dict(
        await office.pool.fetch("SELECT kind, claimed FROM texts WHERE kind IN ('text', 'unused', 'name')")
    )
    assert claimed["unused"] is None
    assert claimed["name"] == 1
    assert await office.pool.fetchval("SELECT claimed FROM texts WHERE id = $1", words["text"]) == 2


@pytest.mark.parametrize(
    "command",
    [
        None,
        7,
        "register",
        {},
        {"kind": "explode", "by": "cs_specialist-1"},
        {"kind": "register"},
        {"kind": "register", "by": "cs_specialist-1", "colour": "red"},
        {"kind": ["x"], "by": {"a": "b"}},
    ],
)
async def test_what_cannot_be_read_is_refused_on_record(office: Office, command: object) -> None:
    number = await office.open()
    asked = Turn(number=number, turn=2, id="k1", command=command, heard_at=RECEIVED, noticed_at=RECEIVED)
    decision = (await office.ledger.decide_and_record(asked)).decision
    assert decision is not None
    assert (decision.accepted, decision.turn, decision.stage) == (False, 2, "REGISTERED")
    row = (await rows(office.pool, "SELECT kind, command FROM turns WHERE turn = 2"))[0]
    assert row == {"kind": "malformed", "command": {}}
    assert (await office.ledger.decide_and_record(asked)).decision == decision


async def test_an_unknown_number_is_said_to_be_unknown(office: Office) -> None:
    asked = Turn(number="2026-999999", turn=1, id="k", command={}, heard_at=RECEIVED, noticed_at=RECEIVED)
    for call in (
        office.ledger.decide_and_record(asked),
        office.ledger.load_sheet("2026-999999"),
        office.ledger.set_aside(asked, "fault"),
    ):
        with pytest.raises(UnknownComplaint, match="2026-999999"):
            await call


async def test_a_complaint_of_a_newer_build_is_left_alone(office: Office) -> None:
    number = await office.open()
    await office.pool.execute("UPDATE complaints SET schema_version = $1", SCHEMA + 1)
    asked = Turn(number=number, turn=2, id="k", command={}, heard_at=RECEIVED, noticed_at=RECEIVED)
    for call in (
        office.ledger.decide_and_record(asked),
        office.ledger.load_sheet(number),
        office.ledger.set_aside(asked, "fault"),
    ):
        with pytest.raises(NewerSchema, match="newer build"):
            await call
    assert len(await rows(office.pool, "SELECT turn FROM turns")) == 1


async def test_an_error_in_the_middle_leaves_nothing(office: Office) -> None:
    """The last statement of the turn fails: the outbox is gone."""
    number = await office.open()
    await office.pool.execute("ALTER TABLE outbox RENAME TO away")
    with pytest.raises(asyncpg.UndefinedTableError):
        await office.say(number, "register", "cs_specialist-1", id="k1")
    await office.pool.execute("ALTER TABLE away RENAME TO outbox")
    assert (await office.ledger.load_sheet(number)).turn == 1
    assert len(await rows(office.pool, "SELECT turn FROM turns")) == 1
    assert (await office.say(number, "register", "cs_specialist-1", id="k1")).accepted


async def test_records_that_are_away_are_told_apart(office: Office, database_url: str, texts: Texts) -> None:
    pool = await open_pool(database_url, max_size=1)
    ledger = Ledger(pool, texts, Library(), build="build-1")
    number = await office.open()
    await office.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await pool.close()
    asked = Turn(number=number, turn=2, id="k", command={}, heard_at=RECEIVED, noticed_at=RECEIVED)
    for call in (ledger.decide_and_record(asked), ledger.load_sheet(number)):
        with pytest.raises(RecordsUnreachable):
            await call


@pytest.mark.requirement("ORG-05")
async def test_a_substitute_and_the_absent_person_are_both_on_record(office: Office) -> None:
    from records.organisation import put_absence

    number = await office.open()
    await office.live(number, until=13)
    async with office.pool.acquire() as connection:
        await put_absence(connection, "cs_director-1", RECEIVED, RECEIVED + 90 * D, "legal-2")
    decision = await office.say(number, "decide_review", "legal-2", RECEIVED + 7 * D + H, decision="approved")
    assert decision.accepted
    row = (await rows(office.pool, "SELECT said_by, standing_in FROM turns WHERE kind = 'decide_review'"))[0]
    assert row == {"said_by": "legal-2", "standing_in": {"CS_DIRECTOR": "cs_director-1"}}


@pytest.mark.requirement("SLA-11")
async def test_warnings_are_planned_with_a_deadline_and_withdrawn_when_it_is_settled(office: Office) -> None:
    async def planned(name: str) -> set[datetime]:
        found = await rows(
            office.pool,
            "SELECT not_before FROM outbox WHERE state = 'planned' AND template = 'deadline_warning' AND deadline LIKE $1",
            f"%:{name}",
        )
        return {row["not_before"] for row in found}

    number = await office.open()
    assert {RECEIVED + H * 12, RECEIVED + H * 24 * 0.8} == await planned("first_response_hours")
    await office.say(number, "register", "cs_specialist-1")
    await office.say(
        number, "record_response", "cs_specialist-1", RECEIVED + 13 * H, channel="telephone", effective=True
    )
    assert {RECEIVED + H * 12} == await planned("first_response_hours")


async def test_rehearsed_time_is_turned_into_real_time_for_the_outbox(office: Office) -> None:

    offset = timedelta(days=265)
    await office.ledger.open_complaint(incoming(), "cs_specialist-1", RECEIVED, clock_offset=offset)
    assert {
        row["due_at"] - row["not_before"]
        for row in await office.pool.fetch("SELECT due_at, not_before FROM outbox")
    } == {offset}


async def test_instants_are_kept_to_the_microsecond_in_utc(office: Office) -> None:
    number = await office.open()
    at = datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)
    await office.say(number, "register", "cs_specialist-1", at)
    assert (await office.ledger.complaint(number)).registered_at == at
    assert (await rows(office.pool, "SELECT heard_at FROM turns WHERE turn = 2"))[0]["heard_at"] == at
