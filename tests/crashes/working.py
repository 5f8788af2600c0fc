"""`python -m tests.crashes.working WHAT ROOT UNTIL`: one process of several, as they work at once.

It prints what it reports, a line each: the ids of versions that it recorded and committed, with the
hash of the file that each must give back.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from pathlib import Path

from dslineage.errors import LockedError, UsageError
from dslineage.store import repacking
from dslineage.versions.restoring import restored
from tests.versions.support import Bench

GRACE_DAYS = 60 / 86_400
LINES = [b'{"prompt":"q%d","completion":"a"}\n' % number for number in range(60)]


def add(bench: Bench, what: str, seed: random.Random) -> None:
    """Record a version and commit it, in a work tree where others do the same."""
    data = b"".join(seed.sample(LINES, 30))
    info = bench.add(f"{what}.jsonl", data)
    while bench.repo.git.read("HEAD", info.record.path) is None:
        try:
            bench.repo.git.commit(what)
        except (LockedError, UsageError):  # somebody else commits, or just has: all that is staged
            time.sleep(0.02)
    print(info.record.id, hashlib.sha256(data).hexdigest(), flush=True)


def diff(bench: Bench, seed: random.Random) -> None:
    """Compare two old versions."""
    old, new = seed.sample(bench.repo.log("kept").versions, 2)
    found = bench.repo.diff(old.record.id, new.record.id).to_dict()["examples"]
    assert found["unchanged"] + found["removed"] + found["edited"] == found["from"]


def verify(bench: Bench) -> None:
    """Hash everything; a pointer may move meanwhile."""
    problems = bench.repo.verify().problems
    found = [one for one in problems if one.kind not in {"pointer", "record"}]
    assert not found, found


def restore(bench: Bench, seed: random.Random) -> None:
    """Give back an old version."""
    info = seed.choice(bench.repo.log("kept").versions)
    entry = info.record.files[0]
    data = b"".join(restored(bench.repo.store, entry))
    assert hashlib.sha256(data).hexdigest() == entry.sha256.hex


def work(what: str, bench: Bench, until: float) -> None:
    """Do the same again and again."""
    seed = random.Random(what)
    repacking.MANY = 3
    times = 0
    while not times or time.time() < until:
        times += 1
        match what.rstrip("0123456789"):
            case "add":
                add(bench, what, seed)
            case "diff":
                diff(bench, seed)
            case "verify":
                verify(bench)
            case "restore":
                restore(bench, seed)
            case _:
                bench.repo.gc(delete=True, grace_days=GRACE_DAYS)
    print(f"{what} {times} times", file=sys.stderr)


if __name__ == "__main__":
    work(sys.argv[1], Bench(Path(sys.argv[2])), float(sys.argv[3]))
