"""People's words: what customers and staff wrote, encrypted per complaint and known to all else by id.

`store` before a command is said, `read` when a person with the right looks, `erase` when the words must go. The
workflow, the ledger and the logs hold ids (`txt_` and 32 hexadecimal digits) and nothing more. (CUS-07…CUS-10)
"""

import hmac
import re
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from records.db import Connection
from records.keys import DataKey, KeyRing, move_data_key, open_data_key, open_key_ring, seal, unseal
from records.sql import statements

KEYS_SQL = statements("keys")
SQL = statements("texts")

_INDEX_OWNER = "contact-index"
_DIGEST_BYTES = 16

#: the sweep runs every night, so that a refused command's words are gone within a day
_REFUSED_KEPT = timedelta(minutes=30)
#: a command may wait in Temporal through a long outage before its turn comes
_UNUSED_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Word:
    """What somebody wrote. kind: the path of the field they wrote it in, such as `fields.contact`.

    text: None where it was erased.
    """

    kind: str
    text: str | None

    @property
    def name(self) -> str:
        """The field's own name: `contact` for `fields.contact`."""
        return self.kind.rpartition(".")[2]


@dataclass(frozen=True)
class TextRead:
    """One line of the access log: who read which words, and when (aware, UTC)."""

    at: datetime
    reader: str
    text_id: str


@dataclass(frozen=True)
class ListRead:
    """A list in which a customer was shown: to whom, when (aware, UTC), and whether whole."""

    at: datetime
    reader: str
    whole: bool


def new_draft() -> str:
    """A name for words that come before their complaint has a number: the `owner` of `store` until then."""
    return f"draft_{uuid.uuid4().hex}"


class Texts:
    """The words of all complaints, through the master keys of this installation.

    Every method works on the connection given, so that it can stand in the caller's transaction.
    """

    def __init__(self, keys: KeyRing, index: DataKey) -> None:
        self._keys, self._index = keys, index

    async def store(self, connection: Connection, owner: str, words: Mapping[str, str]) -> dict[str, str]:
        """Encrypt `words` (field → text) for `owner`; returns field → text id, unclaimed until a turn uses them.

        owner: the complaint number, or a draft of `new_draft` that `adopt` gives its number later.
        """
        if not words:
            return {}
        key = await open_data_key(connection, self._keys, owner)
        ids = {kind: f"txt_{uuid.uuid4().hex}" for kind in words}
        sealed = [
            seal(key.secret, text.encode(), _row(key.id, ids[kind], kind)) for kind, text in words.items()
        ]
        await connection.execute(SQL["add_texts"], key.id, [ids[kind] for kind in words], list(words), sealed)
        return ids

    async def adopt(self, connection: Connection, draft: str, number: str) -> None:
        """The words and contacts of `draft` become those of complaint `number`, under the same ids."""
        await move_data_key(connection, self._keys, draft, number)

    async def read(
        self,
        connection: Connection,
        ids: Iterable[str],
        reader: str,
        *,
        of: str | Iterable[str],
        masked: Iterable[str] = (),
    ) -> dict[str, str | None]:
        """The words by id as `look` finds them; None for words that were erased."""
        words = await self.look(connection, ids, reader, of=of, masked=masked)
        return {text_id: word.text for text_id, word in words.items()}

    async def look(
        self,
        connection: Connection,
        ids: Iterable[str],
        reader: str,
        *,
        of: str | Iterable[str],
        masked: Iterable[str] = (),
    ) -> dict[str, Word]:
        """The words by id, with the field they were written in. An id that was never stored, that was swept, or whose
        words are somebody else's, is absent.

        of: the complaint, customer or draft whose words they are, or several; an id alone opens nothing.
        reader: user id (or `system:<part>`) that goes into the access log with every text that opens (CUS-09).
        masked: names of fields whose words the caller shows by their ends only; logged as `masked:<reader>`.
        Raises TextDamaged for a row that was altered, MasterKeyError for a key not at hand.
        """
        owners = [of] if isinstance(of, str) else list(of)
        return self._opened(
            await connection.fetch(SQL["read_texts"], list(ids), reader, list(masked), owners)
        )

    async def not_of(self, connection: Connection, owner: str, ids: Collection[str]) -> set[str]:
        """Those of the ids whose words are not `owner`'s. An id that is not there is nobody's."""
        if not ids:
            return set()
        return {row["id"] for row in await connection.fetch(SQL["texts_not_of"], list(ids), owner)}

    async def read_list(
        self,
        connection: Connection,
        ids: Iterable[str],
        reader: str,
        masked: Sequence[str],
        whole: Sequence[str],
    ) -> dict[str, str | None]:
        """The words of one page of a list, as `read`; the access log gets one line for the page (CUS-09).

        masked, whole: numbers of the complaints whose customer is shown by the first character, and whole.
        """
        numbers = [*masked, *whole]
        rows = await connection.fetch(SQL["list_texts"], list(ids), reader, numbers, list(whole))
        return {text_id: word.text for text_id, word in self._opened(rows).items()}

    def _opened(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Word]:
        opened: dict[str, DataKey] = {}
        words: dict[str, Word] = {}
        for row in rows:
            if row["locked"] is None or row["ciphertext"] is None:
                words[row["id"]] = Word(row["kind"], None)
                continue
            key = opened.get(row["data_key"])
            if key is None:
                key = self._keys.unlock(row["master_key"], row["locked"], row["data_key"], row["owner"])
                opened[key.id] = key
            plain = unseal(key.secret, row["ciphertext"], _row(key.id, row["id"], row["kind"]))
            words[row["id"]] = Word(row["kind"], plain.decode())
        return words

    async def erase(self, connection: Connection, owner: str, by: str) -> int:
        """Destroy the data keys of `owner`: its words are gone for good. Returns how many keys there were.

        The ledger stays and can be replayed; words written afterwards get a new key. by: user id, kept with the
        destroyed key. A backup older than the erasure still opens with its own copy of the key until it expires.
        """
        async with connection.transaction():
            gone = [row["id"] for row in await connection.fetch(KEYS_SQL["destroy_data_keys"], owner, by)]
            await connection.execute(SQL["blank_texts"], gone)
            await connection.execute(SQL["forget_contacts"], owner)
            await connection.execute(SQL["forget_drafts"], owner)
        return len(gone)

    async def data_key(self, connection: Connection, owner: str) -> DataKey:
        """The key that what is kept beside the words, such as a file's own key, is locked with for `owner`."""
        return await open_data_key(connection, self._keys, owner)

    def opened_key(self, master_key: str, locked: bytes, data_key: str, owner: str) -> DataKey:
        """A data key again from its row. Raises MasterKeyError, TextDamaged."""
        return self._keys.unlock(master_key, locked, data_key, owner)

    async def reads_of(self, connection: Connection, owner: str) -> list[TextRead]:
        """The access log of a complaint or customer, oldest first (CUS-09)."""
        rows = await connection.fetch(SQL["reads_of"], owner)
        return [TextRead(row["at"], row["reader"], row["text_id"]) for row in rows]

    async def lists_with(self, connection: Connection, number: str) -> list[ListRead]:
        """Who saw this complaint's customer in a list, oldest first (CUS-09)."""
        rows = await connection.fetch(SQL["list_reads_of"], number)
        return [ListRead(row["at"], row["reader"], row["whole"]) for row in rows]

    def digest(self, contact: str) -> bytes:
        """What a contact is looked up by, however it was written (16 bytes); it does not lead back to the contact."""
        return _digest(self._index, contact)

    async def index_contacts(self, connection: Connection, owner: str, contacts: Iterable[str]) -> None:
        """Make `owner` findable by these telephone numbers, addresses or account names."""
        digests = sorted({_digest(self._index, contact) for contact in contacts if contact.strip()})
        await connection.execute(SQL["add_contacts"], owner, digests)

    def fingerprint(self, content: bytes) -> bytes:
        """A keyed digest by which the same content is recognised again without being kept (16 bytes)."""
        return hmac.digest(self._index.secret, b"content|" + content, "sha256")[:_DIGEST_BYTES]

    def contact_digest(self, contact: str) -> bytes:
        """What a contact is found by (16 bytes), for statements that look several up at once."""
        return _digest(self._index, contact)

    async def find_contact(self, connection: Connection, contact: str) -> list[str]:
        """Complaint numbers and customer ids that gave this contact, however it was written (INT-12)."""
        rows = await connection.fetch(SQL["find_contact"], _digest(self._index, contact))
        return [row["owner"] for row in rows]


async def open_texts(connection: Connection, source: Path | bytes, *, may_create: bool = False) -> Texts:
    """The words of this database, with its master keys opened and checked: see `keys.open_key_ring`.

    To be called at the start of a process, outside any transaction. Raises MasterKeyError.
    """
    ring = await open_key_ring(connection, source, may_create=may_create)
    return Texts(ring, await open_data_key(connection, ring, _INDEX_OWNER))


async def sweep(connection: Connection, now: datetime) -> int:
    """Remove words that no accepted turn uses; returns how many.

    Those of a refused command go with the first sweep half an hour after the refusal, those that never reached a turn 30 days after they were
    stored, with the keys of drafts that came to nothing. now: real time, aware. (CUS-10)
    """
    refused, unused = now - _REFUSED_KEPT, now - _UNUSED_KEPT
    async with connection.transaction():
        status: str = await connection.execute(SQL["sweep_texts"], refused, unused)
        await connection.execute(SQL["sweep_data_keys"], unused)
        await connection.execute(SQL["sweep_contacts"])
    return int(status.rpartition(" ")[2])


def _row(data_key_id: str, text_id: str, kind: str) -> bytes:
    return f"texts|{data_key_id}|{text_id}|{kind}".encode()


def _digest(key: DataKey, contact: str) -> bytes:
    return hmac.digest(key.secret, normal_contact(contact).encode(), "sha256")[:_DIGEST_BYTES]


def normal_contact(contact: str) -> str:
    """The form in which contacts are compared: width, case and spaces do not count; telephone numbers lose signs
    and the prefix of China."""
    plain = unicodedata.normalize("NFKC", contact).casefold()
    plain = "".join(plain.split())
    digits = re.sub(r"[()+.\-/–—]", "", plain)
    if digits.isdecimal():
        return re.sub(r"^(?:0086|86(?=1\d{10}$))", "", digits)
    return plain
