"""A command run call by call: what changes a file stops it first, in git's processes, too.

The command runs in a forked child. A filter of the kernel (seccomp) stops it, each of its threads
and each program that it starts, just before a call of `CALLS`; nothing else is slowed down. Whoever
watches then lets the call happen, makes it fail, or kills all of them with SIGKILL.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CALLS = {
    "write": 1,
    "pwrite64": 18,
    "writev": 20,
    "sendfile": 40,
    "fsync": 74,
    "fdatasync": 75,
    "truncate": 76,
    "ftruncate": 77,
    "rename": 82,
    "mkdir": 83,
    "rmdir": 84,
    "link": 86,
    "unlink": 87,
    "symlink": 88,
    "chmod": 90,
    "fchmod": 91,
    "open": 2,
    "openat": 257,
    "mkdirat": 258,
    "unlinkat": 263,
    "renameat": 264,
    "linkat": 265,
    "symlinkat": 266,
    "fchmodat": 268,
    "fallocate": 285,
    "renameat2": 316,
    "copy_file_range": 326,
}
"""The calls by which a file, or a folder, becomes another, and those that make it durable."""

_NAMES = {number: name for name, number in CALLS.items()}
_FLAGS = {"open": 1, "openat": 2}
_CHANGING = os.O_CREAT | os.O_TRUNC
_TARGET = {"rename": 1, "renameat": 3, "renameat2": 3, "link": 1, "linkat": 3, "symlink": 1,
           "symlinkat": 2, "copy_file_range": 2}  # fmt: skip
"""Which argument names what a call makes, where that is not the first path or file."""
_AT = ("openat", "mkdirat", "unlinkat", "renameat", "renameat2", "linkat", "symlinkat", "fchmodat")
_BY_NUMBER = ("write", "pwrite64", "writev", "sendfile", "fsync", "fdatasync", "ftruncate",
              "fchmod", "fallocate", "copy_file_range")  # fmt: skip
_HERE = 0xFFFFFF9C
"""AT_FDCWD, as the kernel has it in 32 bits."""

_TRACEME, _CONT, _POKEUSER, _SETOPTIONS, _SYSCALL_INFO = 0, 7, 6, 0x4200, 0x420E
_FORK, _VFORK, _CLONE, _EXEC, _SECCOMP = 1, 2, 3, 4, 7
_OPTIONS = sum(1 << event for event in (_FORK, _VFORK, _CLONE, _EXEC, _SECCOMP, 20))
_ORIG_RAX, _RAX = 15 * 8, 10 * 8
_WALL = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long
SUPPORTED = sys.platform == "linux" and platform.machine() == "x86_64"


class Call(NamedTuple):
    """A system call that is about to happen, and the file that it makes or changes."""

    name: str
    about: str


class Kill(NamedTuple):
    """All processes of the command die before the call."""


class Fail(NamedTuple):
    """The call does nothing and gives an error number."""

    code: int


Fate = Kill | Fail | None
Watch = Callable[[Call], Fate]


def run(action: Callable[[], int], watch: Watch) -> int:
    """Run a function in a child, asking before each call what is to happen; how it ended.

    Returns:
        What the function returned, or `-signal.SIGKILL`.
    """
    pid = os.fork()
    if not pid:
        _begin(action)
    os.waitpid(pid, 0)
    _ptrace(_SETOPTIONS, pid, _OPTIONS)
    _ptrace(_CONT, pid, 0)
    return _follow(pid, watch)


def _begin(action: Callable[[], int]) -> None:
    """Become the command."""
    status = 98
    try:
        _ptrace(_TRACEME, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        _filter()
        status = action()
    except BaseException:  # noqa: BLE001 - a child has nobody to tell
        traceback.print_exc()
    finally:
        os._exit(status)


def _follow(first: int, watch: Watch) -> int:
    """See a command and all that it starts through to their end."""
    status = 0
    while True:
        try:
            pid, state = os.waitpid(-1, _WALL)
        except ChildProcessError:
            return status
        if not os.WIFSTOPPED(state):
            if pid == first:
                status = os.waitstatus_to_exitcode(state)
            continue
        event, what = state >> 16, os.WSTOPSIG(state)
        if event == _SECCOMP:
            call = _call(pid)
            fate = watch(call) if call else None
            if isinstance(fate, Kill):
                _kill_all(first, pid)
                continue
            if isinstance(fate, Fail):
                _ptrace(_POKEUSER, pid, _ORIG_RAX, -1)
                _ptrace(_POKEUSER, pid, _RAX, -fate.code)
        _go_on(pid, 0 if event or what == signal.SIGSTOP else what)


def _kill_all(first: int, stopped: int) -> None:
    """Kill a command and all that it started, the one that is stopped first."""
    found = {stopped, first, *_descendants(first)}
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _go_on(pid: int, number: int) -> None:
    try:
        _ptrace(_CONT, pid, 0, number)
    except ProcessLookupError:
        return


def _call(pid: int) -> Call | None:
    """The call at which a process stands; None where it is not about a file on a disk."""
    info = ctypes.create_string_buffer(88)
    if _libc.ptrace(_SYSCALL_INFO, pid, len(info), ctypes.addressof(info)) < 0:
        return None
    number, *arguments = struct.unpack_from("<7Q", info.raw, 24)
    name = _NAMES[number]
    about = _about(pid, name, arguments)
    if not about.startswith("/") or about.startswith(("/dev/", "/proc/")):
        return None
    return Call(name, about)


def _about(pid: int, name: str, arguments: list[int]) -> str:
    """The path of what a call makes or changes."""
    place = _TARGET.get(name, 1 if name in _AT else 0)
    if name in _BY_NUMBER:
        return _link(f"/proc/{pid}/fd/{arguments[place] & 0xFFFFFFFF}")
    path = os.fsdecode(_text(pid, arguments[place]))
    base = arguments[place - 1] & 0xFFFFFFFF if name in _AT else _HERE
    folder = "cwd" if base == _HERE else f"fd/{base}"
    return path if path.startswith("/") else f"{_link(f'/proc/{pid}/{folder}')}/{path}"


def _text(pid: int, address: int) -> bytes:
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(4096).partition(b"\0")[0]


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""


def _filter() -> None:
    """Have the kernel stop this process, and those that it starts, before each of the calls."""
    load, equal, any_of, end = 0x20, 0x15, 0x45, 0x06
    trace, allow = 0x7FF00000, 0x7FFF0000
    program = []
    for name, number in CALLS.items():
        if name in _FLAGS:
            program += [(load, 0, 0, 0), (equal, 0, 4, number)]
            program += [(load, 0, 0, 16 + 8 * _FLAGS[name]), (any_of, 0, 1, _CHANGING)]
            program += [(end, 0, 0, trace), (end, 0, 0, allow)]
        else:
            program += [(load, 0, 0, 0), (equal, 0, 1, number), (end, 0, 0, trace)]
    program.append((end, 0, 0, allow))
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *one) for one in program))
    wanted = struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(code))
    no_new_privileges, seccomp, with_filter = 38, 22, 2
    for call in ((no_new_privileges, 1, 0), (seccomp, with_filter, wanted)):
        if _libc.prctl(*call, 0, 0):
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def _ptrace(request: int, pid: int, address: int, data: int = 0) -> None:
    if request == _SETOPTIONS:
        address, data = 0, address
    if _libc.ptrace(request, pid, address, data & 0xFFFFFFFFFFFFFFFF) < 0:
        number = ctypes.get_errno()
        if number == errno.ESRCH:
            raise ProcessLookupError(number, "the process is gone")
        raise OSError(number, os.strerror(number))
