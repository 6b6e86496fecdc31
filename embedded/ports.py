"""Loopback ports: which are free, holding one until its user begins, and whether a process really listens on its own."""

import socket
from collections.abc import Iterable
from pathlib import Path

from embedded.processes import PartError

_LISTENING = "0A"  # TCP_LISTEN, as /proc/net/tcp writes it


def free_port(preferred: int | None) -> int:
    """The preferred port when it is free, else one the operating system offers.

    It is not listened on to find out: who begins to listen there at this very moment is not disturbed.
    """
    with _bound(preferred, listen=False) as tried:
        return port_of(tried)


def hold_port(preferred: int | None) -> socket.socket:
    """The same port, held: nobody else is given it until the socket is closed."""
    return _bound(preferred, listen=True)


def _bound(preferred: int | None, *, listen: bool) -> socket.socket:
    for port in [preferred, 0] if preferred else [0]:
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(("127.0.0.1", port))
            if listen:
                bound.listen()  # one that is bound only could be bound again by whoever reuses addresses
        except OSError:
            bound.close()
            continue
        return bound
    raise PartError("No free port is left on 127.0.0.1.")


def port_of(held: socket.socket) -> int:
    """The number of a held port."""
    number: int = held.getsockname()[1]
    return number


def unheard(pid: int, ports: Iterable[int]) -> set[int]:
    """The ports on which this process does not listen, though another may.

    Known where there is /proc and the process is ours or we are root; elsewhere it is taken to listen on all.
    """
    try:
        sockets = {target for link in Path(f"/proc/{pid}/fd").iterdir() if (target := _target(link))}
    except (FileNotFoundError, PermissionError):
        return set()
    tables = [Path(f"/proc/{pid}/net/{table}") for table in ("tcp", "tcp6")]
    rows = (line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:])
    return set(ports) - {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == _LISTENING and f"socket:[{row[9]}]" in sockets
    }


def _target(link: Path) -> str:
    """What an open file is; empty when it has been closed since it was listed."""
    try:
        return link.readlink().name
    except FileNotFoundError:
        return ""
