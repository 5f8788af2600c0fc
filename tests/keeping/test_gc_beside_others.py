"""Garbage is collected while others add, compare, check out and verify: nobody is hurt.

What is old when they begin is deleted, packs are written anew, and those who add find their rows in
both. Nobody works for as long as the grace time, after which old packs of readers would go.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.versions.support import Bench

PROJECT = Path(__file__).resolve().parents[2]
SECONDS = 6.0
GRACE_SECONDS = 60.0

WORKER = """
import random, sys, time
from pathlib import Path
from dslineage.errors import LockedError
from dslineage.store import repacking
from dslineage.versions.restoring import restored
from tests.versions.support import Bench
repacking.MANY = 3
what, root, until = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
bench, times, seed = Bench(root), 0, random.Random(what)
kept = bench.repo.log("kept").versions
while not times or time.time() < until:
    lines = [b'{"prompt":"q%d","completion":"a"}\\n' % n for n in seed.sample(range(60), 30)]
    if what.startswith("add"):
        info = bench.add(f"{what}.jsonl", b"".join(lines))
        assert bench.restored(info) == b"".join(lines)
    if what == "diff":
        old, new = seed.sample(kept, 2)
        found = bench.repo.diff(old.record.id, new.record.id).to_dict()["examples"]
        assert found["unchanged"] + found["removed"] + found["edited"] == found["from"]
    if what == "checkout":
        info = seed.choice(kept)
        bench.repo.checkout(info.record.id, force=True)
    if what == "verify":
        problems = bench.repo.verify().problems
        found = [one for one in problems if one.kind not in ("pointer", "record")]
        assert not found, found
    if what == "gc":
        bench.repo.gc(delete=True, grace_days=float(sys.argv[4]) / 86_400)
    times += 1
print(times)
"""


def test_others_work_on_while_garbage_is_collected(bench: Bench, tmp_path: Path) -> None:
    lines = [b'{"prompt":"q%d","completion":"a"}\n' % number for number in range(60)]
    for number in range(6):
        bench.commit("kept.jsonl", b"".join(lines[number::2]))
    kept = {info.record.id: bench.restored(info) for info in bench.repo.log("kept").versions}
    bench.add("kept.jsonl", b"".join(reversed(lines)))
    bench.git("reset", "-q", "--hard")
    for path in bench.objects.glob("*/*"):
        os.utime(path, (time.time() - 3600,) * 2)
    side = Bench(tmp_path / "side")
    bench.git("worktree", "add", "-q", "-b", "side", str(side.root))

    until = str(time.time() + SECONDS)
    trees = {"add1": bench, "add2": side, "diff": bench, "checkout": side, "verify": bench}
    started = {
        what: subprocess.Popen(
            [sys.executable, "-c", WORKER, what, str(tree.root), until, str(GRACE_SECONDS)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for what, tree in {**trees, "gc": side}.items()
    }
    said = {what: process.communicate(timeout=120) for what, process in started.items()}
    assert {what: process.returncode for what, process in started.items()} == dict.fromkeys(
        started, 0
    ), said
    assert all(int(out) >= 1 for out, _ in said.values()), said

    bench.repo.gc(delete=True, grace_days=0)
    assert bench.problems() == side.problems() == []
    found = {info.record.id: bench.restored(info) for info in bench.repo.log("kept").versions}
    assert found == kept
