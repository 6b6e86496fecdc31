"""A company with many complaints: lives said to the real ledger once, then copied into PostgreSQL by COPY.

A copy has its own number, clerk, data key and texts, encrypted as ever; everything else is what the ledger wrote for
the life it copies. Turns and facts of ended complaints are copied for one in LEDGER_EVERY: no list looks into them.
"""

import itertools
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.crowd_lives import CLERK, PROJECTS, Template, ended_lives, open_lives
from domain.codes import Channel
from domain.commands import dump, said
from domain.lifecycle import CALENDAR
from domain.turns import Turn
from records.db import Pool, to_json
from records.keys import KeyRing, open_key_ring, seal
from records.ledger import Ledger
from records.master import import_units
from records.opening import Incoming
from records.texts import Texts

CLERKS = 1000
LEDGER_EVERY = 20
_BATCH = 4000
#: in the order in which they are written; generated columns are left out
_TABLES: Mapping[str, str] = {
    "data_keys": "owner",
    "texts": "",
    "receipts": "number",
    "complaints": "number",
    "deadlines": "number",
    "promises": "number",
    "tasks": "number",
    "contact_index": "owner",
    "turns": "number",
    "facts": "number",
}
_COLUMNS = """
SELECT attname FROM pg_attribute
WHERE attrelid = $1::TEXT::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
_PEOPLE = """
INSERT INTO people (user_id, name, roles, department)
SELECT 'clerk-' || lpad(n::TEXT, 4, '0'), '坐席' || n, '{CS_SPECIALIST}', 'customer_service'
FROM generate_series(1, $1) AS n
"""


@dataclass(frozen=True)
class Rows:
    """What the ledger wrote for one life: its data key and texts, the lines of the other tables, and the words by
    id (kind, text)."""

    number: str
    ended: bool
    key: Mapping[str, Any]
    texts: Sequence[Mapping[str, Any]]
    lines: Mapping[str, str]
    words: Mapping[str, tuple[str, str]]


async def fill(
    pool: Pool, texts: Texts, ledger: Ledger, master: bytes, now: datetime, many: tuple[int, int]
) -> None:
    """Make the company: projects, clerks, and so many open and ended complaints. now: business time."""
    units = "".join(f"P{n},{name},{n}栋101,2024-05-01,2029-05-01\n" for n, name in enumerate(PROJECTS))
    async with pool.acquire() as connection:
        heading = "project,project_name,unit,handed_over_on,warranty_until\n"
        await import_units(connection, (heading + units).encode(), "units.csv")
        await connection.execute(_PEOPLE, CLERKS)
    lives = [(await _live(pool, ledger, one, now), one) for one in (*open_lives(now), *ended_lives(now))]
    async with pool.acquire() as connection:
        read = [await _read(connection, texts, number, one.ended) for number, one in lives]
    opened, ended = many
    await _copy(pool, master, [one for one in read if not one.ended], opened, 2_000_000)
    await _copy(pool, master, [one for one in read if one.ended], ended, 5_000_000)


async def _live(pool: Pool, ledger: Ledger, one: Template, now: datetime) -> str:
    """Say a life to the ledger; deadlines that fall due between two steps speak in their time."""
    at = now - one.age - one.every * len(one.steps)
    incoming = Incoming(
        channel=Channel(one.channel),
        received_at=at,
        name="林女士",
        contact="000-0000-0001",
        text="厨房漏水三周无人处理,多次报修没有结果,请尽快解决。" * 4,
        project=one.project,
        unit=f"{PROJECTS.index(one.project)}栋101",
    )
    number = (await ledger.open_complaint(incoming, CLERK, at)).number
    for by, kind, fields in one.steps:
        at += one.every
        await _let_pass(ledger, number, at)
        turn = (await ledger.load_sheet(number)).turn + 1
        command = dump(said(kind, by, fields))
        asked = Turn(
            number=number, turn=turn, id=f"{kind}-{turn}", command=command, heard_at=at, noticed_at=at
        )
        ruled = (await ledger.decide_and_record(asked)).decision
        if ruled is None or not ruled.accepted:
            raise RuntimeError(f"{one.name}: {kind} was refused: {ruled and ruled.reason}")
    if not one.ended:
        await _let_pass(ledger, number, now)
    return number


async def _let_pass(ledger: Ledger, number: str, until: datetime) -> None:
    while wakes := (await ledger.load_sheet(number)).wakes:
        first = wakes[0]
        if first.at >= until:
            return
        turn = (await ledger.load_sheet(number)).turn + 1
        command = {"kind": "deadline_passed", "by": CALENDAR, "deadline": first.id}
        asked = Turn(
            number=number,
            turn=turn,
            id=f"/due/{turn}",
            command=command,
            heard_at=first.at,
            noticed_at=first.at,
        )
        await ledger.decide_and_record(asked)


async def _read(connection: Any, texts: Texts, number: str, ended: bool) -> Rows:
    """What stands in the tables about one complaint."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, key in _TABLES.items():
        columns = ", ".join([row["attname"] for row in await connection.fetch(_COLUMNS, table)])
        where = f"{key} = $1" if key else "data_key IN (SELECT id FROM data_keys WHERE owner = $1)"
        # names of our own tables and columns
        found = await connection.fetch(f"SELECT {columns} FROM {table} WHERE {where}", number)  # noqa: S608
        tables[table] = [dict(row) for row in found]
    kinds = {row["id"]: row["kind"] for row in tables["texts"]}
    told = await texts.read(connection, kinds, "system:bench", of=number)
    words = {name: (kinds[name], text) for name, text in told.items() if text is not None}
    lines = {
        table: "".join(_line(row.values()) for row in rows)
        for table, rows in tables.items()
        if table not in ("data_keys", "texts", "contact_index")
    }
    return Rows(number, ended, tables["data_keys"][0], tables["texts"], lines, words)


async def _copy(pool: Pool, master: bytes, lives: list[Rows], many: int, first: int) -> None:
    """Write `many` complaints like these. Foreign keys and triggers rest meanwhile, as in a restored backup."""
    async with pool.acquire() as connection:
        ring = await open_key_ring(connection, master)
        await connection.execute("SET session_replication_role = replica")
        try:
            turn = itertools.cycle(lives)
            for begin in range(0, many, _BATCH):
                batch = [
                    (next(turn), f"{2020 + (first + place) % 6}-{first + place:07d}", place)
                    for place in range(begin, min(begin + _BATCH, many))
                ]
                await _write(connection, ring, batch)
        finally:
            await connection.execute("RESET session_replication_role")


async def _write(connection: Any, ring: KeyRing, batch: Iterable[tuple[Rows, str, int]]) -> None:
    """By COPY in its text form: a life is one text, in which names are replaced."""
    made: dict[str, list[str]] = {table: [] for table in _TABLES}
    for life, number, place in batch:
        for table, text in _copied(life, number, place, ring):
            made[table].append(text)
    for table, parts in made.items():
        await _put(connection, table, "".join(parts).encode())


async def _put(connection: Any, table: str, text: bytes) -> None:
    columns = [row["attname"] for row in await connection.fetch(_COLUMNS, table)]

    async def source() -> AsyncIterator[bytes]:
        yield text

    await connection.copy_to_table(table, source=source(), columns=columns)


def _field(value: Any) -> str:
    match value:
        case None:
            return "\\N"
        case bool():
            return "t" if value else "f"
        case bytes():
            return "\\\\x" + value.hex()
        case datetime():
            return value.isoformat()
        case timedelta():
            return f"{value.total_seconds()} seconds"
        case dict():
            return _escaped(to_json(value))
        case list():
            return _escaped("{" + ",".join('"' + str(one).replace('"', '\\"') + '"' for one in value) + "}")
        case _:
            return _escaped(str(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _line(row: Iterable[Any]) -> str:
    return "\t".join(map(_field, row)) + "\n"


def _copied(life: Rows, number: str, place: int, ring: KeyRing) -> Iterator[tuple[str, str]]:
    """The lines of one copy, table by table."""
    clerk = f"clerk-{place % CLERKS + 1:04d}"
    key, secret = f"key_{secrets.token_hex(16)}", secrets.token_bytes(32)
    ids = {name: f"txt_{secrets.token_hex(16)}" for name in life.words}
    locked = {"id": key, "owner": number, "locked": ring.lock(secret, key, number)}
    yield "data_keys", _line({**life.key, **locked}.values())
    for row in life.texts:
        kind, text = life.words[row["id"]]
        name = ids[row["id"]]
        sealed = seal(secret, text.encode(), f"texts|{key}|{name}|{kind}".encode())
        yield "texts", _line({**row, "id": name, "data_key": key, "ciphertext": sealed}.values())
    yield "contact_index", _line([number, secrets.token_bytes(16)])
    whole = not life.ended or place % LEDGER_EVERY == 0
    for table, text in life.lines.items():
        if table in ("turns", "facts") and not whole:
            continue
        renamed = text.replace(life.number, number).replace(CLERK, clerk)
        for old, new in ids.items():
            renamed = renamed.replace(old, new)
        yield table, renamed
