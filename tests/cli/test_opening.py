"""`open` and `import`: what gets in, what does not, and that nothing is half done."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import SUBMISSION, Redress, written

CASE = """
- id: SC-77
  received_at: 2026-03-05T10:00:00+08:00
  channel: email
  external_id: {external_id}
  customer: {{name: 周先生, contact: 000-0000-0002}}
  place: {{project: 示例·望江府, unit: 6栋2301}}
  text_zh: '电梯停了两天'
  policy: {{negotiation_days: 10}}
"""


def total(here: Redress) -> int:
    """How many complaints there are."""
    return len(here("list", "--all", "--limit", "10000", "--json").data)


@pytest.mark.requirement("INT-04")
def test_the_form_of_the_post_and_of_the_cases_file_get_in(here: Redress, tmp_path: Path) -> None:
    many = written(
        tmp_path / "many.json", [SUBMISSION, {**SUBMISSION, "text": "🏠 مرحبا\u200d 漏" + "水" * 99_000}]
    )
    opened = here("open", many, "--json")
    assert opened.code == 0
    numbers = [one["number"] for one in opened.data]
    assert len(set(numbers)) == 2
    assert all(number.startswith("2026-") for number in numbers)
    assert [one["created"] for one in opened.data] == [True, True]

    case = tmp_path / "case.yaml"
    case.write_text(CASE.format(external_id="mail-1"), "utf-8")
    line = here("open", case).out
    assert "opened · REGISTERED · SC-77" in line
    number = line.split()[0]
    sheet = here("show", number, "--json").data
    assert (sheet["channel"], sheet["external_id"], sheet["text"]) == ("email", "mail-1", "电梯停了两天")

    markdown = tmp_path / "case.md"
    markdown.write_text(f"# Cases\n\n```yaml{CASE.format(external_id='mail-2')}```\n", "utf-8")
    assert here("open", markdown, "--json").data[0]["created"]


@pytest.mark.requirement("INT-04")
def test_the_same_external_id_is_the_same_complaint_and_other_content_is_refused(
    here: Redress, tmp_path: Path
) -> None:
    first = {**SUBMISSION, "external_id": "hotline-778812"}
    number = here("open", written(tmp_path / "a.json", first), "--json").data[0]["number"]
    before = total(here)
    again = here("open", written(tmp_path / "b.json", first), "--json").data[0]
    assert (again["number"], again["created"]) == (number, False)
    other = here("open", written(tmp_path / "c.json", {**first, "text": "另一件事"}))
    assert other.code == 2
    assert number in other.err
    assert len(other.err.splitlines()) == 1
    assert total(here) == before


#: What is changed in a good submission → what the sentence must name.
BAD: list[tuple[dict[str, Any], str]] = [
    ({"received_at": "2026-03-02T09:20:00"}, "received_at: a time needs its zone"),
    ({"received_at": "2026-02-30T09:20:00+08:00"}, "received_at"),
    ({"received_at": "2012-01-01T00:00:00+08:00"}, "more than ten years back"),
    ({"received_at": "2099-01-01T00:00:00+08:00"}, "lies in the future"),
    ({"channel": "fax"}, "channel"),
    ({"text": "x" * 100_001}, "100001 characters, at most 100000"),
    ({"text": "a\x00b"}, "control characters"),
    ({"text": "   "}, "text"),
    ({"customer": {"name": "x", "contact": "1" * 201}}, "201 characters, at most 200"),
    ({"place": {}}, "place.project"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.requirement("INT-03")
def test_bad_input_names_the_field_and_opens_nothing(here: Redress, tmp_path: Path) -> None:
    before = total(here)
    for changes, sentence in BAD:
        answer = here("open", written(tmp_path / "bad.json", {**SUBMISSION, **changes}))
        assert (answer.code, answer.out) == (2, ""), changes.keys()
        assert sentence in answer.err
        assert len(answer.err.splitlines()) == 1, answer.err
    for name, text in (("empty.json", "[]"), ("none.yaml", "- 3\n"), ("broken.yaml", "a: [1\n b: }")):
        (tmp_path / name).write_text(text)
        assert here("open", tmp_path / name).code == 2, name
    assert here("open", tmp_path / "missing.json").code == 2
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in here("open", tmp_path / "bytes.json").err
    mixed = [SUBMISSION, {**SUBMISSION, "channel": "fax"}, {**SUBMISSION, "text": ""}]
    answer = here("open", written(tmp_path / "mixed.json", mixed))
    assert (answer.code, len(answer.err.splitlines())) == (2, 2)
    assert here("open", written(tmp_path / "x.json", SUBMISSION), "--received", "2026-01-01").code == 2
    assert "works here" in here("open", tmp_path / "x.json", "--as", "stranger-1").err
    assert total(here) == before


HEAD = "external_id,channel,received_at,name,contact,project,unit,text"
PRESENT = "stage,entered_at,registered_at,type,cause,severity,department,lead"


@pytest.mark.requirement("INT-04")
def test_a_csv_file_is_taken_in_once(here: Redress, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    rows = [
        'csv-1,telephone,2026-03-02T09:20:00+08:00,林女士,000-0000-0009,示例·锦澜苑,1-1,"漏水, 很久"',
        ",email,2026-03-02T10:20:00+08:00,周先生,zhou@example.com,示例·锦澜苑,1-2,门坏了",
    ]
    file.write_bytes("\n".join([HEAD, *rows]).encode("gb18030"))
    first = here("import", file, "--json")
    assert (first.code, [one["created"] for one in first.data]) == (0, [True, True])
    again = here("import", file, "--json").data
    assert [(one["number"], one["created"]) for one in again] == [
        (one["number"], False) for one in first.data
    ]
    assert here("show", first.data[0]["number"], "--json").data["text"] == "漏水, 很久"


def test_every_mistake_of_a_csv_file_is_told_with_line_and_column(here: Redress, tmp_path: Path) -> None:
    before = total(here)
    file = tmp_path / "bad.csv"
    good = "csv-9,telephone,2026-03-02T09:20:00+08:00,林女士,000-0000-0009,示例·锦澜苑,1-1,漏水"
    file.write_text(
        "\n".join([HEAD, good, good.replace("telephone", "fax"), good.replace("+08:00", ""), "a,b"]), "utf-8"
    )
    answer = here("import", file)
    assert answer.code == 2
    for told in ("bad.csv:3, channel", "bad.csv:4, received_at", "bad.csv:5: has another number of columns"):
        assert told in answer.err
    file.write_text(HEAD.replace("text", "words") + "\n" + good, "utf-8")
    assert "column text is missing, column 'words' is unknown" in here("import", file).err
    assert total(here) == before


def test_running_complaints_are_taken_over_in_their_stage_and_nobody_is_told(
    here: Redress, tmp_path: Path
) -> None:
    file = tmp_path / "running.csv"
    row = (
        "old-1,telephone,2026-03-02T09:20:00+08:00,林女士,000-0000-0009,示例·锦澜苑,1-1,漏水,"
        "INVESTIGATING,2026-03-04T09:00:00+08:00,2026-03-02T10:00:00+08:00,PRODUCT,ENGINEERING,simple,"
        "engineering,PROJECT_MANAGER"
    )
    file.write_text(f"{HEAD},{PRESENT}\n{row}\n", "utf-8")
    taken = here("import", file, "--open-at", "--json")
    assert (taken.code, taken.data[0]["stage"]) == (0, "INVESTIGATING")
    number = taken.data[0]["number"]
    found = here("deadlines", number, "--json").data
    missed = {one["name"] for one in found if one["state"] == "fired"}
    assert {"first_response_hours", "handling_days", "inv_days"} <= missed
    assert all("settled_at" in one for one in found if one["state"] == "fired")
    assert any(one["state"] == "open" for one in found)
    assert here("import", file, "--open-at", "--json").data[0] == {**taken.data[0], "created": False}
    file.write_text(
        f"{HEAD},{PRESENT}\n{row.replace('INVESTIGATING', 'ARCHIVED').replace('old-1', 'old-2')}\n", "utf-8"
    )
    assert "stage" in here("import", file, "--open-at").err
    assert here("import", file, "--open-at", "--of", "units").code == 2


@pytest.mark.requirement("ORG-04")
def test_units_and_customers_are_imported(here: Redress, tmp_path: Path) -> None:
    units, customers = tmp_path / "units.csv", tmp_path / "customers.csv"
    units.write_text("project,project_name,unit\nP-1,示例·云栖里,1-101\n", "utf-8")
    customers.write_text(
        "reference,name,contact,project,unit,relation\nC-1,林女士,000-1,P-1,1-101,owner\n", "utf-8"
    )
    assert here("import", customers, "--of", "customers").code == 2
    assert here("import", units, "--of", "units", "--json").data == {
        "rows": 1,
        "added": 1,
        "changed": 0,
        "same": 0,
    }
    assert here("import", customers, "--of", "customers", "--json").data["added"] == 1
    assert here("import", units, "--of", "units", "--json").data["same"] == 1
    placed = {**SUBMISSION, "place": {"project": "示例·云栖里", "unit": "1-101"}}
    number = here("open", written(tmp_path / "placed.json", placed), "--json").data[0]["number"]
    assert json.loads(here("show", number, "--json").out)["project"] == "P-1"
