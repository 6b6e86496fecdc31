"""Nothing a person said stands in a history, and what stands there cannot be read without the key."""

import json

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory

from starter.codec import ENCODING
from tests.workflows.house import House, incoming
from tests.workflows.lives import CONTRACT, live, words
from tests.workflows.payloads import payloads_in

#: what the SDK itself notes about a local activity beside its result
MARKER = {
    "seq", "activity_id", "activity_type", "activation_index", "attempt", "backoff", "complete_time",
    "original_schedule_time",
}  # fmt: skip


async def test_every_payload_of_a_life_is_encrypted(house: House) -> None:
    number = await house.open()
    await live(house, number, CONTRACT[:9])
    history = await house.history(number)
    found = list(payloads_in(history))
    assert len(found) > 30
    clear = [payload for payload in found if payload.metadata["encoding"] != ENCODING]
    assert all(set(json.loads(payload.data)) <= MARKER for payload in clear), "the server's own notes only"
    raw = _bytes(history)
    for plain in (b"classify", b"legal-1", b"txt_", b"feed:calendar", b"first_response_hours"):
        assert plain not in raw


@pytest.mark.requirement("CUS-10")
async def test_no_word_of_a_person_is_in_a_history_even_decrypted(house: House) -> None:
    number = await house.open()
    await live(house, number, CONTRACT)
    history = await house.history(number)
    opened = await house.client.data_converter.payload_codec.decode(list(payloads_in(history)))  # type: ignore[union-attr]
    raw = _bytes(history) + b"".join(payload.SerializeToString() for payload in opened)
    assert b"classify" in raw, "the payloads were opened"
    given = incoming()
    for word in [given.name, given.contact, given.text, *words()]:
        assert word.encode() not in raw, word
        assert word.encode("unicode_escape") not in raw, word


def _bytes(history: WorkflowHistory) -> bytes:
    return b"".join(event.SerializeToString() for event in history.events)


def test_the_walk_over_a_history_finds_payloads_at_every_depth() -> None:
    assert list(payloads_in(Payload(data=b"x"))) == [Payload(data=b"x")]
