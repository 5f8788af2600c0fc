"""Eight processes in two work trees over one folder of objects: what one reported is there.

They add and commit, compare, verify, restore and collect garbage at once. What is old when they
begin is deleted and packs are written anew; nobody works for as long as the grace time.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.crashes.harness import ALL
from tests.crashes.working import LINES
from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 60.0 if ALL else 6.0


def test_eight_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    bench = Bench.make(tmp_path / "work")
    for number in range(6):
        bench.commit("kept.jsonl", b"".join(LINES[number::2]))
    bench.add("kept.jsonl", b"".join(reversed(LINES)))
    bench.git("reset", "-q", "--hard")
    kept = {info.record.id: bench.restored(info) for info in bench.repo.log("kept").versions}
    assert len(kept) == 6
    for path in bench.objects.glob("*/*"):
        os.utime(path, (time.time() - 3600,) * 2)
    side = Bench(tmp_path / "side")
    bench.git("worktree", "add", "-q", "-b", "side", str(side.root))

    until = str(time.time() + SECONDS)
    trees = {"add1": bench, "add2": bench, "add3": side, "diff": bench}
    trees |= {"verify": bench, "restore": side, "gc1": side, "add4": side}
    started = {
        what: subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.working", what, str(tree.root), until],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for what, tree in trees.items()
    }
    said = {what: process.communicate(timeout=SECONDS + 300) for what, process in started.items()}
    failed = {what: said[what][1] for what, process in started.items() if process.returncode}
    assert failed == {}

    bench.repo.gc(delete=True, grace_days=0)
    assert bench.problems() == side.problems() == []
    reported = dict(line.split() for out, _ in said.values() for line in out.splitlines())
    assert len(reported) >= 4, said
    found = {
        info.record.id: hashlib.sha256(tree.restored(info)).hexdigest()
        for tree in (bench, side)
        for info in tree.repo.log().versions
    }
    assert reported.items() <= found.items()
    assert {
        info.record.id: bench.restored(info) for info in bench.repo.log("kept").versions
    } == kept
