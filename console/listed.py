"""The lists of the desk by name, as far as files and work on many need them: `wall`, `wall/<figure>`, `queue/<view>`.

A list and its query come from the address of the page that shows it, so a file or a job has just what the page shows.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from starlette.datastructures import FormData

from console.desk import Desk
from console.figures import MEANINGS, says, title
from console.listed_queue import queue_list, queue_numbers
from console.listing import BATCH, Listed
from console.pages.wall import PARTS, Named, reader_of
from console.reading import NUMBER, NotThere
from console.tables_out import Cell, Row
from console.wall_query import Asked, read_query
from console.who import Who
from console.words import Words
from domain.roles import reach_of
from records.db import reaching
from records.views import wall

_LONGEST_QUERY = 4000
#: numbers a form may carry; more are a mistake or an attack
MOST_CHOSEN = 5000
_BETWEEN = re.compile(r"[\s,]+")


def fields_of(query: str) -> dict[str, str]:
    """The fields of an address's query; the last of a name counts."""
    return dict(parse_qsl(query.removeprefix("?")[:_LONGEST_QUERY], max_num_fields=100))


def numbers_in(form: FormData) -> list[str]:
    """The complaint numbers that were ticked (`number`) or handed on (`numbers`), each once; the rest is no number."""
    given = [*form.getlist("number"), *_BETWEEN.split(str(form.get("numbers", "")))]
    return list(dict.fromkeys(str(one) for one in given if NUMBER.fullmatch(str(one))))[:MOST_CHOSEN]


async def numbers_of(desk: Desk, who: Who, listed: str, query: str, most: int) -> list[str]:
    """The complaint numbers of a list, each once, at most so many. Raises NotThere for what is no list."""
    place, _, name = listed.partition("/")
    if place == "queue":
        return await queue_numbers(desk, who, name, query, most)
    if place == "wall" and name in wall.FIGURES:
        asked = read_query(fields_of(query), desk.now(), desk.pages.words(who.language))
        return await _numbers(wall_lines(desk, who, name, asked, most), most)
    raise NotThere


async def _numbers(lines: AsyncIterator[wall.Line], most: int) -> list[str]:
    found: dict[str, None] = {}
    async for line in lines:
        found.setdefault(line.number)
        if len(found) >= most:
            break
    return list(found)


async def wall_lines(desk: Desk, who: Who, figure: str, asked: Asked, most: int) -> AsyncIterator[wall.Line]:
    """The cases behind a figure, batch by batch, at most so many."""
    chosen = figure == wall.SELECTED
    reader = wall.Reader(reach_of(who.asker), None) if chosen else reader_of(who)
    now, after, left = desk.now(), None, most
    while left > 0:
        with reaching():
            async with desk.office.pool.acquire() as connection:
                lines = await wall.lines(
                    connection,
                    figure,
                    reader,
                    asked.scope,
                    now,
                    asked.rows,
                    after=after,
                    limit=min(BATCH, left),
                )
        for line in lines:
            yield line
        if len(lines) < min(BATCH, left):
            return
        left, after = left - len(lines), wall.place_of(lines[-1])


async def find_list(desk: Desk, who: Who, listed: str, query: str) -> Listed:
    """The list of this name as a table. Raises NotThere for what is no list, HTTPException 403 for the wall's others."""
    place, _, name = listed.partition("/")
    words = desk.pages.words(who.language)
    if place == "queue":
        return await queue_list(desk, who, name, query)
    if place == "wall":
        asked = read_query(fields_of(query), desk.now(), words)
        if listed == "wall":
            return await _figures(desk, who, asked, words)
        if name in wall.FIGURES:
            return await _cases(desk, who, name, asked, words)
    raise NotThere


async def _cases(desk: Desk, who: Who, figure: str, asked: Asked, words: Words) -> Listed:
    """The columns of the page `wall/list.html`, and the codes a calculation wants."""
    if figure != wall.SELECTED:
        reader_of(who)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            named = Named(words, *await wall.names(connection, []))
    share = figure != wall.SELECTED and wall.FIGURES[figure].kind == "share"

    async def rows(most: int) -> AsyncIterator[Row]:
        async for line in wall_lines(desk, who, figure, asked, most):
            number, *rest = _row(line, named)
            yield [number, *(_result(line, figure, words) if share else ()), *rest]

    name = words.gettext("Selected complaints") if figure == wall.SELECTED else title(words, figure)
    return Listed(name, _heads(words, MEANINGS[figure].day if share else ""), rows, dict(asked.given))


def _heads(words: Words, day: str = "") -> tuple[str, ...]:
    """The columns of `_row`; those of a share have its result and its day, called so (a msgid), after the number."""
    _ = words.gettext
    return (
        _("Number"), *((_("Result"), _(day)) if day else ()), _("Stage"), _("Flags"), _("Handling"), _("Type"),
        _("Cause"), _("Severity"), _("Department"), _("Owner"), _("Project"), _("Channel"), _("Received"),
        _("Next deadline"), _("Due on"), _("Overdue"), _("Closed"),
    )  # fmt: skip


def _result(line: wall.Line, figure: str, words: Words) -> list[Cell]:
    return [words.gettext(MEANINGS[figure].result(line.hit)), line.at]


def _row(line: wall.Line, named: Named) -> list[Cell]:
    words = named.words
    return [
        line.number,
        words.name("stage", line.stage),
        ", ".join(words.name("flag", flag) for flag in line.flags),
        line.round,
        words.name("type", line.type) if line.type else None,
        words.name("cause", line.cause) if line.cause else None,
        words.name("severity", line.severity) if line.severity else None,
        named.of("desk", line.desk),
        line.owner_name or line.owner,
        named.of("project", line.project) if line.project else None,
        words.name("channel", line.channel),
        line.received_at,
        words.deadline(line.due_name) if line.due_name else None,
        line.due_at,
        ", ".join(words.deadline(name) for name in line.breached),
        line.ended_at,
    ]


async def find_selected(desk: Desk, who: Who, numbers: Sequence[str]) -> Listed:
    """Complaints chosen one by one; those that are not the reader's to read are left out."""
    words = desk.pages.words(who.language)
    asked = read_query({}, desk.now(), words)
    chosen = replace(asked, scope=replace(asked.scope, numbers=tuple(numbers)))
    listed = await _cases(desk, who, wall.SELECTED, chosen, words)
    return replace(listed, filters={"numbers": list(numbers)})


async def _figures(desk: Desk, who: Who, asked: Asked, words: Words) -> Listed:
    """Every figure, whole and by each dimension, with its definition."""
    reader = reader_of(who)
    with reaching():
        async with desk.office.pool.acquire() as connection:
            counted = await wall.count(connection, reader, asked.scope, desk.now())
            people = sorted(
                {code for (_, part), codes in counted.parts.items() if part == "who" for code in codes}
            )
            named = Named(words, *await wall.names(connection, people))
    _ = words.gettext
    parts = {"all": _("All"), "stage": _("Stage"), "desk": _("Department"), "type": _("Type"), "project": _("Project"),
             "cause": _("Cause"), "channel": _("Channel"), "who": _("Person"), "age": _("Age")}  # fmt: skip
    heads = (_("Figure"), _("By"), _("Which"), _("Count"), _("Of these"), _("Share"), _("On hold, not counted"), _("Definition"))  # fmt: skip

    async def rows(most: int) -> AsyncIterator[Row]:
        left = most
        for figure, kind in ((one.name, one.kind) for one in wall.FIGURES.values()):
            for part in ("all", *PARTS, "age"):
                for code, tally in sorted(counted.of(figure, part).items()):
                    if (left := left - 1) < 0:
                        return
                    share = kind == "share"
                    yield [
                        title(words, figure),
                        parts[part],
                        "" if part == "all" else named.of(part, code),
                        tally.total,
                        tally.hits if share else None,
                        round(tally.share, 4) if share and tally.share is not None else None,
                        tally.held or None,
                        says(words, figure),
                    ]

    return Listed(_("Overview"), heads, rows, dict(asked.given))
