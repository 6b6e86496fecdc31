"""What a run found, for people (a table) and for programs (JSON)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import counts, memory, pages, ratios
from bench.clicks import Clicks
from bench.counts import LifeCount, TurnCount
from bench.memory import Memory
from bench.pages import Pages
from bench.processes import Machine
from bench.ratios import Comparison, Ratio
from bench.rules import Rules


@dataclass(frozen=True)
class Counts:
    """Section 1: the same in every run."""

    turns: tuple[TurnCount, ...]
    writes_per_turn: float
    lives: tuple[LifeCount, ...]
    long_words: LifeCount

    @property
    def reference(self) -> LifeCount:
        """The reference life, with short words."""
        return self.lives[0]


@dataclass(frozen=True)
class Findings:
    """A whole run; a section is None when it was not asked for."""

    machine: Machine
    counts: Counts | None = None
    comparison: Comparison | None = None
    memory: Memory | None = None
    rules: Rules | None = None
    pages: Pages | None = None
    clicks: Clicks | None = None


@dataclass(frozen=True)
class Line:
    """One line of the report: what, how much, what is allowed. holds: None where nothing is gated."""

    what: str
    value: str
    allowed: str = ""
    holds: bool | None = None


def lines(found: Findings) -> Iterator[Line]:
    """The report line by line, section after section."""
    if found.counts:
        yield from _counts(found.counts)
    if found.comparison:
        yield from _comparison(found.comparison)
    if found.memory:
        yield from _memory(found.memory)
    if found.rules:
        yield Line("rules alone, turns per second of CPU", f"{found.rules.per_second:,.0f}")
        yield Line("of that copying the complaint (profiled)", f"{found.rules.copying:.0%}")
    if found.pages:
        yield from _pages(found.pages)
    if found.clicks:
        click = found.clicks
        told = f"{click.answered / click.bare:.2f} | {click.shown / click.bare:.2f}"
        yield Line("click to ruling | to the case shown, ÷ bare update, p50", told)


def _counts(found: Counts) -> Iterator[Line]:
    for turn in found.turns:
        most = counts.MOST_EVENTS_PER_TURN
        yield Line(f"events of turn {turn.turn}", str(turn.events), f"≤ {most}", turn.events <= most)
    late = found.turns[-1]
    most = counts.MOST_STATEMENTS
    yield Line("own SQL statements per turn", str(late.statements), f"≤ {most}", late.statements <= most)
    yield Line("commits per turn", str(late.commits), "1", late.commits == counts.COMMITS)
    holds = found.writes_per_turn <= counts.MOST_WRITES
    yield Line("durable server writes per turn", f"{found.writes_per_turn:.2f}", "≤ 2", holds)
    for life in found.lives:
        gated = life is found.reference
        most = counts.MOST_EVENTS_PER_LIFE
        told = f"{life.name}, {life.commands} commands"
        yield Line(
            f"{told}: events",
            str(life.history.events),
            f"≤ {most}" if gated else "",
            life.history.events <= most if gated else None,
        )
        yield Line(f"{told}: Cloud actions", str(life.history.actions))
        yield Line(f"{told}: dollars per 1,000", f"{life.history.dollars * 1000:.2f}")
        if life.writes is not None:
            yield Line(f"{told}: durable server writes", str(life.writes))
    short, long = found.reference.history, found.long_words.history
    yield Line(
        "history bytes, texts of 10 | 100,000 characters",
        f"{short.timeless_bytes:,} | {long.timeless_bytes:,}",
        "equal",
        short.timeless_bytes == long.timeless_bytes,
    )
    largest, most = max(short.payload, long.payload), counts.MOST_PAYLOAD
    yield Line("largest payload, bytes", f"{largest:,}", f"≤ {most:,}", largest <= most)


def _comparison(found: Comparison) -> Iterator[Line]:
    cpu, throughput = found.ratio(lambda m: m.cpu), found.ratio(lambda m: m.per_second)
    yield Line("CPU, product ÷ bare", _told(cpu), f"≤ {ratios.MOST_CPU}", cpu.median <= ratios.MOST_CPU)
    least = ratios.LEAST_THROUGHPUT
    yield Line("throughput, product ÷ bare", _told(throughput), f"≥ {least}", throughput.median >= least)
    yield Line("throughput, product ÷ bare remote", _told(found.ratio(lambda m: m.per_second, remote=True)))
    yield Line("CPU, product ÷ bare remote", _told(found.ratio(lambda m: m.cpu, remote=True)))
    yield Line("idle latency p50, product ÷ bare", _told(found.ratio(lambda m: m.latency)))
    for name, batches in (
        ("product", found.product),
        ("bare", found.bare),
        ("bare remote", found.bare_remote),
    ):
        middle = sorted(batches, key=lambda batch: batch.cpu)[len(batches) // 2]
        parts = f"{middle.worker_and_driver:.1f} + {middle.server:.1f} + {middle.postgres:.1f}"
        yield Line(f"{name}: CPU ms per turn, worker and driver + server + PG", f"{parts} = {middle.cpu:.1f}")
        yield Line(f"{name}: turns per second; idle p50 ms", f"{middle.per_second:.0f}; {middle.latency:.1f}")


def _memory(found: Memory) -> Iterator[Line]:
    most = memory.MOST_KIB
    told = f"KiB per open complaint over {found.complaints:,}"
    yield Line(f"{told}, sandbox on", f"{found.sandbox:.0f}", f"≤ {most}", found.sandbox <= most)
    yield Line(f"{told}, sandbox off", f"{found.no_sandbox:.0f}")
    yield Line("KiB per bare workflow, sandbox on", f"{found.bare:.0f}")


def _pages(found: Pages) -> Iterator[Line]:
    most = pages.MOST_STATEMENTS
    for page in found.pages:
        told = f"{page.p50:.0f} | {page.p95:.0f} | {page.cpu:.0f} ms, {page.size / 1000:.0f} | {page.zipped / 1000:.0f} kB"
        yield Line(f"{page.name}: p50 | p95 | CPU, size | zipped", told)
        yield Line(f"{page.name}: statements", str(page.statements), f"≤ {most}", page.statements <= most)
    yield Line("bare SELECT of 50 open complaints, p50 ms", f"{found.bare:.1f}")
    yield Line("/queue/all ÷ bare SELECT", f"{found.ratio:.1f}")
    most_case = pages.MOST_CASE_RATIO
    yield Line(
        "/case/… ÷ /queue/all", f"{found.case_ratio:.2f}", f"≤ {most_case}", found.case_ratio <= most_case
    )


def _told(ratio: Ratio) -> str:
    return f"{ratio.median:.2f} ({ratio.least:.2f} to {ratio.most:.2f})"


def as_table(found: Findings) -> Table:
    """The report for a terminal."""
    about = f"{found.machine.cores} cores, load {found.machine.load:.1f}, fdatasync {found.machine.fdatasync:.0f} µs"
    table = Table(
        title="What a complaint costs", caption=f"{about}. Times are only good as ratios of one run."
    )
    table.add_column("measured")
    table.add_column("found", justify="right")
    table.add_column("allowed", justify="right")
    table.add_column("")
    for line in lines(found):
        verdict = {None: "", True: "[green]holds[/]", False: "[red]exceeded[/]"}[line.holds]
        table.add_row(line.what, line.value, line.allowed, verdict)
    return table


def as_json(found: Findings) -> dict[str, Any]:
    """The whole run with every round, and the lines of the table."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        **asdict(found),
        "report": [asdict(line) for line in lines(found)],
    }


def show(found: Findings, console: Console) -> None:
    """Print the table."""
    console.print(as_table(found))


def exceeded(found: Findings) -> list[str]:
    """What is over its limit."""
    return [line.what for line in lines(found) if line.holds is False]
