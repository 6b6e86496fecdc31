"""What the desk's pages take from npm, at exact versions: `python -m tools.vendor` fetches it anew.

To upgrade, change a version in `PINS`, run it (needs npm, as a tool of whoever upgrades; users need nothing) and commit
what it wrote: the files with their licences under `console/static/vendor/`, the sprite `icons.svg` of the icons in
`ICONS`, and `manifest.json` with npm's own integrity of each package and the SHA-256 of each file. A test recomputes them.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT

STATIC = ROOT / "console/static"
VENDOR = STATIC / "vendor"
MANIFEST = VENDOR / "manifest.json"
SPRITE = STATIC / "icons.svg"


@dataclass(frozen=True)
class Pin:
    """One package at one version. licence: its SPDX code. files: path in the package → name in our folder."""

    name: str
    version: str
    licence: str
    folder: str
    files: Mapping[str, str]


PINS = (
    Pin("htmx.org", "2.0.11", "0BSD", "htmx", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"}),
    Pin("htmx-ext-sse", "2.2.4", "0BSD", "htmx-sse", {"dist/sse.min.js": "sse.min.js", "LICENSE": "LICENSE"}),
    # The package carries no licence file; `tabler/LICENSE` is the one of its sources and stays as it is.
    Pin("@tabler/core", "1.6.1", "MIT", "tabler", {"dist/css/tabler.min.css": "tabler.min.css"}),
    Pin("@tabler/icons", "3.52.0", "MIT", "tabler-icons", {"LICENSE": "LICENSE"}),
)

#: The icons our pages use, by their names in the set. `{{ icon("name") }}` shows one.
ICONS = (
    "adjustments", "alarm", "alert-circle", "alert-triangle", "archive", "arrow-back-up", "arrow-left", "arrow-right",
    "arrows-sort", "at", "bell", "bell-off", "bolt", "building", "building-community", "bulb", "calendar-due",
    "calendar-event", "camera", "chart-bar", "check", "checklist", "checks", "chevron-down", "chevron-left",
    "chevron-right", "chevron-up", "circle-check", "circle-dot", "circle-x", "clipboard-check", "clipboard-list",
    "clock", "clock-pause", "coin", "command", "confetti", "copy", "device-desktop", "dots", "download", "edit",
    "external-link", "eye", "eye-off", "file-text", "files", "filter", "flag", "flame", "gavel", "heart-handshake",
    "help-circle", "history", "home", "hourglass", "id", "inbox", "info-circle", "key", "keyboard", "language",
    "layout-dashboard", "link", "list", "list-details", "lock", "logout", "mail", "map-pin", "menu-2", "message",
    "message-circle", "messages", "microscope", "minus", "mood-happy", "mood-sad", "moon", "note", "palette", "paperclip",
    "phone", "photo", "player-pause", "player-play", "plug-connected-x", "plus", "printer", "qrcode", "refresh", "repeat", "route",
    "scale", "search", "send", "server-off", "settings", "shield-check", "shield-exclamation", "shield-lock", "speakerphone",
    "star", "sun", "sun-moon", "table-export", "tag", "thumb-down", "thumb-up", "ticket", "tool", "trash", "upload",
    "urgent", "user", "user-check", "user-plus", "user-question", "users", "users-group", "writing", "x",
)  # fmt: skip


def fetched(pin: Pin, into: Path) -> tuple[Path, str]:
    """The package's tarball and npm's integrity for it, checked by npm against its registry."""
    packed = subprocess.run(
        ["npm", "pack", f"{pin.name}@{pin.version}", "--json", "--pack-destination", str(into)],  # noqa: S607
        check=True,
        capture_output=True,
        text=True,
        cwd=into,
    )
    [told] = json.loads(packed.stdout)
    return into / str(told["filename"]).replace("@", "").replace("/", "-"), str(told["integrity"])


def member(package: tarfile.TarFile, path: str) -> bytes:
    """One file of a package. Raises KeyError where it is not there."""
    inside = package.extractfile(f"package/{path}")
    if inside is None:
        raise KeyError(path)
    return inside.read()


def sprite(package: tarfile.TarFile) -> str:
    """One SVG with a symbol for each icon, drawn in the colour of the text around it."""
    symbols = []
    for name in ICONS:
        drawn = member(package, f"icons/outline/{name}.svg").decode()
        inner = re.sub(r"<svg[^>]*>|</svg>|<!--.*?-->", "", drawn, flags=re.DOTALL)
        paths = [
            " ".join(path.split()) for path in re.findall(r"<[^>]+/>", inner) if 'stroke="none"' not in path
        ]
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(paths)}</symbol>')
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="2" '
        'stroke-linecap="round" stroke-linejoin="round">'
    )
    return "\n".join([head, *symbols, "</svg>", ""])


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def take(pin: Pin, scratch: Path) -> dict[str, Any]:
    """Fetch one package, write its files, and give its entry of the manifest."""
    tarball, integrity = fetched(pin, scratch)
    folder = VENDOR / pin.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(tarball) as package:
        for path, name in pin.files.items():
            (folder / name).write_bytes(member(package, path))
        if pin.folder == "tabler-icons":
            SPRITE.write_text(sprite(package), encoding="utf-8")
    kept = sorted(path for path in folder.iterdir() if path.is_file())
    if pin.folder == "tabler-icons":
        kept.append(SPRITE)
    return {
        "name": pin.name,
        "version": pin.version,
        "license": pin.licence,
        "integrity": integrity,
        "files": {str(path.relative_to(STATIC)): sha256(path) for path in kept},
    }


def main() -> int:
    """Fetch everything pinned. 0, or 1 with npm's own words on what failed."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            entries = [take(pin, Path(scratch)) for pin in PINS]
        except FileNotFoundError:
            print("npm was not found; it is needed to upgrade the vendored files only.", file=sys.stderr)
            return 1
        except subprocess.CalledProcessError as error:
            print(error.stderr, file=sys.stderr)
            return 1
    MANIFEST.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    for entry in entries:
        print(f"{entry['name']} {entry['version']}: {', '.join(entry['files'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
