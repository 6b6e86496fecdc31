"""The worker as a process of its own, started by `up` and by a rehearsal."""

import sys
from collections.abc import Mapping
from pathlib import Path

from embedded.processes import Command


def worker_command(environ: Mapping[str, str], log: Path, grace: float) -> Command:
    """Start a worker for all queues. environ: its whole environment. grace: seconds to finish what it has begun."""
    return Command(argv=(sys.executable, "-m", "workers"), log=log, environment=dict(environ), grace=grace)
