"""Where pure functions over chunks run: in this process, or in several beside it."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import get_context
from types import TracebackType
from typing import Protocol, Self, TypeVar

from dslineage.errors import ResourceError

T = TypeVar("T")
R = TypeVar("R")
_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BY_WORKERS, _KEPT_BY_PARENT = 1 << 28, 1 << 24
_AHEAD = 16
"""Results that may wait per worker, so that none stands still while a pack is being synced."""


class Executor(AbstractContextManager["Executor"], Protocol):
    """Maps a function over tasks and yields the results in the order of the tasks."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """The results, in order; the first exception of a task ends it."""


class SerialExecutor(AbstractContextManager["SerialExecutor"]):
    """Runs each task when its result is asked for."""

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """The results, in order."""
        return map(function, tasks)

    def __exit__(self, *_: object) -> None:
        return None


class ProcessExecutor(AbstractContextManager["ProcessExecutor"]):
    """Runs tasks in local processes, a few ahead of whoever takes the results.

    The processes are there when it is made: to fork while a thread runs can lock the child for
    ever, so callers make it before they start any.
    """

    def __init__(self, workers: int) -> None:
        self._ahead = _AHEAD * workers
        _keep_memory(_KEPT_BY_PARENT)
        self._pool = ProcessPoolExecutor(
            workers, mp_context=get_context("fork"), initializer=_become_worker
        )
        self._pool.submit(_nothing)

    def map(self, function: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
        """The results, in order; at most a few results wait to be taken."""
        from concurrent.futures.process import BrokenProcessPool

        pending: deque[Future[R]] = deque()
        try:
            for task in tasks:
                pending.append(self._pool.submit(function, task))
                if len(pending) > self._ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool as error:
            raise ResourceError(
                "a worker process died, perhaps for want of memory; nothing was recorded",
                kind="worker-died",
                hint="run the same command again with --workers 1",
            ) from error
        finally:
            for future in pending:
                future.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def local_executor(workers: int | None, *, work_bytes: int) -> Executor:
    """An executor for so many bytes of work: processes only where they pay.

    `workers` None means one for each core that this process may use.
    """
    count = len(os.sched_getaffinity(0)) if workers is None else workers
    if count <= 1 or (workers is None and work_bytes < 4 << 20):
        return SerialExecutor()
    return ProcessExecutor(count)


def _nothing() -> None:
    """A task that makes a pool fork its processes, all at once, before it is given any other."""


def _become_worker() -> None:
    """Die with the parent, however it dies, and leave Ctrl-C to it.

    Tasks make many small objects and no cycles: looking for garbage would cost a tenth of the time.
    """
    gc.freeze()
    gc.disable()
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_memory(_KEPT_BY_WORKERS)


def _keep_memory(size: int) -> None:
    """Keep so much of what is freed: what one task or result gives back, the next one asks for."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_TRIM_THRESHOLD, size)
        libc.mallopt(_M_MMAP_THRESHOLD, size)
