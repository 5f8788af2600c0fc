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

_IN_PROCESS = threading.Lock()
_POLL_SECONDS = 0.02


@contextmanager
def exclusive(path: Path, *, wait_seconds: float = 60.0) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever holds it.

    A record lock of the kernel: it ends with its process, however that ends, and is not
    inherited by worker processes. The file names its holder, for messages only.

    Raises:
        LockedError: it was held for longer than `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    if not _IN_PROCESS.acquire(timeout=wait_seconds):
        raise _locked(path)
    try:
        with resource_errors(path), path.open("a+b") as handle:
            while True:
                try:
                    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except (BlockingIOError, PermissionError):
                    if time.monotonic() > deadline:
                        raise _locked(path) from None
                    time.sleep(_POLL_SECONDS)
            handle.truncate(0)
            handle.write(orjson.dumps({"host": socket.gethostname(), "pid": os.getpid()}))
            handle.flush()
            yield
    finally:
        _IN_PROCESS.release()


def _locked(path: Path) -> LockedError:
    try:
        holder = orjson.loads(path.read_bytes())
        who = f"process {holder['pid']} on {holder['host']}"
    except (OSError, orjson.JSONDecodeError, KeyError):
        who = "another process"
    return LockedError(
        f"{who} is writing to this repository and holds {path}",
        hint="wait until it has finished, then run the same command again",
    )
