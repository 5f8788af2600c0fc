"""Doing the same with many things at once, on threads that nobody has to wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TypeVar

from dslineage.errors import RemoteError

STALL_SECONDS = 300.0
_POLL_SECONDS = 0.1
_GRACE_SECONDS = 5.0

T = TypeVar("T")


class Pulse:
    """Counts the bytes that moved, and knows how long ago the last of them did."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._last = time.monotonic()
        self._lock = threading.Lock()

    def beat(self, size: int) -> None:
        """Note that some bytes moved."""
        with self._lock:
            self.done += size
            self._last = time.monotonic()

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing has moved for so long."""
        return time.monotonic() - self._last > seconds


def each(
    things: Sequence[T],
    do: Callable[[T], None],
    *,
    jobs: int,
    pulse: Pulse,
    tick: Callable[[], None],
    stall_seconds: float = STALL_SECONDS,
) -> None:
    """Do something with each thing, several at once; the first error ends it.

    What is under way then gets a moment to finish. The threads are daemons: one that waits for a
    remote which never answers keeps no program from ending.

    Args:
        things: what to do it with, in this order.
        do: what to do.
        jobs: how many at once.
        pulse: beaten by `do`.
        tick: called again and again from the calling thread, to show how far the work has come.
        stall_seconds: how long no byte may move.

    Raises:
        RemoteError: nothing moved for too long.
    """
    waiting: SimpleQueue[T] = SimpleQueue()
    ended: SimpleQueue[BaseException | None] = SimpleQueue()
    stop = threading.Event()
    for thing in things:
        waiting.put(thing)

    def work() -> None:
        while not stop.is_set():
            try:
                thing = waiting.get_nowait()
            except Empty:
                return
            try:
                do(thing)
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                ended.put(error)
                return
            ended.put(None)
            pulse.beat(0)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(jobs, len(things)))]
    for thread in threads:
        thread.start()
    try:
        _wait(len(things), ended, pulse, tick, stall_seconds)
    finally:
        stop.set()
        grace = 0 if pulse.is_silent(stall_seconds) else _GRACE_SECONDS
        until = time.monotonic() + grace
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


def answered(ask: Callable[[], T], stall_seconds: float = STALL_SECONDS) -> T:
    """What a function gives that asks a remote.

    Raises:
        RemoteError: it gave nothing for too long.
    """
    answers: list[T] = []
    each(
        [ask],
        lambda one: answers.append(one()),
        jobs=1,
        pulse=Pulse(0),
        tick=lambda: None,
        stall_seconds=stall_seconds,
    )
    return answers[0]


def _wait(
    left: int,
    ended: SimpleQueue[BaseException | None],
    pulse: Pulse,
    tick: Callable[[], None],
    stall_seconds: float,
) -> None:
    while left:
        tick()
        try:
            error = ended.get(timeout=_POLL_SECONDS)
        except Empty:
            if pulse.is_silent(stall_seconds):
                raise RemoteError(
                    f"it has not answered for {stall_seconds:.0f} seconds", kind="remote-silent"
                ) from None
            continue
        if error is not None:
            raise error
        left -= 1
    tick()


@contextmanager
def explained(name: str, so_far: Callable[[], str], again: str) -> Iterator[None]:
    """Have every error of a remote say which one it is, how far the work came, and how to go on.

    Args:
        name: the remote's.
        so_far: what was done when it failed.
        again: the command that goes on.
    """
    try:
        yield
    except RemoteError as error:
        message = f"{name}: {error.message}; {so_far()}"
        raise RemoteError(message, kind=error.kind, hint=error.hint or again) from error
