"""Ports on this machine: one start is not given what another is about to use."""

from embedded.processes import free_port, hold_port, port_of


def test_a_held_port_is_given_to_nobody_until_it_is_let_go() -> None:
    with hold_port(None) as held:
        port = port_of(held)
        assert free_port(port) != port
        with hold_port(port) as other:
            assert port_of(other) != port
    assert free_port(port) == port
