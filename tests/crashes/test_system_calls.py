"""`add` recorded with strace, and killed at each kind of system call between its first write and
the pointer.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]
OLD = b'{"prompt":"a","completion":"b"}\n'
NEW = b"".join(b'{"prompt":"q%d","completion":"a"}\n' % number for number in range(2000))
CALLS = {
    "close",
    "fchmod",
    "fcntl",
    "flock",
    "fsync",
    "ftruncate",
    "getdents64",
    "ioctl",
    "mkdir",
    "mmap",
    "openat",
    "rename",
    "unlink",
    "vfork",
    "wait4",
    "write",
}
CALL = re.compile(r"([a-z0-9_]+)\(")


def strace(bench: Bench, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Run an add of `train.jsonl` under strace: this process alone, no thread, no child."""
    program = [sys.executable, "-m", "tests.crashes.adding", str(bench.root), "train.jsonl"]
    return subprocess.run(
        ["strace", "-qq", *options, *program], cwd=PROJECT, capture_output=True, check=False
    )


@pytest.fixture
def start(tmp_path: Path) -> Bench:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    bench = Bench.make(tmp_path / "start")
    bench.commit("train.jsonl", OLD)
    bench.put("train.jsonl", NEW)
    return bench


def test_a_kill_at_each_kind_of_system_call_loses_nothing(start: Bench, tmp_path: Path) -> None:
    old = start.pointer("train.jsonl").id
    whole = start.copy(tmp_path / "whole")
    done = strace(whole, "-o", str(tmp_path / "trace"))
    if b"ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.decode()}")
    expected = done.stdout.decode().strip()
    assert expected == whole.pointer("train.jsonl").id

    points = between(tmp_path / "trace")
    assert len(points) >= 10, points
    landed = set()
    for call, number in points.items():
        bench = start.copy(tmp_path / "crash")
        killed = strace(bench, "-e", f"inject={call}:signal=KILL:when={number}", "-o", "/dev/null")
        assert killed.returncode in {-9, 137}, (call, number, killed.stderr)
        if bench.pointer("train.jsonl").id == old and written(bench):
            landed.add(call)
        assert (bench.root / "train.jsonl").read_bytes() == NEW
        assert bench.problems() == [], call
        for info in bench.repo.log().versions:
            assert bench.restored(info) in {OLD, NEW}, call

        assert bench.add("train.jsonl").record.id == expected, call

        assert list((bench.objects / "tmp").iterdir()) == [], call
        assert bench.problems() == [], call
        assert bench.labels("train") == ["v1", "v2"], call
        shutil.rmtree(bench.root)
    assert len(landed) >= 10, landed


def between(trace: Path) -> dict[str, int]:
    """For each kind of these calls between the first write and the pointer, the one in the middle.

    Calls are counted from the start of the process, as strace counts them.
    """
    lines = trace.read_text(errors="replace").splitlines()
    first = next(
        n for n, line in enumerate(lines) if "O_CREAT" in line and "dslineage/tmp/" in line
    )
    last = max(n for n, line in enumerate(lines) if re.match(r'rename\(.*\.dsl\.json"\)', line))
    counts: dict[str, int] = defaultdict(int)
    found: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        match = CALL.match(line)
        if match:
            counts[match[1]] += 1
            if first < number < last:
                found[match[1]].append(counts[match[1]])
    return {
        call: places[len(places) // 2] for call, places in sorted(found.items()) if call in CALLS
    }


def written(bench: Bench) -> bool:
    """Whether the add had written something before it died."""
    return any((bench.objects / "tmp").iterdir()) or any(
        path.suffix == ".json" for path in (bench.root / ".git/dslineage").iterdir()
    )
