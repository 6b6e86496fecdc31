"""The geometry of charts, drawn as inline SVG by `templates/wall/_charts.html`. Colours and patterns are classes."""

from collections.abc import Sequence
from dataclasses import dataclass

#: the drawing of a chart over time, in its own units
WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 12, 26
_TICKS = 4
_MOST_LABELS = 10


@dataclass(frozen=True)
class Mark:
    """A point or column: its place, size and value. label: what it stands for, such as a day."""

    x: float
    y: float
    width: float
    height: float
    value: int
    label: str


@dataclass(frozen=True)
class Series:
    """One line of a chart. look: the class of its colour and pattern."""

    name: str
    look: str
    marks: Sequence[Mark]

    @property
    def points(self) -> str:
        """As SVG's polyline wants them."""
        return " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in self.marks)


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Lines or columns over one axis of labels. Empty where every value is zero."""

    series: Sequence[Series]
    across: Sequence[Tick]
    up: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    floor: int = HEIGHT - _BOTTOM

    @property
    def empty(self) -> bool:
        """Whether there is nothing to see."""
        return not any(mark.value for one in self.series for mark in one.marks)


def lines(labels: Sequence[str], series: Sequence[tuple[str, str, Sequence[int]]]) -> Chart:
    """A line chart. series: (name, look, one value for each label)."""
    top = _top(max((value for _, _, values in series for value in values), default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(labels) - 1, 1)
    drawn = [
        Series(
            name,
            look,
            [
                Mark(_LEFT + place * step, _height(value, top), 0, 0, value, label)
                for place, (value, label) in enumerate(zip(values, labels, strict=True))
            ],
        )
        for name, look, values in series
    ]
    every = max(1, -(-len(labels) // _MOST_LABELS))
    across = [Tick(_LEFT + place * step, label) for place, label in enumerate(labels) if place % every == 0]
    return Chart(drawn, across, _upwards(top))


def columns(labels: Sequence[str], look: str, values: Sequence[int], name: str) -> Chart:
    """A chart of columns, one for each label."""
    top = _top(max(values, default=0))
    step = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    marks = [
        Mark(
            _LEFT + place * step + step * 0.2,
            _height(value, top),
            step * 0.6,
            HEIGHT - _BOTTOM - _height(value, top),
            value,
            label,
        )
        for place, (value, label) in enumerate(zip(values, labels, strict=True))
    ]
    across = [Tick(_LEFT + (place + 0.5) * step, label) for place, label in enumerate(labels)]
    return Chart([Series(name, look, marks)], across, _upwards(top))


def part(value: int, most: int, width: int = 100) -> float:
    """The length of a bar on a scale where `most` fills `width`; something is never drawn as nothing."""
    return max(round(width * value / most, 1), 1.0) if value and most else 0.0


def _top(most: int) -> int:
    """A round number of at least `most` that the ticks divide evenly."""
    step = 1
    while step * _TICKS < most:
        step = step * 2 if str(step)[0] in "15" else step // 2 * 5
    return step * _TICKS


def _height(value: int, top: int) -> float:
    return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - value / top)


def _upwards(top: int) -> list[Tick]:
    return [Tick(_height(value, top), str(value)) for value in range(0, top + 1, top // _TICKS)]
