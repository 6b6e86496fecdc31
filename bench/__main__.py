"""`python -m bench`: start real servers, measure, print a table; exit code 1 when anything is over its limit."""

import argparse
import asyncio
import gc
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench import clicks, counts, life, memory, pages, ratios, report, rules
from bench.desk import Desk, Keys, sitting, working
from bench.processes import machine
from bench.stand import Stand, standing
from bench.worker import employed

SECTIONS = ("counts", "ratios", "memory", "rules")
#: asked for by name only: filling a company takes its time
EXTRA = ("desk",)


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what a complaint costs.")
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="section",
        help=f"of {', '.join(SECTIONS)}, all of these by default; and {', '.join(EXTRA)}",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds beside the bare workflow (3)"
    )
    parser.add_argument(
        "--cases", type=int, default=30, help="cases of 12 turns in a round, all at once (30)"
    )
    parser.add_argument("--complaints", type=int, default=1000, help="open complaints to weigh (1000)")
    parser.add_argument("--open", type=int, default=50_000, help="open complaints of the desk (50000)")
    parser.add_argument("--ended", type=int, default=500_000, help="ended complaints of the desk (500000)")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write every figure there; - for standard output"
    )
    found = parser.parse_args(given)
    if unknown := set(found.sections) - {*SECTIONS, *EXTRA}:
        parser.error(
            f"no such section: {', '.join(sorted(unknown))}; there are {', '.join((*SECTIONS, *EXTRA))}"
        )
    found.sections = found.sections or list(SECTIONS)
    return found


async def _measure(asked: argparse.Namespace, console: Console) -> report.Findings:
    """Run the sections that were asked for, each on workers of its own."""
    keys = Keys(secrets.token_bytes(32), secrets.token_bytes(32))
    ruled = rules.measure() if "rules" in asked.sections else None
    async with standing() as stand:
        seen = machine(stand.directory)
        counted = compared = weighed = shown = clicked = None
        if "counts" in asked.sections:
            console.log("counting")
            counted = await _count(stand, keys)
        if "ratios" in asked.sections:
            console.log(f"comparing, {asked.rounds} rounds")
            async with employed(stand, keys) as worker, sitting(stand.address, stand.url, keys) as desk:
                load = ratios.Load(cases=asked.cases)
                compared = await ratios.compare(stand, worker, desk, asked.rounds, load)
        if "memory" in asked.sections:
            console.log(f"weighing {asked.complaints} open complaints")
            weighed = await memory.per_complaint(stand, keys, asked.complaints)
        if "desk" in asked.sections:
            console.log("clicking")
            async with employed(stand, keys), sitting(stand.address, stand.url, keys) as desk:
                clicked = await clicks.click(desk)
            many = (asked.open, asked.ended)
            console.log(f"filling a company with {many[0]:,} open and {many[1]:,} ended complaints")
            async with pages.crowded(stand.url, keys, many) as crowd:
                console.log("asking for pages")
                shown = await pages.measure(crowd, many, stand.postgres_pid)
    return report.Findings(seen, counted, compared, weighed, ruled, shown, clicked)


async def _count(stand: Stand, keys: Keys) -> report.Counts:
    async with (
        sitting(stand.address, stand.url, keys) as desk,
        working(desk, stand.directory / "spool"),
    ):
        return await _count_at(desk, counts.written(stand.metrics))


async def _count_at(desk: Desk, ask: counts.Written) -> report.Counts:
    return report.Counts(
        turns=tuple(await counts.quiet_turns(desk)),
        writes_per_turn=await counts.writes_per_turn(desk, ask),
        lives=(
            await counts.live(desk, life.reference(), ask=ask),
            await counts.live(desk, life.fuller(), ask=ask),
        ),
        long_words=await counts.live(desk, life.reference(life.LONG), life.LONG, ask),
    )


def main() -> int:
    """0 when every gate holds, 1 otherwise."""
    asked = _arguments()
    console = Console(stderr=asked.json == Path("-"))
    found = asyncio.run(_measure(asked, console))
    gc.collect()  # otherwise some programs that used the SDK abort at exit
    report.show(found, console)
    if asked.json:
        text = json.dumps(report.as_json(found), ensure_ascii=False, indent=1, default=str)
        sys.stdout.write(text + "\n") if asked.json == Path("-") else asked.json.write_text(
            text + "\n", "utf-8"
        )
    over = report.exceeded(found)
    if over:
        console.print(f"Over the limit: {'; '.join(over)}.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
