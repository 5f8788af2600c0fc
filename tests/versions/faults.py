"""Killing a command at one of its system calls, or making one of them fail.

The command runs in a forked child, in which Python's audit events (and `os.fsync`, which has none)
are counted: each event that writes, locks or starts a program is one step.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALLS = {
    "open": "openat",
    "os.rename": "rename",
    "os.remove": "unlink",
    "os.mkdir": "mkdir",
    "os.rmdir": "rmdir",
    "os.listdir": "getdents",
    "os.scandir": "getdents",
    "os.chmod": "fchmod",
    "os.truncate": "ftruncate",
    "fcntl.flock": "flock",
    "fcntl.lockf": "fcntl",
    "fcntl.ioctl": "ioctl",
    "subprocess.Popen": "execve",
    "os.fsync": "fsync",
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def steps(action: Callable[[], object]) -> list[str]:
    """The steps of a command: the system call and what it is about, in order."""
    reading, writing = os.pipe()

    def note(_: int, call: str, about: str) -> None:
        os.write(writing, f"{call} {about}\n".encode())

    pid = _forked(action, note)
    os.close(writing)
    with os.fdopen(reading, "rb") as handle:
        lines = handle.read().decode().splitlines()
    assert _wait(pid) == 0, "the command failed"
    return lines


def killed_at(action: Callable[[], object], step: int) -> bool:
    """Run a command that dies just before a step; False where it ended before."""

    def kill(number: int, call: str, about: str) -> None:
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    status = _wait(_forked(action, kill))
    assert status in {0, -signal.SIGKILL}, status
    return status != 0


def failing_at(step: int, code: int, *, calls: frozenset[str] = frozenset(CALLS.values())) -> Any:
    """A hook that makes a step, and every later one of these calls, fail with an error number."""

    def fail(number: int, call: str, about: str) -> None:
        if number >= step and call in calls and not about.startswith("/dev/"):
            raise OSError(code, os.strerror(code), about)

    return fail


def run(action: Callable[[], object], hook: Callable[[int, str, str], None]) -> int:
    """The exit status of a command in a child: 0, or 10 and more for what it raised."""
    return _wait(_forked(action, hook))


OUTCOMES = {0: "fine", 10: "ResourceError", 11: "LockedError", 12: "another DslineageError"}


def _forked(action: Callable[[], object], hook: Callable[[int, str, str], None]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return pid
    try:
        _install(hook)
        action()
    except BaseException as error:  # noqa: BLE001 - the child has nobody to tell
        os._exit(_status(error))
    os._exit(0)


def _status(error: BaseException) -> int:
    from dslineage.errors import DslineageError, LockedError, ResourceError

    if isinstance(error, ResourceError):
        return 10
    if isinstance(error, LockedError):
        return 11
    if isinstance(error, DslineageError):
        return 12
    traceback.print_exception(error)
    return 99


def _wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _install(hook: Callable[[int, str, str], None]) -> None:
    count = 0
    inside = False

    def step(call: str, about: object) -> None:
        nonlocal count, inside
        if inside:
            return
        inside = True
        try:
            count += 1
            hook(count, call, str(about))
        finally:
            inside = False

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not _writes(*arguments[1:3]):
            return
        if event == "subprocess.Popen":
            step("execve", " ".join(map(str, arguments[1][4:])))
        elif event in CALLS:
            step(CALLS[event], arguments[0])

    original = os.fsync

    def fsync(fd: Any) -> None:
        step("fsync", Path(f"/proc/self/fd/{fd}").readlink())
        original(fd)

    os.fsync = fsync
    sys.addaudithook(audit)


def _writes(mode: str | None, flags: int) -> bool:
    return bool(flags & _WRITING) if mode is None else any(letter in mode for letter in "wxa+")


NO_SPACE = errno.ENOSPC
