"""Time, CPU and memory of a whole process with all its descendants (Linux).

Memory is anonymous plus shared memory, summed over the processes alive at one moment and sampled
every 20 ms; file-backed pages are left out. A page that a fork still shares counts in each
process, so the figure is never too small.
"""

from __future__ import annotations

import os
import select
import shlex
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

INTERVAL_MS = 20
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, where it runs, and what is added to its environment."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return shlex.join(
            Path(argument).name if argument.startswith("/") else argument for argument in self.argv
        )

    def environment(self) -> dict[str, str]:
        """The whole environment of the process.

        Each program keeps its compiled modules, as it does where it was installed.
        """
        kept = {name: one for name, one in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **self.env}


class CommandFailedError(Exception):
    """A command did not exit with 0; the message ends with what it wrote last."""

    def __init__(self, command: Command, code: int, wrote: bytes) -> None:
        told = wrote[-500:].decode(errors="replace")
        super().__init__(f"{command} exited with {code}:\n…{told}")


@dataclass(frozen=True, slots=True)
class Sample:
    """One run.

    Seconds of wall clock and of user plus system CPU, bytes of memory at the peak, and how many
    cores all other processes kept busy meanwhile: on a busy machine a ratio means little.
    """

    wall: float
    cpu: float
    memory: int
    others: float
    stdout: bytes


@dataclass(frozen=True, slots=True)
class Samples:
    """The runs of one command, at least one when it is asked for figures."""

    runs: list[Sample] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """Median seconds."""
        return median(run.wall for run in self.runs)

    @property
    def fastest(self) -> float:
        """Seconds of the shortest run."""
        return min(run.wall for run in self.runs)

    @property
    def slowest(self) -> float:
        """Seconds of the longest run."""
        return max(run.wall for run in self.runs)

    @property
    def cpu(self) -> float:
        """Median CPU seconds."""
        return median(run.cpu for run in self.runs)

    @property
    def memory(self) -> int:
        """Bytes at the highest peak."""
        return max(run.memory for run in self.runs)

    @property
    def others(self) -> float:
        """Cores that other processes kept busy, in the run with most of it."""
        return max(run.others for run in self.runs)


def measure(command: Command) -> Sample:
    """Run the command once.

    What was written before is flushed to disk first, so that no run pays for another's writes;
    the file cache stays warm.

    Raises:
        CommandFailedError: it exited with another code than 0.
    """
    os.sync()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        busy = _busy()
        start = time.perf_counter()
        process = subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env=command.environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
        )
        memory = _watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            raise CommandFailedError(command, process.returncode, out.read() + err.read())
        cpu = usage.ru_utime + usage.ru_stime
        others = max(0.0, (_busy() - busy - cpu) / wall)
        return Sample(wall, cpu, memory, others, out.read())


def _busy() -> float:
    """CPU seconds that the whole machine has worked since it started; idle and waiting aside."""
    user, nice, system, _, _, irq, softirq, steal = Path("/proc/stat").read_text().split()[1:9]
    ticks = sum(map(int, (user, nice, system, irq, softirq, steal)))
    return ticks / os.sysconf("SC_CLK_TCK")


def _watch(pid: int) -> int:
    """Peak memory of the process tree in bytes, when it has ended."""
    handle = os.pidfd_open(pid)
    try:
        ended = select.poll()
        ended.register(handle, select.POLLIN)
        peak = 0
        while not ended.poll(INTERVAL_MS):
            peak = max(peak, sum(_memory(process) for process in _tree(pid)))
        return peak
    finally:
        os.close(handle)


def _tree(pid: int) -> list[int]:
    """The process and its descendants, as far as they are still alive."""
    found = [pid]
    for process in found:
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    wanted = (line.split() for line in lines if line.startswith(("RssAnon:", "RssShmem:")))
    return sum(int(fields[1]) * _KIB for fields in wanted)
