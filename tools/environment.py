"""Make the project's own environment `.venv` from the hash lock, once per lock.

Run by `make` with any Python 3.11 or newer; needs nothing but the standard library. The environment is made anew when
`requirements.lock` or the interpreter changes, linked to the project anew when `pyproject.toml` changes, and left alone
otherwise. Two runs at once wait for each other; an interrupted run is made good by the next one.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)


class CannotMake(Exception):
    """The environment cannot be made on this machine; the text says what to do."""


def fingerprint(*parts: bytes) -> str:
    """One hash of several things, none of which can run into the next."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def run(step: str, *arguments: str) -> None:
    """One step with the environment's own Python. Raises CannotMake with what the step said when it failed."""
    done = subprocess.run(
        [str(HOME / "bin" / "python"), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotMake(f"{step} failed:\n{(done.stderr or done.stdout).strip()}")


PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")


def make() -> None:
    """Build `.venv` from nothing: an empty environment with the locked packages. Raises CannotMake."""
    advice = "On Debian and Ubuntu install python3-venv, or name another Python with `make PYTHON=/path/to/python3`."
    try:
        import ensurepip  # noqa: F401

        venv.create(HOME, clear=True, with_pip=True, symlinks=True)
    except ImportError:
        raise CannotMake(
            f"{sys.executable} has no ensurepip and cannot make environments. {advice}"
        ) from None
    except (subprocess.CalledProcessError, OSError) as error:
        raise CannotMake(f"{sys.executable} cannot make an environment in {HOME}: {error} {advice}") from None
    run("Installing the locked packages", *PIP, "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK))


def link() -> None:
    """Put the project itself, with its command `redress`, into the environment. Raises CannotMake."""
    run("Installing Redress itself", *PIP, "--no-index", "--no-build-isolation", "--editable", str(ROOT))


def bring_up_to_date() -> None:
    """Do what is missing since the last time, and note what was done. Raises CannotMake."""
    packages, project = HOME / ".packages-from", HOME / ".project-from"
    locked = fingerprint(LOCK.read_bytes(), sys.version.encode())
    linked = fingerprint((ROOT / "pyproject.toml").read_bytes())
    if not packages.is_file() or packages.read_text() != locked:
        started = time.monotonic()
        print("Making the environment .venv from requirements.lock ...", file=sys.stderr, flush=True)
        make()
        packages.write_text(locked)
        print(f"Made in {time.monotonic() - started:.0f} s.", file=sys.stderr)
    if not project.is_file() or project.read_text() != linked:
        link()
        project.write_text(linked)


def main() -> int:
    """Make the environment if it is not current. Returns 0, or 1 with a reason on stderr."""
    if sys.version_info < OLDEST:
        print(
            f"Redress needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return 1
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        try:
            bring_up_to_date()
        except CannotMake as reason:
            print(reason, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
