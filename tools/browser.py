"""The browser the tests and the screenshots drive: `python -m tools.browser` finds one, or installs it, and prints its path.

Chromium of the system, with a font that has Chinese. Where there is none, Debian's `chromium` and `fonts-noto-cjk` are
installed when this is root on a machine with apt-get; else it says what to do. The tests are never skipped for want of it.
"""

import os
import shutil
import subprocess
import sys

#: a browser of one's own choice: name or path
CHOICE = "REDRESS_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-cjk")
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
        f"apt-get install {' '.join(PACKAGES)}. Elsewhere install Chromium or Chrome and a Chinese font, or name the "
        f"program with {CHOICE}=/path/to/chromium."
    )


def install() -> None:
    """Install the browser and the font. Raises NoBrowser where this user may not, or the archive cannot be reached."""
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        find_browser()
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"Installing {' and '.join(PACKAGES)} for the browser tests …", file=sys.stderr)
    for step in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(
            [apt, *step], env=quiet, check=False, capture_output=True, text=True, timeout=PATIENCE
        )
        if done.returncode:
            raise NoBrowser(f"apt-get {step[0]} failed: {(done.stderr or done.stdout).strip()[-500:]}")


def main() -> int:
    """Print the path of a browser. 0, or 1 saying how to get one."""
    try:
        try:
            print(find_browser())
        except NoBrowser:
            install()
            print(find_browser())
        _complain_without_chinese()
    except (NoBrowser, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _complain_without_chinese() -> None:
    """Boxes instead of characters make screenshots worthless, though no test fails for them."""
    lister = shutil.which("fc-list")
    if (
        lister
        and not subprocess.run([lister, ":lang=zh"], check=False, capture_output=True, text=True).stdout
    ):
        print(f"No font with Chinese was found; install {PACKAGES[1]}.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
