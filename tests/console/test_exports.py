"""Lists taken out as files: what is in them, what cannot be run from them, and that it is on record."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from httpx2 import Response
from openpyxl import load_workbook

from console.pages import exports
from console.tables_out import Row, Table, csv_pieces, safe, xlsx_pieces
from tests.console.lives import to_feedback
from tests.console.served import Site

ZONE = ZoneInfo("Asia/Shanghai")
HOSTILE = [
    "=1+1",
    "+SUM(A1:A9)",
    "-2+3",
    '@SUM(1)|"cmd"!A1',
    "\t=1",
    "\r=1",
    "\n=cmd|' /C calc'!A0",
    ' =HYPERLINK("http://x")',
    "　=1",
    "＝1+1",
    "－1",
]
#: signs that XLSX cannot hold, before what would calculate once they are dropped
MASKED = ["\x01=1+1", "\x1f\x0b+1", " \x02@SUM(1)", "\ud800=1"]
PLAIN = [
    '他说:"漏水",两次',
    "第一行\n第二行\r\n第三行",
    "a,b;c\td",
    "'引号",
    "𠮷野家",
    "",
    "2026-000123",
    "1-2",
]


async def rows_of(cells: Sequence[Any]) -> AsyncIterator[Row]:
    for cell in cells:
        yield [cell, "x"]


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    cells = list(sheet.iter_rows())
    assert not [cell for row in cells for cell in row if cell.data_type == "f"]
    return [[cell.value for cell in row] for row in cells]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_would_calculate_is_led_in_by_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", MASKED)
def test_what_no_cell_can_hold_hides_no_formula(text: str) -> None:
    shown = "".join(sign for sign in text if sign.isprintable())
    assert safe(text) == f"'{shown}"


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_plain_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


async def test_csv_comes_back_as_it_was_written() -> None:
    """Chinese, quotes, separators and line breaks through Python's own reader; hostile cells with their apostrophe."""
    table = Table("列表", ["表头", "=B"], ZONE)
    content = b"".join([piece async for piece in csv_pieces(table, rows_of(HOSTILE + PLAIN))])
    head, *rows = read_csv(content)
    assert head == ["表头", "'=B"]
    assert [row[0] for row in rows] == [*(f"'{text}" for text in HOSTILE), *PLAIN]


def _one_line(text: str) -> str:
    """Without the line ends, of which XML keeps one kind only."""
    return text.replace("_x000D_", "").replace("\r", "").replace("\n", "")


async def test_xlsx_holds_no_formula_and_real_dates() -> None:
    at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    cells = [*HOSTILE, *PLAIN, at, 12, None, "x" * 40_000, "control \x07 sign"]
    content = b"".join(
        [piece async for piece in xlsx_pieces(Table("a/b:[c]", ["h", "=B"], ZONE), rows_of(cells))]
    )
    head, *rows = read_xlsx(content)
    found = [row[0] for row in rows]
    assert head == ["h", "'=B"]
    written = [_one_line(text) for text in (*(f"'{hostile}" for hostile in HOSTILE), *PLAIN)]
    assert [_one_line(str(text or "")) for text in found[: len(written)]] == written
    assert found[len(written) : len(written) + 3] == [at.astimezone(ZONE).replace(tzinfo=None), 12, None]
    assert len(found[-2]) == 32_767
    assert found[-1] == "control  sign"


async def test_a_long_table_comes_in_pieces() -> None:
    """A file is not built up in memory before its first byte goes out."""
    taken = 0

    async def many() -> AsyncIterator[Row]:
        nonlocal taken
        for place in range(20_000):
            taken = place + 1
            yield [f"{place}-行", "y" * 20]

    pieces = csv_pieces(Table("t", ["a", "b"], ZONE), many())
    first = await anext(pieces)
    assert taken < 5_000
    content = first + b"".join([piece async for piece in pieces])
    assert len(read_csv(content)) == 20_001


async def logged(site: Site, user: str) -> list[dict[str, Any]]:
    rows = await site.desk.office.pool.fetch("SELECT * FROM exports WHERE by = $1 ORDER BY id", user)
    return [dict(row) for row in rows]


def name_of(answer: Response) -> str:
    return answer.headers["content-disposition"].partition('filename="')[2].rstrip('"')


async def test_the_file_has_the_rows_of_the_list_and_is_on_record(site: Site) -> None:
    number = await to_feedback(site.house)
    director = await site.signed_in("cs_director-2")
    page = await director.get("/wall/list/open_now?stage=FEEDBACK")
    answer = await director.get("/export?list=wall/open_now&stage=FEEDBACK&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert name_of(answer) == f"redress-wall-open-now-{site.desk.now().astimezone(ZONE):%Y-%m-%d}.csv"
    head, *rows = read_csv(answer.content)
    assert head[0] == "Number"
    assert number in [row[0] for row in rows]
    assert all(row[0] in page.text for row in rows)
    workbook = read_xlsx(
        (await director.get("/export?list=wall/open_now&stage=FEEDBACK&format=xlsx")).content
    )
    assert [row[0] for row in workbook] == [head[0], *(row[0] for row in rows)]
    entries = await logged(site, "cs_director-2")
    assert [(one["list"], one["format"], one["rows"], one["capped"], one["filter"]) for one in entries] == [
        ("wall/open_now", form, len(rows), False, {"stage": "FEEDBACK"}) for form in ("csv", "xlsx")
    ]


async def test_figures_as_a_file_say_what_they_mean(site: Site) -> None:
    await to_feedback(site.house)
    leader = await site.signed_in("top_leader-2", language="zh-CN")
    head, *rows = read_csv((await leader.get("/export?list=wall")).content)
    assert len(head) == 8
    assert {row[7] for row in rows if row[0] == rows[0][0]} == {rows[0][7]}
    assert int(rows[0][3]) >= 1


async def test_a_queue_as_a_file_masks_as_its_page_does(site: Site) -> None:
    """Customer service sees the name whole, an auditor its first character; a formula as a name does not run."""
    await site.house.open(name="=HYPERLINK(1)林", contact="139-0000-0001", unit="@1栋", project="示例·出表苑")
    for user, name, unit in (("cs_director-1", "'=HYPERLINK(1)林", "'@1栋"), ("auditor-1", "'=**", "'@**")):
        client = await site.signed_in(user)
        answer = await client.get("/export?list=queue/all&project=示例·出表苑")
        head, row = read_csv(answer.content)
        cells = dict(zip(head, row, strict=True))
        assert (cells["Customer"], cells["Unit"]) == (name, unit), user
    lawyer = await site.signed_in("legal-1")
    assert len(read_csv((await lawyer.get("/export?list=queue/all&project=示例·出表苑")).content)) == 1


async def test_what_was_searched_for_is_not_on_record(site: Site) -> None:
    auditor = await site.signed_in("auditor-2")
    await auditor.get(f"/export?list=queue/all&mark={'ab' * 16}&q=4711&type=PRICE")
    [entry] = await logged(site, "auditor-2")
    assert entry["filter"] == {"type": "PRICE", "searched": True}


async def test_a_file_that_is_cut_off_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap is set to one row: the size of the cap is not what is asked about."""
    for _ in range(2):
        await to_feedback(site.house)
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    leader = await site.signed_in("duty_leader-1")
    rows = read_csv((await leader.get("/export?list=wall/open_now")).content)
    assert len(rows) == 3
    assert rows[2] == ["Cut off after 1 rows; narrow the filter for the rest."]
    [entry] = await logged(site, "duty_leader-1")
    assert (entry["rows"], entry["capped"]) == (1, True)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("list=nothing", 404),
        ("list=queue/nothing", 404),
        ("list=wall/nothing", 404),
        ("list=../../etc/passwd", 404),
        ("list=wall&format=exe", 422),
        ("", 404),
    ],
)
async def test_what_is_no_list_is_not_there(site: Site, query: str, status: int) -> None:
    director = await site.signed_in("cs_director-1")
    assert (await director.get(f"/export?{query}")).status_code == status


async def test_only_ones_own_cases_go_out_by_number(site: Site) -> None:
    """Foreign numbers in the selection are left out as if they were not there."""
    mine, other = await to_feedback(site.house), await site.house.open()
    manager = await site.signed_in("project_manager-1")
    answer = await manager.post(
        "/export", data={"numbers": f"{mine} {other} 2026-999999999", "format": "csv"}
    )
    assert [row[0] for row in read_csv(answer.content)] == ["Number", mine]
