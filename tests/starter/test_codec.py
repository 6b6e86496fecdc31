"""The payload codec: what leaves the process is sealed, and says clearly what is missing when it cannot be opened."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.api.common.v1 import Payload

from starter.codec import CodecKeyError, EncryptionCodec, local_ring, read_ring

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data='{"text": "卫生间渗漏"}'.encode())


def key() -> bytes:
    return secrets.token_bytes(32)


@pytest.mark.requirement("CUS-10")
async def test_what_is_sealed_shows_nothing_and_opens_again() -> None:
    codec = EncryptionCodec({"k1": key()})
    [sealed] = await codec.encode([PLAIN])
    assert "渗漏".encode() not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()
    assert await codec.decode([sealed]) == [PLAIN]


async def test_the_same_payload_is_never_sealed_alike() -> None:
    codec = EncryptionCodec({"k1": key()})
    one, other = await codec.encode([PLAIN, PLAIN])
    assert one.data != other.data


async def test_a_new_first_key_leaves_old_payloads_readable() -> None:
    old, new = key(), key()
    [sealed] = await EncryptionCodec({"k1": old}).encode([PLAIN])
    rotated = EncryptionCodec({"k2": new, "k1": old})
    assert await rotated.decode([sealed]) == [PLAIN]
    assert (await rotated.encode([PLAIN]))[0].metadata["key"] == b"k2"


async def test_payloads_of_others_pass_unchanged() -> None:
    assert await EncryptionCodec({"k1": key()}).decode([PLAIN]) == [PLAIN]


async def test_a_missing_key_is_named() -> None:
    [sealed] = await EncryptionCodec({"lost": key()}).encode([PLAIN])
    with pytest.raises(CodecKeyError, match="no key lost"):
        await EncryptionCodec({"k1": key()}).decode([sealed])


async def test_what_is_damaged_or_sealed_by_a_stranger_stays_sealed() -> None:
    codec = EncryptionCodec({"k1": key()})
    [sealed] = await codec.encode([PLAIN])
    [foreign] = await EncryptionCodec({"k1": key()}).encode([PLAIN])
    broken = Payload(metadata=sealed.metadata, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))
    short = Payload(metadata=sealed.metadata, data=sealed.data[:5])
    nameless = Payload(metadata={"encoding": sealed.metadata["encoding"]}, data=sealed.data)
    assert await codec.decode([broken, foreign, short, nameless]) == [broken, foreign, short, nameless]


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(CodecKeyError, match="empty"):
        EncryptionCodec({})


def test_the_first_local_run_makes_a_ring_for_this_user_only(tmp_path: Path) -> None:
    path = tmp_path / "home" / "codec_keys"
    first = local_ring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert first == local_ring(path)
    assert [file.name for file in path.parent.iterdir()] == ["codec_keys"]


def test_two_first_runs_at_once_have_one_ring(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(local_ring, [tmp_path / "codec_keys"] * 8))
    assert rings == [rings[0]] * 8


async def test_a_ring_made_anew_is_not_taken_for_the_lost_one(tmp_path: Path) -> None:
    path = tmp_path / "codec_keys"
    [sealed] = await EncryptionCodec(local_ring(path)).encode([PLAIN])
    path.unlink()
    with pytest.raises(CodecKeyError, match="has no key"):
        await EncryptionCodec(local_ring(path)).decode([sealed])


def test_a_ring_that_others_can_read_is_refused(tmp_path: Path) -> None:
    local_ring(tmp_path / "codec_keys")
    (tmp_path / "codec_keys").chmod(0o640)
    with pytest.raises(CodecKeyError, match="0600"):
        read_ring(tmp_path / "codec_keys")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("k1", "not `id:64 hex digits`"),
        ("k1:zz", "not `id:64 hex digits`"),
        (f"k1:{'00' * 31}", "not `id:64 hex digits`"),
        (f":{'00' * 32}", "not `id:64 hex digits`"),
        ("k1:é", "cannot be read"),
    ],
)
def test_a_ring_that_is_none_is_refused_by_file(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "ring"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CodecKeyError, match=said) as refused:
        read_ring(path)
    assert str(path) in str(refused.value)


def test_a_ring_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CodecKeyError, match="cannot be read"):
        read_ring(tmp_path / "none")
