"""The table of requirements and tests: what it counts, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import ROOT, requirements

CATALOGUE = "[AAA] First\nAAA-01 One\nAAA-02 Two\n\n[BBB] Second\nBBB-01 Three\n"


def project(folder: Path, tests: str, rule: str = '"""Holds AAA-01."""\n') -> Path:
    """A small project with one rule and one file of tests."""
    for place in ("docs", "domain", "tests"):
        (folder / place).mkdir()
    (folder / requirements.CATALOGUE).write_text(CATALOGUE)
    (folder / requirements.NOTES).write_text("BBB: comes later\nAAA-02: the second half is missing\n")
    (folder / "domain" / "rule.py").write_text(rule)
    (folder / "tests" / "test_rule.py").write_text(tests)
    return folder


def test_the_catalogue_has_every_requirement_once() -> None:
    groups = requirements.catalogue((ROOT / requirements.CATALOGUE).read_text("utf-8"))
    numbers = [one.number for group in groups for one in group.requirements]
    assert len(groups) == 23
    assert len(numbers) == len(set(numbers)) == 222
    assert [group.code for group in groups][:3] == ["LIF", "INT", "CLS"]


def test_status_comes_from_tests_and_notes(tmp_path: Path) -> None:
    tests = (
        "import pytest\n"
        '@pytest.mark.requirement("AAA-01", "AAA-02")\n'
        "def test_both(): ...\n"
        "class TestIt:\n"
        '    @pytest.mark.requirement("AAA-01")\n'
        "    async def test_one(self): ...\n"
    )
    first, second = requirements.survey(project(tmp_path, tests))
    one, two = first.requirements
    assert (one.status, one.code) == ("done", ["domain/rule.py"])
    assert one.tests == ["tests/test_rule.py::test_both", "tests/test_rule.py::TestIt::test_one"]
    assert (two.status, two.note) == ("partly", "the second half is missing")
    assert (second.requirements[0].status, second.requirements[0].note) == ("not done", "comes later")
    drawn = requirements.markdown([first, second])
    assert "| [AAA](#aaa) | First | 1 | 1 | 0 |" in drawn
    assert "[TestIt.test_one](../tests/test_rule.py)" in drawn


@pytest.mark.parametrize(
    ("tests", "rule", "complaint"),
    [
        (
            'import pytest\npytestmark = pytest.mark.requirement("AAA-09")\n',
            "",
            "tests/test_rule.py:2: .*'AAA-09'",
        ),
        (
            "import pytest\nX = 'AAA-01'\npytestmark = pytest.mark.requirement(X)\n",
            "",
            "tests/test_rule.py:3: .* X",
        ),
        ("", "#: see BBB-07\n", "domain/rule.py: there is no requirement BBB-07"),
    ],
)
def test_a_number_that_does_not_exist_is_refused(
    tmp_path: Path, tests: str, rule: str, complaint: str
) -> None:
    with pytest.raises(requirements.WrongCitation, match=complaint):
        requirements.survey(project(tmp_path, tests, rule))
