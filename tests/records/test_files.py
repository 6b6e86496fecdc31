"""Files as the records know them: whose they are, what kills them, and what is swept."""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from records.files import FileBook, NewFile, StoredFile, TooManyFiles, new_file_id, sweep_files
from records.intake import IntakeDrafts, request_key
from records.upkeep import Upkeep
from tests.records.office import Office

CLERK = "cs_specialist-1"
LATER = datetime.now(UTC) + timedelta(days=2)


def new(content: bytes = b"a photo", name: str = "漏水.jpg") -> NewFile:
    return NewFile(
        new_file_id(),
        name,
        sha256(content).digest(),
        len(content),
        "image/jpeg",
        "photographs",
        thumbnail=True,
        secret=secrets.token_bytes(32),
    )


@pytest.fixture
def book(office: Office) -> FileBook:
    return FileBook(office.pool, office.texts)


async def add(book: FileBook, owner: str, content: bytes = b"a photo") -> StoredFile:
    return await book.add(owner, new(content), CLERK)


async def test_a_file_comes_back_with_its_key_and_its_name(office: Office, book: FileBook) -> None:
    number = await office.open()
    meant = new()
    stored = await book.add(number, meant, CLERK)
    assert (stored.created, stored.owner, stored.turn) == (True, number, None)
    again = await book.find(meant.id)
    assert again is not None
    assert (again.secret, again.sha256, again.size) == (meant.secret, meant.sha256.hex(), meant.size)
    assert await book.names([again], CLERK) == {meant.id: "漏水.jpg"}
    row = await office.pool.fetchrow("SELECT * FROM files WHERE id = $1", meant.id)
    assert meant.secret not in row["locked"]
    assert "漏水" not in str(dict(row))


async def test_what_is_no_id_is_nothing(book: FileBook) -> None:
    for odd in ("", "fil_", "../../etc/passwd", "fil_" + "0" * 31, "fil_" + "0" * 32, "fil_\x00"):
        assert await book.find(odd) is None


async def test_the_same_bytes_of_one_complaint_are_one_file(office: Office, book: FileBook) -> None:
    number, other = await office.open(), await office.open()
    first = await add(book, number)
    second = await add(book, number)
    assert (second.id, second.created) == (first.id, False)
    assert (await add(book, other)).created


async def test_no_more_than_two_hundred(office: Office, book: FileBook) -> None:
    number = await office.open()
    await add(book, number, b"the first")
    await office.pool.execute(
        "INSERT INTO files (id, owner, data_key, locked, name_text, sha256, size, media, subkind, thumbnail, added_by) "
        "SELECT 'fil_' || lpad(n::TEXT, 32, '0'), owner, data_key, locked, name_text, sha256(n::TEXT::BYTEA), 1, media, "
        "subkind, false, added_by FROM files, generate_series(1, 198) AS n WHERE owner = $1",
        number,
    )
    assert (await add(book, number, b"the 200th")).created
    with pytest.raises(TooManyFiles, match="200 files already"):
        await add(book, number, b"the 201st")
    assert not (await add(book, number, b"the first")).created


@pytest.mark.requirement("CUS-08")
async def test_an_erased_complaint_has_no_files_any_more(office: Office, book: FileBook) -> None:
    number = await office.open()
    stored = await add(book, number)
    await book.claim(stored.id, 1)
    async with office.pool.acquire() as connection:
        await office.texts.erase(connection, number, "cs_director-1")
    assert await book.find(stored.id) is None
    assert await book.of(number) == []
    async with office.pool.acquire() as connection:
        await sweep_files(connection, datetime.now(UTC))
    assert await book.to_clear(10) == [stored.id]
    await book.cleared([stored.id])
    assert await book.to_clear(10) == []
    assert (await add(book, number)).created  # what is handed in afterwards is kept under a new key


async def test_what_no_turn_names_is_given_up_after_a_day(office: Office, book: FileBook) -> None:
    number = await office.open()
    lost, named, unheard = [await add(book, number, content) for content in (b"1", b"2", b"3")]
    await book.claim(named.id, 2)
    said = await office.say(number, "add_evidence", CLERK, subkind="photographs", document=unheard.id)
    nightly = Upkeep(office.pool)
    await nightly.sweep_words(datetime.now(UTC))
    assert await book.find(lost.id) is not None
    await nightly.sweep_words(LATER)
    assert await book.find(lost.id) is None
    turns = {file.id: file.turn for file in await book.of(number)}
    assert turns == {named.id: 2, unheard.id: said.turn}


async def test_the_files_of_a_form_move_to_its_complaint(office: Office, book: FileBook) -> None:
    drafts = IntakeDrafts(office.pool, office.texts)
    owner = await drafts.owner(CLERK, "k1")
    staged = [await add(book, owner, b"new"), await add(book, owner, b"known")]
    number = await office.open()
    known = await add(book, number, b"known")
    moved = await book.move(staged, number, CLERK)
    assert [(file.id, file.created) for file in moved] == [(staged[0].id, True), (known.id, False)]
    assert moved[0].secret == staged[0].secret
    await drafts.drop(CLERK, "k1")
    assert [file.id for file in await book.of(number)] == [staged[0].id, known.id]
    assert await book.names(moved, CLERK) == {staged[0].id: "漏水.jpg", known.id: "漏水.jpg"}
    assert await book.of(owner) == []


async def test_reading_a_file_is_on_record(office: Office, book: FileBook) -> None:
    number = await office.open()
    stored = await add(book, number)
    await book.note_reading(stored, "legal-1")
    async with office.pool.acquire() as connection:
        reads = await office.texts.reads_of(connection, number)
    assert ("legal-1", stored.id) in [(read.reader, read.text_id) for read in reads]


async def test_a_form_is_kept_encrypted_and_only_for_who_typed_it(office: Office) -> None:
    drafts = IntakeDrafts(office.pool, office.texts)
    await drafts.save(CLERK, "k1", {"text": "客厅顶棚漏水"})
    await drafts.save(CLERK, "k1", {"text": "客厅顶棚漏水,两次维修无效"})
    kept = await drafts.last(CLERK)
    assert kept is not None
    assert kept.fields == {"text": "客厅顶棚漏水,两次维修无效"}
    assert await drafts.last("cs_specialist-2") is None
    stored = await office.pool.fetch("SELECT ciphertext FROM texts WHERE kind = 'intake'")
    assert len(stored) == 1
    assert "漏水".encode() not in stored[0]["ciphertext"]
    await drafts.drop(CLERK, "k1")
    assert await drafts.last(CLERK) is None


async def test_a_form_that_became_a_complaint_is_not_kept_again(office: Office) -> None:
    drafts = IntakeDrafts(office.pool, office.texts)
    await office.open(request_key=request_key("k1"))
    await drafts.save(CLERK, "k1", {"text": "too late"})
    assert await drafts.last(CLERK) is None


async def test_forms_nobody_came_back_to_are_swept(office: Office, book: FileBook) -> None:
    drafts = IntakeDrafts(office.pool, office.texts)
    await drafts.save(CLERK, "k1", {"text": "x"})
    staged = await add(book, await drafts.owner(CLERK, "k1"))
    async with office.pool.acquire() as connection:
        await sweep_files(connection, LATER)
        assert await book.find(staged.id) is not None
        await sweep_files(connection, datetime.now(UTC) + timedelta(days=31))
    assert await book.find(staged.id) is None
    assert await drafts.known_owner(CLERK, "k1") is None
