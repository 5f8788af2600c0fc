"""A line between two ports of this machine that counts what goes over it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass


@dataclass
class Relay:
    """Hands on what it is sent; `came` counts the bytes of the answers."""

    port: int
    came: int = 0


@contextmanager
def relayed(port: int) -> Iterator[Relay]:
    """Hand on everything to a port, from another one."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        relay = Relay(listening.getsockname()[1])
        threading.Thread(target=_accept, args=(listening, port, relay), daemon=True).start()
        yield relay


def _accept(listening: socket.socket, port: int, relay: Relay) -> None:
    with suppress(OSError):
        while True:
            here, _ = listening.accept()
            there = socket.create_connection(("127.0.0.1", port))
            asking = threading.Thread(target=_hand_on, args=(here, there), daemon=True)
            asking.start()
            threading.Thread(target=_answer, args=(there, here, relay, asking), daemon=True).start()


def _answer(
    there: socket.socket, here: socket.socket, relay: Relay, asking: threading.Thread
) -> None:
    with here, there:
        _hand_on(there, here, relay)
        asking.join()


def _hand_on(source: socket.socket, target: socket.socket, relay: Relay | None = None) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            if relay is not None:
                relay.came += len(data)
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
