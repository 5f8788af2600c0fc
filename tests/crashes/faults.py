"""Killing a command before one of its system calls, or making calls fail.

A command is any function: it runs in a child of a child (see `tests.crashes.ptrace`), so whatever
happens to it, the test goes on.
"""

from __future__ import annotations

import os
import pickle
import signal
import traceback
import warnings
from collections.abc import Callable, Collection
from typing import TypeVar

import pytest

from tests.crashes import ptrace
from tests.crashes.ptrace import Call, Fail, Fate, Kill

Action = Callable[[], object]
T = TypeVar("T")
OUTCOMES = {0: "fine", 10: "ResourceError", 11: "LockedError", 12: "another DslineageError"}
NEEDS_SPACE = frozenset(
    {"write", "pwrite64", "writev", "open", "openat", "mkdir", "mkdirat", "fsync", "fallocate",
     "copy_file_range", "link", "linkat", "symlink", "sendfile", "rename", "renameat"}
)  # fmt: skip
"""The calls that a full disk refuses."""


def calls(action: Action) -> list[Call]:
    """The calls of a command that change files, in order; it has to end well."""
    found: list[Call] = []

    def note(call: Call) -> Fate:
        found.append(call)
        return None

    def traced() -> tuple[int, list[Call]]:
        return ptrace.run(lambda: _status(action), note), found

    status, made = _in_child(traced)
    assert status == 0, "the command failed"
    return made


def steps(action: Action) -> list[str]:
    """The same as lines."""
    return [f"{call.name} {call.about}" for call in calls(action)]


def killed_at(action: Action, number: int, about: str = "") -> bool:
    """Run a command that dies just before a call, counted from 1; False where it ended before.

    So does every process that it started. Only calls are counted that are about something: two
    runs of several threads make the same calls, but not always in one order.
    """
    seen = 0

    def fate(_: int, call: Call) -> Fate:
        nonlocal seen
        seen += about in call.about
        return Kill() if seen == number and about in call.about else None

    status = run(action, fate)
    assert status in {0, -signal.SIGKILL}, status
    return status != 0


def failing(
    number: int, code: int, names: Collection[str], *, stays: bool
) -> Callable[[int, Call], Fate]:
    """Make a call of some names fail, counted from 1 and, where it stays, every later one."""
    found = 0

    def fate(_: int, call: Call) -> Fate:
        nonlocal found
        found += call.name in names
        struck = found >= number if stays else found == number
        return Fail(code) if struck and call.name in names else None

    return fate


def run(action: Action, fate: Callable[[int, Call], Fate]) -> int:
    """The exit status of a command whose nth call has some fate; see `OUTCOMES`."""

    def watched() -> int:
        seen = 0

        def watch(call: Call) -> Fate:
            nonlocal seen
            seen += 1
            return fate(seen, call)

        return ptrace.run(lambda: _status(action), watch)

    return _in_child(watched)


def _status(action: Action) -> int:
    from dslineage.errors import DslineageError, LockedError, ResourceError

    try:
        action()
    except ResourceError:
        return 10
    except LockedError:
        return 11
    except DslineageError:
        return 12
    return 0


def _in_child(work: Callable[[], T]) -> T:
    """What a function gives in a child, which has no other children to wait for."""
    if not ptrace.SUPPORTED:
        pytest.skip("calls are traced on Linux on x86_64 only")
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        try:
            os.write(writing, pickle.dumps(work()))
        except BaseException:  # noqa: BLE001 - it has nobody to tell but the log
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as handle:
        answer = handle.read()
    os.waitpid(pid, 0)
    if not answer:
        pytest.skip("processes may not be traced here")
    result: T = pickle.loads(answer)
    return result
