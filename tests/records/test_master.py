"""Master data from files: every mistake named, all or nothing, the same again changes nothing."""

from datetime import date

import pytest

from domain.codes import Line
from records.db import Connection
from records.master import (
    Imported,
    ImportRefused,
    customers_of_unit,
    find_place,
    import_customers,
    import_units,
)
from records.texts import Texts

UNITS = """project,project_name,line,building,unit,handed_over_on,warranty_until
jinlan,示例·锦澜苑,sales,3栋,3栋1单元802,2025-06-30,2027-06-30
jinlan,示例·锦澜苑,sales,1栋,1栋1102,,
qinghe,示例·青禾公寓,brokerage,,1204,,
"""
CUSTOMERS = """reference,name,contact,preferred,language,project,unit,relation
C-1,林女士,000-0000-0001,telephone,zh-CN,jinlan,3栋1单元802,owner
C-1,林女士,000-0000-0001,telephone,zh-CN,示例·青禾公寓,1204,landlord
C-2,周先生,000-0000-0002,,,,,
"""


@pytest.mark.requirement("ORG-04")
async def test_units_are_imported_once(connection: Connection) -> None:
    assert await import_units(connection, UNITS.encode(), "units.csv") == Imported(3, 3, 0)
    again = await import_units(connection, UNITS.encode("utf-8-sig"), "units.csv")
    assert (again, again.same) == (Imported(3, 0, 0), 3)
    changed = UNITS.replace("2027-06-30", "2030-06-30")
    assert await import_units(connection, changed.encode("gb18030"), "units.csv") == Imported(3, 0, 1)
    place = await find_place(connection, "jinlan", "3栋1单元802")
    assert (place.handed_over_on, place.warranty_until) == (date(2025, 6, 30), date(2030, 6, 30))


async def test_a_place_is_found_as_people_write_it(connection: Connection) -> None:
    await import_units(connection, UNITS.encode(), "units.csv")
    place = await find_place(connection, "示例·锦澜苑", "3栋 1单元 802")
    assert (place.project, place.unit, place.line) == ("jinlan", "3栋1单元802", Line.SALES)
    elsewhere = await find_place(connection, "jinlan", "99栋")
    assert (elsewhere.project, elsewhere.unit) == ("jinlan", None)
    assert (await find_place(connection, "无此项目", "1")).project is None
    assert (await find_place(connection, None)).project is None


async def test_every_mistake_is_named_and_nothing_is_written(connection: Connection) -> None:
    bad = (
        UNITS
        + "jin lan,x,sales,,1,,\njinlan,示例·锦澜苑,hotel,,2,2026-13-01,\njinlan,y,sales,,3,2026-02-01,2026-01-01\nshort\n"
    )
    with pytest.raises(ImportRefused) as refused:
        await import_units(connection, bad.encode(), "units.csv")
    problems = refused.value.problems
    assert [problem.partition(",")[0].partition(" ")[0].rstrip(":") for problem in problems] == [
        "units.csv:5",
        "units.csv:6",
        "units.csv:6",
        "units.csv:7",
        "units.csv:8",
    ]
    assert "'hotel': Input should be 'sales', 'brokerage' or 'property'" in problems[1]
    assert "handed_over_on: '2026-13-01'" in problems[2]
    assert "warranty_until must not be before handed_over_on" in problems[3]
    assert "another number of columns" in problems[4]
    assert await connection.fetchval("SELECT count(*) FROM units") == 0


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"project,unit\na,b\n", "column project_name is missing"),
        (b"project,project_name,unit,colour\na,b,c,d\n", "column 'colour' is unknown; accepted: project,"),
        (b"", "column project is missing"),
        (b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        (b'project,project_name,unit\na,"b,c\n', "unexpected end of data"),
        (b"project,project_name,unit\na,b\x07,c\n", "control characters"),
    ],
)
async def test_a_file_of_another_form_is_refused(connection: Connection, data: bytes, problem: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        await import_units(connection, data, "units.csv")
    assert problem in refused.value.problems[0]


@pytest.mark.requirement("CUS-01", "CUS-04", "CUS-07")
async def test_customers_are_kept_encrypted_and_found_again(connection: Connection, texts: Texts) -> None:
    await import_units(connection, UNITS.encode(), "units.csv")
    assert await import_customers(connection, texts, CUSTOMERS.encode(), "c.csv") == Imported(3, 2, 1)
    assert await import_customers(connection, texts, CUSTOMERS.encode(), "c.csv") == Imported(3, 0, 0)
    row = await connection.fetchrow(
        "SELECT id, name_text, contact_text FROM customers WHERE reference = 'C-1'"
    )
    ids = [row["name_text"], row["contact_text"]]
    words = await texts.read(connection, ids, "cs_specialist-1", of=row["id"])
    assert words == {row["name_text"]: "林女士", row["contact_text"]: "000-0000-0001"}
    assert await texts.find_contact(connection, "00000000001") == [row["id"]]
    assert await customers_of_unit(connection, "jinlan", "3栋1单元802") == [(row["id"], "owner")]
    dump = await connection.fetchval("SELECT string_agg(c::TEXT, ' ') FROM customers AS c")
    assert "林女士" not in dump
    assert "000-0000-0001" not in dump


async def test_a_changed_contact_replaces_the_old_one(connection: Connection, texts: Texts) -> None:
    await import_units(connection, UNITS.encode(), "units.csv")
    await import_customers(connection, texts, CUSTOMERS.encode(), "c.csv")
    changed = CUSTOMERS.replace("000-0000-0002", "000-0000-0099")
    assert await import_customers(connection, texts, changed.encode(), "c.csv") == Imported(3, 0, 1)
    assert await texts.find_contact(connection, "000-0000-0002") == []
    assert len(await texts.find_contact(connection, "000-0000-0099")) == 1
    assert await connection.fetchval("SELECT count(*) FROM texts") == 4


async def test_customers_of_unknown_units_are_refused(connection: Connection, texts: Texts) -> None:
    await import_units(connection, UNITS.encode(), "units.csv")
    bad = (
        CUSTOMERS
        + "C-3,甲,1,,,jinlan,9栋,owner\nC-4,乙,2,,,nowhere,1,owner\nC-5,丙,3,,,jinlan,,\nC-1,丁,4,,,,,\nC-6,戊,5,,,jinlan,1栋1102,guest\n"
    )
    with pytest.raises(ImportRefused) as refused:
        await import_customers(connection, texts, bad.encode(), "c.csv")
    assert "project, unit and relation belong together" in refused.value.problems[0]
    assert "owner, tenant, buyer, landlord" in refused.value.problems[1]
    fixed = bad.replace("C-5,丙,3,,,jinlan,,\n", "").replace("C-6,戊,5,,,jinlan,1栋1102,guest\n", "")
    with pytest.raises(ImportRefused) as refused:
        await import_customers(connection, texts, fixed.encode(), "c.csv")
    assert [problem.partition(":")[2] for problem in refused.value.problems] == [
        "5, unit: '9栋' is not a unit of jinlan; import it first",
        "6, project: 'nowhere' is not in the master data; import its units first",
        "7, reference: 'C-1' has other particulars than in line 2",
    ]
    assert await connection.fetchval("SELECT count(*) FROM customers") == 0
