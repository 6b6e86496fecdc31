"""The sample cases, played once for all tests of whole lives."""

import pytest

from domain.hearing import Book
from starter.cases.playing import play, shelf
from starter.cases.report import CaseReport
from tests.lives.samples import NOW, SAMPLES


@pytest.fixture(scope="session")
def book() -> Book:
    """All policies and calendars that come with the software."""
    return shelf()


@pytest.fixture(scope="session")
def reports(book: Book) -> dict[str, CaseReport]:
    """The report of each sample case, by its id."""
    return {report.id: report for report in play(SAMPLES, now=NOW, book=book)}
