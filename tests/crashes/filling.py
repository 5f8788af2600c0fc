"""`python -m tests.crashes.filling FOLDER`: adds on a disk that is full, and after room is made.

FOLDER is on a small file system of its own. For each amount of room that is left, one line tells
what happened, as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from dslineage.errors import DslineageError
from tests.versions.support import Bench

OLD = b'{"prompt":"a","completion":"b"}\n'
NEW = b"".join(
    b'{"prompt":"%s","completion":"a"}\n' % os.urandom(8).hex().encode() for _ in range(2000)
)
ROOM = [0, 8, 40, 120, 200, 280, 340, 400, 3000]


def fill(path: Path, leave: int) -> None:
    """Fill the file system but for some bytes."""
    with path.open("wb", buffering=0) as handle:
        status = os.statvfs(path)
        try:
            os.posix_fallocate(
                handle.fileno(), 0, max(1, status.f_bavail * status.f_frsize - leave)
            )
        except OSError:
            while handle.write(bytes(4096)):
                continue


def attempt(folder: Path, kilobytes: int) -> dict[str, object]:
    """Add with so much room, then again with enough."""
    bench = Bench.make(folder / "work")
    first = bench.commit("train.jsonl", OLD)
    bench.put("train.jsonl", NEW)
    fill(folder / "filler", kilobytes * 1024)
    try:
        bench.add("train.jsonl")
        error = ""
    except DslineageError as raised:
        error = f"{type(raised).__name__} {raised.kind}"
    found = {
        "room": kilobytes,
        "error": error,
        "data": (bench.root / "train.jsonl").read_bytes() == NEW,
        "problems": bench.problems(),
        "old": bench.restored(first) == OLD,
        "labels": bench.labels("train"),
    }
    (folder / "filler").unlink()
    second = bench.add("train.jsonl")
    found |= {
        "next": second.record.label,
        "new": bench.restored(second) == NEW,
        "left": [
            str(path) for path in [*(bench.objects / "tmp").iterdir(), *bench.root.rglob("*.tmp")]
        ],
        "staged": bench.git("diff", "--cached", "--name-only").split(),
    }
    found["problems"] = [*bench.problems(), *bench.problems()]
    shutil.rmtree(bench.root)
    return found


if __name__ == "__main__":
    for room in ROOM:
        print(json.dumps(attempt(Path(sys.argv[1]), room)), flush=True)
