"""Make the project's own environment `.venv` from the hash lock, once per lock.

Run by `make` with any Python 3.11 or newer; needs nothing but the standard library. The environment is made anew when
`requirements.lock`, `pyproject.toml` or the interpreter changes, and left alone otherwise. Two runs at once wait for
each other; an interrupted run is made good by the next one.
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


def fingerprint() -> str:
    """What the environment depends on, as one hash: the lock, the project file and the interpreter."""
    digest = hashlib.sha256()
    for part in (LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode()):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def run(step: str, *arguments: str) -> None:
    """One step with the environment's own Python. Raises CannotMake with what the step said when it failed."""
    done = subprocess.run(
        [str(HOME / "bin" / "python"), *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotMake(f"{step} failed:\n{(done.stderr or done.stdout).strip()}")


def make() -> None:
    """Build `.venv` from nothing: an empty environment, the locked packages, the project itself by link."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        raise CannotMake(
            f"{sys.executable} cannot make environments with pip: on Debian and Ubuntu install python3-venv, "
            "or name another Python with `make PYTHON=/path/to/python3`."
        ) from None
    try:
        venv.create(HOME, clear=True, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise CannotMake(f"An environment cannot be made in {HOME}: {error}") from None
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    run("Installing the locked packages", *pip, "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK))
    run("Installing Redress itself", *pip, "--no-index", "--no-build-isolation", "--editable", str(ROOT))


def main() -> int:
    """Make the environment if it is not current. Returns 0, or 1 with a reason on stderr."""
    if sys.version_info < OLDEST:
        print(
            f"Redress needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return 1
    stamp = HOME / ".made-from"
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        wanted = fingerprint()
        if stamp.is_file() and stamp.read_text() == wanted:
            return 0
        started = time.monotonic()
        print("Making the environment .venv from requirements.lock ...", file=sys.stderr, flush=True)
        try:
            make()
        except CannotMake as reason:
            print(reason, file=sys.stderr)
            return 1
        stamp.write_text(wanted)
        print(f"Made in {time.monotonic() - started:.0f} s.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
