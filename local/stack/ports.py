"""Ports on loopback: which are free, and which one a server of the stack takes."""

import socket
from collections.abc import Callable

from .errors import PortTakenError

HOST = "127.0.0.1"


def is_taken(port: int) -> bool:
    """True when something listens on the port, or it can't be bound."""
    with socket.socket() as caller:
        caller.settimeout(1)
        if caller.connect_ex((HOST, port)) == 0:
            return True
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return True
    return False


def free_port() -> int:
    """A port that nothing uses now."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def choose_port(what: str, asked: int | None, usual: int, say: Callable[[str], None]) -> int:
    """The port to use: the one asked for, the usual one, or a free one when the usual one is taken.

    Asking for port 0 means any free one. Raises PortTakenError when the port asked for is taken.
    """
    if asked == 0:
        return free_port()
    if asked is not None and is_taken(asked):
        raise PortTakenError(what, asked)
    if asked is not None or not is_taken(usual):
        return asked or usual
    chosen = free_port()
    say(f"Port {usual} is taken by another program; {what} uses {chosen} instead.")
    return chosen
