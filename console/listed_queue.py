"""The lists of the desk as tables: the same filter, order and columns as their page, names masked as they are there."""

from collections.abc import AsyncIterator, Callable, Mapping
from urllib.parse import parse_qsl

from console.desk import Desk
from console.listing import BATCH, Listed
from console.lists.asking import Asked, read_asked
from console.lists.columns import COLUMNS, LISTS, chosen
from console.reading import NotThere
from console.tables_out import Cell, Row
from console.who import Who
from console.words import Words
from console.words.times import ZONE
from records import jobs
from records.db import reaching
from records.views import queue
from records.views.queue import Line, Reader

_LONGEST_QUERY = 4000
#: filters that may stand in the log of files; digests of contacts and what was searched for may not
_LOGGED_APART = frozenset({"mark", "q"})


def asked_of(desk: Desk, who: Who, query: str) -> Asked:
    """What the query of a list's address asks for; what is not understood is left out, as on the page."""
    pairs = parse_qsl(query.removeprefix("?")[:_LONGEST_QUERY], max_num_fields=100)
    return read_asked(pairs, desk.pages.words(who.language), who.id)


async def queue_numbers(desk: Desk, who: Who, view: str, query: str, most: int) -> list[str]:
    """The numbers of all complaints of a list, at most so many. Raises NotThere for what is no list."""
    if view not in LISTS:
        raise NotThere
    asked = asked_of(desk, who, query)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            return await jobs.numbers_of(connection, _reader(desk, who), view, asked.sort, asked.wanted, most)


async def queue_list(desk: Desk, who: Who, view: str, query: str) -> Listed:
    """A list as a table. Raises NotThere for what is no list."""
    if view not in LISTS:
        raise NotThere
    asked, words = asked_of(desk, who, query), desk.pages.words(who.language)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            frame = await queue.frame(connection, _reader(desk, who), view)
            tags = {
                code: zh if words.language.startswith("zh") else en
                for code, zh, en in (await queue.choices(connection, desk.now())).tags
            }
    saved = next((one for one in frame.saved if one.id == asked.saved), None)
    columns = [code for code in chosen(saved.columns if saved else frame.columns) if code in _CELLS]
    _ = words.gettext
    heads: list[str] = [_("Number")]
    for code in columns:
        heads += [_("Customer"), _("Unit")] if code == "customer" else [_(COLUMNS[code])]
    heads += [_("Next deadline"), _("Due on"), _("Time left")]
    now = desk.now()

    async def rows(most: int) -> AsyncIterator[Row]:
        async for line in _lines(desk, who, view, asked, most):
            cells: list[Cell] = [line.number]
            for code in columns:
                cells += _CELLS[code](line, words, tags)
            left = words.left(line.due_at, now) if line.due_at else None
            yield [*cells, words.deadline(line.due_name) if line.due_name else None, line.due_at, left]

    logged = {name: value for name, value in asked.given if name not in _LOGGED_APART}
    searched = {"searched": True} if any(name in _LOGGED_APART for name, _value in asked.given) else {}
    return Listed(_(LISTS[view][0]), tuple(heads), rows, {**logged, **searched})


async def _lines(desk: Desk, who: Who, view: str, asked: Asked, most: int) -> AsyncIterator[Line]:
    reader, after, left = _reader(desk, who), None, most
    while left > 0:
        with reaching():
            async with desk.office.pool.acquire() as connection:
                lines, after = await queue.lines(
                    connection,
                    desk.office.texts,
                    reader,
                    view,
                    asked.sort,
                    asked.wanted,
                    after=after,
                    limit=min(BATCH, left),
                )
        for line in lines:
            yield line
        left -= len(lines)
        if after is None:
            return


def _reader(desk: Desk, who: Who) -> Reader:
    now = desk.now()
    return Reader(who.asker, now, queue.end_of_day(now, ZONE))


def _named(kind: str, code: str | None, words: Words) -> str | None:
    return words.name(kind, code) if code else None


def _marks(line: Line, words: Words, tags: Mapping[str, str]) -> str:
    flags = [words.name("flag", flag) for flag in line.flags]
    return ", ".join([*flags, *(tags.get(code, code) for code, _, _ in line.tags)])


#: column → its cells in a row; tags: code → name
_CELLS: Mapping[str, Callable[[Line, Words, Mapping[str, str]], list[Cell]]] = {
    "customer": lambda line, words, tags: [line.customer, line.unit],
    "type": lambda line, words, tags: [_named("type", line.type, words)],
    "stage": lambda line, words, tags: [_named("stage", line.stage, words)],
    "owner": lambda line, words, tags: [line.owner_name or line.owner],
    "lead": lambda line, words, tags: [
        line.lead_name or line.lead_person or _named("role", line.lead, words)
    ],
    "marks": lambda line, words, tags: [_marks(line, words, tags)],
    "project": lambda line, words, tags: [line.project_name],
    "round": lambda line, words, tags: [line.round],
    "channel": lambda line, words, tags: [_named("channel", line.channel, words)],
    "received": lambda line, words, tags: [line.received_at],
    "cause": lambda line, words, tags: [_named("cause", line.cause, words)],
    "desk": lambda line, words, tags: [_named("department", line.desk, words)],
    "result": lambda line, words, tags: [_named("result", line.result, words)],
}
