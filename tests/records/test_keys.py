# ruff: noqa: ASYNC240 - a key file of 45 bytes on a local disk holds nobody up
"""Master keys: made once, never silently made again, checked against the database, and replaced in place."""

import asyncio
import base64
import secrets
from pathlib import Path

import pytest

from records.db import Connection, Pool
from records.keys import (
    KeyRing,
    MasterKey,
    MasterKeyError,
    TextDamaged,
    open_data_key,
    open_key_ring,
    relock,
)
from records.texts import Texts, open_texts


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "master.key"


def write_keys(path: Path, *secrets_: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(b"\n".join(base64.b64encode(secret) for secret in secrets_) + b"\n")


@pytest.mark.requirement("CUS-07")
async def test_the_first_local_run_makes_a_private_key_file(connection: Connection, key_file: Path) -> None:
    ring = await open_key_ring(connection, key_file, may_create=True)
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert [key_file.name] == [file.name for file in key_file.parent.iterdir()]
    again = await open_key_ring(connection, key_file, may_create=True)
    assert ring.current == again.current


async def test_processes_starting_at_once_agree_on_one_key(pool: Pool, key_file: Path) -> None:
    async def start() -> KeyRing:
        async with pool.acquire() as connection:
            return await open_key_ring(connection, key_file, may_create=True)

    rings = await asyncio.gather(*(start() for _ in range(6)))
    assert len({ring.current.id for ring in rings}) == 1


async def test_a_missing_file_is_not_made_where_it_may_not(connection: Connection, key_file: Path) -> None:
    with pytest.raises(MasterKeyError, match="cannot be read"):
        await open_key_ring(connection, key_file)
    assert not key_file.exists()


@pytest.mark.requirement("CUS-07")
async def test_a_lost_file_is_never_replaced(connection: Connection, key_file: Path) -> None:
    texts = await open_texts(connection, key_file, may_create=True)
    await texts.store(connection, "2026-000001", {"text": "漏水"})
    key_file.unlink()
    with pytest.raises(MasterKeyError, match=r"need master key [0-9a-f]{16}"):
        await open_key_ring(connection, key_file, may_create=True)
    assert not key_file.exists()


async def test_a_wrong_key_is_refused_by_name(
    connection: Connection, master_key: bytes, texts: Texts
) -> None:
    await texts.store(connection, "2026-000001", {"text": "漏水"})
    with pytest.raises(MasterKeyError, match=f"locked with master key {MasterKey(master_key).id}"):
        await open_key_ring(connection, secrets.token_bytes(32))
    assert (await open_key_ring(connection, master_key)).current.id == MasterKey(master_key).id


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "No master key"),
        (b"not base64!\n", "malformed"),
        (base64.b64encode(b"short"), "has 32 bytes, this one has 5"),
    ],
)
async def test_a_malformed_file_is_refused(
    connection: Connection, key_file: Path, content: bytes, complaint: str
) -> None:
    write_keys(key_file)
    key_file.write_bytes(content)
    with pytest.raises(MasterKeyError, match=complaint):
        await open_key_ring(connection, key_file, may_create=True)


async def test_a_file_others_can_read_is_refused(
    connection: Connection, key_file: Path, master_key: bytes
) -> None:
    write_keys(key_file, master_key)
    key_file.chmod(0o640)
    with pytest.raises(MasterKeyError, match="0600"):
        await open_key_ring(connection, key_file)


async def test_rotation_locks_everything_anew_and_lets_the_old_key_go(
    connection: Connection, key_file: Path
) -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    write_keys(key_file, old)
    texts = await open_texts(connection, key_file)
    ids = await texts.store(connection, "2026-000001", {"text": "漏水"})
    await texts.store(connection, "2026-000002", {"text": "噪音"})

    write_keys(key_file, new, old)
    both = await open_key_ring(connection, key_file)
    assert await relock(connection, both) == 3
    assert await relock(connection, both) == 0

    write_keys(key_file, new)
    only_new = await open_texts(connection, key_file)
    words = await only_new.read(connection, ids.values(), "auditor-1", of="2026-000001")
    assert words == {ids["text"]: "漏水"}


async def test_a_data_key_moved_to_another_row_does_not_open(connection: Connection, texts: Texts) -> None:
    ids = await texts.store(connection, "2026-000001", {"text": "漏水"})
    await texts.store(connection, "2026-000002", {"text": "噪音"})
    await connection.execute(
        """UPDATE data_keys AS d SET locked = o.locked FROM data_keys AS o
           WHERE d.owner = '2026-000001' AND o.owner = '2026-000002'"""
    )
    with pytest.raises(TextDamaged, match="altered or moved"):
        await texts.read(connection, ids.values(), "auditor-1", of="2026-000001")


async def test_one_owner_has_one_key_however_many_ask_at_once(
    pool: Pool, connection: Connection, master_key: bytes
) -> None:
    ring = await open_key_ring(connection, master_key)

    async def ask() -> str:
        async with pool.acquire() as mine:
            return (await open_data_key(mine, ring, "2026-000001")).id

    assert len(set(await asyncio.gather(*(ask() for _ in range(8))))) == 1


def test_a_key_does_not_show_itself(master_key: bytes) -> None:
    shown = repr(MasterKey(master_key)) + repr(KeyRing([MasterKey(master_key)]))
    assert master_key.hex() not in shown
    assert repr(master_key) not in shown
