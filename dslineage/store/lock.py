"""The lock that writers take when they publish a version."""

from __future__ import annotations

import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from dslineage.errors import LockedError
from dslineage.store.files import resource_errors

WAIT_SECONDS = 60.0
_IN_PROCESS = threading.Lock()
_POLL_SECONDS = 0.02


@contextmanager
def exclusive(path: Path, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever holds it.

    A record lock of the kernel: it ends with its process, however that ends, and is not
    inherited by worker processes. Closing the file anywhere in the process would end it too, so
    nothing else opens it here. The file names its holder, for messages only.

    Raises:
        LockedError: it was held for longer than `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    if not _IN_PROCESS.acquire(timeout=wait_seconds):
        raise _locked(path, "another thread of this process")
    try:
        with resource_errors(path), path.open("a+b") as handle:
            while True:
                try:
                    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except (BlockingIOError, PermissionError):
                    if time.monotonic() > deadline:
                        raise _locked(path, _holder(path)) from None
                    time.sleep(_POLL_SECONDS)
            handle.truncate(0)
            handle.write(orjson.dumps({"host": socket.gethostname(), "pid": os.getpid()}))
            handle.flush()
            yield
    finally:
        _IN_PROCESS.release()


def _holder(path: Path) -> str:
    try:
        holder = orjson.loads(path.read_bytes())
        return f"process {holder['pid']} on {holder['host']}"
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError):
        return "another process"


def _locked(path: Path, who: str) -> LockedError:
    return LockedError(
        f"{who} is writing to this repository and holds {path}",
        hint="wait until it has finished, then run the same command again",
    )
