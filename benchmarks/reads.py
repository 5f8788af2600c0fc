"""How many bytes a command reads from the files of one folder.

Reads by system call are counted exactly, with strace. Files read through a memory map are counted
by the pages that the command brings into an emptied file cache, read-ahead included.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from benchmarks.measure import Command

_CALLS = "read,pread64,readv,preadv,preadv2,mmap,copy_file_range,sendfile"
_READ = re.compile(r"^(?:read|p?readv2?|pread64)\(\d+<(?P<path>[^>]+)>.* = (?P<bytes>\d+)$")
_COPIED = re.compile(r"^(?:copy_file_range|sendfile)\(.*<(?P<path>[^>]+)>.* = (?P<bytes>\d+)$")
_MAPPED = re.compile(r"^mmap\(.*, \d+<(?P<path>[^>]+)>, .* = 0x")


class Reads(NamedTuple):
    """Bytes read from a folder's files."""

    by_call: int
    by_map: int

    @property
    def total(self) -> int:
        """Both ways together."""
        return self.by_call + self.by_map


class CannotCountError(Exception):
    """This machine offers no way to count the reads of another process."""


def bytes_read(command: Command, folder: Path) -> Reads:
    """Run the command twice: under strace, and with the folder's files out of the cache.

    Raises:
        CannotCountError: strace is not installed, or the folder's file system is in memory.
    """
    folder = folder.resolve()
    by_call, mapped = _traced(command, folder)
    if not mapped:
        return Reads(by_call, 0)
    os.sync()
    for file in mapped:
        _evict(file)
    if any(map(_resident, mapped)):
        raise CannotCountError(f"the files of {folder} stay in memory; work in a folder on a disk")
    subprocess.run(
        command.argv, cwd=command.cwd, env=command.environment(), check=True, capture_output=True
    )
    return Reads(by_call, sum(map(_resident, mapped)))


def _traced(command: Command, folder: Path) -> tuple[int, set[Path]]:
    strace = shutil.which("strace")
    if strace is None:
        raise CannotCountError("install strace to count the bytes that a command reads")
    by_call, mapped = 0, set()
    with tempfile.TemporaryDirectory() as logs:
        subprocess.run(
            [strace, "-qq", "-ff", "-y", "-s0", f"-etrace={_CALLS}", f"-o{logs}/p", *command.argv],
            cwd=command.cwd,
            env=command.environment(),
            check=True,
            capture_output=True,
        )
        for log in Path(logs).iterdir():
            for line in log.read_text(errors="replace").splitlines():
                if found := _READ.match(line) or _COPIED.match(line):
                    inside = Path(found["path"]).is_relative_to(folder)
                    by_call += int(found["bytes"]) if inside else 0
                elif found := _MAPPED.match(line):
                    path = Path(found["path"])
                    if path.is_relative_to(folder) and path.is_file():
                        mapped.add(path)
    return by_call, mapped


def _evict(path: Path) -> None:
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _resident(path: Path) -> int:
    """Bytes of the file that are in the file cache, in whole pages."""
    size = path.stat().st_size
    if size == 0:
        return 0
    pages = -(-size // mmap.PAGESIZE)
    flags = (ctypes.c_ubyte * pages)()
    libc = ctypes.CDLL(None, use_errno=True)
    # A private writable map is never written to here; ctypes takes the address of no other kind.
    with path.open("rb") as file, mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY) as data:
        first = ctypes.c_char.from_buffer(data)
        address = ctypes.c_void_p(ctypes.addressof(first))
        failed = libc.mincore(address, ctypes.c_size_t(size), flags)
        del first
    if failed:
        raise OSError(ctypes.get_errno(), "mincore", str(path))
    return sum(flag & 1 for flag in flags) * mmap.PAGESIZE
