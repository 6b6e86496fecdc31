"""Where Redress keeps what it must not lose on this machine."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from embedded.processes import PartError


def home_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """The data directory: REDRESS_HOME, else the platform's place for a user's or (as root) a service's data.

    Not created here. As root it must be reachable by an unprivileged user, because PostgreSQL refuses to run as root.
    """
    if named := environ.get("REDRESS_HOME"):
        return Path(named).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/redress")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "redress"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "redress"


def setting(name: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """A setting, or the content of the file that NAME_FILE names (a container's secret); None when neither is set.

    Raises PartError when the file cannot be read.
    """
    if value := environ.get(name):
        return value
    if not (file := environ.get(f"{name}_FILE")):
        return None
    try:
        return Path(file).read_text().strip() or None
    except OSError as error:
        raise PartError(f"{name}_FILE names {file}, which cannot be read: {error.strerror}.") from error
