"""The browser the tests and the screenshots drive: `python -m tools.browser` finds one, or installs it, and prints its path.

Chromium of the system, with a font that has Chinese. What is missing, Debian's `chromium` or `fonts-noto-cjk`, is
installed when this is root on a machine with apt-get; else it says what to do. The tests are never skipped for want of it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

#: a browser of one's own choice: name or path
CHOICE = "REDRESS_BROWSER"
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
BROWSER, FONT = "chromium", "fonts-noto-cjk"
#: seconds in which a package archive must have answered
PATIENCE = 900


class NoBrowser(FileNotFoundError):
    """No Chromium is here, and none could be installed; the message says how to get one."""


def find_browser() -> str:
    """The path of a Chromium or Chrome on this machine. Raises NoBrowser."""
    chosen = os.environ.get(CHOICE)
    for name in (chosen,) if chosen else NAMES:
        if found := shutil.which(name):
            return found
    raise NoBrowser(
        f"No Chromium was found{f' at {chosen} ({CHOICE})' if chosen else ''}. On Debian or Ubuntu: "
        f"apt-get install {BROWSER} {FONT}. Elsewhere install Chromium or Chrome and a Chinese font, or name the "
        f"program with {CHOICE}=/path/to/chromium."
    )


def install(packages: Sequence[str]) -> bool:
    """Install Debian's packages; False where this user may not. Raises NoBrowser when the archive cannot be reached."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {' and '.join(packages)} for the browser tests …", file=sys.stderr)
    for step in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [apt, *step], env=quiet, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
        if done.returncode:
            raise NoBrowser(f"apt-get {step[0]} failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return True


def missing() -> list[str]:
    """The packages this machine lacks."""
    wanted = [] if has_chinese() else [FONT]
    try:
        find_browser()
    except NoBrowser:
        return [BROWSER, *wanted]
    return wanted


def main() -> int:
    """Print the path of a browser. 0, or 1 saying how to get one."""
    wanted = missing()
    try:
        if wanted and not install(wanted) and FONT in wanted:
            print(f"No font with Chinese was found; install {FONT}, or any other.", file=sys.stderr)
    except (NoBrowser, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
    try:
        print(find_browser())
    except NoBrowser as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def has_chinese() -> bool:
    """Whether a font has Chinese, without which pictures show boxes; True where nobody can tell (macOS has one)."""
    lister = shutil.which("fc-list")
    if lister is None:
        return sys.platform == "darwin"
    return bool(subprocess.run([lister, ":lang=zh"], check=False, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
