"""Ports on this machine: one start is not given what another is about to use, nor told ready by another's answer."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from embedded.ports import free_port, hold_port, port_of, unheard


def test_a_held_port_is_given_to_nobody_until_it_is_let_go() -> None:
    with hold_port(None) as held:
        port = port_of(held)
        assert free_port(port) != port
        with hold_port(port) as other:
            assert port_of(other) != port
    assert free_port(port) == port


def test_a_port_somebody_is_about_to_listen_on_is_not_taken_from_him_by_asking() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        free_port(port_of(other))
        other.listen()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="who listens is known where there is /proc")
def test_a_process_listens_only_on_ports_of_its_own() -> None:
    program = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); sys.stdin.read()"
    with (
        hold_port(None) as held,
        socket.socket() as bound,
        subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other,
    ):
        assert other.stdout is not None
        theirs, ours = int(other.stdout.readline()), port_of(held)
        bound.bind(("127.0.0.1", 0))
        assert unheard(os.getpid(), [ours]) == set()
        assert unheard(os.getpid(), [ours, theirs, port_of(bound)]) == {theirs, port_of(bound)}
        assert unheard(other.pid, [ours, theirs]) == {ours}
        assert other.stdin is not None
        other.stdin.close()


def test_of_a_process_that_is_gone_nothing_is_known() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert unheard(gone.pid, [1]) == set()
