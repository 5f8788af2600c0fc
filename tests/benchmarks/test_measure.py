"""The benchmark's own instruments, tried on commands whose cost is known."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.measure import Command, CommandFailedError, measure
from benchmarks.reads import CannotCountError, bytes_read

if TYPE_CHECKING:
    from pathlib import Path

MB = 1 << 20


def python(code: str, cwd: Path, *arguments: str) -> Command:
    return Command((sys.executable, "-c", code, *arguments), cwd)


def test_time_is_wall_clock_and_cpu_is_work(tmp_path: Path) -> None:
    sample = measure(python("import time; time.sleep(0.3); print('done')", tmp_path))
    assert sample.stdout == b"done\n"
    assert sample.wall >= 0.3
    assert sample.cpu < sample.wall


def test_memory_is_summed_over_child_processes(tmp_path: Path) -> None:
    hold = "import time; block = b'x' * (40 << 20); time.sleep(0.4)"
    alone = measure(python(hold, tmp_path)).memory
    both = measure(
        python(
            "import subprocess, sys, time\n"
            f"child = subprocess.Popen([sys.executable, '-c', {hold!r}])\n"
            f"{hold}; child.wait()",
            tmp_path,
        )
    ).memory
    assert 40 * MB < alone < 80 * MB
    assert 80 * MB < both < 160 * MB


def test_file_backed_pages_are_no_memory(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (60 * MB))
    touch = (
        "import mmap, time; file = open('large', 'rb')\n"
        "data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\n"
        "sum(data[i] for i in range(0, len(data), 4096)); time.sleep(0.1)"
    )
    assert measure(python(touch, tmp_path)).memory < 40 * MB


def test_a_failing_command_says_what_it_wrote(tmp_path: Path) -> None:
    with pytest.raises(CommandFailedError, match=r"exited with 3:\n…no such pack"):
        measure(python("import sys; print('no such pack'); sys.exit(3)", tmp_path))


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_reads_are_counted_for_files_of_the_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "objects"
    folder.mkdir()
    (folder / "pack").write_bytes(b"x" * MB)
    (tmp_path / "other").write_bytes(b"x" * MB)
    code = (
        "import os; fd = os.open('objects/pack', 0)\n"
        "os.pread(fd, 5000, 100); os.read(fd, 70); open('other', 'rb').read()"
    )
    read = bytes_read(python(code, tmp_path), folder)
    assert (read.by_call, read.by_map) == (5070, 0)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_memory_map_counts_by_the_pages_it_brought_in(tmp_path: Path) -> None:
    (tmp_path / "pack").write_bytes(b"x" * (8 * MB))
    code = (
        "import mmap; file = open('pack', 'rb')\n"
        "data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\n"
        "data.madvise(mmap.MADV_RANDOM); data[0]; data[4 << 20]"
    )
    try:
        read = bytes_read(python(code, tmp_path), tmp_path)
    except CannotCountError as error:
        pytest.skip(str(error))
    assert read.by_call == 0
    assert 2 * 4096 <= read.by_map <= 256 * 1024
