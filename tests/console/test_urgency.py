"""When a running deadline begins to press."""

from datetime import UTC, datetime, timedelta

import pytest

from console.urgency import is_soon

START = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
H, D = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("whole", "left", "soon"),
    [
        (30 * D, 7 * D, False),
        (30 * D, 6 * D, True),
        (24 * H, 5 * H, False),
        (24 * H, 4.8 * H, True),
        (4 * H, 2.1 * H, False),
        (4 * H, 2 * H, True),
        (2 * H, 1 * H, True),
        (2 * H, 2 * H, True),
        (1 * H, -1 * H, True),
    ],
)
def test_the_last_fifth_presses_and_so_do_the_last_two_hours(
    whole: timedelta, left: timedelta, soon: bool
) -> None:
    assert is_soon(START, START + whole, START + whole - left) is soon
