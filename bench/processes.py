"""What processes have used, read from /proc: CPU of whole trees, resident memory; and what the disk takes for a sync."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
#: places in /proc/<pid>/stat after the name: parent, then user and system time, own and of children that ended
_PARENT, _TIMES = 1, slice(11, 15)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process, all its threads and all its descendants, living and ended, in seconds."""
    stats = _stats()
    return sum(_times(stats[member]) for member in _tree(pid, stats))


def resident_kib(pid: int) -> int:
    """Resident memory of one process, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise ProcessLookupError(f"Process {pid} has no memory to speak of.")


def _stats() -> dict[int, list[str]]:
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            found[int(entry.name)] = (
                entry.joinpath("stat").read_text(errors="replace").rpartition(")")[2].split()
            )
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _tree(pid: int, stats: dict[int, list[str]]) -> set[int]:
    members, grew = {pid}, True
    while grew:
        more = {child for child, stat in stats.items() if int(stat[_PARENT]) in members} - members
        members |= more
        grew = bool(more)
    return members & stats.keys()


def _times(stat: list[str]) -> float:
    return sum(int(ticks) for ticks in stat[_TIMES]) / _TICKS


@dataclass(frozen=True)
class Machine:
    """What the figures of a run stand on. fdatasync: microseconds for 8 KiB written and synced, median."""

    cores: int
    fdatasync: float
    load: float


def machine(directory: Path, writes: int = 500) -> Machine:
    """Look at the machine; directory: on the disk the servers use."""
    taken = []
    path = directory / "fdatasync"
    with path.open("wb", buffering=0) as file:
        for _ in range(writes):
            file.write(bytes(8192))
            before = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - before)
    path.unlink()
    return Machine(os.cpu_count() or 1, sorted(taken)[writes // 2] * 1e6, os.getloadavg()[0])
