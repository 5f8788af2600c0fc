"""A remote that misbehaves: DVC's file system of a folder, with faults put between."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dslineage.remotes.dvcremote import DvcRemote
from dslineage.remotes.settings import Setting

Fault = Callable[[str, str, Callable[[], Any]], Any]
"""Called with what is done (`put`, `get`, `list`, `delete`), with which file, and how."""


class FaultyRemote(DvcRemote):
    """A folder as a server far away would have it: nothing is read back by the way."""

    def __init__(self, folder: Path, fault: Fault) -> None:
        super().__init__(Setting("storage", {"url": str(folder)}, ""))
        self._fault = fault

    @property
    def reads_back(self) -> bool:
        return False

    @property
    def jobs(self) -> int:
        return 2

    @property
    def _opened(self) -> tuple[Any, str]:
        system, root = super()._opened
        return _System(system, self._fault), root


class _System:
    """A file system, asked through a fault."""

    def __init__(self, system: Any, fault: Fault) -> None:
        self._system = system
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)

    @property
    def fs(self) -> _System:
        return _System(self._system.fs, self._fault)

    def ls(self, path: str, **options: Any) -> Any:
        return self._fault("list", path, lambda: self._system.ls(path, **options))

    def put_file(self, source: str, path: str, **options: Any) -> Any:
        return self._fault("put", path, lambda: self._system.put_file(source, path, **options))

    def rm_file(self, path: str) -> Any:
        return self._fault("delete", path, lambda: self._system.rm_file(path))

    def cat_file(self, path: str, **some: int) -> Any:
        return self._fault("get", path, lambda: self._system.cat_file(path, **some))

    def open(self, path: str, mode: str, **_: Any) -> Any:
        return self._fault("get", path, lambda: self._system.open(path, mode))


def after(count: int, verb: str, fault: Fault) -> Fault:
    """A fault that strikes from the nth time on that something is done with an object."""
    lock = threading.Lock()
    seen = 0

    def struck(what: str, path: str, do: Callable[[], Any]) -> Any:
        nonlocal seen
        if what != verb or path.endswith("/format"):
            return do()
        with lock:
            seen += 1
            strikes = seen > count
        return fault(what, path, do) if strikes else do()

    return struck


def fails(error: OSError) -> Fault:
    """An error each time."""

    def fault(_: str, __: str, ___: Callable[[], Any]) -> Any:
        raise error

    return fault


def cuts(_: str, path: str, do: Callable[[], Any]) -> Any:
    """Half of the bytes arrive, and nobody says so."""
    result = do()
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
    return result


def swallows(_: str, __: str, ___: Callable[[], Any]) -> Any:
    """Nothing arrives, and nobody says so."""


def is_silent(_: str, __: str, ___: Callable[[], Any]) -> Any:
    """It never answers."""
    threading.Event().wait()


def is_late(_: str, __: str, do: Callable[[], Any]) -> Any:
    """It answers late."""
    time.sleep(0.05)
    return do()


def no_fault(_: str, __: str, do: Callable[[], Any]) -> Any:
    """It works."""
    return do()


DROPS = fails(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))
REFUSES = fails(PermissionError(errno.EACCES, "Permission denied"))
IS_FULL = fails(OSError(errno.ENOSPC, "No space left on device"))
