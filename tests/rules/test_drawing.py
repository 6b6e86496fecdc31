"""The drawn page says what the tables say, and is current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.codes import Stage
from domain.commands import INTERNAL, MODELS
from domain.deadline_table import TABLE as DEADLINES
from domain.drawing import lifecycle_markdown
from domain.lifecycle import TABLE

PAGE = lifecycle_markdown()


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_page_is_current() -> None:
    written = Path(__file__).parents[2] / "docs" / "lifecycle.md"
    assert written.read_text("utf-8") == PAGE, "run `make docs`"


def test_every_move_is_drawn_or_said_of_every_stage() -> None:
    edges = set()
    for start, end, kinds in re.findall(r"^    (\w+) --> (\w+): (.+)$", PAGE, re.MULTILINE):
        edges |= {(start, end, kind) for kind in kinds.split(", ")}
    moves = {(stage, to, kind) for kind, row in TABLE.items() for stage in Stage for to in row.targets(stage)}
    general = {"mark_withdrawn", "link_duplicate", "file_or_register_suit"}
    assert edges == {move for move in moves if move[2] not in general}
    assert all(f"`{kind}` leads to" in PAGE for kind in general)


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_lists_what_may_be_said_and_by_whom(stage: Stage) -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", section(stage), re.MULTILINE))
    everywhere = set(re.findall(r"^\| `(\w+)` \|", section("In every open stage"), re.MULTILINE))
    sayable = {kind for kind, row in TABLE.items() if stage in row.stages} - INTERNAL
    assert listed | (everywhere & sayable) == sayable
    assert not listed & everywhere or stage in (Stage.ARCHIVED, Stage.WITHDRAWN, Stage.DUPLICATE)


def test_every_deadline_is_listed() -> None:
    names = re.findall(r"^\| `([\w/]+?)(?:/…)?` \|", section("Deadlines"), re.MULTILINE)
    assert names == [rule.name for rule in DEADLINES]


def test_no_row_is_broken() -> None:
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, re.MULTILINE):
        assert len({line.count(" | ") for line in table.strip().split("\n")}) == 1
    assert set(MODELS) == set(TABLE)
